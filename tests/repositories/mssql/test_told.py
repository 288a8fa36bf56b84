"""What a server tells besides its backups: row by row."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from itops.repositories.mssql.told import database, restored, suspect

TEHRAN = ZoneInfo("Asia/Tehran")


@pytest.mark.parametrize(
    ("name", "is_distributor", "is_system"),
    [
        ("master", False, True),
        ("MSDB", False, True),
        ("model", False, True),
        ("distribution", True, True),
        ("distribution", False, False),
        ("Insurance", None, False),
    ],
)
def test_the_servers_own_databases_are_told_from_those_of_the_office(
    name: str, is_distributor: bool | None, is_system: bool
) -> None:
    row = {"name": name, "is_distributor": is_distributor}
    assert database(row, "sql01", TEHRAN).is_system is is_system


@pytest.mark.parametrize(
    ("letter", "code", "kind"),
    [
        ("D", "restored", "database"),
        ("V", "verified-only", "verify only"),
        ("v ", "verified-only", "verify only"),
        ("L", "restored", "log"),
        ("?", "restored", "?"),
    ],
)
def test_a_verification_is_never_told_as_a_restore(letter: str, code: str, kind: str) -> None:
    fact = restored({"restore_type": letter, "database_name": "Insurance"}, "sql01", TEHRAN)
    assert (fact.code, fact.facts["kind"], fact.object) == (code, kind, "Insurance")


def test_a_suspect_page_says_where_it_is_and_when_the_server_met_it_last() -> None:
    row = {"database_id": 9, "file_id": 1, "page_id": 77, "event_type": 2, "error_count": 3}
    at = datetime(2026, 11, 20, 3, 30)
    fact = suspect({**row, "database_name": None, "last_update_date": at}, "sql01", TEHRAN)
    assert (fact.object, fact.at) == ("database 9", datetime(2026, 11, 20, 0, 0, tzinfo=UTC))
    assert fact.facts == {"file": 1, "page": 77, "event": "bad checksum", "errors": 3}
