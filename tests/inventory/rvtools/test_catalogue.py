"""The catalogue against an independent list of headers, and against itself."""

import subprocess
import sys
from pathlib import Path

from itops.inventory.rvtools.catalogue import Derived, Unknown, catalogue
from itops.inventory.rvtools.derived import FUNCTIONS
from itops.inventory.rvtools.rows import ITEMS

ORACLE = Path(__file__).with_name("headers.txt")
ELSEWHERE = {"health", "writer"}  # filled by the report, not derived from an entity


def _oracle() -> dict[str, list[str]]:
    sheets: dict[str, list[str]] = {}
    for line in ORACLE.read_text().splitlines():
        if line.startswith("["):
            current = sheets.setdefault(line[1:-1], [])
        elif line:
            current.append(line)
    return sheets


def test_sheets_and_headers_are_those_of_rvtools_in_order():
    oracle = _oracle()
    assert [sheet.name for sheet in catalogue().sheets] == list(oracle)
    assert {sheet.name: list(sheet.headers) for sheet in catalogue().sheets} == oracle
    assert sum(len(sheet.columns) for sheet in catalogue().sheets) == 753


def test_every_derivation_exists_and_takes_its_arguments():
    for sheet in catalogue().sheets:
        for column in sheet.columns:
            if isinstance(column.source, Derived) and column.source.function not in ELSEWHERE:
                code = FUNCTIONS[column.source.function].__code__
                assert code.co_argcount == 1 + len(column.source.arguments), f"{sheet.name} {column.header}"


def test_every_item_sheet_has_its_iterator_and_custom_columns_hang_on_a_header():
    for sheet in catalogue().sheets:
        assert sheet.each is None or sheet.each in ITEMS
        assert all(header in sheet.headers for header, _ in sheet.custom)


def test_only_five_columns_are_known_to_be_unknown_and_say_why():
    unknown = [
        (sheet.name, column.header, column.source.why)
        for sheet in catalogue().sheets
        for column in sheet.columns
        if isinstance(column.source, Unknown)
    ]
    assert [where[:2] for where in unknown] == [
        ("vCD", "VMRef"),
        ("vUSB", "VMRef"),
        ("vTools", "Required Version"),
        ("vTools", "VMRef"),
        ("vMultiPath", "Object ID"),
    ]
    assert all(why for _, _, why in unknown)


def test_loading_costs_at_most_60_ms_of_cpu():
    code = (
        "import time; from itops.inventory.rvtools import catalogue as c; t=time.process_time(); c.catalogue();"
        "print(time.process_time()-t)"
    )
    best = min(float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(2))
    assert best < 0.060
