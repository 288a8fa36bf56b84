"""Rows of the factory's office by sheet and header, for assertions that read like the workbook."""

from collections.abc import Iterable
from typing import Any

from itops.inventory.entities import Entity
from itops.inventory.rvtools.catalogue import catalogue
from itops.inventory.rvtools.estate import Estate
from itops.inventory.rvtools.rows import Layout
from tests.inventory.factory import reader_of


def rows_of(name: str, entities: Iterable[Entity], hidden: Iterable[str] = ()) -> list[dict[str, Any]]:
    """The rows of one sheet as dicts."""
    read = reader_of(entities)
    sheet = catalogue().sheet(name)
    layout = Layout(sheet, Estate.survey(read), frozenset(hidden))
    assert sheet.kind is not None
    return [dict(zip(layout.headers, row, strict=True)) for thing in read(sheet.kind) for row in layout.rows(thing)]
