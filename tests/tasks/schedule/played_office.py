"""An office whose clock the tests turn: a real ticker over a real SQLite store; its children are a simulation."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from itops.schedule.due import OfficeCalendar
from itops.schedule.policy import JobPolicy, SchedulePolicy, When
from itops.schedule.records import Run
from itops.store import StoreLocation, open_reader
from itops.tasks.schedule.children import Child, Launch
from itops.tasks.schedule.ticking import Ticker
from itops.tasks.schedule.underway import Scheduled, Ticked

TEHRAN, BERLIN = ZoneInfo("Asia/Tehran"), ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)  # 12:00 in Tehran, 1 Azar 1405
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TICK = timedelta(seconds=20)


def job(at: str, **more: object) -> JobPolicy:
    told = {"run": "backup verify", **more}
    return JobPolicy(at=When.from_setting(at, Path()), **told)  # type: ignore[arg-type]


@dataclass
class PlayedChild:
    """Ends at once with `code`; None: never, until it is told to."""

    pid: int
    code: int | None
    said: str = ""
    age: timedelta = timedelta()
    heard: list[str] = field(default_factory=list)

    def exit_code(self) -> int | None:
        return self.code

    def output(self) -> str:
        return self.said

    def is_gone(self) -> bool:
        return self.code is not None

    def ask_to_end(self) -> None:
        self.heard.append("TERM")
        self.code = -15

    def kill(self) -> None:
        self.heard.append("KILL")
        self.code = -9


class PlayedOffice:
    """Give jobs by name; `code` and `said` are how the next children end."""

    def __init__(
        self,
        folder: Path,
        *,
        zone: ZoneInfo = TEHRAN,
        calendar: OfficeCalendar = "jalali",
        now: datetime = NOON,
        parallel: int = 2,
        **jobs: JobPolicy,
    ) -> None:
        self.now = now
        self.code: int | None = 0
        self.said = ""
        self.refusal: OSError | None = None
        self.commands: list[tuple[str, ...]] = []
        self.markers: Counter[str] = Counter()
        self.children: list[PlayedChild] = []
        self.orphans: tuple[int, ...] = ()
        self.ended_orphans: list[tuple[str, ...]] = []
        self.log: list[str] = []
        self.scheduled = Scheduled(
            policy=SchedulePolicy(jobs=jobs, parallel=parallel),
            office="alborz",
            zone=zone,
            calendar=calendar,
            location=StoreLocation(folder=folder),
            config=Path("itops.yaml"),
        )
        self.ticker = self.new_ticker()

    def new_ticker(self, launch: Launch | None = None) -> Ticker:
        """As another process would have it: it remembers nothing."""
        return Ticker(
            scheduled=self.scheduled,
            log=self.log.append,
            launch=launch or self._launch,
            end_orphans=self._end_orphans,
            host="srv1",
        )

    def die(self) -> None:
        """The process is gone: its locks with it."""
        for one in self.ticker._ours.values():
            one.lock.release()
        self.ticker = self.new_ticker()

    def with_jobs(self, **jobs: JobPolicy) -> None:
        self.scheduled = replace(self.scheduled, policy=replace(self.scheduled.policy, jobs=jobs))
        self.ticker.scheduled = self.scheduled

    def tick(self, later: timedelta = timedelta()) -> Ticked:
        self.now += later
        return self.ticker.tick(self.now)

    def play(self, span: timedelta) -> None:
        """Tick wherever something is to be done, and once more to see how it ended."""
        until = self.now + span
        ticked = self.tick()
        while True:
            following = self.now + TICK
            if not self.ticker.busy and not ticked.started and ticked.next_at is not None:
                following = max(following, ticked.next_at)
            if following >= until:
                self.now = until
                return
            ticked = self.tick(following - self.now)

    def rows(self, job: str | None = None) -> list[Run]:
        """Oldest first, without the row of the first sight."""
        with open_reader(self.scheduled.location) as reader:
            found = reader.watch.runs(job)
        return [run for run in reversed(found) if run.note != "first-sight"]

    def _launch(self, words: Sequence[str], marker: str) -> Child:
        if self.refusal is not None:
            raise self.refusal
        self.commands.append(tuple(words))
        self.markers[marker] += 1
        child = PlayedChild(pid=1000 + len(self.children), code=self.code, said=self.said)
        self.children.append(child)
        return child

    def _end_orphans(self, markers: Collection[str], grace_seconds: float) -> tuple[int, ...]:
        self.ended_orphans.append(tuple(markers))
        return self.orphans
