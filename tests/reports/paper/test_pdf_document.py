"""What is decided before drawing: directions of pages, signs, scales, widths, breaks."""

import math
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.reports.paper.model import (
    Bars,
    Cell,
    Column,
    Heading,
    Mark,
    Paragraph,
    Row,
    Table,
    code,
    text,
)
from itops.reports.paper.pdf_document import document
from itops.reports.paper.pdf_text import clean, parts, words
from itops.reports.paper.pdf_widths import layout
from tests.reports.paper.papers import sample_paper, table_paper

ANNEX = table_paper("en", 2).blocks[1]
ASIDE = Paragraph(line=text("aside"))
HEADING = Heading(level=1, title="h", id="h")
BARS = Bars(title="b", labels=(), values=(), texts=(), id="b")


def drawn(*blocks, language: str = "en"):
    return document(replace(sample_paper(language), blocks=blocks))


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        pytest.param((HEADING, ANNEX), [(True, 2)], id="its heading lies with it"),
        pytest.param((HEADING, ASIDE, ANNEX), [(True, 3)], id="what introduces it, too"),
        pytest.param((ASIDE, ANNEX), [(False, 1), (True, 1)], id="a paragraph under no heading stays"),
        pytest.param((BARS, ASIDE, ANNEX, ASIDE), [(False, 2), (True, 1), (False, 1)], id="what follows stands again"),
        pytest.param((ANNEX, HEADING, ANNEX), [(True, 3)], id="neighbours share their pages"),
    ],
)
def test_an_annex_takes_along_only_what_introduces_it(blocks, expected):
    sections = drawn(*blocks)["sections"]
    assert [(section["landscape"], len(section["blocks"])) for section in sections] == expected


def test_no_level_of_headings_is_skipped():
    levels = [3, 1, 3, 3, 2, 1]
    blocks = drawn(*(Heading(level=level, title="h", id="h") for level in levels))["sections"][0]["blocks"]
    assert [block["level"] for block in blocks] == [1, 1, 2, 3, 2, 1]


@pytest.mark.parametrize(
    ("row_mark", "cell_mark", "expected"),
    [
        (Mark.BAD, None, [Mark.BAD, None]),
        (Mark.BAD, Mark.NOTICE, [None, Mark.NOTICE]),
        (None, None, [None, None]),
    ],
)
def test_a_shaded_row_has_a_sign_as_well(row_mark, cell_mark, expected):
    row = Row(cells=(Cell(line=text("a")), Cell(line=text("b"), mark=cell_mark)), mark=row_mark)
    table = Table(title="t", columns=(Column(title="a"), Column(title="b")), rows=(row,), id="t")
    cells = drawn(table)["sections"][0]["blocks"][0]["halves"][0]["cells"]
    assert [None if isinstance(cell, str) else cell["m"] for cell in cells] == expected


def test_a_ratio_is_drawn_against_the_whole_and_never_against_the_largest():
    bars = Bars(title="b", labels=(text("a"), text("b")), values=(0.84, 0.94), texts=("84", "94"), id="b", ceiling=1.0)
    assert [row["share"] for row in drawn(bars)["sections"][0]["blocks"][0]["rows"]] == [0.84, 0.94]


@given(st.lists(st.one_of(st.none(), st.floats()), max_size=6), st.one_of(st.none(), st.floats()))
def test_every_bar_is_between_nothing_and_the_whole_and_the_unknown_stays_unknown(values, ceiling):
    row = replace(_indicators().rows[0], trend=tuple(values), ceiling=ceiling)
    block = replace(_indicators(), rows=(row,))
    shares = drawn(block)["sections"][0]["blocks"][0]["rows"][0]["trend"]
    assert len(shares) == len(values)
    for share, value in zip(shares, values, strict=True):
        assert (share is None) is (value is None or not math.isfinite(value))
        assert share is None or 0 <= share <= 1


def _indicators():
    return next(block for block in sample_paper("en").blocks if type(block).__name__ == "Indicators")


def test_a_calendar_of_many_days_is_drawn_month_by_month_with_one_legend():
    one = next(block for block in sample_paper("en").blocks if type(block).__name__ == "HeatMap")
    long = replace(one, days=one.days * 3, rows=tuple(replace(row, cells=row.cells * 3) for row in one.rows))
    maps = drawn(long)["sections"][0]["blocks"]
    assert [len(each["days"]) for each in maps] == [31, 31, 28]
    assert [len(each["rows"][0]["cells"]) for each in maps] == [31, 31, 28]
    assert [bool(each["legend"]) for each in maps] == [False, False, True]
    assert [bool(each["title"]) for each in maps] == [True, False, False]


@given(st.text(max_size=200))
def test_a_broken_code_lacks_no_letter(name):
    assert "".join(parts(name)) == clean(name)


@given(st.text(max_size=200))
def test_what_is_drawn_steers_nothing(name):
    shown = clean(name)
    assert all(one.isprintable() or one in "\u200c\u200d" or unicodedata.category(one) == "Zs" for one in shown)
    assert words(name).replace("\u200b", "") == clean(name).replace("\u200b", "")


@given(
    st.lists(st.tuples(st.floats(allow_nan=True), st.text(max_size=60)), min_size=1, max_size=14),
    st.booleans(),
)
def test_columns_fill_the_page_or_half_of_it_exactly(columns, is_annex):
    table = Table(
        title="t",
        columns=tuple(Column(title="t", weight=weight) for weight, _ in columns),
        rows=(Row(cells=tuple(Cell(line=code(name)) for _, name in columns)),),
        id="t",
        is_annex=is_annex,
    )
    plan = layout(table, 170.0)
    is_pair = len(columns) == 2 and not is_annex
    filled = sum(plan.widths) * plan.size * 25.4 / 72
    assert filled == pytest.approx(170.0) or (is_pair and filled == pytest.approx(81.0))
    assert all(width >= 0 for width in plan.widths)


def test_a_column_grows_for_its_longest_code_before_letters_shrink():
    address = "00:50:56:AB:CD:EF"
    columns = (Column(title="a", weight=20), Column(title="b", weight=0.1))
    table = Table(
        title="t", columns=columns, rows=(Row(cells=(Cell(line=text("x")), Cell(line=code(address)))),), id="t"
    )
    plan = layout(table, 170.0)
    assert plan.size == 8.0
    assert plan.has_room(1, address)
    assert plan.widths[1] > plan.lettering.extent(address)


def pairs(count: int, *, title: str = "", total: Row | None = None) -> Table:
    columns = (Column(title="name"), Column(title="value", kind="number"))
    rows = tuple(Row(cells=(Cell(line=text(f"figure {number}")), Cell(line=text("1")))) for number in range(count))
    return Table(title=title, columns=columns, rows=rows, id="t", total=total)


@pytest.mark.parametrize(("rows", "halves"), [(1, [1]), (3, [3]), (4, [2, 2]), (7, [4, 3])])
def test_names_and_values_stand_in_two_halves_side_by_side(rows, halves):
    block = drawn(pairs(rows))["sections"][0]["blocks"][0]
    assert [len(half["cells"]) // 2 for half in block["halves"]] == halves
    assert sum(block["widths"]) * block["size"] * 25.4 / 72 == pytest.approx(81.0, abs=0.1)


def test_a_sum_stays_below_what_it_sums():
    block = drawn(pairs(8, total=Row(cells=(Cell(line=text("total")), Cell(line=text("8"))))))["sections"][0]["blocks"][
        0
    ]
    assert [len(half["cells"]) // 2 for half in block["halves"]] == [8]


def test_marks_stay_with_their_rows_in_both_halves():
    table = pairs(5)
    rows = [replace(row, mark=Mark.BAD if place == 3 else None) for place, row in enumerate(table.rows)]
    halves = drawn(replace(table, rows=tuple(rows)))["sections"][0]["blocks"][0]["halves"]
    assert [half["marks"] for half in halves] == [[], [Mark.BAD, None]]


@pytest.mark.parametrize(
    ("heading", "title"),
    [("Annex 1: All servers", ""), ("All servers", ""), ("Annex 1", "All servers")],
)
def test_a_title_is_not_said_twice(heading, title):
    blocks = (Heading(level=1, title=heading, id="h"), pairs(2, title="All servers"))
    assert drawn(*blocks)["sections"][0]["blocks"][1]["title"] == title


def test_a_title_below_something_else_stays():
    heading = Heading(level=1, title="All servers", id="h")
    blocks = drawn(heading, ASIDE, pairs(2, title="All servers"))["sections"][0]["blocks"]
    assert blocks[2]["title"] == "All servers"


@pytest.mark.parametrize(("rows", "together"), [(3, True), (40, False)])
def test_short_tables_stay_on_one_page_and_long_ones_do_not(rows, together):
    assert (
        drawn(replace(ANNEX, rows=ANNEX.rows[:1] * rows, is_annex=False))["sections"][0]["blocks"][0]["together"]
        is together
    )


def test_small_print_stays_with_the_short_table_above_it():
    note = Paragraph(line=text("note"), role="note")
    blocks = drawn(pairs(2), note, pairs(2), ASIDE)["sections"][0]["blocks"]
    assert ["with_next" in block for block in blocks] == [True, False, False, False]


def test_letters_grow_smaller_only_where_that_makes_a_table_lower():
    sentence = "one two three four five six ten"
    columns = tuple(Column(title=f"c{number}") for number in range(4))
    row = Row(cells=tuple(Cell(line=text(sentence)) for _ in columns))
    short = Row(cells=tuple(Cell(line=text("one")) for _ in columns))
    assert layout(Table(title="t", columns=columns, rows=(short,), id="t"), 170.0).size == 8.0
    assert layout(Table(title="t", columns=columns, rows=(row,), id="t"), 170.0).size < 8.0


def test_a_code_of_several_words_is_broken_between_them_alone():
    columns = tuple(Column(title="c", kind="code") for _ in range(9))
    row = Row(cells=tuple(Cell(line=code("Microsoft Windows Server 2019")) for _ in columns))
    cells = drawn(Table(title="t", columns=columns, rows=(row,), id="t"))["sections"][0]["blocks"][0]["halves"][0][
        "cells"
    ]
    assert cells[0]["l"] == [("k", ["Microsoft", " ", "Windows", " ", "Server", " ", "2019"])]
