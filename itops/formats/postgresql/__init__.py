"""PostgreSQL's own backups: pg_dump in its four formats, pg_basebackup as a folder and as tars."""
