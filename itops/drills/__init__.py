"""Restore tests: one module a kind of throw-away place (`itops.backup.drills`)."""
