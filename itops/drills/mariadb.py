"""Restore a mysqldump or a mariabackup folder into a MariaDB of its own, which only its own socket reaches."""

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
        version = version.partition("Ver ")[2].split(" ")[0]
        user = unprivileged("mysql")
        scratch.chmod(0o755)
        scratch.parent.chmod(0o755)  # the server's account must be able to walk in
        must_reach(scratch, user, effort.seconds_left)
        if copy.is_dir():
            return self._folder(copy, identity, question, scratch, (server, version, user), effort)
        return self._dump(copy, identity, question, scratch, (server, version, user), effort)

    def _dump(
        self,
        copy: Path,
        identity: Identity | None,
        question: str | None,
        scratch: Path,
        how: tuple[Path, str, str | None],
        effort: Effort,
    ) -> DrillOutcome:
        server, version, user = how
        try:
            script = unpacked_file(copy, scratch, effort)
        except Damaged as damage:
            return DrillOutcome(is_restored=False, faults=damage.faults, tool="mariadb", tool_version=version)
        data = scratch / "data"
        data.mkdir()
        give_to(data, user)
        install = find_program("mariadb-install-db", "/usr/bin", "/usr/sbin")
        flags = ["--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db"]
        made = run_program([install, *flags], seconds=effort.seconds_left, user=user)
        if made.code != 0:
            raise not_made(made, "mariadb-install-db")
        with _started(server, data, scratch, user, effort) as running_server:
            running_server.client("--execute", f"CREATE DATABASE {_DATABASE}")
            loaded = running_server.client(f"--database={_DATABASE}", stdin=script)
            if loaded.code != 0:
                return refused(loaded, "mariadb", version)
            return _told(running_server, question, identity, version)

    def _folder(
        self,
        copy: Path,
        identity: Identity | None,
        question: str | None,
        scratch: Path,
        how: tuple[Path, str, str | None],
        effort: Effort,
    ) -> DrillOutcome:
        server, version, user = how
        backup = find_program("mariabackup", "/usr/bin")
        prepared = run_program(
            [backup, "--no-defaults", "--prepare", f"--target-dir={copy}"], seconds=effort.seconds_left
        )
        if prepared.code != 0:
            return refused(prepared, "mariabackup", version)
        give_to(copy, user)
        try:
            with _started(server, copy, scratch, user, effort, "--skip-grant-tables") as running_server:
                return _told(running_server, question, identity, version)
        except NotStarted as dead:
            fault = Fault(code="restore-failed", facts={"tool": "mariadbd", "said": dead.problem[-500:]})
            return DrillOutcome(is_restored=False, faults=(fault,), tool="mariadbd", tool_version=version)


def _told(server: _Server, question: str | None, identity: Identity | None, version: str) -> DrillOutcome:
    """The answer, from the database that the copy names; where it names none, from the first that understands."""
    if question is None:
        return DrillOutcome(is_restored=True, tool="mariadbd", tool_version=version)
    wanted = identity.object if identity else None
    databases = sorted(server.databases(), key=lambda name: (name != wanted, name != _DATABASE, name))
    said = ""
    for database in databases:
        asked = server.client(f"--database={database}", "--execute", question)
        if asked.code == 0:
            return DrillOutcome(is_restored=True, answer=number_in(asked), tool="mariadbd", tool_version=version)
        said = last_words(asked)
    return DrillOutcome(is_restored=True, tool="mariadbd", tool_version=version, evidence={"said": said})


@contextmanager
def _started(
    server: Path, data: Path, scratch: Path, user: str | None, effort: Effort, *more: str
) -> Iterator[_Server]:
    """No TCP, no settings of this machine."""
    place = scratch / "s"
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
    with running([server, *options], user=user, log=scratch / "log", is_ready=is_ready, seconds=seconds):
        yield made
