"""The repository of type mariadb: a server that tells which databases it has."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from itops.backup.copies import Database
from itops.backup.repositories import Listed, Look, LookGap
from itops.errors import SourceUnavailable
from itops.facts import Fact
from itops.repositories.mariadb.ask import DATABASES, SERVER, Table, ask
from itops.repositories.mariadb.settings import MariadbSettings

_SYSTEM = {"mysql", "information_schema", "performance_schema", "sys"}
_COLUMNS_ABOUT, _COLUMNS = 7, 3


class MariadbServer:
    """A MariaDB or MySQL server. The account needs the one global privilege SHOW DATABASES."""

    Settings: ClassVar[type[MariadbSettings]] = MariadbSettings

    def __init__(self, name: str, settings: MariadbSettings, zone: ZoneInfo) -> None:
        self.name = name
        self.settings = settings
        self.server = settings.server_name or name

    def look(self, now: datetime, last_facts: Mapping[str, Fact]) -> Look:
        """Ask twice; the answers are short. Raises SourceUnavailable."""
        about = ask(self.settings, SERVER)
        if not about or len(about[0]) != _COLUMNS_ABOUT:
            raise SourceUnavailable(
                f"the client's answer for {self.name} is not understood", remedy="check `program:` in itops.yaml"
            )
        version, host, port, read_only, letters, account, sees_all = about[0]
        rows = ask(self.settings, DATABASES)
        facts: dict[str, Fact] = {
            "version": version,
            "machine": host,
            "port": port,
            "is_read_only": read_only not in {"0", "OFF"},
            "lower_case_table_names": letters,
            "databases": len(rows),
        }
        seen = self._seen(rows, account=account, sees_all=sees_all == "1")
        return Look(repository=self.name, looked_at=now, seen=seen, facts=facts)

    def _seen(self, rows: Table, *, account: str, sees_all: bool) -> Iterator[Listed]:
        if not sees_all:
            yield LookGap(
                subject="the list of databases",
                code="permission.missing",
                problem=f"{account} sees only the databases that it has rights on",
                remedy=f"let an administrator run: GRANT SHOW DATABASES ON *.* TO {_quoted(account)};",
                hides=True,
            )
        for row in rows:
            if len(row) != _COLUMNS:
                yield LookGap(
                    subject="the list of databases",
                    code="row.unreadable",
                    problem=f"a row has {len(row)} columns instead of {_COLUMNS}",
                    remedy="report it with the version of the server and of its client",
                    hides=True,
                )
                continue
            name, letters, order = row
            yield Database(
                server=self.server,
                name=name,
                is_system=name.casefold() in _SYSTEM,
                facts={"character_set": letters, "collation": order},
            )


def _quoted(account: str) -> str:
    """user@host as GRANT takes it."""
    user, _, host = account.rpartition("@")
    return "@".join("'" + part.replace("'", "''") + "'" for part in (user, host))
