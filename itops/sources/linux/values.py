"""Values that a machine printed: one line, bounded, of the type they claim to be; else None."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from ipaddress import ip_address
from typing import Any

from itops.text import plain

_MOST_LETTERS = 256
_MOST_NUMBER = 1 << 62
_US_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
_PAIR = re.compile(r'([A-Za-z:%_-]+)="([^"\n]*)"')


def clean(value: object) -> str | None:
    """A text on one line, without padding, control characters and halves of letters; None for an empty one."""
    if not isinstance(value, str):
        return None
    whole_letters = value[: 4 * _MOST_LETTERS].encode("utf-8", "replace").decode()
    return " ".join(plain(whole_letters).split())[:_MOST_LETTERS].strip() or None


def number(value: object) -> int | None:
    """A whole number from 0 to 2**62, also where an older program prints it as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= _MOST_NUMBER else None


def truth(value: object) -> bool | None:
    """true and false, also as "1" and "0"."""
    return {True: True, False: False, "1": True, "0": False}.get(value) if isinstance(value, bool | str) else None


def address(value: object) -> str | None:
    """An IP address in its usual spelling."""
    try:
        return str(ip_address(value.partition("/")[0])) if isinstance(value, str) else None
    except ValueError:
        return None


def us_date(value: object) -> date | None:
    """MM/DD/YYYY, as SMBIOS writes the date of a BIOS."""
    found = _US_DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found:
        return None
    month, day, year = map(int, found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def pairs(text: str) -> Mapping[str, str]:
    """Lines of `name=value`; the first of a name counts."""
    held: dict[str, str] = {}
    for line in text.splitlines():
        name, is_pair, value = line.partition("=")
        if is_pair:
            held.setdefault(name.strip(), value.strip())
    return held


def quoted_pairs(line: str) -> Mapping[str, str]:
    """`NAME="sda" SIZE="10"`: names in lower case."""
    return {name.lower(): value for name, value in _PAIR.findall(line)}


def tree_of(text: str) -> Any:
    """JSON; None for anything else."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def dicts(value: object) -> Iterator[dict[str, Any]]:
    """The dicts of a list; none of anything else."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def member(value: object, name: str) -> object:
    """What a dict holds under a name; None for anything else."""
    return value.get(name) if isinstance(value, dict) else None
