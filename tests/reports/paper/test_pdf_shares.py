"""How columns share a page: what is said here holds for any table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.reports.paper.pdf_shares import lines_of, shares, wishes

WORDS = st.lists(st.floats(min_value=0.1, max_value=20), min_size=1, max_size=8).map(tuple)


@st.composite
def tables(draw):
    """Weights, the longest word of each column, and its texts."""
    rows = draw(st.integers(min_value=0, max_value=5))
    columns = draw(st.lists(st.lists(WORDS, min_size=rows, max_size=rows), min_size=1, max_size=6))
    weights = draw(st.lists(st.floats(min_value=0.05, max_value=100), min_size=len(columns), max_size=len(columns)))
    needs = [max((word for text in column for word in text), default=1.0) for column in columns]
    return weights, needs, columns


@given(tables(), st.floats(min_value=1, max_value=300))
def test_the_room_is_shared_out_whole(table, room):
    weights, needs, texts = table
    widths = shares(room, weights, needs, texts)
    assert sum(widths) == pytest.approx(room)
    assert all(width >= 0 for width in widths)


@given(tables(), st.floats(min_value=0, max_value=100))
def test_no_word_is_broken_where_there_is_room_for_all(table, spare):
    weights, needs, texts = table
    widths = shares(sum(needs) + spare + 0.01, weights, needs, texts)
    assert all(width >= need - 1e-6 for width, need in zip(widths, needs, strict=True))


@given(tables(), st.floats(min_value=0, max_value=100))
def test_every_row_has_one_line_where_there_is_room_for_it(table, spare):
    weights, needs, texts = table
    widths = shares(sum(wishes(needs, texts)) + spare + 0.01, weights, needs, texts)
    assert set(lines_of(texts, widths)) <= {1}


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ((3.0, 3.0), 6.3, 1),
        ((3.0, 3.0), 6.2, 2),
        ((4.0, 3.5, 2.0), 8.0, 2),
        ((4.0, 4.5, 2.0), 8.0, 2),
        ((4.0, 4.5, 2.0), 5.0, 3),
        ((10.0,), 4.0, 3),
        ((0.0,), 4.0, 1),
    ],
)
def test_lines_are_counted_word_by_word(text, width, lines):
    assert lines_of([[text]], [width]) == [lines]


def test_the_highest_cell_makes_the_row():
    assert lines_of([[(2.0,), (2.0,)], [(2.0, 2.0, 2.0), (2.0,)]], [2.0, 2.0]) == [3, 1]


def test_one_long_text_does_not_take_the_room_of_all_others():
    short = [[(2.0, 2.0)] * 40, [*[(2.0, 2.0)] * 39, (2.0,) * 30]]
    widths = shares(12.0, [1.0, 1.0], [2.0, 2.0], short)
    assert lines_of(short, widths)[:39] == [1] * 39


def test_a_column_of_short_texts_gives_to_one_of_sentences():
    texts = [[(1.0,)] * 10, [(2.0,) * 12] * 10]
    narrow, wide = shares(20.0, [10.0, 1.0], [1.0, 2.0], texts)
    assert wide > 3 * narrow
