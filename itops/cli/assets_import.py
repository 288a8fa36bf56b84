"""`itops assets import`: a list of any office becomes a plan; --apply carries it out."""

from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from itops.cli.assets_office import AssetsOffice, pass_assets
from itops.cli.office import author
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.errors import UsageWrong
from itops.jsonable import jsonable
from itops.text import counted

if TYPE_CHECKING:
    from itops.assets.tables.planning import ImportPlan, PlannedRow
    from itops.tasks.import_assets import ListRequest, PlannedImport, ReadList

_FIELDS = ("row", "action", "asset", "matched_by", "field", "old", "new", "code", "problem")
_LONGEST = 40
_LIST_OPTIONS = (
    click.argument("path", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path)),
    click.option("--sheet", metavar="NAME", help="The sheet; by default the one whose headers are known best."),
    click.option(
        "--map",
        "fields",
        multiple=True,
        metavar="HEADER=FIELD",
        help="What a column is: its header, or #3, or C:. Without FIELD the column is left out; repeatable.",
    ),
    click.option(
        "--word",
        "words",
        multiple=True,
        metavar="FIELD:WORD=VALUE",
        help="What a word in their cells is here: status:سالم=in_use; repeatable.",
    ),
)


def list_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """FILE, --sheet, --map, --word: a command gets them as `request`."""

    @wraps(command)
    def with_request(*args: Any, **options: Any) -> Any:
        return command(*args, request=_request(options), **options)

    for option in reversed(_LIST_OPTIONS):
        with_request = option(with_request)
    return with_request


def _request(options: dict[str, Any]) -> "ListRequest":
    """The options about a list, taken out of `options`."""
    from itops.tasks.import_assets import ListRequest  # noqa: PLC0415  pydantic, only when there is a list to read

    return ListRequest(
        path=options.pop("path"),
        sheet=options.pop("sheet"),
        fields=dict(map(_field, options.pop("fields"))),
        values=tuple(map(_word, options.pop("words"))),
    )


def _field(text: str) -> tuple[str, str | None]:
    header, equals, field = text.rpartition("=")
    if not equals or not header.strip():
        raise UsageWrong(
            f"{text!r} is not HEADER=FIELD", remedy='write --map "کد=it_code", or --map "C:=" to leave out'
        )
    return header.strip(), field.strip() or None


def _word(text: str) -> tuple[str, str, str]:
    head, equals, value = text.rpartition("=")
    field, colon, word = head.partition(":")
    if not (equals and colon and field.strip() and word.strip() and value.strip()):
        raise UsageWrong(f"{text!r} is not FIELD:WORD=VALUE", remedy='write --word "status:سالم=in_use"')
    return field.strip(), word.strip(), value.strip()


@click.command("import")
@click.option("--apply", "is_applied", is_flag=True, help="Carry it out; by default the plan is only shown.")
@click.option(
    "--clear-blank",
    "clear",
    multiple=True,
    metavar="COLUMN",
    help="A blank cell of this column takes the value away; repeatable. By default a blank changes nothing.",
)
@output_options
@pass_assets
@list_options
def import_list(
    assets: AssetsOffice, output: Output, *, request: "ListRequest", clear: tuple[str, ...], is_applied: bool
) -> int:
    """Import a list of hardware, CSV or XLSX of any office: show what it would change, row by row.

    Headers are known by their synonyms, Persian or English; rows by id, property number, or maker and serial. With
    --apply what can be taken is written. Exits 1 when rows were refused.
    """
    from itops.tasks import import_assets  # noqa: PLC0415  as above

    planned = import_assets.plan(request, assets.whole, clear=clear, learned=assets.policy.junk_serials)
    if is_applied and planned.plan.edits:
        _carry_out(assets, planned)
    output.show(_listing(planned, is_applied=is_applied), assets.office.now)
    note_columns(output, planned.read)
    _notes(output, planned.plan, is_applied=is_applied)
    return 1 if planned.plan.refusals else 0


def _carry_out(assets: AssetsOffice, planned: "PlannedImport") -> None:
    from itops.tasks import import_assets  # noqa: PLC0415  as above
    from itops.tasks.follow_register import Memory  # noqa: PLC0415  only when something is written

    with assets.office.open_store() as store:
        memory = Memory(store.register, assets.office.now)
        import_assets.carry_out(planned, assets.path, memory, assets.register, author())
        assets.office.close()  # whoever closes last folds the write-ahead log into itops.db


def note_columns(output: Output, read: "ReadList") -> None:
    """Say which columns were not read: nothing is lost in silence."""
    from itops.assets.tables.headers import Reading  # noqa: PLC0415  as above

    output.note(f"sheet {read.layout.sheet}, header in row {read.layout.header_row}")
    if unknown := read.headers(Reading.UNKNOWN):
        output.note(
            f'not read, no field is known for them: {", ".join(unknown)}; --map "HEADER=FIELD" says what they are'
        )
    if private := read.headers(Reading.PRIVATE):
        output.note(f"left out on purpose, the register does not keep them: {', '.join(private)}")


def _notes(output: Output, plan: "ImportPlan", *, is_applied: bool) -> None:
    counts = _counts(plan)
    output.note(", ".join(f"{count:,} {action}" for action, count in counts.items()))
    if respelled := sum(len(row.respelled) for row in plan.rows):
        values = counted("value is", "values are", respelled)
        output.note(f"{values} only spelled otherwise; the register's spelling stays (--output json shows them)")
    if not plan.edits:
        output.note("the register says so already; there is nothing to write")
    elif not is_applied:
        output.note("nothing was written; --apply carries it out")


def _counts(plan: "ImportPlan") -> dict[str, int]:
    from itops.assets.tables.planning import Action  # noqa: PLC0415  as above

    return {action.value: len(plan.of(action)) for action in Action}


def _listing(planned: "PlannedImport", *, is_applied: bool) -> Listing:
    rows = [line for row in planned.plan.rows for line in _lines(row)]
    read = planned.read
    columns = [
        {"header": one.header, "reading": one.meaning.reading.value, "field": one.target} for one in read.layout.columns
    ]
    data = {
        "sheet": read.layout.sheet,
        "header_row": read.layout.header_row,
        "columns": columns,
        "counts": _counts(planned.plan),
        "is_applied": is_applied and bool(planned.plan.edits),
        "rows": [_whole(row) for row in planned.plan.rows],
    }
    shown = (
        Column(field="row", title="row", is_number=True),
        Column(field="action", title="what"),
        Column(field="asset", title="asset"),
        Column(field="field", title="field"),
        Column(field="old", title="now", widest=_LONGEST, spare=1),
        Column(field="new", title="becomes", widest=_LONGEST),
        Column(field="problem", title="why not", widest=100),
    )
    return Listing(schema="itops.assets.import/1", rows=rows, data=data, columns=shown, csv_fields=_FIELDS)


def _lines(row: "PlannedRow") -> Iterator[Row]:
    """One line for each change or refusal; rows that change nothing are not shown."""
    head = {"row": row.row, "action": row.action.value, "asset": row.asset_id, "matched_by": row.matched_by}
    for change in row.changes:
        yield {**head, "field": change.field, "old": change.old, "new": change.new}
    for refusal in row.refusals:
        yield {**head, "field": refusal.column, "code": refusal.code, "problem": refusal.problem}


def _whole(row: "PlannedRow") -> Row:
    whole = {
        "row": row.row,
        "action": row.action,
        "asset": row.asset_id,
        "matched_by": row.matched_by,
        "changes": row.changes,
        "respelled": row.respelled,
        "refusals": [{"code": one.code, "column": one.column, "problem": one.problem} for one in row.refusals],
    }
    found: Row = jsonable(whole)
    return found
