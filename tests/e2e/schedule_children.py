"""Daemons for the e2e tests of the schedule, forked from a server that has imported everything.

Their clock may run faster than the world's; their jobs are shell scripts in the place of itops, which write what they
do into `told` in the folder of itops.yaml.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from itops.errors import StoreUnavailable
from itops.schedule.policy import JobPolicy, SchedulePolicy, When
from itops.schedule.records import Beat, Run
from itops.sd_notify import Notifier
from itops.store import StoreLocation, open_reader, writing  # noqa: F401  `writing`: loaded once, before the forks
from itops.tasks.schedule.asked import Asked
from itops.tasks.schedule.children import launcher
from itops.tasks.schedule.daemon import Daemon
from itops.tasks.schedule.once import tick_once
from itops.tasks.schedule.ticking import Ticker
from itops.tasks.schedule.underway import Scheduled

BEGIN = datetime(2026, 11, 22, 8, 0, 30, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Played:
    """One office, and its time: `begin` at `began` (monotonic), and from then on `speed` times as fast as ours."""

    folder: str
    jobs: dict[str, dict[str, object]]  # of a JobPolicy, `at` as people write it
    script: str
    tick_seconds: float = 0.05
    speed: float = 1.0
    began: float = field(default_factory=time.monotonic)
    begin: datetime = BEGIN
    notify: str | None = None

    @property
    def location(self) -> StoreLocation:
        return StoreLocation(folder=Path(self.folder) / "state")

    def now(self) -> datetime:
        return self.begin + timedelta(seconds=(time.monotonic() - self.began) * self.speed)

    def scheduled(self) -> Scheduled:
        jobs = {
            name: JobPolicy(
                run=name, at=When.from_setting(told["at"], Path()), **{k: v for k, v in told.items() if k != "at"}
            )  # type: ignore[arg-type]
            for name, told in self.jobs.items()
        }
        return Scheduled(
            policy=SchedulePolicy(jobs=jobs, tick=timedelta(seconds=self.tick_seconds)),
            office="alborz",
            zone=ZoneInfo("Asia/Tehran"),
            calendar="jalali",
            location=self.location,
            config=Path(self.folder) / "itops.yaml",
        )


def forks() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def ticker_of(played: Played, log: TextIO) -> Ticker:
    scheduled = played.scheduled()
    return Ticker(
        scheduled=scheduled,
        log=lambda line: print(line, file=log),
        launch=launcher(scheduled.config, ("/bin/sh", "-c", played.script, "sh")),
    )


def run_daemon(played: Played) -> None:
    """As `itops schedule run` does it; the log goes beside itops.yaml."""
    with Asked() as asked, (Path(played.folder) / "log").open("a", buffering=1) as log:
        sys.stderr = log
        ticker = ticker_of(played, log)
        Daemon(ticker=ticker, load=played.scheduled, clock=played.now, notifier=Notifier(played.notify)).run(asked.wait)


def run_tick(played: Played) -> None:
    """As `itops tick` does it."""
    with Asked() as asked, (Path(played.folder) / "log").open("a", buffering=1) as log:
        sys.stderr = log
        tick_once(ticker_of(played, log), played.now, asked.wait)


def start_daemon(played: Played) -> ForkServerProcess:
    return _started(run_daemon, played)


def start_tick(played: Played) -> ForkServerProcess:
    return _started(run_tick, played)


def _started(what: Callable[[Played], None], played: Played) -> ForkServerProcess:
    process = forks().Process(target=what, args=(played,), daemon=True)
    process.start()
    return process


def rows_of(where: StoreLocation) -> list[Run]:
    """Oldest first, without those of the first sight; none while the store is still being made."""
    try:
        with open_reader(where) as reader:
            return [run for run in reversed(reader.watch.runs(limit=100_000)) if run.note != "first-sight"]
    except StoreUnavailable:
        return []


def beat_of(where: StoreLocation) -> Beat | None:
    """The last one; None while the store is still being made."""
    try:
        with open_reader(where) as reader:
            return reader.watch.beat()
    except StoreUnavailable:
        return None


def waited(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether it came true in that time."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def is_written(file: Path) -> bool:
    """Whether a shell has written a whole line into it."""
    return file.exists() and file.read_text().endswith("\n")
