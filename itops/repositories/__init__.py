"""Where copies lie: one folder a kind of repository (`itops.backup.repositories`); strangers to each other."""
