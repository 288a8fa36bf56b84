"""Makers of good copies, one a format, with the real tools; and the damages that are done to them."""
