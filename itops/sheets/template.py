"""A workbook that somebody else made, filled: their looks stay, our rows go in, and what got lost is told by name.

The library that keeps formats, merges, validations and charts drops what it does not know (pictures where Pillow is
not installed, text boxes, macros' buttons) without a word: so the file before and after is compared part by part.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from itops.assets.tables.grid import column_letters
from itops.assets.tables.vocabulary import fold
from itops.errors import InputInvalid
from itops.reports.rvtools.replacing import replacing
from itops.sheets import guard

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_MOST_COLUMNS = 16_384
_FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say: the same filling gives the same bytes
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_DRAWN = {
    "picture": re.compile(rb"<(?:\w+:)?pic[ >]"),
    "text box or shape": re.compile(rb"<(?:\w+:)?(?:sp|cxnSp|grpSp)[ >]"),
    "chart": re.compile(rb"<(?:\w+:)?graphicFrame[ >]"),
    "comment": re.compile(rb'ObjectType="Note"'),
    "button or other control": re.compile(rb'ObjectType="(?!Note")'),
}
_HARMLESS = (
    "xl/calcChain.xml",
    "xl/sharedStrings.xml",
    "docProps/",
    "_rels/",
    "[Content_Types].xml",
    "xl/theme/",
    ".vml",
)
# The library answers a broken part with any of these; ElementTree's ParseError is a SyntaxError.
_BROKEN = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, SyntaxError, RuntimeError, OSError)
_NUMBERED = re.compile(r"\d+(?=\.[^./]+$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormColumn:
    """One column to be filled: found by its header, or said by its letter."""

    header: str
    column: str | None = None
    is_text: bool = True  # kept as text when somebody edits it: serials, property numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPlace:
    """Where in a workbook the rows go; rows from 1."""

    sheet: str
    header_row: int
    first_row: int
    columns: tuple[FormColumn, ...]


def fill_template(
    template: Path,
    place: FormPlace,
    rows: Sequence[Sequence[str | int | float | None]],
    out: Path,
    *,
    created_at: datetime,
) -> tuple[str, ...]:
    """Write `template` with the rows in it to `out`; what the filling lost, by name.

    Raises InputInvalid when sheet or header is not as the mapping says, or something stands where a row belongs.
    """
    workbook, complaints = _opened(template)
    if place.sheet not in workbook.sheetnames:
        names = ", ".join(workbook.sheetnames)
        raise InputInvalid(f"{template}: there is no sheet {place.sheet!r}", remedy=f"correct the mapping: {names}")
    sheet = workbook[place.sheet]
    positions = _positions(template, sheet, place)
    _refuse_what_is_taken(template, sheet, place, positions, rows)
    for number, row in enumerate(rows):
        for position, column, value in zip(positions, place.columns, row, strict=True):
            _set(sheet, place, number, position, value, is_text=column.is_text)
    written = _stable(workbook, created_at)
    with replacing(out) as partial:
        partial.write_bytes(written)
    return (*complaints, *lost_parts(template, written))


def _opened(template: Path) -> tuple[Any, list[str]]:
    """The workbook, and what the library itself says that it leaves out."""
    import warnings  # noqa: PLC0415  as below

    from openpyxl import load_workbook  # noqa: PLC0415  300 ms that only a filled form needs

    guard.check(template, guard.FORM)
    content = BytesIO(template.read_bytes())
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            workbook = load_workbook(content, keep_vba=template.suffix.lower() == ".xlsm", rich_text=True)
    except _BROKEN as broken:
        raise InputInvalid(
            f"{template}: cannot be opened as a form ({type(broken).__name__}: {broken})",
            remedy="open it in a spreadsheet and save it anew",
        ) from broken
    return workbook, sorted({str(one.message) for one in told})


def _positions(template: Path, sheet: "Worksheet", place: FormPlace) -> list[int]:
    """The column number (from 1) of each column, by its letter or header."""
    headers: dict[str, list[int]] = {}
    for cell in next(sheet.iter_rows(min_row=place.header_row, max_row=place.header_row), ()):
        if cell.value is not None:
            headers.setdefault(fold(str(cell.value)), []).append(cell.column)
    return [_position(template, column, headers, place) for column in place.columns]


def _position(template: Path, column: FormColumn, headers: Mapping[str, list[int]], place: FormPlace) -> int:
    if column.column is not None:
        return _column_number(template, column.column)
    found = headers.get(fold(column.header), [])
    if len(found) != 1:
        count = "no column is" if not found else f"{len(found)} columns are"
        remedy = "correct header_row" if not found else f"add `column: {column_letters(found[0] - 1)}` to the mapping"
        where = f"{template}, sheet {place.sheet}, row {place.header_row}"
        raise InputInvalid(f"{where}: {count} headed {column.header!r}", remedy=remedy)
    return found[0]


def _column_number(template: Path, letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64 if "A" <= letter <= "Z" else _MOST_COLUMNS + 1
    if not 0 < number <= _MOST_COLUMNS:
        raise InputInvalid(f"{template}: there is no column {letters!r}", remedy="write letters: A, B, ... XFD")
    return number


def _refuse_what_is_taken(
    template: Path,
    sheet: "Worksheet",
    place: FormPlace,
    positions: Sequence[int],
    rows: Sequence[Sequence[str | int | float | None]],
) -> None:
    """Signatures and totals stand below many forms: nothing of theirs is written over."""
    from openpyxl.cell.cell import MergedCell  # noqa: PLC0415  as above

    for number, row in enumerate(rows):
        for position, value in zip(positions, row, strict=True):
            cell = sheet.cell(place.first_row + number, position)
            if isinstance(cell, MergedCell) or (cell.value is not None and str(cell.value) != str(value)):
                what = (
                    "is part of a merged block" if isinstance(cell, MergedCell) else f"holds {str(cell.value)[:40]!r}"
                )
                raise InputInvalid(
                    f"{template}, sheet {place.sheet}: {cell.coordinate} {what}; there is room for {number} rows only",
                    remedy=f"insert rows into the form: {len(rows)} are needed",
                )


def _set(
    sheet: "Worksheet", place: FormPlace, number: int, position: int, value: str | float | None, *, is_text: bool
) -> None:
    cell: Any = sheet.cell(place.first_row + number, position)
    if number:
        _look_like(cell, sheet.cell(place.first_row, position))
    if value is None:
        return
    if isinstance(value, str):
        cell.value = _FORBIDDEN.sub("", value)
        cell.data_type = "s"  # said, not guessed: `=`, + and @ are text here
        if is_text:
            cell.number_format = "@"
    else:
        cell.value = value


def _look_like(cell: Any, first: Any) -> None:
    """The first row's look, where the form gave this row none of its own."""
    if not cell.has_style and first.has_style:
        cell._style = copy(first._style)


def _stable(workbook: Any, created_at: datetime) -> bytes:
    """The saved workbook with fixed moments inside."""
    saved, stable = BytesIO(), BytesIO()
    workbook.save(saved)
    stamp = created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with ZipFile(saved) as old, ZipFile(stable, "w", ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", content)
            entry = ZipInfo(part.filename, _FIRST_MOMENT)
            entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o600 << 16
            new.writestr(entry, content)
    return stable.getvalue()


def lost_parts(template: Path, written: bytes) -> Iterator[str]:
    """What was in the form and is not in the filled one: whole parts, and what was drawn inside a drawing."""
    with ZipFile(template) as before, ZipFile(BytesIO(written)) as after:
        kept = Counter(map(_family, after.namelist()))
        found = Counter(map(_family, before.namelist()))
        for family, count in sorted(found.items()):
            missing = count - kept[family]
            if missing > 0 and not any(harmless in family for harmless in _HARMLESS) and not family.endswith("/"):
                names = [name for name in before.namelist() if _family(name) == family]
                yield f"{', '.join(names)}: {missing} of {count} lost" if missing < count else ", ".join(names)
        drawn, still = _drawn(before), _drawn(after)
        for what, count in drawn.items():
            if count > still[what]:
                yield f"{count - still[what]} of {count}: {what}"


def _family(name: str) -> str:
    """A part without its number and folder's habit: xl/comments1.xml and xl/comments/comment1.xml are one family."""
    stem = _NUMBERED.sub("", name.rpartition("/")[2])
    folder = name.rpartition("/")[0]
    if "comment" in stem.lower() and "threaded" not in name.lower():
        return "comments"
    return f"{folder}/{stem}" if folder else stem


def _drawn(workbook: ZipFile) -> Counter[str]:
    counts: Counter[str] = Counter()
    for name in workbook.namelist():
        if name.startswith("xl/drawings/") and name.endswith((".xml", ".vml")):
            content = workbook.read(name)
            for what, pattern in _DRAWN.items():
                counts[what] += len(pattern.findall(content))
    return counts
