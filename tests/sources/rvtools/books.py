"""Workbooks for tests: ours from entities, foreign ones cell by cell, broken ones byte by byte."""

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter

from itops.inventory.entities import Entity, Gap
from itops.sources.rvtools import RvtoolsSource, Settings
from itops.tasks.export_rvtools import ExportForm, export_rvtools
from tests.inventory.factory import SEEN_AT, reader_of

TEHRAN = ZoneInfo("Asia/Tehran")


def export(out: Path, entities: Iterable[Entity], **options: Any) -> Path:
    """Our own export."""
    export_rvtools(reader_of(entities), [], out, **{"created_at": SEEN_AT, "zone": TEHRAN, **options})
    return out


def export_csv(out: Path, entities: Iterable[Entity]) -> Path:
    return export(out, entities, form=ExportForm.CSV)


def book(out: Path, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> Path:
    """A workbook with exactly these cells."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    with xlsxwriter.Workbook(str(out), options) as workbook:
        form = workbook.add_format({"num_format": "yyyy/MM/dd HH:mm:ss"})
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if hasattr(cell, "year"):
                        sheet.write_datetime(number, column, cell, form)
                    elif cell is not None:
                        sheet.write(number, column, cell)
    return out


def changed_part(path: Path, part: str, new: bytes) -> Path:
    """The workbook with one of its parts replaced."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in {**parts, part: new}.items():
            made.writestr(name, content)
    return path


def observations(path: Path, **settings: Any):
    return list(RvtoolsSource("old", Settings(path=path, **settings)).observe(SEEN_AT.replace(year=2027)))


def seen(path: Path, **settings: Any) -> tuple[list[Entity], list[Gap]]:
    """Everything the only observation at `path` shows."""
    (observation,) = observations(path, **settings)
    found = list(observation.seen)
    return [it for it in found if isinstance(it, Entity)], [it for it in found if isinstance(it, Gap)]
