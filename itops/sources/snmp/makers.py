"""The makers' own OIDs: `oids.toml` beside this file, read once."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

PRIVATE = "1.3.6.1.4.1."
_FILE = Path(__file__).with_name("oids.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number: times `factor` it is in our unit."""

    oid: str
    factor: float = 1.0
    none: tuple[int, ...] = ()  # how the device says that it does not know


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A number that stands for a word."""

    oid: str
    words: Mapping[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsOids:
    """What a maker's UPSes say beyond UPS-MIB; runtime in seconds, charge and load in percent."""

    replaced_on: str | None = None
    due_on: str | None = None
    runtime: Measure | None = None
    charge: Measure | None = None
    temperature: Measure | None = None
    load: Measure | None = None
    needs_new: Words | None = None
    battery_state: Words | None = None
    on_battery: Words | None = None
    last_test: Words | None = None

    def oids(self) -> Iterator[str]:
        """All of them."""
        for name in self.__slots__:
            held = getattr(self, name)
            if held is not None:
                yield held if isinstance(held, str) else held.oid


_NO_UPS = UpsOids()


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """One row of the table."""

    vendor: str
    match: tuple[str, ...]  # beginnings of sysObjectID
    kind: str | None = None
    serial: tuple[str, ...] = ()
    model: tuple[str, ...] = ()
    is_model_joined: bool = False  # the model is all of its OIDs together, not the first that says something
    firmware: tuple[str, ...] = ()
    os: tuple[str, ...] = ()
    os_version: tuple[str, ...] = ()
    ieee1284: str | None = None
    patterns: tuple[re.Pattern[str], ...] = ()
    entity: bool = True
    is_hypervisor: bool = False
    bmc: tuple[str, ...] = ()  # sysObjectIDs of management controllers: what answers there is not the server itself
    ups: UpsOids = _NO_UPS

    def oids(self) -> tuple[str, ...]:
        """Everything to be asked."""
        own = (*self.serial, *self.model, *self.firmware, *self.os, *self.os_version)
        return (*own, *((self.ieee1284,) if self.ieee1284 else ()), *self.ups.oids())

    def length_of_match(self, object_id: str) -> int:
        """How much of sysObjectID this row names; 0 for none."""
        return max((len(begin) for begin in self.match if f"{object_id}.".startswith(f"{begin}.")), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The whole file."""

    makers: tuple[Maker, ...]
    names: Mapping[str, str]  # enterprise number -> vendor
    media: Mapping[str, tuple[re.Pattern[str], ...]] = field(default_factory=dict)

    def named(self, object_id: str) -> Maker | None:
        """The row that a sysObjectID names: the one with the longest match."""
        best = max(self.makers, key=lambda maker: maker.length_of_match(object_id))
        return best if best.length_of_match(object_id) else None

    def to_ask(self, object_id: str) -> tuple[Maker, ...]:
        """The rows to ask a device for; all where its sysObjectID names no maker, as agents on Linux cards do."""
        named = self.named(object_id)
        if named is not None:
            return (named,)
        return () if self.vendor(object_id) else self.makers

    def vendor(self, object_id: str) -> str | None:
        """A maker of whom only the name is known."""
        if not object_id.startswith(PRIVATE):
            return None
        return self.names.get(object_id.removeprefix(PRIVATE).split(".", 1)[0])


@cache
def table() -> Table:
    """The table as it stands in the file."""
    with _FILE.open("rb") as file:
        read = tomllib.load(file)
    media = {name: tuple(re.compile(each, re.IGNORECASE) for each in held) for name, held in read["interfaces"].items()}
    return Table(makers=tuple(map(_maker, read["maker"])), names=read["names"], media=media)


def _maker(row: dict[str, Any]) -> Maker:
    lists: dict[str, Any] = {name: tuple(PRIVATE + oid for oid in row.pop(name, ())) for name in _LISTS}
    if "ieee1284" in row:
        row["ieee1284"] = PRIVATE + row["ieee1284"]
    patterns = tuple(re.compile(each) for each in row.pop("patterns", ()))
    ups: dict[str, Any] = {name: _ups(held) for name, held in row.pop("ups", {}).items()}
    return Maker(**row, **lists, patterns=patterns, ups=UpsOids(**ups))


_LISTS = ("match", "serial", "model", "firmware", "os", "os_version", "bmc")


def _ups(held: Any) -> str | Measure | Words:
    if isinstance(held, str):
        return PRIVATE + held
    oid = PRIVATE + held["oid"]
    if "words" in held:
        return Words(oid=oid, words={int(number): word for number, word in held["words"].items()})
    return Measure(oid=oid, factor=held.get("factor", 1.0), none=tuple(held.get("none", ())))
