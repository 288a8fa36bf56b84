"""Judging what a simulated SQL Server tells of itself, by the whole way: looked at over the wire, kept, judged."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

import pytest

from itops.backup.copies import CopyKind
from itops.backup.levels import Level
from itops.backup.policy import DailyPolicy, WeeklyPolicy
from itops.store import open_reader
from itops.verdict import State
from tests.backup.judgement.factory import TEHRAN, at, codes, states
from tests.repositories.mssql.office import ABOUT, BACKUP, DATABASE, INSURANCE, history_of, office
from tests.repositories.mssql.tds_server import TdsServer, running
from tests.tasks.judging_office import JudgedOffice, Unreachable, job

CHECKED = {**DATABASE, "last_good_checkdb": None}  # a version that does not tell

FULL, DIFFERENTIAL, LOG = "D", "I", "L"
SINCE = date(2026, 11, 14)


def lsn(moment: str) -> int:
    """A log sequence number of that moment: seconds of November as virtual log files."""
    return int((at(moment) - at("11-01 00:00")).total_seconds()) * 10**15


def backup(moment: str, kind: str = FULL, *, server: str = "SQLNODE1", **facts: Any) -> Mapping[str, Any]:
    """A row of msdb: a backup of Insurance that began at that moment."""
    begun = at(moment).astimezone(TEHRAN).replace(tzinfo=None)
    own = lsn(moment)
    name = f"{server}/{kind}/{moment}"
    told = {
        "backup_set_id": own // 10**15 * 3 + "DIL".index(kind),
        "backup_set_uuid": str(uuid5(NAMESPACE_DNS, name)),
        "type": kind,
        "server_name": server,
        "machine_name": server,
        "backup_start_date": begun,
        "backup_finish_date": begun + timedelta(minutes=2),
        "first_lsn": own,
        "last_lsn": own + 5,
        "checkpoint_lsn": own,
        "database_backup_lsn": None,
        "physical_device_name": f"E:\\backup\\{moment.replace(':', '')}.bak",
        **facts,
    }
    return {**BACKUP, **told}


def log(moment: str, before: str, **facts: Any) -> Mapping[str, Any]:
    return backup(moment, LOG, first_lsn=lsn(before), last_lsn=lsn(moment), **facts)


@pytest.fixture
def servers() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def replica(servers: ExitStack, name: str, *backups: Mapping[str, Any], **settings: Any) -> Any:
    """A server that tells of these backups."""
    rows = sorted(backups, key=lambda row: row["last_lsn"])
    about = {**ABOUT, "server_name": name, "machine_name": name}
    databases = settings.pop("databases", (CHECKED,))
    server = servers.enter_context(running(TdsServer(office(backups=rows, about=about, databases=databases))))
    return history_of(server, **settings)


def nightly(folder: Path, *names: str, **settings: Any) -> JudgedOffice:
    given = {"protects": "ag/Insurance", "repositories": names, "level": Level.SEEN, "since": SINCE}
    return JudgedOffice(folder, {"insurance": job(**given, daily=DailyPolicy(keep=7), **settings)})


def named(repository: Any, name: str) -> Any:
    repository.name = name
    return repository


NIGHTS = [f"11-{day} 23:30" for day in (14, 15, 16, 17, 18, 19, 20, 21)]


def test_the_replicas_of_a_group_are_one_database_whichever_of_them_made_the_backup(servers, tmp_path):
    first = [backup(moment, server="NODE1") for moment in NIGHTS[:4]]
    second = [backup(moment, server="NODE2") for moment in NIGHTS[4:]]
    place = nightly(tmp_path, "node1", "node2")
    place.more["node1"] = named(replica(servers, "NODE1", *first, server_name="ag"), "node1")
    place.more["node2"] = named(replica(servers, "NODE2", *second, server_name="ag"), "node2")
    place.look()
    verdict = place.verdict()
    assert set(states(verdict).values()) <= {"OK", "OPEN"}
    assert (verdict.state, codes(verdict)) == (State.OK, [])


def test_while_one_replica_is_dead_nothing_is_missing_that_it_may_have_made(servers, tmp_path):
    place = nightly(tmp_path, "node1", "node2")
    first = [backup(moment, server="NODE1") for moment in NIGHTS[:4]]
    place.more["node1"] = named(replica(servers, "NODE1", *first, server_name="ag"), "node1")
    place.more["node2"] = Unreachable("node2")
    place.look()
    found = states(place.verdict())
    assert (found["11-17"], found["11-19"], found["11-21"]) == ("OK", "UNKNOWN", "UNKNOWN")
    assert {"look-failed", "never-looked"} <= set(codes(place.verdict()))


def test_logs_of_two_replicas_are_one_chain(servers, tmp_path):
    """The full was made on one node; after a failover the logs go on at the other."""
    full = backup("11-21 20:00", server="NODE1")
    first = [log("11-21 21:00", "11-21 20:00", server="NODE1"), log("11-22 00:00", "11-21 21:00", server="NODE1")]
    second = [log("11-22 04:00", "11-22 00:00", server="NODE2"), log("11-22 08:45", "11-22 04:00", server="NODE2")]
    place = nightly(tmp_path, "node1", "node2").with_jobs(
        full=job(
            protects="ag/Insurance", repositories=("node1", "node2"), level=Level.SEEN, since=date(2026, 11, 21),
            weekly=WeeklyPolicy(keep=1, on="saturday"),
        ),
        log=job(
            protects="ag/Insurance", repositories=("node1", "node2"), level=Level.SEEN, since=date(2026, 11, 21),
            kinds=(CopyKind.LOG,), max_age=timedelta(hours=1), rpo=timedelta(hours=1),
        ),
    )  # fmt: skip
    place.more["node1"] = named(replica(servers, "NODE1", full, *first, server_name="ag"), "node1")
    place.more["node2"] = named(replica(servers, "NODE2", *second, server_name="ag"), "node2")
    place.look()
    verdict = place.verdict("log")
    assert (verdict.freshness.state, verdict.freshness.recovery_at) == (State.OK, at("11-22 08:45"))
    assert "log-gap" not in codes(verdict)


def week_of(servers: ExitStack, folder: Path, *backups: Mapping[str, Any], **told: Any) -> JudgedOffice:
    """A full each week, a differential each day, a log every 15 minutes, in three jobs over one server."""
    common = {"repositories": ("sql01",), "level": Level.SEEN, "since": SINCE}
    place = JudgedOffice(
        folder,
        {
            "full": job(kinds=(CopyKind.FULL,), weekly=WeeklyPolicy(keep=2, on="saturday"), **common),
            "diff": job(kinds=(CopyKind.DIFFERENTIAL,), daily=DailyPolicy(keep=7), **common),
            "log": job(
                kinds=(CopyKind.LOG,), max_age=timedelta(minutes=30), rpo=timedelta(minutes=30), **common
            ),
        },
    )  # fmt: skip
    place.more["sql01"] = replica(servers, "SQLNODE1", *backups, **told)
    place.look()
    return place


def a_week(*without: str) -> list[Mapping[str, Any]]:
    """Fulls on the 14th and 21st at 20:00, differentials at 22:00, logs from 22:00 on the 20th to 08:45 on the 22nd."""
    rows = [backup(f"11-{day} 20:00") for day in (14, 21)]
    for day in range(14, 22):
        base = f"11-{21 if day >= 21 else 14} 20:00"
        guid = str(uuid5(NAMESPACE_DNS, f"SQLNODE1/{FULL}/{base}"))
        rows.append(backup(f"11-{day} 22:00", DIFFERENTIAL, database_backup_lsn=lsn(base), differential_base_guid=guid))
    moment = at("11-20 22:00")
    while moment <= at("11-22 08:45"):
        text, before = (f"{one.astimezone(TEHRAN):%m-%d %H:%M}" for one in (moment, moment - timedelta(minutes=15)))
        rows.append(log(text, before))
        moment += timedelta(minutes=15)
    return [row for row in rows if row["physical_device_name"] not in without]


def test_full_differential_and_log_in_three_jobs_over_the_server_s_own_history(servers, tmp_path):
    place = week_of(servers, tmp_path, *a_week())
    found = {one.job: (one.state, codes(one)) for one in place.judge().verdicts}
    assert found == dict.fromkeys(("full", "diff", "log"), (State.OK, []))
    assert place.verdict("log").freshness.recovery_at == at("11-22 08:45")


def test_a_copy_only_full_in_between_disturbs_no_differential_and_fills_no_chain(servers, tmp_path):
    other = backup("11-18 12:00", is_copy_only=True)
    place = week_of(servers, tmp_path, *a_week(), other)
    assert {one.job: one.state for one in place.judge().verdicts} == dict.fromkeys(("full", "diff", "log"), State.OK)


def test_a_log_that_was_thrown_away_breaks_the_chain_that_msdb_calls_whole(servers, tmp_path):
    rows = [
        {**row, "physical_device_name": "NUL"} if row["type"] == LOG and row["last_lsn"] == lsn("11-22 06:00") else row
        for row in a_week()
    ]
    verdict = week_of(servers, tmp_path, *rows).verdict("log")
    assert {"log-gap", "damaged"} <= set(codes(verdict))
    assert verdict.freshness.recovery_at == at("11-22 05:45")


def test_another_database_restored_under_the_old_name_is_told(servers, tmp_path):
    other = "cccccccc-0000-4000-8000-000000000009"
    rows = [backup(moment) for moment in NIGHTS[:5]]
    rows += [backup(moment, database_guid=other, family_guid=other) for moment in NIGHTS[5:]]
    place = nightly(tmp_path, "sql01")
    databases = ({**CHECKED, "database_guid": other, "family_guid": other},)
    place.more["sql01"] = replica(servers, "SQLNODE1", *rows, databases=databases, server_name="ag")
    place.look()
    verdict = place.verdict()
    (replaced,) = [one for one in verdict.findings if one.code == "database-replaced"]
    assert (replaced.facts["before"], replaced.facts["after"]) == (INSURANCE, other)


def test_a_server_that_still_jumps_in_spring_is_noticed_and_its_backups_fall_where_they_belong(servers, tmp_path):
    """Its rows say +04:30; what it calls 00:30 is 23:30 in the office."""
    rows = []
    for moment in NIGHTS:
        row = backup(moment)
        ahead = {name: row[name] + timedelta(hours=1) for name in ("backup_start_date", "backup_finish_date")}
        rows.append({**row, **ahead, "time_zone": 18})
    place = nightly(tmp_path, "sql01")
    place.more["sql01"] = replica(servers, "SQLNODE1", *rows, server_name="ag")
    place.look()
    verdict = place.verdict()
    assert {state for day, state in states(verdict).items() if day != "11-22"} == {"OK"}
    (offset,) = [one for one in verdict.findings if one.code == "clock-offset"]
    assert (offset.facts["offset_minutes"], offset.facts["expected_minutes"]) == (270, 210)


def test_what_a_server_pruned_from_its_history_is_not_gone_from_where_it_lies(servers, tmp_path):
    """sp_delete_backuphistory runs each month; a row says nothing of the file, nor does a row that is no more."""
    place = nightly(tmp_path, "sql01")
    backups = [backup(moment) for moment in NIGHTS]
    place.more["sql01"] = named(replica(servers, "SQLNODE1", *backups, server_name="ag"), "sql01")
    place.look()
    before = place.verdict()
    place.more["sql01"] = named(replica(servers, "SQLNODE1", *backups[-2:], server_name="ag"), "sql01")
    place.now += timedelta(minutes=5)
    place.look()
    with open_reader(place.location) as reader:
        assert [known.is_here for known in reader.ledger.copies()] == [True] * len(NIGHTS)
    assert states(place.verdict()) == states(before)


def test_a_night_without_a_row_is_a_night_without_a_backup(servers, tmp_path):
    """msdb writes down what succeeded: of a failed backup, absence is all that there is to see."""
    place = nightly(tmp_path, "sql01")
    made = [backup(moment) for moment in NIGHTS if moment != "11-17 23:30"]
    place.more["sql01"] = named(replica(servers, "SQLNODE1", *made, server_name="ag"), "sql01")
    place.look()
    found = states(place.verdict())
    assert (found["11-16"], found["11-17"], found["11-19"]) == ("OK", "MISSING", "OK")


def test_a_set_that_msdb_calls_damaged_or_a_backup_of_files_alone_fills_no_night(servers, tmp_path):
    place = nightly(tmp_path, "sql01")
    strange = {"11-15 23:30": {"is_damaged": True}, "11-16 23:30": {"has_incomplete_metadata": True}}
    made = [backup(moment, **strange.get(moment, {})) for moment in NIGHTS if moment != "11-17 23:30"]
    made.append({**backup("11-17 23:30"), "type": "F"})
    place.more["sql01"] = named(replica(servers, "SQLNODE1", *made, server_name="ag"), "sql01")
    place.look()
    found = states(place.verdict())
    nights = (found["11-15"], found["11-16"], found["11-17"], found["11-19"])
    assert nights == ("DAMAGED", "DAMAGED", "MISSING", "OK")


def test_a_copy_only_full_fills_its_night(servers, tmp_path):
    place = nightly(tmp_path, "sql01")
    made = [backup(moment, is_copy_only=moment == "11-17 23:30") for moment in NIGHTS]
    place.more["sql01"] = named(replica(servers, "SQLNODE1", *made, server_name="ag"), "sql01")
    place.look()
    assert states(place.verdict())["11-17"] == "OK"


def test_what_the_server_says_of_its_own_database_is_judged(servers, tmp_path):
    """Its last CHECKDB is of 15 November; every full that is kept was made after it."""
    place = nightly(tmp_path, "node1")
    nights = [backup(moment) for moment in NIGHTS[2:]]
    place.more["node1"] = named(replica(servers, "NODE1", *nights, server_name="ag", databases=(DATABASE,)), "node1")
    place.look()
    assert "checkdb-old" in codes(place.verdict())
