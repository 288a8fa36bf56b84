"""The technical file of the servers: physical first, then virtual; as many rows as there are servers."""

from collections.abc import Iterator, Sequence

from itops.reports.monthly.composing.cells import DASH, Pen, cell
from itops.reports.monthly.composing.figures import figures_table
from itops.reports.monthly.parts import ServerRow
from itops.reports.monthly.records import Report
from itops.reports.paper.model import Block, Cell, Heading, Line, Mark, Paragraph, Row, Table, text


def servers(report: Report, pen: Pen) -> Iterator[Block]:
    """What headquarters reads; every column is in the annex."""
    part = report.servers
    yield Heading(level=1, title=pen.say("heading", "servers"), id="servers")
    yield from figures_table(part.figures, report.figures, "servers-figures", pen)
    if pen.is_public and not part.rows:
        yield Paragraph(line=text(pen.say("taken_out")))
        return
    physical = [one for one in part.rows if one.kind == "physical"]
    others = [one for one in part.rows if one.kind != "physical"]
    yield _physical(physical, pen)
    yield _virtual(others, len(physical), pen)
    incomplete = [one for one in part.rows if one.missing]
    if incomplete:
        yield Paragraph(line=_missing(incomplete, pen), role="note", mark=Mark.NOTICE)


def _physical(rows: Sequence[ServerRow], pen: Pen) -> Table:
    return Table(
        title=pen.say("table", "physical_servers", count=len(rows)),
        columns=pen.columns(
            ("number", 0.5, "number"),
            ("server", 1.6, "code"),
            ("maker_model", 2.4, "code"),
            ("serial", 1.8, "code"),
            ("address", 1.8, "code"),
            ("cpu", 0.9, "number"),
            ("memory", 1.6, "number"),
            ("version", 2, "code"),
            ("site", 1.8, "text"),
        ),
        rows=tuple(
            Row(
                cells=(
                    pen.number_cell(number),
                    pen.name_cell(one.name),
                    pen.name_cell(f"{one.vendor} {one.model}".strip()),
                    _demanded(pen.name(one.serial), "serial", one),
                    _demanded(pen.names(one.addresses), "ip", one),
                    pen.number_cell(one.cpu_count),
                    pen.number_cell(one.memory_bytes, "bytes"),
                    pen.name_cell(one.version),
                    _demanded(pen.label("site", one.site) if one.site else (), "site", one),
                )
            )
            for number, one in enumerate(rows, start=1)
        ),
        id="servers-physical",
        empty=pen.none("no_servers"),
    )


def _virtual(rows: Sequence[ServerRow], before: int, pen: Pen) -> Table:
    """`before`: the number of the last physical one, as the technical file is one list."""
    return Table(
        title=pen.say("table", "virtual_servers", count=len(rows)),
        columns=pen.columns(
            ("number", 0.5, "number"),
            ("server", 2, "code"),
            ("power", 0.9, "text"),
            ("role", 1.6, "text"),
            ("guest_os", 2, "code"),
            ("address", 1.7, "code"),
            ("cpu", 0.8, "number"),
            ("memory", 1.6, "number"),
            ("disk", 1.6, "number"),
            ("esx", 1.3, "code"),
        ),
        rows=tuple(
            Row(
                cells=(
                    pen.number_cell(number),
                    pen.name_cell(one.name),
                    cell(power_line(one, pen)),
                    cell(roles_line(one, pen)),
                    _demanded(pen.name(one.guest_os), "os", one),
                    _demanded(pen.names(one.addresses), "ip", one),
                    pen.number_cell(one.cpu_count),
                    pen.number_cell(one.memory_bytes, "bytes"),
                    pen.number_cell(one.disk_bytes, "bytes"),
                    _demanded(pen.name(one.host), "host", one),
                )
            )
            for number, one in enumerate(rows, start=before + 1)
        ),
        id="servers-virtual",
        empty=pen.none("no_servers"),
    )


def _demanded(line: Line, field: str, one: ServerRow) -> Cell:
    """A field that headquarters asks for: missing, it is marked."""
    return Cell(line=line or text(DASH), mark=Mark.NOTICE if field in one.missing else None)


def power_line(one: ServerRow, pen: Pen) -> Line:
    """On or off, in words."""
    return text(DASH) if one.is_powered_on is None else text(pen.say("power", "on" if one.is_powered_on else "off"))


def roles_line(one: ServerRow, pen: Pen) -> Line:
    """What it is for: our words for roles that have them, the office's own else."""
    return pen.listed(role_line(role, pen) for role in one.roles if role)


def role_line(role: str, pen: Pen) -> Line:
    """One role."""
    try:
        words = pen.words.template("role", role)
    except KeyError:
        return pen.name(role)
    return pen.mixed(words)


def _missing(rows: Sequence[ServerRow], pen: Pen) -> Line:
    told = (
        pen.fill(
            "of_what",
            subject=pen.name(one.name) or pen.name(one.id),
            what=pen.listed(pen.label("server_field", field) for field in one.missing),
        )
        for one in rows
    )
    return pen.fill("servers_incomplete", servers=pen.listed(told, "semicolon"))


def technical_file(report: Report, pen: Pen) -> Table:
    """Every server with every column, for the annex and the workbook."""
    return Table(
        title=pen.say("table", "technical_file", count=len(report.servers.rows)),
        columns=pen.columns(
            ("number", 0.5, "number"),
            ("kind", 0.9, "text"),
            ("server", 1.7, "code"),
            ("power", 0.8, "text"),
            ("role", 1.4, "text"),
            ("guest_os", 1.8, "code"),
            ("address", 1.5, "code"),
            ("cpu", 0.7, "number"),
            ("memory", 1, "number"),
            ("disk", 1, "number"),
            ("esx", 1.1, "code"),
            ("cluster", 1.1, "code"),
            ("maker_model", 1.7, "code"),
            ("serial", 1.3, "code"),
            ("version", 1.4, "code"),
            ("tools", 1.2, "code"),
            ("created", 1.2, "day"),
            ("asset", 1.1, "code"),
            ("site", 1.3, "text"),
            ("source", 1, "code"),
        ),
        rows=tuple(_whole_row(number, one, pen) for number, one in enumerate(report.servers.rows, start=1)),
        id="annex-servers",
        empty=pen.none("no_servers"),
        is_annex=True,
    )


def _whole_row(number: int, one: ServerRow, pen: Pen) -> Row:
    return Row(
        cells=(
            pen.number_cell(number),
            cell(pen.label("server_kind", one.kind)),
            pen.name_cell(one.name),
            cell(power_line(one, pen)),
            cell(roles_line(one, pen)),
            pen.name_cell(one.guest_os),
            cell(pen.names(one.addresses)),
            pen.number_cell(one.cpu_count),
            pen.number_cell(one.memory_bytes, "bytes"),
            pen.number_cell(one.disk_bytes, "bytes"),
            pen.name_cell(one.host),
            pen.name_cell(one.cluster),
            pen.name_cell(f"{one.vendor} {one.model}".strip()),
            pen.name_cell(one.serial),
            pen.name_cell(one.version),
            pen.name_cell(one.tools),
            pen.moment_cell(one.created_at),
            pen.name_cell(one.asset_id),
            cell(pen.label("site", one.site)),
            pen.name_cell(one.source) if one.source != "register" else cell(pen.label("source_kind", "register")),
        )
    )
