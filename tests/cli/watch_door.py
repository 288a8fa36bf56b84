"""An office that was judged: a real store, filled as a round fills it, and itops as a program of its own beside it."""

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from itops.alerts.records import Evaluation, Key
from itops.schedule.records import Beat
from itops.store import StoreLocation, open_store
from itops.verdict import State

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
YAML = "office: {id: alborz, calendar: jalali, timezone: Asia/Tehran}\n"


def judged(check: str, name: str, state: State = State.OK, **more: object) -> Evaluation:
    now = datetime.now(UTC)  # noqa: TID251  the program that reads it has the clock of this machine, too
    told = {
        "code": "fresh" if state is State.OK else "no-good-copy",
        "table": "backup",
        "judged_at": now - MINUTE,
        "last_good_at": now - 9 * HOUR,
        **more,
    }
    return Evaluation(key=Key(check, name), state=state, **told)  # type: ignore[arg-type]


def ago(age: timedelta) -> datetime:
    """A moment before now."""
    return datetime.now(UTC) - age  # noqa: TID251  as above


WELL = (("backup", "nightly sql01/Insurance"), ("backup", "mail fs01/mail"), ("inventory", "vc01"), ("custody", ""))


@dataclass(frozen=True, slots=True)
class WatchDoor:
    """The office in one folder."""

    folder: Path
    text: str = YAML

    def __post_init__(self) -> None:
        self.path.write_text(self.text, encoding="utf-8")

    @property
    def path(self) -> Path:
        return self.folder / "itops.yaml"

    @property
    def location(self) -> StoreLocation:
        return StoreLocation(folder=self.folder / "state")

    def keep(self, evaluations: Iterable[Evaluation], beat_age: timedelta | None = MINUTE) -> None:
        """As a round keeps them."""
        now = datetime.now(UTC)  # noqa: TID251  as above
        kept = list({one.key: one for one in evaluations}.values())
        with open_store(self.location, now) as store:
            store.watch.record_evaluations(kept, {one.key.check for one in kept})
            if beat_age is not None:
                store.watch.write_beat(Beat(at=now - beat_age, pid=1, host="ops01", version="0"))

    def well(self, *more: Evaluation, beat_age: timedelta | None = MINUTE) -> None:
        """Everything is in order, but for what is named."""
        self.keep([*(judged(*one) for one in WELL), *more], beat_age)

    def run(self, *words: str, **more: object) -> "subprocess.CompletedProcess[str]":
        """A process of its own, as a monitoring system starts it."""
        return run("--config", str(self.path), *words, **more)


def run(*words: str, **more: object) -> "subprocess.CompletedProcess[str]":
    """itops with these words; what it printed is UTF-8, whatever the locale."""
    told = {"env": {**os.environ, "LC_ALL": "C"}, "timeout": 60, "encoding": "utf-8", **more}
    if "stdout" not in told:
        told |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.run([sys.executable, "-m", "itops", *words], check=False, **told)  # type: ignore[call-overload, no-any-return]
