from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from itops.alerts.records import Evaluation, Key
from itops.bundles import outbox
from itops.bundles.heartbeat import write_heartbeat
from itops.bundles.outbox import OutboxRow
from itops.bundles.outbox import State as OutboxState
from itops.bundles.pings import Pulse
from itops.bundles.targets import BundleOnDisk, HeartbeatFile, Progress, Put
from itops.errors import ConfigInvalid, DeliveryRefused, ItopsError, SourceUnavailable
from itops.schedule.records import Beat, Run, RunState
from itops.store import StoreLocation, open_reader, open_store
from itops.store.watch_writer import RoundFacts, RoundRows
from itops.tasks.beat_elsewhere import Told, beat_elsewhere, heartbeat_of, verdict_of
from itops.verdict import State
from tests.bundles.beating import PULSE, beat
from tests.bundles.made import NOW, OFFICE_KEY, later


class Way:
    """A way to headquarters that takes all, or fails as it is told."""

    def __init__(self, name: str, failure: ItopsError | None = None) -> None:
        self.name = name
        self.failure = failure
        self.got: list[HeartbeatFile] = []

    def put(self, bundle: BundleOnDisk, progress: Progress) -> Put:
        raise NotImplementedError

    def receipts(self, sha256s: Collection[str]) -> Iterable[bytes]:
        return ()

    def beat(self, heartbeat: HeartbeatFile) -> None:
        if self.failure is not None:
            raise self.failure
        self.got.append(heartbeat)


class OldWay:
    """A plugin of others that never heard of heartbeats."""

    name = "pigeon"

    def put(self, bundle: BundleOnDisk, progress: Progress) -> Put:
        raise NotImplementedError

    def receipts(self, sha256s: Collection[str]) -> Iterable[bytes]:
        return ()


class Switch:
    def __init__(self, name: str, failure: ItopsError | None = None) -> None:
        self.name = name
        self.failure = failure
        self.got: list[Pulse] = []

    def ping(self, pulse: Pulse) -> str:
        if self.failure is not None:
            raise self.failure
        self.got.append(pulse)
        return "alive"


CLOSED = SourceUnavailable("no line", remedy="plug it in")


def told(ways: Sequence[Any], pings: Sequence[Any] = ()) -> tuple[Told, ...]:
    return beat_elsewhere(beat() if ways else None, PULSE, ways, pings)


def test_the_first_way_that_takes_it_is_enough_and_the_next_ones_are_left_alone() -> None:
    first, second, third = Way("a", CLOSED), Way("b"), Way("c")
    results = told([first, second, third])
    assert [(one.name, one.is_told) for one in results] == [("a", False), ("b", True)]
    assert (second.got, third.got) == ([beat()], [])
    assert verdict_of(results) is State.OK


@pytest.mark.parametrize(
    "failure",
    [CLOSED, ConfigInvalid("no secret", remedy="write it"), DeliveryRefused("not ours", remedy="ask headquarters")],
)
def test_one_way_that_fails_stops_no_other(failure: ItopsError) -> None:
    way, switch = Way("b"), Switch("two")
    results = told([Way("a", failure), way], [Switch("one", failure), switch])
    assert (way.got, switch.got) == ([beat()], [PULSE])
    assert [(one.kind, one.name, one.is_told, one.word) for one in results] == [
        ("headquarters", "a", False, ""),
        ("headquarters", "b", True, "heartbeat"),
        ("ping", "one", False, ""),
        ("ping", "two", True, "alive"),
    ]
    assert (results[0].problem, results[0].remedy) == (failure.problem, failure.remedy)


def test_a_way_of_others_without_heartbeats_is_said_and_passed_over() -> None:
    results = told([OldWay(), Way("b")])
    assert [one.is_told for one in results] == [False, True]
    assert results[0].problem == "pigeon cannot carry heartbeats"
    assert results[0].remedy


@pytest.mark.parametrize(
    ("ways", "pings", "state"),
    [
        ([Way("a")], [], State.OK),
        ([Way("a")], [Switch("s")], State.OK),
        ([Way("a", CLOSED)], [Switch("s")], State.WARNING),
        ([Way("a")], [Switch("s", CLOSED)], State.WARNING),
        ([], [Switch("s"), Switch("t", CLOSED)], State.WARNING),
        ([Way("a", CLOSED), Way("b", CLOSED)], [], State.CRITICAL),
        ([Way("a", CLOSED)], [Switch("s", CLOSED)], State.CRITICAL),
        ([], [Switch("s", CLOSED)], State.CRITICAL),
    ],
)
def test_the_verdict_is_whether_all_some_or_nobody_heard(
    ways: Sequence[Way], pings: Sequence[Switch], state: State
) -> None:
    assert verdict_of(told(ways, pings)) is state


def test_before_anything_was_stored_the_heartbeat_says_that_itops_lives_and_knows_nothing() -> None:
    made = heartbeat_of(None, "alborz", "1.2.0", NOW)
    assert (made.made_at, made.beat_at, made.evaluated_at, made.report, made.pulse) == (NOW, None, None, None, Pulse())


NASTY = ("insurance-db", "SQL01", "10.20.30.41", "SN-7781-QX", "/vol1/dump", "خانم نمونه", "seal-0099", "node-host-7")
"""What stands in the store, and may not stand in a heartbeat."""


def evaluation(number: int, state: State, hours: float = 1, **more: Any) -> Evaluation:
    return Evaluation(
        key=Key("backup", f"insurance-db SQL01 10.20.30.41 /vol1/dump {number}"),
        state=state,
        code="missing",
        table="slot",
        judged_at=NOW - timedelta(hours=hours),
        facts={"serial": "SN-7781-QX", "seal": "seal-0099"},
        owner="خانم نمونه",
        **more,
    )


def run(number: int, state: RunState, hours: float = 1) -> Run:
    return Run(
        job="insurance-db",
        due_at=NOW - timedelta(hours=hours, minutes=number),
        state=state,
        host="node-host-7",
        output="cannot open /vol1/dump on 10.20.30.41",
    )


EVALUATIONS = (
    *(evaluation(number, State.OK) for number in range(5)),
    *(evaluation(number, State.WARNING) for number in range(5, 7)),
    evaluation(7, State.CRITICAL, since=NOW),
    evaluation(8, State.OK, hours=27),  # stale since an hour ago: WARNING
    evaluation(9, State.OK, hours=50),  # nobody knows
)
RUNS = (
    run(1, RunState.OK),
    run(2, RunState.OK),
    run(3, RunState.FAILED),
    run(4, RunState.TIMEOUT),
    run(5, RunState.ABANDONED),
    run(6, RunState.SKIPPED),
    run(7, RunState.RUNNING),
    run(8, RunState.WAITING),
    run(9, RunState.OK, hours=25),
)


def row(number: int, period: str, state: OutboxState) -> OutboxRow:
    return OutboxRow(
        sha256=f"{number:064x}",
        name=f"itops_alborz_{period}_0001_{number:012x}",
        office="alborz",
        period=period,
        sequence=1,
        size_bytes=1,
        previous=f"{number - 1:064x}" if number else None,
        queued_at=NOW,
        state=state,
        problem="SQL01 is lost",
    )


@pytest.fixture
def location(tmp_path: Path) -> StoreLocation:
    made = StoreLocation(folder=tmp_path / "state")
    states = (("1405-06", OutboxState.DELIVERED), ("1405-07", OutboxState.DELIVERED), ("1405-08", OutboxState.SENT))
    with open_store(made, NOW) as store:
        store.watch.write_beat(Beat(at=later(minutes=-1), pid=7, host="node-host-7", version="1"))
        store.watch.claim_all(RUNS)
        store.watch.play_round(EVALUATIONS, ("backup",), _nothing_to_tell)
        for number, (period, state) in enumerate(states):
            store.outbox.enqueue(row(number, period, OutboxState.QUEUED))
            store.outbox.change(f"{number:064x}", lambda held, state=state: _moved(held, state))
    return made


def _moved(held: OutboxRow, state: OutboxState) -> OutboxRow:
    return replace(outbox.begun(held, "share"), state=state)


def _nothing_to_tell(facts: RoundFacts) -> RoundRows:
    return RoundRows()


def test_the_store_is_told_in_counts_and_what_is_stale_is_never_ok(location: StoreLocation) -> None:
    with open_reader(location) as reader:
        made = heartbeat_of(reader, "alborz", "1.2.0", NOW)
    assert made.pulse == Pulse(ok=5, warning=3, critical=1, unknown=1, stale=2, runs_ok=2, runs_failed=3)
    assert (made.report, made.beat_at, made.evaluated_at) == ("1405-07", later(minutes=-1), later(hours=-1))


def test_nothing_in_the_heartbeat_nor_in_a_ping_names_anything(location: StoreLocation) -> None:
    with open_reader(location) as reader:
        made = heartbeat_of(reader, "alborz", "1.2.0", NOW)
    said = write_heartbeat(made, OFFICE_KEY).content.decode().partition("\n")[0] + made.pulse.line
    assert [name for name in NASTY if name.lower() in said.lower()] == []
    assert "alborz" in said
    assert "alborz" not in made.pulse.line
