"""The hardware of the report: the register at the period's end counted by kind and place, and what changed in it.

An item is in keeping unless it is retired, disposed of or lost; what is lost is counted apart. Virtual servers and
links are items, too, as far as the register has them: each entry counts once, and nothing that is not in it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from itops.assets.checking import AssetFinding
from itops.assets.history import Flat, RegisterChange
from itops.assets.past import Became, status_of, told_apart
from itops.assets.records import AssetKind, AssetStatus
from itops.dates import start_of
from itops.facts import Fact
from itops.names import Names
from itops.reports.monthly.figures import Evidence, Figure, count_of, ratio_of
from itops.reports.monthly.parts import AssetChangeRow, AssetRow, FindingRow, HardwarePart, SiteRow
from itops.verdict import State
from itops.worklog.exports import Exported

_ROOM = "hardware"
_KINDS = tuple(kind.value for kind in AssetKind)
_STATUSES = tuple(status.value for status in AssetStatus)
_STANDS_NOWHERE = frozenset({AssetKind.VIRTUAL_SERVER.value, AssetKind.LINK.value})
"""Kinds that nobody can stand before to verify them."""
_PRIVATE = frozenset({"personnel_code"})
"""That it changed is told, not from what to what."""
_IN_CHARGE = ("assigned_to", "personnel_code", "part_of")
"""Any of these says who took charge of an item, as `asset.no-holder` has it; what belongs to another goes with that."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwareFacts:
    """What the hardware part is made of, all of it as of the period's end."""

    today: date  # the day that ages are counted to
    zone: ZoneInfo
    entries: Mapping[str, Flat]
    sites: Mapping[str, Names]  # of the register
    head_site: str | None = None  # as itops.yaml says
    register_name: str = "inventory.yaml"
    verify_within: timedelta = timedelta(days=365)
    changes: tuple[RegisterChange, ...] | None = None  # of the period, newest first; None: nothing remembers it
    seen: Mapping[str, datetime] | None = None  # when machines last saw an asset
    judged: tuple[AssetFinding, ...] = ()
    unreadable: tuple[str, ...] = ()  # entries that are counted, but could not be judged
    exported: Exported | None = None  # the last list for headquarters that was made of the period
    registered_in: tuple[Names, ...] = ()


def no_hardware(reason: str = "no-register") -> HardwarePart:
    """What is said where there is no register: nothing is known, which is not nothing."""
    counted = ("total", *(f"kind.{kind}" for kind in _KINDS), "lost", "in_repair", "verified", "registered", *Became)
    return HardwarePart(figures=tuple(_unknown(name, reason) for name in counted))


def hardware_part(facts: HardwareFacts) -> HardwarePart:
    """The register at the period's end, and what became of it in the period."""
    sites = tuple(_sites(facts))
    items = _items(facts, [site.id for site in sites])
    statuses = Counter(_status(entry) for entry in facts.entries.values())
    changes = tuple(_change_rows(facts.changes or ()))
    return HardwarePart(
        sites=sites,
        counts=_counts(items, sites),
        statuses={status: statuses[status] for status in _in_order(statuses, _STATUSES)},
        items=items,
        changes=changes,
        figures=(*_state_figures(facts, items, sites), *_change_figures(facts, changes)),
        findings=tuple(_findings(facts)),
        registered_in=facts.registered_in,
    )


def _in_order(found: Iterable[str], known: Sequence[str]) -> list[str]:
    """The known words first, in their order; what a newer itops may have remembered after them."""
    there = set(found)
    return [*(word for word in known if word in there), *sorted(there - set(known))]


def _status(entry: Flat) -> str:
    return entry.get("status", AssetStatus.IN_USE.value)


def _sites(facts: HardwareFacts) -> Iterator[SiteRow]:
    """Those of the register, and any other that an item stands at. No site is the head office by guess."""
    only = next(iter(facts.sites)) if len(facts.sites) == 1 else None
    head = facts.head_site or only
    yield from (SiteRow(id=site, name=name, is_head=site == head) for site, name in facts.sites.items())
    others = {entry.get("site", "") for entry in facts.entries.values() if not _is_over(entry)} - set(facts.sites)
    yield from (SiteRow(id=site, is_head=site == head) for site in sorted(others, key=lambda site: (not site, site)))


def _is_over(entry: Flat) -> bool:
    status = status_of(entry.get("status"))
    return status is not None and status.is_over


def _items(facts: HardwareFacts, sites: Sequence[str]) -> tuple[AssetRow, ...]:
    """Every item that is not over, lost ones too: place by place, there by kind, then by id."""
    seen = facts.seen or {}
    rows = [_item(asset_id, entry, seen) for asset_id, entry in facts.entries.items() if not _is_over(entry)]
    kinds = _in_order((row.kind for row in rows), _KINDS)
    return tuple(sorted(rows, key=lambda row: (sites.index(row.site), kinds.index(row.kind), row.id)))


def _item(asset_id: str, entry: Flat, seen: Mapping[str, datetime]) -> AssetRow:
    return AssetRow(
        id=asset_id,
        kind=entry.get("kind", AssetKind.OTHER.value),
        status=_status(entry),
        site=entry.get("site", ""),
        place=entry.get("location", ""),
        vendor=entry.get("vendor", ""),
        model=entry.get("model", ""),
        serial=entry.get("serial", ""),
        asset_tag=entry.get("asset_tag", ""),
        holder=entry.get("assigned_to", ""),
        is_held=any(entry.get(field) for field in _IN_CHARGE),
        bought_on=_day(entry.get("purchase.date")),
        warranty_until=_day(entry.get("warranty_end")),
        verified_on=_day(entry.get("verified_on")),
        seen_at=seen.get(asset_id),
    )


def _day(text: str | None) -> date | None:
    """A day as it is remembered; None where it is none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def is_kept(entry: Flat) -> bool:
    """Whether the item of an entry is in keeping, and counted."""
    return not _is_over(entry) and _status(entry) != AssetStatus.LOST


def _is_kept(row: AssetRow) -> bool:
    return row.status != AssetStatus.LOST


def _counts(items: Sequence[AssetRow], sites: Sequence[SiteRow]) -> dict[str, dict[str, int]]:
    found = Counter((row.kind, row.site) for row in items if _is_kept(row))
    kinds = _in_order((kind for kind, _ in found), _KINDS)
    return {kind: {site.id: found[kind, site.id] for site in sites if (kind, site.id) in found} for kind in kinds}


def _state_figures(facts: HardwareFacts, items: Sequence[AssetRow], sites: Sequence[SiteRow]) -> Iterator[Figure]:
    """Each kind and each site stands there, though there be none: next month there may be."""
    kept = [row for row in items if _is_kept(row)]
    yield count_of("hardware.total", map(_behind, kept))
    for kind in [*_KINDS, *sorted({row.kind for row in kept} - set(_KINDS))]:
        yield count_of(f"hardware.kind.{kind}", (_behind(row) for row in kept if row.kind == kind))
    for site in sites:
        yield count_of(f"hardware.site.{site.id or 'none'}", (_behind(row) for row in kept if row.site == site.id))
    yield count_of("hardware.lost", (_behind(row) for row in items if not _is_kept(row)))
    yield count_of("hardware.in_repair", (_behind(row) for row in kept if row.status == AssetStatus.REPAIR))
    yield _verified(facts, kept)
    yield _registered(facts.exported)


def _behind(row: AssetRow) -> Evidence:
    return Evidence(kind="asset", ref=row.id, note=row.kind)


def _verified(facts: HardwareFacts, kept: Sequence[AssetRow]) -> Figure:
    """Of what somebody can stand before, how much was, lately enough."""
    things = [row for row in kept if row.kind not in _STANDS_NOWHERE]
    oldest = facts.today - facts.verify_within
    done = [row for row in things if row.verified_on is not None and oldest <= row.verified_on <= facts.today]
    return ratio_of("hardware.verified", len(done), len(things), map(_behind, done))


def _registered(exported: Exported | None) -> Figure:
    if exported is None:
        return _unknown("registered", "not-exported")
    file = Evidence(kind="document", ref=f"{exported.profile} {exported.period}", at=exported.at, note=exported.sha256)
    held = (Evidence(kind="asset", ref=asset_id) for asset_id in sorted(exported.items))
    return Figure(id="hardware.registered", value=len(exported.items), evidence=(file, *held))


def _unknown(name: str, reason: str) -> Figure:
    unit = "ratio" if name == "verified" else "count"
    return Figure(id=f"hardware.{name}", value=None, unit=unit, reason=reason)  # type: ignore[arg-type]


def _change_rows(changes: Iterable[RegisterChange]) -> Iterator[AssetChangeRow]:
    """Oldest first; of an entry that came or went only that it did."""
    for became, change in told_apart(changes):
        is_whole, is_told = change.field == "id", change.field not in {"id", *_PRIVATE}
        yield AssetChangeRow(
            asset=change.asset_id,
            what=became.value,
            at=change.at,
            field="" if is_whole else change.field,
            before=_said(change.field, change.before) if is_told else "",
            after=_said(change.field, change.after) if is_told else "",
            by=change.by or "",
        )


def _said(field: str, text: str | None) -> str:
    """The usual status is not written down."""
    return AssetStatus.IN_USE.value if field == "status" and text is None else text or ""


def _change_figures(facts: HardwareFacts, rows: Sequence[AssetChangeRow]) -> Iterator[Figure]:
    """How many items each was true of, however many fields or times it was."""
    if facts.changes is None:
        yield from (_unknown(became, "not-remembered") for became in Became)
        return
    kinds = {one.asset_id: one.before or "" for one in facts.changes if one.field == "kind" and one.after is None}
    kinds |= {asset_id: entry.get("kind", "") for asset_id, entry in facts.entries.items()}
    for became in Became:
        first = {row.asset: row.at for row in reversed(rows) if row.what == became}
        behind = [Evidence(kind="asset", ref=one, at=first[one], note=kinds.get(one, "")) for one in sorted(first)]
        yield count_of(f"hardware.{became}", behind)


def _findings(facts: HardwareFacts) -> Iterator[FindingRow]:
    """What is worse than advice, the worst first; then what the report itself lacks."""
    for one in facts.judged:
        if one.state is not State.OK:
            yield FindingRow(
                room=_ROOM,
                table="asset",
                code=one.code,
                subject=one.asset_id or facts.register_name,
                state=one.state,
                since=since_of(one.facts, facts.today, facts.zone),
                facts=one.facts,
                evidence=tuple(Evidence(kind="asset", ref=one.asset_id or "", note=note) for note in one.evidence),
            )
    for asset_id in facts.unreadable:
        yield _own_finding("report.register-entry-unreadable", asset_id, State.UNKNOWN)
    if facts.head_site is not None and facts.head_site not in facts.sites:
        yield _own_finding("report.head-site-unknown", facts.head_site, State.WARNING)


def _own_finding(code: str, subject: str, state: State) -> FindingRow:
    return FindingRow(room=_ROOM, table="report", code=code, subject=subject, state=state)


def since_of(facts: Mapping[str, Fact], today: date, zone: ZoneInfo) -> datetime | None:
    """When something that a finding tells of began, as far as its facts say: the first day it was late, UTC."""
    late_days, due_on, tested = facts.get("late_days"), facts.get("due_on"), facts.get("tested_at")
    if isinstance(tested, str):
        return datetime.fromisoformat(tested)
    if isinstance(late_days, int) and late_days > 0:
        return start_of(today - (late_days - 1) * _DAY, zone)
    age_days, limit_days = facts.get("age_days"), facts.get("limit_days")
    if isinstance(age_days, int) and isinstance(limit_days, int):
        return start_of(today - (max(age_days - limit_days, 1) - 1) * _DAY, zone)
    over_on = due_on if isinstance(due_on, str) else facts.get("ended_on")
    over = _day(over_on if isinstance(over_on, str) else None)
    return start_of(over + _DAY, zone) if over is not None and over < today else None
