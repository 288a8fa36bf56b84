"""Looking at a simulated SQL Server: what of its msdb becomes copies, databases, facts and gaps."""

import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from itops.backup.copies import Copy, CopyKind, Database, ServerFact
from itops.backup.repositories import Look, LookGap
from itops.errors import SourceUnavailable
from itops.secrets import Secret
from tests.repositories.mssql.office import (
    ABOUT,
    BACKUP,
    DATABASE,
    FINISH,
    GUID,
    INSURANCE,
    LATER_THAN_2008,
    PAYROLL,
    history_of,
    office,
    result,
)
from tests.repositories.mssql.tds_server import Error, HangUp, Silence, TdsServer, running

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


def seen(server: TdsServer, **settings: Any) -> tuple[Look, list[Any]]:
    with running(server):
        look = history_of(server, **settings).look(NOW, {})
        return look, list(look.seen)


def of(kind: type, listed: list[Any]) -> list[Any]:
    return [one for one in listed if isinstance(one, kind)]


def test_a_full_backup_tells_everything_that_msdb_knows_of_it() -> None:
    _, listed = seen(TdsServer(office()))
    (copy,) = of(Copy, listed)
    identity = copy.catalogue
    assert (copy.key, copy.object, copy.kind, copy.size_bytes) == (
        GUID,
        "sql01/Insurance",
        CopyKind.FULL,
        1_200_000_000,
    )
    assert (copy.faults, copy.files) == ((), ())
    assert identity.finished_at == datetime(2026, 11, 21, 20, 0, 5, tzinfo=UTC)
    assert identity.started_at == datetime(2026, 11, 21, 19, 50, 5, tzinfo=UTC)
    assert (identity.object, identity.server, identity.utc_offset_minutes) == ("Insurance", "SQLNODE1", 210)
    assert identity.made_by == "Microsoft SQL Server 15.0.2000"
    assert (identity.chain.last_lsn, identity.chain.database_id) == (35000000012400001, INSURANCE)
    assert identity.chain.is_copy_only is False
    facts = identity.facts
    assert (facts["devices"], facts["device"], facts["stripes"]) == (BACKUP["physical_device_name"], "disk", 1)
    assert (facts["backup_bytes"], facts["has_checksums"], facts["is_compressed"]) == (5_000_000_000, True, True)
    assert (facts["recovery_model"], facts["position"]) == ("FULL", 1)
    assert "vss" not in facts


def test_a_database_tells_its_guid_its_model_and_its_last_checkdb() -> None:
    _, listed = seen(TdsServer(office(databases=[DATABASE, {**DATABASE, "name": "msdb", "last_good_checkdb": None}])))
    insurance, msdb = of(Database, listed)
    assert (insurance.server, insurance.name, insurance.recovery_model) == ("sql01", "Insurance", "FULL")
    assert insurance.created_at == datetime(2020, 5, 1, 5, 30, tzinfo=UTC)  # summer time in Tehran then: +04:30
    assert insurance.facts["database_guid"] == INSURANCE
    assert insurance.facts["last_good_checkdb"] == "2026-11-14T23:30:00+00:00"
    assert (insurance.is_system, msdb.is_system) == (False, True)
    assert "last_good_checkdb" not in msdb.facts


def test_a_checkdb_that_never_was_is_told_as_never() -> None:
    _, listed = seen(TdsServer(office(databases=[{**DATABASE, "last_good_checkdb": datetime(1900, 1, 1)}])))
    (database,) = of(Database, listed)
    assert database.facts["checkdb_never"] is True
    assert "last_good_checkdb" not in database.facts


def test_a_persian_name_arrives_whole() -> None:
    name = "بیمه‌گری"
    _, listed = seen(TdsServer(office(backups=[{**BACKUP, "database_name": name}])))
    assert of(Copy, listed)[0].object == f"sql01/{name}"


def test_the_look_tells_of_the_server_itself() -> None:
    look, _ = seen(TdsServer(office()))
    assert look.facts["server"] == "SQLNODE1"
    assert look.facts["version"] == "15.0.2000.5"
    assert (look.facts["utc_offset_minutes"], look.facts["history_days"]) == (210, 100)


def test_the_name_of_itops_yaml_is_the_server_of_copies_and_databases() -> None:
    _, listed = seen(TdsServer(office()), server_name="insurance-sql")
    assert of(Copy, listed)[0].object == "insurance-sql/Insurance"
    assert of(Database, listed)[0].server == "insurance-sql"


def test_only_reading_statements_are_ever_sent() -> None:
    server = TdsServer(office())
    seen(server)
    assert len(server.asked) == 8
    for statement in server.asked:
        assert statement.startswith(("SELECT ", "SET NOCOUNT ON; SET LOCK_TIMEOUT"))
        assert not any(word in statement.upper() for word in ("UPDATE ", "DELETE ", "INSERT ", "EXEC", "RESTORE "))


def test_a_2008_r2_is_not_asked_for_columns_it_does_not_have() -> None:
    server = TdsServer(office(missing=frozenset(LATER_THAN_2008)))
    _, listed = seen(server)
    assert not of(LookGap, listed)
    (copy,) = of(Copy, listed)
    assert "is_encrypted" not in copy.catalogue.facts
    assert not any("fn_hadr" in statement for statement in server.asked)


def test_a_replica_tells_whether_it_is_the_preferred_one() -> None:
    replicas = [{**DATABASE, "replica_id": PAYROLL, "preferred": False}]
    server = TdsServer(office(databases=replicas))
    _, listed = seen(server)
    (database,) = of(Database, listed)
    assert database.facts["preferred"] is False
    assert database.facts["in_availability_group"] is True


def test_databases_are_still_listed_when_the_preferred_replica_may_not_be_asked() -> None:
    refusal = Error(((229, "The EXECUTE permission was denied on the object 'fn_hadr_backup_is_preferred_replica'."),))
    _, listed = seen(TdsServer(office(instead=[("fn_hadr", refusal)])))
    assert [database.name for database in of(Database, listed)] == ["Insurance"]
    (gap,) = of(LookGap, listed)
    assert (gap.code, gap.hides) == ("permission.missing", False)


@pytest.mark.parametrize(
    "refusal",
    [
        (229, "The SELECT permission was denied on the object 'backupset', database 'msdb', schema 'dbo'."),
        (916, 'The server principal "itops" is not able to access the database "msdb".'),
    ],
)
def test_no_right_on_msdb_is_a_gap_that_hides_copies_and_names_the_grant(refusal: tuple[int, str]) -> None:
    _, listed = seen(TdsServer(office(instead=[("FROM msdb", Error((refusal,)))])))
    assert of(Database, listed)
    assert not of(Copy, listed)
    first = of(LookGap, listed)[0]
    assert (first.code, first.hides) == ("permission.missing", True)
    assert "CREATE USER [itops] FOR LOGIN [itops]" in first.remedy
    assert "db_datareader" in first.remedy


def test_no_right_to_see_all_databases_is_a_gap_that_hides() -> None:
    _, listed = seen(TdsServer(office(about={**ABOUT, "sees_all": 0, "login_name": "we]ird"})))
    (gap,) = of(LookGap, listed)
    assert (gap.code, gap.hides) == ("permission.missing", True)
    assert "GRANT VIEW ANY DATABASE TO [we]]ird];" in gap.remedy


def test_a_statement_that_fails_otherwise_is_a_gap_with_the_number() -> None:
    failure = Error(((208, "Invalid object name 'msdb.dbo.suspect_pages'."),))
    _, listed = seen(TdsServer(office(instead=[("suspect_pages", failure)])))
    (gap,) = of(LookGap, listed)
    assert (gap.code, gap.hides) == ("query.refused", False)
    assert "208" in gap.problem


def test_restores_verifications_and_suspect_pages_are_facts() -> None:
    restore = {
        "restore_date": FINISH,
        "destination_database_name": "Insurance_test",
        "restore_type": "D",
        "user_name": "OFFICE\\dba",
        "backup_set_uuid": GUID,
        "database_name": "Insurance",
        "server_name": "SQLNODE1",
        "database_guid": INSURANCE,
    }
    page = {
        "database_name": "Payroll",
        "database_id": 6,
        "file_id": 1,
        "page_id": 4711,
        "event_type": 2,
        "error_count": 3,
        "last_update_date": FINISH,
    }
    _, listed = seen(TdsServer(office(restores=[restore, {**restore, "restore_type": "V"}], pages=[page])))
    restored, verified, suspect = of(ServerFact, listed)
    assert (restored.code, restored.object, restored.facts["destination"]) == (
        "restored",
        "Insurance",
        "Insurance_test",
    )
    assert restored.facts["set_id"] == GUID
    assert restored.at == datetime(2026, 11, 21, 20, 0, 5, tzinfo=UTC)
    assert verified.code == "verified-only"
    assert (suspect.code, suspect.object, suspect.facts["page"]) == ("suspect-page", "Payroll", 4711)


def test_a_history_longer_than_allowed_is_cut_with_a_gap_that_hides() -> None:
    backups = [{**BACKUP, "backup_set_id": number, "backup_set_uuid": None} for number in range(10)]
    _, listed = seen(TdsServer(office(backups=backups)), most_rows=4)
    assert [copy.key for copy in of(Copy, listed)] == [f"set-{number}" for number in range(4)]
    (gap,) = of(LookGap, listed)
    assert (gap.code, gap.hides) == ("answer.too-long", True)


def test_thousands_of_sets_come_one_by_one() -> None:
    backups = [{**BACKUP, "backup_set_id": number, "backup_set_uuid": None} for number in range(3000)]
    _, listed = seen(TdsServer(office(backups=backups)))
    assert len(of(Copy, listed)) == 3000


def test_the_history_is_asked_from_the_day_the_settings_name() -> None:
    server = TdsServer(office())
    look, _ = seen(server, history=timedelta(days=10))
    assert look.facts["history_days"] == 10
    # One day more than asked, so that no zone cuts anything off.
    assert [since for since in server.parameters if since] == [datetime(2026, 11, 11, 5, 0)] * 2


def test_a_wrong_password_says_so_and_does_not_repeat_it() -> None:
    with running(TdsServer(office())) as server, pytest.raises(SourceUnavailable) as caught:
        history_of(server, password=Secret("wrong-horse")).look(NOW, {})
    assert "refused the login of itops" in caught.value.problem
    assert "username and password" in caught.value.remedy
    assert "wrong-horse" not in f"{caught.value.problem} {caught.value.remedy} {caught.value.__context__!r}"


def test_an_expired_password_names_its_own_remedy() -> None:
    server = TdsServer(office(), login_error=(18487, "Login failed. The password of the account has expired."))
    with running(server), pytest.raises(SourceUnavailable) as caught:
        history_of(server).look(NOW, {})
    assert "expired" in caught.value.remedy


def test_a_dead_server_is_unavailable_at_once() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        server = TdsServer((), port=probe.getsockname()[1])
    started = time.monotonic()
    with pytest.raises(SourceUnavailable) as caught:
        history_of(server).look(NOW, {})
    assert "refuses connections" in caught.value.problem
    assert time.monotonic() - started < 4


@pytest.mark.parametrize("at", ["Edition", "FROM sys.databases", "FROM msdb.dbo.backupset", "suspect_pages"])
def test_a_server_that_hangs_up_in_the_middle_makes_the_look_unavailable(at: str) -> None:
    half = HangUp(after=result([BACKUP]))
    with running(TdsServer(office(instead=[(at, half)]))) as server, pytest.raises(SourceUnavailable):
        list(history_of(server).look(NOW, {}).seen)


def test_a_server_that_falls_silent_is_left_after_the_time_limit() -> None:
    with (
        running(TdsServer(office(instead=[("FROM msdb.dbo.backupset", Silence())]))) as server,
        pytest.raises(SourceUnavailable) as caught,
    ):
        list(history_of(server, timeout_seconds=1.0).look(NOW, {}).seen)
    assert "in time" in caught.value.problem


def test_a_locked_msdb_is_no_reason_to_wait() -> None:
    lock = Error(((1222, "Lock request time out period exceeded."),))
    with running(TdsServer(office(instead=[("FROM msdb.dbo.backupset", lock)]))) as server:
        look = history_of(server).look(NOW, {})
        with pytest.raises(SourceUnavailable) as caught:
            list(look.seen)
    assert "locked" in caught.value.problem


def test_a_look_that_nobody_reads_hangs_up() -> None:
    with running(TdsServer(office())) as server:
        look = history_of(server).look(NOW, {})
        assert server.hung_up == 0
        del look
        deadline = time.monotonic() + 5
        while server.hung_up == 0 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert server.hung_up == 1


def test_nothing_is_touched_before_it_is_asked(tmp_path: Path) -> None:
    with running(TdsServer(office())) as server:
        history_of(server)
        assert server.logins == []
