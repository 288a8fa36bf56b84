"""Tests of restore tests that need no server."""
