"""Every code of faults, limits and findings has words in both languages, and a line on the page."""

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from itops.backup.copies import Fault
from itops.backup.proofs import Limit
from itops.reports.backup_reference import fault_reference
from itops.reports.backups import fault_text, limit_text, said
from itops.reports.words import load_words

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/reference/backup-faults.md"
ROOMS = ("formats", "repositories", "drills", "tasks", "backup")
MAKERS = {"damaged": "fault", "Fault": "fault", "Unprovable": "limit", "Limit": "limit", "BackupFinding": "backup"}


def codes_in(path: Path) -> Iterator[tuple[str, str]]:
    """(table, code) of every literal code that is handed to a maker of faults, limits and findings."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            table = MAKERS.get(getattr(node.func, "id", ""))
            given = [keyword.value for keyword in node.keywords if keyword.arg == "code"] or node.args[:1]
            for value in given if table else ():
                yield from ((str(table), text) for text in texts_of(value))


def texts_of(value: ast.expr) -> Iterator[str]:
    """A literal, or either side of `a if ... else b`."""
    if isinstance(value, ast.IfExp):
        yield from (*texts_of(value.body), *texts_of(value.orelse))
    elif isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value


CODES = sorted({found for room in ROOMS for path in (ROOT / "itops" / room).rglob("*.py") for found in codes_in(path)})


def test_the_codes_are_found_where_they_are_made():
    assert {("fault", "cut"), ("limit", "no-checksums"), ("fault", "wal-missing"), ("limit", "out-of-time")} <= set(
        CODES
    )
    assert len(CODES) > 80


@pytest.mark.parametrize("language", ["en", "fa"])
def test_every_code_has_words(language):
    words = load_words(language)
    assert [f"{table}.{code}" for table, code in CODES if code not in words.tables[table]] == []


def test_the_page_of_codes_is_the_words():
    page = fault_reference(load_words("en"), load_words("fa"))
    if os.environ.get("ITOPS_GOLDEN") == "write":
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page


def test_a_fault_tells_its_place_and_a_code_without_words_is_shown_as_it_is():
    words = load_words("en")
    fault = Fault(code="cut", place="base/1", facts={"missing_bytes": 512})
    assert fault_text(fault, words) == "it is cut short: 512 bytes missing (base/1)"
    assert fault_text(Fault(code="of-a-stranger"), words) == "of-a-stranger"
    assert limit_text(Limit(code="program-missing"), words) == "unknown is not installed here"
    assert said("backup", "no-limit", {}, words) == "no age limit is set"
