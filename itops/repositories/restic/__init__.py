"""The repository `restic`: snapshots of a restic repository, proven by its own check, which is seen through."""

from itops.repositories.restic.repository import ResticRepository as ResticRepository
from itops.repositories.restic.settings import ResticSettings as Settings

__all__ = ["ResticRepository", "Settings"]
