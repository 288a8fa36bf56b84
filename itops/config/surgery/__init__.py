"""Changing a YAML file that people write: from what it should say to the fewest characters that must change."""
