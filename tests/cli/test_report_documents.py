"""`itops report documents`: listed with a state for each system, recorded as made and uploaded."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from itops.cli.report_documents import documents
from itops.config.plan import ReportSettings
from tests.cli.test_changes import NOW, YAML, Ran, run
from tests.worklog.test_documents import FESTIVAL, GOALS, SYSTEMS, document

WANTED = {"servers": document(systems=(GOALS, FESTIVAL)), "letter": document()}


@pytest.fixture
def office(tmp_path: Path) -> Path:
    (tmp_path / "itops.yaml").write_text(YAML, encoding="utf-8")
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "servers.pdf").write_bytes(b"servers")
    return tmp_path


def ask(folder: Path, *words: str, **more: Any) -> Ran:
    report = ReportSettings(systems=SYSTEMS, documents=WANTED)
    settings = SimpleNamespace(folder=folder, report=report)
    return run(folder, documents, *words, settings=settings, **more)


def test_what_is_missing_is_named_and_what_is_uploaded_is_done(office):
    before = ask(office, "--output", "json", now=NOW + timedelta(days=10))
    assert (before.code, before.data["period"]["name"]) == (0, "1405-09")  # the month now: nothing is missing yet
    before = ask(office, "--period", "1405-08", "--output", "json", now=NOW + timedelta(days=10))
    assert (before.code, before.data["missing"]) == (1, ["servers", "letter"])
    assert ask(office, "made", "servers", "--file", str(office / "servers.pdf"), "--by", "A").code == 0
    for system in (GOALS, FESTIVAL):
        assert ask(office, "uploaded", "servers", "--system", system, "--receipt", "7", "--by", "A").code == 0
    after = ask(office, "--period", "1405-08", "--output", "json", now=NOW + timedelta(days=10)).data
    assert (after["done"], after["asked"], after["missing"]) == (1, 2, ["letter"])
    assert after["readings"] == {"kinds": 2, "per_month": 2, "per_year": 24}
    servers = after["documents"][0]
    assert (servers["state"], servers["path"], servers["versions"]) == ("done", "servers.pdf", 1)
    assert {one["system"]: (one["state"], one["receipt"]) for one in servers["uploads"]} == {
        "goals": ("uploaded", "7"), "festival": ("uploaded", "7"),
    }  # fmt: skip


def test_made_anew_its_uploads_are_outdated_and_undone_they_are_none(office):
    made = ["made", "servers", "--file", str(office / "servers.pdf"), "--by", "A"]
    ask(office, *made)
    ask(office, "uploaded", "servers", "--system", GOALS, "--by", "A")
    (office / "servers.pdf").write_bytes(b"better")
    ask(office, *made)
    state = {one["system"]: one["state"] for one in ask(office, "--output", "json").data["documents"][0]["uploads"]}
    assert state == {"goals": "outdated", "festival": "to-upload"}
    undone = ask(office, "uploaded", "servers", "--system", GOALS, "--undo", "--by", "A", "--output", "json")
    assert undone.data[0]["is_undone"] is True
    shown = ask(office, "--output", "json").data
    assert shown["uploads"] == {"uploaded": 0, "outdated": 0, "to-upload": 2, "missing": 1}


def test_a_file_that_was_changed_after_it_was_recorded_is_critical(office):
    ask(office, "made", "servers", "--file", str(office / "servers.pdf"), "--by", "A")
    (office / "servers.pdf").write_bytes(b"other")
    ran = ask(office)
    assert ran.code == 2
    assert "document.file-differs" in ran.stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["made", "nothing", "--file", "servers.pdf", "--by", "A"], 64),
        (["made", "servers", "--file", "absent.pdf", "--by", "A"], 65),
        (["uploaded", "servers", "--system", "goals", "--by", "A"], 64),
        (["uploaded", "letter", "--system", "festival", "--by", "A"], 64),
        (["--period", "nonsense"], 64),
    ],
)
def test_what_cannot_be_is_refused(office, words, code):
    assert ask(office, *words).code == code


def test_the_table_has_a_column_for_each_system(office):
    shown = ask(office).stdout
    heading = shown.splitlines()[0].split()
    assert heading[-2:] == ["goals", "festival"]
    assert ask(office, "--output", "csv").stdout.startswith("document,period,title,")
