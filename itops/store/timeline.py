"""The history of one source as a pure function of what was observed, in whatever order it arrived.

Events are **looks** (a complete scan of the source) and **coverings** (a complete scan of another source that found
this one's hosts while this one was no longer live). Played in the order of their moments they make spans. A new
event at the end is played onto the open spans alone; one in the middle is played again from the beginning, and what
the old looks saw is read off the old spans: a thing was seen in a look if a span of it covers that moment and is
not marked `unseen` for that scan.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, TypeAlias

from itops.inventory.entities import Kind

_KEYED_BY_UUID = frozenset({Kind.VM.value, Kind.HOST.value, Kind.DATASTORE.value})


class Thing(NamedTuple):
    """Who, within one source."""

    kind: str
    key: str


class Version(NamedTuple):
    """What it was like: the hash of its document, and the few words of it that rows carry."""

    document: bytes
    ref: str
    name_folded: str
    host: str | None  # key of the host a VM runs on


class Span(NamedTuple):
    """One row of history. `row_id` is None until the store has written it."""

    thing: Thing
    version: Version
    valid_from: datetime
    valid_to: datetime | None
    ended_by: int | None
    row_id: int | None = None

    def covers(self, moment: datetime) -> bool:
        """Half-open: a span that ends at a moment does not cover it."""
        return self.valid_from <= moment and (self.valid_to is None or moment < self.valid_to)


Missing: TypeAlias = tuple[int, Thing]
"""A scan, and something it may have missed: it spans that scan without having been seen in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A complete scan of the source itself. `seen` is None for one already in the store: read off the spans."""

    at: datetime
    scan_id: int
    hides: frozenset[str]
    seen: Mapping[Thing, Version] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Covering:
    """A complete scan of another source that judges this one."""

    at: datetime
    scan_id: int
    source: str
    hosts: frozenset[str]  # keys of the hosts it saw
    hides: frozenset[str]
    seen: frozenset[Thing]  # what it saw of the kinds it hides


Event: TypeAlias = Look | Covering


@dataclass(slots=True)
class Tally:
    """What one event did, in rows."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    ended: int = 0


@dataclass(slots=True)
class Timeline:
    """Spans as they grow. Give it the open ones to append to a history, nothing to replay a whole one."""

    open: dict[Thing, Span] = field(default_factory=dict)
    closed: list[Span] = field(default_factory=list)
    missed: set[Missing] = field(default_factory=set)
    tallies: dict[int, Tally] = field(default_factory=dict)
    _last_looks: dict[Thing, datetime] = field(default_factory=dict)

    def look(self, look: Look, seen: Mapping[Thing, Version]) -> None:
        """Begin, continue, change and end spans as one complete scan of the source found things."""
        tally = self.tallies.setdefault(look.scan_id, Tally())
        for thing, version in seen.items():
            self._meet(thing, version, look.at, tally)
            self._last_looks[thing] = look.at
        unnamed = _unnamed(seen)
        for thing in [thing for thing in self.open if thing not in seen]:
            if thing.kind in look.hides or (thing.kind, self.open[thing].version.ref) in unnamed:
                self.missed.add((look.scan_id, thing))
            else:
                self._end(thing, look.at, look.scan_id)
                tally.ended += 1

    def _meet(self, thing: Thing, version: Version, at: datetime, tally: Tally) -> None:
        known = self.open.get(thing)
        if known is not None and known.version.document == version.document:
            tally.unchanged += 1
            return
        if known is None:
            tally.new += 1
        else:
            tally.changed += 1
            self._end(thing, at, None)
        self.open[thing] = Span(thing, version, at, None, None)

    def cover(self, covering: Covering) -> None:
        """End what another source's scan superseded."""
        tally = self.tallies.setdefault(covering.scan_id, Tally())
        for thing in superseded(self.open, covering):
            self._end(thing, covering.at, covering.scan_id)
            tally.ended += 1

    def _end(self, thing: Thing, at: datetime, ended_by: int | None) -> None:
        self.closed.append(self.open.pop(thing)._replace(valid_to=at, ended_by=ended_by))

    def seen_after(self, moment: datetime) -> set[Thing]:
        """What was seen in a look later than this."""
        return {thing for thing, at in self._last_looks.items() if at > moment}

    def ended_by(self, scan_id: int) -> int:
        """How many spans a scan ended; none where its judgement was not needed."""
        return self.tallies.get(scan_id, Tally()).ended

    def spans(self) -> Iterator[Span]:
        """All spans, in no order."""
        yield from self.closed
        yield from self.open.values()


def _unnamed(seen: Mapping[Thing, Version]) -> set[tuple[str, str]]:
    """(kind, ref) of what was seen and did not tell its identity this time (`source:ref` has a colon, a UUID none).

    An orphaned VM or a mute host is such a thing. The row it had under its identity is not gone, only unseen.
    """
    return {
        (thing.kind, version.ref)
        for thing, version in seen.items()
        if ":" in thing.key and thing.kind in _KEYED_BY_UUID
    }


def superseded(known: Mapping[Thing, Span], covering: Covering) -> list[Thing]:
    """What of a source that is no longer live ends with a scan of another one.

    Its hosts that the other one saw are covered; they end with the VMs on them, which are seen there now or gone.
    When no host of it remains, all the rest ends. A kind that the other scan may have missed some of ends only where
    that very thing was seen. A source without a covered host proves nothing, so nothing of it ends.
    """
    hosts = {thing.key for thing in known if thing.kind == Kind.HOST}
    hosts |= {span.version.host for span in known.values() if span.version.host is not None}
    covered = hosts & covering.hosts
    if not covered:
        return []
    is_all_covered = covered == hosts
    return [
        thing
        for thing, span in known.items()
        if (is_all_covered or span.version.host in covered or (thing.kind == Kind.HOST and thing.key in covered))
        and (thing.kind not in covering.hides or thing in covering.seen)
    ]


def replayed(old: Sequence[Span], missed: Collection[Missing], events: Iterable[Event]) -> Timeline:
    """The history of a source from its beginning: its old spans and looks, and new events at any place among them.

    At one moment the source's own look wins over coverings: who looked at it directly needs no deduction.
    """
    ordered = sorted(events, key=_order)
    looks = {event.at for event in ordered if isinstance(event, Look)}
    sight = _Sight(old, missed)
    timeline = Timeline()
    for event in ordered:
        if isinstance(event, Look):
            timeline.look(event, sight.of(event) if event.seen is None else event.seen)
        elif event.at not in looks:
            timeline.cover(event)
    return timeline


def _order(event: Event) -> tuple[datetime, str]:
    return (event.at, event.source if isinstance(event, Covering) else "")


class _Sight:
    """What each old look saw, read off the spans in one sweep; ask in the order of time."""

    def __init__(self, old: Sequence[Span], missed: Collection[Missing]) -> None:
        self._coming = sorted(old, key=lambda span: span.valid_from, reverse=True)
        self._missed = missed
        self._active: dict[Thing, Span] = {}

    def of(self, look: Look) -> dict[Thing, Version]:
        while self._coming and self._coming[-1].valid_from <= look.at:
            span = self._coming.pop()
            self._active[span.thing] = span
        self._active = {thing: span for thing, span in self._active.items() if span.covers(look.at)}
        return {
            thing: span.version for thing, span in self._active.items() if (look.scan_id, thing) not in self._missed
        }
