"""Which copy a restore test takes, and what the tests so far say."""

from datetime import UTC, datetime, timedelta

import pytest

from itops.backup.copies import Copy, CopyKind, Fault, Identity
from itops.backup.drilling import best_copy, drill_findings, is_answer_enough, is_good
from itops.backup.ledger import DrillRecord, KnownCopy
from itops.backup.levels import Level
from itops.backup.policy import DrillPolicy, Protected
from itops.backup.proofs import Examination, Proof
from itops.verdict import State

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
INSURANCE = Protected.parse("sql01/Insurance")


def known(key: str, days_ago: float, *levels: Level, is_gone: bool = False, faults=(), **told) -> KnownCopy:
    at = NOW - timedelta(days=days_ago)
    identity = Identity(started_at=at, **{"object": "Insurance", **told})
    proofs = tuple(
        Proof(
            repository="nas",
            key=key,
            fingerprint="f",
            proved_at=at,
            duration_seconds=1,
            examination=Examination(format="x", attempted=level, level=level, identity=identity, faults=faults),
        )
        for level in levels
    )
    copy = Copy(repository="nas", key=key, fingerprint="f", modified_at=at)
    return KnownCopy(copy=copy, first_seen_at=at, last_seen_at=NOW, gone_at=NOW if is_gone else None, proofs=proofs)


def best(*copies: KnownCopy) -> str | None:
    found = best_copy(copies, INSURANCE)
    return found.copy.key if found else None


def test_the_newest_is_taken_and_of_two_of_one_moment_the_better_proven():
    assert best(known("old", 3, Level.INTACT), known("new", 1, Level.IDENTIFIED)) == "new"
    assert best(known("b", 1, Level.IDENTIFIED), known("a", 1, Level.INTACT)) == "a"
    assert best(known("never read", 1)) == "never read"
    assert best() is None


@pytest.mark.parametrize(
    "bad",
    [
        known("gone", 1, Level.INTACT, is_gone=True),
        known("damaged", 1, Level.INTACT, faults=(Fault(code="cut"),)),
        known("of another", 1, Level.INTACT, object="Payroll"),
        known("differential", 1, Level.INTACT, kind=CopyKind.DIFFERENTIAL),
        known("log", 1, Level.INTACT, kind=CopyKind.LOG),
    ],
    ids=lambda known: known.copy.key,
)
def test_what_cannot_be_restored_alone_is_not_taken_though_it_is_newer(bad):
    assert best(bad, known("full", 3, Level.IDENTIFIED)) == "full"


def test_a_products_incremental_is_taken_where_there_is_nothing_else_and_a_log_never():
    assert best(known("incremental", 1, kind=CopyKind.INCREMENTAL), known("log", 0, Level.INTACT)) is not None
    assert best(known("log", 1, Level.INTACT, kind=CopyKind.LOG)) is None


def record(days_ago: float = 1, **more) -> DrillRecord:
    given = {"is_restored": True, "seconds": 60.0, "into": "sqlite", "repository": "nas", "key": "k", **more}
    return DrillRecord(job="j", object="o", fingerprint="f", started_at=NOW - timedelta(days=days_ago), **given)


def codes(*records: DrillRecord, **policy) -> list[tuple[str, State]]:
    found = drill_findings(DrillPolicy(into="sqlite", **policy), records, NOW)
    return [(finding.code, finding.state) for finding in found]


@pytest.mark.parametrize(
    ("records", "policy", "found"),
    [
        ((), {}, [("never-restored", State.WARNING)]),
        ((record(),), {}, []),
        ((record(92),), {}, []),
        ((record(93),), {}, [("restore-overdue", State.WARNING)]),
        ((record(is_restored=False),), {}, [("restore-failed", State.CRITICAL), ("restore-overdue", State.WARNING)]),
        ((record(is_answered=False), record(2)), {}, [("answer-wrong", State.CRITICAL)]),
        ((record(seconds=61),), {"rto": timedelta(minutes=1)}, [("restore-slow", State.WARNING)]),
        ((record(seconds=60),), {"rto": timedelta(minutes=1)}, []),
        ((record(is_restored=False, is_verified_only=True),), {}, []),
    ],
)
def test_what_the_tests_say(records, policy, found):
    assert codes(*records, **policy) == found


def test_an_old_good_test_behind_a_failed_one_is_held_against_the_time_allowed():
    found = list(drill_findings(DrillPolicy(into="sqlite"), (record(1, is_restored=False), record(200)), NOW))
    assert [(one.code, one.facts.get("age_days")) for one in found] == [
        ("restore-failed", None),
        ("restore-overdue", 200),
    ]


@pytest.mark.parametrize(
    ("answer", "question", "at_least", "is_enough"),
    [
        (None, None, None, None),
        (None, "SELECT 1", None, False),
        (0.0, "SELECT 1", None, True),
        (4.9, "SELECT 1", 5.0, False),
        (5.0, "SELECT 1", 5.0, True),
    ],
)
def test_an_answer_that_never_came_is_not_enough(answer, question, at_least, is_enough):
    assert is_answer_enough(answer, question, at_least) is is_enough


def test_good_is_restored_and_answered_or_verified_where_no_more_was_asked():
    assert is_good(record())
    assert not is_good(record(is_answered=False))
    assert not is_good(record(is_restored=False))
    assert is_good(record(is_restored=False, is_verified_only=True))
    assert not is_good(record(is_restored=False, is_verified_only=True, faults=(Fault(code="cut"),)))
