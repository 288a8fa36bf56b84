"""Is this workbook safe to open? Asked before a reader sees it, whose answer to a bomb is to eat the machine.

Every part is unpacked once as a stream and counted, because the sizes in a zip's directory may lie. Three things cost
far more in memory than in the file and are computed beforehand: the rectangle of a sheet (kept dense: one value in the
last row makes it huge), one long text that a million cells point at, and merged blocks (a cell object each).
"""

import re
import zlib
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from itops.errors import InputInvalid

_MIB = 1 << 20
_CHUNK = _MIB
_REPLACE = "open it in a spreadsheet and save it as .xlsx"
_TAG = re.compile(rb"""<(?:\w+:)?(row|c|mergeCell)\b((?:[^<>"']|"[^"]*"|'[^']*')*)>(?:<(?:\w+:)?v>(\d{1,9})<)?""")
_ATTRIBUTE = re.compile(rb"""\b(r|t|ref)\s*=\s*["']([^"']*)["']""")
_PLACE = re.compile(rb"([A-Z]{1,4})(\d{1,9})")
_FAR = re.compile(rb"""\br=["'](?:[A-Z]{2,4}\d|[A-Z]\d{5})|<(?:\w+:)?c\b(?![^<>]*\br=)[^<>]*>|<(?:\w+:)?mergeCell\b""")
_TEXT_END = re.compile(rb"</(?:\w+:)?si>")
_DAMAGE = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError)
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a workbook is believed."""

    unpacked_bytes: int = 512 * _MIB
    ratio: int = 200  # real workbooks reach 40
    ratio_from_bytes: int = 64 * _MIB  # below this nobody is hurt
    parts: int = 5_000
    cells: int = 5_000_000  # of one sheet's rectangle
    text_bytes: int = 512 * _MIB  # of all cells that point at shared texts
    merged_cells: int = 200_000


FORM = Limits(unpacked_bytes=128 * _MIB, ratio_from_bytes=16 * _MIB, cells=1_000_000, text_bytes=64 * _MIB)
"""Of a form that is filled: the library that keeps its looks needs ten times as much memory for a cell."""


def check(path: Path, limits: Limits | None = None) -> None:
    """Raise InputInvalid, naming the file and what to do, unless the file is a sane workbook."""
    limits = limits or Limits()
    try:
        with path.open("rb") as file:
            _check_file(path, file, limits)
    except OSError as failure:
        raise InputInvalid(
            f"{path} cannot be read: {failure.strerror or failure}", remedy="check the path and the rights"
        ) from None


def _check_file(path: Path, file: IO[bytes], limits: Limits) -> None:
    try:
        with ZipFile(file) as workbook:
            _check(path, workbook, limits)
    except (*_DAMAGE, OSError) as broken:  # OSError: a part said to lie before the file's first byte
        raise InputInvalid(f"{path}: the file is damaged or cut off ({broken})", remedy=_REPLACE) from broken


def _check(path: Path, workbook: ZipFile, limits: Limits) -> None:
    parts = workbook.infolist()
    names = [part.filename for part in parts]
    if len(parts) > limits.parts:
        raise InputInvalid(f"{path}: {len(parts):,} parts inside; a workbook has a few dozen", remedy=_REPLACE)
    if "xl/workbook.xml" not in names:
        raise InputInvalid(f"{path}: a zip file, but no .xlsx workbook is in it", remedy=_REPLACE)
    if len(set(names)) < len(names):
        raise InputInvalid(f"{path}: two parts of one name are inside", remedy=_REPLACE)
    looked = _Look(path, limits, path.stat().st_size)
    for part in parts:
        if part.flag_bits & 1 or part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise InputInvalid(f"{path}: {part.filename} is encrypted or packed in a foreign way", remedy=_REPLACE)
        looked.take(workbook, part)
    looked.conclude(workbook)


@dataclass(slots=True)
class _Look:
    """What was seen of one workbook."""

    path: Path
    limits: Limits
    packed: int
    unpacked: int = 0
    text_lengths: list[int] = field(default_factory=list)
    suspects: list[ZipInfo] = field(default_factory=list)
    pointing: int = 0  # cells that point at a shared text, as an upper bound

    def take(self, workbook: ZipFile, part: ZipInfo) -> None:
        """Unpack a part once, counting."""
        is_far, texts = False, part.filename.lower().endswith("sharedstrings.xml")
        text_at = 0
        offset = 0
        for chunk, overlap in _unpacked(workbook, part, self.limits):
            self._count(len(chunk) - overlap)
            if part.filename.endswith((".xml", ".rels")) and _DTD.search(chunk):
                raise InputInvalid(f"{self.path}: {part.filename} declares entities; it is a trap", remedy=_REPLACE)
            is_far = is_far or _FAR.search(chunk) is not None
            self.pointing += chunk.count(b't="s"', overlap) + chunk.count(b"t='s'", overlap)
            if texts:
                for found in _TEXT_END.finditer(chunk):
                    end = offset - overlap + found.end()
                    if end > text_at:
                        self.text_lengths.append(end - text_at)
                        text_at = end
            offset += len(chunk) - overlap
        if is_far:
            self.suspects.append(part)

    def _count(self, count: int) -> None:
        self.unpacked += count
        is_bomb = self.unpacked > self.limits.ratio_from_bytes and self.unpacked > self.limits.ratio * self.packed
        if is_bomb or self.unpacked > self.limits.unpacked_bytes:
            raise InputInvalid(f"{self.path}: unpacks to far more than a list does; it is a trap", remedy=_REPLACE)

    def conclude(self, workbook: ZipFile) -> None:
        """Measure what may be big once it is open."""
        most = max(self.text_lengths, default=0) * self.pointing
        parts = workbook.infolist() if most > self.limits.text_bytes else self.suspects
        total = 0
        for part in parts:
            total += _measured(self.path, workbook, part, self.limits, self.text_lengths)
            if total > self.limits.text_bytes:
                raise InputInvalid(f"{self.path}: its cells hold far more text than a list", remedy=_REPLACE)


def _unpacked(workbook: ZipFile, part: ZipInfo, limits: Limits) -> Iterator[tuple[bytes, int]]:
    """The part in chunks that begin with the end of the one before (so many bytes): nothing hides between two."""
    honest = copy(part)
    honest.file_size = limits.unpacked_bytes * 2  # read to the true end, whatever the directory says
    tail = b""
    with workbook.open(honest) as stream:
        while chunk := stream.read(_CHUNK):
            yield tail + chunk, len(tail)
            tail = (tail + chunk)[-512:]


def _measured(path: Path, workbook: ZipFile, part: ZipInfo, limits: Limits, lengths: list[int]) -> int:
    """Bytes of shared text that the part's cells point at. Raises InputInvalid for a rectangle that is too big."""
    row = column = last_row = last_column = text_bytes = merged = 0
    for tag, attributes, value in _tags(workbook, part, limits):
        place = _PLACE.fullmatch(attributes.get(b"r", b""))
        if tag == b"row":
            row = int(attributes[b"r"]) if attributes.get(b"r", b"").isdigit() else row + 1
            column = 0
            continue
        if tag == b"mergeCell":
            merged += _area(attributes.get(b"ref", b""))
            _refuse_if(path, part, merged > limits.merged_cells, "has merged blocks of far more cells than a form")
            continue
        row, column = (int(place[2]), _column_number(place[1])) if place else (row, column + 1)
        if value is None:
            continue
        last_row, last_column = max(last_row, row), max(last_column, column)
        if attributes.get(b"t") == b"s" and value.isdigit() and int(value) < len(lengths):
            text_bytes += lengths[int(value)]
        is_huge = last_row * last_column > limits.cells
        _refuse_if(path, part, is_huge, f"has values down to row {last_row:,} and column {last_column:,}")
    return text_bytes


def _tags(workbook: ZipFile, part: ZipInfo, limits: Limits) -> Iterator[tuple[bytes, dict[bytes, bytes], bytes | None]]:
    """Rows, merged blocks and cells in their order. A cell's value: a number's digits, b"" for any other, or None."""
    rest = b""
    for chunk, overlap in _unpacked(workbook, part, limits):
        text = rest + chunk[overlap:]
        cut = len(text)
        for _ in range(3):  # a cell, its value and the value's end stay together: they wait for the next chunk
            cut = text.rfind(b"<", 0, max(cut, 0))
        if cut < 0:
            cut = 0 if len(text) < 4 * _CHUNK else len(text)
        for found in _TAG.finditer(text):
            if found.start() >= cut:
                break
            yield _tag(found)
        rest = text[cut:]
    yield from map(_tag, _TAG.finditer(rest))


def _tag(found: "re.Match[bytes]") -> tuple[bytes, dict[bytes, bytes], bytes | None]:
    is_empty = found[2].rstrip().endswith(b"/")
    value = None if is_empty else found[3] or b""
    return found[1], dict(_ATTRIBUTE.findall(found[2])), value


def _area(ref: bytes) -> int:
    corners = [_PLACE.fullmatch(corner) for corner in ref.split(b":")[:2]]
    if len(corners) != 2 or None in corners:
        return 1
    (left, top), (right, bottom) = ((_column_number(place[1]), int(place[2])) for place in corners if place)
    return (abs(right - left) + 1) * (abs(bottom - top) + 1)


def _refuse_if(path: Path, part: ZipInfo, condition: bool, problem: str) -> None:  # noqa: FBT001  the condition itself
    if condition:
        remedy = "delete the stray values below and beside the list, and save it again"
        raise InputInvalid(f"{path}: {part.filename} {problem}", remedy=remedy)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
