"""Throw-away servers: found, started as an account without rights, and ended whatever happens."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from glob import glob
from pathlib import Path

from itops.errors import SourceUnavailable
from itops.programs import run_program

_FAREWELL_SECONDS = 30.0
_STEP_SECONDS = 0.1


def find_program(name: str, *places: str) -> Path:
    """On the path, or in one of the places (with wildcards, the last by name wins: the newest version).

    Raises SourceUnavailable: without it nothing can be tested.
    """
    for pattern in places:
        found = sorted(glob(f"{pattern}/{name}"), key=_version)
        if found:
            return Path(found[-1])
    on_path = shutil.which(name)
    if on_path is None:
        raise SourceUnavailable(
            f"there is no {name} on this machine to try a restore with",
            remedy="install the server's package here: it is only started for the test, and nobody else can reach it",
        )
    return Path(on_path)


def _version(path: str) -> tuple[int, ...]:
    return tuple(int(part) for part in path.replace("-", "/").replace(".", "/").split("/") if part.isdigit())


def unprivileged(*names: str) -> str | None:
    """The account that a server may run as when we are root: most refuse root. None where we are not."""
    if os.name != "posix" or os.geteuid() != 0:
        return None
    import pwd  # noqa: PLC0415  POSIX only

    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in (*names, "nobody") if name in known), None)


def give_to(folder: Path, user: str | None) -> None:
    """Let `user` own the folder and everything below it; nothing for None."""
    if user is None:
        return
    for below in (folder, *folder.rglob("*")):
        if not below.is_symlink():
            shutil.chown(below, user)


def must_reach(folder: Path, user: str | None, seconds: float) -> None:
    """Raise SourceUnavailable where the account of the server cannot walk into `folder`: that is no fault of a copy."""
    if user is None:
        return
    if run_program(["test", "-x", folder], seconds=seconds, user=user).code != 0:
        raise SourceUnavailable(
            f"the account {user}, which the throw-away server runs as, cannot reach {folder}",
            remedy="let TMPDIR name a folder for temporary files that other accounts may enter, such as /tmp",
        )


@contextmanager
def running(
    arguments: Sequence[str | Path],
    *,
    user: str | None,
    log: Path,
    is_ready: Callable[[], bool],
    seconds: float,
    environment: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """A server from its first answer until the end of the block.

    Raises SourceUnavailable when it ends, or does not answer within `seconds`, with the last lines of its log.
    """
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(argument) for argument in arguments],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "LC_ALL": "C", **(environment or {})},
            user=user,
            cwd=log.parent,
            start_new_session=True,
        )
    try:
        _await(process, is_ready, seconds, log)
        yield
    finally:
        _end(process)


def _await(process: "subprocess.Popen[bytes]", is_ready: Callable[[], bool], seconds: float, log: Path) -> None:
    deadline = time.monotonic() + seconds
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            said = log.read_text("utf-8", "replace").strip().splitlines()[-3:]
            raise NotStarted(
                f"the throw-away server did not start: {' / '.join(said)[:500]}",
                remedy="read its last words above; a data directory that does not start is not restorable",
            )
        time.sleep(_STEP_SECONDS)


class NotStarted(SourceUnavailable):
    """The server did not come up: of its own accord, or because of what was restored into it."""


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Politely, then not; only the group that we began."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_FAREWELL_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
