"""Where a store lives, and what may be read from that alone."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from itops.errors import ConfigInvalid, StoreUnavailable
from itops.secrets import Secret

DATABASE_NAME = "itops.db"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreLocation:
    """The state folder, which holds `itops.db`; or, where `url` is given, the PostgreSQL database that does instead.

    The folder is needed either way: scans spool into it. `url` is `postgresql://USER@HOST:PORT/DATABASE`, without the
    password, which is a Secret of its own: a url reaches messages and logs.
    """

    folder: Path
    url: str | None = None
    password: Secret | None = None

    def __post_init__(self) -> None:
        if self.url is None:
            return
        scheme, _, rest = self.url.partition("://")
        if scheme != "postgresql" or not rest:
            raise ConfigInvalid(
                "the store's url is not one of PostgreSQL",
                remedy="write postgresql://USER@HOST:PORT/DATABASE, or leave it out to keep the store in a file",
            )
        if ":" in rest.partition("/")[0].rpartition("@")[0] or "password=" in rest:
            raise ConfigInvalid(
                "the store's url holds a password",
                remedy="take the password out of the url and name it by reference, for example file:secrets/store",
            )

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / DATABASE_NAME

    @property
    def place(self) -> str:
        """What to call this store in a message."""
        return self.url or str(self.database)


def refuse_open_doors(database: Path) -> None:
    """Raise StoreUnavailable when others on this machine may read or write the file: it names every server."""
    if os.name != "posix":
        return
    mode = database.stat().st_mode
    if not stat.S_ISREG(mode):
        raise StoreUnavailable(f"the store {database} is not a file", remedy="move it away, then restore a backup")
    mode = stat.S_IMODE(mode)
    if mode & _OTHERS:
        raise StoreUnavailable(
            f"the store {database} is open to other accounts of this machine (mode {mode:04o})",
            remedy=f"run: chmod 600 '{database}'",
        )
