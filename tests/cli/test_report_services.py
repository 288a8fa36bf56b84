"""`itops report services`: judged against the plan and the measured restores; the statement of one is printed."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docx import Document

from itops.cli.report_services import services
from itops.names import Names
from itops.store import StoreLocation, open_store
from tests.cli.test_changes import NOW, YAML, Ran, run
from tests.worklog.test_services import ESTATE, HOUR, Dependencies, drill, service

PLAIN = service(depends_on=Dependencies(databases=("sql01/Insurance",)))


@pytest.fixture
def office(tmp_path: Path) -> Path:
    (tmp_path / "itops.yaml").write_text(YAML, encoding="utf-8")
    (tmp_path / "state").mkdir(mode=0o700)
    return tmp_path


def ask(folder: Path, *words: str, service: Any = PLAIN) -> Ran:
    settings = SimpleNamespace(
        folder=folder,
        report=None,
        services={"record": service},
        backup=ESTATE.plan,
        register=folder / "inventory.yaml",
        office=SimpleNamespace(language="fa", name=Names(fa="اداره کل البرز", en="Alborz Directorate")),
    )
    return run(folder, services, *words, settings=settings)


def restore(folder: Path) -> None:
    with open_store(StoreLocation(folder=folder / "state"), NOW) as store:
        store.ledger.record_drill(drill())


def test_without_a_restore_test_the_verdict_is_unknown_and_with_one_it_is_ok(office):
    assert ask(office).code == 3
    restore(office)
    ran = ask(office, "--output", "json")
    (row,) = ran.data["services"]
    assert (ran.code, row["state"], row["measured_seconds"]) == (0, "OK", 3600)
    assert (row["allowed_downtime_seconds"], row["basis_days"], row["is_standard_month"]) == (25_920, 30, True)
    assert row["databases"][0]["plan_seconds"] == 86_400


def test_four_hours_against_a_daily_backup_are_critical(office):
    restore(office)
    strict = service(depends_on=PLAIN.depends_on, rpo=4 * HOUR)
    ran = ask(office, service=strict)
    assert ran.code == 2
    assert "RPO 4 h, but the backup plan may lose 1 d" in ran.stdout


def test_the_statement_is_printed_in_the_offices_language_or_written_to_a_file(office):
    assert "آزموده نشده" in ask(office, "statement", "record").stdout
    out = office / "record.txt"
    assert ask(office, "statement", "record", "--language", "en", "--out", str(out)).code == 0
    text = out.read_text(encoding="utf-8")
    assert "Annex 1: service level indicators" in text
    assert "7 h 12 min in a month of 30 days" in text


@pytest.mark.parametrize(
    ("name", "begin"),
    [("a.pdf", b"%PDF-"), ("a.docx", b"PK"), ("a.HTML", b"<!DOCTYPE html>"), ("a.txt", "توافق".encode())],
)
def test_the_statement_is_written_in_the_form_that_the_name_of_the_file_asks_for(office, name, begin):
    assert ask(office, "statement", "record", "--out", str(office / name)).code == 0
    assert (office / name).read_bytes().startswith(begin)


def test_on_paper_it_has_the_seven_sections_and_names_the_office(office):
    out = office / "record.docx"
    assert ask(office, "statement", "record", "--language", "en", "--out", str(out)).code == 0
    document = Document(str(out))
    assert "Alborz Directorate" in [one.text for one in document.paragraphs]
    assert len([one for one in document.paragraphs if one.style.name == "Heading 1"]) == 7
    assert "not tested" in " ".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)


def test_another_form_is_refused_before_anything_is_judged(office):
    ran = ask(office, "statement", "record", "--out", str(office / "record.xlsx"))
    assert ran.code == 64
    assert ".docx" in ran.failure.remedy
    assert not (office / "record.xlsx").exists()


@pytest.mark.parametrize("words", [["statement", "nothing"], ["--period", "1405"], ["statement", "record", "--out", "no/such/x.txt"]])  # noqa: E501  # fmt: skip
def test_what_cannot_be_is_refused(office, words):
    assert ask(office, *words).code == 64


def test_csv_has_a_line_for_each_service(office):
    lines = ask(office, "--output", "csv").stdout.splitlines()
    assert lines[0].startswith("service,service_id,")
    assert lines[1].startswith("record,11141141104,")
