"""From rows of msdb to copies: kinds, faults, stripes, zones, and whose backup it is."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.copies import Copy, CopyKind
from itops.backup.repositories import LookGap
from itops.repositories.mssql.history import Told, copies
from itops.repositories.mssql.values import offset_minutes, server_zone, whole
from tests.repositories.mssql.office import BACKUP, FINISH, GUID, INSURANCE, PAYROLL, TEHRAN, TYPES

TOLD = Told(repository="sql01", server="sql01", own_names=frozenset({"sqlnode1"}), zone=TEHRAN)


def row(**changes: Any) -> dict[str, Any]:
    """A row as the driver gives it."""
    changed = {**BACKUP, **changes}
    return {
        name: UUID(value) if TYPES.get(name) == "uniqueidentifier" and isinstance(value, str) else value
        for name, value in changed.items()
    }


def only(*rows: dict[str, Any], told: Told = TOLD) -> Copy:
    (copy,) = copies(rows, told)
    assert isinstance(copy, Copy)
    return copy


@pytest.mark.parametrize(
    ("letter", "kind"),
    [
        ("D", CopyKind.FULL),
        ("I", CopyKind.DIFFERENTIAL),
        ("L", CopyKind.LOG),
        ("F", CopyKind.PARTIAL),
        ("G", CopyKind.PARTIAL),
        ("P", CopyKind.PARTIAL),
        ("Q", CopyKind.PARTIAL),
        ("X", CopyKind.UNKNOWN),
        (None, CopyKind.UNKNOWN),
    ],
)
def test_the_type_letter_is_the_kind(letter: str | None, kind: CopyKind) -> None:
    copy = only(row(type=letter))
    assert (copy.kind, copy.catalogue.kind) == (kind, kind)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"is_damaged": True}, "reported-damaged"),
        ({"has_incomplete_metadata": True}, "incomplete-metadata"),
        ({"physical_device_name": "NUL"}, "thrown-away"),
        ({"physical_device_name": "nul:"}, "thrown-away"),
        ({"physical_device_name": "/dev/null"}, "thrown-away"),
    ],
)
def test_what_msdb_says_is_wrong_is_a_fault(changes: dict[str, Any], code: str) -> None:
    assert [fault.code for fault in only(row(**changes)).faults] == [code]


@pytest.mark.parametrize("device", ["E:\\NUL\\full.bak", "null.bak", "E:\\nul.bak", None])
def test_a_file_whose_name_only_looks_like_nul_is_no_fault(device: str | None) -> None:
    assert only(row(physical_device_name=device)).faults == ()


@pytest.mark.parametrize(
    "changes", [{"is_snapshot": True}, {"device_type": 7, "physical_device_name": "{GUID}"}, {"device_type": 107}]
)
def test_a_backup_of_a_vss_product_has_no_file_to_look_for(changes: dict[str, Any]) -> None:
    assert only(row(**changes)).catalogue.facts["vss"] is True


def test_stripes_of_one_set_are_one_copy() -> None:
    rows = [
        row(media_family_count=3, family_sequence_number=number, physical_device_name=f"F:\\part{number}.bak")
        for number in (1, 2, 3)
    ]
    copy = only(*rows)
    assert copy.catalogue.facts["devices"] == "F:\\part1.bak\nF:\\part2.bak\nF:\\part3.bak"
    assert (copy.catalogue.facts["stripes"], copy.catalogue.facts["device_count"]) == (3, 3)


def test_a_mirror_that_was_really_written_saves_its_stripe() -> None:
    mirrored = [row(mirror=0, mirror_count=2, physical_device_name="NUL"), row(mirror=1, mirror_count=2)]
    assert only(*mirrored).faults == ()
    lost = [*mirrored, row(mirror=0, family_sequence_number=2, physical_device_name="NUL")]
    assert [fault.code for fault in only(*lost).faults] == ["thrown-away"]


def test_two_sets_are_two_copies_though_their_dates_are_the_same() -> None:
    listed = list(copies([row(), row(backup_set_id=102, backup_set_uuid=INSURANCE)], TOLD))
    assert [copy.key for copy in listed if isinstance(copy, Copy)] == [GUID, INSURANCE]


def test_the_offset_in_the_row_wins_over_every_zone() -> None:
    copy = only(row(time_zone=18))  # +04:30: a server that still keeps summer time
    assert copy.catalogue.utc_offset_minutes == 270
    assert copy.catalogue.finished_at == datetime(2026, 11, 21, 19, 0, 5, tzinfo=UTC)
    assert "zone_assumed" not in copy.catalogue.facts


@pytest.mark.parametrize("unknown", [127, None, -128, 57])
def test_an_unknown_offset_is_taken_from_the_zone_and_told(unknown: int | None) -> None:
    copy = only(row(time_zone=unknown))
    assert copy.catalogue.utc_offset_minutes is None
    assert copy.catalogue.finished_at == datetime(2026, 11, 21, 20, 0, 5, tzinfo=UTC)
    assert copy.catalogue.facts["zone_assumed"] is True


def test_a_set_that_another_server_made_is_not_ours() -> None:
    # RESTORE writes the set it reads into the history of the server that restores.
    copy = only(row(server_name="BRANCH07", database_guid=PAYROLL))
    assert copy.object == "BRANCH07/Insurance"
    assert copy.catalogue.facts["foreign"] is True


def test_a_renamed_server_still_owns_what_it_made_under_its_old_name() -> None:
    told = Told(
        repository="sql01",
        server="sql01",
        own_names=frozenset({"newname"}),
        own_databases=frozenset({INSURANCE}),
        zone=TEHRAN,
    )
    assert only(row(server_name="SQLNODE1"), told=told).object == "sql01/Insurance"


def test_a_copy_only_full_is_told_as_such() -> None:
    assert only(row(is_copy_only=True)).catalogue.chain.is_copy_only is True


def test_a_differential_tells_its_base() -> None:
    assert only(row(type="I", differential_base_guid=GUID)).catalogue.chain.base_id == GUID


def test_a_set_without_compression_has_its_plain_size() -> None:
    assert only(row(compressed_backup_size=None)).size_bytes == 5_000_000_000


def test_a_set_without_its_media_is_still_a_copy() -> None:
    copy = only(row(physical_device_name=None, device_type=None, family_sequence_number=None, media_uuid=None))
    assert (copy.key, copy.faults, copy.catalogue.facts["device_count"]) == (GUID, (), 0)


def test_the_fingerprint_changes_with_what_is_said_of_the_content_and_with_nothing_else() -> None:
    first = only(row())
    assert only(row(backup_name="renamed", user_name="somebody")).fingerprint == first.fingerprint
    assert only(row(is_damaged=True)).fingerprint != first.fingerprint


@pytest.mark.parametrize(
    "changes",
    [
        {"last_lsn": "many"},
        {"backup_finish_date": "yesterday"},
        {"is_damaged": "perhaps"},
        {"database_name": b"bytes"},
        {"backup_finish_date": datetime(9999, 12, 31, 23), "time_zone": -48},
        {"backup_size": Decimal("NaN")},
    ],
)
def test_a_row_of_another_shape_is_a_gap_and_the_rest_is_still_read(changes: dict[str, Any]) -> None:
    gap, copy = copies([row(backup_set_id=1, **changes), row()], TOLD)
    assert isinstance(gap, LookGap)
    assert (gap.code, gap.hides) == ("row.unreadable", True)
    assert isinstance(copy, Copy)


@given(st.integers(min_value=0, max_value=10**25 - 1))
def test_an_lsn_keeps_every_digit(lsn: int) -> None:
    assert whole(Decimal(lsn)) == lsn
    assert only(row(last_lsn=Decimal(lsn))).catalogue.chain.last_lsn == lsn


@given(st.integers(min_value=-48, max_value=48), st.datetimes(min_value=datetime(2000, 1, 1)))
def test_any_offset_gives_the_moment_back(quarters: int, finish: datetime) -> None:
    found = only(row(time_zone=quarters, backup_finish_date=min(finish, datetime(9000, 1, 1)))).catalogue.finished_at
    local = found.astimezone(timezone(timedelta(minutes=offset_minutes(quarters) or 0)))
    assert local.replace(tzinfo=None) == min(finish, datetime(9000, 1, 1))


NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


def test_the_zone_of_a_server_is_the_offices_where_its_clock_agrees() -> None:
    assert server_zone(FINISH, FINISH - timedelta(hours=3, minutes=30, milliseconds=3), TEHRAN, NOW) is TEHRAN


def test_a_server_on_another_offset_has_just_that_offset() -> None:
    zone = server_zone(FINISH, FINISH - timedelta(hours=4, minutes=30), TEHRAN, NOW)
    assert zone == timezone(timedelta(hours=4, minutes=30))


@pytest.mark.parametrize("universal", [None, FINISH - timedelta(days=40)])
def test_a_server_without_a_usable_clock_is_in_the_offices_zone(universal: datetime | None) -> None:
    assert server_zone(FINISH, universal, TEHRAN, NOW) is TEHRAN


def test_the_fork_of_a_set_is_its_own_and_not_that_of_the_database() -> None:
    chain = only(row(last_recovery_fork_guid=GUID)).catalogue.chain
    assert (chain.fork_id, chain.database_id) == (GUID, INSURANCE)


def test_the_end_and_the_beginning_of_a_log_chain_are_told() -> None:
    facts = only(row(type="L", is_force_offline=True, begins_log_chain=True)).catalogue.facts
    assert (facts["is_tail"], facts["begins_log_chain"]) == (True, True)
