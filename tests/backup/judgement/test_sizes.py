"""Sizes: the floor, and the habit of the copies before."""

import pytest

from itops.backup.copies import CopyKind
from itops.verdict import State
from tests.backup.judgement.factory import at, copy, daily, job, judged, nightly, states

USUAL = nightly("11-14", "11-18", size_bytes=1000)


def found(verdict, prefix="size-"):
    return [(finding.code, finding.state) for finding in verdict.findings if finding.code.startswith(prefix)]


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (1000, []),
        (500, []),
        (499, [("size-shrunk", State.WARNING)]),
        (100, [("size-shrunk", State.WARNING)]),
        (99, [("size-shrunk", State.CRITICAL)]),
        (3000, []),
        (3001, [("size-grown", State.WARNING)]),
    ],
)
def test_the_newest_copy_is_compared_with_those_before(size, expected):
    assert found(judged([*USUAL, copy("11-21 23:30", size_bytes=size)])) == expected


def test_four_copies_are_no_habit():
    assert found(judged([*USUAL[1:], copy("11-21 23:30", size_bytes=1)])) == []


def test_copies_that_are_gone_are_part_of_the_habit():
    gone = nightly("11-14", "11-18", size_bytes=1000, gone=at("11-20 08:00"))
    verdict = judged([*gone, copy("11-21 23:30", size_bytes=99)])
    assert found(verdict) == [("size-shrunk", State.CRITICAL)]


def test_the_median_of_ten_does_not_mind_one_odd_copy_and_forgets_old_ones():
    old = nightly("10-20", "11-05", size_bytes=10)
    recent = nightly("11-08", "11-17", size_bytes=1000)
    odd = copy("11-18 23:30", size_bytes=90_000)
    assert found(judged([*old, *recent, odd, copy("11-21 23:30", size_bytes=900)])) == []


def test_damaged_copies_are_no_habit():
    bad = nightly("11-14", "11-18", size_bytes=1000, faults=("cut",))
    assert found(judged([*bad, copy("11-21 23:30", size_bytes=1)])) == []


def test_only_whole_copies_are_compared_and_each_kind_with_its_own():
    fulls = nightly("11-14", "11-18", size_bytes=1000, kind=CopyKind.FULL)
    differentials = nightly("11-14", "11-18", size_bytes=100, kind=CopyKind.DIFFERENTIAL)
    small = copy("11-21 23:30", size_bytes=1, kind=CopyKind.DIFFERENTIAL)
    unknown = copy("11-21 22:30", size_bytes=1)
    assert found(judged([*fulls, *differentials, small, unknown])) == []


@pytest.mark.parametrize(("size", "is_small"), [(4096, False), (4095, True), (0, True), (None, False)])
def test_a_copy_below_the_floor_is_worthless(size, is_small):
    verdict = judged([copy("11-21 23:30", size_bytes=size)], job(daily=daily(), min_size_bytes=4096))
    assert states(verdict)["11-21"] == ("DAMAGED" if is_small else "OK")
    assert found(verdict, "too-small") == ([("too-small", State.CRITICAL)] if is_small else [])


def test_an_empty_file_is_below_every_floor_and_an_empty_entry_of_a_catalogue_is_not():
    assert states(judged([copy("11-21 23:30", size_bytes=0)]))["11-21"] == "DAMAGED"
    assert states(judged([copy("11-21 23:30", size_bytes=0, modified_at=None)]))["11-21"] == "OK"


def test_the_floor_is_not_for_logs():
    policy = job(daily=daily(kinds=(CopyKind.LOG,)), min_size_bytes=4096)
    assert states(judged([copy("11-21 23:30", size_bytes=512, kind=CopyKind.LOG)], policy))["11-21"] == "OK"
