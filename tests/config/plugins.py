"""Source plugins of the tests' own: settings of every type that a plugin may ask for."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo

from itops.config.scalars import ByteCount
from itops.plugins import Registry
from itops.secrets import Secret
from itops.tls import Trust


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Like those of a vCenter."""

    host: str
    username: str
    password: Secret
    port: int = field(default=443, metadata={"range": (1, 65_535)})
    tls: Trust = field(default_factory=Trust)
    connect_timeout_seconds: float = 10.0
    read_timeout_seconds: float = 120.0
    tags: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A section below a section."""

    header: str
    unit: Literal["MB", "MiB"] = "MiB"


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderSettings:
    """Like those of a source that reads files."""

    folder: Path
    columns: dict[str, Column] = field(default_factory=dict)
    sheets: tuple[str, ...] = ()
    max_age: timedelta | None = None
    limit_bytes: ByteCount | None = None

    def __post_init__(self) -> None:
        if self.sheets and self.columns:
            raise ValueError("give sheets or columns, not both")


@dataclass(frozen=True, slots=True)
class Server:
    """A source that only remembers what it was built with."""

    name: str
    settings: ServerSettings
    Settings: ClassVar = ServerSettings


@dataclass(frozen=True, slots=True)
class Folder:
    """The same for files."""

    name: str
    settings: FolderSettings
    Settings: ClassVar = FolderSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfSettings:
    """Like those of a repository of files."""

    path: Path
    password: Secret | None = None


@dataclass(frozen=True, slots=True)
class Shelf:
    """A repository that only remembers what it was built with."""

    name: str
    settings: ShelfSettings
    zone: ZoneInfo
    Settings: ClassVar = ShelfSettings


REGISTRY: Registry[object] = Registry({"vsphere": Server, "folder": Folder})
REPOSITORIES: Registry[object] = Registry({"folder": Shelf})
