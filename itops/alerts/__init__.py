"""Alerts: evaluations become incidents, incidents become few messages. Pure; channels live in itops.notify."""
