"""What we know of servers: records, roles, health and changes. No I/O, no clock."""
