"""The encoding: what is written is read again, and what is no encoding is refused and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.demo.devices.ber import (
    OCTETS,
    Malformed,
    decode_integer,
    decode_oid,
    elements,
    encode,
    encode_integer,
    encode_oid,
)

OIDS = st.tuples(st.integers(0, 1), st.integers(0, 39)) | st.tuples(st.just(2), st.integers(0, 2**32 - 81))
LONGER = st.builds(lambda head, rest: (*head, *rest), OIDS, st.lists(st.integers(0, 2**32 - 1), max_size=126))


@given(st.integers(-(2**63), 2**64 - 1))
def test_a_whole_number_comes_back(number):
    [(_, content)] = elements(encode_integer(number))
    assert decode_integer(content) == number


@pytest.mark.parametrize(
    ("number", "encoded"),
    [(0, "020100"), (127, "02017f"), (128, "02020080"), (-1, "0201ff"), (-128, "020180"), (-129, "0202ff7f")],
)
def test_a_whole_number_takes_as_few_bytes_as_it_can(number, encoded):
    assert encode_integer(number).hex() == encoded


@given(LONGER)
def test_an_object_identifier_comes_back(oid):
    [(_, content)] = elements(encode_oid(oid))
    assert decode_oid(content) == oid


@given(st.lists(st.binary(max_size=70_000), max_size=3))
def test_elements_come_back_however_long_they_are(contents):
    assert elements(b"".join(encode(OCTETS, content) for content in contents)) == [(OCTETS, each) for each in contents]


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content):
    for read in (elements, decode_integer, decode_oid):
        try:
            read(content)
        except Malformed:
            continue


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\x04", id="no length"),
        pytest.param(b"\x04\x05abc", id="cut off"),
        pytest.param(b"\x04\x84\xff\xff\xff\xffabc", id="4 GiB"),
        pytest.param(b"\x04\x80abc\0\0", id="indefinite"),
        pytest.param(b"\x04\x85\0\0\0\0\x03abc", id="a length of five bytes"),
        pytest.param(b"\x1f\x81\x01\x00", id="a tag of several bytes"),
    ],
)
def test_elements_of_a_strange_form_are_refused(content):
    with pytest.raises(Malformed):
        elements(content)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x2b\x86", id="cut off"),
        pytest.param(b"\x2b\x90\x80\x80\x80\x00", id="a number of 33 bits"),
        pytest.param(b"\x01" * 129, id="too long"),
    ],
)
def test_object_identifiers_of_a_strange_form_are_refused(content):
    with pytest.raises(Malformed):
        decode_oid(content)
