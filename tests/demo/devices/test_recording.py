"""Recordings as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.demo.devices.making import FAMILIES, make_recordings
from itops.demo.devices.recording import Recording, Type, Value, numbers_of, parse, read_recording, recording_of
from itops.errors import InputInvalid

LINES = """# a switch
1.3.6.1.2.1.1.3.0|ticks|8640000
1.3.6.1.2.1.1.1.0|str|a | b

.1.3.6.1.2.1.1.2.0|oid|1.3.6.1.4.1.8072
1.3.6.1.2.1.2.2.1.6.1|hex|00 00 5e 00 53 01
1.3.6.1.2.1.2.2.1.10.1|counter32|4294967295
1.3.6.1.2.1.4.20.1.1|ip|10.0.0.1
1.3.6.1.2.1.33.1.2.7.0|int|-273
1.3.6.1.2.1.33.1.6.1.0|gauge|0
1.3.6.1.2.1.31.1.1.1.6.1|counter64|18446744073709551615
1.3.6.1.2.1.47.1.1.1.1.11.1|null
"""


def encoded(recording: Recording) -> list[tuple[tuple[int, ...], bytes]]:
    return [(oid, value.encoded()) for oid, value in recording.entries]


def test_every_type_is_read_and_the_order_is_that_of_a_walk():
    recording = parse(LINES.split("\n"))
    oids = [oid for oid, _ in recording.entries]
    assert oids == sorted(oids)
    assert {value.type for _, value in recording.entries} == set(Type)
    assert recording.get(numbers_of("1.3.6.1.2.1.1.1.0")) == Value(Type.STR, b"a | b")
    assert recording.get(numbers_of("1.3.6.1.2.1.33.1.2.7.0")) == Value(Type.INT, -273)


def test_lines_of_windows_are_read_too():
    assert parse(LINES.replace("\n", "\r\n").split("\n")) == parse(LINES.split("\n"))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        pytest.param("1.3.6.1", "OID.type.value", id="no value"),
        pytest.param("1.3.6.1|str", "OID.type.value", id="no text"),
        pytest.param("1.3.6.1|text|a", "OID.type.value", id="no such type"),
        pytest.param("1.3.x|str|a", "no object identifier", id="no number"),
        pytest.param("1|str|a", "no object identifier", id="one number"),
        pytest.param("1.40.1|str|a", "no object identifier", id="cannot be encoded"),
        pytest.param("1.3.4294967296|str|a", "no object identifier", id="33 bits"),
        pytest.param("1.3.6.1|hex|0", "hex", id="half a byte"),
        pytest.param("1.3.6.1|int|2147483648", "no int from", id="no int"),
        pytest.param("1.3.6.1|gauge|-1", "no gauge from", id="negative"),
        pytest.param("1.3.6.1|int|۱۲", "no int from", id="Persian digits"),
        pytest.param("1.3.6.1|ip|10.0.0", "no IPv4 address", id="no address"),
        pytest.param("1.3.6.1|oid|a", "no object identifier", id="no pointer"),
    ],
)
def test_a_wrong_line_is_named(line, problem):
    with pytest.raises(ValueError, match=rf"line 2: .*{problem}"):
        parse(["# first", line])


def test_the_same_place_twice_is_refused():
    with pytest.raises(ValueError, match=r"line 2: 1\.3\.6\.1 stands there twice"):
        parse(["1.3.6.1|int|1", ".1.3.6.1|int|1"])


@pytest.mark.parametrize("content", [b"1.3.6.1|str|\xff", b"rubbish", b"1.3.6.1|int|x"])
def test_a_file_that_is_no_recording_is_named_with_a_remedy(tmp_path, content):
    path = tmp_path / "wrong.device"
    path.write_bytes(content)
    with pytest.raises(InputInvalid, match=r"wrong\.device is no recording") as failure:
        read_recording(path)
    assert failure.value.remedy


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputInvalid, match="cannot read"):
        read_recording(tmp_path / "none.device")


@given(st.text(), st.binary())
def test_any_text_and_any_bytes_come_back(text, content):
    made = recording_of(
        {(1, 3, 1): Value(Type.STR, text.encode("utf-8", "replace")), (1, 3, 2): Value(Type.HEX, content)}
    )
    assert encoded(parse(made.lines())) == encoded(made)


def test_made_devices_come_back():
    for device in make_recordings(len(FAMILIES) * 3):
        assert encoded(parse(device.recording.lines())) == encoded(device.recording)
