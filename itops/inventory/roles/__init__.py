"""What each server is for: evidence in, roles out. Pure; the probes are in itops/sources/probes/."""
