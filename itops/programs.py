"""Run a program of others, bounded in time and output, and keep every fact about the run."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from itops.errors import SourceUnavailable

_MOST_OUTPUT = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a program did. `code` is negative for a signal; `is_timeout` when it was ended for taking too long."""

    arguments: tuple[str, ...]
    code: int
    stdout: bytes
    stderr: str
    seconds: float
    is_timeout: bool = False
    is_cut: bool = False  # stdout was longer than what is kept

    @property
    def text(self) -> str:
        """The output as text."""
        return self.stdout.decode("utf-8", "replace")


def run_program(
    arguments: Sequence[str | Path],
    *,
    seconds: float,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    stdin: Path | None = None,
    user: str | None = None,
    most_output: int = _MOST_OUTPUT,
) -> Outcome:
    """Run it in a process group of its own, in the C locale, output to temporary files; past `seconds` end the group.
    `user`: the account to run as, where we are root.

    Raises SourceUnavailable when the program is not there or may not be run.
    """
    argv = tuple(map(str, arguments))
    merged = {**os.environ, "LC_ALL": "C", **(environment or {})}
    started = time.monotonic()
    with (
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        (stdin or Path(os.devnull)).open("rb") as given,
    ):
        try:
            process = subprocess.Popen(
                argv, stdin=given, stdout=out, stderr=err, env=merged, cwd=folder, start_new_session=True, user=user
            )
        except OSError as error:
            raise SourceUnavailable(
                f"cannot run {argv[0]}: {error.strerror}", remedy=f"install {argv[0]}, or name its path in itops.yaml"
            ) from error
        is_timeout = _wait(process, seconds)
        size = out.seek(0, os.SEEK_END)
        out.seek(0)
        err.seek(0)
        return Outcome(
            arguments=argv,
            code=process.returncode,
            stdout=out.read(most_output),
            stderr=err.read(1 << 20).decode("utf-8", "replace"),
            seconds=time.monotonic() - started,
            is_timeout=is_timeout,
            is_cut=size > most_output,
        )


def _wait(process: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """Whether it had to be ended; its whole group is, also when we are interrupted."""
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        _end_group(process)
        return True
    except BaseException:
        _end_group(process)
        raise
    return False


def _end_group(process: "subprocess.Popen[bytes]") -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
