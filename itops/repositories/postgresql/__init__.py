"""PostgreSQL: which databases a server really has. It holds no copies."""

from itops.repositories.postgresql.repository import PostgresqlServer
from itops.repositories.postgresql.settings import PostgresqlSettings

__all__ = ["PostgresqlServer", "PostgresqlSettings"]
