"""Tests of what runs by itself, and when: pure rules."""
