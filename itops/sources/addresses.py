"""Addresses as itops.yaml lists them: one, a range, a network, a name; bounded, for a sweep must end."""

import re
from collections.abc import Iterable, Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from pathlib import Path

MOST = 4096
"""The kernel's neighbour table holds about a thousand; a /16 typed by mistake would run for hours."""
_RANGE = re.compile(r"(\d{1,3}(?:\.\d{1,3}){3})\s*-\s*(\d{1,3}(?:\.\d{1,3}){0,3})")
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})")


class Addresses(str):
    """One entry of `addresses:`; a settings field of type tuple[Addresses, ...] reads it."""

    __slots__ = ()

    @classmethod
    def from_setting(cls, value: object, folder: Path) -> "Addresses":
        """10.1.0.5, 10.1.0.10-40, 10.1.0.0/24, or a host name; raises ValueError."""
        if not isinstance(value, str) or not value.strip():
            raise ValueError("should be an address, a range 10.1.0.10-40, a network 10.1.0.0/24 or a host name")
        count = sum(1 for _ in _expanded(value.strip()))
        if count > MOST:
            raise ValueError(f"{value} is {count:,} addresses; at most {MOST:,} in one entry")
        return cls(value.strip())


def expand(entries: Iterable[str], without: Iterable[str] = ()) -> tuple[str, ...]:
    """Each address once, in the order they were written, without those of `without`. Raises ValueError."""
    left_out = {address for entry in without for address in _expanded(entry)}
    found = dict.fromkeys(address for entry in entries for address in _expanded(entry))
    return tuple(address for address in found if address not in left_out)


def some(entries: Iterable[str], without: Iterable[str] = (), *, most: int | None = None) -> tuple[str, ...]:
    """As `expand`, for settings: raises ValueError also where nothing is left to ask, or more than `most`."""
    found = expand(entries, without)
    if not found or len(found) > (most or len(found)):
        bound = f"; at most {most:,} can be asked" if found else ": nothing is left to ask"
        raise ValueError(f"addresses less without are {len(found):,}{bound}")
    return found


def _expanded(entry: str) -> Iterator[str]:
    span = _RANGE.fullmatch(entry)
    if span:
        yield from _range(entry, *span.groups())
    elif "/" in entry:
        yield from _network(entry)
    elif re.fullmatch(r"[\d.]+", entry):
        yield str(_address(entry, entry))
    elif _NAME.fullmatch(entry):
        yield entry
    else:
        raise ValueError(f"{entry} is no address, range, network or host name")


def _range(entry: str, first: str, last: str) -> Iterator[str]:
    begin = _address(first, entry)
    kept = first.split(".")[: 4 - len(last.split("."))]
    end = _address(".".join([*kept, last]), entry)
    if end < begin:
        raise ValueError(f"{entry} ends before it begins")
    for number in range(int(begin), min(int(end), int(begin) + MOST) + 1):
        yield str(IPv4Address(number))


def _network(entry: str) -> Iterator[str]:
    try:
        network = IPv4Network(entry, strict=False)
    except (AddressValueError, NetmaskValueError, ValueError):
        raise ValueError(f"{entry} is not a network like 10.1.0.0/24") from None
    if network.num_addresses > MOST:
        raise ValueError(f"{entry} is {network.num_addresses:,} addresses; at most {MOST:,} in one entry")
    yield from map(str, network.hosts())


def _address(text: str, entry: str) -> IPv4Address:
    try:
        return IPv4Address(text)
    except AddressValueError:
        raise ValueError(f"{entry} is not an IPv4 address") from None
