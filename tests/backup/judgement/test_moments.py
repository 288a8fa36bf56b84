"""Which moment a copy is of, and which moments cannot be."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from itops.backup.copies import Copy, Identity
from itops.backup.ledger import KnownCopy
from itops.backup.patterns import Pattern
from tests.backup.judgement.factory import at, codes, copy, daily, job, judged, look, proof, states, tier_of

START, FINISH = at("11-21 23:30"), at("11-22 07:10")
DATED = Pattern.parse("Insurance_{year}{month}{day}.bak")


def known(header: Identity | None = None, **facts: Any) -> KnownCopy:
    proofs = () if header is None else (proof(at("11-22 08:00"), identity=header),)
    held = {"size_bytes": 1000, **facts}
    return KnownCopy(
        copy=Copy(repository="nas", key="Insurance.bak", fingerprint="f", **held),
        first_seen_at=at("11-22 08:00"),
        last_seen_at=at("11-22 08:30"),
        proofs=proofs,
    )


def reference(one: KnownCopy, **settings: Any) -> datetime | None:
    verdict = judged([one], job(since=date(2026, 11, 1), daily=daily(), **settings))
    return verdict.freshness.attempt_at


@pytest.mark.parametrize(
    ("one", "anchor", "expected"),
    [
        pytest.param(known(Identity(started_at=START, finished_at=FINISH)), "start", START, id="the header's start"),
        pytest.param(known(Identity(started_at=START, finished_at=FINISH)), "finish", FINISH, id="the header's finish"),
        pytest.param(known(Identity(finished_at=FINISH)), "start", FINISH, id="only a finish is told"),
        pytest.param(known(Identity(started_at=START)), "finish", START, id="only a start is told"),
        pytest.param(
            known(Identity(started_at=START), catalogue=Identity(started_at=FINISH)),
            "start",
            START,
            id="the header before the catalogue",
        ),
        pytest.param(
            known(catalogue=Identity(started_at=START), named_at=FINISH),
            "start",
            START,
            id="the catalogue before the name",
        ),
        pytest.param(known(named_at=START, modified_at=FINISH), "start", START, id="the name before the mtime"),
        pytest.param(known(Identity(), modified_at=FINISH), "start", FINISH, id="the mtime where nothing else is told"),
        pytest.param(
            known(Identity(started_at=datetime(2026, 11, 21, 23, 30)), named_at=START),
            "start",
            START,
            id="a moment without a zone is none",
        ),
    ],
)
def test_the_best_evidence_tells_the_moment(one, anchor, expected):
    assert reference(one, anchor=anchor) == expected


def test_the_newest_proof_that_tells_a_thing_is_believed():
    deep = proof(at("11-22 08:10"), identity=Identity(started_at=START, finished_at=FINISH))
    shallow = proof(at("11-22 08:20"), identity=Identity(started_at=START))
    one = copy("11-21 23:30", proofs=(shallow, deep))
    assert reference(one, anchor="finish") == FINISH


# Names that tell a day only


@pytest.mark.parametrize(
    ("modified", "expected"),
    [
        pytest.param("11-21 23:40", "11-21 23:40", id="written on that day: then"),
        pytest.param("11-21 01:40", "11-21 01:40", id="written in the night before the office's day: the day before"),
        pytest.param("11-22 07:30", "11-21 06:00", id="copied later: the office's day of that name"),
        pytest.param("11-20 23:40", "11-21 06:00", id="written before: the office's day of that name"),
        pytest.param(None, "11-21 06:00", id="never written: the office's day of that name"),
    ],
)
def test_a_name_that_tells_a_day_is_refined_by_when_the_file_was_written(modified, expected):
    one = known(named_at=at("11-21 00:00"), modified_at=None if modified is None else at(modified))
    assert reference(one, files=DATED) == at(expected)
    is_odd = modified == "11-20 23:40"
    assert ("time-disagrees" in codes(judged([one], job(daily=daily(), files=DATED)))) is is_odd


def test_a_name_that_tells_midnight_means_midnight():
    one = known(named_at=at("11-21 00:00"), modified_at=at("11-21 00:40"))
    assert reference(one, files=Pattern.parse("x_{year}{month}{day}_{hour}{minute}.bak")) == at("11-21 00:00")


# Quarantine


@pytest.mark.parametrize(
    ("one", "code"),
    [
        pytest.param(known(), "undated", id="no moment at all"),
        pytest.param(known(named_at=datetime(1999, 12, 31, tzinfo=UTC)), "dated-before-2000", id="last century"),
        pytest.param(
            known(named_at=datetime.min.replace(tzinfo=UTC)), "dated-before-2000", id="the first moment of all"
        ),
        pytest.param(known(named_at=at("12-25 23:30")), "future-dated", id="next month"),
        pytest.param(known(named_at=datetime.max.replace(tzinfo=UTC)), "future-dated", id="the last moment of all"),
        pytest.param(known(named_at=at("11-22 08:07")), "future-dated", id="after it was first seen"),
        pytest.param(known(named_at=at("11-22 08:05")), None, id="five minutes after it was first seen"),
    ],
)
def test_a_moment_that_cannot_be_fills_no_slot(one, code):
    verdict = judged([one], looks=(look("11-10 08:00"), look("11-22 08:00")))
    assert [found for found in codes(verdict) if found in ("undated", "dated-before-2000", "future-dated")] == (
        [code] if code else []
    )
    assert (verdict.freshness.attempt_at is None) is (code is not None)


def test_a_future_date_stays_impossible_when_that_future_has_come():
    one = copy("11-25 23:30", seen=at("11-22 08:00"))
    looks = (look("11-10 08:00"), look("11-22 08:00"), look("11-27 08:00"))
    verdict = judged([one], now=at("11-27 09:00"), looks=looks)
    assert states(verdict)["11-25"] == "MISSING"
    assert verdict.freshness.newest is None


def test_a_copy_written_while_a_long_look_went_on_is_not_from_the_future():
    one = copy("11-21 23:30", seen=at("11-21 22:00"))
    start, end = at("11-21 22:00"), at("11-21 23:50")
    long = type(look(start))(repository="nas", looked_at=start, ended_at=end, is_complete=True)
    assert states(judged([one], looks=(look("11-10 08:00"), long, look("11-22 08:55"))))["11-21"] == "OK"
    short = look(start)
    assert states(judged([one], looks=(look("11-10 08:00"), short, look("11-22 08:55"))))["11-21"] == "MISSING"


def test_a_quarantined_copy_is_no_extra_and_nothing_hangs_on_it():
    verdict = judged([copy("12-25 23:30", seen=at("11-22 08:00")), copy("11-21 23:30")])
    assert (tier_of(verdict).extra, verdict.freshness.newest_at) == (0, at("11-21 23:30"))


def test_a_moment_is_told_in_utc():
    moment = reference(known(named_at=START.astimezone(ZoneInfo("Europe/Berlin"))))
    assert (moment, moment.utcoffset()) == (START, timedelta())
