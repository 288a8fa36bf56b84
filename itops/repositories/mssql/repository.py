"""The repository of type mssql: a SQL Server that tells of its backups and its databases. It holds no file itself."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from typing import ClassVar, TypeAlias
from zoneinfo import ZoneInfo

from itops.backup.copies import Database, Identity
from itops.backup.drills import DrillOutcome
from itops.backup.formats import Effort
from itops.backup.repositories import Listed, Look, LookGap
from itops.facts import Fact
from itops.repositories.mssql import queries
from itops.repositories.mssql.drill import run_drill
from itops.repositories.mssql.history import Told, copies
from itops.repositories.mssql.restores import name as quoted
from itops.repositories.mssql.restores import text as literal
from itops.repositories.mssql.server import MssqlServer, Refused, Row, open_server
from itops.repositories.mssql.settings import MssqlSettings
from itops.repositories.mssql.told import database, restored, suspect
from itops.repositories.mssql.values import known, server_zone, truth, words

_LONGEST_LOOK_SECONDS = 3600.0
_NO_RIGHT = (229, 230, 297, 300, 371, 916, 978)
_MOST_DATABASES = 100_000
_MOST_PAGES = 1_000  # msdb itself keeps no more

_Reader: TypeAlias = Callable[[Row, str, tzinfo], Listed]


class MssqlHistory:
    """A SQL Server. Only SELECT is sent while looking; a small login suffices (docs/reference/backup-sql-server.md)."""

    Settings: ClassVar[type[MssqlSettings]] = MssqlSettings

    def __init__(self, name: str, settings: MssqlSettings, zone: ZoneInfo) -> None:
        self.name = name
        self.settings = settings
        self.zone = settings.zone or zone
        self.server = settings.server_name or name

    def look(self, now: datetime, last_facts: Mapping[str, Fact]) -> Look:
        """Log in and read the history; one connection, open until `seen` is used up. Raises SourceUnavailable."""
        with ExitStack() as stack:
            server = stack.enter_context(open_server(self.settings, seconds=_LONGEST_LOOK_SECONDS))
            about = server.row(queries.SERVER)
            reading = _Reading(self, server, about, now)
            facts = reading.facts()
            return Look(repository=self.name, looked_at=now, seen=reading.seen(stack.pop_all()), facts=facts)

    def drill(
        self,
        copy_path: str | Sequence[str],
        identity: Identity | None,
        question: str | None,
        effort: Effort,
        *,
        verify_only: bool = False,
    ) -> DrillOutcome:
        """Restore the backup under another name, ask, drop it again; or only let the server verify it.

        `copy_path`: the file, or every stripe, as the *server* sees it. Raises SourceUnavailable when nothing could
        be tested: the server is not meant for it, does not see the file, has no room, the time was up.
        """
        paths = (copy_path,) if isinstance(copy_path, str) else tuple(copy_path)
        return run_drill(self.settings, paths, identity, question, effort, verify_only=verify_only)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One look, while it lasts."""

    repository: MssqlHistory
    server: MssqlServer
    about: Row
    now: datetime

    @property
    def zone(self) -> tzinfo:
        """The server's: what was said in itops.yaml, else the office's where its clock agrees with it."""
        if self.repository.settings.zone is not None:
            return self.repository.zone
        return server_zone(
            self.about.get("local_time"), self.about.get("universal_time"), self.repository.zone, self.now
        )

    @property
    def since(self) -> datetime:
        """Naive, as the server's own clock will compare it; a day too early, so that no zone matters."""
        return (self.now - self.repository.settings.history - timedelta(days=1)).astimezone(UTC).replace(tzinfo=None)

    def facts(self) -> dict[str, Fact]:
        """Of the server itself. What is older than `history_days` is not listed, and not gone either."""
        offset = self.now.astimezone(self.zone).utcoffset()
        return known(
            {
                "server": words(self.about.get("server_name")),
                "version": words(self.about.get("version")),
                "edition": words(self.about.get("edition")),
                "machine": words(self.about.get("machine_name")),
                "utc_offset_minutes": None if offset is None else round(offset.total_seconds() / 60),
                "history_days": self.repository.settings.history.days,
            }
        )

    def seen(self, connection: ExitStack) -> Iterator[Listed]:
        """Databases first: their ids tell which sets of the history are the server's own."""
        with connection:
            if not truth(self.about.get("sees_all")):
                yield self._may_not("the list of databases", "VIEW ANY DATABASE", hides=True)
            guids = set()
            for listed in self._databases():
                if isinstance(listed, Database):
                    guids.add(str(listed.facts.get("database_guid")))
                yield listed
            names = [words(self.about.get("server_name")), words(self.about.get("machine_name"))]
            told = Told(
                repository=self.repository.name,
                server=self.repository.server,
                own_names=frozenset(name.casefold() for name in names if name),
                own_databases=frozenset(guids),
                zone=self.zone,
            )
            yield from self._history(told)
            yield from self._told(queries.RESTORES, (self.since,), restored, "the history of restores")
            yield from self._told(queries.SUSPECT_PAGES, (), suspect, "the list of suspect pages")

    def _databases(self) -> Iterator[Listed]:
        columns = frozenset(str(row.get("name")) for row in self.server.rows(queries.COLUMNS_OF_DATABASES))
        try:
            rows = list(islice(self.server.rows(queries.databases(columns, asks_preferred=True)), _MOST_DATABASES))
        except Refused as refused:
            if "replica_id" not in columns:
                raise
            yield self._gap("preferred replicas", refused, hides=False)
            rows = list(islice(self.server.rows(queries.databases(columns, asks_preferred=False)), _MOST_DATABASES))
        yield from self._read(rows, database, "a row of sys.databases", hides=True)

    def _history(self, told: Told) -> Iterator[Listed]:
        most = self.repository.settings.most_rows
        try:
            columns = {
                (str(row.get("table_name")), str(row.get("column_name")))
                for row in self.server.rows(queries.COLUMNS_OF_HISTORY)
            }
            rows = self.server.rows(queries.history(columns), self.since)
            yield from copies(islice(rows, most), told)
            if next(rows, None) is not None:
                yield LookGap(
                    subject="the history of backups",
                    code="answer.too-long",
                    problem=f"it has more than {most} rows",
                    remedy="set a shorter history:, or raise most_rows:",
                    hides=True,
                )
        except Refused as refused:
            yield self._gap("the history of backups", refused, hides=True)

    def _told(self, statement: str, parameters: tuple[object, ...], read: _Reader, what: str) -> Iterator[Listed]:
        most = _MOST_PAGES if read is suspect else self.repository.settings.most_rows
        try:
            rows = islice(self.server.rows(statement, *parameters), most)
            yield from self._read(rows, read, what, hides=False)
        except Refused as refused:
            yield self._gap(what, refused, hides=False)

    def _read(self, rows: Iterable[Row], read: _Reader, what: str, *, hides: bool) -> Iterator[Listed]:
        for row in rows:
            try:
                yield read(row, self.repository.server, self.zone)
            except ValueError as strange:
                yield LookGap(
                    subject=what,
                    code="row.unreadable",
                    problem=f"it holds what it should not: {strange}",
                    remedy="report it with the version of the server",
                    hides=hides,
                )

    def _gap(self, what: str, refused: Refused, *, hides: bool) -> LookGap:
        if refused.has(*_NO_RIGHT):
            return self._may_not(what, "msdb", hides=hides)
        return LookGap(
            subject=what,
            code="query.refused",
            problem=str(refused),
            remedy="report it with the version of the server",
            hides=hides,
        )

    def _may_not(self, what: str, right: str, *, hides: bool) -> LookGap:
        account = words(self.about.get("login_name")) or self.repository.settings.username
        login = quoted(account)
        remedy = f"GRANT VIEW ANY DATABASE TO {login};"
        if right == "msdb":
            remedy = f"USE msdb; CREATE USER {login} FOR LOGIN {login}; "
            remedy += f"EXEC sp_addrolemember N'db_datareader', {literal(account)};"
        return LookGap(
            subject=what,
            code="permission.missing",
            problem=f"{login} may not read {what}",
            remedy=f"let an administrator run: {remedy}",
            hides=hides,
        )
