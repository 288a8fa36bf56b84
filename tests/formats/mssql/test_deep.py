"""Every byte under the checksums it carries, and honesty where it carries none."""

import struct
import tracemalloc
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    payload_of,
    rechecked,
    stripes_of,
    tape_of,
)
from tests.makers.damages import DAMAGES

PAGE = 8192
PLAIN = replace(FULL, has_checksums=False)
LATER_BUILD = (15, 0, 2000)


def limit_of(data):
    examination = examined(data)
    assert (examination.level, examination.faults) == (Level.COMPLETE, ()), examination
    return examination.limits[0]


@pytest.mark.parametrize("backup", [FULL, DIFFERENTIAL, LOG], ids=["full", "diff", "log"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_every_damage_is_caught(backup, damage):
    data = tape_of(backup)
    bad = DAMAGES[damage](data)
    assert bad == data or examined(bad).faults


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("stripe", [0, 1])
def test_every_damage_to_a_stripe_is_caught(stripe, damage):
    stripes = list(stripes_of(FULL, stripes=2))
    stripes[stripe] = DAMAGES[damage](stripes[stripe])
    assert examined(*stripes).faults


def test_what_was_checked_is_counted():
    facts = examined(tape_of(FULL)).identity.facts
    assert (facts["pages_checked"], facts["pages_unused"], facts["pages_without_checksum"]) == (23, 1, 0)
    assert (facts["stream_checked"], facts["unchecked_bytes"]) == (2, 0)


def test_without_checksums_of_the_backup_the_log_is_told_as_unchecked():
    limit = limit_of(tape_of(PLAIN))
    facts = limit.facts
    assert limit.code == "partly-checked"
    assert (facts["pages_checked"], facts["stream_checked"], facts["unchecked_bytes"]) == (23, 0, PLAIN.log_bytes)


def test_what_no_known_block_holds_is_told_as_unchecked():
    data = tape_of(FULL)
    block = next(found for found in blocks_of(data) if found.kind == b"MSTL")
    stream = next(found for found in block.streams if found.kind == b"MQTL")
    for offset, length, kind in ((block.offset, 52, b"MSFD"), (stream.offset, 22, b"MQFD")):
        data = rechecked(changed(data, offset, kind), offset, length)
    limit = limit_of(data)
    assert (limit.code, limit.facts["unchecked_bytes"]) == ("partly-checked", FULL.log_bytes + 2)


@given(place=st.integers(0, 1 << 32), bit=st.integers(0, 7), kind=st.sampled_from([b"MQDA", b"MQTL"]))
def test_any_flipped_bit_of_a_summed_backup_is_noticed(place, bit, kind):
    data = tape_of(FULL)
    begin, end = payload_of(data, kind)
    assert "stream-checksum" in codes(flipped(data, begin + place % (end - begin), 1 << bit))


def test_two_pages_that_changed_places_are_noticed():
    data = tape_of(FULL)
    begin, _ = payload_of(data)
    one, two = data[begin : begin + PAGE], data[begin + PAGE : begin + 2 * PAGE]
    assert codes(changed(data, begin, two + one)) == {"stream-checksum"}


def test_a_wrong_page_is_named_and_counted():
    data = tape_of(PLAIN)
    begin, _ = payload_of(data)
    for page in (5, 9, 11):
        data = flipped(data, begin + page * PAGE + 4000)
    (fault,) = examined(data).faults
    assert (fault.code, fault.place) == ("page-checksum", f"Insurance.bak:{begin + 5 * PAGE}")
    assert fault.facts == {"pages": 3, "first_page": "1:5"}


@pytest.mark.parametrize(
    "backup",
    [
        pytest.param(replace(PLAIN, page_verify="torn"), id="torn-page bits"),
        pytest.param(replace(PLAIN, page_verify="none"), id="no page verification"),
        pytest.param(replace(LOG, has_checksums=False), id="a log without CHECKSUM"),
    ],
)
def test_where_nothing_carries_a_checksum_nothing_is_claimed(backup):
    assert limit_of(tape_of(backup)).code == "no-checksums"


@pytest.mark.parametrize("verify", ["torn", "none"])
def test_the_stream_checksum_alone_is_enough(verify):
    data = tape_of(replace(FULL, page_verify=verify))
    assert examined(data).level is Level.INTACT
    begin, _ = payload_of(data)
    assert codes(flipped(data, begin + 5000)) == {"stream-checksum"}


def test_a_few_checksums_are_not_enough():
    data = tape_of(PLAIN)
    begin, _ = payload_of(data)
    for page in range(14):
        data = changed(data, begin + page * PAGE + 4, struct.pack("<H", 0x8))
    limit = limit_of(data)
    assert (limit.code, limit.facts["pages_checked"], limit.facts["pages_without_checksum"]) == ("few-checksums", 9, 14)


def test_a_stream_mismatch_of_an_unproven_build_is_not_called_damage():
    data = tape_of(replace(LOG, build=LATER_BUILD))
    assert examined(data).level is Level.INTACT
    begin, _ = payload_of(data, b"MQTL")
    limit = limit_of(flipped(data, begin + 700))
    assert (limit.code, limit.facts["version"]) == ("version-unknown", "15.0.2000")


def test_a_stream_mismatch_beside_a_good_stream_is_damage_on_any_build():
    data = tape_of(replace(FULL, build=LATER_BUILD))
    begin, _ = payload_of(data, b"MQTL")
    assert codes(flipped(data, begin + 700)) == {"stream-checksum"}


def test_a_wrong_page_is_damage_on_any_build():
    data = tape_of(replace(PLAIN, build=LATER_BUILD))
    begin, _ = payload_of(data)
    assert codes(flipped(data, begin + 700)) == {"page-checksum"}


def test_pages_of_which_not_one_agrees_have_a_checksum_that_we_do_not_know():
    data = tape_of(PLAIN)
    begin, end = payload_of(data)
    for page in range(begin, end, PAGE):
        data = flipped(data, page + 60)
    assert limit_of(data).code == "version-unknown"


def test_pages_of_an_unknown_checksum_are_intact_under_a_good_stream():
    pages = replace(FULL, page_verify="none")
    data = tape_of(pages)
    begin, _ = payload_of(data)
    flagged = b"".join(
        page[:4] + struct.pack("<H", 0x200 if page[0] == 1 else 0) + page[6:]
        for page in (data[at : at + PAGE] for at in range(begin, begin + pages.data_bytes, PAGE))
    )
    foreign = changed(data, begin, flagged)
    checksum = foreign.index(b"CSUM") + 22
    foreign = changed(foreign, checksum, struct.pack("<I", slow_stream(flagged)))
    assert examined(foreign).level is Level.INTACT


def slow_stream(data):
    value = 0
    for at in range(0, len(data), 512):
        word = 0
        for part in struct.unpack_from("<128I", data, at):
            word ^= part
        value = (value << 1 | value >> 31) & 0xFFFFFFFF ^ word
    return value


def test_what_does_not_look_like_pages_is_not_judged_as_pages():
    data = tape_of(PLAIN)
    begin, end = payload_of(data)
    noise = bytearray(Random(1).randbytes(end - begin))
    for page in (3, 7):  # two look like pages by chance
        noise[page * PAGE : page * PAGE + 6] = b"\x01\x01\x00\x00\x00\x02"
    assert limit_of(changed(data, begin, bytes(noise))).code == "no-checksums"


@pytest.mark.parametrize("chunk", [1, 7, 512, 8191, 8192, 8193, 100_000])
def test_the_size_of_the_chunks_is_of_no_account(chunk):
    data = tape_of(SMALL) if chunk < 512 else tape_of(FULL)
    assert examined(Bytes(data, chunk=chunk)).level is Level.INTACT
    begin, _ = payload_of(data)
    assert codes(Bytes(flipped(data, begin + 9000), chunk=chunk)) == {"page-checksum", "stream-checksum"}


def test_a_file_that_shrinks_while_it_is_read_is_noticed():
    class Shrinking(Bytes):
        def chunks(self):
            yield self.data[:-5000]

    assert codes(Shrinking(tape_of(FULL))) == {"changed-while-read"}


def test_a_file_that_shrank_after_it_was_listed_is_noticed():
    data = tape_of(FULL)
    assert codes(Bytes(data[:-1000], size=len(data))) == {"cut"}


def test_a_big_file_is_not_held_in_memory():
    content = Bytes(tape_of(replace(FULL, data_bytes=32 << 20)))
    tracemalloc.start()
    try:
        examination = examined(content)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert examination.level is Level.INTACT
    assert peak < 16 << 20
