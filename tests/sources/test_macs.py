"""MACs, as everybody else writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.sources.macs import MOST_OF_ONE_MAC, crowded, mac


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("00:25:90:AA:bb:01", "002590aabb01"),
        ("00-25-90-aa-bb-01", "002590aabb01"),
        ("002590AABB01", "002590aabb01"),
        (" 00:25:90:aa:bb:01\n", "002590aabb01"),
        ("00:00:00:00:00:00", None),
        ("FF:FF:FF:FF:FF:FF", None),
        ("Not Available", None),
        ("00:25:90:aa:bb", None),
        ("00:25:90:aa:bb:01:02", None),
        ("80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:00:00:01", None),  # InfiniBand
        ("۰۰:25:90:aa:bb:01", None),
        ("", None),
        (None, None),
        (7, None),
    ],
)
def test_a_mac_is_six_octets_however_they_are_written(told: object, meant: str | None) -> None:
    assert mac(told) == meant


@given(st.binary(min_size=6, max_size=6), st.sampled_from([":", "-", ""]))
def test_every_octet_comes_through(octets: bytes, between: str) -> None:
    assert mac(octets.hex(between) if between else octets.hex()) in {octets.hex(), None}


@given(st.text() | st.integers() | st.none())
def test_anything_else_is_none_and_never_an_error(value: object) -> None:
    found = mac(value)
    assert found is None or len(found) == 12


def test_a_mac_at_more_addresses_than_a_server_has_answers_for_others() -> None:
    assert crowded(["a"] * MOST_OF_ONE_MAC + ["b"]) == frozenset()
    assert crowded(["a"] * (MOST_OF_ONE_MAC + 1) + ["b"]) == {"a"}
