"""Tests of what a backup is worth: pure rules."""
