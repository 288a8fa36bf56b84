"""The figures of servers and of what happened to them. Each is counted from its evidence; ids are fixed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from itops.inventory.entities import Kind
from itops.inventory.facts import Action
from itops.reports.monthly.figures import Evidence, Figure, count_of
from itops.reports.monthly.parts import ServerRow
from itops.reports.monthly.servers_changes import Work, change_evidence, log_evidence
from itops.text import comparable
from itops.worklog.entries import WorkKind
from itops.worklog.log import Standing
from itops.worklog.matching import Explained

NEVER_SCANNED, NOT_WATCHED = "never-scanned", "not-watched"
_BETTERED = frozenset({WorkKind.UPGRADED, WorkKind.PATCHED})
_ALTERED = {
    "servers.moved": Action.MOVED,
    "servers.resized": Action.RESIZED,
    "servers.renamed": Action.RENAMED,
}
"""One server counts once, however many facts of it changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What figures are counted from. `others`: names and ids of hosts and assets, which are no virtual servers."""

    rows: tuple[ServerRow, ...]
    work: Work
    others: frozenset[str] = frozenset()  # as itops.text.comparable has them


def server_figures(counted: Counted, *, is_scanned: bool, is_watched: bool = True) -> tuple[Figure, ...]:
    """All of them. Where no inventory was ever seen, what only it could tell is unknown, never nought.

    Where none was seen in the period itself (`is_watched`), so is what happened, but for what people wrote of it.
    """
    standing, happened = _standing(counted.rows), _happened(counted)
    if not is_scanned:
        standing = tuple(_unknown(figure, NEVER_SCANNED) for figure in standing)
    if not (is_scanned and is_watched):
        reason = NOT_WATCHED if is_scanned else NEVER_SCANNED
        happened = tuple(
            _unknown(figure, reason) if not (is_scanned and figure.evidence) else figure for figure in happened
        )
    return (*standing, *happened, *_written(counted))


def _unknown(figure: Figure, reason: str) -> Figure:
    return replace(figure, value=None, of=None, reason=reason, evidence=())


def _standing(rows: Sequence[ServerRow]) -> tuple[Figure, ...]:
    running = [row for row in rows if row.is_powered_on]
    return (
        count_of("servers.total", map(thing_of, rows)),
        count_of("servers.physical", (thing_of(row) for row in rows if row.kind == "physical")),
        count_of("servers.virtual", (thing_of(row) for row in rows if row.kind == "virtual")),
        count_of("servers.running", map(thing_of, running), of=len(rows)),
    )


def thing_of(row: ServerRow) -> Evidence:
    """A server as it stands in the technical file."""
    return Evidence(kind="thing", ref=row.id, at=row.seen_at, note=row.name)


def _happened(counted: Counted) -> tuple[Figure, ...]:
    changes = counted.work.of_servers
    gone = [one for one in changes if one.change.action is Action.REMOVED]
    return (
        _came_or_went("servers.created", changes, Kind.VM, Action.ADDED),
        _came_or_went("servers.removed", changes, Kind.VM, Action.REMOVED),
        _upgraded(counted),
        *(_altered(figure_id, changes, action) for figure_id, action in _ALTERED.items()),
        _came_or_went("hosts.added", changes, Kind.HOST, Action.ADDED),
        _came_or_went("hosts.removed", changes, Kind.HOST, Action.REMOVED),
        count_of("changes.without_order", (change_evidence(one) for one in gone if one.order is None)),
    )


def _came_or_went(figure_id: str, changes: Iterable[Explained], kind: Kind, action: Action) -> Figure:
    """Of which it was seen; one that went twice, or in two places, is one."""
    fitting = [one for one in changes if one.change.kind is kind and one.change.action is action]
    return _distinct(figure_id, [(one.change.id, change_evidence(one)) for one in fitting])


def _altered(figure_id: str, changes: Iterable[Explained], action: Action) -> Figure:
    fitting = [one for one in changes if one.change.kind is Kind.VM and one.change.action is action]
    return _distinct(figure_id, [(one.change.id, change_evidence(one)) for one in fitting])


def _distinct(figure_id: str, told: Sequence[tuple[str, Evidence]]) -> Figure:
    """How many different things some evidence is about, where several pieces may be about one."""
    things = {thing for thing, _ in told}
    return Figure(id=figure_id, value=len(things), evidence=tuple(evidence for _, evidence in told))


def _upgraded(counted: Counted) -> Figure:
    """By what was observed, and by what people wrote: no inventory shows a patch."""
    changes = counted.work.of_servers
    seen = [one for one in changes if one.change.kind is Kind.VM and one.change.action is Action.UPGRADED]
    entries = [one for one in counted.work.entries if one.entry.kind in _BETTERED]
    written = _named(_Named(counted), entries, only_virtual=True)
    return _distinct("servers.upgraded", [*((one.change.id, change_evidence(one)) for one in seen), *written])


class _Named:
    """The servers that entries name: by name, key or id in the register; those that are there and VMs that went."""

    def __init__(self, counted: Counted) -> None:
        self._others = counted.others
        self._known: dict[str, tuple[str, str]] = {}  # comparable name -> key, name
        self._virtual: set[str] = set()
        for one in counted.work.of_servers:
            if one.change.kind is Kind.VM:
                self._learn(one.change.id, one.change.name, one.change.id, is_virtual=True)
        for row in counted.rows:  # a name that went and came again is the one that is there
            for text in (row.id, row.asset_id):
                self._learn(row.id, row.name, text, is_virtual=row.kind == "virtual")

    def _learn(self, key: str, name: str, text: str, *, is_virtual: bool) -> None:
        self._known |= {comparable(told): (key, name) for told in (text, name) if told}
        if is_virtual:
            self._virtual.add(key)

    def resolved(self, subject: str) -> tuple[str, str]:
        """Key and name of the server that is meant; of one that nobody knows, what was written."""
        return self._known.get(comparable(subject), (comparable(subject), subject))

    def may_be_virtual(self, subject: str) -> bool:
        """Whether it is a virtual server, or at least nothing else that is known."""
        if comparable(subject) in self._known:
            return self.resolved(subject)[0] in self._virtual
        return comparable(subject) not in self._others


def _named(named: _Named, entries: Iterable[Standing], *, only_virtual: bool) -> Iterator[tuple[str, Evidence]]:
    """Each subject once an entry, with the entry."""
    for one in entries:
        for subject in dict.fromkeys(one.entry.subjects):
            if not only_virtual or named.may_be_virtual(subject):
                key, name = named.resolved(subject)
                yield key, log_evidence(one, name)


def _written(counted: Counted) -> tuple[Figure, ...]:
    """What people alone know."""
    entries = counted.work.entries
    patched = [one for one in entries if one.entry.kind is WorkKind.PATCHED]
    told = list(_named(_Named(counted), patched, only_virtual=False))
    return (
        count_of("changes.deeds", map(log_evidence, entries)),
        _distinct("changes.patched", told),
        _summed("changes.meetings", entries, WorkKind.MEETING),
        _summed("changes.letters", entries, WorkKind.LETTERS),
    )


def _summed(figure_id: str, entries: Iterable[Standing], kind: WorkKind) -> Figure:
    """One entry may stand for many; its evidence says for how many."""
    fitting = [one for one in entries if one.entry.kind is kind]
    evidence = tuple(log_evidence(one, str(one.entry.count)) for one in fitting)
    return Figure(id=figure_id, value=sum(one.entry.count for one in fitting), evidence=evidence)
