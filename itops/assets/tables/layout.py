"""Which sheet of a file is the list, where its header is, and which column is what.

Titles, empty rows and headers of two merged rows stand above a list; the row in which most headers are known is its
header. Two columns for one field are never chosen between: the person is asked.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from itops.assets.tables.grid import Cell, Merged, Sheet, column_letters, is_blank
from itops.assets.tables.headers import Meaning, Reading, meaning_of
from itops.assets.tables.vocabulary import Vocabulary, fold
from itops.errors import InputInvalid, UsageWrong

HEAD_ROWS = 40
"""How far down a header is looked for."""
_FEWEST = 2  # known headers, below which a row is no header
_JOINED = frozenset({"location"})
"""Fields that several columns may fill together: building, floor and room are one place."""
_SAYS_WHICH = frozenset({"id", "asset_tag", "serial"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the list: from 0, as it is headed, and what it means."""

    position: int
    header: str
    meaning: Meaning

    @property
    def target(self) -> str | None:
        """The field it fills, if any."""
        return self.meaning.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How to read one sheet."""

    sheet: str
    header_row: int  # the last row of the header, from 1
    columns: tuple[Column, ...]

    @property
    def read(self) -> tuple[Column, ...]:
        """The columns that are fields."""
        return tuple(column for column in self.columns if column.meaning.reading is Reading.FIELD)

    def column_of(self, target: str) -> Column | None:
        """The column of a field."""
        return next((column for column in self.read if column.target == target), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line says about columns: header (or #3, C:) -> field; None leaves the column out."""

    fields: Mapping[str, str | None] = field(default_factory=dict)
    sheet: str | None = None


def found_layout(sheets: Sequence[Sheet], asked: Asked, vocabulary: Vocabulary) -> Layout:
    """The layout of the one sheet with the most known headers. Raises InputInvalid or UsageWrong."""
    candidates = [layout for sheet in sheets for layout in _layouts(sheet, asked, vocabulary)]
    if asked.sheet is None:
        candidates = _with_best(candidates)
    if not candidates:
        raise InputInvalid(
            "no row with the headers of a list was found" + _what_stands_there(sheets),
            remedy='name the columns: --map "HEADER=FIELD"; the fields are in docs/reference/configuration.md',
        )
    best = max(candidates, key=_score)
    _refuse_other_sheets(best, candidates)
    _refuse_what_was_not_found(asked, best)
    _refuse_doubles(best)
    return best


def _with_best(candidates: Sequence[Layout]) -> list[Layout]:
    best = max(map(_score, candidates), default=0)
    return [one for one in candidates if _score(one) == best]


def _refuse_other_sheets(best: Layout, candidates: Sequence[Layout]) -> None:
    """Two sheets that are as good: head office in one, a county in the other. Reading one would lose the other."""
    names = sorted({one.sheet for one in candidates if _score(one) == _score(best)})
    if len(names) > 1:
        raise UsageWrong(
            f"{len(names)} sheets look like the list: {', '.join(names)}", remedy="say which one: --sheet NAME"
        )


def _layouts(sheet: Sheet, asked: Asked, vocabulary: Vocabulary) -> Iterator[Layout]:
    """Every row, and every two rows joined by merged cells, that could be the header."""
    for at in range(min(len(sheet.rows), HEAD_ROWS)):
        texts = [_text(cell) for cell in sheet.rows[at]]
        if any(texts):
            yield from _accepted(sheet, at, list(enumerate(texts)), asked, vocabulary)
        if at + 1 < len(sheet.rows) and any(block.top <= at <= block.bottom for block in sheet.merged):
            yield from _accepted(sheet, at + 1, _two_rows(sheet, at, vocabulary), asked, vocabulary)


def _accepted(
    sheet: Sheet, at: int, headers: Sequence[tuple[int, str]], asked: Asked, vocabulary: Vocabulary
) -> Iterator[Layout]:
    columns = tuple(
        Column(position=position, header=text, meaning=_meaning(position, text, asked, vocabulary))
        for position, text in headers
        if text or _asked_for(position, text, asked) is not None
    )
    layout = Layout(sheet=sheet.name, header_row=at + 1, columns=columns)
    if _score(layout)[0] >= _FEWEST and _says_which(layout):
        yield layout


def _says_which(layout: Layout) -> bool:
    """Without a number of identity nothing could be known again."""
    return any(
        column.target in _SAYS_WHICH or (column.target or "").endswith((".asset_tag", ".serial"))
        for column in layout.read
    )


def _score(layout: Layout) -> tuple[int, int]:
    """Known fields; of two equal, the row with fewer strange headers."""
    fields = {column.target for column in layout.read}
    return len(fields), -sum(column.meaning.reading is Reading.UNKNOWN for column in layout.columns)


def _two_rows(sheet: Sheet, at: int, vocabulary: Vocabulary) -> list[tuple[int, str]]:
    """A header of two rows: `مانیتور` over `اموال` is `اموال مانیتور`, a cell merged downwards is itself."""
    upper, lower = list(sheet.rows[at]), list(sheet.rows[at + 1])
    width = max(len(upper), len(lower))
    headers = []
    for position in range(width):
        below = _text(lower[position]) if position < len(lower) else ""
        above = _text(_merged_value(sheet, at, position))
        headers.append((position, _joined(above, below, vocabulary)))
    return headers


def _joined(above: str, below: str, vocabulary: Vocabulary) -> str:
    if not (above and below):
        return below or above
    for text in (f"{below} {above}", f"{above} {below}"):
        if meaning_of(text, vocabulary).reading is Reading.FIELD:
            return text
    return below


def _merged_value(sheet: Sheet, row: int, position: int) -> Cell:
    """What a person sees in a cell: of a merged block, what stands in its corner."""
    for block in sheet.merged:
        if block.top <= row <= block.bottom and block.left <= position <= block.right:
            return _cell(sheet, block, block.top, block.left)
    return _cell(sheet, None, row, position)


def _cell(sheet: Sheet, block: Merged | None, row: int, position: int) -> Cell:
    cells = sheet.rows[row] if row < len(sheet.rows) else ()
    return cells[position] if position < len(cells) else None


def _meaning(position: int, text: str, asked: Asked, vocabulary: Vocabulary) -> Meaning:
    key = _asked_for(position, text, asked)
    if key is None:
        return meaning_of(text, vocabulary)
    target = asked.fields[key]
    if target is None:
        return Meaning(reading=Reading.IGNORED)
    return Meaning(reading=Reading.FIELD, target=target, factor=meaning_of(text, vocabulary).factor)


def _asked_for(position: int, text: str, asked: Asked) -> str | None:
    """The key of `fields` that means this column: its header, its letter (C:) or its number (#3)."""
    names = {f"#{position + 1}", f"{column_letters(position)}:"}
    return next((key for key in asked.fields if key.upper() in names or (text and fold(key) == fold(text))), None)


def _refuse_what_was_not_found(asked: Asked, layout: Layout) -> None:
    for key in asked.fields:
        if not any(_asked_for(column.position, column.header, asked) == key for column in layout.columns):
            headers = ", ".join(column.header for column in layout.columns if column.header)
            raise UsageWrong(f"sheet {layout.sheet} has no column {key!r}", remedy=f"its columns are: {headers}")


def _refuse_doubles(layout: Layout) -> None:
    counts = Counter(column.target for column in layout.read if column.target not in _JOINED)
    for target, count in counts.items():
        if count > 1:
            columns = [column for column in layout.read if column.target == target]
            named = ", ".join(f"{column_letters(one.position)} ({one.header})" for one in columns)
            letter = column_letters(columns[-1].position)
            raise InputInvalid(
                f"sheet {layout.sheet}: {count} columns could be {target}: {named}",
                remedy=f'say what the others are: --map "{letter}:=FIELD", or --map "{letter}:=" to leave one out',
            )


def _what_stands_there(sheets: Sequence[Sheet]) -> str:
    for sheet in sheets:
        for row in sheet.rows[:HEAD_ROWS]:
            texts = [text for text in map(_text, row) if text]
            if len(texts) > 1:
                return f"; sheet {sheet.name} begins with: {', '.join(texts[:12])}"
    return ""


def _text(cell: Cell) -> str:
    return "" if is_blank(cell) else " ".join(str(cell).split())
