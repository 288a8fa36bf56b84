"""Restore tests against a simulated server: what is sent, what is answered, and that nothing stays behind."""

import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from itops.backup.copies import Chain, Identity
from itops.backup.drills import DrillOutcome
from itops.backup.levels import Level
from itops.errors import SourceUnavailable
from itops.formats.effort import BoundedEffort
from tests.repositories.mssql.office import GUID, INSURANCE, history_of, result
from tests.repositories.mssql.tds_server import Error, HangUp, Rows, Script, Silence, TdsServer, running

PATH = "\\\\nas\\backup\\Insurance.bak"
IDENTITY = Identity(object="Insurance", chain=Chain(set_id=GUID), made_by="Microsoft SQL Server 15.0.2000")
HEADER = {
    "BackupType": 1,
    "Position": 1,
    "DatabaseName": "Insurance",
    "ServerName": "SQLNODE1",
    "BackupSetGUID": GUID,
    "HasBackupChecksums": True,
}
FILES = result(
    [{"LogicalName": "Insurance", "Type": "D"}, {"LogicalName": "Insurance_log", "Type": "L"}],
)
PLACE = result([{"folder": "D:\\DATA\\", "version": "15.0.2000.5"}])
QUESTION = "SELECT COUNT(*) FROM dbo.Policies"
ENDED = (3013, "RESTORE DATABASE is terminating abnormally.")


def script(*instead: tuple[str, Any], header: Any = None) -> Script:
    return (
        *instead,
        ("InstanceDefaultDataPath", PLACE),
        ("HEADERONLY", header or result([HEADER])),
        ("FILELISTONLY", FILES),
        ("SELECT COUNT", Rows((("", "int"),), ((4711,),))),
    )


def effort(folder: Path, seconds: float = 30.0) -> BoundedEffort:
    return BoundedEffort(level=Level.INTACT, scratch=folder, max_seconds=seconds)


def drilled(server: TdsServer, folder: Path, *, question: str | None = QUESTION, **how: Any) -> DrillOutcome:
    identity = how.pop("identity", IDENTITY)
    with running(server):
        repository = history_of(server, restores=how.pop("restores", True))
        return repository.drill(PATH, identity, question, effort(folder), **how)


def test_a_good_backup_is_restored_asked_and_dropped(tmp_path: Path) -> None:
    server = TdsServer(script())
    outcome = drilled(server, tmp_path)
    assert (outcome.is_restored, outcome.answer, outcome.faults) == (True, 4711.0, ())
    assert (outcome.tool, outcome.tool_version) == ("sqlserver", "15.0.2000.5")
    assert (outcome.evidence["database"], outcome.evidence["files"]) == ("Insurance", 2)
    assert "left_behind" not in outcome.evidence
    restore = next(asked for asked in server.asked if asked.startswith("RESTORE DATABASE"))
    name = re.findall(r"\[(itops_drill_[0-9a-f]{16})\]", restore)[0]
    assert restore == (
        f"RESTORE DATABASE [{name}] FROM DISK = N'{PATH}' WITH FILE = 1, "
        f"MOVE N'Insurance' TO N'D:\\DATA\\{name}_1.mdf', MOVE N'Insurance_log' TO N'D:\\DATA\\{name}_2.ldf', "
        "CHECKSUM, STOP_ON_ERROR, RECOVERY;"
    )
    after = server.asked[server.asked.index(restore) + 1 :]
    assert after[0] == f"USE [{name}];"
    assert after[1] == QUESTION
    assert after[2].endswith(f"DROP DATABASE [{name}];")
    assert len(after) == 3


def test_verifying_only_restores_nothing(tmp_path: Path) -> None:
    server = TdsServer(script())
    outcome = drilled(server, tmp_path, verify_only=True, restores=False)
    assert (outcome.is_restored, outcome.faults, outcome.evidence["verified_only"]) == (False, (), True)
    assert server.asked[-1] == (f"RESTORE VERIFYONLY FROM DISK = N'{PATH}' WITH FILE = 1, CHECKSUM, STOP_ON_ERROR;")
    assert not any(asked.startswith("RESTORE DATABASE") for asked in server.asked)


def test_a_backup_without_checksums_is_not_asked_for_them(tmp_path: Path) -> None:
    server = TdsServer(script(header=result([{**HEADER, "HasBackupChecksums": False}])))
    drilled(server, tmp_path, verify_only=True)
    assert "CHECKSUM" not in server.asked[-1]
    drilled(server, tmp_path)
    (restore,) = [asked for asked in server.asked if asked.startswith("RESTORE DATABASE")]
    assert "CHECKSUM" not in restore


def test_stripes_are_given_together(tmp_path: Path) -> None:
    with running(TdsServer(script())) as server:
        history_of(server).drill(["a.bak", "b.bak"], None, None, effort(tmp_path), verify_only=True)
    assert "FROM DISK = N'a.bak', DISK = N'b.bak'" in server.asked[-1]


def test_a_server_that_is_not_meant_for_it_is_not_even_connected_to(tmp_path: Path) -> None:
    server = TdsServer(script())
    with pytest.raises(SourceUnavailable) as caught:
        drilled(server, tmp_path, restores=False)
    assert "restores: true" in caught.value.remedy
    assert server.logins == []


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        (((3241, "The media family on device is incorrectly formed."), ENDED), "not-its-format"),
        (((3132, "The media set has 2 media families but only 1 are provided."), ENDED), "stripe-missing"),
        (((3183, "RESTORE detected an error on page (1:42) in database."), ENDED), "page-checksum"),
        (((3203, "Read on failed: 38(Reached the end of the file.)"), ENDED), "cut"),
        (((3203, "Read on failed: 23(Data error (cyclic redundancy check).)"), ENDED), "restore-failed"),
        (((3189, "Damage to the backup set was detected."), ENDED), "structure-damaged"),
        (((3256, "The backup set was terminated while it was being created."), ENDED), "unfinished"),
        (((9999, "Something new."), ENDED), "restore-failed"),
    ],
)
@pytest.mark.parametrize("at", ["HEADERONLY", "RESTORE DATABASE"])
def test_what_the_server_says_of_the_backup_is_a_fault(
    at: str, messages: tuple[tuple[int, str], ...], code: str, tmp_path: Path
) -> None:
    outcome = drilled(TdsServer(script((at, Error(messages)))), tmp_path)
    assert outcome.is_restored is False
    (fault,) = outcome.faults
    assert (fault.code, fault.facts["code"]) == (code, messages[0][0])


@pytest.mark.parametrize(
    ("messages", "remedy"),
    [
        (((3201, "Cannot open backup device. Operating system error 5(Access is denied.)."), ENDED), "as it sees it"),
        (((262, "CREATE DATABASE permission denied in database 'master'."), ENDED), "dbcreator"),
        (((3169, "The database was backed up on a server running version 16."), ENDED), "at least as new"),
        (((3257, "There is insufficient free space on disk volume 'D:'."), (3119, "Problems."), ENDED), "no room"),
        (((33111, "Cannot find server certificate with thumbprint '0x1'."), ENDED), "certificate"),
    ],
)
def test_what_the_server_says_of_itself_is_no_fault_of_the_backup(
    messages: tuple[tuple[int, str], ...], remedy: str, tmp_path: Path
) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        drilled(TdsServer(script(("RESTORE DATABASE", Error(messages)))), tmp_path)
    assert remedy in caught.value.remedy
    assert "nothing was tested" in caught.value.problem


def test_a_failed_restore_is_dropped_as_well(tmp_path: Path) -> None:
    server = TdsServer(script(("RESTORE DATABASE", Error(((3183, "An error on a page."), ENDED)))))
    drilled(server, tmp_path)
    assert "DROP DATABASE [itops_drill_" in server.asked[-1]


def test_a_connection_that_dies_in_the_restore_is_replaced_to_clean_up(tmp_path: Path) -> None:
    server = TdsServer(script(("RESTORE DATABASE", HangUp())))
    with pytest.raises(SourceUnavailable):
        drilled(server, tmp_path)
    assert len(server.logins) == 2
    assert "DROP DATABASE [itops_drill_" in server.asked[-1]


def test_what_cannot_be_dropped_is_named(tmp_path: Path) -> None:
    refused = Error(((3702, "Cannot drop database because it is currently in use."),))
    outcome = drilled(TdsServer(script(("DROP DATABASE", refused))), tmp_path)
    assert outcome.is_restored is True
    assert str(outcome.evidence["left_behind"]).startswith("itops_drill_")


def test_a_restore_that_takes_too_long_was_not_tested(tmp_path: Path) -> None:
    started = time.monotonic()
    with running(TdsServer(script(("RESTORE DATABASE", Silence())))) as server:
        repository = history_of(server, restores=True, timeout_seconds=1.0)
        with pytest.raises(SourceUnavailable):
            repository.drill(PATH, IDENTITY, None, effort(tmp_path, seconds=2.0))
    assert 1.5 < time.monotonic() - started < 15


def test_a_restore_longer_than_the_timeout_of_a_look_is_waited_for(tmp_path: Path) -> None:
    def slow(_: str) -> None:
        time.sleep(1.5)

    with running(TdsServer(script(("RESTORE DATABASE", slow)))) as server:
        repository = history_of(server, restores=True, timeout_seconds=1.0)
        assert repository.drill(PATH, IDENTITY, None, effort(tmp_path)).is_restored


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"DatabaseName": "Payroll"}, "wrong-object"),
        ({"BackupSetGUID": INSURANCE}, "set-missing"),
        ({"DatabaseName": "*** INCOMPLETE ***"}, "unfinished"),
    ],
)
def test_a_file_that_is_not_the_backup_meant_is_not_restored(change: dict[str, Any], code: str, tmp_path: Path) -> None:
    server = TdsServer(script(header=result([{**HEADER, **change}])))
    outcome = drilled(server, tmp_path)
    assert [fault.code for fault in outcome.faults] == [code]
    assert not any("RESTORE DATABASE" in asked for asked in server.asked)


def test_the_set_meant_is_found_among_several_in_one_file(tmp_path: Path) -> None:
    others = [{**HEADER, "BackupSetGUID": INSURANCE, "Position": position} for position in (1, 3)]
    header = result([others[0], {**HEADER, "Position": 2}, others[1]])
    server = TdsServer(script(header=header))
    assert drilled(server, tmp_path).is_restored
    assert any("WITH FILE = 2, MOVE" in asked for asked in server.asked)


def test_a_differential_by_itself_is_not_tested(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        drilled(TdsServer(script(header=result([{**HEADER, "BackupType": 5}]))), tmp_path)
    assert "full" in caught.value.problem


def test_a_backup_of_a_newer_server_is_not_called_damaged(tmp_path: Path) -> None:
    newer = replace(IDENTITY, made_by="Microsoft SQL Server 16.0.1000")
    with pytest.raises(SourceUnavailable) as caught:
        drilled(TdsServer(script()), tmp_path, identity=newer)
    assert "newer SQL Server" in caught.value.remedy


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Error(((208, "Invalid object name 'dbo.Policies'."),)), "Invalid object name"),
        (Rows((("", "int"),)), "no number"),
        (Rows((("", "nvarchar"),), (("many",),)), "no number"),
        (Rows((("", "int"),), ((None,),)), "no number"),
        (None, "no number"),
    ],
)
def test_a_question_without_a_number_for_an_answer_leaves_a_restored_backup_unanswered(
    answer: Any, said: str, tmp_path: Path
) -> None:
    outcome = drilled(TdsServer(script(("SELECT COUNT", answer))), tmp_path)
    assert (outcome.is_restored, outcome.answer, outcome.faults) == (True, None, ())
    assert said in str(outcome.evidence["said"])
    assert "left_behind" not in outcome.evidence
