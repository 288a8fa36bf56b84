"""`itops backup coverage` at the door."""

from contextlib import closing

import pytest

from itops.backup.copies import Database
from itops.backup.ledger import LookRecord
from itops.store import StoreLocation, open_store
from tests.cli.backup_door import PLAN, Door


@pytest.fixture
def door(tmp_path):
    return Door(tmp_path)


def listed(door: Door, *databases: Database) -> None:
    with closing(open_store(StoreLocation(folder=door.folder / "state"), door.now)) as store:
        look = LookRecord(repository="sql", looked_at=door.now, ended_at=door.now, is_complete=True)
        store.ledger.record_look(look, [], databases, [])


def covers(door: Door, *words: str) -> tuple[int, dict[str, str]]:
    ran = door.run("coverage", *words, "--output", "json")
    return ran.code, {row["object"]: row["cover"] for row in ran.data}


def test_before_anybody_asked_a_server_it_is_unknown(door):
    assert covers(door) == (3, {"sql01/Insurance": "never listed"})


def test_a_database_that_nobody_backs_up_is_critical(door):
    listed(door, Database(server="sql01", name="Insurance"), Database(server="sql01", name="Payroll"))
    assert covers(door) == (2, {"sql01/Payroll": "unprotected", "sql01/Insurance": "protected"})
    assert covers(door, "--exceptions") == (2, {"sql01/Payroll": "unprotected"})


def test_an_exemption_needs_a_reason_and_holds_from_its_first_day_to_its_last(door):
    listed(door, Database(server="sql01", name="Insurance"), Database(server="sql01", name="Payroll"))
    exempt = "  exempt: [{object: sql01/pay*, reason: a test, owner: R. Karimi, since: SINCE, until: UNTIL}]\n"
    for since, until, code in (("1405-08-01", "1405-09-01", 0), ("1405-09-02", "1405-10-01", 2)):
        door.write(PLAN + exempt.replace("SINCE", since).replace("UNTIL", until))
        assert door.run("coverage").code == code
    door.write(PLAN + exempt.replace("SINCE", "1405-08-01").replace("UNTIL", "1405-08-30"))
    assert covers(door)[1]["sql01/Payroll"] == "exemption expired"


def test_all_protected_is_ok_and_csv_names_the_jobs(door):
    listed(door, Database(server="sql01", name="Insurance"))
    ran = door.run("coverage", "--output", "csv")
    assert ran.code == 0
    assert ran.csv[1][:5] == ["OK", "protected", "database", "sql01/Insurance", "insurance"]
