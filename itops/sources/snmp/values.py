"""What devices say, as text, number, address or day. The type that a device gives a value proves nothing.

Seen in real answers: text padded with NULs and spaces, or behind two octets of a character set; text spelt out in hex;
numbers as text; days as MM/DD/YY and MM/DD/YYYY by one and the same maker.
"""

import re
import unicodedata
from datetime import date

from itops.sources.snmp.client import Answers, Value

_LONGEST = 1_000  # characters; a description of that length is read by nobody
_NUMBER = re.compile(r"\s*([+-]?[0-9]{1,18})(?:\.[0-9]+)?\s*[^0-9]{0,12}")
_MARKED = re.compile(r"0x(?:[0-9A-Fa-f]{2})+|(?:[0-9A-Fa-f]{2}[ :]){3,}[0-9A-Fa-f]{2}\s*")
_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}|[0-9]{2})")
_CENTURY = 80  # a two-digit year from here on is one of 19xx: network cards are no older
_KEPT_FORMATS = "\u200c\u200d"  # Persian is written with them
_NOTHING = re.compile(
    r"(.)\1*|n[/.]?a\.?|none|null|unknown|empty|invalid|default(?: string)?|<private>|<bad index>|"
    r"not? ?(?:available|specified|applicable|present|defined|set)|to be filled by o\.?e\.?m\.?",
    re.IGNORECASE,
)


def text(value: Value) -> str | None:
    """Clean of padding and control characters; None where nothing is left."""
    if value is None:
        return None
    found = _decoded(value) if isinstance(value, bytes) else str(value)
    if _MARKED.fullmatch(found):
        found = _spelt_out(found)
    shown = "".join(letter if _is_shown(letter) else " " for letter in found[:_LONGEST])
    return " ".join(shown.split()) or None


def _decoded(octets: bytes) -> str:
    # Leading control octets name a character set; what stands behind the first NUL after that is old memory.
    cut = octets.lstrip(bytes(range(32))).split(b"\0", 1)[0][: _LONGEST * 4]
    try:
        return cut.decode("utf-8")
    except UnicodeDecodeError:
        return cut.decode("cp1256", "replace")  # what is no UTF-8 here was typed on an old Windows


def _is_shown(letter: str) -> bool:
    return letter in _KEPT_FORMATS or unicodedata.category(letter)[0] != "C"


def _spelt_out(found: str) -> str:
    """Text that something wrote as hex; left as it is when the octets are no text."""
    octets = bytes.fromhex(re.sub(r"^0x|[ :]", "", found)).strip(b"\0")
    is_text = len(octets) >= 4 and all(32 <= octet < 127 for octet in octets)
    return octets.decode("ascii") if is_text else found


def is_nothing(found: str) -> bool:
    """Whether a text is one of those that stand where nothing was filled in; the whole list is in assets' identity."""
    return _NOTHING.fullmatch(found.strip()) is not None


def first_text(answers: Answers, *oids: str) -> str | None:
    """The first text that says something; else the first of all, for then that is what the device says."""
    found = [said for oid in oids if (said := text(answers.get(oid)))]
    return next((said for said in found if not is_nothing(said)), found[0] if found else None)


def number(value: Value) -> int | None:
    """A whole number, also out of `97 %`; None for whatever else."""
    if isinstance(value, int):
        return value
    said = text(value)
    found = _NUMBER.fullmatch(said) if said else None
    return int(found[1]) if found else None


def within(value: Value, low: int, high: int) -> int | None:
    """A number that can be meant; 65535 minutes, -1 %, -273 °C are how devices say that they do not know."""
    found = number(value)
    return found if found is not None and low <= found <= high else None


def mac(value: Value) -> str | None:
    """Six octets as 12 hex digits; None for another length, for none at all (all zero) and for everybody (all F)."""
    octets = value if isinstance(value, bytes) else None
    if octets is not None and len(octets) != 6:
        spelt = re.fullmatch(rb"\s*(?:0x)?((?:[0-9A-Fa-f]{2}[ :.-]?){6})\s*", octets[:40])
        octets = bytes.fromhex(re.sub(rb"[ :.-]", b"", spelt[1]).decode()) if spelt else None
    if octets is None or octets in {b"\0" * 6, b"\xff" * 6}:
        return None
    return octets.hex()


def is_group(address: str) -> bool:
    """Whether a MAC of 12 hex digits is of a group, and so of no device."""
    return bool(int(address[:2], 16) & 1)


def day(value: Value) -> date | None:
    """MM/DD/YY or MM/DD/YYYY; None for what is no such day: 0 for the month, 31 for February, DD.MM.YYYY."""
    said = text(value)
    found = _DAY.fullmatch(said) if said else None
    if not found:
        return None
    year = int(found[3])
    if len(found[3]) == 2:
        year += 1900 if year >= _CENTURY else 2000
    try:
        return date(year, int(found[1]), int(found[2]))
    except ValueError:
        return None


def column(answers: Answers, root: str) -> dict[str, Value]:
    """One column of a table: the index behind `root.` -> value, in the order of the device."""
    begin = root + "."
    return {oid[len(begin) :]: value for oid, value in answers.items() if oid.startswith(begin)}


def numbers_of(index: str) -> tuple[int, ...]:
    """The parts of an index; empty where one is no number."""
    parts = index.split(".")
    return tuple(map(int, parts)) if all(part.isascii() and part.isdigit() for part in parts) else ()


def ipv4(parts: tuple[int, ...]) -> str | None:
    """Four parts of an index as an address of a device; None for the device's own loopback, multicast and nothing."""
    is_loopback = parts[:3] == (127, 0, 0)  # the rest of 127 is good enough for simulations of whole offices
    if len(parts) != 4 or any(part > 255 for part in parts) or parts[0] == 0 or parts[0] >= 224 or is_loopback:
        return None
    return ".".join(map(str, parts))
