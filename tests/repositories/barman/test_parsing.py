"""What Barman prints, recorded from 3.4 on a small server; and what WAL segments tell of themselves."""

import json
import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.copies import Copy, CopyKind, Identity
from itops.backup.formats import Damaged, Unprovable
from itops.backup.levels import Level
from itops.formats.effort import BoundedEffort
from itops.repositories.barman.base import size_faults, verification
from itops.repositories.barman.listing import copy_of, entries_of, messages_of
from itops.repositories.barman.wal import needed_by, segment_faults

LIST = """{"shop": [{"backup_id": "20261122T163730", "end_time": "Sun Nov 22 16:37:32 2026",
"end_time_timestamp": "1795365452", "retention_status": "-", "size": "39.4 MiB", "size_bytes": 41283866,
"status": "DONE", "tablespaces": [], "wal_size": "0 B", "wal_size_bytes": 0}],
"_WARNING": ["some option is deprecated"]}"""
SHOWN = """{"base_backup_information": {"begin_lsn": "0/5000028", "begin_time_timestamp": "1795365450",
"begin_wal": "000000010000000000000005", "disk_usage_bytes": 24506650, "end_lsn": "0/6000000",
"end_time_timestamp": "1795365452", "end_wal": "000000010000000000000005", "timeline": 1},
"postgresql_version": 150018, "status": "DONE"}"""
MIB = 1 << 20


def listed() -> dict:
    (entry,) = entries_of(json.loads(LIST), "shop")
    return entry


def test_a_backup_becomes_a_copy_and_warnings_are_no_server():
    copy = copy_of(listed(), json.loads(SHOWN), "shop", "safe")
    assert (copy.key, copy.kind, copy.size_bytes, copy.faults) == ("20261122T163730", CopyKind.FULL, 24506650, ())
    assert copy.catalogue.started_at == datetime(2026, 11, 22, 16, 37, 30, tzinfo=UTC)
    assert copy.catalogue.finished_at == datetime(2026, 11, 22, 16, 37, 32, tzinfo=UTC)
    assert messages_of(json.loads(LIST), "_WARNING") == ["some option is deprecated"]
    assert messages_of(json.loads(LIST)) == []


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("FAILED", "marked-failed"),
        ("WAITING_FOR_WALS", "unfinished"),
        ("SYNCING", "unfinished"),
        ("EMPTY", "unfinished"),
    ],
)
def test_everything_but_done_is_a_fault_with_its_reason(status, code):
    shown = {"status": status, "error": "At least one WAL file is missing"}
    copy = copy_of({"backup_id": "20261122T163730", "status": status}, shown, "shop", "safe")
    (fault,) = copy.faults
    assert fault.code == code
    assert fault.facts == {"status": status, "reason": "At least one WAL file is missing"}
    assert copy.catalogue.started_at is None


def test_incremental_backups_of_newer_versions_are_called_so():
    assert copy_of({**listed(), "backup_type": "incremental"}, {}, "shop", "safe").kind is CopyKind.INCREMENTAL


@given(st.dictionaries(st.sampled_from(["backup_id", "status", "end_time_timestamp"]), st.text() | st.integers()))
def test_whatever_is_listed_is_a_copy_or_said_to_be_none(entry):
    try:
        copy = copy_of(entry, {}, "shop", "safe")
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError):
        return
    assert isinstance(copy, Copy)


@pytest.mark.parametrize(
    ("said", "code", "place"),
    [
        ('pg_verifybackup: error: checksum mismatch for file "base/5/1259"\n', "checksum-mismatch", "base/5/1259"),
        (
            'pg_verifybackup: error: "base/5/1259" is present in the manifest but not on disk\n',
            "member-missing",
            "base/5/1259",
        ),
        ('pg_verifybackup: error: "a" has size 1 on disk but size 2 in the manifest\n', "cut", "a"),
        ('pg_verifybackup: error: "a" is present on disk but not in the manifest\n', "member-extra", "a"),
        ("pg_verifybackup: fatal: manifest checksum mismatch\n", "structure-damaged", "manifest checksum mismatch"),
        ("something nobody has seen", "reported-damaged", ""),
    ],
)
def test_what_pg_verifybackup_complains_of_is_told(said, code, place):
    (fault,) = verification(["verify backup failure on directory '/srv/barman/x/data'", said])
    assert (fault.code, fault.place) == (code, place)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ('could not open file "/srv/data/backup_manifest": No such file or directory', "no-checksums"),
        ("pg_verifybackup not found", "program-missing"),
    ],
)
def test_what_could_not_be_verified_is_not_called_damaged(said, code):
    with pytest.raises(Unprovable) as unprovable:
        verification([said])
    assert unprovable.value.limit.code == code


def segment(path: Path, size: int = MIB, says: int = MIB) -> Path:
    """Uncompressed WAL of PostgreSQL 15 whose header says how long it is."""
    head = struct.pack("<HHIQI4xQII", 0xD110, 2, 1, 0, 0, 7711035785417458761, says, 8192)
    path.write_bytes(head + bytes(size - len(head)))
    return path


def test_a_segment_tells_its_own_size(tmp_path):
    names = ["good", "cut", "compressed", "missing", "empty", "zeros"]
    good, cut, compressed, missing, empty, zeros = paths = [tmp_path / name for name in names]
    segment(good)
    segment(cut, size=MIB - 1)
    compressed.write_bytes(b"\x1f\x8b" + bytes(100))
    empty.touch()
    zeros.write_bytes(bytes(MIB))
    found = [(fault.code, fault.place) for fault in segment_faults(paths)]
    damaged = [("wal-damaged", path.name) for path in (empty, zeros)]
    assert found == [("wal-damaged", cut.name), ("wal-missing", missing.name), *damaged]


def test_barman_must_name_the_first_and_the_last_segment():
    identity = Identity(facts={"wal_start": f"{1:024X}", "wal_stop": f"{3:024X}"})
    paths = [Path("/srv/wals", f"{number:024X}") for number in (1, 2, 3)]
    assert needed_by(identity, [Path("/srv/base/PG_VERSION"), *paths]) == tuple(paths)
    for some in (paths[1:], paths[:-1], []):
        with pytest.raises(Unprovable):
            needed_by(identity, some)


def effort(folder: Path) -> BoundedEffort:
    return BoundedEffort(level=Level.COMPLETE, scratch=folder)


def test_files_are_held_against_the_manifest(tmp_path):
    (tmp_path / "short").write_bytes(b"12")
    (tmp_path / "long").write_bytes(b"1234")
    (tmp_path / "good").write_bytes(b"123")
    names = ["short", "long", "good", "missing", "../outside", "/etc/hostname"]
    entries = [{"Path": name, "Size": 3} for name in names]
    manifest = {"Files": [*entries, {"Encoded-Path": "ff", "Size": 3}, "nonsense"]}
    (tmp_path / "backup_manifest").write_text(json.dumps(manifest))
    found = {fault.place: fault.code for fault in size_faults(tmp_path, effort(tmp_path))}
    assert found == {
        "short": "cut",
        "long": "junk-appended",
        "missing": "member-missing",
        "../outside": "path-traversal",
        "/etc/hostname": "path-traversal",
    }


def test_without_a_manifest_nothing_is_proven_and_a_broken_one_is_damage(tmp_path):
    with pytest.raises(Unprovable):
        size_faults(tmp_path, effort(tmp_path))
    for broken in (b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"Files": 5}'):
        (tmp_path / "backup_manifest").write_bytes(broken)
        with pytest.raises(Damaged):
            size_faults(tmp_path, effort(tmp_path))
