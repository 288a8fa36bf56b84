"""Numbered steps from an empty database to today's schema. A step, once released, never changes."""

from itops.store.migrations import (
    step_0001_history,
    step_0002_backups,
    step_0003_register,
    step_0004_delivery,
    step_0005_worklog,
    step_0006_report,
    step_0007_watch,
)

STEPS = (
    step_0001_history.STATEMENTS,
    step_0002_backups.STATEMENTS,
    step_0003_register.STATEMENTS,
    step_0004_delivery.STATEMENTS,
    step_0005_worklog.STATEMENTS,
    step_0006_report.STATEMENTS,
    step_0007_watch.STATEMENTS,
)
"""The statements of step 1, 2, 3 ...: the place in the tuple is the schema version."""

SCHEMA_VERSION = len(STEPS)
