"""What the header of a backup tells, before anything else is read."""

import struct
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from itops.backup.copies import CopyKind
from itops.backup.levels import Level
from tests.formats.mssql.tapes import (
    DIFFERENTIAL,
    FORMATS,
    FULL,
    LOG,
    Bytes,
    changed,
    examined,
    rechecked,
    record_at,
    stripes_of,
    tape_of,
    thing_of,
)
from tests.makers import mssql_backup

MSSQL, COMPRESSED = FORMATS


def identity_of(*files, level=Level.IDENTIFIED):
    examination = examined(*files, level=level)
    assert examination.level is level, examination
    return examination.identity


def test_the_header_tells_whose_backup_it_is():
    identity = identity_of(tape_of(FULL))
    assert (identity.object, identity.server, identity.kind) == ("Insurance", "SQL01\\PROD", CopyKind.FULL)
    assert identity.made_by == "Microsoft SQL Server 10.50.1600"
    assert identity.started_at == datetime(2026, 11, 21, 21, 30, tzinfo=UTC)
    assert identity.utc_offset_minutes == 210
    assert identity.finished_at is None  # only the end of the tape knows
    facts = identity.facts
    assert (facts["machine"], facts["set_name"], facts["stripes"]) == ("SQL01", "Insurance full", 1)
    assert facts["device"] == "\\\\.\\Insurance"
    assert facts["backup_bytes"] == 24 * 8192 + 4096
    assert facts["has_checksums"] is True


def test_the_end_tells_when_it_was_finished():
    identity = identity_of(tape_of(FULL), level=Level.COMPLETE)
    assert identity.finished_at == datetime(2026, 11, 21, 21, 31, 5, tzinfo=UTC)


def test_a_persian_name_is_read():
    assert identity_of(tape_of(replace(FULL, database="بیمه"))).object == "بیمه"


@pytest.mark.parametrize(
    ("backup", "kind"), [(FULL, CopyKind.FULL), (DIFFERENTIAL, CopyKind.DIFFERENTIAL), (LOG, CopyKind.LOG)]
)
def test_kinds(backup, kind):
    assert identity_of(tape_of(backup)).kind is kind


@pytest.mark.parametrize(
    ("letter", "kind"), [(b"F", CopyKind.PARTIAL), (b"Q", CopyKind.PARTIAL), (b"?", CopyKind.UNKNOWN)]
)
def test_a_part_of_a_database_is_never_the_whole(letter, kind):
    data = tape_of(FULL)
    assert identity_of(changed(data, record_at(data) + 87, letter)).kind is kind


def test_the_chain_is_in_decimal_as_msdb_prints_it():
    base = UUID("6f9619ff-8b86-d011-b42d-00c04fc964ff")
    backup = replace(DIFFERENTIAL, base_id=base, first_lsn=4294967295_4294967295_65535)
    chain = identity_of(tape_of(backup)).chain
    assert chain.first_lsn == 4294967295 * 10**15 + 4294967295 * 10**5 + 65535
    assert chain.database_backup_lsn == FULL.checkpoint_lsn
    assert chain.base_id == str(base)


def test_copy_only_is_told_and_its_absence_is_not_guessed():
    assert identity_of(tape_of(replace(FULL, is_copy_only=True))).chain.is_copy_only is True
    assert identity_of(tape_of(FULL)).chain.is_copy_only is None


@pytest.mark.parametrize(
    ("minutes", "moment"),
    [
        pytest.param(210, datetime(2022, 6, 30, 21, 30, tzinfo=UTC), id="+03:30"),
        pytest.param(270, datetime(2022, 6, 30, 21, 30, tzinfo=UTC), id="+04:30, the old summer"),
        pytest.param(-210, datetime(2022, 6, 30, 21, 30, tzinfo=UTC), id="-03:30"),
    ],
)
def test_a_moment_is_the_same_whatever_the_server_called_it(minutes, moment):
    identity = identity_of(tape_of(replace(FULL, started_at=moment, utc_offset_minutes=minutes)))
    assert (identity.started_at, identity.utc_offset_minutes) == (moment, minutes)


def test_a_tape_without_an_offset_has_no_moment_but_its_local_time():
    identity = identity_of(tape_of(replace(FULL, utc_offset_minutes=None)))
    assert identity.started_at is None
    assert identity.utc_offset_minutes is None
    assert identity.facts["started_local"] == "2026-11-21 21:30:00"


def test_a_zero_start_date_is_no_moment():
    data = tape_of(FULL)
    assert identity_of(changed(data, record_at(data) + 77, bytes(5))).started_at is None


def test_an_impossible_start_date_is_damage():
    data = tape_of(FULL)
    examination = examined(changed(data, record_at(data) + 77, b"\xff" * 5))
    assert [fault.code for fault in examination.faults] == ["header-damaged"]


def test_an_odd_creation_date_of_the_database_harms_nobody():
    data = tape_of(FULL)
    identity = identity_of(changed(data, record_at(data) + 72, b"\xff" * 5))
    assert "database_created" not in identity.facts


def test_a_backup_that_the_server_marked_as_damaged_is_damaged_at_the_first_look():
    examination = examined(tape_of(replace(FULL, is_damaged=True)), level=Level.IDENTIFIED)
    assert [fault.code for fault in examination.faults] == ["marked-damaged"]


def test_a_mark_that_only_the_end_bears_is_seen_there():
    data = tape_of(FULL)
    end = record_at(data, b"MSLS")
    marked = changed(data, end + 8, struct.pack("<I", struct.unpack_from("<I", data, end + 8)[0] | 32))
    assert examined(marked, level=Level.IDENTIFIED).faults == ()
    assert [fault.code for fault in examined(marked).faults] == ["marked-damaged"]


def test_incomplete_metadata_is_told():
    data = tape_of(LOG)
    begin = record_at(data)
    marked = changed(data, begin + 8, struct.pack("<I", 512 | 128))
    assert identity_of(marked).facts["has_incomplete_metadata"] is True
    assert "has_incomplete_metadata" not in identity_of(data).facts


def test_a_tape_of_another_program_is_not_ours():
    data = tape_of(FULL)
    other = data.replace("Microsoft SQL Server".encode("utf-16-le"), "Windows NT Backup...".encode("utf-16-le"))
    assert MSSQL.recognises(thing_of(data))
    assert not MSSQL.recognises(thing_of(other))


def test_a_tape_header_under_a_wrong_checksum_is_not_recognised():
    assert not MSSQL.recognises(thing_of(changed(tape_of(FULL), 20, b"\x01")))


def test_a_folder_is_never_a_backup_file():
    assert not MSSQL.recognises(replace(thing_of(tape_of(FULL)), is_folder=True))


def test_a_tape_without_a_database_record_is_not_judged():
    data = tape_of(FULL)
    examination = examined(data.replace(b"SCIN", b"XCIN"))
    assert (examination.level, examination.limits[0].code) == (Level.SEEN, "structure-unknown")


def test_a_compressed_backup_is_recognised_and_not_judged():
    examination = examined(b"MSSQLBAK" + bytes(8) + bytes(range(256)) * 40)
    assert examination.format == "mssql-backup-compressed"
    assert (examination.level, examination.limits[0].code, examination.faults) == (Level.SEEN, "compressed", ())


def test_stripes_of_one_run_belong_together_and_those_of_another_night_do_not():
    one, two = (thing_of(Bytes(stripe, f"{n}.bak")) for n, stripe in enumerate(stripes_of(FULL, stripes=2)))
    assert MSSQL.set_of(one) == MSSQL.set_of(two) is not None
    guid = MSSQL.set_of(one).split()[0]
    tomorrow = stripes_of(replace(FULL, started_at=datetime(2026, 11, 22, 21, 30, tzinfo=UTC)), stripes=2)[0]
    raid = tomorrow.index(b"RAID") + 22
    same_media = changed(tomorrow, raid, UUID(guid).bytes_le)
    assert MSSQL.set_of(thing_of(same_media)).startswith(guid)
    assert MSSQL.set_of(thing_of(same_media)) != MSSQL.set_of(one)


def test_a_lone_file_is_of_no_set():
    assert MSSQL.set_of(thing_of(tape_of(FULL))) is None
    assert MSSQL.set_of(thing_of(tape_of(FULL)[:600])) is None
    assert COMPRESSED.set_of(thing_of(b"MSSQLBAK")) is None


def test_a_header_that_goes_on_for_ever_is_given_up():
    data = tape_of(FULL)
    raid = data.index(b"RAID")
    stream = rechecked(struct.pack("<4sHHQHHH", b"NULL", 0, 0, 2, 0, 0, 0) + bytes(2), 0, 22)
    content = Bytes(data[:raid] + stream * 5000 + data[raid:])
    examination = examined(content, level=Level.IDENTIFIED)
    assert examination.limits[0].code == "too-many-members"
    assert content.reads < 5


def test_more_stripes_than_the_server_can_write_are_no_structure_we_know():
    data = tape_of(FULL)
    examination = examined(changed(data, data.index(b"RAID") + 22 + 20, struct.pack("<H", 65)))
    assert (examination.faults, examination.limits[0].code) == ((), "structure-unknown")


def test_recognising_and_walking_need_no_numpy():
    code = (
        "import sys; from itops.formats.ladder import examine; from itops.formats.mssql import MssqlBackup;"
        "sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_file_of_another_database_under_the_same_name_is_told_by_its_header(tmp_path):
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    for folder, make in ((mine, mssql_backup.good), (theirs, mssql_backup.another)):
        folder.mkdir()
        make(folder)
    assert {path.name for path in (*mine.iterdir(), *theirs.iterdir())} == {"Insurance.bak"}
    assert identity_of((mine / "Insurance.bak").read_bytes()).object == mssql_backup.OBJECT
    assert identity_of((theirs / "Insurance.bak").read_bytes()).object == mssql_backup.OTHER
