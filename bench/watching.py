"""The watch: what a check costs that is called every minute, a round of 10,000 incidents, the page for a person."""

import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.measure import Result, best_cpu, itops, run
from itops.alerts.engine import play
from itops.alerts.policy import AlertPolicy
from itops.alerts.records import Evaluation, Incident, Key
from itops.inventory.entities import Entity, EntityKey, Kind, Observation
from itops.schedule.records import Beat
from itops.store import StoreLocation, open_store
from itops.verdict import State

VMS, JOBS, OTHERS, INCIDENTS = 5000, 200, 300, 10_000
BAD = 5  # of the jobs: so that sentences are made, too
TIMES = 15
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
_CHECKS = ("inventory", "delivery", "schedule", "custody")


def results() -> Iterator[Result]:
    """All of them. What a tick costs is measured in bench/ticking.py."""
    with tempfile.TemporaryDirectory() as folder:
        config = _office(Path(folder))
        # As in a real installation: each module is compiled once, not at every start.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "compiled")
        nothing = _best([sys.executable, "-c", "pass"])
        check = _best(itops("--config", config, "check"))
        status = _best(itops("--config", config, "status"))
    stored = f"{VMS:,} VMs, {JOBS} jobs and {OTHERS} other evaluations in the store"
    yield Result(
        name=f"itops check, {stored}",
        figure=f"{check * 1000:.0f} ms of CPU, of which Python's own start is {nothing * 1000:.0f} ms",
        target="under 100 ms",
        is_met=check < 0.1,
    )
    yield Result(
        name=f"itops status, {stored}",
        figure=f"{status * 1000:.0f} ms of CPU",
        target="under 500 ms",
        is_met=status < 0.5,
    )
    yield from round_results()


def round_results() -> Iterator[Result]:
    """Half of all are bad, and a third of those become better: every step of the machine is taken."""
    before = _played([_evaluation(number, number % 2 == 0, NOW) for number in range(INCIDENTS)], {}, NOW)
    later = NOW + timedelta(minutes=5)
    evaluations = [_evaluation(number, number % 6 in (0, 2, 3), later) for number in range(INCIDENTS)]
    seconds = best_cpu(lambda: _played(evaluations, before, later), 3)
    yield Result(
        name=f"a round of {INCIDENTS:,} evaluations and {len(before):,} incidents",
        figure=f"{seconds:.2f} s of CPU",
        target="under 1 s",
        is_met=seconds < 1,
    )


def _best(command: list[str]) -> float:
    run(command, may_fail=True)
    return min(run(command, may_fail=True).cpu_seconds for _ in range(TIMES))


def _played(evaluations: list[Evaluation], incidents: dict[Key, Incident], now: datetime) -> dict[Key, Incident]:
    outcome = play(evaluations, incidents, policy=AlertPolicy(), zone=ZoneInfo("Asia/Tehran"), now=now)
    return {one.key: one for one in outcome.changed}


def _evaluation(number: int, is_bad: bool, at: datetime) -> Evaluation:  # noqa: FBT001  a bench
    return Evaluation(
        key=Key("backup", f"job{number:05} sql{number:05}/Payroll"),
        state=State.CRITICAL if is_bad else State.OK,
        code="too-old" if is_bad else "fresh",
        table="backup",
        judged_at=at,
        valid_until=at + timedelta(hours=6),
        facts={"age_hours": 76, "limit_hours": 36},
        since=at - timedelta(hours=9) if is_bad else None,
        owner="dept5",
        last_good_at=at - timedelta(hours=12),
    )


def _office(folder: Path) -> str:
    """A store as scans and a round leave it, and a plan of as many jobs."""
    now = datetime.now(UTC)  # noqa: TID251  the program that is measured has the clock of this machine, too
    config = folder / "itops.yaml"
    config.write_text(_YAML + "".join(_JOB.format(number=number) for number in range(JOBS)), encoding="utf-8")
    jobs = [_evaluation(number, number < BAD, now) for number in range(JOBS)]
    others = [_other(number, now) for number in range(OTHERS)]
    with open_store(StoreLocation(folder=folder / "state"), now) as store:
        writer = store.begin_scan(Observation(source="vc01", observed_at=now, seen=iter(())), now)
        for number in range(VMS):
            writer.add(_vm(number, now))
        writer.finish(now, {"vc01"})
        store.watch.record_evaluations([*jobs, *others], {"backup", *_CHECKS})
        store.watch.write_beat(Beat(at=now + timedelta(minutes=4), pid=1, host="ops01", version="0"))
    return str(config)


def _other(number: int, now: datetime) -> Evaluation:
    key = Key(_CHECKS[number % len(_CHECKS)], f"thing{number}")
    return Evaluation(key=key, state=State.OK, code="fresh", table="backup", judged_at=now, last_good_at=now)


def _vm(number: int, now: datetime) -> Entity:
    return Entity(
        kind=Kind.VM,
        key=EntityKey(f"uuid-{number:05}"),
        ref=f"vm-{number}",
        source="vc01",
        seen_at=now,
        properties={"name": f"vm{number:05}", "power_state": "poweredOn", "memory_bytes": 8 << 30, "cpu_count": 4},
    )


_YAML = """\
office: {id: bench, timezone: Asia/Tehran, calendar: jalali}
backup:
  repositories:
    nas: {type: folder, path: copies}
  jobs:
"""
_JOB = """\
    job{number:05}:
      protects: sql{number:05}/Payroll
      repository: nas
      files: "Payroll{number}_{{year}}{{month}}{{day}}.bak"
      level: L3
      since: 1405-08-28
      daily: {{due: "06:00", keep: 3}}
"""
