"""Any exception as a sentence: by its table and code, with its facts in words."""

import re

import pytest

from itops.facts import Fact
from itops.inventory.health import RULE_OF_CODE
from itops.reports.monthly.composing import pen_of
from itops.reports.monthly.composing.cells import Pen
from itops.reports.monthly.composing.findings import finding_line, subject_line, whole_line
from itops.reports.monthly.parts import FindingRow
from itops.reports.monthly.records import ExceptionRow
from itops.reports.paper.model import Span, code, said
from itops.verdict import State
from itops.worklog.findings import CHANGE_CODES, DOCUMENT_CODES, SERVICE_CODES
from tests.reports.monthly.composing.reading import words_in
from tests.reports.monthly.reports import sample_report

EN, FA = (pen_of(sample_report(), words_in(language)) for language in ("en", "fa"))
PENS = pytest.mark.parametrize("pen", [EN, FA], ids=["en", "fa"])


def finding(table: str, told: str, subject: str = "", **facts: Fact) -> FindingRow:
    return FindingRow(room="backup", table=table, code=told, subject=subject, state=State.WARNING, facts=facts)


ALL = [
    *(("worklog", one) for one in CHANGE_CODES),
    *(("document", one) for one in DOCUMENT_CODES),
    *(("service", one) for one in SERVICE_CODES),
    *(("health", one) for one in RULE_OF_CODE),
    *((table, one) for table in ("asset", "backup", "slot", "custody", "report") for one in EN.words.tables[table]),
]


@PENS
@pytest.mark.parametrize(("table", "told"), ALL)
def test_every_code_of_every_room_is_a_sentence_even_without_its_facts(table: str, told: str, pen: Pen) -> None:
    line = finding_line(finding(table, told), pen)
    assert line
    assert not re.search(r"\{[a-z_]+\}", said(line))
    assert line != code(told)


@PENS
def test_a_code_without_words_is_the_code(pen: Pen) -> None:
    for table in ("health", "no-such-table"):
        assert finding_line(finding(table, "plugin.strange"), pen) == (Span("plugin.strange", is_code=True),)


@pytest.mark.parametrize(("row", "english", "persian"), [
    (finding("service", "service.rto-missed", rto_seconds=7200, took_seconds=10800, database="pg01/portal",
             tested_at="2026-11-12T09:00:00+00:00"),
     "RTO 2 h, but the last restore test of pg01/portal took 3 h (1405-08-21 12:30)",
     "RTO برابر ۲ ساعت است، ولی آخرین تست بازیابی pg01/portal مدت ۳ ساعت طول کشید (۱۴۰۵/۰۸/۲۱ ساعت ۱۲:۳۰)"),
    (finding("document", "document.not-uploaded", system="goals", period="1405-08"),
     "Not uploaded to Operational goals system for Aban 1405",
     "برای دوره آبان ۱۴۰۵ در سامانه اهداف عملیاتی بارگذاری نشده است"),
    (finding("worklog", "change.unexplained", action="moved", seen_at="2026-11-12T20:00:00Z"),
     "moved since 1405-08-21 23:30, and nobody wrote down why",
     "از ۱۴۰۵/۰۸/۲۱ ساعت ۲۳:۳۰ تغییری (انتقال) دیده شده و علت آن ثبت نشده است"),
    (finding("report", "report.slots-missing", slot_count=2, first_slot="1405-08-13", last_slot="w1405-08-16",
             tier_list="daily, weekly"),
     "slots without a copy: 2, from 1405-08-13 to week of 1405-08-16 (daily, weekly)",
     "۲ نوبت بدون نسخه پشتیبان، از ۱۴۰۵/۰۸/۱۳ تا هفته ۱۴۰۵/۰۸/۱۶ (روزانه، هفتگی)"),
    (finding("asset", "warranty.ended", due_on="2026-04-01", late_days=234),
     "Its warranty ended on 1405-01-12, 234 days ago", None),
    (finding("backup", "restore-slow", seconds=4980, limit_seconds=3600),
     "the last restore took 4,980 seconds, more than the 3,600 allowed",
     "آخرین بازگردانی ۴٬۹۸۰ ثانیه طول کشید، بیش از ۳٬۶۰۰ ثانیهٔ مجاز"),
    (finding("custody", "offsite-missing", place="bank-box", due_on="2026-11-21", last_on="2026-11-25", media="HDD-07"),
     "No sound copy lies in Safe-deposit box at Refah bank; it was due on 1405-08-30, at the latest on 1405-09-04. "
     "Media that hold it: HDD-07", None),
    (finding("health", "snapshot.old", snapshot="before {patch}", age_days=62),
     "VM has an old snapshot: before {patch}, age: 62 days", None),
])  # fmt: skip
def test_facts_are_written_by_their_names(row: FindingRow, english: str, persian: str | None) -> None:
    assert said(finding_line(row, EN)) == english
    if persian is not None:
        assert said(finding_line(row, FA)) == persian


def test_names_in_a_persian_sentence_are_codes() -> None:
    line = finding_line(finding("service", "service.unprotected", database="sql01/Archive"), FA)
    assert Span("sql01/Archive", is_code=True) in line


def test_documents_and_services_are_called_by_their_titles() -> None:
    assert said(subject_line(finding("document", "document.missing", "doc-14"), EN)) == "Technology report no. 14"
    assert said(subject_line(finding("service", "service.no-id", "portal"), FA)) == "پورتال اداره کل"
    assert said(subject_line(finding("document", "document.missing", "gone"), EN)) == "gone"


def test_a_redacted_exception_without_a_subject_is_said_of_its_chapter() -> None:
    row = ExceptionRow(key="x", room="backup", table="backup", code="never-restored", subject="", state=State.WARNING)
    assert said(whole_line(row, EN)) == "Backups: no restore was ever tried"


@pytest.mark.parametrize("moment", ["2026-11-12T09:00:00", "not a moment", "2026-13-40"])
def test_a_moment_that_is_none_stands_as_it_was_told(moment: str) -> None:
    row = finding("worklog", "change.unexplained", action="moved", seen_at=moment)
    assert moment in said(finding_line(row, FA))
