"""The repository of type postgresql: a server that tells which databases it has."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from itops.backup.copies import Database
from itops.backup.repositories import Listed, Look, LookGap
from itops.facts import Fact
from itops.repositories.postgresql.ask import DATABASES, SERVER, Table, ask
from itops.repositories.postgresql.settings import PostgresqlSettings

_MAINTENANCE = "postgres"
_TRUE = {"t", "true", "True"}


class PostgresqlServer:
    """A PostgreSQL server. Any login will do: every one may see the names of all databases."""

    Settings: ClassVar[type[PostgresqlSettings]] = PostgresqlSettings

    def __init__(self, name: str, settings: PostgresqlSettings, zone: ZoneInfo) -> None:
        self.name = name
        self.settings = settings
        self.server = settings.server_name or name

    def look(self, now: datetime, last_facts: Mapping[str, Fact]) -> Look:
        """Ask once; the answer is short. Raises SourceUnavailable."""
        about, rows = ask(self.settings, (SERVER, DATABASES))
        version, in_recovery, database, address, port, has_tables = about[0]
        facts: dict[str, Fact] = {
            "version": version,
            "is_standby": in_recovery in _TRUE,
            "address": address or None,
            "port": port,
            "databases": len(rows),
        }
        looked_into = database if has_tables in _TRUE else ""
        seen = self._seen(rows, used=looked_into, known=database)
        return Look(repository=self.name, looked_at=now, seen=seen, facts=facts)

    def _seen(self, rows: Table, *, used: str, known: str) -> Iterator[Listed]:
        for row in rows:
            name, number, is_template, may_connect, encoding, owner = row
            facts: dict[str, Fact] = {"oid": int(number), "encoding": encoding, "owner": owner}
            if name == known:
                facts["has_tables"] = name == used
            yield Database(
                server=self.server,
                name=name,
                # The maintenance database is the system's own for as long as nobody keeps tables in it.
                is_system=is_template in _TRUE or (name == _MAINTENANCE == known and name != used),
                state="open" if may_connect in _TRUE else "closed",
                facts=facts,
            )
        if not rows:
            yield LookGap(
                subject=f"databases of {self.name}",
                code="databases.none",
                problem="the server lists no database at all, not even its own",
                remedy="check that it is PostgreSQL and not a pooler that answers for it",
                hides=True,
            )
