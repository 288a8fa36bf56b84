"""What a tick costs when nothing is due: in the service, which looks every few seconds, and as a process of its own."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.measure import Result, best_cpu, itops, run
from itops.cli.schedule_run import scheduled
from itops.schedule.records import Run, RunState
from itops.store import open_store
from itops.tasks.schedule.ticking import Ticker
from itops.tasks.schedule.underway import Scheduled

JOBS, ROWS, TIMES = 12, 800, 30
_DAY = timedelta(days=1)


def results() -> Iterator[Result]:
    """Two years of daily jobs in the ledger; all of them are due half a day from now, and never while this runs."""
    now = datetime.now(UTC)  # noqa: TID251  the process beside it has no other clock
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "itops.yaml"
        config.write_text(_settings(now))
        config.chmod(0o600)
        office = scheduled(config)
        ticker = Ticker(scheduled=office, log=lambda line: None)
        ticker.tick(now)
        _fill(office, now)
        cpu = best_cpu(lambda: ticker.tick(now), TIMES)
        process = min(run(itops("--config", str(config), "tick")).cpu_seconds for _ in range(5))
    yield Result(
        name=f"a tick with nothing due, {JOBS} jobs with {ROWS} rows each",
        figure=f"{cpu * 1000:.0f} ms of CPU in the service (`itops tick` as a process: {process * 1000:.0f})",
        target="under 60 ms",
        is_met=cpu < 0.06,
    )


def _settings(now: datetime) -> str:
    hour = f"{now.astimezone(ZoneInfo('Asia/Tehran')) + _DAY / 2:%H}"
    jobs = {"watch": "alerts evaluate", **{f"job{number}": "backup verify" for number in range(JOBS - 1)}}
    lines = [f"    {name}: {{run: {command}, at: 'daily {hour}:00'}}" for name, command in jobs.items()]
    return "\n".join(["office: {id: bench}", "schedule:", "  jobs:", *lines]) + "\n"


def _fill(office: Scheduled, now: datetime) -> None:
    with open_store(office.location, now) as store:
        for job in office.policy.jobs:
            ended = Run(job=job, due_at=now, state=RunState.OK, started_at=now, ended_at=now)
            store.watch.claim_all(replace(ended, due_at=now - number * _DAY - _DAY) for number in range(ROWS))
