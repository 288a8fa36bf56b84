"""The files that let itops run by itself: systemd units, a task for Windows, a line for cron; nothing is written here.

Each kind quotes paths in its own way, measured with systemd 252, cron and an XML parser: `%` begins a specifier of
systemd, a line end in a crontab and an environment variable of the Task Scheduler. What cannot be quoted is refused.
"""

import re
import shlex
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from itops.errors import UsageWrong

if TYPE_CHECKING:
    from jinja2 import Environment

Kind: TypeAlias = Literal["systemd", "systemd-timer", "windows", "cron"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_FILES: Mapping[Kind, tuple[str, ...]] = {
    "systemd": ("itops.service", "itops-alarm@.service"),
    "systemd-timer": ("itops-tick.timer", "itops-tick.service", "itops-tick@.service", "itops-alarm@.service"),
    "windows": ("itops-tick.xml",),
    "cron": ("itops-tick.cron",),
}
_LOCK_WAIT = timedelta(minutes=1)
"""How long commands wait for each other to write into the store; meanwhile beats may fail."""
_MARGIN = timedelta(minutes=30)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ACCOUNT = re.compile(r"[a-z_][a-z0-9_-]{0,30}")
_STATE_DIRECTORY = re.compile(r"/var/lib/([A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*)")
_XML_HEAD = '<?xml version="1.0" encoding="UTF-16"?>\n'
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What the files must know of this machine and this office. Every path is absolute."""

    python: PurePath  # the interpreter that has itops
    config: PurePath  # itops.yaml
    state: PurePath
    user: str = "itops"
    reads: tuple[PurePath, ...] = ()  # where else parts of itops lie
    writes: tuple[PurePath, ...] = ()  # what jobs write outside the state folder
    tick: timedelta = timedelta(seconds=20)
    longest_job: timedelta = timedelta(hours=4)  # the longest time limit of a job

    @property
    def folder(self) -> PurePath:
        """Where jobs run: paths in itops.yaml start there."""
        return self.config.parent

    @property
    def watchdog(self) -> timedelta:
        """After how long without a beat the service hangs: three ticks and two waits for the store."""
        return 3 * self.tick + 2 * _LOCK_WAIT

    def lies_below(self, *tops: str) -> bool:
        """Whether anything that it needs lies there."""
        needed = (self.python, self.config, self.state, *self.reads, *self.writes)
        return any(str(path).startswith(f"{top}/") for path in needed for top in tops)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFile:
    """One file to install."""

    name: str
    text: str

    @property
    def content(self) -> bytes:
        """As it is written: the Task Scheduler wants UTF-16 with its mark, and lines as Windows ends them."""
        if self.name.endswith(".xml"):
            return (_XML_HEAD + self.text).replace("\n", "\r\n").encode("utf-16")
        return self.text.encode()


def service_files(kind: Kind, installation: Installation) -> tuple[ServiceFile, ...]:
    """The files of one kind. Raises UsageWrong for an account or a path that such a file cannot name."""
    _check(kind, installation)
    data = _data(installation)
    environment = _environment()
    return tuple(
        ServiceFile(name=name.removesuffix(".cron"), text=environment.get_template(f"{name}.jinja").render(data))
        for name in _FILES[kind]
    )


def _data(installation: Installation) -> dict[str, object]:
    directory = _STATE_DIRECTORY.fullmatch(str(installation.state))
    arguments = ["-P", "-m", "itops", "--config", str(installation.config), "tick"]
    return {
        "user": installation.user,
        "python": str(installation.python),
        "config": str(installation.config),
        "folder": str(installation.folder),
        "state": str(installation.state),
        "state_directory": directory[1] if directory and ".." not in directory[1].split("/") else None,
        "writes": [str(path) for path in installation.writes],
        "is_at_home": installation.lies_below("/home", "/root", "/run/user"),
        "is_in_tmp": installation.lies_below("/tmp", "/var/tmp"),  # noqa: S108  where we do not want to lie
        "tick_seconds": f"{installation.tick.total_seconds():g}",
        "watchdog_seconds": -(-installation.watchdog // timedelta(seconds=1)),
        "longest_minutes": -(-(installation.longest_job + _MARGIN) // _MINUTE),
        "arguments": subprocess.list2cmdline(arguments),
    }


def quoted(text: str) -> str:
    """One word of a list of systemd's, a command line among them."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{literal(escaped)}"'


def literal(text: str) -> str:
    """The whole value of a setting of systemd's that knows no quotes."""
    return text.replace("%", "%%")


def shell(text: str) -> str:
    """One word of the command of a crontab."""
    return shlex.quote(text).replace("%", "\\%")


@cache
def _environment() -> "Environment":
    from jinja2 import (  # noqa: PLC0415  0.1 s that nothing else needs
        Environment,
        PackageLoader,
        StrictUndefined,
        select_autoescape,
    )

    environment = Environment(
        loader=PackageLoader("itops.reports", "templates/service"),
        autoescape=select_autoescape(("xml.jinja",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    filters: tuple[Callable[[str], str], ...] = (quoted, literal, shell)
    environment.filters.update({one.__name__: one for one in filters})
    return environment


def _check(kind: Kind, installation: Installation) -> None:
    """Refuse what would be read as something else."""
    paths = (installation.python, installation.config, installation.state, *installation.writes)
    for path in paths:
        if why := _unspeakable(kind, str(path)):
            raise UsageWrong(f"{path}: {why}", remedy="move or rename it")
    if kind.startswith("systemd"):
        _check_systemd(installation)
    if kind == "windows":
        if _CONTROL.search(installation.user) or not installation.user.strip():
            raise UsageWrong("this is not the name of an account", remedy="write --user OFFICE\\itops, say")
    elif not _ACCOUNT.fullmatch(installation.user):
        raise UsageWrong(
            f"{installation.user!r} is not the name of an account of this system", remedy="write --user itops, say"
        )


def _check_systemd(installation: Installation) -> None:
    if str(installation.folder).endswith((" ", "\\")):
        raise UsageWrong(f"{installation.folder}: systemd would cut off its last character", remedy="rename it")
    if set(str(installation.python)) & set("'\"\\"):
        problem = f"{installation.python}: systemd runs no program with quotes or backslashes in its path"
        raise UsageWrong(problem, remedy="install itops into another folder")


def _unspeakable(kind: Kind, path: str) -> str | None:
    if _CONTROL.search(path):
        return "a path with control characters cannot be written into such a file"
    if kind == "windows" and ("%" in path or "$(" in path):
        return "the Task Scheduler would take a part of it for a variable"
    if kind == "windows" and '"' in path:
        return "no path of Windows has quotes"
    if kind == "cron" and "\\" in path:
        return "one cron takes a backslash for itself, another keeps it"
    return None
