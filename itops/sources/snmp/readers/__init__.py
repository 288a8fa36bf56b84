"""What the answers of a device mean, table by table. Pure: OID -> value in, parts of a Sighting out."""
