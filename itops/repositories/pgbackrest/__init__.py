"""The repository `pgbackrest`: backups of one stanza, proven by pgBackRest's verify and by arithmetic over its WAL."""

from itops.repositories.pgbackrest.repository import PgbackrestRepository as PgbackrestRepository
from itops.repositories.pgbackrest.settings import PgbackrestSettings as Settings

__all__ = ["PgbackrestRepository", "Settings"]
