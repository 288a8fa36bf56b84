"""Whose copy it is."""

from datetime import timedelta
from typing import Any

import pytest

from itops.backup.copies import Chain, CopyKind, Identity
from itops.backup.policy import Protected
from itops.verdict import State
from tests.backup.judgement.factory import at, copy, daily, job, judged, proof, states


def one(moment: str = "11-21 23:30", **header: Any):
    return copy(moment, header=Identity(started_at=at(moment), **header))


def the(verdict, code):
    return next((finding for finding in verdict.findings if finding.code == code), None)


@pytest.mark.parametrize(
    ("protected", "name", "is_other"),
    [
        ("sql01/Insurance", "Insurance", False),
        ("sql01/Insurance", "INSURANCE", False),
        ("sql01/Insurance", "Payroll", True),
        ("sql01/Insurance", "Insurance2", True),
        ("sql01/Insurance", None, False),
        ("sql01/بایگانی", "بايگاني", False),
        ("vm/dc01", "DC01", False),
        ("vm/dc01", "dc02", True),
        ("files/fs01/scans", "/srv/scans", False),
    ],
)
def test_a_copy_of_something_else_is_noticed(protected, name, is_other):
    verdict = judged([one(object=name)], object=Protected.parse(protected))
    finding = the(verdict, "wrong-object")
    assert (finding is not None) is is_other
    assert states(verdict)["11-21"] == ("DAMAGED" if is_other else "OK")
    if finding is not None:
        assert (finding.state, finding.facts["found"]) == (State.CRITICAL, name)


def test_another_database_is_no_fresh_copy():
    verdict = judged([one(object="Payroll")], job(daily=daily(), max_age=timedelta(days=2)))
    assert (verdict.freshness.newest, verdict.freshness.is_attempt_good) == (None, False)


@pytest.mark.parametrize(
    ("expected", "named", "is_other"),
    [
        ("sql01", "SQL01", False),
        ("sql01", "sql01.office.example", False),
        ("sql01", "sql02", True),
        ("sql01\\main", "SQL01\\MAIN", False),
        ("sql01\\main", "sql01\\test", True),
        (None, "sql02", False),
        ("sql01", None, False),
    ],
)
def test_a_copy_from_another_server_is_noticed(expected, named, is_other):
    verdict = judged([one(server=named)], expected_server=expected)
    finding = the(verdict, "wrong-server")
    assert (finding is not None) is is_other
    assert states(verdict)["11-21"] == "OK"


def test_what_is_odd_about_many_copies_is_told_once():
    copies = [one(f"11-{day} 23:30", server="sql02") for day in (17, 19, 21)]
    finding = the(judged(copies, expected_server="sql01"), "wrong-server")
    assert (finding.facts["copies"], finding.subject) == (3, copies[-1].copy.key)


@pytest.mark.parametrize(("made_as", "is_other"), [("mtf", False), ("zip", True), (None, False)])
def test_a_copy_in_another_format_than_the_jobs_is_noticed(made_as, is_other):
    known = copy("11-21 23:30", proofs=(proof(at("11-22 02:00"), made_as=made_as),), named_at=at("11-21 23:30"))
    assert (the(judged([known], job(daily=daily(), format="mtf")), "wrong-format") is not None) is is_other
    assert the(judged([known]), "wrong-format") is None


@pytest.mark.parametrize(
    ("filed", "said", "is_odd"),
    [
        (CopyKind.FULL, CopyKind.DIFFERENTIAL, True),
        (CopyKind.LOG, CopyKind.FULL, True),
        (CopyKind.FULL, CopyKind.FULL, False),
        (CopyKind.UNKNOWN, CopyKind.FULL, False),
        (CopyKind.FULL, CopyKind.UNKNOWN, False),
        (CopyKind.INCREMENTAL, CopyKind.DIFFERENTIAL, False),
    ],
)
def test_a_copy_filed_as_another_kind_is_noticed(filed, said, is_odd):
    known = copy("11-21 23:30", kind=filed, header=Identity(started_at=at("11-21 23:30"), kind=said))
    assert (the(judged([known]), "kind-disagrees") is not None) is is_odd


def test_the_header_tells_the_kind_whatever_the_name_says():
    known = copy("11-21 23:30", kind=CopyKind.FULL, header=Identity(started_at=at("11-21 23:30"), kind=CopyKind.LOG))
    assert states(judged([known]))["11-21"] == "MISSING"


@pytest.mark.parametrize(("after", "is_other"), [("db-2", True), ("db-1", False)])
def test_another_database_that_took_the_name_is_noticed(after, is_other):
    copies = [
        one("11-19 23:30", chain=Chain(database_id="db-1"), kind=CopyKind.FULL),
        one("11-21 23:30", chain=Chain(database_id=after), kind=CopyKind.FULL),
    ]
    assert (the(judged(copies), "database-replaced") is not None) is is_other
