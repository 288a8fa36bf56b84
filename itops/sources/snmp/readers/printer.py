"""Printer-MIB: serial, page count, supplies. That it answers is what makes a device a printer."""

import re

from itops.assets.sightings import Supply
from itops.sources.snmp.client import Answers
from itops.sources.snmp.values import column, number, text, within

CHANGES = "1.3.6.1.2.1.43.5.1.1.1.1"  # prtGeneralConfigChanges: every printer has it
NAME = "1.3.6.1.2.1.43.5.1.1.16.1"
SERIAL = "1.3.6.1.2.1.43.5.1.1.17.1"
PAGES = "1.3.6.1.2.1.43.10.2.1.4.1.1"
SCALARS = (CHANGES, NAME, SERIAL, PAGES)
_NAMES = "1.3.6.1.2.1.43.11.1.1.6"
_CAPACITIES = "1.3.6.1.2.1.43.11.1.1.8"
_LEVELS = "1.3.6.1.2.1.43.11.1.1.9"
TABLES = (_NAMES, _CAPACITIES, _LEVELS)
_STATES = {-3: "some left", -2: "unknown", -1: "unlimited"}
_MOST_PAGES = 10**9
_SERIAL_SAID = re.compile(r"\b(?:S/N:?\s*|SN:\s*)([^,;\s]{4,})")
_IEEE1284 = {
    "MFG": "vendor",
    "MANUFACTURER": "vendor",
    "MDL": "model",
    "MODEL": "model",
    "SN": "serial",
    "SERN": "serial",
    "SERIALNUMBER": "serial",
}


def is_printer(answers: Answers) -> bool:
    """Whether it knows the standard for printers."""
    return any(answers.get(oid) is not None for oid in SCALARS)


def page_count(answers: Answers) -> int | None:
    """Pages in its life. Makers' own counters may differ; this is the one that all have."""
    return within(answers.get(PAGES), 0, _MOST_PAGES)


def supplies(answers: Answers) -> tuple[Supply, ...]:
    """Toner, drums, waste boxes, in the device's order; the level is told only where it is measured."""
    levels, capacities = column(answers, _LEVELS), column(answers, _CAPACITIES)
    return tuple(
        _supply(text(name) or f"supply {index}", number(levels.get(index)), number(capacities.get(index)))
        for index, name in column(answers, _NAMES).items()
    )


def _supply(name: str, level: int | None, capacity: int | None) -> Supply:
    if level is not None and level >= 0 and capacity is not None and capacity > 0:
        return Supply(name=name, level_ratio=round(min(level / capacity, 1.0), 3))
    # A level without a capacity (-2) is no percentage of anything.
    return Supply(name=name, state=_STATES.get(level, "unknown") if level is not None else "unknown")


def serial_in(description: str | None) -> str | None:
    """Several makers write it into sysDescr: `...;S/N Z1234ABC`, `...,SN:VNC123,...`."""
    found = _SERIAL_SAID.search(description or "")
    return found[1] if found else None


def ieee1284(said: str | None) -> dict[str, str]:
    """vendor, model and serial out of MFG:...;MDL:...;SN:...; as printers tell it to their cable."""
    found: dict[str, str] = {}
    for part in re.split(r"[;\n]", said or ""):
        key, _, value = part.partition(":")
        name = _IEEE1284.get(key.strip().upper())
        if name and value.strip():
            found.setdefault(name, value.strip())
    return found
