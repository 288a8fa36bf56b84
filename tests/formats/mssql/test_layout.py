"""The layout as it was measured on real files, byte by byte: here reader and writer cannot err together."""

import struct
from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce
from operator import xor
from uuid import UUID

import pytest

from itops.backup.copies import CopyKind
from itops.backup.levels import Level
from tests.formats.mssql.tapes import DIFFERENTIAL, FULL, LOG, changed, examined, record_at, stripes_of, tape_of

BASE = UUID("6f9619ff-8b86-d011-b42d-00c04fc964ff")
BACKUP = replace(
    DIFFERENTIAL,
    first_lsn=31_0000000123_00037,
    last_lsn=32_0000000147_00001,
    checkpoint_lsn=33_0000000200_00002,
    database_backup_lsn=30_0000000100_00003,
    base_id=BASE,
    build=(15, 0, 4123),
)
NUMBERS = {
    32: (31, 123, 37),
    42: (32, 147, 1),
    52: (33, 200, 2),
    62: (30, 100, 3),
}


def date(*parts: int) -> bytes:
    """14 bits of year, then 4, 5, 5, 6 and 6 bits, from the highest on."""
    bits = "".join(f"{part:0{width}b}" for part, width in zip(parts, (14, 4, 5, 5, 6, 6), strict=True))
    return int(bits, 2).to_bytes(5, "big")


@pytest.mark.parametrize("block", [b"MSCI", b"MSLS"])
def test_the_record_of_a_set_has_each_field_in_its_place(block):
    data = tape_of(BACKUP)
    record = data[record_at(data, block) :]
    assert {at: struct.unpack_from("<IIH", record, at) for at in NUMBERS} == NUMBERS
    assert struct.unpack_from("<I", record, 8)[0] == 16 | 512 | 2048  # checksums, always, differential
    assert struct.unpack_from("<HBB", record, 24) == (4123, 0, 15)
    assert record[77:82] == date(2026, 11, 22, 1, 0, 0)  # 21:30 UTC by the server's clock
    assert record[82:87] == (date(2026, 11, 22, 1, 1, 5) if block == b"MSLS" else bytes(5))
    assert record[87:88] == b"I"
    assert record[200:216] == BASE.bytes_le


def test_a_record_read_tells_each_number_from_its_own_place():
    chain = examined(tape_of(BACKUP)).identity.chain
    numbers = (chain.first_lsn, chain.last_lsn, chain.checkpoint_lsn, chain.database_backup_lsn)
    assert numbers == tuple(file * 10**15 + block * 10**5 + slot for file, block, slot in NUMBERS.values())
    assert chain.base_id == str(BASE)


def test_the_headers_have_each_field_in_its_place():
    data = stripes_of(FULL, stripes=3, block_bytes=4096)[1]
    assert data[:4] == b"TAPE"
    assert struct.unpack_from("<H", data, 84)[0] == 4096
    raid = data.index(b"RAID") + 22
    assert struct.unpack_from("<3H", data, raid + 20) == (3, 1, 2)  # stripes, mirrors, this one
    begin = data.index(b"SSET")
    assert struct.unpack_from("<IxxxxxxH", data, begin + 52) == (4, 1)  # a full one, the first set
    assert data[begin + 95] == 14  # quarters of an hour: +03:30
    volume = data[data.index(b"VOLB") :]
    size, place = struct.unpack_from("<HH", volume, 64)
    assert volume[place : place + size].decode("utf-16-le") == FULL.machine
    for name in (b"TAPE", b"SSET", b"VOLB", b"MSCI", b"MSLS"):
        *words, checksum = struct.unpack_from("<26H", data, data.index(name))
        assert checksum == reduce(xor, words)


@pytest.mark.parametrize("letter", "FGPQ")
def test_files_and_filegroups_are_never_a_whole_database(letter):
    data = tape_of(FULL)
    found = examined(changed(data, record_at(data) + 87, letter.encode()), level=Level.IDENTIFIED)
    assert found.identity.kind is CopyKind.PARTIAL


def test_an_empty_log_begins_where_it_ends():
    lsn = 31_0000000123_00037
    chain = examined(tape_of(replace(LOG, first_lsn=lsn, last_lsn=lsn, log_bytes=512))).identity.chain
    assert (chain.first_lsn, chain.last_lsn) == (lsn, lsn)


def test_a_server_that_still_jumps_in_spring_shows_in_its_header():
    """+04:30 is 18 quarters of an hour; Iran has none of that since 2022."""
    summer = replace(FULL, started_at=datetime(2026, 6, 30, 21, 30, tzinfo=UTC), utc_offset_minutes=270)
    data = tape_of(summer)
    assert data[data.index(b"SSET") + 95] == 18
    identity = examined(data, level=Level.IDENTIFIED).identity
    assert (identity.utc_offset_minutes, identity.started_at) == (270, summer.started_at)
