"""A sweep: touch, read the neighbour table, wait for what the kernel is not sure of, knock where nothing was heard."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from itops.errors import SourceUnavailable
from itops.sources.macs import crowded
from itops.sources.sweep.neighbours import Neighbour, ReadTable, Standing, Table
from itops.sources.sweep.touching import Touch

SETTLE_SECONDS = 9.0
"""How long the kernel takes to ask an old neighbour again: 5 s before it begins, then three times a second."""
_LOOK_SECONDS = 0.5
SUSPICIOUSLY_ALL = 64
"""When so many silent addresses accept a connection, and not one does not, a firewall accepts for them."""


NOBODY = Neighbour(mac=None, standing=Standing.SILENT)


class Knock(Protocol):
    """Opens TCP ports, as `knocking.knock` does."""

    def __call__(self, addresses: Sequence[str], ports: Sequence[int], *, seconds: float, parallel: int) -> set[str]:
        """The addresses that are there."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep found: each asked address stands in exactly one of these."""

    answering: Mapping[str, str | None] = field(default_factory=dict)  # with its MAC, where ARP gave one
    silent: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()  # silent, and not in a network of this machine: no ARP reaches them
    answered_for: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by whom (a MAC, or "") -> addresses
    unsent: Mapping[str, str] = field(default_factory=dict)  # nothing could be sent: the reason
    no_table: SourceUnavailable | None = None  # the neighbour table could not be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweeper:
    """How to sweep; every contact with the world is a parameter."""

    touch: Touch
    read_table: ReadTable
    knock: Knock
    ports: tuple[int, ...] = ()
    parallel: int = 256
    timeout_seconds: float = 1.0
    pause: Callable[[float], None] = time.sleep

    def sweep(self, addresses: Sequence[str]) -> Swept:
        """Ask them all."""
        seen = _Seen(asked=frozenset(addresses))
        self._look(seen, is_before=True)
        for batch in _batches(addresses, self.parallel):
            self._touched(batch, seen)
        self._settle(seen)
        silent = [address for address in addresses if not seen.is_answering(address)]
        knocked = self._knocked(silent)
        is_one_for_all = len(silent) >= SUSPICIOUSLY_ALL and len(knocked) == len(silent)
        if not is_one_for_all:
            seen.proven |= knocked
        return seen.result(addresses, accepted_for=knocked if is_one_for_all else ())

    def _knocked(self, silent: Sequence[str]) -> set[str]:
        if not self.ports or not silent:
            return set()
        return self.knock(silent, self.ports, seconds=self.timeout_seconds, parallel=self.parallel)

    def _touched(self, batch: Sequence[str], seen: "_Seen") -> None:
        heard, unsent = self.touch.touch(batch, self.timeout_seconds)
        seen.proven |= heard
        seen.unsent.update(unsent)
        self._look(seen)

    def _look(self, seen: "_Seen", *, is_before: bool = False) -> None:
        """Read the table: before everything, and after every round, for a full table forgets."""
        if seen.no_table is None:
            try:
                seen.learn(self.read_table(), is_before=is_before)
            except SourceUnavailable as failure:
                seen.no_table = failure

    def _settle(self, seen: "_Seen") -> None:
        """Wait until the kernel has asked those again that answered long ago; touch once more who then was silent."""
        doubtful = seen.unsure()
        for _ in range(round(SETTLE_SECONDS / _LOOK_SECONDS)):
            if not seen.unsure():
                break
            self.pause(_LOOK_SECONDS)
            self._look(seen)
        if not seen.tells_age:
            seen.proven |= seen.unsure()  # complete still, after the kernel has had its time
        gone = [address for address in sorted(doubtful) if not seen.is_answering(address)]
        for batch in _batches(gone, self.parallel):  # another device may have the address now
            self._touched(batch, seen)


@dataclass(slots=True)
class _Seen:
    """What is known so far."""

    asked: frozenset[str]
    proven: set[str] = field(default_factory=set)  # by a refusal, an answer or a connection
    unsent: dict[str, str] = field(default_factory=dict)
    neighbours: dict[str, Neighbour] = field(default_factory=dict)
    tells_age: bool = True
    no_table: SourceUnavailable | None = None

    def learn(self, table: Table, *, is_before: bool) -> None:
        """Take over what the table says of the addresses that are asked."""
        self.tells_age = table.tells_age
        for address in self.asked & (self.neighbours.keys() | table.neighbours.keys()):
            known = self.neighbours.get(address, NOBODY)
            told = table.neighbours.get(address, NOBODY)  # forgotten meanwhile
            if is_before and told.standing is Standing.ANSWERS:
                told = replace(told, standing=Standing.UNSURE)
            if not (is_before or table.tells_age) and known.standing is Standing.SILENT < told.standing:
                told = replace(told, standing=Standing.ANSWERS)  # it was not there before the touch
            if known.standing is not Standing.ANSWERS or told.standing is Standing.ANSWERS:
                self.neighbours[address] = told  # an answer stays one, even when the kernel thinks it old by now

    def unsure(self) -> set[str]:
        """Addresses that answered once, and nothing newer is known."""
        unsure = {address for address, known in self.neighbours.items() if known.standing is Standing.UNSURE}
        return unsure - self.proven

    def is_answering(self, address: str) -> bool:
        """Does it answer?"""
        known = self.neighbours.get(address)
        return address in self.proven or (known is not None and known.standing is Standing.ANSWERS)

    def mac(self, address: str) -> str | None:
        """Its MAC, as ARP has it."""
        known = self.neighbours.get(address)
        return known.mac if known and known.standing is not Standing.SILENT else None

    def result(self, addresses: Sequence[str], accepted_for: Collection[str]) -> Swept:
        """Each address in its place."""
        shared = crowded(mac for address in addresses if (mac := self.mac(address)))
        answering: dict[str, str | None] = {}
        answered_for: dict[str, list[str]] = {}
        unsent: dict[str, str] = {}
        silent: list[str] = []
        elsewhere: list[str] = []
        for address in addresses:
            mac = self.mac(address)
            if address in self.proven or (self.is_answering(address) and mac not in shared):
                answering[address] = None if mac in shared else mac
            elif self.is_answering(address):
                answered_for.setdefault(mac or "", []).append(address)
            elif address in accepted_for:
                answered_for.setdefault("", []).append(address)
            elif address in self.unsent:
                unsent[address] = self.unsent[address]
            else:
                (silent if address in self.neighbours or self.no_table else elsewhere).append(address)
        return Swept(
            answering=answering,
            silent=tuple(silent),
            elsewhere=tuple(elsewhere),
            answered_for={who: tuple(whose) for who, whose in answered_for.items()},
            unsent=unsent,
            no_table=self.no_table,
        )


def _batches(addresses: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for begin in range(0, len(addresses), size):
        yield addresses[begin : begin + size]
