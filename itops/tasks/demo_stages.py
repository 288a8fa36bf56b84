"""Where the demo office stands: simulated servers, or recordings of them.

The servers are simulated: by the simulator where it is built, else by recordings of it, and the demo says which.
"""

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from itops.errors import SourceUnavailable

PASSWORD_FILE = "secrets/demo"  # noqa: S105  a path
_HOSTS = ("esx01", "esx02")
_READY_SECONDS = 60


class DemoBroken(SourceUnavailable):
    """A step of the demo did not end as it should."""


class Stage(Protocol):
    """Where the demo office stands: gives the `sources:` lines of itops.yaml while its servers run."""

    @property
    def description(self) -> str:
        """What is simulated, and how, for the person who watches."""
        ...

    @property
    def period(self) -> tuple[str, ...]:
        """The options of `itops inventory changes` that cover both scans."""
        ...

    def before(self) -> AbstractContextManager[Sequence[str]]:
        """The office on lone hosts."""
        ...

    def after(self) -> AbstractContextManager[Sequence[str]]:
        """The office on vCenter, five servers removed and six created."""
        ...


@dataclass(frozen=True, slots=True)
class SimulatedStage:
    """Runs the simulator, a process for each server, on addresses of this machine."""

    simulator: Path
    month: str  # that the demo lives through, in the office's calendar

    @property
    def description(self) -> str:
        """See Stage."""
        return "a simulated vCenter and two simulated ESXi hosts, on addresses of this machine"

    @property
    def period(self) -> tuple[str, ...]:
        """See Stage."""
        return ("--period", self.month)

    @contextmanager
    def before(self) -> Iterator[Sequence[str]]:
        """See Stage."""
        with ExitStack() as running:
            flags = ("-office", "before", "-esx", "-host")
            yield [running.enter_context(_simulated(self.simulator, host, *flags, host)) for host in _HOSTS]

    @contextmanager
    def after(self) -> Iterator[Sequence[str]]:
        """See Stage."""
        with _simulated(self.simulator, "vc01", "-office", "after") as line:
            yield [line]


@contextmanager
def _simulated(simulator: Path, name: str, *flags: str) -> Iterator[str]:
    """One running server and its line in itops.yaml; it ends when its input closes."""
    with subprocess.Popen([simulator, *flags], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise DemoBroken(f"the simulator {simulator} ended at once", remedy="build it anew with `make clean setup`")
        ready = json.loads(line)
        yield (
            f"  {name}: {{type: vsphere, host: {ready['host']}, port: {ready['port']}, "
            f"username: {ready['username']}, password: 'file:{PASSWORD_FILE}', "
            f"tls: 'pin:sha256:{ready['sha256']}', browse_datastores: true}}"
        )
        process.communicate(timeout=_READY_SECONDS)


@dataclass(frozen=True, slots=True)
class RecordedStage:
    """Plays the recordings that come with itops, where the simulator cannot be had."""

    recordings: Path

    @property
    def description(self) -> str:
        """See Stage."""
        return "recordings of a simulated vCenter and two simulated ESXi hosts, made in the Jalali year 1402"

    @property
    def period(self) -> tuple[str, ...]:
        """See Stage."""
        return ("--period", "1402")

    @contextmanager
    def before(self) -> Iterator[Sequence[str]]:
        """See Stage."""
        yield [self._line(host) for host in _HOSTS]

    @contextmanager
    def after(self) -> Iterator[Sequence[str]]:
        """See Stage."""
        yield [self._line("vc01")]

    def _line(self, name: str) -> str:
        return f"  {name}: {{type: recording, path: '{self.recordings / name}.itops'}}"
