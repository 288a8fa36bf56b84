"""Is this file safe to open? Asked before the xlsx reader sees it, whose answer to a bomb is to eat the machine.

A workbook is a zip: every part is unpacked once as a stream and counted, because the sizes in its directory may lie.
The reader holds a sheet as a dense rectangle, so one value in the last row costs gigabytes: rectangles are measured,
too. Formatted but empty cells cost nothing and do not count.
"""

import re
import zlib
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from itops.errors import InputInvalid

MAX_UNPACKED_BYTES = 1024**3
MAX_RATIO = 200  # real exports reach 40
MAX_RATIO_FROM_BYTES = 64 * 1024**2  # below this nobody is hurt
MAX_PARTS = 5000
MAX_CELLS = 12_000_000  # of one sheet's rectangle: 400 MB in the reader
_CHUNK = 1 << 20
_OVERLAP = 512
_FAR = re.compile(rb"""\br=["'](?:[A-Z]{3}\d|[A-Z]{0,2}\d{6})""")
_CELL = re.compile(rb"""<(?:\w+:)?c(?:\s[^<>]*?)?(/?)>""")
_ROW = re.compile(rb"""<(?:\w+:)?row\s[^<>]*?\br=["'](\d{1,9})["'][^<>]*>""")
_PLACE = re.compile(rb"""\br=["']([A-Z]{1,4})(\d{1,9})["']""")
_REPLACE = "export it again with RVTools, or open it in a spreadsheet and save it as .xlsx"


def check(path: Path) -> None:
    """Raise InputInvalid, naming the file and what to do, unless the file is a sane workbook."""
    with path.open("rb") as file:
        head = file.read(512)
    if not head.startswith(b"PK"):
        raise InputInvalid(f"{path}: {_what_it_is(head)}", remedy=_REPLACE)
    try:
        with ZipFile(path) as workbook:
            _check_parts(path, workbook)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError) as broken:
        raise InputInvalid(f"{path}: the file is damaged or cut off ({broken})", remedy=_REPLACE) from broken


def _what_it_is(head: bytes) -> str:
    if not head:
        return "the file is empty"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "an old .xls file or one with a password, not an .xlsx workbook"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<head", b"<meta")):
        return "an HTML page with the name of a workbook"
    return "not an .xlsx workbook"


def _check_parts(path: Path, workbook: ZipFile) -> None:
    parts = workbook.infolist()
    if len(parts) > MAX_PARTS:
        raise InputInvalid(f"{path}: {len(parts)} parts inside; a workbook has a few dozen", remedy=_REPLACE)
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        raise InputInvalid(f"{path}: a zip file, but no workbook is in it", remedy=_REPLACE)
    packed = path.stat().st_size
    total = 0
    for part in parts:
        if part.flag_bits & 1 or part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise InputInvalid(f"{path}: {part.filename} is encrypted or packed in a foreign way", remedy=_REPLACE)
        is_far = False
        for chunk in _unpacked(workbook, part):
            total += len(chunk) - _OVERLAP
            if total > MAX_UNPACKED_BYTES or (total > MAX_RATIO_FROM_BYTES and total > MAX_RATIO * packed):
                raise InputInvalid(f"{path}: unpacks to far more than a workbook does; it is a trap", remedy=_REPLACE)
            is_far = is_far or _FAR.search(chunk) is not None
        if is_far:
            _check_rectangle(path, workbook, part)


def _unpacked(workbook: ZipFile, part: ZipInfo) -> Iterator[bytes]:
    """The part in chunks that begin with the end of the one before, so that nothing hides between two."""
    honest = copy(part)
    honest.file_size = MAX_UNPACKED_BYTES * 2  # read to the true end, whatever the directory says
    tail = b" " * _OVERLAP
    with workbook.open(honest) as stream:
        while chunk := stream.read(_CHUNK):
            yield tail + chunk
            tail = (tail + chunk)[-_OVERLAP:]


def _check_rectangle(path: Path, workbook: ZipFile, part: ZipInfo) -> None:
    last_row = last_column = 1
    for chunk in _unpacked(workbook, part):
        for cell in _CELL.finditer(chunk):
            if cell[1]:
                continue
            if place := _PLACE.search(cell[0]):
                last_row, last_column = max(last_row, int(place[2])), max(last_column, _column_number(place[1]))
            else:  # a cell that does not say where it is stands in the row that does
                rows = [int(row[1]) for row in _ROW.finditer(chunk)]
                last_row = max(last_row, *rows) if rows else last_row
        if last_row * last_column > MAX_CELLS:
            raise InputInvalid(
                f"{path}: {part.filename} has values down to row {last_row:,} and column {last_column:,}",
                remedy="delete the stray values below and beside the table, and save it again",
            )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
