"""SQL Server: what msdb tells of backups, which databases there are, and restore tests on a server meant for them."""

from itops.repositories.mssql.repository import MssqlHistory
from itops.repositories.mssql.settings import MssqlSettings

__all__ = ["MssqlHistory", "MssqlSettings"]
