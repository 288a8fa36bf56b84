"""What a backup is worth: records and rules, pure. See docs/explanation/backups.md."""
