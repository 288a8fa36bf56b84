"""What itops.yaml may say about a PostgreSQL server."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from itops.secrets import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresqlSettings:
    """The keys of one repository of type postgresql."""

    host: str  # a name, an address, or the folder of a socket: /var/run/postgresql
    username: str
    password: Secret | None = None
    port: int = field(default=5432, metadata={"range": (1, 65_535)})
    database: str = "postgres"  # to log in to; every database lists all the others
    tls: Literal["require", "prefer", "off"] = "require"  # prefer: encrypted, but whom we talk to is not proven
    ca_file: Path | None = None  # the authority of the server's certificate; None: those of this machine
    server_name: str | None = None  # the server of `protects: pg01/insurance`; None: the repository's name
    timeout_seconds: float = field(default=30.0, metadata={"range": (1, 3_600)})
    program: str = "psql"  # used where the package psycopg is not installed

    def __post_init__(self) -> None:
        if self.tls != "require" and self.ca_file:
            raise ValueError("ca_file is only for `tls: require`")

    @property
    def sslmode(self) -> str:
        """The word of libpq. A local socket has no TLS and needs none: libpq leaves it out there by itself."""
        if self.tls == "require":
            return "prefer" if self.host.startswith("/") else "verify-full"
        return {"prefer": "prefer", "off": "disable"}[self.tls]
