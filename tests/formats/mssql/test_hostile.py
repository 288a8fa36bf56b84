"""Any bytes at all: damage, a limit or an identity, never another exception, and never much reading."""

import struct
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from itops.backup.levels import Level
from tests.formats.mssql.tapes import (
    FORMATS,
    SMALL,
    Bytes,
    changed,
    examined,
    headers_of,
    rechecked,
    stripes_of,
    tape_of,
    thing_of,
)

GOOD = tape_of(replace(SMALL, data_bytes=8192, log_bytes=512))
HEADERS = headers_of(GOOD)
MOST_READS = 40


def looked_at(*files):
    contents = [Bytes(file, f"{number}.bak") for number, file in enumerate(files)]
    examination = examined(*contents)
    assert max(content.reads for content in contents) <= MOST_READS
    assert examination.faults or examination.limits or examination.level is Level.INTACT
    for known in FORMATS:
        known.set_of(thing_of(*contents))
    if examination.identity is not None:
        repr(examination.identity).encode("utf-8")
    return examination


@given(st.binary(max_size=2000))
def test_garbage_is_no_backup(data):
    assert looked_at(data).level in (None, Level.SEEN)


@given(st.binary(max_size=2000))
def test_garbage_behind_a_good_header_is_no_backup(data):
    assert looked_at(GOOD[:512] + data).faults


edits = st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=8)), min_size=1, max_size=5)


@settings(max_examples=300)
@given(edits)
def test_overwritten_bytes_break_nothing_but_the_backup(changes):
    data = GOOD
    for offset, new in changes:
        data = changed(data, offset, new[: len(data) - offset])
    looked_at(data)


@settings(max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(HEADERS), st.integers(0, 47), st.binary(min_size=1, max_size=8)), max_size=4))
def test_headers_that_lie_under_a_right_checksum_break_nothing(lies):
    data = GOOD
    for (begin, length), place, new in lies:
        inside = place % (length - 2)
        data = rechecked(changed(data, begin + inside, new[: length - 2 - inside]), begin, length)
    looked_at(data)


@given(
    st.sampled_from([header for header in HEADERS if header[1] == 22]),
    st.sampled_from([0, 1, 2, 3, 23, 511, 8194, 65535, 1 << 31, 1 << 32, 1 << 63, (1 << 64) - 1]),
    st.sampled_from([b"MQDA", b"MQTL", b"CSUM", b"MQCI", b"RAID", b"SPAD", b"NULL"]),
)
def test_streams_of_any_length_and_kind_break_nothing(header, length, kind):
    begin, size = header
    data = changed(changed(GOOD, begin, kind), begin + 8, struct.pack("<Q", length))
    looked_at(rechecked(data, begin, size))


@given(st.data())
def test_pieces_of_good_backups_in_any_order_break_nothing(data):
    cuts = sorted({begin for begin, _ in HEADERS} | {0, len(GOOD)})
    pieces = [GOOD[begin:end] for begin, end in pairwise(cuts)]
    looked_at(pieces[0] + b"".join(data.draw(st.lists(st.sampled_from(pieces), max_size=30))))


@given(edits)
def test_overwritten_bytes_of_a_stripe_break_nothing_but_the_set(changes):
    one, two = stripes_of(replace(SMALL, data_bytes=8192, log_bytes=512), stripes=2)
    for offset, new in changes:
        two = changed(two, offset % len(two), new[: len(two) - offset % len(two)])
    looked_at(one, two)
