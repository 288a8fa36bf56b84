"""The cells of headquarters' form: each of their columns from our assets, in their words; one mistake stops all."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from itops.assets.records import Asset
from itops.assets.selection import age_years
from itops.assets.tables.fields import catalogue, field_at, flat, number_text
from itops.assets.tables.mapping import EXPRESSIONS, TemplateColumn, TemplateMapping
from itops.assets.tables.numbers import NotANumber, decimal
from itops.dates import show_day
from itops.names import Names

Filled: TypeAlias = str | int | float | None
_SITE_NAMES = ("site.fa", "site.en")
_BOOK_VALUE = "value_on_budget_year_start"
_RIALS_A_TOMAN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FillingMistake:
    """Why the form cannot be filled: which asset (None: the mapping itself), which column, what is wrong."""

    asset_id: str | None
    column: str
    code: str
    problem: str
    said: str | None = None  # the word of the mapping that means nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """What the cells need beside the asset. `book_value`: rials on the first day of the budget year, None: unknown."""

    today: date
    sites: Mapping[str, Names]
    book_value: Callable[[Asset], int | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The rows of a form, or the mistakes for which there are none."""

    rows: tuple[tuple[Filled, ...], ...] = ()
    mistakes: tuple[FillingMistake, ...] = ()


class _Wrong(Exception):
    def __init__(self, code: str, problem: str) -> None:
        super().__init__(problem)
        self.code = code


def filled(mapping: TemplateMapping, assets: Sequence[Asset], background: Background) -> Form:
    """Every asset as a row of the form; no row at all when anything is wrong."""
    mistakes = list(_unknown_sources(mapping, background))
    rows: list[tuple[Filled, ...]] = []
    for number, asset in enumerate(assets, 1) if not mistakes else ():
        texts = flat(asset)
        row: list[Filled] = []
        for column in mapping.columns:
            try:
                row.append(_cell(column, _said(column, asset, texts, number, background), texts))
            except _Wrong as wrong:
                problem = str(wrong)
                mistakes.append(
                    FillingMistake(asset_id=asset.id, column=column.header, code=wrong.code, problem=problem)
                )
        rows.append(tuple(row))
    return Form(mistakes=tuple(mistakes)) if mistakes else Form(rows=tuple(rows))


def known_sources() -> list[str]:
    """Everything that `from` may be, list positions as 1."""
    return [*EXPRESSIONS, *_SITE_NAMES, *(pattern.replace("#", "1") for pattern in catalogue())]


def _unknown_sources(mapping: TemplateMapping, background: Background) -> Iterator[FillingMistake]:
    for column in mapping.columns:
        source = column.from_
        if source is None or source in _SITE_NAMES or field_at(source):
            continue
        problem = f"{source!r} is no field of an asset and none of {', '.join(EXPRESSIONS)}"
        if source in EXPRESSIONS:
            if source != _BOOK_VALUE or background.book_value is not None:
                continue
            problem = "no book value can be computed; see assets.budget.depreciation_years in itops.yaml"
        yield FillingMistake(
            asset_id=None, column=column.header, code="template.unknown-path", problem=problem, said=source
        )


def _said(
    column: TemplateColumn, asset: Asset, texts: Mapping[str, str], number: int, background: Background
) -> str | None:
    """What the column holds, in our words."""
    source = column.from_
    if source is None:
        return column.constant
    if source == "row_number":
        return str(number)
    if source == "age_years":
        age = age_years(asset, background.today)
        return None if age is None else number_text(round(age, 1))
    if source == _BOOK_VALUE:
        value = background.book_value(asset) if background.book_value else None
        return None if value is None else str(value)
    if source in _SITE_NAMES:
        names = background.sites.get(asset.site)
        return getattr(names, source.removeprefix("site."), None)
    return texts.get(source)


def _cell(column: TemplateColumn, text: str | None, texts: Mapping[str, str]) -> Filled:
    if text is None:
        if column.required:
            raise _Wrong("template.required", "nothing stands there, but the form demands it")
        return None
    if column.values:
        if text not in column.values:
            raise _Wrong("template.unmapped-word", f"{text!r} has no word of theirs in `values`")
        text = column.values[text]
    return _FORMATS[column.format](column, text, texts)


def _as_text(column: TemplateColumn, text: str, texts: Mapping[str, str]) -> Filled:
    return text


def _as_number(column: TemplateColumn, text: str, texts: Mapping[str, str]) -> Filled:
    try:
        value = decimal(text)
    except NotANumber as wrong:
        raise _Wrong("template.wrong-format", str(wrong)) from None
    return int(value) if value == int(value) else value


def _as_integer(column: TemplateColumn, text: str, texts: Mapping[str, str]) -> Filled:
    """Whole years of an age are those that are over."""
    value = _as_number(column, text, texts)
    assert isinstance(value, int | float)
    if isinstance(value, float) and column.from_ != "age_years":
        raise _Wrong("template.wrong-format", f"{text} is not a whole number")
    return int(value)


def _as_rial(column: TemplateColumn, text: str, texts: Mapping[str, str]) -> Filled:
    currency = texts.get("purchase.currency")
    is_bought = column.from_ == _BOOK_VALUE or (column.from_ or "").startswith("purchase.")
    if is_bought and currency not in {None, "IRR"}:
        raise _Wrong("template.wrong-format", f"{text} is in {currency}, not in rials")
    return _as_integer(column, text, texts)


def _as_toman(column: TemplateColumn, text: str, texts: Mapping[str, str]) -> Filled:
    rials = _as_rial(column, text, texts)
    assert isinstance(rials, int)
    if rials % _RIALS_A_TOMAN:
        raise _Wrong("template.wrong-format", f"{rials} rials are no whole number of tomans")
    return rials // _RIALS_A_TOMAN


def _as_day(column: TemplateColumn, text: str, texts: Mapping[str, str]) -> Filled:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _Wrong("template.wrong-format", f"{text!r} is not a day") from None
    return show_day(day, column.format).replace("-", "/") if column.format == "jalali" else day.isoformat()


_FORMATS: Mapping[str, Callable[[TemplateColumn, str, Mapping[str, str]], Filled]] = {
    "text": _as_text,
    "number": _as_number,
    "integer": _as_integer,
    "rial": _as_rial,
    "toman": _as_toman,
    "jalali": _as_day,
    "gregorian": _as_day,
}
