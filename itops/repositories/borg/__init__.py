"""The repository `borg`: archives of a Borg repository, proven by its own check, which is seen through."""

from itops.repositories.borg.repository import BorgRepository as BorgRepository
from itops.repositories.borg.settings import BorgSettings as Settings

__all__ = ["BorgRepository", "Settings"]
