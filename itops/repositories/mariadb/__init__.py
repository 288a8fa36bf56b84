"""MariaDB and MySQL: which databases a server really has. It holds no copies."""

from itops.repositories.mariadb.repository import MariadbServer
from itops.repositories.mariadb.settings import MariadbSettings

__all__ = ["MariadbServer", "MariadbSettings"]
