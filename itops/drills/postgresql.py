"""Restore a PostgreSQL dump or data directory into a server of its own, which only its own socket reaches."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from itops import __version__
from itops.backup.copies import Identity
from itops.backup.drills import DrillOutcome
from itops.backup.formats import Damaged, Effort
from itops.drills.answers import last_words, not_made, number_in, refused
from itops.drills.attempt import Attempt
from itops.drills.running import NotStarted, find_program, give_to, running, unprivileged
from itops.drills.unpacking import extract, unpacked_file
from itops.programs import Outcome, run_program

_BINARIES = "/usr/lib/postgresql/*/bin"
_DATABASE = "itops_drill"
_START_SECONDS = 120.0
_HEAD = 5
_USUAL = "postgres"
_OURS = "itops"
_ROLE = re.compile(r'rolname = "([^"\n]+)"')


@dataclass(frozen=True, slots=True)
class _Server:
    """A running one; `superuser` is who may do everything in it."""

    programs: Path
    sockets: Path
    superuser: str
    user: str | None
    effort: Effort

    def client(self, program: str, *arguments: str | Path, database: str = "postgres") -> Outcome:
        """Run a client program of the same version against it, as the server's account: SQL may hold `\\!` commands."""
        where = ("-h", self.sockets, "-U", self.superuser, "-d", database)
        return run_program(
            [self.programs / program, *where, *arguments],
            seconds=self.effort.seconds_left,
            environment={"PGSSLMODE": "disable", "HOME": str(self.sockets)},
            folder=self.sockets,
            user=self.user,
        )

    def databases(self) -> list[str]:
        """Those that somebody made."""
        asked = self.client("psql", "-AtXc", "SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1")
        return asked.text.split()


class PostgresqlDrill:
    """Dumps go through pg_restore or psql; a data directory (pg_basebackup, pgBackRest, Barman) is started as it is."""

    name: ClassVar[str] = "postgresql"

    def restore(
        self, copy: Path, identity: Identity | None, question: str | None, scratch: Path, effort: Effort
    ) -> DrillOutcome:
        """See Drill."""
        try:
            copy = _extracted(copy, scratch, effort)
        except Damaged as damage:
            return DrillOutcome(is_restored=False, faults=damage.faults, tool="itops", tool_version=__version__)
        is_cluster = copy.is_dir() and (copy / "PG_VERSION").is_file()
        programs = _programs(copy if is_cluster else None)
        attempt = Attempt(
            copy=copy,
            identity=identity,
            question=question,
            scratch=scratch,
            effort=effort,
            tool="postgres",
            place=programs,
            version=run_program([programs / "postgres", "--version"], seconds=effort.seconds_left).text.split()[-1],
            user=unprivileged("postgres"),
        )
        attempt.let_in()
        return _cluster(attempt) if is_cluster else _dump(attempt)


def _dump(attempt: Attempt) -> DrillOutcome:
    try:
        is_folder = attempt.copy.is_dir()
        dump = attempt.copy if is_folder else unpacked_file(attempt.copy, attempt.scratch, attempt.effort)
    except Damaged as damage:
        return attempt.broken(*damage.faults)
    data = attempt.scratch / "data"
    data.mkdir()
    give_to(attempt.scratch, attempt.user)
    give_to(dump, attempt.user)
    dump.parent.chmod(0o755)
    made = attempt.run([attempt.place / "initdb", "-D", data, "-U", _OURS, "-A", "trust", "-E", "UTF8", "--no-sync"])
    if made.code != 0:
        raise not_made(made, "initdb")
    with _started(attempt, data, _OURS) as server:
        server.client("psql", "-Xc", f'CREATE DATABASE "{_DATABASE}" TEMPLATE template0')
        loaded = _load(dump, server)
        if loaded.code != 0:
            return refused(loaded, Path(loaded.arguments[0]).name, attempt.version)
        question = attempt.question
        asked = None if question is None else server.client("psql", "-AtXc", question, database=_DATABASE)
        return _told(attempt, asked)


def _cluster(attempt: Attempt) -> DrillOutcome:
    attempt.copy.chmod(0o700)
    give_to(attempt.copy, attempt.user)
    give_to(attempt.scratch, attempt.user)
    try:
        with _started(attempt, attempt.copy, _USUAL) as server:
            is_usual = server.client("psql", "-Xc", "SELECT 1").code == 0
        with _started(attempt, attempt.copy, _USUAL if is_usual else _superuser(attempt)) as server:
            wanted = attempt.identity.object if attempt.identity else None
            database = wanted if wanted in server.databases() else next(iter(server.databases()), "postgres")
            asked = None if attempt.question is None else _ask_each(server, attempt.question, database)
            return _told(attempt, asked)
    except NotStarted as dead:
        return attempt.dead(dead)


def _superuser(attempt: Attempt) -> str:
    """Who made the cluster, asked of it while nobody else can: the role that initdb made has the oid 10."""
    question = attempt.copy.parent / "who.sql"
    question.write_text("SELECT rolname FROM pg_roles WHERE oid = 10\n")
    server: list[str | Path] = [attempt.place / "postgres", "--single", "-D", attempt.copy]
    told = attempt.run([*server, "-c", "shared_preload_libraries=", "template1"], stdin=question)
    found = _ROLE.search(told.text)
    return found[1] if found else _USUAL


def _extracted(copy: Path, scratch: Path, effort: Effort) -> Path:
    """A base backup in tar files (pg_basebackup -Ft) as a data directory; anything else as it is."""
    base = next((held for held in copy.glob("base.tar*")), None) if copy.is_dir() else None
    if base is None:
        return copy
    data = scratch / "cluster"
    data.mkdir()
    extract(base, data, effort)
    for wal in copy.glob("pg_wal.tar*"):
        extract(wal, data / "pg_wal", effort)
    return data


def _ask_each(server: _Server, question: str, first: str) -> Outcome:
    """In the database that the copy names; where it names none, in each until one understands the question."""
    outcome = server.client("psql", "-AtXc", question, database=first)
    for database in server.databases():
        if outcome.code == 0:
            break
        outcome = server.client("psql", "-AtXc", question, database=database)
    return outcome


def _told(attempt: Attempt, asked: Outcome | None) -> DrillOutcome:
    if asked is None or asked.code == 0:
        return attempt.restored(None if asked is None else number_in(asked))
    return attempt.restored(said=last_words(asked))


def _load(copy: Path, server: _Server) -> Outcome:
    """By what the file is: pg_restore's own formats, else SQL, which must not go on after a mistake."""
    if copy.is_dir() or _is_archive(copy):
        flags = ("--no-owner", "--no-privileges", "--exit-on-error")
        return server.client("pg_restore", *flags, copy, database=_DATABASE)
    return server.client("psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-f", copy, database=_DATABASE)


def _is_archive(copy: Path) -> bool:
    with copy.open("rb") as file:
        head = file.read(512)
    return head[:_HEAD] == b"PGDMP" or head[257:262] == b"ustar"


def _programs(cluster: Path | None) -> Path:
    """Those of the cluster's own version; of the newest for a dump."""
    version = (cluster / "PG_VERSION").read_text().strip() if cluster else "*"
    place = _BINARIES.replace("*", version if version.isdigit() else "*")
    return find_program("initdb", place, _BINARIES).parent


@contextmanager
def _started(attempt: Attempt, data: Path, superuser: str) -> Iterator[_Server]:
    """No TCP, no archiving, nothing loaded that the copied settings ask for, no durability: it lives for minutes."""
    scratch, programs, user, effort = attempt.scratch, attempt.place, attempt.user, attempt.effort
    sockets = scratch / "s"
    sockets.mkdir(exist_ok=True)
    give_to(sockets, user)
    access = scratch / "hba.conf"
    access.write_text("local all all trust\n")
    give_to(access, user)
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "hba_file": str(access),
        "fsync": "off",
        "archive_mode": "off",
        "shared_preload_libraries": "",
        "logging_collector": "off",
        "log_destination": "stderr",
        "ssl": "off",
        "external_pid_file": "",
        "data_directory": str(data),
    }
    options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    if not (data / "postgresql.conf").exists():  # Debian keeps it elsewhere; the cluster has all it needs without
        (data / "postgresql.conf").touch()
        give_to(data / "postgresql.conf", user)
    server = _Server(programs, sockets, superuser, user, effort)

    def is_ready() -> bool:
        effort.tick()
        return run_program([programs / "pg_isready", "-q", "-h", sockets], seconds=10).code == 0

    seconds = min(_START_SECONDS, effort.seconds_left)
    with running(
        [programs / "postgres", "-D", data, *options],
        user=user,
        log=scratch / "log",
        is_ready=is_ready,
        seconds=seconds,
    ):
        yield server
