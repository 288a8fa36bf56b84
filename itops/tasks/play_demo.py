"""Play the demo office: two lone ESXi hosts, then the same office on vCenter a year's work later.

The servers are simulated: by the simulator where it is built, else by recordings of it, and the demo says which. The
commands are real: each is the `itops` that a person would type, run as a process of its own.
"""

import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import itops
from itops.config.register.schema import FILE_NAME
from itops.demo.copies import DAYS, make_copies
from itops.demo.devices.office import NETWORKS, OFFICE, office_devices
from itops.demo.devices.simulator import Simulator
from itops.errors import SourceUnavailable, UsageWrong

MARKER = ".made-by-itops-demo"
_PASSWORD_FILE = "secrets/demo"  # noqa: S105  a path
_COMMUNITY_FILE, _COMMUNITY = "secrets/snmp", "alborz-ro"
_REGISTER = "inventory.yaml"
_FURTHER = (
    "inventory show SQL",
    "inventory history 'Backup Server'",
    "inventory health",
    "inventory roles list",
    "inventory list --kind datastore --output json",
    "assets show UPS-001",
    "assets apply --dry-run",
)
_HOSTS = ("esx01", "esx02")
_READY_SECONDS = 60
_ZONE = ZoneInfo("Asia/Tehran")
Say = Callable[[str], None]


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
    today: str  # in the office's calendar

    @property
    def description(self) -> str:
        """See Stage."""
        return "a simulated vCenter and two simulated ESXi hosts, on addresses of this machine"

    @property
    def period(self) -> tuple[str, ...]:
        """See Stage."""
        return ("--from", self.today, "--to", self.today)

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
            f"username: {ready['username']}, password: 'file:{_PASSWORD_FILE}', "
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


class DemoBroken(SourceUnavailable):
    """A step of the demo did not end as it should."""


def play(folder: Path, stage: Stage, say: Say, *, now: datetime, command: str = "itops") -> None:
    """Play it all in `folder`, which is emptied first; `command` is how a person calls this itops.

    Raises UsageWrong when the folder holds something else.
    """
    _prepare(folder)
    say(f"The demo office Alborz: {stage.description}.\n")
    say("1. Before: fifteen servers on two lone ESXi hosts.\n")
    with stage.before() as sources:
        _write_settings(folder, sources, now)
        _run(folder, say, "inventory", "scan")
    say("2. After: five servers removed, six created, and everything moved under a vCenter.\n")
    with stage.after() as sources:
        _write_settings(folder, sources, now)
        _run(folder, say, "inventory", "scan")
        servers = tuple(sources)
    say("3. What there is, what changed, and what is not well.\n")
    _run(folder, say, "inventory", "list")
    _run(folder, say, "inventory", "changes", "--kind", "vm", *stage.period)
    _run(folder, say, "inventory", "health", "--without-advice", verdict=True)
    _run(folder, say, "inventory", "export", "rvtools", "--out", str(folder / "alborz-rvtools.xlsx"))
    say("4. Three months of backups: is every day there, whole, and the right database?\n")
    planted = make_copies(folder / "copies", now, _ZONE)
    _run(folder, say, "backup", "plan", "--next", "3")
    _run(folder, say, "backup", "verify", verdict=True)
    _run(folder, say, "backup", "drill", "letters", "--by", "demo", verdict=True)
    say(f"Planted: no copy on {planted.missing}, half of {planted.cut}, another database in {planted.foreign}.\n")
    _run(folder, say, "backup", "status", verdict=True)
    _show_hardware(folder, servers, say, now)
    _tell_what_was_made(folder, say, command)


def _show_hardware(folder: Path, servers: Sequence[str], say: Say, now: datetime) -> None:
    """The register, then a scan of simulated devices, whose plan is told and not carried out."""
    register = Path(itops.__file__).parents[1] / _REGISTER
    if not register.exists():
        say("5. The hardware register of the demo office comes with the project's sources, not with the package.\n")
        return
    say(f"5. The hardware: what there is, and what {len(OFFICE)} simulated devices say of it.\n")
    shutil.copy(register, folder)
    shutil.copytree(register.with_suffix(""), folder / register.stem)
    shutil.copy(register.with_name(FILE_NAME), folder)  # the editors' help that its first line names
    _write_private(folder / _COMMUNITY_FILE, f"{_COMMUNITY}\n")
    _run(folder, say, "assets", "list", "--totals")
    with _device_sources() as sources:
        _write_settings(folder, [*servers, *sources], now)
        _run(folder, say, "assets", "scan")
    say("Planted: six changes to decide, and a switch that is another one than the register says.\n")


@contextmanager
def _device_sources() -> Iterator[Sequence[str]]:
    """The `sources:` lines of the simulated devices while they answer, a source for each place of the office."""
    with ExitStack() as playing:
        try:
            devices = playing.enter_context(Simulator(office_devices(), community=_COMMUNITY))
        except OSError as failure:
            raise DemoBroken(
                f"the simulated devices cannot take addresses like 127.0.10.1: {failure.strerror or failure}",
                remedy="play it on Linux, where every address of 127.0.0.0/8 is this machine's",
            ) from failure
        yield [
            f"  devices-{site}: {{type: snmp, addresses: [{network}], site: {site}, port: {devices.port}, "
            f"community: 'file:{_COMMUNITY_FILE}'}}"
            for site, network in NETWORKS.items()
        ]


def _prepare(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
        raise UsageWrong(f"the folder {folder} holds something else", remedy="name another with --folder, or empty it")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "secrets").mkdir(parents=True, mode=0o700)
    folder.chmod(0o700)
    (folder / MARKER).touch()
    _write_private(folder / _PASSWORD_FILE, "demo only\n")


def _write_settings(folder: Path, sources: Sequence[str], now: datetime) -> None:
    head = resources.files("itops.demo").joinpath("office.yaml").read_text(encoding="utf-8")
    head = head.replace("SINCE", (now - timedelta(days=DAYS - 2)).date().isoformat())
    _write_private(folder / "itops.yaml", head + "\n".join(sources) + "\n")


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _run(folder: Path, say: Say, *words: str, verdict: bool = False) -> None:
    """One command as a person types it. A verdict's exit code (0 to 3) is an answer; any other non-zero is not."""
    say(f"$ itops {' '.join(words)}")
    command = [sys.executable, "-m", "itops", "--config", str(folder / "itops.yaml"), *words]
    code = subprocess.run(command, check=False).returncode
    if code != 0 and not (verdict and code <= 3):
        raise DemoBroken(f"`itops {' '.join(words)}` ended with {code}", remedy="read what it says above")
    say("")


def _tell_what_was_made(folder: Path, say: Say, command: str) -> None:
    say("Made:")
    for name, what in (
        ("alborz-rvtools.xlsx", "the RVTools workbook: open it in LibreOffice or Excel"),
        ("itops.yaml", "the settings of the demo office"),
        ("state/itops.db", "the history: every server, every change"),
        (_REGISTER, "the hardware register, with a file for each place"),
    ):
        if (folder / name).exists():
            say(f"  {folder / name}  {what}")
    say("\nLook further (the simulated servers and devices have stopped; what was seen stays):")
    for words in _FURTHER:
        say(f"  {command} --config {shlex.quote(str(folder / 'itops.yaml'))} {words}")
