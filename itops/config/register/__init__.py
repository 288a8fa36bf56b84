"""The register of hardware, inventory.yaml and its includes: read strictly, changed line by line."""
