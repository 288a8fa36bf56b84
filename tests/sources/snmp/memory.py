"""Devices in memory, asked through the same interface as real ones."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from itops.names import Count
from itops.secrets import Secret
from itops.sources.addresses import Addresses
from itops.sources.snmp import SnmpSettings
from itops.sources.snmp.client import Client, NoAnswer, Pair, Value
from itops.sources.snmp.settings import Credentials


@dataclass(slots=True)
class MemoryClient:
    """A well-behaved device; the hostile ones inherit it."""

    answers: Mapping[str, Value]
    asked: list[str] = field(default_factory=list)

    async def get(self, oids: Sequence[str]) -> dict[str, Value]:
        self.asked += oids
        return {oid: self.answers[oid] for oid in oids if oid in self.answers}

    async def walk(self, root: str, repetitions: int) -> AsyncGenerator[Pair, None]:
        self.asked.append(root)
        for oid in sorted(self.answers, key=parts):
            if oid.startswith(root + "."):
                yield oid, self.answers[oid]


@dataclass(slots=True)
class MemoryLibrary:
    """Address -> the client there, or the failure that opening it meets. Whoever is not in it is silent."""

    there: Mapping[str, Client | Exception]
    opened: list[tuple[str, Credentials]] = field(default_factory=list)
    is_closed: bool = False

    async def open(self, address: str, credentials: Credentials) -> Client:
        self.opened.append((address, credentials))
        found = self.there.get(address, NoAnswer())
        if isinstance(found, Exception):
            raise found
        return found

    def close(self) -> None:
        self.is_closed = True


def parts(oid: str) -> tuple[int, ...]:
    return tuple(map(int, oid.split(".")))


def settings(*addresses: str, **changes: Any) -> SnmpSettings:
    chosen: dict[str, Any] = {
        "addresses": tuple(map(Addresses, addresses or ("10.1.0.5",))),
        "community": Secret("for-tests"),
        "parallel": Count(8),
        "device_timeout": timedelta(seconds=30),
    }
    return SnmpSettings(**{**chosen, **changes})
