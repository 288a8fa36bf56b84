"""The numpy checksums against the slow ones that one writes down from their definition."""

import struct
from functools import reduce
from operator import xor
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.formats.mssql.checksums import PageTally, StreamSum, sector_sums


def rotated(value, turn):
    turn %= 32
    return ((value << turn) | (value >> (32 - turn))) & 0xFFFFFFFF if turn else value


def slow_sums(data):
    return [reduce(xor, struct.unpack("<128I", data[at : at + 512])) for at in range(0, len(data), 512)]


def slow_stream(data):
    return reduce(lambda value, word: rotated(value, 1) ^ word, slow_sums(data), 0)


def slow_page(page):
    page = page[:60] + bytes(4) + page[64:]
    return reduce(xor, (rotated(word, 15 - place) for place, word in enumerate(slow_sums(page))))


def page_of(body, flags=0x200):
    page = bytearray(body)
    page[:6] = struct.pack("<BBBBH", 1, 1, 0, 0, flags)
    page[32:38] = struct.pack("<IH", 4711, 1)
    page[60:64] = struct.pack("<I", slow_page(bytes(page)))
    return bytes(page)


bodies = st.integers(0, 1 << 32).map(lambda seed: Random(seed).randbytes(8192))


@given(st.lists(st.integers(0, 70), max_size=6), st.integers(0, 1 << 32))
def test_a_stream_sums_to_the_same_in_whatever_pieces_it_arrives(pieces, seed):
    random, stream, everything = Random(seed), StreamSum(), b""
    for count in pieces:
        data = random.randbytes(512 * count)
        everything += data
        stream.add(sector_sums(data))
    assert stream.value == slow_stream(everything)


@given(st.lists(bodies, min_size=1, max_size=4))
def test_good_pages_are_right(some):
    pages = b"".join(map(page_of, some))
    tally = PageTally()
    tally.add(pages, sector_sums(pages))
    assert (tally.pages, tally.carrying, tally.wrong) == (len(some), len(some), 0)


@given(bodies, st.integers(8, 8191), st.integers(0, 7))
def test_any_flipped_bit_of_a_page_is_noticed(body, place, bit):
    page = bytearray(page_of(body))
    page[place] ^= 1 << bit
    tally = PageTally()
    tally.add(bytes(page), sector_sums(bytes(page)))
    assert tally.wrong == 1


def test_the_first_wrong_page_is_named():
    good = page_of(bytes(range(256)) * 32)
    bad = good[:5000] + b"X" + good[5001:]
    pages = good + bad + good
    tally = PageTally()
    tally.add(good, sector_sums(good))
    tally.add(pages, sector_sums(pages))
    assert tally.first_wrong == (2, "1:4711")


@pytest.mark.parametrize("flags", [0, 0x100, 0x8])
def test_pages_without_a_checksum_are_not_judged(flags):
    page = bytearray(page_of(bytes(range(256)) * 32, flags))
    page[5000] ^= 1
    tally = PageTally()
    tally.add(bytes(page), sector_sums(bytes(page)))
    assert (tally.formatted, tally.carrying, tally.wrong) == (1, 0, 0)
