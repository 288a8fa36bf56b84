"""Copies that are files of this machine or of a mounted share."""

from itops.repositories.folder.repository import FolderRepository
from itops.repositories.folder.settings import FolderSettings as Settings

__all__ = ["FolderRepository", "Settings"]
