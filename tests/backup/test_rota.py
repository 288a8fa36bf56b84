"""Whose turn it is to be read."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.copies import Copy, Fault
from itops.backup.ledger import KnownCopy
from itops.backup.levels import Level
from itops.backup.policy import BackupPlan, DailyPolicy, Job, Protected, ProtectedList, Texts
from itops.backup.proofs import TEST_READ, Examination, Limit, Proof
from itops.backup.rota import baseline, needed, rota

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
JOB = Job(
    protects=ProtectedList([Protected.parse("sql01/Insurance")]),
    repository=Texts(("nas",)),
    level=Level.COMPLETE,
    daily=DailyPolicy(due=time(6), keep=7, level=Level.INTACT),
)
PLAN = BackupPlan(jobs={"db": JOB, "weak": Job(protects=JOB.protects, repository=JOB.repository, max_age=timedelta(1))})


def proof(days_ago: float, level: Level = Level.INTACT, attempted: Level = Level.INTACT, **more) -> Proof:
    examination = Examination(format="x", attempted=attempted, level=level, **more)
    at = NOW - timedelta(days=days_ago)
    return Proof(repository="nas", key="k", fingerprint="f", proved_at=at, duration_seconds=1, examination=examination)


def known(key: str, *proofs: Proof, job: str = "db", made_days_ago: float = 5, is_gone: bool = False) -> KnownCopy:
    made = NOW - timedelta(days=made_days_ago)
    copy = Copy(repository="nas", key=key, fingerprint="f", job=job, modified_at=made)
    gone = NOW if is_gone else None
    return KnownCopy(copy=copy, first_seen_at=made, last_seen_at=NOW, gone_at=gone, proofs=proofs)


def keys(*copies: KnownCopy, level: Level | None = None) -> list[str]:
    return [turn.known.copy.key for turn in rota(copies, PLAN, level, NOW).turns]


@pytest.mark.parametrize(
    ("proofs", "is_due"),
    [
        pytest.param((), True, id="never read"),
        pytest.param((proof(1),), False, id="proven as far as needed"),
        pytest.param((proof(1, Level.COMPLETE, Level.COMPLETE),), True, id="proven, not as far as needed"),
        pytest.param(
            (proof(1, Level.COMPLETE, limits=(Limit(code="no-checksums"),)),), False, id="cannot be proven more"
        ),
        pytest.param((proof(1, Level.COMPLETE, limits=(Limit(code="out-of-time"),)),), True, id="ran out of time"),
        pytest.param((proof(1, Level.SEEN, faults=(Fault(code="cut"),)),), False, id="known to be damaged"),
        pytest.param((proof(71),), False, id="not yet to be read again"),
        pytest.param((proof(72),), True, id="to be read again at four fifths of ninety days"),
        pytest.param((proof(80), proof(1)), False, id="read again yesterday"),
        pytest.param((proof(80), proof(1, Level.COMPLETE, Level.COMPLETE)), True, id="a lesser reading does not renew"),
        pytest.param((proof(1, Level.READABLE_ELSEWHERE, tool=TEST_READ),), True, id="another medium was read"),
        pytest.param((proof(1, limits=(Limit(code="hash-list-unread"),)),), True, id="a hash list was closed"),
    ],
)
def test_a_copy_is_read_when_another_reading_would_tell_something_new(proofs, is_due):
    assert keys(known("k", *proofs)) == (["k"] if is_due else [])


def test_the_new_come_before_the_old_the_newest_first_and_of_the_old_the_longest_unread():
    copies = [
        known("read 80 days ago", proof(80)),
        known("new, old", made_days_ago=9),
        known("read 100 days ago", proof(100)),
        known("new, young", made_days_ago=1),
    ]
    assert keys(*copies) == ["new, young", "new, old", "read 100 days ago", "read 80 days ago"]


def test_a_copy_of_two_jobs_is_read_once_to_the_higher_level():
    turns = rota([known("k", job="weak"), known("k", job="db")], PLAN, None, NOW).turns
    assert [(turn.known.copy.key, turn.level) for turn in turns] == [("k", Level.INTACT)]


def test_what_is_gone_or_of_a_job_that_is_no_more_has_no_turn():
    assert keys(known("gone", is_gone=True), known("orphan", job="old")) == []


def test_a_level_that_is_asked_for_is_the_level():
    assert keys(known("k", proof(1, Level.COMPLETE, Level.COMPLETE)), level=Level.COMPLETE) == []
    assert needed(JOB) is Level.INTACT


@given(st.permutations(range(6)))
def test_the_order_of_the_facts_means_nothing(order):
    copies = [
        known(str(index), *((proof(80 + index),) if index % 2 else ()), made_days_ago=index + 1) for index in range(6)
    ]
    assert keys(*(copies[index] for index in order)) == keys(*copies)


def test_a_hash_taken_on_the_day_the_copy_was_made_is_the_one_to_compare_with():
    copy = known("k", proof(4.5, sha256="early"), proof(1, sha256="late"))
    assert baseline(copy) == {"early": True, "late": False}


def test_what_needs_no_reading_is_told_with_what_is_known_of_it():
    damaged = known("bad", proof(1, Level.SEEN, faults=(Fault(code="cut"),)))
    found = rota([damaged, known("new")], PLAN, None, NOW)
    assert (found.settled, [turn.known.copy.key for turn in found.turns]) == ((damaged,), ["new"])


@pytest.mark.parametrize(("days_ago", "is_due"), [(4.9, True), (3, False)])
def test_same_is_proven_by_a_second_reading_where_the_first_took_the_hash_in_time(days_ago, is_due):
    first = proof(days_ago, attempted=Level.SAME, sha256="x", limits=(Limit(code="no-early-hash"),))
    assert keys(known("k", first), level=Level.SAME) == (["k"] if is_due else [])
