"""What is an identity and what only looks like one: serials, UUIDs, MACs, tags, makers, models, host names.

Half of all desktops carry a filler where the serial should be; two devices joined by one would be worse than two
devices not joined. The fillers are data (junk.toml), the makers' spellings too (vendors.toml).
"""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from ipaddress import ip_address
from typing import Any

from itops.assets.sightings import NetworkCard
from itops.text import comparable, plain

_SHORTEST_SERIAL = 4
_LONGEST = 100
"""Longer texts are a device's confusion: SNMP strings may hold 64 kB."""
_UUID = re.compile(r"(?:urn:uuid:)?\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?")
_HEX12 = re.compile(r"[0-9a-f]{12}")
_LOCAL_NAMES = frozenset({"localhost", "private", "none", "unknown", "localdomain", "default", "null"})


@dataclass(frozen=True, slots=True, kw_only=True)
class JunkRules:
    """junk.toml, compiled once. Patterns are used with fullmatch only: an unanchored one throws real serials away."""

    texts: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]
    runs: tuple[str, ...]
    uuids: frozenset[str]
    uuid_prefixes: tuple[str, ...]
    fewest_uuid_digits: int
    shared_macs: tuple[str, ...]
    virtual_macs: tuple[str, ...]
    media: frozenset[str]
    cards: tuple[re.Pattern[str], ...]
    managers: re.Pattern[str]
    virtual_machines: re.Pattern[str]


@cache
def junk_rules() -> JunkRules:
    """The rules that ship with itops."""
    table = _table("junk.toml")
    macs = table["macs"]
    return JunkRules(
        texts=frozenset(map(squeezed, table["texts"]["values"])),
        patterns=tuple(map(re.compile, table["texts"]["patterns"])),
        runs=tuple(table["texts"]["runs"]),
        uuids=frozenset(one for value in table["uuids"]["values"] for one in (value, swapped(value))),
        uuid_prefixes=tuple(table["uuids"]["prefixes"]),
        fewest_uuid_digits=table["uuids"]["fewest_digits"],
        shared_macs=(*macs["floating"], *macs["software"], *macs["fillers"]),
        virtual_macs=tuple(macs["virtual"]),
        media=frozenset(table["cards"]["media"]),
        cards=tuple(map(re.compile, table["cards"]["patterns"])),
        managers=re.compile(table["machines"]["managers"]),
        virtual_machines=re.compile(table["machines"]["virtual"]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Makers:
    """vendors.toml, compiled once."""

    names: Mapping[str, str]  # squeezed spelling -> name
    one_maker: Mapping[str, str]  # name -> the name of the maker that numbers its devices
    company_words: frozenset[str]


@cache
def _makers() -> _Makers:
    table = _table("vendors.toml")
    names = {
        squeezed(spelling): name for name, spellings in table["spellings"].items() for spelling in (name, *spellings)
    }
    return _Makers(names=names, one_maker=table["one_maker"], company_words=frozenset(table["company"]["words"]))


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def compared(text: str | None) -> str:
    """`text` in the form in which two spellings are equal: Persian and Arabic letters, digits, case, spaces."""
    return comparable(plain(text)) if text else ""


def squeezed(text: str | None) -> str:
    """Letters and digits only, small: "Base Board" and "BASE-BOARD" are both "baseboard"."""
    return "".join(letter for letter in compared(text) if letter.isalnum())


def is_junk(text: str | None) -> bool:
    """Whether a serial, tag, maker or model says nothing: a filler, one repeated character, a counted run."""
    folded, letters = compared(text), squeezed(text)
    rules = junk_rules()
    return (
        len(set(letters)) <= 1
        or set(folded) <= {"0", "1"}
        or letters in rules.texts
        or letters.startswith(rules.runs)
        or any(pattern.fullmatch(folded) for pattern in rules.patterns)
    )


def normal_serial(text: str | None) -> str | None:
    """Upper case without spaces, junk or not; None for what cannot be a serial: not ASCII, or far too long."""
    found = "".join(compared(text[: 2 * _LONGEST]).split()).upper() if text else ""
    return found if found.isascii() and 0 < len(found) <= _LONGEST else None


def good_serial(
    text: str | None, *, model: str | None = None, host_name: str | None = None, learned: Collection[str] = ()
) -> str | None:
    """The serial as it is compared, or None for junk. `learned`: what this office found to be no serial."""
    found = normal_serial(text)
    if found is None or len(found) < _SHORTEST_SERIAL or is_junk(text) or found in map(normal_serial, learned):
        return None
    others = {squeezed(model), squeezed(host_name), squeezed(normal_host_name(host_name))} - {""}
    return None if squeezed(found) in others else found


def normal_tag(text: str | None) -> str | None:
    """A property number as it is compared: ASCII digits, no spaces; None for a filler."""
    found = "".join(compared((text or "")[: 2 * _LONGEST]).split()).upper()
    return None if not found or is_junk(text) else found


def good_tag(text: str | None, pattern: str | None) -> str | None:
    """A property number that a device carries, where it fits the office's own pattern; without one nothing fits."""
    found = normal_tag(text)
    return found if found and pattern and re.fullmatch(pattern, found, re.IGNORECASE) else None


def good_uuid(text: str | None) -> str | None:
    """In lower case with dashes; None for junk, in whichever byte order."""
    parts = _UUID.fullmatch(text.strip().lower()) if text and len(text) <= _LONGEST else None
    if not parts:
        return None
    found, rules = "-".join(parts.groups()), junk_rules()
    is_filler = len(set(found) - {"-"}) < rules.fewest_uuid_digits or found in rules.uuids
    return None if is_filler or found.startswith(rules.uuid_prefixes) else found


def swapped(uuid: str) -> str:
    """The same UUID as the other side reads it: the first three groups in the other byte order."""
    *mixed, fourth, fifth = uuid.split("-")
    turned = ["".join(reversed(re.findall("..", group))) for group in mixed]
    return "-".join([*turned, fourth, fifth])


def uuid_key(text: str | None) -> str | None:
    """One form for both byte orders, so that equal means the same machine; None for junk."""
    found = good_uuid(text)
    return None if found is None else min(found, swapped(found))


def normal_mac(text: str | None) -> str | None:
    """12 small hex digits, however it was written; None for all zeros, all ones, multicast and what is no MAC."""
    if not text or len(text) > _LONGEST:
        return None
    groups = re.split(r"[:\-. ]", text.strip().lower())
    found = "".join(group.zfill(2) for group in groups) if len(groups) == 6 else "".join(groups)
    if not _HEX12.fullmatch(found) or found in {"0" * 12, "f" * 12}:
        return None
    return None if int(found[1], 16) & 1 else found


def identity_macs(cards: Iterable[NetworkCard], shared: Collection[str] = ()) -> frozenset[str]:
    """The MACs that are burnt into this device, and into no other: no docks, VPNs, routers' floating addresses.

    `shared`: those seen on more than one device.
    """
    found = {mac for card in cards if _is_part_of_device(card) and (mac := normal_mac(card.mac))}
    return frozenset(mac for mac in found - set(shared) if not _is_made_up(mac))


def is_virtual_mac(mac: str) -> bool:
    """Whether a hypervisor gave it to a virtual machine; `mac` normal."""
    return mac.startswith(junk_rules().virtual_macs)


def _is_part_of_device(card: NetworkCard) -> bool:
    rules, name = junk_rules(), compared((card.name or "")[:_LONGEST])
    if card.is_permanent is False or (card.medium or "").lower() in rules.media:
        return False
    return not any(pattern.fullmatch(name) for pattern in rules.cards)


def _is_made_up(mac: str) -> bool:
    """Locally administered, or the same on many devices by design."""
    return bool(int(mac[1], 16) & 2) or mac.startswith(junk_rules().shared_macs)


@lru_cache(maxsize=4096)
def vendor_name(text: str | None) -> str | None:
    """The maker as we write it: "Dell" for "DELL INC."; another maker's name as it came; None for a filler."""
    if not text or is_junk(text):
        return None
    return _known_maker(text) or " ".join(plain(text).split())


@lru_cache(maxsize=4096)
def canonical_vendor(text: str | None) -> str | None:
    """The maker as it is compared: HP for Hewlett-Packard and HPE alike; an unknown one in small letters."""
    if not text or is_junk(text):
        return None
    known = _known_maker(text)
    return _makers().one_maker.get(known, known) if known else "".join(_stem(text)) or None


def _known_maker(text: str) -> str | None:
    names = _makers().names
    return names.get(squeezed(text)) or names.get("".join(_stem(text)))


def _stem(text: str) -> list[str]:
    """The words of a company's name without Inc. and the like; at least the first one stays."""
    words = re.findall(r"\w+", compared(text))
    while len(words) > 1 and words[-1] in _makers().company_words:
        words.pop()
    return words


@lru_cache(maxsize=4096)
def normal_model(text: str | None, vendor: str | None = None) -> str | None:
    """A model as it is compared: without its maker in front, letters and digits only; None for a filler."""
    return squeezed(model_name(text, vendor)) or None


def model_name(text: str | None, vendor: str | None = None) -> str | None:
    """A model as we write it: "ProLiant DL380 Gen10" for "HPE  ProLiant DL380 Gen10"; None for a filler.

    Without a `vendor` any maker that we know is taken off.
    """
    if not text or is_junk(text):
        return None
    words = plain(text).split()
    for count in (3, 2, 1):
        maker = " ".join(words[:count])
        is_maker = _known_maker(maker) and (vendor is None or canonical_vendor(maker) == canonical_vendor(vendor))
        if is_maker and len(words) > count:
            return " ".join(words[count:])
    return " ".join(words)


def normal_host_name(text: str | None) -> str | None:
    """Short and small: `PC-14.office.example` is pc-14. None for an address and for names that every machine has."""
    folded = compared((text or "")[:255]).strip(".")
    try:
        ip_address(folded)
    except ValueError:
        short = folded.split(".", 1)[0]
        return None if not short or squeezed(short) in _LOCAL_NAMES or is_junk(short) else short
    return None
