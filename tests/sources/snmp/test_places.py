"""How many devices are asked at once, by one source and by all of them together."""

import asyncio
from collections.abc import Sequence
from threading import Thread

import pytest

from itops.names import Count
from itops.sources.snmp.client import Client, NoAnswer, Value
from itops.sources.snmp.places import Places
from itops.sources.snmp.settings import Credentials
from itops.sources.snmp.sweep import Seen, sweep
from tests.sources.snmp.devices import APC
from tests.sources.snmp.memory import MemoryClient, MemoryLibrary, settings

NAMES = [f"10.1.0.{last}" for last in range(1, 101)]


class Counting(MemoryLibrary):
    """Counts how many addresses are being asked at one moment."""

    def __init__(self) -> None:
        super().__init__({})
        self.now = self.most = 0

    async def open(self, address: str, credentials: Credentials) -> Client:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        self.now -= 1
        raise NoAnswer


@pytest.mark.parametrize(("parallel", "room", "most"), [(8, 100, 8), (64, 5, 5)])
def test_no_more_are_asked_at_once_than_may_be(parallel: int, room: int, most: int) -> None:
    library, places = Counting(), Places(room)
    outcomes = list(sweep(settings(parallel=Count(parallel)), NAMES, lambda timing: library, places=places))
    assert len(outcomes) == len(NAMES)
    assert library.most == most
    assert places.take(1000) == room  # all were given back


class Waiting(MemoryClient):
    """Answers when it is allowed to."""

    async def get(self, oids: Sequence[str]) -> dict[str, Value]:
        await asyncio.sleep(3600)
        return {}


def test_a_sweep_that_is_given_up_gives_its_places_back() -> None:
    places = Places(10)
    there = {"10.1.0.1": MemoryClient(APC), **{name: Waiting({}) for name in NAMES[1:]}}
    outcomes = sweep(settings(), NAMES, lambda timing: MemoryLibrary(there), places=places)
    assert isinstance(next(outcomes), Seen)
    outcomes.close()
    assert places.take(1000) == 10


def test_two_sweeps_share_the_places_and_both_come_to_an_end() -> None:
    places = Places(3)
    found: list[int] = []

    def look() -> None:
        outcomes = sweep(settings(), NAMES, lambda timing: Counting(), places=places)
        found.append(len(list(outcomes)))

    threads = [Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [len(NAMES)] * 4
    assert places.take(1000) == 3
