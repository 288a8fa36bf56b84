"""Values as devices really give them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.sources.snmp import values
from itops.sources.snmp.client import Value

ANY_VALUE = st.one_of(st.none(), st.binary(max_size=300), st.integers(), st.text(max_size=100))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        pytest.param(b"  AS0000111222 \0\0\0", "AS0000111222", id="padded"),
        pytest.param(b"\x01\x15VNC0000123", "VNC0000123", id="two octets of a character set in front"),
        pytest.param(b"\x00\x0aVNC0000123", "VNC0000123", id="a length in front"),
        pytest.param(b"MODEL 1\0old memory", "MODEL 1", id="old memory behind the end"),
        pytest.param(b"0x4153303030303131", "AS000011", id="spelt out in hex"),
        pytest.param(b"41 53 30 30 30 30 31 31", "AS000011", id="spelt out in hex, apart"),
        pytest.param(b"0x00010203", "0x00010203", id="hex that is no text stays"),
        pytest.param(b"12345678", "12345678", id="digits are no hex"),
        pytest.param(b"Smart-UPS\r\n3000\t RM", "Smart-UPS 3000 RM", id="lines"),
        pytest.param("اتاق سرور".encode(), "اتاق سرور", id="Persian"),
        pytest.param(b"\xc7\xca\xc7\xde \xd3\xd1\xe6\xd1", "اتاق سرور", id="Windows-1256"),
        pytest.param(4711, "4711", id="a number for a text"),
        pytest.param(b"\0\0\0\0", None, id="nothing but NULs"),
        pytest.param(b"", None, id="empty"),
        pytest.param(None, None, id="absent"),
    ],
)
def test_text_is_cleaned_and_nothing_else(said: Value, meant: str | None) -> None:
    assert values.text(said) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [(97, 97), (b"97", 97), (b" 97 %", 97), (b"-1", -1), (b"23.7 C", 23), (b"n/a", None), (b"", None), (None, None)],
)
def test_a_number_is_read_from_whatever_type_it_comes_in(said: Value, meant: int | None) -> None:
    assert values.number(said) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (b"11/22/23", date(2023, 11, 22)),
        (b"11/22/2023", date(2023, 11, 22)),
        (b"1/2/99", date(1999, 1, 2)),
        (b"00/00/00", None),
        (b"02/30/2024", None),
        (b"22/11/2023", None),  # day and month are never guessed
        (b"22.11.2023", None),
        (b"", None),
        (None, None),
    ],
)
def test_both_date_styles_of_one_maker_are_read_and_no_other(said: Value, meant: date | None) -> None:
    assert values.day(said) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (bytes.fromhex("00c0b7aa0001"), "00c0b7aa0001"),
        (b"00:C0:B7:AA:00:01", "00c0b7aa0001"),
        (b"0x00c0b7aa0001", "00c0b7aa0001"),
        (bytes(6), None),
        (b"\xff" * 6, None),
        (bytes(8), None),
        (b"Not Available", None),
        (b"", None),
        (12, None),
    ],
)
def test_a_mac_is_six_octets_and_not_nobodys(said: Value, meant: str | None) -> None:
    assert values.mac(said) == meant


def test_the_first_text_that_says_something_wins_over_a_placeholder() -> None:
    answers: dict[str, Value] = {"1.1": b"N/A", "1.2": b"", "1.3": b"AS0000111222"}
    assert values.first_text(answers, "1.1", "1.2", "1.3", "1.4") == "AS0000111222"
    assert values.first_text(answers, "1.1", "1.2") == "N/A"
    assert values.first_text(answers, "1.2", "1.4") is None


@given(ANY_VALUE)
def test_no_value_breaks_a_reader(said: Value) -> None:
    for read in (values.text, values.number, values.mac, values.day):
        read(said)


@given(ANY_VALUE)
def test_text_is_printable_short_and_stays_as_it_is_when_cleaned_again(said: Value) -> None:
    cleaned = values.text(said)
    if cleaned is not None:
        assert 0 < len(cleaned) <= 1_000
        assert cleaned == cleaned.strip()
        assert not any(ord(letter) < 32 for letter in cleaned)
