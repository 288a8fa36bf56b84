"""The neighbour table of this machine: who answered to ARP. Source: `ip -json neigh`, else /proc/net/arp (Linux)."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TypeAlias

from itops.errors import SourceUnavailable
from itops.programs import run_program
from itops.sources.macs import mac

_COMMAND = ("ip", "-4", "-json", "neigh", "show")
_SECONDS = 10
_MOST_BYTES = 4 << 20
_KERNEL_TABLE = Path("/proc/net/arp")
_COMPLETE = 0x2  # ATF_COM of <net/if_arp.h>


class Standing(IntEnum):
    """What the kernel knows of a neighbour, the least certain first."""

    SILENT = 0  # asked, and nobody answered
    FIXED = 1  # written by hand, or an interface without ARP: proves nothing
    UNSURE = 2  # answered once; the kernel asks again within nine seconds of a packet to it
    ANSWERS = 3  # within the last minute


_STANDINGS = {
    "REACHABLE": Standing.ANSWERS,
    "STALE": Standing.UNSURE,
    "DELAY": Standing.UNSURE,
    "PROBE": Standing.UNSURE,
    "PERMANENT": Standing.FIXED,
    "NOARP": Standing.FIXED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """One entry. `mac`: 12 lower-case hex digits, None where there is none."""

    mac: str | None
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The table by address. `tells_age`: whether an answer of just now is told from one of long ago."""

    neighbours: Mapping[str, Neighbour]
    tells_age: bool


ReadTable: TypeAlias = Callable[[], Table]
"""Raises SourceUnavailable where the table cannot be read."""


def read_table(command: tuple[str, ...] = _COMMAND, kernel_table: Path = _KERNEL_TABLE) -> Table:
    """The table as the program `ip` tells it; where there is none, as the kernel's file does.

    Raises SourceUnavailable when neither can be read.
    """
    try:
        told = run_program(command, seconds=_SECONDS, most_output=_MOST_BYTES)
    except SourceUnavailable:  # not installed: not an error while there is the other way
        return _kernel_table(kernel_table)
    if told.code or told.is_cut:  # a small `ip` without -json
        return _kernel_table(kernel_table)
    try:
        return parse_ip(told.text)
    except ValueError:
        return _kernel_table(kernel_table)


def _kernel_table(path: Path) -> Table:
    try:
        with path.open("rb") as file:
            return parse_arp(file.read(_MOST_BYTES).decode("ascii", "replace"))
    except OSError as failure:
        raise SourceUnavailable(
            "the neighbour table of this machine cannot be read", remedy="install the program ip (package iproute2)"
        ) from failure


def parse_ip(text: str) -> Table:
    """The table from `ip -json neigh show`. Raises ValueError when it is no such list."""
    entries = json.loads(text or "[]")
    if not isinstance(entries, list):
        raise ValueError("not a list")  # noqa: TRY004  json raises ValueErrors, too
    return Table(neighbours=_best(_entry(entry) for entry in entries if isinstance(entry, dict)), tells_age=True)


def _entry(entry: Mapping[str, object]) -> tuple[str, Neighbour]:
    states = entry.get("state")
    known = [_STANDINGS.get(str(state), Standing.SILENT) for state in states] if isinstance(states, list) else []
    return str(entry.get("dst")), Neighbour(mac=mac(entry.get("lladdr")), standing=max(known, default=Standing.SILENT))


def parse_arp(text: str) -> Table:
    """The table from /proc/net/arp: address, type, flags, MAC, mask, device."""
    rows = [line.split() for line in text.splitlines()[1:]]
    return Table(neighbours=_best(_row(row) for row in rows if len(row) >= 4), tells_age=False)


def _row(row: list[str]) -> tuple[str, Neighbour]:
    is_complete = re.fullmatch(r"0x[0-9a-f]{1,8}", row[2]) is not None and int(row[2], 16) & _COMPLETE
    return row[0], Neighbour(mac=mac(row[3]), standing=Standing.UNSURE if is_complete else Standing.SILENT)


def _best(entries: Iterable[tuple[str, Neighbour]]) -> Mapping[str, Neighbour]:
    """By address; of one address on two interfaces the more certain."""
    found: dict[str, Neighbour] = {}
    for address, neighbour in entries:
        if address not in found or neighbour.standing > found[address].standing:
            found[address] = neighbour
    return found
