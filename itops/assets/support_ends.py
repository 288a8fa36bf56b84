"""When makers end their support: a small dated table of ours (support_ends.toml), extended by a file of the office.

A row is found by the name an operating system goes by in vSphere, in an agent's file, in a banner. Where a name leaves
the release open ("Windows Server 2016 or later"), nothing is claimed.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from itops.text import comparable

_LONGEST_NAME = 300
_MOST_ROWS = 50_000
_MOST_REFUSALS = 20
_LONGEST_WORD = 60
_OPEN = re.compile(r"\bor (?:later|newer|above)\b")
_ARCHITECTURE = re.compile(r"\(?\b(?:32|64)-?bit\b\)?|\bx86_64\b|[®™©]")


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportEnd:
    """One release. Updates end on `ends_on`; paid or long-term ones, for who has them, on `extended_on`."""

    product: str
    release: str
    pattern: str  # of comparable() text
    source: str
    checked_on: date
    ends_on: date | None = None
    extended_on: date | None = None
    has_ended: bool | None = None  # where the source says only that, and no day
    word: str = ""  # what must be in the text before the pattern is tried at all

    @property
    def name(self) -> str:
        """Product and release."""
        return f"{self.product} {self.release}".strip()


@dataclass(frozen=True, slots=True)
class SupportTable:
    """Rows, the first that fits a name decides."""

    rows: tuple[SupportEnd, ...] = ()
    _found: dict[str, SupportEnd | None] = field(default_factory=dict, repr=False, compare=False)

    def find(self, os: str | None, version: str | None = None) -> SupportEnd | None:
        """The row of an operating system; None where there is none, or where the name leaves open what it is."""
        text = normal_name(os, version)
        if text not in self._found:
            self._found[text] = self._searched(text)
        return self._found[text]

    def _searched(self, text: str) -> SupportEnd | None:
        if not text or _OPEN.search(text):
            return None
        return next((row for row in self.rows if row.word in text and re.search(row.pattern, text)), None)


def normal_name(os: str | None, version: str | None = None) -> str:
    """Name and version as they are compared: without architecture, marks and case."""
    text = comparable(f"{os or ''} {version or ''}"[:_LONGEST_NAME])
    return " ".join(_ARCHITECTURE.sub(" ", text).split())


@cache
def built_in() -> SupportTable:
    """Our own table."""
    held = tomllib.loads(files("itops.assets").joinpath("support_ends.toml").read_text(encoding="utf-8"))
    defaults = {"checked_on": held["checked_on"], "source": held["source"]}
    return SupportTable(tuple(SupportEnd(**{**defaults, **row}) for row in held["rows"]))


def extended(rows: tuple[SupportEnd, ...]) -> SupportTable:
    """Our own table behind the office's rows, which win."""
    return SupportTable((*rows, *built_in().rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a file gave. `refused`: entries that say nothing, the first few by name; `refused_count`: all of them."""

    rows: tuple[SupportEnd, ...] = ()
    refused: tuple[str, ...] = ()
    refused_count: int = 0


def parse(text: str, source: str, checked_on: date) -> Parsed:
    """A flat list of `{product, cycle, eol, ...}` as endoflife.date has it. Raises ValueError for anything else.

    `eol` is a day, or true (has ended) or false (has not); a third column tells paid or long-term updates.
    """
    try:
        held = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise ValueError("it is not JSON") from wrong
    if not isinstance(held, list) or len(held) > _MOST_ROWS:
        raise ValueError(f"it is not a list of at most {_MOST_ROWS:,} entries")
    rows, refused = [], []
    for position, entry in enumerate(held, start=1):
        try:
            rows.append(_row(entry, source, checked_on))
        except ValueError as wrong:
            refused.append(f"entry {position}: {wrong}")
    # The longest release first: 2012 is in 2012-r2, and 8 in 8.1.
    rows.sort(key=lambda row: (-len(row.release), row.product, row.release))
    return Parsed(rows=tuple(rows), refused=tuple(refused[:_MOST_REFUSALS]), refused_count=len(refused))


_EXTENDED = ("extendedSupport", "eoes", "lts")


def _row(entry: object, source: str, checked_on: date) -> SupportEnd:
    if not isinstance(entry, dict):
        raise ValueError("is not {product, cycle, eol}")  # noqa: TRY004  all refusals are gathered as one kind
    product, cycle = _word(entry, "product"), _word(entry, "cycle")
    if product in _NO_PRODUCTS:
        raise ValueError(f"{product} is no product that anything is called by")
    eol = entry.get("eol")
    ends_on = _day(eol)
    if ends_on is None and not isinstance(eol, bool):
        raise ValueError(f"eol of {product} {cycle} is neither a day nor true or false")
    later = [day for name in _EXTENDED if (day := _day(entry.get(name))) and (ends_on is None or day > ends_on)]
    pattern, word = _pattern(product, cycle)
    return SupportEnd(
        product=product,
        release=cycle,
        pattern=pattern,
        word=word,
        ends_on=ends_on,
        extended_on=later[0] if later else None,
        has_ended=eol if isinstance(eol, bool) else None,
        source=source,
        checked_on=checked_on,
    )


def _word(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    text = comparable(value) if isinstance(value, str) else ""
    if not text or len(text) > _LONGEST_WORD:
        raise ValueError(f"{name} is not a short text")
    return text


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


_NAMES = {
    "esxi": ("esx", r"esxi?"),
    "vcenter": ("vcenter", r"vcenter(?: server)?"),
    "debian": ("debian", r"debian(?: gnu/linux)?"),
    "ubuntu": ("ubuntu", r"ubuntu(?: linux)?"),
    "rhel": ("red hat", r"red hat enterprise linux"),
    "centos": ("centos", r"centos(?: linux)?"),
    "oracle-linux": ("oracle linux", r"oracle linux"),
    "sles": ("suse linux", r"suse linux enterprise"),
    "fortios": ("fortios", r"fortios"),
    "routeros": ("routeros", r"routeros"),
    "ios-xe": ("ios", r"ios.xe"),
}
"""How products are called outside that file: a word in it, and a pattern. All others go by their name there."""
_ALIASES = {
    "vmware-esxi": "esxi",
    "vmware-vcenter": "vcenter",
    "mikrotik-routeros": "routeros",
    "cisco-ios-xe": "ios-xe",
}
_BETWEEN = r"(?:[ /,]+(?:release|version|software|server|stable|v))*[ /v]*"
"""What stands between a name and its release."""
_NO_PRODUCTS = frozenset({"linux"})
"""The kernel's releases say nothing about a distribution that has "linux" in its name."""
_WINDOWS_CYCLE = re.compile(r"(\d+(?:\.\d)?)(?:-(\d\dh\d|\d{4}))?((?:-(?:e|w|iot|lts|sp\d))*)")
_SPECIAL = r"(?:lts[cb]|iot)"


def _pattern(product: str, cycle: str) -> tuple[str, str]:
    """The pattern of a release, and a word that names of it contain."""
    if product == "windows" and (found := _WINDOWS_CYCLE.fullmatch(cycle)):
        return _windows(found[1], found[2], found[3].split("-")[1:]), "windows"
    if product == "windows-server":
        return _windows_server(cycle), "windows server"
    plain_name = product.replace("-", " ")
    word, name = _NAMES.get(_ALIASES.get(product, product), (plain_name, re.escape(plain_name)))
    return rf"\b{name}{_BETWEEN}{re.escape(cycle)}(?!\d)", word


def _windows(version: str, release: str | None, suffixes: list[str]) -> str:
    """Editions end on different days: `-w` is Home and Pro, `-e` Enterprise and Education; who does not say its
    edition is neither."""
    told = ""
    if "lts" in suffixes or "iot" in suffixes:
        told = rf"(?=.*\b{'iot' if 'iot' in suffixes else 'lts[cb]'}\b)"
    elif "w" in suffixes:
        told = rf"(?=.*\b(?:pro|home|professional)\b)(?!.*\b{_SPECIAL}\b)"
    elif "e" in suffixes:
        told = rf"(?=.*\b(?:enterprise|education)\b)(?!.*\b{_SPECIAL}\b)"
    else:
        told = rf"(?!.*\b{_SPECIAL}\b)"
    behind = rf"(?=.*\b{release}\b)" if release else ""
    return rf"\bwindows {re.escape(version)}(?![\w.]){told}{behind}"


def _windows_server(cycle: str) -> str:
    parts = [part for part in cycle.split("-") if part not in {"ac", "sac"} and not re.fullmatch(r"sp\d", part)]
    release = r"(?: version)? ".join(map(re.escape, parts))
    return rf"\bwindows server(?: version)? {release}\b" + ("" if "r2" in parts else r"(?! r2\b)")
