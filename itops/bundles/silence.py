"""Which offices are silent: heartbeats as they arrived x keys x now -> one line for each office. Pure.

An office that is known by its key and sent nothing is as bad as one that fell silent. A heartbeat that is not proven
tells nothing: UNKNOWN, never OK. Of several good ones of one office the newest counts; those that are not proven are
told of one by one, for somebody put them there.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from itops.bundles.heartbeat import HEARTBEAT_NAMESPACE, Heartbeat, check_heartbeat
from itops.bundles.keys import AllowedKey
from itops.bundles.objections import Objection
from itops.verdict import State, severity

SILENT_AFTER = timedelta(hours=26)
"""A day, and what a machine that was off for an hour may need besides."""
STILL_AFTER = timedelta(hours=2)
"""A heartbeat whose scheduler did not beat for so long before it was made by somebody else: cron, a person."""

CODES = {
    "heartbeat.heard": State.OK,
    "heartbeat.scheduler-still": State.WARNING,
    "heartbeat.silent": State.CRITICAL,
    "heartbeat.never": State.CRITICAL,
}
"""What is told of offices; whatever speaks against a heartbeat is UNKNOWN, under its own code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A file that claims to be a heartbeat."""

    place: str  # where it lies, for people
    office: str  # as its name says
    content: bytes | None  # None: it could not be read
    problem: str = ""  # why


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeHeard:
    """What is known of one office."""

    office: str
    code: str
    place: str = ""
    heartbeat: Heartbeat | None = None  # where objections stand beside it: what it claims
    age: timedelta | None = None
    objections: tuple[Objection, ...] = ()

    @property
    def state(self) -> State:
        """How bad that is."""
        return CODES.get(self.code, State.UNKNOWN)


def judge_offices(
    arrived: Iterable[Arrived], keys: Sequence[AllowedKey], now: datetime, silent_after: timedelta = SILENT_AFTER
) -> tuple[OfficeHeard, ...]:
    """Every office whose key may sign heartbeats now, and every file that nobody vouches for; the worst first."""
    judged = [_judge(one, keys, now, silent_after) for one in arrived]
    newest: dict[str, OfficeHeard] = {}
    for one in judged:
        if not one.objections and (one.office not in newest or _made_at(one) > _made_at(newest[one.office])):
            newest[one.office] = one
    doubted = [one for one in judged if one.objections]
    seen = newest.keys() | {one.office for one in doubted}
    never = (OfficeHeard(office=office, code="heartbeat.never") for office in _offices(keys, now) if office not in seen)
    return tuple(sorted((*newest.values(), *doubted, *never), key=_rank))


def _judge(arrived: Arrived, keys: Sequence[AllowedKey], now: datetime, silent_after: timedelta) -> OfficeHeard:
    if arrived.content is None:
        unread = Objection("heartbeat.unreadable", {"problem": arrived.problem})
        return OfficeHeard(office=arrived.office, code=unread.code, place=arrived.place, objections=(unread,))
    heartbeat, objections = check_heartbeat(arrived.content, keys, now, office=arrived.office)
    return OfficeHeard(
        office=arrived.office,
        code=objections[0].code if objections or heartbeat is None else _code(heartbeat, now, silent_after),
        place=arrived.place,
        heartbeat=heartbeat,
        age=None if heartbeat is None else now - heartbeat.made_at,
        objections=objections,
    )


def _code(heartbeat: Heartbeat, now: datetime, silent_after: timedelta) -> str:
    if now - heartbeat.made_at >= silent_after:
        return "heartbeat.silent"
    if heartbeat.beat_at is not None and heartbeat.made_at - heartbeat.beat_at >= STILL_AFTER:
        return "heartbeat.scheduler-still"
    return "heartbeat.heard"


def _offices(keys: Sequence[AllowedKey], now: datetime) -> Iterator[str]:
    """Those of whom something is to be heard: a key that counts no more belongs to an office that was closed."""
    counting = (key for key in keys if key.counts_in(HEARTBEAT_NAMESPACE))
    yield from dict.fromkeys(
        key.signer
        for key in counting
        if (key.valid_from is None or key.valid_from <= now) and (key.valid_to is None or now < key.valid_to)
    )


def _made_at(one: OfficeHeard) -> datetime:
    assert one.heartbeat is not None, "a heartbeat that nothing speaks against was read"
    return one.heartbeat.made_at


def _rank(one: OfficeHeard) -> tuple[int, str, str]:
    return -severity(one.state), one.office, one.place
