"""Lines as office programs get them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.reports.paper.model import Cell, Mark, Row, Span, code, text
from itops.reports.paper.office_text import cell_text, clean, is_left_to_right, pieces, sign_of, sign_of_row

SENTENCE = (Span("تا "), Span("2024-07-22", is_code=True), Span(" ماند"))
MARKS = "\u200e\u200f"


@pytest.mark.parametrize(
    ("line", "is_turned"),
    [
        pytest.param(code("2024-07-22"), True, id="one code"),
        pytest.param((*code("10.0.0.1"), Span("، "), *code("10.0.0.2")), True, id="codes and a comma"),
        pytest.param(SENTENCE, False, id="a sentence"),
        pytest.param(text("۱۲"), False, id="a number in words"),
        pytest.param((), False, id="nothing"),
    ],
)
def test_only_lines_of_codes_are_read_from_the_left(line, is_turned):
    assert is_left_to_right(line) is is_turned


def test_a_code_among_persian_words_stands_between_two_pairs_of_marks_outside_itself():
    assert [(piece.text, piece.kind) for piece in pieces(SENTENCE, is_right_to_left=True)] == [
        ("تا ", "rtl"),
        ("\u200f\u200e", "mark"),
        ("2024-07-22", "code"),
        ("\u200e\u200f", "mark"),
        (" ماند", "rtl"),
    ]


def test_an_english_line_has_no_marks_unless_it_holds_persian():
    english = (Span("until "), *code("2024-07-22"))
    assert [piece.kind for piece in pieces(english, is_right_to_left=False)] == ["ltr", "code"]
    mixed = (Span("دفتر "), *code("2024-07-22"))
    assert [piece.kind for piece in pieces(mixed, is_right_to_left=False)] == ["rtl", "ltr", "mark", "code", "mark"]


def test_latin_words_inside_persian_words_are_runs_of_their_own():
    runs = [(piece.text, piece.kind) for piece in pieces(text("سرور VMware ESXi است"), is_right_to_left=True)]
    assert runs == [("سرور ", "rtl"), ("VMware ESXi", "ltr"), (" است", "rtl")]


def test_a_value_in_a_cell_has_no_marks_and_a_sentence_keeps_its_codes_apart():
    assert cell_text(code("-12"), is_right_to_left=True) == "-12"
    assert cell_text(text("وضعیت خوب"), is_right_to_left=True) == "وضعیت خوب"
    assert cell_text(SENTENCE, is_right_to_left=True) == "تا \u200f\u200e2024-07-22\u200e\u200f ماند"


@given(st.text(st.characters()), st.booleans())
def test_what_comes_out_holds_nothing_that_steers_or_breaks_a_file(words, is_code):
    made = "".join(piece.text for piece in pieces((Span(words, is_code),), is_right_to_left=False))
    assert not set(clean(words)) & set("\u202e\u2066\u2069\u200e\u200f\x00\x1b\ud800\uffff\n")
    assert made.strip(MARKS).replace(MARKS[0], "") == clean(words)


@pytest.mark.parametrize(
    ("cell", "sign"),
    [
        pytest.param(Cell(line=text("۵"), mark=Mark.BAD), "!!", id="a number says nothing"),
        pytest.param(Cell(line=code("sql01"), mark=Mark.NOTICE), "!", id="nor does a name"),
        pytest.param(Cell(line=text("بحرانی"), mark=Mark.BAD), "", id="a word does"),
        pytest.param(Cell(mark=Mark.UNKNOWN), "?", id="nothing at all"),
        pytest.param(Cell(line=text("۵"), mark=Mark.GOOD), "", id="what is good needs no sign"),
        pytest.param(Cell(line=text("۵")), "", id="not marked"),
    ],
)
def test_a_shade_is_never_alone(cell, sign):
    assert sign_of(cell) == sign


def test_a_shaded_row_says_it_once():
    plain = Cell(line=code("sql01"))
    assert sign_of_row(Row(cells=(plain,), mark=Mark.BAD)) == "!!"
    assert sign_of_row(Row(cells=(plain, Cell(line=text("بحرانی"), mark=Mark.BAD)), mark=Mark.BAD)) == ""
    assert sign_of_row(Row(cells=(plain,))) == ""
