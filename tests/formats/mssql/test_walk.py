"""To the last byte: whatever is cut, appended or broken in the structure is noticed."""

import struct
from dataclasses import replace
from datetime import timedelta

import pytest

from itops.backup.copies import CopyKind
from itops.backup.levels import Level
from tests.formats.mssql.tapes import (
    DIFFERENTIAL,
    FULL,
    LOG,
    SMALL,
    Bytes,
    blocks_of,
    changed,
    codes,
    examined,
    flipped,
    headers_of,
    ranges,
    rechecked,
    record_at,
    tape_of,
)

KINDS = [pytest.param(FULL, id="full"), pytest.param(DIFFERENTIAL, id="diff"), pytest.param(LOG, id="log")]
COMPLETE = Level.COMPLETE
LATER = timedelta(hours=1)


@pytest.mark.parametrize("block_bytes", [512, 1024, 4096])
@pytest.mark.parametrize("backup", KINDS)
def test_a_good_backup_is_complete(backup, block_bytes):
    examination = examined(tape_of(backup, block_bytes=block_bytes), level=COMPLETE)
    assert (examination.level, examination.faults, examination.limits) == (COMPLETE, (), ())


@pytest.mark.parametrize("backup", KINDS)
def test_a_file_cut_anywhere_near_a_border_is_noticed(backup):
    data = tape_of(backup)
    steps = (-513, -512, -2, -1, 0, 1, 2, 21, 22, 23, 51, 52, 53)
    for length in ranges([begin for begin, _ in headers_of(data)] + [len(data)], steps, len(data)):
        assert examined(data[:length], level=COMPLETE).faults, length


def test_a_small_file_cut_anywhere_is_noticed():
    data = tape_of(replace(SMALL, data_bytes=8192, log_bytes=512))
    whole = [length for length in range(0, len(data), 7) if not examined(data[:length], level=COMPLETE).faults]
    assert whole == []


def test_a_file_cut_by_one_byte_tells_what_is_missing():
    (fault,) = examined(tape_of(FULL)[:-1], level=COMPLETE).faults
    assert (fault.code, fault.facts["missing_bytes"]) == ("cut", 1)


def test_any_byte_of_any_header_is_under_a_checksum():
    data = tape_of(SMALL)
    for begin, length in headers_of(data):
        for offset in range(begin, begin + length):
            assert examined(flipped(data, offset), level=COMPLETE).faults, offset


@pytest.mark.parametrize("count", [1, 3, 4, 511, 512, 4096])
@pytest.mark.parametrize("junk", [b"\0", b"S", b"junk "])
def test_appended_junk_is_noticed(junk, count):
    data = tape_of(FULL)
    extra = (junk * count)[:count]
    (fault,) = examined(data + extra, level=COMPLETE).faults
    assert fault.code in {"junk-appended", "cut"} if b"SSET".startswith(extra[:4]) else fault.code == "junk-appended"


def test_a_zeroed_tail_is_noticed():
    data = tape_of(FULL)
    for keep in (1, 2, 3):
        length = len(data) * keep // 4
        assert codes(data[:length] + bytes(len(data) - length), level=COMPLETE)


def test_a_text_mode_transfer_is_called_by_its_name():
    assert codes(tape_of(FULL).replace(b"\n", b"\r\n"), level=COMPLETE) == {"line-endings"}


@pytest.mark.parametrize("kind", [b"MSLS", b"ESET"])
def test_a_backup_that_was_interrupted_is_unfinished(kind):
    data = tape_of(FULL)
    end = next(block.offset for block in blocks_of(data) if block.kind == kind)
    (fault,) = examined(data[:end], level=COMPLETE).faults
    assert (fault.code, fault.facts["missing"]) == ("unfinished", kind.decode())


def test_a_backup_without_a_finish_date_is_unfinished():
    (fault,) = examined(tape_of(replace(FULL, finished_at=None)), level=COMPLETE).faults
    assert (fault.code, fault.facts["missing"]) == ("unfinished", "finish date")


def test_an_impossible_finish_date_is_damage():
    data = tape_of(FULL)
    assert codes(changed(data, record_at(data, b"MSLS") + 82, b"\xff" * 5), level=COMPLETE) == {"header-damaged"}


@pytest.mark.parametrize("length", [1 << 20, 1 << 40, (1 << 64) - 1])
def test_a_length_that_lies_past_the_end_is_a_cut(length):
    data = tape_of(FULL)
    stream = next(begin for begin, _ in headers_of(data) if data[begin : begin + 4] == b"MQDA")
    lying = rechecked(changed(data, stream + 8, struct.pack("<Q", length)), stream, 22)
    assert codes(lying, level=COMPLETE) == {"cut"}


@pytest.mark.parametrize(
    ("first", "code"), [(0, "structure-damaged"), (51, "structure-damaged"), (65535, "header-damaged")]
)
def test_a_block_whose_streams_begin_nowhere_is_damaged(first, code):
    data = tape_of(FULL)
    block = next(block.offset for block in blocks_of(data) if block.kind == b"SSET")
    assert codes(rechecked(changed(data, block + 8, struct.pack("<H", first)), block, 52), level=COMPLETE) == {code}


def test_blocks_of_unknown_kinds_are_walked():
    data = tape_of(FULL)
    block = next(block.offset for block in blocks_of(data) if block.kind == b"VOLB")
    assert codes(rechecked(changed(data, block, b"MSFS"), block, 52), level=COMPLETE) == set()


def test_a_walk_needs_few_small_reads():
    content = Bytes(tape_of(replace(FULL, data_bytes=4 << 20, log_bytes=1 << 20)))
    examination = examined(content, level=COMPLETE)
    assert examination.level is COMPLETE
    assert content.reads <= 20
    assert content.bytes_read < 256 << 10


def test_appended_sets_are_walked_one_by_one():
    later = replace(LOG, started_at=LOG.started_at + LATER, finished_at=LOG.finished_at + LATER)
    latest = replace(LOG, started_at=LOG.started_at + 2 * LATER, finished_at=LOG.finished_at + 2 * LATER)
    identity = examined(tape_of(LOG, later, latest), level=COMPLETE).identity
    assert (identity.facts["sets"], identity.facts["set_number"]) == (3, 3)
    assert identity.started_at == latest.started_at
    assert "databases" not in identity.facts


def test_a_full_with_its_logs_behind_it_is_a_full():
    log = replace(LOG, started_at=LOG.started_at + LATER, finished_at=LOG.finished_at + LATER)
    examination = examined(tape_of(FULL, log))
    assert examination.level is Level.INTACT
    assert (examination.identity.kind, examination.identity.started_at) == (CopyKind.FULL, FULL.started_at)
    assert examination.identity.facts["sets"] == 2


def test_sets_of_several_databases_are_counted():
    other = replace(FULL, database="Payroll")
    identity = examined(tape_of(FULL, other), level=COMPLETE).identity
    assert (identity.object, identity.facts["databases"]) == ("Payroll", 2)


def test_an_unfinished_set_before_a_good_one_is_noticed():
    good = replace(FULL, database="Payroll")
    assert codes(tape_of(replace(FULL, finished_at=None), good), level=COMPLETE) == {"unfinished"}


def test_an_appended_set_that_was_cut_is_noticed_at_every_border():
    data = tape_of(SMALL, LOG)
    first = len(tape_of(SMALL))
    for length in ranges([begin for begin, _ in headers_of(data)], (-1, 0, 1, 4, 52), len(data)):
        faults = codes(data[:length], level=COMPLETE)
        assert bool(faults) is (length != first), length


def test_the_head_of_one_backup_and_the_tail_of_another_are_no_backup():
    one, other = tape_of(FULL), tape_of(LOG)
    assert codes(one[: len(one) // 2] + other[len(other) // 2 :], level=COMPLETE)
