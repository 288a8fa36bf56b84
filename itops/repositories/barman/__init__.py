"""The repository `barman`: backups of one server, proven by verify-backup and by a look at the WAL they need."""

from itops.repositories.barman.repository import BarmanRepository as BarmanRepository
from itops.repositories.barman.settings import BarmanSettings as Settings

__all__ = ["BarmanRepository", "Settings"]
