"""Names as weapons, on their way into a cell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.reports.rvtools.safe_text import CUT_MARK, MAX_CELL_LENGTH, csv_text, xlsx_text

ANY_TEXT = st.text(st.characters(blacklist_categories=()), max_size=60)


@given(ANY_TEXT)
def test_no_control_character_or_lone_surrogate_reaches_a_cell(text):
    for clean in (xlsx_text(text), csv_text(text)):
        clean.encode("utf-8")
        assert not any(ord(sign) < 32 and sign not in "\n\t" for sign in clean)
        assert "\u202e" not in clean


@given(ANY_TEXT)
def test_no_csv_cell_begins_with_what_a_spreadsheet_runs(text):
    assert not csv_text(text).startswith(tuple("=+-@\t\r＝＋－＠"))
    assert "\n" not in csv_text(text)


@pytest.mark.parametrize(
    "text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "\x00=1", "\u202e=1"]
)
def test_each_known_start_gets_its_apostrophe(text):
    assert csv_text(text).startswith("'")


def test_persian_text_keeps_its_joiners_and_line_breaks():
    assert xlsx_text("می‌شود\r\nدو") == "می‌شود\nدو"


@pytest.mark.parametrize("sign", ["a", "\u06a9", "\U0001f4bb"], ids=["ascii", "persian", "two units"])
def test_a_cell_too_long_is_cut_with_a_mark_where_a_cell_ends(sign):
    cut = xlsx_text(sign * 40_000)
    assert cut.endswith(CUT_MARK)
    assert len(cut.encode("utf-16-le")) // 2 in (MAX_CELL_LENGTH, MAX_CELL_LENGTH - 1)
    fits = sign * ((MAX_CELL_LENGTH - 1) // len(sign.encode("utf-16-le")) * 2)
    assert xlsx_text(fits[:100]) == fits[:100]
