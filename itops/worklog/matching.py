"""Observed changes beside the log: which entry explains which change, and what nobody explained.

A link that somebody made comes first. Of the rest an entry explains a change when it names the thing, is of a fitting
kind and lies no further before the change was first observed than `match_within` (an order: `order_within`). Where a
whole thing came or went, one subject of one entry explains one change, the nearest in time: two servers that were
called `test` one after the other need two entries. More entries never explain less.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from itops.inventory.changes import Change
from itops.inventory.facts import Action
from itops.text import comparable
from itops.worklog.entries import ChangeRef, Order, WorkKind, ref_of
from itops.worklog.log import Standing, WorkLog
from itops.worklog.policy import ChangePolicy

_ALL = frozenset(Action)
FITS: Mapping[WorkKind, frozenset[Action]] = {
    WorkKind.CREATED: frozenset({Action.ADDED, Action.DISCOVERED}),
    WorkKind.REMOVED: frozenset({Action.REMOVED}),
    WorkKind.UPGRADED: frozenset({Action.UPGRADED}),
    WorkKind.PATCHED: frozenset({Action.UPGRADED}),
    WorkKind.RECONFIGURED: frozenset({Action.RECONFIGURED, Action.RESIZED, Action.RENAMED}),
    WorkKind.MOVED: frozenset({Action.MOVED}),
    WorkKind.ORDER: _ALL,
}
"""What each kind of entry explains by itself; meetings, letters and others only what they are linked to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One observed change and the entries that explain it; none: nobody did."""

    change: Change
    ref: ChangeRef
    entries: tuple[Standing, ...] = ()  # by number
    linked: frozenset[int] = frozenset()  # numbers of those that somebody linked

    @property
    def deeds(self) -> tuple[Standing, ...]:
        """The entries that are more than the paper."""
        return tuple(one for one in self.entries if not _is_order(one))

    @property
    def order(self) -> Order | None:
        """The order behind it: the best documented of those that its entries carry."""
        orders = [one.entry.order for one in self.entries if one.entry.order is not None]
        return max(orders, key=lambda order: (bool(order.letter_no), bool(order.attachment)), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Every observed change once, and what of the log was not met by any."""

    changes: tuple[Explained, ...] = ()
    dangling: tuple[tuple[Standing, ChangeRef], ...] = ()  # links to changes that were not observed
    unmet: Mapping[int, tuple[str, ...]] = field(default_factory=dict)  # entry -> subjects that no change explains


def match(changes: Sequence[Change], log: WorkLog, policy: ChangePolicy) -> Matched:
    """Compare. The order in which changes are given makes no difference."""
    pairing = _Pairing(changes, log, policy)
    pairing.follow_links()
    pairing.pair(policy.match_within, is_order=False)
    pairing.pair(policy.order_within, is_order=True)
    return pairing.matched()


class _Pairing:
    """Changes and entries while they are being put together."""

    def __init__(self, changes: Sequence[Change], log: WorkLog, policy: ChangePolicy) -> None:
        self.log, self.policy = log, policy
        self.changes = {ref_of(change): change for change in changes}
        self.refs = sorted(self.changes, key=_key)
        self.entries: dict[ChangeRef, set[int]] = defaultdict(set)
        self.linked: dict[ChangeRef, set[int]] = defaultdict(set)
        self.used: set[tuple[int, str]] = set()  # (entry, subject) that explained something
        self.dangling: list[tuple[Standing, ChangeRef]] = []
        self.by_name: dict[str, list[ChangeRef]] = defaultdict(list)
        for ref in self.refs:
            for name in {comparable(self.changes[ref].name), comparable(ref.id)}:
                self.by_name[name].append(ref)

    def follow_links(self) -> None:
        """Links that people made."""
        for one in self.log.standing:
            for link in one.links:
                ref = self._meant(link)
                if ref is None:
                    self.dangling.append((one, link))
                    continue
                self.entries[ref].add(one.number)
                self.linked[ref].add(one.number)
                names = {comparable(self.changes[ref].name), comparable(ref.id)}
                self.used |= {(one.number, name) for name in map(comparable, one.entry.subjects) if name in names}

    def _meant(self, link: ChangeRef) -> ChangeRef | None:
        """The change a link means. History read anew may move the moment: then the only one of its kind is meant."""
        if link in self.changes:
            return link
        same = [ref for ref in self.refs if _same_thing(ref, link)]
        return same[0] if len(same) == 1 else None

    def pair(self, within: timedelta, *, is_order: bool) -> None:
        """Entries with the changes of their subjects, the nearest pairs first: deeds, or papers.

        A change that somebody linked to one of these needs no other and takes none away.
        """
        standing = [one for one in self.log.standing if _is_order(one) is is_order]
        numbers = {one.number for one in standing}
        taken = {ref for ref in self.refs if self.linked.get(ref, set()) & numbers}
        offers = sorted(self._offers(standing, within), key=lambda offer: (offer[0], offer[1], *_key(offer[3])))
        for _, number, subject, ref in offers:
            if ref.field is None:
                if ref in taken or (number, subject) in self.used:
                    continue
                taken.add(ref)
            self.entries[ref].add(number)
            self.used.add((number, subject))

    def _offers(
        self, standing: Iterable[Standing], within: timedelta
    ) -> Iterator[tuple[timedelta, int, str, ChangeRef]]:
        """(distance, entry, subject, change) of all that fit."""
        for one in standing:
            actions = FITS.get(one.entry.kind, frozenset())
            for subject in dict.fromkeys(map(comparable, one.entry.subjects)):
                for ref in self.by_name.get(subject, ()):
                    delay = ref.at - one.entry.at
                    if ref.action in actions and -self.policy.slack <= delay <= within:
                        yield abs(delay), one.number, subject, ref

    def matched(self) -> Matched:
        """What came of it."""
        explained = tuple(self._explained(ref) for ref in self.refs)
        unmet = {
            one.number: tuple(name for name in one.entry.subjects if (one.number, comparable(name)) not in self.used)
            for one in self.log.standing
        }
        return Matched(
            changes=explained,
            dangling=tuple(self.dangling),
            unmet={number: subjects for number, subjects in unmet.items() if subjects},
        )

    def _explained(self, ref: ChangeRef) -> Explained:
        return Explained(
            change=self.changes[ref],
            ref=ref,
            entries=tuple(self.log.by_number[number] for number in sorted(self.entries.get(ref, ()))),
            linked=frozenset(self.linked.get(ref, ())),
        )


def _is_order(one: Standing) -> bool:
    return one.entry.kind is WorkKind.ORDER


def _key(ref: ChangeRef) -> tuple[object, ...]:
    return ref.at, ref.kind, ref.id, ref.action, ref.field or ""


def _same_thing(one: ChangeRef, other: ChangeRef) -> bool:
    return (one.kind, one.id, one.action, one.field) == (other.kind, other.id, other.action, other.field)
