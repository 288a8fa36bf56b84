"""Export the register: as one table that can be read back, or into a form of headquarters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from itops.assets.budget.years import Years
from itops.assets.depreciation import value
from itops.assets.policy import BudgetPolicy
from itops.assets.records import Asset, Register
from itops.assets.tables.export import Speech, register_table
from itops.assets.tables.filling import Background, FillingMistake, Form, filled, known_sources
from itops.assets.tables.grid import Table, TableColumn
from itops.assets.tables.mapping import TemplateMapping
from itops.assets.tables.vocabulary import vocabulary
from itops.config.building import build
from itops.config.mistakes import Mistake, did_you_mean, refuse
from itops.config.yaml import load
from itops.errors import InputInvalid, UsageWrong
from itops.sheets.template import FormColumn, FormPlace, fill_template
from itops.sheets.writing import write_table
from itops.text import counted, plain

_SHOWN_AT_MOST = 50
_TYPED, _HELD = "from", "from_"  # the key as people write it, and as Python lets us call it


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When an export is made: the day ages are counted to, and the moment that stands in the file."""

    today: date
    now: datetime


def book_value(policy: BudgetPolicy, calendar: str, today: date) -> Callable[[Asset], int | None] | None:
    """What an asset is worth on the first day of the running budget year; None where the accountant said nothing."""
    if not policy.depreciation_years:
        return None
    years = Years(calendar=calendar, starts=policy.year_starts)
    first = years.first_day(years.year_of(today))
    return lambda asset: value(asset, first, policy, years)


def export_register(
    assets: Sequence[Asset], register: Register, out: Path, *, language: str, calendar: str, now: datetime
) -> None:
    """Write these assets to FILE.xlsx or FILE.csv. Raises UsageWrong or StoreUnavailable."""
    speech = Speech(language=language, calendar=calendar, vocabulary=vocabulary(), sites=register.sites)
    write_table(register_table(assets, speech), out, created_at=now)


def load_mapping(path: Path) -> TemplateMapping:
    """The mapping file of a form. Raises ConfigInvalid with every mistake."""
    document = load(path)
    mistakes: list[Mistake] = []
    mapping = build(TemplateMapping, _with_held_keys(document.texts), document, (), path.absolute().parent, mistakes)
    if mistakes or mapping is None:
        refuse(document.name, [_as_typed(mistake) for mistake in mistakes])
    return mapping


def _with_held_keys(tree: object) -> object:
    """`from` is a word of Python's and cannot be a field."""
    if not isinstance(tree, dict) or not isinstance(tree.get("columns"), list):
        return tree
    columns = [
        {_HELD if key == _TYPED else key: held for key, held in column.items()} if isinstance(column, dict) else column
        for column in tree["columns"]
    ]
    return {**tree, "columns": columns}


def _as_typed(mistake: Mistake) -> Mistake:
    return replace(mistake, path=mistake.path.replace(_HELD, _TYPED), problem=mistake.problem.replace(_HELD, _TYPED))


def mapping_named(templates: Mapping[str, Path], name: str) -> TemplateMapping:
    """The form of that name of `assets.templates`. Raises UsageWrong, or ConfigInvalid with every mistake in it."""
    if name not in templates:
        known = f"use one of: {', '.join(templates)}" if templates else "name one under assets.templates in itops.yaml"
        raise UsageWrong(f"there is no template {name!r}{did_you_mean(name, templates)}", remedy=known)
    return load_mapping(templates[name])


def fill_form(
    mapping: TemplateMapping,
    assets: Sequence[Asset],
    register: Register,
    out: Path,
    moment: Moment,
    worth: Callable[[Asset], int | None] | None = None,
) -> tuple[str, ...]:
    """Write the form with these assets in it; what the filling of their workbook lost, by name.

    `worth`: as `book_value` gives it. Raises InputInvalid with every mistake, asset and column named; nothing is
    written then. Raises UsageWrong for a kind that the form does not take: nothing is left out in silence.
    """
    others = sorted({asset.kind.value for asset in assets if not mapping.takes(asset.kind)})
    if others:
        raise UsageWrong(f"the form takes no {', '.join(others)}", remedy="choose what it takes: --kind KIND")
    form = filled_form(mapping, assets, Background(today=moment.today, sites=register.sites, book_value=worth))
    return write_form(mapping, form, out, created_at=moment.now)


def filled_form(mapping: TemplateMapping, assets: Sequence[Asset], background: Background) -> Form:
    """The rows, not written yet. Raises InputInvalid with every mistake, asset and column named."""
    form = filled(mapping, assets, background)
    if form.mistakes:
        raise InputInvalid(_listed(form.mistakes), remedy="correct the register or the mapping; nothing was written")
    return form


def write_form(mapping: TemplateMapping, form: Form, out: Path, *, created_at: datetime) -> tuple[str, ...]:
    """Write the rows, whole or not at all; what the filling of their workbook lost, by name.

    `created_at` stands in the file: the same rows and moment give the same bytes. Raises UsageWrong, InputInvalid where
    their workbook is not as the mapping says, StoreUnavailable.
    """
    if mapping.workbook is None:
        write_table(_own_table(mapping, form), out, created_at=created_at)
        return ()
    if out.resolve() == mapping.workbook.resolve():
        raise UsageWrong(f"{out.name} is the empty form itself", remedy="write to another file")
    if not out.suffix.lower().startswith(".xl"):
        raise UsageWrong(f"{out.name} cannot hold a filled workbook", remedy="end the name with .xlsx")
    place = FormPlace(
        sheet=mapping.sheet,
        header_row=mapping.header_row,
        first_row=mapping.first_row,
        columns=tuple(
            FormColumn(header=one.header, column=one.column, is_text=one.format == "text") for one in mapping.columns
        ),
    )
    return fill_template(mapping.workbook, place, form.rows, out, created_at=created_at)


def _own_table(mapping: TemplateMapping, form: Form) -> Table:
    return Table(
        name=mapping.sheet,
        columns=tuple(TableColumn(header=one.header, width=one.width) for one in mapping.columns),
        rows=form.rows,
        is_right_to_left=mapping.right_to_left,
    )


def _listed(mistakes: Sequence[FillingMistake]) -> str:
    lines = [_line(mistake) for mistake in mistakes[:_SHOWN_AT_MOST]]
    if len(mistakes) > _SHOWN_AT_MOST:
        lines.append(f"... and {len(mistakes) - _SHOWN_AT_MOST} more")
    return "\n".join([f"the form cannot be filled ({counted('mistake', 'mistakes', len(mistakes))}):", *lines])


def _line(mistake: FillingMistake) -> str:
    hint = did_you_mean(mistake.said, known_sources()) if mistake.said else ""
    return plain(f"{mistake.asset_id or 'mapping'}  {mistake.column}: {mistake.problem}{hint}")
