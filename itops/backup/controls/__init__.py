"""The controls C01 to C20: what a standard demands, and what of it the facts show."""
