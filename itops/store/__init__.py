"""The store holds the truth: history of entities, scans, gaps and answers; SQLite or PostgreSQL."""
