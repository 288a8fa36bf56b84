"""Play the demo office: a month of its life, from two lone ESXi hosts to the report that headquarters signed for.

Servers, devices and headquarters are simulated, and so are the days: each command runs as if it were a day of the last
whole month. The commands are real: each is the `itops` that a person would type, run as a process of its own.
"""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import itops
from itops.config.register.schema import FILE_NAME
from itops.dates import Period, show_moment
from itops.demo.copies import DAYS, make_copies, make_newer_copies
from itops.demo.devices.office import NETWORKS, OFFICE, office_devices
from itops.demo.devices.simulator import Simulator
from itops.errors import UsageWrong
from itops.tasks.demo_days import Days, days_of
from itops.tasks.demo_headquarters import DROP, Headquarters
from itops.tasks.demo_stages import PASSWORD_FILE, DemoBroken, Stage
from itops.worklog.periods import before

MARKER = ".made-by-itops-demo"
_COMMUNITY_FILE, _COMMUNITY = "secrets/snmp", "alborz-ro"
_REGISTER = "inventory.yaml"
_FORM = "budget-form.yaml"
_FURTHER = (
    "inventory show SQL",
    "inventory history 'Backup Server'",
    "inventory roles list",
    "assets show UPS-001",
    "assets apply --dry-run",
    "report exceptions --period {month}",
    "report explain servers.removed --period {month}",
    "report outbox",
    "alerts list",
    "status",
)
_ZONE = ZoneInfo("Asia/Tehran")
_OFFICE = "alborz"
_TRAY = "alerts"
_ROUND = timedelta(minutes=5)
_QUIET_UNTIL = timedelta(hours=1, minutes=30)  # after 08:00, as office.yaml says
_MINUTE = timedelta(minutes=1)
"""Between two commands: no process believes that it runs before the one that ended."""
_MEDIUM = re.compile(r"\bM\d{4}-\d\b")
Say = Callable[[str], None]


@dataclass(slots=True, kw_only=True)
class _Play:
    """One play: where, with what, and which moment it is in it."""

    folder: Path
    stage: Stage
    say: Say
    days: Days
    headquarters: Headquarters
    at: datetime
    sources: Sequence[str] = ()
    more: Sequence[str] = ()  # sources of devices, which answer for a moment only

    def turn_to(self, at: datetime, title: str) -> None:
        """Go on at another moment of the month."""
        self.at = at
        self.say(f"{title} [{show_moment(at, 'jalali', _ZONE)}]\n")

    def run(self, *words: str, verdict: bool = False, is_shown: bool = True) -> str:
        """One command as a person types it; what it printed, where it is not shown.

        A verdict's exit code (0 to 3) is an answer; any other non-zero is not.
        """
        typed = shlex.join(words)
        self.say(f"$ itops {typed}")
        command = [sys.executable, "-m", "itops.demo.played", self.at.isoformat()]
        command += ["--config", str(self.folder / "itops.yaml"), *words]
        output = None if is_shown else subprocess.PIPE
        done = subprocess.run(command, check=False, stdout=output, stderr=output, encoding="utf-8")
        self.at += _MINUTE
        if done.returncode != 0 and not (verdict and done.returncode <= 3):
            self.say((done.stdout or "") + (done.stderr or ""))
            raise DemoBroken(f"`itops {typed}` ended with {done.returncode}", remedy="read what it says above")
        if is_shown:
            self.say("")
        return (done.stdout or "") + (done.stderr or "")

    def write_settings(self, *more: str) -> None:
        """itops.yaml with the sources that answer now."""
        head = resources.files("itops.demo").joinpath("office.yaml").read_text(encoding="utf-8")
        since = (self.days.closed - timedelta(days=DAYS - 2)).date().isoformat()
        duty = [sys.executable, "-m", "itops.demo.duty", str(self.folder.absolute() / _TRAY)]
        head = head.replace("SINCE", since).replace("HEADQUARTERS", self.headquarters.public_key).replace("DROP", DROP)
        head = head.replace("DUTY", json.dumps(duty))
        _write_private(self.folder / "itops.yaml", head + "\n".join([*self.sources, *more]) + "\n")


def play(folder: Path, stage: Stage, say: Say, *, now: datetime, command: str = "itops") -> None:
    """Play it all in `folder`, which is emptied first; `command` is how a person calls this itops.

    Raises UsageWrong when the folder holds something else.
    """
    _prepare(folder)
    days = days_of(now, _ZONE)
    moments = {"closed": days.closed, "built": days.built, "watched": days.watched + 2 * _QUIET_UNTIL}
    (folder / MARKER).write_text(json.dumps({name: moment.isoformat() for name, moment in moments.items()}))
    play = _Play(folder=folder, stage=stage, say=say, days=days, headquarters=Headquarters(folder), at=days.begun)
    say(f"The demo office Alborz in the month {days.month.name}: {stage.description}.")
    say("The days are simulated, too; each command shows what it would have shown then.\n")
    _before(play)
    _after(play)
    _write_down(play)
    _show_hardware(play)
    _show_backups(play)
    _carry_away(play)
    _report(play)
    _watch(play)
    _tell_what_was_made(play, command)


def _before(play: _Play) -> None:
    play.turn_to(play.days.begun, "1. Before: fifteen servers on two lone ESXi hosts.")
    with play.stage.before() as sources:
        play.sources = tuple(sources)
        play.write_settings()
        play.run("inventory", "scan")


def _after(play: _Play) -> None:
    play.turn_to(
        play.days.changed, "2. After: five servers removed, six created, and everything moved under a vCenter."
    )
    with play.stage.after() as sources:
        play.sources = tuple(sources)
        play.write_settings()
        play.run("inventory", "scan")
    play.say("3. What there is, what changed, and what is not well.\n")
    play.run("inventory", "list")
    play.run("inventory", "changes", "--kind", "vm", *play.stage.period)
    play.run("inventory", "health", "--without-advice", verdict=True)
    play.run("inventory", "export", "rvtools", "--out", str(play.folder / "alborz-rvtools.xlsx"))


def _write_down(play: _Play) -> None:
    """What no API shows: who ordered it, and what was patched."""
    play.say("4. What no API shows is written down: orders, patches, settings.\n")
    log = ("changes", "log", "--by", "demo")
    removed = ("kaspersky", "RDC", "Citrix", "DFSR", "SCCM")
    upgraded = ("Padvish", "Backup Server", "FileServer")
    play.run(
        *log, "--kind", "removed", *_subjects(removed), "--issuer", "اداره کل زیرساخت سازمان", "--letter", "21/405/118",
        "--what-fa", "حذف سرورهای بلااستفاده", "--what-en", "Removed servers that nothing uses any more",
    )  # fmt: skip
    play.run(
        *log, "--kind", "created", *_subjects(("WSUS", "SQL", "PDC", "VCSA", "DC", "KMS")),
        "--what-fa", "راه‌اندازی سرورهای جدید", "--what-en", "Set up the new servers",
    )  # fmt: skip
    for kind, persian, english in (
        ("upgraded", "ارتقای سیستم‌عامل", "Upgraded the operating system"),
        ("patched", "نصب آخرین پچ‌ها", "Installed the latest patches"),
        ("reconfigured", "تنظیمات جدید", "New settings"),
    ):
        what = ("--what-fa", persian, "--what-en", english)
        play.run(*log, "--kind", kind, *_subjects(upgraded), *what, is_shown=False)
    play.say("")


def _subjects(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        yield from ("--subject", name)


def _show_backups(play: _Play) -> None:
    play.turn_to(play.days.closed, "6. Three months of backups: is every day there, whole, and the right database?")
    planted = make_copies(play.folder / "copies", play.at, _ZONE)
    play.run("backup", "plan", "--next", "3")
    play.run("backup", "verify", verdict=True)
    play.run("backup", "drill", "letters", "--by", "demo", verdict=True)
    play.say(f"Planted: no copy on {planted.missing}, half of {planted.cut}, another database in {planted.foreign}.\n")
    play.run("backup", "status", verdict=True)


def _carry_away(play: _Play) -> None:
    """The month's copies on a disk, sealed, in the box of a bank; the disk is a folder here."""
    play.say("7. The month's copies go to the bank; the disk is a folder in this demo.\n")
    disk = play.folder / "disk"
    disk.mkdir()
    for month in (before(play.days.month), play.days.month):
        for name in ("sql", "pg"):
            made = [path for path in sorted((play.folder / "copies" / name).iterdir()) if _is_of(path, month)]
            shutil.copy2(made[-1], disk)
    printed = play.run("media", "add", "--place", "office", "--serial", "DEMO-1", "--by", "demo", is_shown=False)
    found = _MEDIUM.search(printed)
    if found is None:
        raise DemoBroken("no id of a medium was printed", remedy="run the demo again and read what it says")
    medium = found[0]
    play.run("media", "write", medium, "--folder", str(disk), "--by", "demo", "--witness", "demo-2", verdict=True)
    play.run("media", "seal", medium, "--seal", "A-100", "--by", "demo", is_shown=False)
    play.run("media", "move", medium, "--place", "bank", "--by", "demo", "--to", "demo-2", is_shown=False)
    arrived = ("--by", "demo-2", "--to", "bank", "--seal", "A-100", "--box", "214")
    play.run("media", "receive", medium, *arrived, is_shown=False)
    play.run("media", "show", verdict=True)


def _is_of(path: Path, month: Period) -> bool:
    begin, end = month.moments(_ZONE)
    return begin.timestamp() <= path.stat().st_mtime < end.timestamp()


def _show_hardware(play: _Play) -> None:
    """The register, then a scan of simulated devices, whose plan is told and not carried out."""
    register = Path(itops.__file__).parents[1] / _REGISTER
    if not register.exists():
        play.say(
            "5. The hardware register of the demo office comes with the project's sources, not with the package.\n"
        )
        return
    play.say(f"5. The hardware: what there is, and what {len(OFFICE)} simulated devices say of it.\n")
    shutil.copy(register, play.folder)
    shutil.copytree(register.with_suffix(""), play.folder / register.stem)
    shutil.copy(register.with_name(FILE_NAME), play.folder)  # the editors' help that its first line names
    form = resources.files("itops.demo").joinpath(_FORM).read_text(encoding="utf-8")
    (play.folder / _FORM).write_text(form, encoding="utf-8")
    play.run("assets", "list", "--totals")
    with _device_sources() as sources:
        play.more = tuple(sources)
        play.write_settings(*play.more)
        play.run("assets", "scan")
    play.say("Planted: six changes to decide, and a switch that is another one than the register says.\n")


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


def _report(play: _Play) -> None:
    """The month's report in both languages, signed, sent, and signed for."""
    month = ("--period", play.days.month.name)
    play.turn_to(play.days.built, "8. The month's report, in Persian and English, delivered.")
    cause = ("--fa", "دیسک مخزن در دست تعویض است", "--en", "The repository's disk is being replaced")
    key = "report.slots-missing:insurance-db sql01/Insurance"
    play.run("report", "note", "cause", key, *month, *cause, "--owner", "demo", "--by", "demo", is_shown=False)
    if (play.folder / _REGISTER).exists():
        play.run("report", "export", "budget", *month)
    play.run("report", "build", *month)
    play.run("report", "upload", *month)
    key = play.run("report", "key", is_shown=False).splitlines()[0]
    play.headquarters.collect(_OFFICE, key, play.at)
    play.say("The simulated headquarters took it in and signed a receipt.\n")
    play.at += 60 * _MINUTE
    play.run("report", "upload")
    play.run("report", "receipts")


def _watch(play: _Play) -> None:
    """The next morning: judged three times in the quiet hours, told once when they end."""
    play.turn_to(play.days.watched, "9. The next morning: it judges by itself, and tells once, and only what is wrong.")
    make_newer_copies(play.folder / "copies", play.days.closed, play.at, _ZONE)
    with play.stage.after() as sources:
        play.sources = tuple(sources)
        play.write_settings(*play.more)
        play.run("inventory", "scan", "vc01", is_shown=False)
    play.run("backup", "verify", verdict=True, is_shown=False)
    play.at = play.days.watched + _QUIET_UNTIL - 4 * _ROUND
    play.run("tick", is_shown=False)
    for _ in range(3):
        play.at += _ROUND
        play.run("alerts", "evaluate", is_shown=False)
    play.at = play.days.watched + _QUIET_UNTIL
    play.run("alerts", "evaluate")
    for alert in sorted((play.folder / _TRAY).iterdir()):
        play.say(f"The alert, as the duty officer gets it ({alert}):\n\n{alert.read_text(encoding='utf-8')}")
    play.run("check", "backup", verdict=True)


def _prepare(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
        raise UsageWrong(f"the folder {folder} holds something else", remedy="name another with --folder, or empty it")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "secrets").mkdir(parents=True, mode=0o700)
    folder.chmod(0o700)
    (folder / MARKER).touch()
    _write_private(folder / PASSWORD_FILE, "demo only\n")
    _write_private(folder / _COMMUNITY_FILE, f"{_COMMUNITY}\n")


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _tell_what_was_made(play: _Play, command: str) -> None:
    folder, month = play.folder, play.days.month.name
    report = f"state/reports/{month}/{_OFFICE}-{month}"
    play.say("Made:")
    for name, what in (
        (f"{report}-fa.pdf", "the month's report in Persian"),
        (f"{report}-en.pdf", "the same in English; beside them XLSX, DOCX, HTML and JSON"),
        (_TRAY, "the alert that was told"),
        ("alborz-rvtools.xlsx", "the RVTools workbook: open it in LibreOffice or Excel"),
        ("itops.yaml", "the settings of the demo office"),
        ("state/itops.db", "the history: every server, every change"),
        (_REGISTER, "the hardware register, with a file for each place"),
    ):
        if (folder / name).exists():
            play.say(f"  {folder / name}  {what}")
    play.say("\nLook further (the simulated servers and devices have stopped; what was seen stays).")
    play.say("The month is over: whoever asks the watch today hears that nobody has judged since, as it should be.")
    for words in _FURTHER:
        typed = words.format(month=month)
        play.say(f"  {command} --config {shlex.quote(str(folder / 'itops.yaml'))} {typed}")
