"""What speaks against an entry: first what cannot have happened at all, then what the office does not allow.

The first kind is judged anew whenever the register is read, so it depends on the rows alone. The second depends on
itops.yaml and is judged once, when the entry is written: a later plan makes nobody's past wrong.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from itops.backup.custody.labels import parse_label
from itops.backup.custody.manifests import is_beginning
from itops.backup.custody.policy import CustodyPolicy
from itops.backup.custody.records import (
    Added,
    Entry,
    Incident,
    MediumRead,
    Moved,
    Received,
    Reconciled,
    Retired,
    Sealed,
    Written,
)
from itops.backup.custody.states import MediumState, OpenIncident
from itops.facts import Fact

CLOCK_TOLERANCE = timedelta(minutes=5)
_LETTERS = str.maketrans("\u064a\u0643", "\u06cc\u06a9", "\u200c")


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """Why an entry is not taken: a stable code, and what belongs to it."""

    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


class Known(Protocol):
    """What entries are judged by."""

    @property
    def media(self) -> Mapping[str, MediumState]:
        """By id."""
        ...

    @property
    def seals(self) -> Collection[str]:
        """Every number ever used."""
        ...

    @property
    def incidents(self) -> Collection[OpenIncident]:
        """Open ones that concern no medium."""
        ...


def _no(code: str, **facts: Fact) -> Objection:
    return Objection(code=code, facts=facts)


def objection_to(known: Known, entry: Entry) -> Objection | None:
    """Why the entry cannot have happened after those before it; None when it can."""
    return next(_objections(known, entry), None)


def _objections(known: Known, entry: Entry) -> Iterator[Objection]:
    if entry.at.tzinfo is None:
        yield _no("no-zone")
        return
    if not entry.by.strip():
        yield _no("person-missing")
    if isinstance(entry, Added):
        yield from _to_added(known, entry)
    elif entry.medium:
        state = known.media.get(entry.medium)
        if state is None:
            yield _no("unknown-medium", medium=entry.medium)
        else:
            yield from _to_next(known, state, entry)
    elif isinstance(entry, Reconciled):
        yield from _to_two_persons(entry.by, entry.witness)
    elif isinstance(entry, Incident):
        yield from _to_closing(known.incidents, entry)
    else:
        yield _no("unknown-medium", medium="")


def _to_added(known: Known, entry: Added) -> Iterator[Objection]:
    if parse_label(entry.medium) != entry.medium:
        yield _no("label-wrong", medium=entry.medium)
    if entry.medium in known.media:
        yield _no("already-added", medium=entry.medium)
    for other in known.media.values():
        if other.retired is not None:
            continue
        told = (entry.serial, entry.device_serial, entry.file_system_uuid)
        known_by = (other.added.serial, other.device_serial, other.file_system_uuid)
        for mine, theirs in zip(told, known_by, strict=True):
            if mine and _same(mine, theirs):
                yield _no("disk-known", medium=other.medium, told=mine)


def _to_next(known: Known, state: MediumState, entry: Entry) -> Iterator[Objection]:
    if state.retired is not None:
        yield _no("is-retired", medium=state.medium)
    if entry.at < state.last_at:
        yield _no("out-of-order", last_at=state.last_at.isoformat())
    rule = _RULES.get(type(entry))
    if rule is not None:
        yield from rule(known, state, entry)


def _to_written(known: Known, state: MediumState, entry: Written) -> Iterator[Objection]:
    yield from _to_carried(state)
    yield from _to_opening(state, entry.opened_seal)
    yield from disk_differs(state, entry.device_serial, entry.file_system_uuid, is_reformatted=entry.is_reformatted)
    for other in known.media.values():
        is_another = other.medium != state.medium and other.retired is None
        if is_another and entry.file_system_uuid and _same(entry.file_system_uuid, other.file_system_uuid):
            yield _no("disk-known", medium=other.medium, told=entry.file_system_uuid)


def _to_sealed(known: Known, state: MediumState, entry: Sealed) -> Iterator[Objection]:
    yield from _to_carried(state)
    if state.written is None:
        yield _no("not-written", medium=state.medium)
    if state.seal:
        yield _no("is-sealed", seal=state.seal)
    if not entry.seal.strip():
        yield _no("seal-missing")
    if entry.seal in known.seals:
        yield _no("seal-reused", seal=entry.seal)


def _to_moved(known: Known, state: MediumState, entry: Moved) -> Iterator[Objection]:
    yield from _to_carried(state)
    if entry.origin != state.place:
        yield _no("other-place", place=state.place)
    if entry.destination == state.place:
        yield _no("same-place", place=state.place)
    if entry.seal != state.seal:
        yield _no("seal-differs", seal=state.seal, told=entry.seal)
    yield from _to_two_persons(entry.by, entry.to)


def _to_received(known: Known, state: MediumState, entry: Received) -> Iterator[Objection]:
    if state.transit is None:
        yield _no("not-in-transit", place=state.place)
    yield from _to_two_persons(entry.by, entry.to)
    if state.seal and entry.is_seal_intact is None:
        yield _no("seal-unsaid", seal=state.seal)
    if not state.seal and entry.is_seal_intact is not None:
        yield _no("not-sealed")
    if entry.is_seal_intact and entry.seal != state.seal:
        yield _no("seal-differs", seal=state.seal, told=entry.seal)
    on_it = state.written.manifest_hash if state.written is not None else ""
    if entry.receipt_hash and not is_beginning(entry.receipt_hash, on_it):
        yield _no("receipt-differs", manifest_hash=on_it[:16], told=entry.receipt_hash)
    yield from disk_differs(state, entry.device_serial, entry.file_system_uuid)


def _to_read(known: Known, state: MediumState, entry: MediumRead) -> Iterator[Objection]:
    yield from _to_carried(state)
    if state.written is None:
        yield _no("not-written", medium=state.medium)
    yield from _to_opening(state, entry.opened_seal)
    yield from disk_differs(state, entry.device_serial, entry.file_system_uuid)


def _to_retired(known: Known, state: MediumState, entry: Retired) -> Iterator[Objection]:
    if entry.method == "lost":
        return
    yield from _to_carried(state)
    yield from _to_two_persons(entry.by, entry.witness)


def _to_incident(known: Known, state: MediumState, entry: Incident) -> Iterator[Objection]:
    yield from _to_closing(state.incidents, entry)


def _to_carried(state: MediumState) -> Iterator[Objection]:
    if state.transit is not None:
        yield _no("in-transit", place=state.transit.destination)


def _to_opening(state: MediumState, opened: str) -> Iterator[Objection]:
    """Whoever opens a seal says which: another number is another seal."""
    if state.seal and not opened:
        yield _no("is-sealed", seal=state.seal)
    elif opened and not state.seal:
        yield _no("not-sealed")
    elif opened != state.seal:
        yield _no("seal-differs", seal=state.seal, told=opened)


def _to_closing(open_ones: Collection[OpenIncident], entry: Incident) -> Iterator[Objection]:
    if entry.closes is not None and all(held.number != entry.closes for held in open_ones):
        yield _no("nothing-to-close", number=entry.closes)


def _to_two_persons(one: str, other: str) -> Iterator[Objection]:
    if not other.strip():
        yield _no("person-missing")
    elif _folded(one) == _folded(other):
        yield _no("one-person", person=one)


def disk_differs(
    state: MediumState, device_serial: str, file_system_uuid: str, *, is_reformatted: bool = False
) -> Iterator[Objection]:
    """What the machine tells of the disk, beside what the register has; what either does not know says nothing."""
    if device_serial and state.device_serial and not _same(device_serial, state.device_serial):
        yield _no("wrong-disk", medium=state.medium, recorded=state.device_serial, told=device_serial)
    recorded = state.file_system_uuid
    if file_system_uuid and recorded and not is_reformatted and not _same(file_system_uuid, recorded):
        yield _no("wrong-disk", medium=state.medium, recorded=recorded, told=file_system_uuid)


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _folded(person: str) -> str:
    """A name without the differences that keyboards make."""
    return " ".join(person.translate(_LETTERS).split()).casefold()


_RULES: Mapping[type[Entry], Callable[[Known, MediumState, Any], Iterator[Objection]]] = {
    Written: _to_written,
    Sealed: _to_sealed,
    Moved: _to_moved,
    Received: _to_received,
    MediumRead: _to_read,
    Retired: _to_retired,
    Incident: _to_incident,
}


def refusal_of(known: Known, entry: Entry, policy: CustodyPolicy, now: datetime) -> Objection | None:
    """Why the office does not take the entry now, though it could have happened; None when it does."""
    return next(_refusals(known, entry, policy, now), None)


def _refusals(known: Known, entry: Entry, policy: CustodyPolicy, now: datetime) -> Iterator[Objection]:
    if entry.at > now + CLOCK_TOLERANCE:
        yield _no("future", at=entry.at.isoformat())
    for place in _places(entry):
        if place not in policy.places:
            yield _no("place-unknown", place=place, places=", ".join(policy.places))
    state = known.media.get(entry.medium)
    if state is None:
        return
    if isinstance(entry, Written | Sealed) and policy.is_vault(state.place):
        yield _no("in-vault", place=state.place)
    if isinstance(entry, Moved) and policy.is_vault(entry.destination):
        if policy.needs_seal and not state.seal:
            yield _no("unsealed", place=entry.destination)
        if policy.needs_encryption and not state.added.encryption:
            yield _no("unencrypted", medium=state.medium)


def _places(entry: Entry) -> tuple[str, ...]:
    if isinstance(entry, Moved):
        return (entry.destination,)
    return (entry.place,) if isinstance(entry, Added | Received | Reconciled) else ()
