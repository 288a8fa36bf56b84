"""Which column of the catalogue a header of a workbook means.

RVTools has written the same column under several names: with a trailing blank, `MB` for `MiB` (before 4.1), a few old
names, and with -DBColumnNames an internal one that begins with the sheet's name (vInfoPowerstate). Headers are compared
by their letters and digits alone, which settles most of that; the rest is the two tables below.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from itops.inventory.rvtools.catalogue import Column, Sheet

# Old or internal spellings, reduced, that no rule gives: sheet -> spelling -> header of today.
_OTHER_NAMES: dict[str, dict[str, str]] = {
    "vInfo": {
        "diskenableuuid": "EnableUUID",
        "vinfoguesthostname": "DNS Name",
        "vinfoostools": "OS according to the VMware Tools",
        "vinfoos": "OS according to the configuration file",
        "vinfocreatedate": "Creation date",
        "vinfonumvirtualdisks": "Disks",
        "vinfonumcpu": "CPUs",
        "vinfomemorysize": "Memory",
    },
    "vHost": {
        "vhostcpumhz": "Speed",
        "vhostnumcpucores": "# Cores",
        "vhostoverallcpuusage": "CPU usage %",
        "vhostmemorysize": "# Memory",
        "vhostoverallmemoryusage": "Memory usage %",
        "vhostvcpus": "# vCPUs",
    },
}
_EVERYWHERE = {"vcenteruuid": "VI SDK UUID", "visdkuuid": "VI SDK UUID", "visdkserver": "VI SDK Server"}
# The first column of each sheet is its subject; internally it is SHEETName, or SHEETVMName for a VM's sheet.
_SUBJECT = ("VM", "Host", "Name")
_UNIT = re.compile(r"\bMB\b")
_TAIL = re.compile(r"(mib|kib|percent)$")


@dataclass(frozen=True, slots=True)
class Match:
    """The columns of one table that are understood, and the custom ones, by position."""

    columns: tuple[tuple[int, Column], ...]
    custom: tuple[tuple[int, str], ...]

    def has(self, header: str) -> bool:
        """Is this column of the catalogue in the table?"""
        return any(column.header == header for _, column in self.columns)


def reduced(header: str) -> str:
    """Letters and digits in lower case; `#` and `%` as the words internal names have for them."""
    text = _UNIT.sub("MiB", header.strip()).replace("#", " Num").replace("%", " Percent")
    return re.sub(r"[^a-z0-9]", "", text.lower())


def match(sheet: Sheet, headers: Sequence[str]) -> Match:
    """Match headers in file order. A custom attribute may bear a known name, so position decides between equals:

    a column that stands before the custom ones is the first of its name, one that stands after them the last.
    """
    found: dict[str, list[int]] = {}
    strangers: list[int] = []
    for position, header in enumerate(headers):
        known = column_of(sheet, header)
        if known is None:
            strangers.append(position)
        else:
            found.setdefault(known.header, []).append(position)
    columns: list[tuple[int, Column]] = []
    is_after = False
    for column in sheet.columns:
        if positions := found.get(column.header):
            columns.append((positions[-1 if is_after else 0], column))
            strangers += positions[:-1] if is_after else positions[1:]
        is_after = is_after or any(column.header == header for header, _ in sheet.custom)
    custom = tuple((position, headers[position].strip()) for position in sorted(strangers) if headers[position].strip())
    return Match(tuple(sorted(columns, key=lambda found: found[0])), custom if sheet.custom else ())


def column_of(sheet: Sheet, header: str) -> Column | None:
    """The catalogue's column behind one spelling of its header; None for a stranger."""
    spellings = _spellings(sheet)
    name = reduced(header)
    return spellings.get(name) or spellings.get(_TAIL.sub("", name) if name.startswith(sheet.name.lower()) else "")


@cache
def _spellings(sheet: Sheet) -> dict[str, Column]:
    """Every reduced spelling of the sheet's headers; a header of today always wins over a rule."""
    by_header = {column.header: column for column in sheet.columns}
    known = {reduced(column.header): column for column in sheet.columns}
    prefix = reduced(sheet.name)
    for spelling, header in {**_OTHER_NAMES.get(sheet.name, {}), **_EVERYWHERE}.items():
        if header in by_header:
            known.setdefault(spelling, by_header[header])
    subject = next((by_header[header] for header in _SUBJECT if header in by_header), None)
    for column in sheet.columns:
        name = reduced(column.header)
        for spelling in (name, _TAIL.sub("", name), name.replace("num", "")):
            known.setdefault(prefix + spelling, column)
        if name.startswith("vm") and name != "vm":  # vInfoUUID is "VM UUID"
            known.setdefault(prefix + name[2:], column)
    if subject is not None:
        known.setdefault(prefix + "name", subject)
        known.setdefault(prefix + "vmname", subject)
    if sheet.name == "vInfo" and "SMBIOS UUID" in by_header:
        known.setdefault("smbiosuuid", by_header["SMBIOS UUID"])
    return known
