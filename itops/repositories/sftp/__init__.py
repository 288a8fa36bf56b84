"""Copies on a server that is reached through SFTP."""

from itops.repositories.sftp.repository import SftpRepository
from itops.repositories.sftp.settings import SftpSettings as Settings

__all__ = ["Settings", "SftpRepository"]
