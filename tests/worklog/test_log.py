"""The log replayed: corrections stand in the place of what they correct, withdrawals end it, nothing is rewritten."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.worklog.entries import Linked, LogRow, Withdrawn, WorkKind, ref_of
from itops.worklog.log import log_of
from tests.worklog.making import NOW, change, entries, entry, log, rows

GONE = ref_of(change("kaspersky"))
LINK = Linked(entry=1, changes=(GONE,), at=NOW, by="B")


def test_a_correction_stands_in_the_place_of_the_entry_and_keeps_its_links():
    replayed = log(entry(WorkKind.REMOVED, "kaspersky"), LINK, entry(WorkKind.REMOVED, "Kaspersky-2", corrects=1))
    (one,) = replayed.standing
    assert (one.number, one.numbers, one.entry.subjects, one.links) == (3, (1, 3), ("Kaspersky-2",), (GONE,))
    assert replayed.by_number[1] is replayed.by_number[3]


def test_a_withdrawn_entry_and_all_it_corrected_are_gone():
    replayed = log(entry(), entry(corrects=1), Withdrawn(entry=2, at=NOW, by="B", reason="wrong server"))
    assert replayed.standing == ()
    assert replayed.withdrawn == {1, 2}


def test_a_link_that_is_undone_is_no_link():
    undone = Linked(entry=1, changes=(GONE,), at=NOW, by="B", is_undone=True)
    assert log(entry(), LINK, undone).standing[0].links == ()


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([entry(corrects=7)], "no-entry"),
        ([entry(), entry(corrects=1), entry(corrects=1)], "corrected"),
        ([entry(), Withdrawn(entry=1, at=NOW, by="B", reason="x"), entry(corrects=1)], "withdrawn"),
        ([LINK], "no-entry"),
        ([None], "unreadable"),
    ],
)
def test_a_row_that_has_no_place_is_named_and_changes_nothing(records, code):
    whole = [LogRow(number=number, recorded_at=NOW, record=one) for number, one in enumerate(records, start=1)]
    replayed = log_of(whole)
    assert [(one.number, one.code) for one in replayed.invalid] == [(len(records), code)]
    assert replayed.standing == log_of(whole[:-1]).standing


@given(st.lists(entries(), max_size=5))
def test_what_was_written_is_never_lost_by_what_comes_later(written):
    replayed = log(*written)
    assert sorted(one.number for one in replayed.standing) == list(range(1, len(written) + 1))
    assert replayed.last == len(written)


@given(st.lists(entries(), min_size=1, max_size=5), st.randoms())
def test_the_order_in_which_rows_are_handed_in_makes_no_difference(written, random):
    whole = rows(*written, Withdrawn(entry=1, at=NOW, by="B", reason="x"))
    shuffled = random.sample(whole, len(whole))
    assert log_of(shuffled) == log_of(whole)


def test_the_code_of_a_change_is_stable_and_short():
    assert GONE.code == ref_of(change("kaspersky")).code
    assert GONE.code != ref_of(change("kaspersky", at=11)).code
    assert GONE.code.startswith("removed-")
    assert len(GONE.code) == len("removed-") + 8
