"""`itops report build`, `exceptions`, `explain`, `note`, `notes`: a real office, its store and its files."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from itops.cli.report import report
from tests.cli.test_changes import Ran, run, scan
from tests.inventory.sightings import DAY1, vm

MONTH = "1405-08"
LATER = DAY1 + timedelta(days=40)
YAML = """
office: {id: alborz, name: {fa: اداره کل البرز, en: Alborz}, timezone: Asia/Tehran, calendar: jalali, language: fa}
sources: {vc01: {type: rvtools, path: exports}}
report:
  languages: [fa, en]
  formats: [json, html]
  systems: {goals: {fa: سامانه اهداف, en: goals}}
  documents:
    monthly-report: {title: {fa: گزارش, en: Report}, systems: [goals], made_by: itops, report: monthly}
"""


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """In the month a server went and one came, and nobody wrote down why."""
    (tmp_path / "itops.yaml").write_text(YAML, encoding="utf-8")
    (tmp_path / "exports").mkdir()
    (tmp_path / "state").mkdir(mode=0o700)
    scan(tmp_path, DAY1, [vm("a", "kaspersky")])
    scan(tmp_path, DAY1 + timedelta(days=20), [vm("b", "WSUS")])
    return tmp_path


def ask(folder: Path, *words: str, now: datetime = LATER) -> Ran:
    return run(folder, report, *words, now=now)


def built(folder: Path, *words: str, now: datetime = LATER) -> dict[str, Any]:
    ran = ask(folder, "build", "--period", MONTH, *words, now=now)
    assert ran.code == 0, ran.stderr
    path = folder / f"state/reports/{MONTH}/alborz-{MONTH}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_the_files_are_those_that_itops_yaml_asks_for(office: Path) -> None:
    built(office)
    names = {path.name for path in (office / f"state/reports/{MONTH}").iterdir()}
    assert names == {f"alborz-{MONTH}.json", f"alborz-{MONTH}-fa.html", f"alborz-{MONTH}-en.html"}


def test_built_a_month_and_two_scans_later_every_file_is_the_same(office: Path) -> None:
    built(office)
    folder = office / f"state/reports/{MONTH}"
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    scan(office, LATER, [vm("c", "DC")])
    scan(office, LATER + timedelta(days=3), [])
    built(office, now=LATER + timedelta(days=30))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first


def test_what_people_write_about_the_month_later_is_a_correction(office: Path) -> None:
    before = built(office)
    key = "change.removed-unexplained:kaspersky"
    assert key in [row["key"] for row in before["exceptions"]]
    words = (
        "--fa",
        "دستور شفاهی",
        "--en",
        "an order by word of mouth",
        "--owner",
        "R.",
        "--due",
        "1405-09-20",
        "--by",
        "A",
    )
    assert ask(office, "note", "cause", key, "--period", MONTH, *words).code == 0
    (after,) = [row for row in built(office)["exceptions"] if row["key"] == key]
    assert after["cause"] == {"fa": "دستور شفاهی", "en": "an order by word of mouth"}
    assert (after["owner"], after["due_on"]) == ("R.", "2026-12-11")
    page = (office / f"state/reports/{MONTH}/alborz-{MONTH}-fa.html").read_text(encoding="utf-8")
    assert "دستور شفاهی" in page


def test_a_month_that_is_not_settled_calls_itself_provisional(office: Path) -> None:
    ran = ask(office, "build", "--period", MONTH, now=DAY1 + timedelta(days=25))
    assert "1405-08 is provisional: late facts count until 1405-09-03 00:00" in ran.stderr
    assert not built(office, now=DAY1 + timedelta(days=25))["period"]["is_final"]
    assert built(office)["period"]["is_final"]


def test_it_says_in_which_folder_the_files_are_and_how_to_see_what_lacks_a_cause(office: Path) -> None:
    ran = ask(office, "build", "--period", MONTH, "--out", str(office / "elsewhere"))
    assert f"the files are in {office / 'elsewhere'}" in ran.stderr
    assert f"no cause written: itops report exceptions --period {MONTH}" in ran.stderr


@pytest.mark.parametrize("period", ["", "0001", "0622", "1799-12"])
@pytest.mark.parametrize("command", ["build", "exceptions", "explain", "letter"])
def test_an_empty_period_and_one_of_long_ago_are_refused(office: Path, command: str, period: str) -> None:
    ran = ask(office, command, "--period", period)
    assert ran.code == 64
    assert ran.failure is not None
    assert "1405-08" in ran.failure.remedy


def test_a_month_that_has_not_begun_is_refused(office: Path) -> None:
    assert ask(office, "build", "--period", "1410-01").code == 64


def test_the_exceptions_are_a_verdict(office: Path) -> None:
    ran = ask(office, "exceptions", "--period", MONTH, "--output", "json")
    assert ran.code == 2
    assert "change.removed-unexplained:kaspersky" in [row["key"] for row in ran.data]


def test_each_figure_can_be_asked_for_what_it_rests_on(office: Path) -> None:
    listed = {row["figure"]: row for row in ask(office, "explain", "--period", MONTH, "--output", "json").data}
    assert (listed["servers.removed"]["value"], listed["servers.removed"]["evidence"]) == (1, 1)
    ran = ask(office, "explain", "servers.removed", "--period", MONTH, "--output", "json")
    (evidence,) = ran.data["figure"]["evidence"]
    assert (evidence["kind"], evidence["note"]) == ("change", "kaspersky")
    assert ask(office, "explain", "servers.eaten", "--period", MONTH).code == 64


def test_every_figure_of_the_report_has_evidence_or_is_nothing_or_says_why_it_is_unknown(office: Path) -> None:
    for name, figure in built(office)["figures"].items():
        assert figure["evidence"] or figure["reason"] or not figure["value"], name


def test_the_document_that_is_this_report_is_written_down_as_made_once(office: Path) -> None:
    for _ in range(2):
        assert ask(office, "build", "--period", MONTH, "--format", "pdf", "--language", "fa").code == 0
    (row,) = ask(office, "documents", "--period", MONTH, "--output", "json").data["documents"]
    assert (row["state"], row["versions"]) == ("made", 1)
    assert row["path"] == f"state/reports/{MONTH}/alborz-{MONTH}-fa.pdf"


def test_redacted_files_lie_apart_and_carry_the_profile_in_their_names(office: Path) -> None:
    assert ask(office, "build", "--period", MONTH, "--redact", "public", "--format", "json").code == 0
    (path,) = (office / f"state/reports/{MONTH}/public").iterdir()
    assert path.name == f"alborz-{MONTH}-public.json"
    assert "kaspersky" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("note", "cause", "--text", "x"), "which cause"),
        (("note", "problem", "--text", "x"), "which problem"),
        (("note", "summary"), "nothing to write"),
        (("note", "summary", "--text", "x", "--remove"), "something to write, and --remove"),
        (("note", "summary", "power", "--text", "x"), "one summary"),
        (("note", "proposal", "power", "--remove"), "no proposal power"),
        (("note", "summary", "--text", "x", "--owner", "A"), "only an exception"),
        (("build", "--language", "de"), "write some of"),
        (("build", "--format", "odt"), "write some of"),
        (("build", "--period", "1405-13"), "does not exist"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_cannot_be_is_refused(office: Path, words: tuple[str, ...], said: str) -> None:
    ran = ask(office, *words)
    assert ran.code == 64
    assert said in (str(ran.failure) if ran.failure else ran.stderr)


def test_notes_are_shown_and_taken_back(office: Path) -> None:
    words = ("--period", MONTH, "--by", "A")
    ask(office, "note", "problem", "power", "--text", "power failed twice", *words)
    ask(office, "note", "problem", "power", "--text", "power failed three times", *words)
    (row,) = ask(office, "notes", "--period", MONTH, "--output", "json").data
    assert (row["kind"], row["about"], row["text_en"]) == ("problem", "power", "power failed three times")
    assert built(office)["problems"] == [{"fa": "power failed three times", "en": "power failed three times"}]
    assert ask(office, "note", "problem", "power", "--remove", *words).code == 0
    assert ask(office, "notes", "--period", MONTH, "--output", "json").data == []


def test_a_cause_whose_key_is_of_no_exception_is_told_and_where_it_belongs(office: Path) -> None:
    words = ("--text", "x", "--by", "A")
    key = "change.removed-unexplained:kaspersky"
    assert "has the key" not in ask(office, "note", "cause", key, *words, "--period", MONTH).stderr
    other = ask(office, "note", "cause", key, *words)
    assert other.code == 0
    assert "no exception of 1405-09 has the key" in other.stderr
    assert other.stderr.rstrip().endswith(f"an exception of {MONTH} has it: --period {MONTH}")
    assert (
        "`itops report exceptions --period 1405-08`"
        in ask(office, "note", "cause", "mistyped", *words, "--period", MONTH).stderr
    )
