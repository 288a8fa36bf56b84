"""Source `recording`: one observation, kept in a file."""
