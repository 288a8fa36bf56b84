"""Folders of pg_basebackup, plain and in tars, against their manifest."""

import gzip
import hashlib
import json

import pytest
import zstandard

from itops.backup.copies import CopyKind
from itops.backup.levels import Level
from itops.formats.postgresql.basebackup import PgBasebackup
from itops.formats.postgresql.basebackup_tar import PgBasebackupTar
from itops.formats.postgresql.label import label_identity
from tests.formats.looking import codes, examined, far_folder, faults
from tests.formats.postgresql import made
from tests.makers.damages import DAMAGES


def looked_at(files: dict[str, bytes], level: Level = Level.INTACT):
    return examined(far_folder(files), PgBasebackup(), PgBasebackupTar(), level=level)


@pytest.mark.parametrize("algorithm", ["CRC32C", "SHA224", "SHA256", "SHA384", "SHA512"])
def test_a_good_folder_is_intact(algorithm: str) -> None:
    found = looked_at(made.base_backup(algorithm))
    assert (found.format, found.level, codes(found)) == ("pg-basebackup", Level.INTACT, set())
    assert found.identity is not None
    assert found.identity.kind is CopyKind.FULL
    assert found.identity.facts["wal_records"] == len(made.RECORDS)
    assert str(found.identity.started_at) == "2026-11-22 16:24:49+00:00"
    assert found.identity.utc_offset_minutes == 210
    assert found.identity.facts["system_identifier"] == "7711032617388885012"


def test_without_checksums_in_the_manifest_it_is_complete() -> None:
    found = looked_at(made.base_backup(None))
    assert (found.level, codes(found)) == (Level.COMPLETE, {"no-checksums"})


_CHANGES_NOTHING = [  # in a file that is eight bytes and then zeros
    ("global/pg_control", "4 KiB zeroed in the middle"),
    ("global/pg_control", "tail zeroed (a quarter)"),
    ("global/pg_control", "CRLF-mangled"),
]
_DAMAGED = [
    (name, damage)
    for name in ("backup_label", "base/1/1259", "global/pg_control")
    for damage in DAMAGES
    if (name, damage) not in _CHANGES_NOTHING
]


@pytest.mark.parametrize(("name", "damage"), _DAMAGED)
def test_every_damage_to_a_file_is_noticed(name: str, damage: str) -> None:
    files = made.base_backup()
    good, files[name] = files[name], DAMAGES[damage](files[name])
    assert files[name] != good
    assert [place for _, place in faults(looked_at(files))] == [name]


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_damage_to_the_manifest_is_noticed(damage: str) -> None:
    files = made.base_backup()
    files["backup_manifest"] = DAMAGES[damage](files["backup_manifest"])
    assert [place for _, place in faults(looked_at(files))] == ["backup_manifest"]


def test_a_manifest_edited_by_hand_is_noticed() -> None:
    files = made.base_backup()
    files["backup_manifest"] = files["backup_manifest"].replace(b'"base/1/1259"', b'"base/1/1258"')
    assert faults(looked_at(files)) == [("checksum-mismatch", "backup_manifest")]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param({"base/1/1259": None}, ("member-missing", "base/1/1259"), id="missing"),
        pytest.param({"base/1/2000": b"x"}, ("member-unlisted", "base/1/2000"), id="never listed"),
        pytest.param({"backup_manifest.tmp": b"x"}, ("unfinished", "backup_manifest.tmp"), id="killed"),
    ],
)
def test_files_are_compared(change: dict[str, bytes | None], fault: tuple[str, str]) -> None:
    merged = {**made.base_backup(), **change}
    assert faults(looked_at({name: data for name, data in merged.items() if data is not None})) == [fault]


def test_a_note_at_the_top_and_what_a_restore_may_change_harm_nothing() -> None:
    files = {**made.base_backup(), "README": b"made by cron", "standby.signal": b"", "postgresql.auto.conf": b"x = 1"}
    assert looked_at(files).level is Level.INTACT


@pytest.mark.parametrize(("name", "limit"), [("backup_manifest", "no-manifest"), (made.WAL_NAME, "wal-elsewhere")])
def test_what_was_perhaps_never_made_is_no_fault(name: str, limit: str) -> None:
    files = made.base_backup()
    del files[name]
    found = looked_at(files)
    assert (found.level, codes(found)) == (Level.IDENTIFIED, {limit})


def test_a_tablespace_behind_a_link_cannot_be_seen() -> None:
    files = made.cluster()
    _, end = made.wal(made.RECORDS)
    elsewhere = {**files, "pg_tblspc/16400/PG_15_202209061/5/1": b"x" * 100}
    found = looked_at(
        {**files, "backup_manifest": made.manifest(elsewhere, end), made.WAL_NAME: made.wal(made.RECORDS)[0]}
    )
    assert (found.level, codes(found)) == (Level.IDENTIFIED, {"linked-elsewhere"})


@pytest.mark.parametrize("at", [41, 60, 70, 5000, 8200, 20_000])
def test_a_flipped_bit_in_the_needed_wal_is_noticed(at: int) -> None:
    files = made.base_backup()
    log = bytearray(files[made.WAL_NAME])
    log[at] ^= 8
    files[made.WAL_NAME] = bytes(log)
    found = looked_at(files)
    assert (found.level, [code for code, _ in faults(found)]) == (Level.COMPLETE, ["wal-record"])


def test_wal_after_its_needed_end_is_nobodys_business() -> None:
    files = made.base_backup()
    files[made.WAL_NAME] = files[made.WAL_NAME][:-100] + b"x" * 100
    assert looked_at(files).level is Level.INTACT


@pytest.mark.parametrize("body", [[], 5, {"Files": 3}, {"Files": [{"Path": 1}]}, {"Files": [], "WAL-Ranges": [{}]}])
def test_a_manifest_of_another_shape_is_damaged(body: object) -> None:
    text = json.dumps(body, indent=0) + "\n"
    signed = text.encode() + f'"Manifest-Checksum": "{hashlib.sha256(text.encode()).hexdigest()}"}}\n'.encode()
    files = {**made.base_backup(), "backup_manifest": signed}
    assert faults(looked_at(files)) == [("structure-damaged", "backup_manifest")]


@pytest.mark.parametrize(
    ("pack", "suffix"),
    [(bytes, ""), (gzip.compress, ".gz"), (zstandard.ZstdCompressor(write_checksum=True).compress, ".zst")],
    ids=["bare", "gzip", "zstd"],
)
class TestTars:
    def test_a_good_folder_is_intact(self, pack, suffix: str) -> None:
        found = looked_at(made.base_backup_tar(pack, suffix))
        assert (found.format, found.level, codes(found)) == ("pg-basebackup-tar", Level.INTACT, set())
        assert found.identity is not None
        assert found.identity.facts["system_identifier"] == "7711032617388885012"
        assert found.identity.facts["wal_records"] == (None if suffix else len(made.RECORDS))

    @pytest.mark.parametrize("damage", DAMAGES)
    def test_every_damage_to_the_main_tar_is_noticed(self, pack, suffix: str, damage: str) -> None:
        files = made.base_backup_tar(pack, suffix)
        name = f"base.tar{suffix}"
        good, files[name] = files[name], DAMAGES[damage](files[name])
        assert files[name] != good
        assert faults(looked_at(files))

    def test_a_missing_tar_is_missed(self, pack, suffix: str) -> None:
        files = made.base_backup_tar(pack, suffix)
        del files[f"base.tar{suffix}"]
        assert faults(looked_at(files)) == [("member-missing", "base.tar")]

    def test_a_changed_member_is_found_by_its_checksum(self, pack, suffix: str) -> None:
        changed = {**made.cluster(), "base/1/1259": bytes(range(255, -1, -1)) * 64}
        files = {**made.base_backup_tar(pack, suffix), f"base.tar{suffix}": pack(made.packed_tar(changed))}
        assert faults(looked_at(files)) == [("checksum-mismatch", "base/1/1259")]
        assert looked_at(files, Level.COMPLETE).level is Level.COMPLETE


def test_wal_packed_without_a_checksum_is_told_as_unchecked() -> None:
    found = looked_at(made.base_backup_tar(zstandard.ZstdCompressor(write_checksum=False).compress, ".zst"))
    assert (found.level, codes(found)) == (Level.COMPLETE, {"partly-checked"})
    assert found.limits[0].facts == {"unchecked_bytes": 1 << 20}


def test_settings_that_a_restore_may_change_are_not_compared_in_a_tar_either() -> None:
    files, changed = made.base_backup_tar(), {**made.cluster(), "postgresql.auto.conf": b"port = 5432\n"}
    _, end = made.wal(made.RECORDS)
    files["backup_manifest"] = made.manifest({**changed, "postgresql.auto.conf": b"port = 5433\n"}, end)
    files["base.tar"] = made.packed_tar(changed)
    assert looked_at(files).level is Level.INTACT


def test_a_manifest_that_wants_endless_wal_is_not_believed() -> None:
    files = made.cluster()
    files["backup_manifest"] = made.manifest(files, 1 << 50)
    assert codes(looked_at(files)) == {"too-many-members"}


@pytest.mark.parametrize(
    ("line", "started", "local"),
    [
        (b"START TIME: 2026-11-22 16:24:49 UTC\n", "2026-11-22 16:24:49+00:00", None),
        (b"START TIME: 2026-11-22 16:24:49 -05\n", "2026-11-22 21:24:49+00:00", None),
        (b"START TIME: 2026-11-22 16:24:49 IRST\n", "None", "2026-11-22T16:24:49"),
        (b"START TIME: 2026-99-22 16:24:49 IRST\n", "None", None),
        (b"", "None", None),
    ],
)
def test_the_start_is_told_as_far_as_its_zone_is_known(line: bytes, started: str, local: str | None) -> None:
    identity = label_identity(line, b"15\n", b"")
    assert (str(identity.started_at), identity.facts.get("local_started_at")) == (started, local)


def test_an_incremental_backup_says_so() -> None:
    label = made.LABEL + b"INCREMENTAL FROM LSN: 0/1000028\n"
    assert label_identity(label, b"17\n", b"").kind is CopyKind.INCREMENTAL
