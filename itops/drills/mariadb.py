"""Restore a mysqldump or a mariabackup folder into a MariaDB of its own, which only its own socket reaches."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from itops.backup.copies import Identity
from itops.backup.drills import DrillOutcome
from itops.backup.formats import Damaged, Effort
from itops.drills.answers import last_words, not_made, number_in, refused
from itops.drills.attempt import Attempt
from itops.drills.running import NotStarted, find_program, give_to, running, unprivileged
from itops.drills.unpacking import unpacked_file
from itops.programs import Outcome, run_program

_SBIN = ("/usr/sbin", "/usr/bin", "/usr/libexec")
_DATABASE = "itops_drill"
_SYSTEM = frozenset({"mysql", "sys", "information_schema", "performance_schema"})
_START_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class _Server:
    client_program: Path
    socket: Path
    user: str | None
    effort: Effort

    def client(self, *arguments: str, stdin: Path | None = None) -> Outcome:
        """Run the client as root of the throw-away server; a dump may hold `\\!` commands, which it must not obey."""
        options = ("--no-defaults", f"--socket={self.socket}", "--user=root", "--batch", "--skip-column-names")
        return run_program(
            [self.client_program, *options, "--binary-mode", *arguments],
            seconds=self.effort.seconds_left,
            stdin=stdin,
            user=self.user,
        )

    def databases(self) -> list[str]:
        """Those that somebody made."""
        named = self.client("--execute", "SHOW DATABASES").text.splitlines()
        return [name for name in named if name not in _SYSTEM]


class MariadbDrill:
    """Dumps go through the client; a mariabackup folder is prepared and started as it is."""

    name: ClassVar[str] = "mariadb"

    def restore(
        self, copy: Path, identity: Identity | None, question: str | None, scratch: Path, effort: Effort
    ) -> DrillOutcome:
        """See Drill."""
        server = find_program("mariadbd", *_SBIN)
        version = run_program([server, "--no-defaults", "--version"], seconds=effort.seconds_left).text
        attempt = Attempt(
            copy=copy,
            identity=identity,
            question=question,
            scratch=scratch,
            effort=effort,
            tool="mariadbd",
            place=server,
            version=version.partition("Ver ")[2].split(" ")[0],
            user=unprivileged("mysql"),
        )
        attempt.let_in()
        return _folder(attempt) if copy.is_dir() else _dump(attempt)


def _dump(attempt: Attempt) -> DrillOutcome:
    try:
        script = unpacked_file(attempt.copy, attempt.scratch, attempt.effort)
    except Damaged as damage:
        return attempt.broken(*damage.faults)
    data = attempt.scratch / "data"
    data.mkdir()
    give_to(data, attempt.user)
    install = find_program("mariadb-install-db", "/usr/bin", "/usr/sbin")
    flags = ["--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db"]
    made = attempt.run([install, *flags])
    if made.code != 0:
        raise not_made(made, "mariadb-install-db")
    with _started(attempt, data) as server:
        server.client("--execute", f"CREATE DATABASE {_DATABASE}")
        loaded = server.client(f"--database={_DATABASE}", stdin=script)
        if loaded.code != 0:
            return refused(loaded, "mariadb", attempt.version)
        return _told(attempt, server)


def _folder(attempt: Attempt) -> DrillOutcome:
    backup = find_program("mariabackup", "/usr/bin")
    prepared = run_program(
        [backup, "--no-defaults", "--prepare", f"--target-dir={attempt.copy}"], seconds=attempt.effort.seconds_left
    )
    if prepared.code != 0:
        return refused(prepared, "mariabackup", attempt.version)
    give_to(attempt.copy, attempt.user)
    try:
        with _started(attempt, attempt.copy, "--skip-grant-tables") as server:
            return _told(attempt, server)
    except NotStarted as dead:
        return attempt.dead(dead)


def _told(attempt: Attempt, server: _Server) -> DrillOutcome:
    """The answer, from the database that the copy names; where it names none, from the first that understands."""
    if attempt.question is None:
        return attempt.restored()
    wanted = attempt.identity.object if attempt.identity else None
    databases = sorted(server.databases(), key=lambda name: (name != wanted, name != _DATABASE, name))
    said = ""
    for database in databases:
        asked = server.client(f"--database={database}", "--execute", attempt.question)
        if asked.code == 0:
            return attempt.restored(number_in(asked))
        said = last_words(asked)
    return attempt.restored(said=said)


@contextmanager
def _started(attempt: Attempt, data: Path, *more: str) -> Iterator[_Server]:
    """No TCP, no settings of this machine."""
    user, effort = attempt.user, attempt.effort
    place = attempt.scratch / "s"
    place.mkdir()
    give_to(place, user)
    made = _Server(find_program("mariadb", "/usr/bin"), place / "m", user, effort)
    options = [
        "--no-defaults",
        f"--datadir={data}",
        f"--socket={made.socket}",
        f"--pid-file={place / 'pid'}",
        f"--tmpdir={place}",
        "--skip-networking",
        "--skip-log-bin",
        "--innodb-flush-log-at-trx-commit=0",
        *more,
    ]

    def is_ready() -> bool:
        effort.tick()
        return made.client("--execute", "SELECT 1").code == 0

    seconds = min(_START_SECONDS, effort.seconds_left)
    log = attempt.scratch / "log"
    with running([attempt.place, *options], user=user, log=log, is_ready=is_ready, seconds=seconds):
        yield made
