"""`itops report letter`: the covering letter of a period, on the office's letterhead, among the report's files."""

from datetime import timedelta
from pathlib import Path

import pytest
from docx import Document

from itops.cli.report_build import build
from itops.cli.report_letter import letter
from tests.cli.test_changes import Ran, run, scan
from tests.inventory.sightings import DAY1, vm

MONTH = "1405-08"
LATER = DAY1 + timedelta(days=40)
YAML = """
office: {id: alborz, name: {fa: اداره کل البرز, en: Alborz Directorate}, timezone: Asia/Tehran, calendar: jalali, language: fa}
sources: {vc01: {type: rvtools, path: exports}}
report:
  formats: [json]
  unit: {fa: اداره فناوری اطلاعات, en: Department of Information Technology}
  signers: {approved: ن. آزمونی}
  letter:
    to: {fa: مدیرکل محترم فناوری, en: Director General of Technology}
    copies_to: [{fa: حراست, en: Security}]
    drafter: م. نمونه
  systems: {goals: {fa: سامانه اهداف, en: Goals}}
  documents:
    servers: {title: {fa: گزارش سرورها, en: Report of servers}, systems: [goals]}
"""  # noqa: E501


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """In the month a server went, and nobody wrote down why."""
    (tmp_path / "itops.yaml").write_text(YAML, encoding="utf-8")
    (tmp_path / "exports").mkdir()
    (tmp_path / "state").mkdir(mode=0o700)
    scan(tmp_path, DAY1, [vm("a", "kaspersky")])
    scan(tmp_path, DAY1 + timedelta(days=20), [vm("b", "WSUS")])
    return tmp_path


def ask(folder: Path, *words: str) -> Ran:
    return run(folder, letter, *words, now=LATER)


def kept(folder: Path, language: str = "fa") -> Path:
    return folder / f"state/reports/{MONTH}/alborz-{MONTH}-letter-{language}.docx"


def said(path: Path) -> list[str]:
    return [one.text for one in Document(str(path)).paragraphs if one.text]


def test_the_letter_of_a_month_lies_among_the_reports_files_in_the_offices_language(office):
    ran = ask(office, "--period", MONTH)
    assert (ran.code, ran.stdout) == (0, "")
    assert f"{kept(office)}: written" in ran.stderr
    lines = said(kept(office))
    assert lines[:3] == ["بسمه تعالی", "شماره: ....................", "تاریخ: ۱۴۰۵/۰۹/۱۱"]
    for line in (
        "به: مدیرکل محترم فناوری",
        "از: اداره فناوری اطلاعات، اداره کل البرز",
        "ن. آزمونی",
        "تهیه‌کننده: م. نمونه",
    ):
        assert line in lines
    assert "kaspersky" not in " ".join(lines)


def test_in_english_it_has_english_words_and_days(office):
    assert ask(office, "--period", MONTH, "--language", "en").code == 0
    lines = said(kept(office, "en"))
    assert "To: Director General of Technology" in lines
    assert "Date: 2026-12-02" in lines
    assert "Documents not made, of 1 that are asked for: 1 (Report of servers)" in lines


def test_written_again_on_the_same_day_it_is_unchanged(office):
    ask(office, "--period", MONTH)
    before = kept(office).read_bytes()
    assert "unchanged" in ask(office, "--period", MONTH).stderr
    assert kept(office).read_bytes() == before


def test_a_letter_without_its_report_says_that_the_report_is_missing(office):
    hint = f"itops report build --period {MONTH}"
    assert hint in ask(office, "--period", MONTH).stderr
    assert run(office, build, "--period", MONTH, now=LATER).code == 0
    assert hint not in ask(office, "--period", MONTH).stderr


def test_out_is_where_it_is_told(office):
    out = office / "letter.DOCX"
    assert ask(office, "--period", MONTH, "--out", str(out)).code == 0
    assert said(out)[0] == "بسمه تعالی"
    assert not kept(office).exists()


def test_what_a_letterhead_says_is_not_said_twice_unless_it_is_asked_for(office):
    own = Document()
    own.sections[0].header.paragraphs[0].text = "بسمه تعالی"
    for line in ("شماره:", "تاریخ:", "پیوست:"):
        own.add_paragraph(line)
    own.save(str(office / "own.docx"))
    yaml = office / "itops.yaml"
    yaml.write_text(YAML.replace("formats:", "letterhead: own.docx\n  formats:"), encoding="utf-8")
    assert ask(office, "--period", MONTH).code == 0
    assert said(kept(office))[:4] == ["شماره:", "تاریخ:", "پیوست:", "به: مدیرکل محترم فناوری"]
    assert ask(office, "--period", MONTH, "--head", "print").code == 0
    assert "شماره: ...................." in said(kept(office))


def test_a_head_that_is_a_picture_can_be_left_out(office):
    assert ask(office, "--period", MONTH, "--head", "omit").code == 0
    assert said(kept(office))[0].startswith("به:")


@pytest.mark.parametrize("words", [["--out", "letter.pdf"], ["--period", "1406-01"], ["--period", "soon"]])
def test_what_cannot_be_is_refused(office, words):
    assert ask(office, *words).code == 64
    assert not (office / "state/reports").exists()
