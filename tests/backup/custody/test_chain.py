"""The chain: no byte of the register can be changed, no row taken out or put in, without being noticed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.custody.chain import GENESIS, Break, first_break, head_of
from itops.backup.custody.records import Row
from tests.backup.custody.building import M1, M2, deposited, rows_of

ROWS = rows_of([*deposited(M1), *deposited(M2, 2, "A-101")])
_COLUMNS = ("number", "recorded_micros", "medium", "document", "previous_hash", "hash")


def test_a_register_as_it_was_written_is_whole() -> None:
    assert first_break(ROWS) is None
    assert first_break([]) is None
    assert head_of([]) == (0, GENESIS)
    assert head_of(ROWS) == (10, ROWS[-1].hash)


def tampered(row: Row, column: str, data: st.DataObject) -> Row:
    """One byte, or one unit, of one column is another."""
    value = getattr(row, column)
    if isinstance(value, int):
        return replace(row, **{column: value + data.draw(st.integers(-1000, 1000).filter(bool))})
    kind = data.draw(st.sampled_from(["change", "cut", "insert"]))
    place = data.draw(st.integers(0, len(value) - 1))
    letter = data.draw(st.characters(codec="utf-8"))
    after = {
        "change": value[:place] + letter + value[place + 1 :],
        "cut": value[:place] + value[place + 1 :],
        "insert": value[:place] + letter + value[place:],
    }[kind]
    return replace(row, **{column: after})


@given(st.integers(0, len(ROWS) - 1), st.sampled_from(_COLUMNS), st.data())
def test_tampering_with_any_byte_of_any_row_is_noticed(place: int, column: str, data: st.DataObject) -> None:
    other = tampered(ROWS[place], column, data)
    found = first_break([*ROWS[:place], other, *ROWS[place + 1 :]])
    if other == ROWS[place]:
        assert found is None
    else:
        assert found is not None
        assert found.number in (ROWS[place].number, other.number, ROWS[place].number + 1)


@pytest.mark.parametrize(
    ("rows", "broken"),
    [
        pytest.param([*ROWS[:3], *ROWS[4:]], Break(number=5, reason="number"), id="one taken out"),
        pytest.param(ROWS[1:], Break(number=2, reason="number"), id="the first taken out"),
        pytest.param([*ROWS[:4], ROWS[4], ROWS[4], *ROWS[5:]], Break(number=5, reason="number"), id="one twice"),
        pytest.param([*ROWS[:4], ROWS[5], ROWS[4]], Break(number=6, reason="number"), id="two traded"),
        pytest.param(
            [*ROWS[:4], replace(ROWS[5], number=5), replace(ROWS[4], number=6)],
            Break(number=5, reason="link"),
            id="two traded and numbered anew",
        ),
    ],
)
def test_rows_that_are_missing_doubled_or_traded_are_noticed(rows: list[Row], broken: Break) -> None:
    assert first_break(rows) == broken


def test_rows_cut_off_at_the_end_leave_another_head() -> None:
    assert first_break(ROWS[:-1]) is None
    assert head_of(ROWS[:-1]) != head_of(ROWS)


@given(st.lists(st.sampled_from(ROWS), max_size=12))
def test_only_the_register_itself_is_whole(rows: list[Row]) -> None:
    assert (first_break(rows) is None) == (rows == ROWS[: len(rows)])
