"""What lies off-site, copy by copy."""

from collections.abc import Sequence

from itops.reports.monthly.composing.cells import Pen, cell
from itops.reports.monthly.parts import DepositRow
from itops.reports.paper.model import Cell, Mark, Row, Table


def deposits_table(deposits: Sequence[DepositRow], pen: Pen) -> Table:
    """Every copy that must lie off-site, or does."""
    return Table(
        title=pen.say("table", "deposits"),
        columns=pen.columns(
            ("place", 2.2, "text"),
            ("month", 1.3, "text"),
            ("job", 1.6, "code"),
            ("object", 2.2, "code"),
            ("state", 1.4, "text"),
            ("media", 1.8, "code"),
            ("received", 1.6, "day"),
            ("due", 1.4, "day"),
        ),
        rows=tuple(_row(one, pen) for one in deposits),
        id="backup-deposits",
        empty=pen.none("no_deposits"),
    )


def _row(one: DepositRow, pen: Pen) -> Row:
    word, mark = _state(one)
    return Row(
        cells=(
            cell(pen.label("place", one.place)),
            cell(pen.period(one.month)),
            pen.name_cell(one.job),
            pen.name_cell(one.object),
            Cell(line=pen.label("deposit", word), mark=mark),
            cell(pen.names(one.media)),
            pen.moment_cell(one.received_at),
            pen.day_cell(one.due_on),
        ),
        mark=Mark.BAD if mark is Mark.BAD else None,
    )


def _state(one: DepositRow) -> tuple[str, Mark]:
    if one.is_deposited:
        return ("late", Mark.NOTICE) if one.is_late else ("deposited", Mark.GOOD)
    return ("overdue", Mark.BAD) if one.is_late else ("due", Mark.NONE)
