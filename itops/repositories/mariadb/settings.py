"""What itops.yaml may say about a MariaDB or MySQL server."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from itops.secrets import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class MariadbSettings:
    """The keys of one repository of type mariadb."""

    username: str
    host: str = "localhost"
    password: Secret | None = None
    port: int = field(default=3306, metadata={"range": (1, 65_535)})
    socket: Path | None = None  # a socket of this machine; then host and port are not used
    tls: Literal["require", "prefer", "off"] = "require"  # prefer: encrypted, but whom we talk to is not proven
    ca_file: Path | None = None  # the authority of the server's certificate; None: those the client knows
    server_name: str | None = None  # the server of `protects: db01/insurance`; None: the repository's name
    timeout_seconds: float = field(default=30.0, metadata={"range": (1, 3_600)})
    program: str | None = None  # the client; None: mariadb, else mysql

    def __post_init__(self) -> None:
        if self.tls != "require" and self.ca_file:
            raise ValueError("ca_file is only for `tls: require`")
        for text in (self.username, self.host):
            if not text or any(character < " " for character in text):
                raise ValueError("username and host are texts without control characters")
