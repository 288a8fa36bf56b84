"""Workbooks and text files as other programs write them, good and bad."""

import re
import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter

HEADER = ["شماره اموال", "نوع تجهیز", "مدل"]


def workbook(path: Path, *sheets: tuple[str, list[list[object]]]) -> Path:
    """A plain workbook; numbers are numbers."""
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                for position, cell in enumerate(row):
                    if cell is not None:
                        sheet.write(at, position, cell)
    return path


def with_part(path: Path, out: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """The same workbook with one part changed, or added."""
    with ZipFile(path) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, change(content) if part == name else content)
        if name not in old.namelist():
            new.writestr(name, change(b""))
    return out


def with_cells(path: Path, out: Path, xml: str) -> Path:
    """The first sheet's rows replaced by this XML."""

    def changed(content: bytes) -> bytes:
        return re.sub(rb"<sheetData>.*</sheetData>", f"<sheetData>{xml}</sheetData>".encode(), content, flags=re.S)

    return with_part(path, out, "xl/worksheets/sheet1.xml", changed)


def dot() -> BytesIO:
    """The smallest picture: one red pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixel = zlib.compress(b"\0\xff\0\0")
    return BytesIO(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixel) + chunk(b"IEND", b""))


def form(path: Path, *, rows: int = 30) -> Path:
    """Headquarters' form: titles, a header in row 3, room for some rows, a signature below, and all sorts of looks."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("تجهیزات")
        sheet.right_to_left()
        sheet.merge_range("A1:D1", "فرم تجهیزات")
        for position, header in enumerate(["ردیف", "شماره اموال", "نوع", "بهای خرید"]):
            sheet.write(2, position, header)
        yellow = book.add_format({"bg_color": "yellow", "border": 1})
        for position in range(4):
            sheet.write_blank(3, position, None, yellow)
        sheet.write(3 + rows, 0, "امضا")
        sheet.write_formula(3 + rows, 3, f"=SUM(D4:D{3 + rows})")
        sheet.insert_image("F1", "dot.png", {"image_data": dot()})
        sheet.insert_textbox("F5", "مهر و امضا")
        sheet.write_comment("A3", "یادداشت")
        sheet.data_validation("C4:C33", {"validate": "list", "source": ["رایانه", "چاپگر"]})
        sheet.conditional_format("D4:D33", {"type": "cell", "criteria": ">", "value": 5, "format": yellow})
        sheet.freeze_panes(3, 0)
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "='تجهیزات'!$D$4:$D$9"})
        sheet.insert_chart("F10", chart)
    return path
