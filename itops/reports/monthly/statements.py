"""The sentences that the facts support. What cannot be proven is not said; what is proven in part is counted.

Words that claim something about all of a kind (every database, every month, every office) are phrases of their own,
and each is given only where every single fact behind it is there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from itops.facts import Fact
from itops.inventory.facts import Action
from itops.names import Names
from itops.reports.monthly.backup_statements import backup_statements, drill_statements
from itops.reports.monthly.document_statements import document_statements
from itops.reports.monthly.figures import Figure
from itops.reports.monthly.parts import ChangeRow, DeedRow, HardwarePart, ServerPart
from itops.reports.monthly.records import PeriodRow, Statement
from itops.text import comparable
from itops.worklog.entries import WorkKind

if TYPE_CHECKING:
    from itops.reports.monthly.assembling import Parts

_HUNDRED = 100
_VM = "vm"
_WORKS = (WorkKind.UPGRADED, WorkKind.PATCHED, WorkKind.RECONFIGURED)  # in this order they are told
_MONTHLY_REPORT = "monthly"  # the document that holds the technical file of servers


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The figures of all rooms, asked by those who make sentences of them."""

    figures: Mapping[str, Figure]

    def value(self, figure: str) -> float | None:
        """None: it cannot be known, or no room made it."""
        found = self.figures.get(figure)
        return None if found is None else found.value

    def known(self, *figures: str) -> tuple[str, ...]:
        """Those of them that a sentence may point to."""
        return tuple(figure for figure in figures if self.value(figure) is not None)


def statements_of(parts: "Parts", period: PeriodRow) -> tuple[Statement, ...]:
    """Every sentence, in the order of the report's rooms."""
    figures = {figure.id: figure for figure in parts.figures}
    book = Book(figures=figures)
    has_head = any(site.is_head for site in parts.hardware.sites)
    return (
        *_removed(parts.servers, book),
        *_created(parts.servers, book),
        *_worked(parts.servers, book),
        *_moved(parts.servers, book),
        *_hardware(parts.hardware, period, book),
        *_technical_file(parts, period, book),
        *document_statements(parts.papers, period, figures),
        *backup_statements(parts.backups, period, figures, has_head=has_head),
        *drill_statements(parts.backups, book.known("backup.drills", "backup.restore_tested")),
        *_counted(parts.servers.deeds, WorkKind.MEETING, "work.meetings", book.known("changes.meetings")),
        *_counted(parts.servers.deeds, WorkKind.LETTERS, "work.letters", book.known("changes.letters")),
    )


def more_than(count: int) -> Mapping[str, Fact]:
    """A large number as the office writes it: floored to the hundred, and "more than" only where it is larger."""
    if count < _HUNDRED:
        return {"count": count, "rounded_count": count, "is_rounded": False}
    floor = count - count % _HUNDRED
    return {"count": count, "rounded_count": floor, "is_rounded": count > floor}


def _observed(changes: Iterable[ChangeRow], action: Action, field: str | None = None) -> list[ChangeRow]:
    """Each VM once, with the last that was observed of it, in the order they were first met."""
    found: dict[str, ChangeRow] = {}
    for change in changes:
        if change.kind == _VM and change.action == action and field in (None, change.field):
            found[change.id] = change
    return list(found.values())


def _of_servers(code: str, names: Sequence[str], figures: tuple[str, ...] = ()) -> Statement:
    return Statement(code=code, data={"count": len(names)}, names={"servers": tuple(names)}, figures=figures)


def _removed(servers: ServerPart, book: Book) -> Iterator[Statement]:
    """One sentence for each who ordered it; those that nobody ordered are told without that phrase."""
    by_issuer: dict[str, list[ChangeRow]] = {}
    for change in _observed(servers.changes, Action.REMOVED):
        issuer = change.order.issuer if change.order else ""
        by_issuer.setdefault(comparable(issuer), []).append(change)
    figures = book.known("servers.removed")
    for issuer, changes in by_issuer.items():
        names = [change.name for change in changes]
        order = changes[0].order
        if issuer and order is not None:
            told = {"issuer": Names(fa=order.issuer, en=order.issuer)}
            yield Statement(
                code="servers.removed-ordered",
                data={"count": len(names)},
                names={"servers": tuple(names)},
                texts=told,
                figures=figures,
            )
        else:
            yield _of_servers("servers.removed", names, figures)


def _created(servers: ServerPart, book: Book) -> Iterator[Statement]:
    if names := [change.name for change in _observed(servers.changes, Action.ADDED)]:
        yield _of_servers("servers.created", names, book.known("servers.created"))


def _moved(servers: ServerPart, book: Book) -> Iterator[Statement]:
    moved = [one for one in _observed(servers.changes, Action.MOVED, "host") if one.before != one.after]
    if not moved:
        return
    hosts = dict.fromkeys(one.after for one in moved if isinstance(one.after, str) and one.after)
    yield Statement(
        code="servers.moved",
        data={"count": len(moved)},
        names={
            "servers": tuple(one.name for one in moved),
            "hosts": tuple(hosts),
            "host_phrase": ("to-hosts",) if hosts else (),
        },
        figures=book.known("servers.moved"),
    )


def _worked(servers: ServerPart, book: Book) -> Iterator[Statement]:
    """What the change log tells of upgrades, patches and settings: no interface shows them, only people's word counts.

    Servers that had the same done to them share a sentence.
    """
    known = _kinds_of_servers(servers)
    works: dict[tuple[str, str], set[str]] = {}  # (kind, name) -> what was done
    for deed in servers.deeds:
        if deed.kind in _WORKS:
            for subject in deed.subjects:
                works.setdefault(known.get(comparable(subject), ("other", subject)), set()).add(deed.kind)
    sentences: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (kind, name), done in works.items():
        sentences.setdefault((kind, tuple(work.value for work in _WORKS if work in done)), []).append(name)
    for (kind, told), names in sentences.items():
        yield Statement(
            code=f"servers.worked-{kind}",
            data={"count": len(names)},
            names={"servers": tuple(names), "work_phrase": told},
            figures=book.known("servers.upgraded", "changes.patched", "changes.deeds"),
        )


def _kinds_of_servers(servers: ServerPart) -> Mapping[str, tuple[str, str]]:
    """What people may call a server -> ("virtual" or "physical", its name); those that are gone by the end, too."""
    gone = {
        comparable(called): ("virtual" if change.kind == _VM else "physical", change.name)
        for change in servers.changes
        if change.kind in (_VM, "host")
        for called in (change.name, change.id)
    }
    here = {
        comparable(called): (row.kind, row.name) for row in servers.rows for called in (row.asset_id, row.id, row.name)
    }
    return {called: kind for called, kind in {**gone, **here}.items() if called}


def _hardware(hardware: HardwarePart, period: PeriodRow, book: Book) -> Iterator[Statement]:
    total = int(book.value("hardware.total") or 0)
    if not total:
        return
    systems, sites = hardware.registered_in, _sites(hardware)
    yield Statement(
        code="hardware.registered",
        data=more_than(total),
        names={
            "verb_phrase": ("registered", "updated") if _is_updated(hardware, period) else ("registered",),
            "place_phrase": ("in-sites",) if sites else (),
            "site_phrase": sites,
            "system_phrase": ("in-systems",) if systems else (),
        },
        texts={f"systems.{number}": name for number, name in enumerate(systems)},
        figures=book.known("hardware.total", *(["hardware.registered"] if systems else [])),
    )


def _is_updated(hardware: HardwarePart, period: PeriodRow) -> bool:
    """Whether anything was written into the register in the period, or anybody stood before an item."""
    days = (item.verified_on for item in hardware.items if item.verified_on is not None)
    return bool(hardware.changes) or any(period.first <= day <= period.last for day in days)


def _sites(hardware: HardwarePart) -> tuple[str, ...]:
    """Whose the items are; nothing where that is not known of each of them."""
    head = {site.id for site in hardware.sites if site.is_head}
    others = {site.id for site in hardware.sites if site.id} - head
    held = {site for counts in hardware.counts.values() for site, count in counts.items() if count}
    if not head or not held or not held <= head | others:
        return ()
    return tuple(phrase for phrase, sites in (("head", head), ("counties", others)) if held & sites)


def _technical_file(parts: "Parts", period: PeriodRow, book: Book) -> Iterator[Statement]:
    """The file of a month is in the report of that month; that it was made every month of a year, the documents say."""
    total = int(book.value("servers.total") or 0)
    kinds = {row.kind for row in parts.servers.rows}
    if not total or not kinds:
        return
    missing = _months_without_file(parts, period)
    names: dict[str, tuple[str, ...]] = {
        "kind_phrase": tuple(kind for kind in ("physical", "virtual") if kind in kinds),
        "cadence_phrase": () if missing is None or missing else ("monthly",),
    }
    tell = partial(Statement, figures=("servers.total",))
    if not missing:
        yield tell(code="servers.file", data={"count": total}, names=names)
    elif made := len(period.months) - len(missing):
        told = {"count": total, "part_count": made, "month_count": len(period.months)}
        yield tell(code="servers.file-part", data=told, names={**names, "months": missing})


def _months_without_file(parts: "Parts", period: PeriodRow) -> tuple[str, ...] | None:
    """Months of the period whose file nobody made; None where no document says so."""
    if not period.is_year:
        return ()
    rows = [one for one in parts.papers.documents if one.report == _MONTHLY_REPORT]
    made = {row.period for row in rows} - {row.period for row in rows if not row.is_made}
    return tuple(month for month in period.months if month not in made) if rows else None


def _counted(deeds: Iterable[DeedRow], kind: WorkKind, code: str, figures: tuple[str, ...]) -> Iterator[Statement]:
    if total := sum(deed.count for deed in deeds if deed.kind == kind):
        yield Statement(code=code, data=more_than(total), figures=figures)
