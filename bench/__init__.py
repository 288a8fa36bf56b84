"""Measures what the project promises, as ratios and limits, each taken in one run on this machine: `make bench`."""
