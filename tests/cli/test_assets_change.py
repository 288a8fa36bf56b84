"""Changing the register from the command line: the lines change, the authors are remembered, nothing else happens."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from itops.cli.main import cli
from itops.errors import ConfigInvalid, UsageWrong

REGISTER = """\
# ours
sites: {head: {fa: اداره کل, en: Head office}, fardis: {fa: فردیس, en: Fardis}}
assets:
  - id: PC-1   # the director's
    kind: computer
    name: رایانه
    site: head
    location: اتاق ۴
    parts: [{kind: case, asset_tag: 0042}]
  - {id: PER-1, kind: peripheral, name: هدست, site: head, part_of: PC-1}
"""


@pytest.fixture
def office(tmp_path: Path) -> Path:
    (tmp_path / "itops.yaml").write_text("office: {id: demo, calendar: jalali}\n", encoding="utf-8")
    (tmp_path / "inventory.yaml").write_text(REGISTER, encoding="utf-8")
    return tmp_path


def ran(office: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--config", str(office / "itops.yaml"), "assets", *words])


def done(office: Path, *words: str) -> Result:
    ended = ran(office, *words)
    assert ended.exception is None, ended.exception
    return ended


def text(office: Path) -> str:
    return (office / "inventory.yaml").read_text(encoding="utf-8")


def changes(office: Path, *words: str) -> list[dict[str, str | None]]:
    return json.loads(done(office, "history", *words, "--output", "json").stdout)["data"]


def test_exactly_the_line_that_must_change_does_and_is_shown(office):
    shown = done(office, "set", "PC-1", "location=اتاق ۵").stdout
    assert text(office) == REGISTER.replace("اتاق ۴", "اتاق ۵")
    assert [line for line in shown.splitlines() if line.startswith(("+ ", "- "))] == [
        "-    location: اتاق ۴", "+    location: اتاق ۵",
    ]  # fmt: skip


def test_an_asset_is_known_by_the_property_number_of_a_part_on_any_keyboard(office):
    done(office, "set", "۰۰۴۲", "serial=8CG1")
    assert "    serial: 8CG1\n" in text(office)


def test_what_is_so_already_is_not_written(office):
    assert "nothing was written" in done(office, "set", "PC-1", "location=اتاق ۴").stderr
    assert changes(office) == []


def test_a_dry_run_shows_and_writes_nothing(office):
    assert "+    serial: X123" in done(office, "set", "PC-1", "serial=X123", "--dry-run").stdout
    assert text(office) == REGISTER
    assert not (office / "state").exists()


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["set", "PC-1"], UsageWrong),
        (["set", "PC-1", "serial"], UsageWrong),
        (["set", "PC-1", "serail=4"], UsageWrong),
        (["set", "PC-9", "serial=4"], UsageWrong),
        (["set", "PC-1", "id=PC-2"], UsageWrong),
        (["set", "PC-1", "site=nowhere"], ConfigInvalid),
        (["set", "PC-1", "purchase.price=5"], ConfigInvalid),
        (["move", "PC-1"], UsageWrong),
        (["move", "PC-1", "--to", "nowhere"], UsageWrong),
        (["assign", "PC-1"], UsageWrong),
        (["assign", "PC-1", "--to", "x", "--on", "31/31/31"], UsageWrong),
        (["retire", "PC-1", "--lost", "--disposed"], UsageWrong),
        (["retire", "PC-1", "--minutes-no", "4"], UsageWrong),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(office, words, error):
    ended = ran(office, *words)
    assert type(ended.exception) is error
    assert text(office) == REGISTER


def test_what_belongs_to_a_computer_stays_unless_somebody_says_so_and_is_named(office):
    assert "left where it was: PER-1" in done(office, "move", "PC-1", "--to", "fardis").stderr
    assert "part_of: PC-1}" in text(office)
    assert text(office).count("site: fardis") == 1
    done(office, "move", "PC-1", "--to", "head", "--with-peripherals")
    done(office, "move", "PC-1", "--to", "fardis", "--with-peripherals")
    assert text(office).count("site: fardis") == 2


def test_the_author_of_a_command_is_remembered_and_what_was_typed_is_noticed(office):
    done(office, "assign", "PC-1", "--to", "کارشناس", "--on", "1405-09-01")
    (office / "inventory.yaml").write_text(text(office).replace("اتاق ۴", "اتاق ۶"), encoding="utf-8")
    done(office, "retire", "PER-1")
    found = [(one["field"], one["after"], one["how"], one["by"] is not None) for one in changes(office)]
    assert sorted(found) == [
        ("assigned_to", "کارشناس", "assign", True),
        ("custody_date", "2026-11-22", "assign", True),
        ("location", "اتاق ۶", "by hand", False),
        ("status", "retired", "retire", True),
    ]


def test_git_tells_who_typed_what(office):
    git = ["git", "-C", str(office), "-c", "user.name=Operator", "-c", "user.email=o@example.ir"]
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}

    def commit() -> None:
        subprocess.run([*git, "add", "inventory.yaml"], check=True, env=environment)
        subprocess.run([*git, "commit", "-qm", "x"], check=True, env=environment)

    subprocess.run([*git, "init", "-q"], check=True, env=environment)
    commit()
    done(office, "history")
    (office / "inventory.yaml").write_text(text(office).replace("اتاق ۴", "اتاق ۶"), encoding="utf-8")
    assert [(one["how"], one["by"]) for one in changes(office, "PC-1") if one["field"] == "location"] == [
        ("by hand", None), ("git", "Operator"),
    ]  # fmt: skip
    commit()
    assert [(one["how"], one["by"]) for one in changes(office, "PC-1") if one["field"] == "location"] == [
        ("git", "Operator"), ("git", "Operator"),
    ]  # fmt: skip
