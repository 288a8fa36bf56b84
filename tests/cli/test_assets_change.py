"""Changing the register from the command line: the lines change, the authors are remembered, nothing else happens."""

import json
import os
import subprocess
import sys
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
        (["set", "PC-1", "serial=4", "serial=5"], UsageWrong),
        (["set", "PC-1", "serial=4", "--unset", "serial"], UsageWrong),
        (["move", "PC-1", "--location", ""], ConfigInvalid),
        (["history", "PC-9"], UsageWrong),
        (["history", "--since", "soon"], UsageWrong),
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


def test_what_belongs_to_two_things_at_once_is_asked_about_once(office):
    nested = REGISTER + "  - {id: PER-2, kind: peripheral, name: کابل, site: head, part_of: PER-1}\n"
    (office / "inventory.yaml").write_text(nested, encoding="utf-8")
    assert "left where it was: PER-2\n" in done(office, "move", "PC-1", "PER-1", "--to", "fardis").stderr
    assert text(office).count("site: fardis") == 2


def test_a_block_may_be_taken_out_and_written_anew_at_once(office):
    done(office, "set", "PC-1", "purchase.date=1402-01-05", "purchase.price=5")
    done(office, "set", "PC-1", "purchase.date=1402-01-06", "--unset", "purchase")
    assert "1402-01-06" in text(office)
    assert "price" not in text(office)


def test_a_screen_that_cannot_show_persian_stops_nothing(office):
    command = [sys.executable, "-m", "itops", "--config", str(office / "itops.yaml")]
    ended = subprocess.run(
        [*command, "assets", "set", "PC-1", "location=اتاق ۵"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert b"+    location: ???? ?" in ended.stdout
    assert "اتاق ۵" in text(office)


def test_an_account_without_a_name_changes_the_register_too(office, monkeypatch):
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr("getpass.getuser", nameless)
    done(office, "set", "PC-1", "serial=X123")
    assert [(one["field"], one["by"]) for one in changes(office)] == [("serial", None)]


def test_an_asset_that_is_in_the_register_no_more_keeps_its_history(office):
    done(office, "set", "PER-1", "serial=X123")
    (office / "inventory.yaml").write_text(REGISTER.rpartition("  - {id: PER-1")[0], encoding="utf-8")
    assert {one["field"] for one in changes(office, "PER-1")} >= {"id", "serial"}
    whole = done(office, "history", "PER-1").stdout.splitlines()
    assert [line.split()[3] for line in whole[1:]] == ["id", "serial"]  # what it held is one line for people


def test_changes_before_a_day_are_left_out(office):
    done(office, "set", "PC-1", "serial=X123")
    assert len(changes(office, "--since", "1405-01-01")) == 1
    assert changes(office, "--since", "9000-01-01") == []


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


def test_a_repository_that_git_cannot_read_leaves_what_itops_remembers(office):
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", "-C", str(office), "init", "-q"], check=True, env=environment)
    (office / ".git" / "refs" / "heads" / "main").write_text(f"{'1' * 40}\n", encoding="utf-8")
    (office / ".git" / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    done(office, "set", "PC-1", "serial=X123")
    ended = done(office, "history")
    assert "git does not read the register's repository: bad object" in ended.stderr
    assert "X123" in ended.stdout
