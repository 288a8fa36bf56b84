"""Restore a PostgreSQL dump or data directory into a server of its own, which only its own socket reaches."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from itops.backup.copies import Fault, Identity
from itops.backup.drills import DrillOutcome
from itops.backup.formats import Damaged, Effort
from itops.drills.answers import last_words, not_made, number_in, refused
from itops.drills.running import NotStarted, find_program, give_to, must_reach, running, unprivileged
from itops.drills.unpacking import extract, unpacked_file
from itops.programs import Outcome, run_program

_BINARIES = "/usr/lib/postgresql/*/bin"
_DATABASE = "itops_drill"
_START_SECONDS = 120.0
_HEAD = 5
_USUAL = "postgres"
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
        copy = _extracted(copy, scratch, effort)
        is_cluster = copy.is_dir() and (copy / "PG_VERSION").is_file()
        programs = _programs(copy if is_cluster else None)
        version = run_program([programs / "postgres", "--version"], seconds=effort.seconds_left).text.split()[-1]
        user = unprivileged("postgres")
        scratch.chmod(0o755)
        scratch.parent.chmod(0o755)  # the server's account must be able to walk in
        must_reach(scratch, user, effort.seconds_left)
        if is_cluster:
            return self._cluster(copy, identity, question, scratch, (programs, version, user), effort)
        try:
            dump = copy if copy.is_dir() else unpacked_file(copy, scratch, effort)
        except Damaged as damage:
            return DrillOutcome(is_restored=False, faults=damage.faults, tool="postgres", tool_version=version)
        return self._dump(dump, question, scratch, (programs, version, user), effort)

    def _dump(
        self, copy: Path, question: str | None, scratch: Path, how: tuple[Path, str, str | None], effort: Effort
    ) -> DrillOutcome:
        programs, version, user = how
        data = scratch / "data"
        data.mkdir()
        give_to(scratch, user)
        give_to(copy, user)
        copy.parent.chmod(0o755)
        made = run_program(
            [programs / "initdb", "-D", data, "-U", "itops", "-A", "trust", "-E", "UTF8", "--no-sync"],
            seconds=effort.seconds_left,
            user=user,
        )
        if made.code != 0:
            raise not_made(made, "initdb")
        with _started(data, scratch, programs, "itops", user, effort) as server:
            server.client("psql", "-Xc", f'CREATE DATABASE "{_DATABASE}" TEMPLATE template0')
            restored = _load(copy, server)
            if restored.code != 0:
                return refused(restored, Path(restored.arguments[0]).name, version)
            asked = None if question is None else server.client("psql", "-AtXc", question, database=_DATABASE)
            return _told(asked, version)

    def _cluster(
        self,
        copy: Path,
        identity: Identity | None,
        question: str | None,
        scratch: Path,
        how: tuple[Path, str, str | None],
        effort: Effort,
    ) -> DrillOutcome:
        programs, version, user = how
        copy.chmod(0o700)
        give_to(copy, user)
        give_to(scratch, user)
        try:
            with _started(copy, scratch, programs, _USUAL, user, effort) as server:
                is_usual = server.client("psql", "-Xc", "SELECT 1").code == 0
            superuser = _USUAL if is_usual else _superuser(copy, programs, user, effort)
            with _started(copy, scratch, programs, superuser, user, effort) as server:
                wanted = identity.object if identity else None
                database = wanted if wanted in server.databases() else next(iter(server.databases()), "postgres")
                asked = None if question is None else _ask_each(server, question, database)
                return _told(asked, version)
        except NotStarted as dead:
            fault = Fault(code="restore-failed", facts={"tool": "postgres", "said": dead.problem[-500:]})
            return DrillOutcome(is_restored=False, faults=(fault,), tool="postgres", tool_version=version)


def _superuser(data: Path, programs: Path, user: str | None, effort: Effort) -> str:
    """Who made the cluster, asked of it while nobody else can: the role that initdb made has the oid 10."""
    question = data.parent / "who.sql"
    question.write_text("SELECT rolname FROM pg_roles WHERE oid = 10\n")
    told = run_program(
        [programs / "postgres", "--single", "-D", data, "-c", "shared_preload_libraries=", "template1"],
        seconds=effort.seconds_left,
        user=user,
        stdin=question,
    )
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


def _told(asked: Outcome | None, version: str) -> DrillOutcome:
    if asked is None:
        return DrillOutcome(is_restored=True, tool="postgres", tool_version=version)
    evidence = {"said": last_words(asked)} if asked.code else {}
    answer = number_in(asked) if asked.code == 0 else None
    return DrillOutcome(is_restored=True, answer=answer, tool="postgres", tool_version=version, evidence=evidence)


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
def _started(
    data: Path, scratch: Path, programs: Path, superuser: str, user: str | None, effort: Effort
) -> Iterator[_Server]:
    """No TCP, no archiving, nothing loaded that the copied settings ask for, no durability: it lives for minutes."""
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
