"""What a backup is worth. Nothing lives here yet."""
