"""Every code is documented, and said in both languages."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

import itops.backup.controls
from itops.backup.controls.evaluate import CONTROLS
from itops.backup.controls.kept import _MISSED
from itops.backup.controls.policy import ControlsPolicy
from itops.reports.words import LANGUAGES, load_words, placeholders

FOLDER = Path(itops.backup.controls.__file__).parent
PAGE = Path(__file__).parents[3] / "docs/reference/backup-controls.md"
_MAKERS = {"ok", "warning", "critical", "unknown", "not_evaluated", "as_bad_as", "Reason", "_told_worst", "_missed"}
_CODE = re.compile(r"[a-z]+(?:-[a-z]+)*")


def calls() -> Iterator[ast.Call]:
    for file in sorted(FOLDER.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield node


def texts(nodes: list[ast.expr]) -> list[str]:
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def codes(makers: set[str]) -> set[str]:
    found = set()
    for call in calls():
        if isinstance(call.func, ast.Name) and call.func.id in makers:
            given = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
            found |= {text for text in texts([*call.args, *given])[:1] if _CODE.fullmatch(text)}
    return found


def constants() -> set[str]:
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in FOLDER.glob("*.py")]
    return {text for tree in trees for text in texts([node for node in ast.walk(tree) if isinstance(node, ast.expr)])}


REASONS = codes(_MAKERS) | set(_MISSED.values())
EVIDENCE = codes({"Evidence"})
DOCUMENTED = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", PAGE.read_text(encoding="utf-8")))


def test_the_codes_are_found_where_they_are_made():
    assert {"never-looked", "slots-missed", "copies-too-few", "failure-unhandled"} <= REASONS
    assert {"proof", "slots", "chain-head"} <= EVIDENCE


@pytest.mark.parametrize("control", CONTROLS)
def test_a_control_is_documented(control):
    assert re.search(rf"^## {control} ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def test_every_reason_is_documented():
    assert {code for code in REASONS if "-" in code} - DOCUMENTED == set()


def test_no_reason_is_documented_that_nothing_gives():
    assert DOCUMENTED - constants() == set()


def test_every_setting_is_documented_and_no_other():
    page = PAGE.read_text(encoding="utf-8")
    table = page[page.index("| key | default |") : page.index("```yaml")]
    keys = {
        name for line in table.splitlines()[2:] if "|" in line for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    assert keys == {field.name for field in fields(ControlsPolicy)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_words_and_no_words_are_left_over(language):
    tables = load_words(language).tables
    assert set(tables["control"]) == set(CONTROLS)
    assert set(tables["control_reason"]) >= REASONS
    assert set(tables["control_evidence"]) >= EVIDENCE
    assert set(tables["control_reason"]) | set(tables["control_evidence"]) <= constants()


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_want_no_data(language):
    words = load_words(language)
    assert all(placeholders(words.template("control", name)) == frozenset() for name in CONTROLS)
