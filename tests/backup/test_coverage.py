"""Who backs up what: the promised against what there is."""

from datetime import UTC, date, datetime

import pytest

from itops.backup.copies import Database
from itops.backup.coverage import Cover, KnownVm, coverage
from itops.backup.ledger import KnownDatabase
from itops.backup.policy import BackupPlan, DailyPolicy, Exemption, Job, Protected, ProtectedList, Texts
from itops.verdict import State

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def plan(*protects: str, exempt: tuple[Exemption, ...] = ()) -> BackupPlan:
    jobs = {
        f"job{number}": Job(
            protects=ProtectedList([Protected.parse(text)]), repository=Texts(("nas",)), daily=DailyPolicy(keep=1)
        )
        for number, text in enumerate(protects)
    }
    return BackupPlan(jobs=jobs, exempt=exempt)


def exemption(text: str, until: date = TODAY, since: date | None = None) -> Exemption:
    return Exemption(object=text, reason="a test", owner="R. Karimi", until=until, since=since)


def known(*names: str, system: frozenset[str] = frozenset(), gone: bool = False) -> list[KnownDatabase]:
    databases = (name.partition("/") for name in names)
    return [
        KnownDatabase(
            database=Database(server=server, name=name, is_system=f"{server}/{name}" in system),
            first_seen_at=NOW,
            last_seen_at=NOW,
            gone_at=NOW if gone else None,
        )
        for server, _, name in databases
    ]


def covers(held: BackupPlan, databases: list[KnownDatabase] | None = None, *vms: str) -> dict[str, Cover]:
    seen = [KnownVm(name=name, seen_at=NOW) for name in vms]
    return {row.object: row.cover for row in coverage(held, databases or [], seen, TODAY).rows}


def test_nothing_known_and_nothing_promised_is_unknown():
    assert coverage(plan(), [], [], TODAY).state is State.UNKNOWN


def test_what_a_job_names_is_protected_whatever_the_letters_case():
    found = covers(plan("SQL01/insurance", "vm/DC01"), known("sql01/Insurance"), "dc01")
    assert found == {"sql01/Insurance": Cover.PROTECTED, "vm/dc01": Cover.PROTECTED}


def test_the_worst_comes_first():
    rows = coverage(plan("sql01/a"), known("sql01/a", "sql01/b"), [], TODAY).rows
    assert [(row.object, row.state) for row in rows] == [("sql01/b", State.CRITICAL), ("sql01/a", State.OK)]


def test_every_database_of_a_server_is_each_that_people_made():
    system = frozenset({"sql01/master"})
    rows = coverage(plan("sql01/*"), known("sql01/a", "sql01/master", "sql02/a", system=system), [], TODAY).rows
    assert {row.object: (row.cover, row.state) for row in rows} == {
        "sql01/a": (Cover.PROTECTED, State.OK),
        "sql01/master": (Cover.UNPROTECTED, State.WARNING),
        "sql02/a": (Cover.UNPROTECTED, State.CRITICAL),
    }


def test_the_servers_own_are_protected_by_name_and_its_moulds_need_no_copy():
    system = frozenset({"sql01/master", "sql01/model", "sql01/tempdb"})
    found = covers(plan("sql01/master"), known("sql01/master", "sql01/model", "sql01/tempdb", system=system))
    assert found == {"sql01/master": Cover.PROTECTED}


def test_a_database_of_the_office_that_is_called_like_a_mould_is_no_mould():
    assert covers(plan("pg01/x"), known("pg01/x", "pg01/model"))["pg01/model"] is Cover.UNPROTECTED


@pytest.mark.parametrize(
    ("since", "until", "cover"),
    [
        (None, TODAY, Cover.EXEMPT),
        (TODAY, TODAY, Cover.EXEMPT),
        (date(2026, 11, 23), date(2026, 12, 1), Cover.UNPROTECTED),
        (None, date(2026, 11, 21), Cover.EXPIRED),
    ],
)
def test_an_exemption_holds_from_its_first_day_to_its_last(since, until, cover):
    held = plan("sql01/a", exempt=(exemption("sql01/pay*", until, since),))
    assert covers(held, known("sql01/a", "sql01/Payroll"))["sql01/Payroll"] is cover


def test_a_name_with_brackets_is_exempted_by_itself():
    held = plan(exempt=(exemption("vm/test [old]"),))
    assert covers(held, [], "test [old]") == {"vm/test [old]": Cover.EXEMPT}


def test_what_is_protected_needs_no_exemption_and_shows_none():
    [row] = coverage(plan("sql01/a", exempt=(exemption("sql01/a"),)), known("sql01/a"), [], TODAY).rows
    assert (row.cover, row.exemption) == (Cover.PROTECTED, None)


def test_a_promise_about_what_is_not_there_is_told():
    found = covers(plan("sql01/a", "sql01/b", "vm/dc01", "vm/dc02"), known("sql01/a"), "dc01")
    assert (found["sql01/b"], found["vm/dc02"]) == (Cover.ABSENT, Cover.ABSENT)


def test_a_promise_about_what_nobody_asked_is_unknown():
    assert covers(plan("sql01/*", "vm/dc01", "files/fs01/scans")) == {
        "sql01/*": Cover.UNKNOWN,
        "vm/dc01": Cover.UNKNOWN,
    }


def test_a_database_that_is_gone_is_not_in_question():
    assert covers(plan(), known("sql01/a", gone=True)) == {}
