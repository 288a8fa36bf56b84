"""The office behind a command: its settings, its calendar and clock, and its store, opened when first needed."""

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date, datetime, timedelta
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from itops import clock
from itops.cli.output import Output
from itops.cli.setting import Setting, load_settings, read_setting
from itops.dates import parse_day, start_of
from itops.errors import StoreEmpty, UsageWrong
from itops.inventory.freshness import SourceReport, limits_of
from itops.inventory.reading import Reader
from itops.inventory.roles.rules import RoleRules
from itops.store import open_reader, open_store
from itops.tasks.read_inventory import Hole, RoleJudge, role_judge, source_states

if TYPE_CHECKING:
    from itops.config.settings import Settings
    from itops.sources.probes.prober import ProbeSettings
    from itops.store.writing import Store

PROBE_FILE = "probes.json"
"""In the state folder: what services answered when they were probed."""
_LOCK_WAIT_SECONDS = 60.0


def author() -> str | None:
    """The account that runs itops; None where this machine does not know it (a container's user without a name)."""
    from getpass import getuser  # noqa: PLC0415  only where something is written down

    try:
        return getuser()
    except (KeyError, OSError, ImportError):
        return None


class Office:
    """Handed to every command that reads; tests hand in one of their own as the context's object."""

    def __init__(
        self,
        *,
        setting: Setting,
        now: datetime,
        config_path: Path | None = None,
        open_reader: Callable[[], Reader] | None = None,
    ) -> None:
        self.setting = setting
        self.now = now
        self._config_path = config_path
        self._open_reader = open_reader

    @cached_property
    def settings(self) -> "Settings":
        """The whole of itops.yaml, for commands that act; those that only read are content with `setting`."""
        assert self._config_path is not None, "this office was made without an itops.yaml"
        return load_settings(self._config_path)

    @property
    def calendar(self) -> str:
        """The calendar people of this office count in."""
        return self.setting.calendar

    @property
    def zone(self) -> ZoneInfo:
        """Where this office's days begin."""
        return self.setting.zone

    @property
    def today(self) -> date:
        """The day it is in the office."""
        return self.now.astimezone(self.zone).date()

    @cached_property
    def state_folder(self) -> Path:
        """Where the store, and what else lasts, is kept."""
        return self.setting.location.folder

    @cached_property
    def probing(self) -> "ProbeSettings":
        """How gently to ask services."""
        from itops.sources.probes.prober import ProbeSettings  # noqa: PLC0415  sockets that most commands never need

        return ProbeSettings()

    def open_store(self) -> "Store":
        """The store, for writing; raises StoreLocked while another process writes for longer than a minute.

        A minute, because a scan that took an hour should not be thrown away for the seconds another one needs.
        """
        return open_store(self.setting.location, self.now, lock_wait_seconds=_LOCK_WAIT_SECONDS)

    @cached_property
    def reader(self) -> Reader:
        """The history; raises StoreUnavailable when it cannot be read."""
        return self._open_reader() if self._open_reader else open_reader(self.setting.location)

    @cached_property
    def any_reader(self) -> Reader | None:
        """The history; None before the first scan, for commands that have something to say even then."""
        try:
            return self.reader
        except StoreEmpty:
            return None

    @cached_property
    def judge(self) -> RoleJudge:
        """How this office's VMs get their roles."""
        from itops.sources.probes.kept import ProbeFile  # noqa: PLC0415  hosts and datastores have no roles

        probes = ProbeFile(self.state_folder / PROBE_FILE).load()
        return role_judge(self.reader, RoleRules(self.setting.roles), probes)

    @cached_property
    def source_reports(self) -> list[SourceReport]:
        """How fresh each source is."""
        return source_states(self.any_reader, limits_of(self.setting.sources), self.now)

    def end_of_day(self, typed: str) -> datetime:
        """The last moment of a day as typed; raises UsageWrong."""
        return start_of(parse_day(typed) + timedelta(days=1), self.zone) - timedelta(microseconds=1)

    def check_source(self, name: str | None) -> None:
        """Raise UsageWrong for a source that neither itops.yaml nor the store knows."""
        known = [report.source for report in self.source_reports]
        if name is not None and name not in known:
            raise UsageWrong(f"there is no source {name!r}", remedy=f"use one of: {', '.join(known) or '(none yet)'}")

    def confess(self, output: Output, gaps: Sequence[Hole]) -> None:
        """Say on stderr what is not fresh and that some things were not seen."""
        about_sources = [hole.gap for hole in gaps if hole.gap.code.startswith("source.")]
        for gap in about_sources:
            output.note(f"{gap.source}: {gap.problem}; {gap.remedy}")
        others = len(gaps) - len(about_sources)
        if others:
            output.note(f"{others} {'gap' if others == 1 else 'gaps'}: not all was seen; run `itops inventory gaps`")

    def note_nothing(self, output: Output, nothing: str) -> None:
        """Explain an empty answer and say what to do next."""
        if any(report.last_complete for report in self.source_reports):
            output.note(nothing)
        else:
            output.note(f"{nothing}: nothing was scanned yet; run `itops inventory scan`")

    def close(self) -> None:
        """Close the store, if it was opened."""
        close = getattr(self.__dict__.get("reader"), "close", None)
        if close is not None:
            close()


def pass_office(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the Office of the configuration file that `--config` names, and close it afterwards."""

    @wraps(command)
    def with_office(*args: Any, **kwargs: Any) -> Any:
        given = click.get_current_context().obj
        with closing(office_of(Path(given)) if isinstance(given, str) else given) as office:
            return command(office, *args, **kwargs)

    return with_office


def office_of(config_path: Path) -> Office:
    """The office that itops.yaml at `config_path` describes; raises ConfigInvalid with every mistake in it."""
    return Office(setting=read_setting(config_path), now=clock.now(), config_path=config_path)
