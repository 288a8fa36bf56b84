"""Scripts that make what is generated; `python scripts/NAME.py`."""
