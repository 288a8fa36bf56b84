"""The ledger of then: what was recorded later is not there, and what only its last state is kept of is left out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from itops.backup.ledger import KnownCopy
from itops.reports.monthly.backups_then import LedgerThen
from tests.reports.monthly.test_backups_building import DAY, HOUR, copy, database, drill, look, proof

THEN = datetime(2026, 11, 24, tzinfo=UTC)
MADE = THEN - 5 * DAY


def of_then(known: KnownCopy, *looks: datetime) -> KnownCopy:
    (one,) = LedgerThen(THEN, copies=[known], looks=[look(at) for at in looks]).copies()
    return one


def test_a_copy_of_which_nothing_was_recorded_later_is_as_it_is() -> None:
    known = copy(MADE)
    assert of_then(known) is known


def test_a_copy_that_was_first_seen_later_is_unknown() -> None:
    assert LedgerThen(THEN, copies=[copy(MADE, seen_at=THEN + HOUR)]).copies() == []


def test_a_copy_that_went_later_is_still_here() -> None:
    assert of_then(copy(MADE, gone_at=THEN + HOUR)).is_here
    assert not of_then(copy(MADE, gone_at=THEN)).is_here


def test_a_proof_that_had_not_ended_is_not_there() -> None:
    early, late = proof(THEN - HOUR, started_at=MADE), proof(THEN - timedelta(seconds=30), started_at=MADE)
    assert of_then(copy(MADE, proofs=(early, late))).proofs == (early,)


def test_a_copy_seen_later_was_last_seen_by_the_last_whole_look_of_then() -> None:
    known = copy(MADE, last_at=THEN + DAY)
    assert of_then(known, THEN - 2 * HOUR, THEN - DAY).last_seen_at == THEN - 2 * HOUR
    assert of_then(known).last_seen_at == THEN


def test_a_look_that_had_not_ended_told_nothing() -> None:
    begun = THEN - timedelta(minutes=30)
    held = LedgerThen(
        THEN,
        copies=[copy(MADE, seen_at=begun), copy(MADE - DAY, gone_at=begun)],
        looks=[look(begun, minutes=60), look(THEN - DAY)],
        databases=[database("Insurance", seen_at=begun, server="nas")],
        watched_since={"nas": begun},
    )
    assert [one.looked_at for one in held.looks("nas")] == [THEN - DAY]
    assert [one.is_here for one in held.copies()] == [True]
    assert held.databases() == []
    assert held.watched_since() == {"nas": THEN - DAY}


def test_looks_are_the_newest_and_the_last_whole_one_however_old() -> None:
    looks = [look(THEN - HOUR, is_complete=False), look(THEN - 2 * HOUR, is_complete=False), look(THEN - 9 * DAY)]
    held = LedgerThen(THEN, looks=[look(THEN + HOUR), *looks])
    assert [one.looked_at for one in held.looks("nas", 1)] == [THEN - HOUR, THEN - 9 * DAY]
    assert [one.looked_at for one in held.looks()] == [one.looked_at for one in looks]
    assert held.looks("elsewhere") == []


def test_the_watch_began_when_the_store_says_where_the_looks_do_not_go_back_so_far() -> None:
    years_ago = THEN - 800 * DAY
    held = LedgerThen(THEN, looks=[look(THEN - DAY)], watched_since={"nas": years_ago, "late": THEN + DAY})
    assert held.watched_since() == {"nas": years_ago}


def test_of_a_database_only_what_never_changes_is_told() -> None:
    told = database(
        "Insurance", created_at=MADE, recovery_model="SIMPLE", state="ONLINE", facts={"checkdb_never": True}
    )
    (one,) = LedgerThen(THEN, databases=[told]).databases()
    assert (one.database.name, one.database.created_at) == ("Insurance", MADE)
    assert (one.database.recovery_model, one.database.state, dict(one.database.facts)) == (None, None, {})


def test_a_database_that_was_made_anew_later_was_there_before() -> None:
    (one,) = LedgerThen(THEN, databases=[database("Insurance", created_at=THEN + DAY)]).databases()
    assert one.database.created_at is None


@pytest.mark.parametrize(
    ("started_at", "seconds", "is_there"),
    [
        pytest.param(THEN - HOUR, 600, True, id="ended before"),
        pytest.param(THEN - HOUR, 3600, True, id="ended just then"),
        pytest.param(THEN - HOUR, 3601, False, id="still going on"),
        pytest.param(THEN + HOUR, 600, False, id="later"),
        pytest.param(THEN - HOUR, float("inf"), False, id="without end"),
    ],
)
def test_a_restore_test_counts_when_it_had_ended(started_at: datetime, seconds: float, is_there: bool) -> None:
    held = LedgerThen(THEN, drills=[drill(started_at, seconds=seconds)])
    assert bool(held.drills()) is is_there


def test_copies_are_asked_for_by_job_and_by_when_they_went() -> None:
    old, other = copy(MADE, gone_at=MADE + DAY), copy(MADE, name="files")
    held = LedgerThen(THEN, copies=[old, other])
    assert held.copies("files") == [other]
    assert held.copies(gone_after=MADE + 2 * DAY) == [other]


def test_what_servers_tell_of_their_own_and_old_verdicts_are_of_now_only() -> None:
    held = LedgerThen(THEN, databases=[replace(database("Insurance"))])
    assert held.server_facts() == []
    assert held.verdicts(THEN - DAY, THEN) == []
