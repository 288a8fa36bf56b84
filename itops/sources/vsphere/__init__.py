"""Source `vsphere`: vCenter and lone ESXi hosts."""
