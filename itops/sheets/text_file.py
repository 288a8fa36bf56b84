"""CSV in whatever dialect the exporting machine's region made: encoding and separator are seen from the text.

UTF-8 with or without mark, UTF-16 (Excel's "Unicode text", with tabs), else Windows-1256, which has neither the
Persian yeh nor Persian digits: such a file always carries Arabic letters, and comparing folds them.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from itops.assets.tables.grid import Row, Sheet
from itops.errors import InputInvalid
from itops.sheets.reading import MAX_COLUMNS, MAX_ROWS, too_long

MAX_BYTES = 64 * 1024**2
_SEPARATORS = ",;\t|"
_SAMPLE_ROWS = 60
_SAMPLE_LENGTH = 1 << 18
_SAID = re.compile(r"\ufeff?\"?sep=(.)\"?\r?\n", re.IGNORECASE)
_GUARDED = re.compile(r"'(?='*(?:\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]))")
_EXPORT_AGAIN = "export it again as CSV (UTF-8) or .xlsx"


class TextBook:
    """One CSV file: a book of one sheet."""

    def __init__(self, path: Path) -> None:
        self.path = path
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputInvalid(f"{path}: {size // 1024**2} MB is too much for a list", remedy="leave this file out")
        self._text = decoded(path, path.read_bytes())
        said = _SAID.match(self._text)  # Excel's own first line, which is no row
        self._start = said.end() if said else 0
        self._separator = said[1] if said and said[1] in _SEPARATORS else _separator(self._text[self._start :])

    def names(self) -> list[str]:
        """Its only sheet is called as the file is."""
        return [self.path.stem]

    def head(self, name: str) -> Sheet:
        """The first rows."""
        return Sheet(name=name, rows=list(islice(self._rows(), _SAMPLE_ROWS)))

    def sheet(self, name: str) -> Sheet:
        """All rows; blank lines count, as they do in a spreadsheet."""
        rows = list(islice(self._rows(), MAX_ROWS + 1))
        if len(rows) > MAX_ROWS:
            raise too_long(self.path, len(rows))
        return Sheet(name=name, rows=rows)

    def _rows(self) -> Iterator[Row]:
        lines = io.StringIO(self._text, newline="")
        lines.seek(self._start)
        reader = csv.reader(self._bounded(lines), delimiter=self._separator, strict=True)
        try:
            for row in reader:
                yield tuple(unguarded(cell) if cell else None for cell in row)
        except csv.Error as broken:
            place = f"{self.path}:{reader.line_num}"
            raise InputInvalid(f"{place}: not a CSV file ({broken})", remedy=_EXPORT_AGAIN) from None

    def _bounded(self, lines: io.StringIO) -> Iterator[str]:
        for line in lines:
            if line.count(self._separator) > MAX_COLUMNS:
                raise InputInvalid(f"{self.path}: a line has more than {MAX_COLUMNS:,} cells", remedy=_EXPORT_AGAIN)
            yield line


def unguarded(cell: str) -> str:
    """A cell without the one apostrophe that kept a spreadsheet from running it."""
    return cell[1:] if _GUARDED.match(cell) else cell


def decoded(path: Path, content: bytes) -> str:
    """The text of a file. Raises InputInvalid for what is no text at all."""
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16")
        if b"\0" in content:
            raise InputInvalid(f"{path}: neither a workbook nor a text file", remedy=_EXPORT_AGAIN)
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        if failure.encoding.startswith("utf-16"):
            raise InputInvalid(f"{path}: broken UTF-16 at byte {failure.start}", remedy=_EXPORT_AGAIN) from None
    return content.decode("cp1256")  # what a Persian Windows writes when it writes neither; it has all 256 bytes


def _separator(text: str) -> str:
    """The one that makes the most even table; of two equal the more usual."""
    return max(_SEPARATORS, key=lambda separator: _evenness(text, separator))


def _evenness(text: str, separator: str) -> int:
    """Cells in the sampled rows that are as wide as most are; a note full of semicolons is one wide row only."""
    lines = io.StringIO(text[:_SAMPLE_LENGTH], newline="")
    try:
        rows = [len(row) for row in islice(csv.reader(lines, delimiter=separator), _SAMPLE_ROWS)]
    except csv.Error:  # told when the file is read in earnest
        return 0
    counts = Counter(width for width in rows if width > 1)
    return max(((width - 1) * count for width, count in counts.items()), default=0)
