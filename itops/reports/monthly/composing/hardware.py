"""The hardware by kind and place, by status, and what changed in the register."""

from collections.abc import Iterator, Mapping, Sequence

from itops.reports.monthly.composing.cells import Pen, cell
from itops.reports.monthly.composing.figures import figures_table
from itops.reports.monthly.parts import AssetChangeRow, AssetRow, HardwarePart, SiteRow
from itops.reports.monthly.records import Report
from itops.reports.paper.model import Bars, Block, Cell, Column, Heading, Line, Paragraph, Row, Table, said, text


def hardware(report: Report, pen: Pen) -> Iterator[Block]:
    """Counts; the items themselves are in the annex."""
    part = report.hardware
    yield Heading(level=1, title=pen.say("heading", "hardware"), id="hardware")
    yield from figures_table(part.figures, report.figures, "hardware-figures", pen)
    yield _by_kind_and_place(part, pen)
    if part.counts:
        yield _bars(part.counts, pen)
    yield _statuses(part.statuses, pen)
    yield _changes(part.changes, pen)
    if part.registered_in:
        systems = pen.listed(pen.prose(names) for names in part.registered_in)
        yield Paragraph(line=pen.fill("registered_in", systems=systems))


def _by_kind_and_place(part: HardwarePart, pen: Pen) -> Table:
    sites = _sites(part)
    totals = [sum(places.get(site.id, 0) for places in part.counts.values()) for site in sites]
    columns = (
        *pen.columns(("asset_kind", 2.2, "text")),
        *(Column(title=said(pen.label("site", site.id)), weight=1.3, kind="number") for site in sites),
        *pen.columns(("total", 1, "number")),
    )
    return Table(
        title=pen.say("table", "kinds_and_places"),
        columns=columns,
        rows=tuple(_kind_row(kind, places, sites, pen) for kind, places in part.counts.items()),
        id="hardware-kinds",
        empty=pen.none("no_hardware"),
        total=Row(
            cells=(
                Cell(line=text(pen.say("column", "total"))),
                *(pen.number_cell(total) for total in totals),
                pen.number_cell(sum(totals)),
            )
        )
        if part.counts
        else None,
    )


def _sites(part: HardwarePart) -> Sequence[SiteRow]:
    """The places that the register names, and those that only an item names: no count is left out."""
    named = {site.id: site for site in part.sites}
    used = {site: SiteRow(id=site) for places in part.counts.values() for site in places}
    kept = [site for site in part.sites if site.id or site.id in used]
    return (*kept, *(site for key, site in used.items() if key not in named))


def _kind_row(kind: str, places: Mapping[str, int], sites: Sequence[SiteRow], pen: Pen) -> Row:
    return Row(
        cells=(
            cell(pen.label("asset_kind", kind)),
            *(pen.number_cell(places.get(site.id, 0)) for site in sites),
            pen.number_cell(sum(places.values())),
        )
    )


def _bars(counts: Mapping[str, Mapping[str, int]], pen: Pen) -> Bars:
    totals = {kind: sum(places.values()) for kind, places in counts.items()}
    return Bars(
        title=pen.say("table", "kinds"),
        labels=tuple(pen.label("asset_kind", kind) for kind in totals),
        values=tuple(float(total) for total in totals.values()),
        texts=tuple(said(pen.number(total)) for total in totals.values()),
        id="hardware-bars",
        value_title=pen.say("column", "items"),
    )


def _statuses(statuses: Mapping[str, int], pen: Pen) -> Table:
    total = Row(cells=(Cell(line=text(pen.say("column", "total"))), pen.number_cell(sum(statuses.values()))))
    return Table(
        title=pen.say("table", "statuses"),
        columns=pen.columns(("status", 3, "text"), ("items", 1, "number")),
        rows=tuple(
            Row(cells=(cell(pen.label("asset_status", status)), pen.number_cell(count)))
            for status, count in statuses.items()
        ),
        id="hardware-statuses",
        empty=pen.none("no_hardware"),
        total=total if statuses else None,
    )


def _changes(rows: Sequence[AssetChangeRow], pen: Pen) -> Table:
    return Table(
        title=pen.say("table", "asset_changes"),
        columns=pen.columns(
            ("day", 1.4, "day"),
            ("asset", 1.4, "code"),
            ("what_changed", 1.5, "text"),
            ("field", 1.6, "code"),
            ("before", 2, "text"),
            ("after", 2, "text"),
            ("by", 1.5, "text"),
        ),
        rows=tuple(_change(one, pen) for one in rows),
        id="hardware-changes",
        empty=pen.none("no_asset_changes"),
    )


def _change(one: AssetChangeRow, pen: Pen) -> Row:
    return Row(
        cells=(
            pen.day_cell(one.at.astimezone(pen.zone).date()),
            pen.name_cell(one.asset),
            cell(pen.label("asset_change", one.what)),
            cell(pen.label("asset_field", one.field) if one.field else ()),
            cell(_value(one.field, one.before, pen)),
            cell(_value(one.field, one.after, pen)),
            pen.name_cell(one.by),
        )
    )


def _value(field: str, value: str, pen: Pen) -> Line:
    table = {"site": "site", "status": "asset_status", "kind": "asset_kind"}.get(field)
    return pen.label(table, value) if table and value else pen.name(value)


def all_assets(report: Report, pen: Pen) -> Table:
    """Every item, for the annex."""
    return Table(
        title=pen.say("table", "all_assets", count=len(report.hardware.items)),
        columns=pen.columns(
            ("number", 0.6, "number"),
            ("asset", 1.1, "code"),
            ("asset_kind", 1.4, "text"),
            ("status", 1.3, "text"),
            ("site", 1.8, "text"),
            ("location", 1.8, "text"),
            ("maker_model", 2, "code"),
            ("serial", 1.4, "code"),
            ("asset_tag", 1.2, "code"),
            ("holder", 1.5, "text"),
            ("bought", 1.2, "day"),
            ("warranty", 1.2, "day"),
            ("verified", 1.2, "day"),
            ("scanned", 1.2, "day"),
        ),
        rows=tuple(_item(number, one, pen) for number, one in enumerate(report.hardware.items, start=1)),
        id="annex-assets",
        empty=pen.none("no_hardware"),
        is_annex=True,
    )


def _item(number: int, one: AssetRow, pen: Pen) -> Row:
    return Row(
        cells=(
            pen.number_cell(number),
            pen.name_cell(one.id),
            cell(pen.label("asset_kind", one.kind)),
            cell(pen.label("asset_status", one.status)),
            cell(pen.label("site", one.site)),
            pen.name_cell(one.place),
            pen.name_cell(f"{one.vendor} {one.model}".strip()),
            pen.name_cell(one.serial),
            pen.name_cell(one.asset_tag),
            pen.name_cell(one.holder),
            pen.day_cell(one.bought_on),
            pen.day_cell(one.warranty_until),
            pen.day_cell(one.verified_on),
            pen.moment_cell(one.seen_at),
        )
    )
