"""Virtual disks: their headers and tables are proven, the sectors inside have no checksum (but for streamed VMDK)."""
