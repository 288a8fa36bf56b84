"""The SLA statement: seven sections in the order of the national form, numbers with what stands behind them."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.names import Names
from itops.reports.sla import SlaStatement, service_said, sla_of, sla_text, span
from itops.reports.words import Words, load_words, placeholders
from itops.worklog.documents import UploadState
from itops.worklog.entries import WorkKind
from itops.worklog.findings import CHANGE_CODES, DOCUMENT_CODES, SERVICE_CODES
from itops.worklog.policy import SECTIONS, Percent, ServiceCatalogue
from itops.worklog.services import Estate, judge_services
from tests.worklog.test_services import ESTATE, HOUR, MONTH, TODAY, WHOLE, service

EN = load_words("en", calendar="jalali")
FA = load_words("fa", calendar="jalali", marks=False)
BOTH = pytest.mark.parametrize("words", [EN, FA], ids=["en", "fa"])


def statement(words: Words, estate: Estate = ESTATE, **more: object) -> SlaStatement:
    catalogue = ServiceCatalogue(services={"record": service(**more)})
    return sla_of(judge_services(catalogue, estate, MONTH, TODAY)[0], catalogue, MONTH, words)


def annex(words: Words, **more: object) -> dict[str, str]:
    return {line.name: line.value for line in statement(words, **more).annex}  # type: ignore[arg-type]


def test_the_seven_headings_stand_in_the_order_of_the_national_form():
    assert [one.heading for one in statement(FA).sections] == [
        "مقدمه", "هدف", "مسئولیت", "تعهدات متقابل خدمت‌گیرنده و دستگاه اجرایی", "هزینه‌ها و پرداخت‌ها", "دوره عملکرد",
        "خاتمه توافقنامه",
    ]  # fmt: skip
    assert [one.number for one in statement(EN).sections] == list(range(1, len(SECTIONS) + 1))


@BOTH
def test_a_section_that_nobody_wrote_says_so(words):
    sections = statement(words, sla=replace(WHOLE, costs=None)).sections
    assert [one.is_written for one in sections] == [name != "costs" for name in SECTIONS]
    assert sections[4].text == words.template("service", "form", "not_written")
    assert not any(one.is_written for one in statement(words, sla=None).sections)


def test_the_allowed_interruption_is_printed_with_its_basis():
    assert annex(EN)["Availability"] == "99%; allowed interruption 7 h 12 min in a month of 30 days, round the clock"
    assert annex(FA)["دسترس‌پذیری"] == "۹۹٪؛ قطعی مجاز ۷ ساعت و ۱۲ دقیقه در ماه ۳۰ روزه، شبانه‌روزی"
    calendar = annex(EN, period_basis="calendar", availability_target=Percent(Decimal("99.950")))["Availability"]
    assert calendar == "99.95%; allowed interruption 21 min 36 s in 1405-08 (30 days), round the clock"
    office = annex(EN, period_basis="calendar", hours="office", office_day=7 * HOUR)["Availability"]
    assert "working days of 7 h" in office


def test_a_recovery_time_is_printed_with_the_restore_that_was_measured_or_as_not_tested():
    met = annex(EN)["Recovery time objective (RTO)"]
    assert met == "2 h; last restore test of sql01/Insurance: 1 h (1405-08-10 00:00)"
    nobody = replace(ESTATE, drills=())
    assert annex(EN, estate=nobody)["Recovery time objective (RTO)"] == "2 h; sql01/Insurance: not tested"
    assert annex(FA, estate=nobody)["هدف زمان بازیابی (RTO)"] == "۲ ساعت؛ sql01/Insurance: آزموده نشده"


def test_a_recovery_point_is_printed_beside_the_plan():
    assert annex(EN)["Recovery point objective (RPO)"] == "1 d; the backup plan of sql01/Insurance: 1 d (night)"


@BOTH
def test_the_service_code_stays_as_it_was_given(words):
    (code,) = [line for line in statement(words).head if line.is_code]
    assert code.value == "11141141104"


@BOTH
def test_the_text_holds_everything_and_ends_in_one_line_feed(words):
    page = statement(words)
    text = sla_text(page)
    for part in (page.title, page.annex_title, *(one.heading for one in page.sections), *page.signers):
        assert part in text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@given(st.text(max_size=40))
def test_no_text_of_the_office_steers_the_page(text):
    names = Names(fa=text, en=text)
    page = sla_text(statement(FA, sla=replace(WHOLE, purpose=names), title=names))
    assert not set(page) & set("\x1b\r\u202e\u2067")


def test_a_section_keeps_its_lines():
    lines = Names(fa="یک\nدو", en="one\ntwo")
    assert statement(EN, sla=replace(WHOLE, purpose=lines)).sections[1].text == "one\ntwo"


@pytest.mark.parametrize(
    ("seconds", "english", "persian"),
    [
        (0, "0 s", "۰ ثانیه"),
        (59.9, "59 s", "۵۹ ثانیه"),
        (25_920, "7 h 12 min", "۷ ساعت و ۱۲ دقیقه"),
        (26_784, "7 h 26 min 24 s", "۷ ساعت و ۲۶ دقیقه و ۲۴ ثانیه"),
        (90_000, "1 d 1 h", "۱ روز و ۱ ساعت"),
    ],
)
def test_a_span_is_written_as_people_do(seconds, english, persian):
    assert span(seconds, EN) == english
    assert span(seconds, FA) == persian
    assert span(seconds, load_words("fa")) == persian


@BOTH
@pytest.mark.parametrize(
    ("table", "codes"), [("worklog", CHANGE_CODES), ("document", DOCUMENT_CODES), ("service", SERVICE_CODES)]
)
def test_every_code_has_words_and_no_words_are_left_over(words, table, codes):
    assert {name for name, text in words.tables[table].items() if isinstance(text, str)} == set(codes)


@BOTH
def test_every_kind_and_state_has_words(words):
    assert set(words.tables["worklog"]["kind"]) == {kind.value for kind in WorkKind}
    assert set(words.tables["document"]["state"]) == {state.value for state in UploadState}
    assert set(words.tables["service"]["section"]) == set(SECTIONS)


@BOTH
@pytest.mark.parametrize(
    ("more", "estate"),
    [
        ({"rpo": HOUR, "rto": HOUR / 2}, ESTATE),
        ({"service_id": "1", "parent": "x", "profile": None, "sla": None}, Estate()),
        ({"sla": replace(WHOLE, term_months=36, costs=None)}, replace(ESTATE, drills=())),
    ],
)
def test_every_finding_brings_what_its_sentence_wants(words, more, estate):
    catalogue = ServiceCatalogue(services={"record": service(**more)})
    for finding in judge_services(catalogue, estate, MONTH, TODAY)[0].findings:
        assert placeholders(words.template("service", finding.code)) <= set(finding.facts), finding.code
        assert "{" not in service_said(finding, words)


def test_four_hours_against_a_daily_backup_are_told_in_both_languages():
    catalogue = ServiceCatalogue(services={"record": service(rpo=4 * HOUR)})
    (finding,) = judge_services(catalogue, ESTATE, MONTH, TODAY)[0].findings
    assert service_said(finding, EN) == "RPO 4 h, but the backup plan may lose 1 d of sql01/Insurance (job night)"
    assert service_said(finding, FA) == (
        "RPO برابر ۴ ساعت است، ولی با برنامه پشتیبان‌گیری تا ۱ روز از sql01/Insurance از دست می‌رود (برنامه night)"
    )
