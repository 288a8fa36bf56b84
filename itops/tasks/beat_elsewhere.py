"""Tell others that the office's itops lives: headquarters by a signed heartbeat, switches elsewhere by a ping.

Nothing is remembered and nothing queued: what could not be sent is replaced by the next one. A way that fails stops no
other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from itops.alerts.checking import check_results, joined
from itops.bundles.heartbeat import Heartbeat
from itops.bundles.outbox import State as OutboxState
from itops.bundles.pings import Ping, Pulse
from itops.bundles.targets import HeartbeatFile, Target
from itops.delivery.sealing import carries_no_heartbeats
from itops.errors import ItopsError
from itops.schedule.records import OVER, RunState
from itops.text import plain
from itops.verdict import State

if TYPE_CHECKING:
    from itops.store.reader import Reader

Kind = Literal["headquarters", "ping"]
_DAY = timedelta(hours=24)
_MOST_RUNS = 100_000  # of a day: more than one each second


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of one way."""

    kind: Kind
    name: str  # in itops.yaml
    is_told: bool
    word: str = ""  # what was told: "heartbeat"; "alive", "fail", "log" by a ping
    problem: str = ""
    remedy: str = ""


def heartbeat_of(reader: "Reader | None", office: str, tool_version: str, now: datetime) -> Heartbeat:
    """The office as its store has it now; None: nothing was ever stored. Raises what the store raises."""
    if reader is None:
        return Heartbeat(office=office, made_at=now, tool_version=tool_version)
    watch = reader.watch
    beat, evaluations = watch.beat(), watch.evaluations()
    counts = joined(check_results(evaluations, now), now).counts
    runs = [run.state for run in watch.runs(since=now - _DAY, limit=_MOST_RUNS) if run.state.value in OVER]
    ok_runs = runs.count(RunState.OK)
    delivered = (row.period for row in reader.outbox.rows() if row.state is OutboxState.DELIVERED)
    return Heartbeat(
        office=office,
        made_at=now,
        tool_version=tool_version,
        report=max(delivered, default=None),
        beat_at=None if beat is None else beat.at,
        evaluated_at=max((one.judged_at for one in evaluations), default=None),
        pulse=Pulse(
            ok=counts.ok,
            warning=counts.warning,
            critical=counts.critical,
            unknown=counts.unknown,
            stale=counts.stale,
            runs_ok=ok_runs,
            runs_failed=len(runs) - ok_runs,
        ),
    )


def beat_elsewhere(
    heartbeat: HeartbeatFile | None, pulse: Pulse, ways: Sequence[Target], pings: Sequence[Ping]
) -> tuple[Told, ...]:
    """Send the heartbeat, if there is one, by the first way that takes it, and ping every switch."""
    told = [] if heartbeat is None else list(_headquarters(heartbeat, ways))
    return (*told, *(_pinged(ping, pulse) for ping in pings))


def verdict_of(told: Sequence[Told]) -> State:
    """OK when headquarters and every switch were told, CRITICAL when nobody was, else WARNING.

    Headquarters counts once: a way that was closed is no harm where another was open.
    """
    reached = [one.is_told for one in told if one.kind == "ping"]
    if any(one.kind == "headquarters" for one in told):
        reached.append(any(one.is_told for one in told if one.kind == "headquarters"))
    if all(reached):
        return State.OK
    return State.WARNING if any(reached) else State.CRITICAL


def _headquarters(heartbeat: HeartbeatFile, ways: Sequence[Target]) -> Iterator[Told]:
    for way in ways:
        try:
            beat = getattr(way, "beat", None)  # a plugin of others may be older than heartbeats
            if beat is None:
                raise carries_no_heartbeats(way.name)
            beat(heartbeat)
        except ItopsError as failure:
            yield _failed("headquarters", way.name, failure)
        else:
            yield Told(kind="headquarters", name=way.name, is_told=True, word="heartbeat")
            return


def _pinged(ping: Ping, pulse: Pulse) -> Told:
    try:
        return Told(kind="ping", name=ping.name, is_told=True, word=ping.ping(pulse))
    except ItopsError as failure:
        return _failed("ping", ping.name, failure)


def _failed(kind: Kind, name: str, failure: ItopsError) -> Told:
    return Told(kind=kind, name=name, is_told=False, problem=plain(failure.problem), remedy=plain(failure.remedy))
