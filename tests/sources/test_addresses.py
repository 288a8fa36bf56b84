"""Addresses as itops.yaml lists them."""

from ipaddress import IPv4Address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.sources.addresses import MOST, Addresses, expand, some


@pytest.mark.parametrize(
    ("entry", "addresses"),
    [
        ("10.1.0.5", ("10.1.0.5",)),
        ("10.1.0.9-11", ("10.1.0.9", "10.1.0.10", "10.1.0.11")),
        ("10.1.0.255-1.0", ("10.1.0.255", "10.1.1.0")),
        ("10.1.0.5 - 10.1.0.6", ("10.1.0.5", "10.1.0.6")),
        ("10.1.0.0/30", ("10.1.0.1", "10.1.0.2")),
        ("10.1.0.7/30", ("10.1.0.5", "10.1.0.6")),
        ("10.1.0.4/32", ("10.1.0.4",)),
        ("ups-1.example.ir", ("ups-1.example.ir",)),
    ],
)
def test_an_entry_is_an_address_a_range_a_network_or_a_name(entry: str, addresses: tuple[str, ...]) -> None:
    assert expand([entry]) == addresses
    assert Addresses.from_setting(f" {entry} ", Path()) == entry


@pytest.mark.parametrize(
    "entry", ["", "10.1.0", "10.1.0.256", "10.1.0.9-3", "10.1.0.0/33", "10.1.0.0/x", "a b", "-H", "a;b", "::1", 7, None]
)
def test_what_is_none_of_these_is_refused(entry: object) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        Addresses.from_setting(entry, Path())


@pytest.mark.parametrize("entry", ["10.0.0.0/8", "0.0.0.0-255.255.255.255", "10.0.0.0-10.0.16.0"])
def test_a_network_typed_by_mistake_is_refused_before_it_is_counted(entry: str) -> None:
    with pytest.raises(ValueError, match="at most 4,096"):
        Addresses.from_setting(entry, Path())


def test_each_address_is_asked_once_and_those_left_out_not_at_all() -> None:
    assert expand(["10.1.0.2", "10.1.0.0/29", "10.1.0.2"], ["10.1.0.4-6"]) == ("10.1.0.2", "10.1.0.1", "10.1.0.3")


def test_nothing_left_and_too_many_are_mistakes() -> None:
    assert some(["10.1.0.0/30"], most=2) == ("10.1.0.1", "10.1.0.2")
    with pytest.raises(ValueError, match="nothing is left to ask"):
        some(["10.1.0.1"], ["10.1.0.0/24"])
    with pytest.raises(ValueError, match="are 6; at most 5"):
        some(["10.1.0.0/29"], most=5)


@given(st.integers(0, 2**32 - 1), st.integers(0, MOST - 1))
def test_a_range_has_all_from_its_begin_to_its_end(begin: int, count: int) -> None:
    end = min(begin + count, 2**32 - 1)
    found = expand([f"{IPv4Address(begin)}-{IPv4Address(end)}"])
    assert (len(found), found[0], found[-1]) == (end - begin + 1, str(IPv4Address(begin)), str(IPv4Address(end)))


@given(st.text(max_size=40))
def test_any_text_at_all_is_read_or_refused(text: str) -> None:
    try:
        entry = Addresses.from_setting(text, Path())
    except ValueError:
        return
    assert 0 < len(expand([entry])) <= MOST
