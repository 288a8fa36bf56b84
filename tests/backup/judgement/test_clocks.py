"""Clocks: moments that disagree, and a server that is in another zone than the office."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.copies import Identity
from itops.backup.judgement.candidates import Times
from itops.backup.judgement.clocks import disagree
from tests.backup.judgement.factory import at, copy, daily, job, judged, nightly

START = at("11-21 23:30")


def times(
    header: Any = (None, None),
    catalogue: Any = (None, None),
    named: int | None = None,
    modified: int | None = None,
    lasts: timedelta = timedelta(),
) -> Times:
    """Moments as minutes after START."""

    def moment(minutes: int | None) -> datetime | None:
        return None if minutes is None else START + timedelta(minutes=minutes)

    return Times(
        header=(moment(header[0]), moment(header[1])),
        catalogue=(moment(catalogue[0]), moment(catalogue[1])),
        named_at=moment(named),
        named_for=lasts,
        modified_at=moment(modified),
    )


DAY = 1440


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param(times((0, 60), named=0, modified=60), False, id="all agree"),
        pytest.param(times((0, 60), named=60), False, id="named when it was done"),
        pytest.param(times((0, 60), named=30), False, id="named while it ran"),
        pytest.param(times((0, 60), named=-10), False, id="named ten minutes before"),
        pytest.param(times((0, 60), named=-11), True, id="named eleven minutes before"),
        pytest.param(times((0, 60), named=71), True, id="named eleven minutes after it was done"),
        pytest.param(times((None, 180), named=0), False, id="only the finish is told, and hours lie between"),
        pytest.param(times((None, 180), named=180 - DAY - 1), True, id="longer than any backup runs"),
        pytest.param(times((0, None), named=180), False, id="only the start is told, named when it was done"),
        pytest.param(times((0, None), named=DAY + 1), True, id="named a day later"),
        pytest.param(times((0, 60), (0, 60)), False, id="header and catalogue agree"),
        pytest.param(times((0, 60), (0, 71)), True, id="header and catalogue differ in the finish"),
        pytest.param(times((0, 60), (-11, 60)), True, id="header and catalogue differ in the start"),
        pytest.param(times((0, None), (None, 60)), False, id="header and catalogue tell different ends"),
        pytest.param(times((0, None), (None, -11)), True, id="finished before it began"),
        pytest.param(times((0, 60), modified=5 * DAY), False, id="copied days later"),
        pytest.param(times((0, 60), modified=-10), False, id="written ten minutes before it began"),
        pytest.param(times((0, 60), modified=-11), True, id="written eleven minutes before it began"),
        pytest.param(times((0, 60), named=0, modified=-210), False, id="a FAT disk, and header and name agree"),
        pytest.param(times((0, 60), (0, 60), modified=-210), False, id="a FAT disk, and header and catalogue agree"),
        pytest.param(times(named=0, modified=-11), True, id="written before the moment of its name"),
        pytest.param(times(named=0, modified=9000), False, id="written after the moment of its name"),
        pytest.param(
            times((23 * 60, 24 * 60), named=0, lasts=timedelta(days=1)), False, id="the name tells the day only"
        ),
        pytest.param(times((3 * DAY, None), named=0, lasts=timedelta(days=1)), True, id="the name tells another day"),
        pytest.param(times(modified=0), False, id="only an mtime"),
        pytest.param(times(), False, id="nothing at all"),
    ],
)
def test_moments_of_a_copy_that_disagree(told, expected):
    assert disagree(told) is expected


moments = st.none() | st.datetimes(timezones=st.just(UTC))
pairs = st.tuples(moments, moments)


@given(pairs, pairs, moments, st.timedeltas(timedelta(), timedelta(days=1)), moments)
def test_no_moments_are_too_far_apart_to_be_compared(header, catalogue, named, lasts, modified):
    assert disagree(Times(header, catalogue, named, lasts, modified)) in (True, False)


def test_disagreeing_moments_are_told_once_with_all_of_them():
    odd = [copy(f"11-{day} 23:30", named_at=at(f"11-{day} 20:00")) for day in (19, 21)]
    verdict = judged([*odd, copy("11-17 23:30")])
    (finding,) = [finding for finding in verdict.findings if finding.code == "time-disagrees"]
    assert finding.subject == odd[1].copy.key
    assert (finding.facts["copies"], finding.facts["evidence"]) == (2, "header")
    assert finding.facts["header_at"] == at("11-21 23:30").isoformat()
    assert finding.facts["named_at"] == at("11-21 20:00").isoformat()


# Offsets


def with_offset(moment: str, minutes: int | None):
    return copy(moment, header=Identity(started_at=at(moment), utc_offset_minutes=minutes, server="SQL01"))


@pytest.mark.parametrize(
    ("moment", "minutes", "is_wrong"),
    [
        pytest.param("11-21 23:30", 210, False, id="as the office"),
        pytest.param("11-21 23:30", 270, True, id="still on summer time"),
        pytest.param("11-21 23:30", 0, True, id="a server in UTC"),
        pytest.param("11-21 23:30", None, False, id="none told"),
        pytest.param("2022-07-21 23:30", 270, False, id="a summer when the office was on summer time"),
        pytest.param("2022-07-21 23:30", 210, True, id="a summer when the server was not"),
    ],
)
def test_an_offset_that_is_not_the_offices_is_noticed(moment, minutes, is_wrong):
    verdict = judged([with_offset(moment, minutes)])
    found = [finding for finding in verdict.findings if finding.code == "clock-offset"]
    assert bool(found) is is_wrong
    if found:
        assert (found[0].facts["offset_minutes"], found[0].facts["server"]) == (minutes, "SQL01")


def test_a_clock_that_was_put_right_alarms_no_more():
    verdict = judged([with_offset("11-19 23:30", 270), with_offset("11-21 23:30", 210)])
    assert "clock-offset" not in [finding.code for finding in verdict.findings]


def test_many_impossible_copies_are_told_once():
    future = nightly("12-01", "12-05", seen=at("11-22 08:00"))
    verdict = judged(future, job(daily=daily()))
    (finding,) = [finding for finding in verdict.findings if finding.code == "future-dated"]
    assert (finding.facts["copies"], finding.subject) == (5, future[-1].copy.key)
