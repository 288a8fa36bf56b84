"""Off-site custody: which medium lies where, with what on it, under which seal, handed by whom to whom."""
