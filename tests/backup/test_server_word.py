"""What the server says of its own database becomes a finding."""

from datetime import UTC, datetime, timedelta

import pytest

from itops.backup.copies import Copy, CopyKind, Database, ServerFact
from itops.backup.ledger import KnownCopy
from itops.backup.policy import Job, Protected
from itops.backup.server_word import server_findings

NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)


def full(days: int, kind: CopyKind = CopyKind.FULL, *, is_here: bool = True) -> KnownCopy:
    made = NOW - timedelta(days=days)
    copy = Copy(repository="nas", job="db", key=f"{days}.bak", fingerprint="f", kind=kind, modified_at=made)
    return KnownCopy(copy=copy, first_seen_at=made, last_seen_at=NOW, gone_at=None if is_here else NOW)


def database(**facts) -> Database:
    recovery = facts.pop("recovery_model", "FULL")
    return Database(server="sql01", name="Insurance", recovery_model=recovery, facts=facts)


def codes(held: Database, copies=(), facts=(), **job) -> list[str]:
    wanted = Job(protects=(Protected(kind="database", server="sql01", name="Insurance"),), repository=("nas",), **job)
    return [found.code for found in server_findings(held, facts, wanted, copies, NOW)]


@pytest.mark.parametrize(
    ("checked_days", "copies", "found"),
    [
        (40, [full(30), full(1)], ["checkdb-old"]),
        (40, [full(50), full(1)], []),  # one full of before the check is still there
        (40, [full(50, is_here=False), full(1)], ["checkdb-old"]),
        (40, [full(1, CopyKind.LOG)], []),  # no full is known: nothing can be compared
        (40, [], []),
    ],
)
def test_a_check_older_than_every_full_that_is_kept_is_told(checked_days, copies, found):
    checked = (NOW - timedelta(days=checked_days)).isoformat()
    assert codes(database(last_good_checkdb=checked), copies) == found


def test_a_database_that_was_never_checked_is_told_and_one_that_cannot_tell_is_not():
    assert codes(database(checkdb_never=True), [full(1)]) == ["checkdb-never"]
    assert codes(database(), [full(1)]) == []


def test_damaged_pages_are_those_of_this_database():
    pages = [
        ServerFact(server="SQL01", object="insurance", code="suspect-page"),
        ServerFact(server="sql01", object="Payroll", code="suspect-page"),
        ServerFact(server="sql01", object="Insurance", code="restored"),
    ]
    [found] = server_findings(database(), pages, Job(protects=(), repository=()), [], NOW)
    assert (found.code, found.facts) == ("suspect-pages", {"pages": 1})


def test_logs_cannot_be_wanted_of_a_database_that_makes_none():
    logs = {"kinds": (CopyKind.LOG,)}
    assert codes(database(recovery_model="SIMPLE"), **logs) == ["logs-not-expected"]
    assert codes(database(recovery_model="FULL"), **logs) == []
    assert codes(database(recovery_model="SIMPLE")) == []
