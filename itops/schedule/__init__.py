"""The schedule: what is due when, what was missed, what ran. Pure; children are started by itops.tasks."""
