"""Values as lines: codes stand apart, numbers and days are in the digits of the language."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.names import Names
from itops.reports.monthly.composing import pen_of
from itops.reports.monthly.composing.lines import filled, joined, merged
from itops.reports.monthly.figures import Figure, ratio_of
from itops.reports.paper.model import Line, Span, code, said, text
from tests.reports.monthly.composing.reading import words_in
from tests.reports.monthly.reports import empty_report

EN, FA = (pen_of(empty_report(), words_in(language)) for language in ("en", "fa"))
GREGORIAN = pen_of(empty_report(), words_in("fa", "gregorian"))
DAY = date(2026, 11, 21)
MOMENT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize(("value", "unit", "english", "persian"), [
    (1489, "count", "1,489", "۱٬۴۸۹"),
    (0.984, "ratio", "98.4%", "۹۸٫۴٪"),
    (128 << 30, "bytes", "128 GiB", "۱۲۸ گیگابایت"),
    (4980, "seconds", "1 h 23 min", "۱ ساعت و ۲۳ دقیقه"),
    (41, "days", "41 days", "۴۱ روز"),
    (0, "count", "0", "۰"),
    (None, "count", "—", "—"),
])  # fmt: skip
def test_numbers_wear_their_unit(value: float | None, unit: str, english: str, persian: str) -> None:
    assert said(EN.number(value, unit)) == english
    assert said(FA.number(value, unit)) == persian
    assert not any(span.is_code for span in (*EN.number(value, unit), *FA.number(value, unit)))


@pytest.mark.parametrize(("value", "unit", "english", "persian"), [
    (5, "count", "+5", "+۵"),
    (-12, "count", "-12", "-۱۲"),
    (-0.023, "ratio", "-2.3", "-۲٫۳"),
    (90, "seconds", "+1 min 30 s", "+۱ دقیقه و ۳۰ ثانیه"),
])  # fmt: skip
def test_signed_numbers_are_codes(value: float, unit: str, english: str, persian: str) -> None:
    assert EN.signed(value, unit) == code(english)
    assert FA.signed(value, unit) == code(persian)


def test_a_negative_number_is_a_code_and_no_difference_has_no_sign() -> None:
    assert FA.number(-3) == code("-۳")
    assert FA.signed(0) == text("۰")


def test_a_share_shows_what_it_is_a_share_of() -> None:
    share = ratio_of("x", 26, 27, ())
    assert said(FA.figure(share)) == "۹۶٫۲٪ (۲۶ از ۲۷)"
    assert said(EN.figure(Figure(id="x", value=26, of=27))) == "26 of 27"
    assert said(EN.figure(Figure(id="x", value=None, of=27, reason="nothing"))) == "—"


def test_days_and_moments_follow_calendar_and_language() -> None:
    assert FA.day(DAY) == text("۱۴۰۵/۰۸/۳۰")
    assert EN.day(DAY) == code("1405-08-30")
    assert GREGORIAN.day(DAY) == code("2026-11-21")
    assert FA.moment(MOMENT) == text("۱۴۰۵/۰۸/۳۰ ساعت ۲۳:۳۰")
    assert EN.moment(MOMENT) == code("1405-08-30 23:30")
    assert FA.day(None) == text("—") == EN.moment(None)


def test_a_moment_in_a_cell_is_the_wall_clock_of_the_office() -> None:
    assert FA.moment_cell(MOMENT).value == datetime(2026, 11, 21, 23, 30)
    assert FA.moment_cell(None).value is None


@pytest.mark.parametrize(("name", "english", "persian"), [
    ("1405-08", "Aban 1405", "آبان ۱۴۰۵"),
    ("2026-11", "November 2026", "نوامبر ۲۰۲۶"),
    ("1402", "1402", "۱۴۰۲"),
])  # fmt: skip
def test_periods_have_the_name_of_their_month(name: str, english: str, persian: str) -> None:
    assert said(EN.period(name)) == english
    assert said(FA.period(name)) == persian


@pytest.mark.parametrize("name", ["1405-13", "soon", "", "1405-08-01", "۱۴۰۵"])
def test_what_is_no_period_stands_as_it_is(name: str) -> None:
    assert said(FA.period(name)) == name


@pytest.mark.parametrize(("name", "english", "persian"), [
    ("1405-08-03", "1405-08-03", "۱۴۰۵/۰۸/۰۳"),
    ("w1405-08-02", "week of 1405-08-02", "هفته ۱۴۰۵/۰۸/۰۲"),
    ("1405-08", "Aban 1405", "آبان ۱۴۰۵"),
    ("2026-11-21", "2026-11-21", "2026-11-21"),
    ("other", "other", "other"),
])  # fmt: skip
def test_slots_are_said_by_their_day_week_or_month(name: str, english: str, persian: str) -> None:
    assert said(EN.slot(name)) == english
    assert said(FA.slot(name)) == persian


BIDI_ROWS = ("2024-07-22", "00:50:56:AB:CD:EF", "-12", "+5", "5–10", "C++", ".vmx", "C:\\a b\\", "itops 0.3.0")


@pytest.mark.parametrize("name", BIDI_ROWS)
def test_what_would_turn_round_is_one_code_in_names_and_in_sentences(name: str) -> None:
    assert FA.name(name) == code(name)
    sentence = FA.prose(Names(fa=f"نام {name} ثبت شد", en=name))
    assert sentence == (Span("نام "), Span(name, is_code=True), Span(" ثبت شد"))


@pytest.mark.parametrize(("written", "spans"), [
    ("م. نمونه", [("م. نمونه", False)]),
    ("حذف (Citrix)", [("حذف (", False), ("Citrix", True), (")", False)]),
    ("سامانه بودجه IT.", [("سامانه بودجه ", False), ("IT", True), (".", False)]),
    ("طبقه 2، اتاق 102", [("طبقه ", False), ("2", True), ("، اتاق ", False), ("102", True)]),
    ("سرورهای Backup Server و WSUS", [("سرورهای ", False), ("Backup Server", True), (" و ", False), ("WSUS", True)]),
    ("تست2", [("تست", False), ("2", True)]),
    ("«»", [("«»", False)]),
])  # fmt: skip
def test_latin_in_persian_texts_is_set_apart(written: str, spans: list[tuple[str, bool]]) -> None:
    assert [tuple(span) for span in FA.prose(Names(fa=written, en=""))] == spans


def test_a_name_of_both_scripts_that_begins_in_latin_is_one_code() -> None:
    assert FA.name("sql01/حسابداری") == code("sql01/حسابداری")
    assert EN.name("م. نمونه") == code("م. نمونه")


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=60))
def test_no_text_is_lost_or_steers_anything(written: str) -> None:
    for line in (FA.prose(Names(fa=written, en="")), FA.name(written), EN.name(written)):
        assert all(span.text for span in line)
        assert not set(said(line)) & set("\u202e\u2066\u2067\u2068\u2069\x1b\n")
    assert said(FA.prose(Names(fa=written, en=""))) == said(FA.name(written)) == said(EN.name(written))


def test_a_sentence_takes_lines_into_its_places() -> None:
    told: dict[str, Line] = {"name": code("sql01"), "count": text("۳")}
    assert filled("سرور {name}: {count} بار", told) == (Span("سرور "), Span("sql01", is_code=True), Span(": ۳ بار"))
    with pytest.raises(KeyError):
        filled("{missing}", told)


def test_a_name_that_looks_like_a_placeholder_stays_a_name() -> None:
    assert said(filled("{name}", {"name": code("{name}")})) == "{name}"


def test_joining_leaves_out_what_is_empty() -> None:
    assert said(joined([text("a"), (), code("b")], ", ")) == "a, b"
    assert merged([Span("a"), Span(""), Span("b")]) == (Span("ab"),)
