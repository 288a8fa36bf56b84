"""Asking one device within bounds: devices that never end, run in circles, choke, or fall silent."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.sources.snmp.client import Client, NoAnswer, Pair, Unreadable, Value
from itops.sources.snmp.conversation import BrokeOff, Conversation, Trouble
from tests.sources.snmp.memory import MemoryClient, parts

ROOT = "1.3.6.1.2.1.2.2.1.2"
ROWS = 50


def asked(client: Client, *roots: str) -> Conversation:
    talk = Conversation(client=client, table_rows=ROWS)

    async def ask() -> None:
        for root in roots or (ROOT,):
            await talk.table(root)

    asyncio.run(ask())
    return talk


class Endless(MemoryClient):
    async def walk(self, root: str, repetitions: int) -> AsyncGenerator[Pair, None]:
        for number in count(1):
            yield f"{root}.{number}", b"x"


class Circling(MemoryClient):
    async def walk(self, root: str, repetitions: int) -> AsyncGenerator[Pair, None]:
        for number in (1, 2, 3, 2, 3, 2):
            yield f"{root}.{number}", number


class Stubborn(MemoryClient):
    """Chokes on more than `most` rows or OIDs at once."""

    most = 5
    failure: type[Exception] = Unreadable

    async def get(self, oids: Sequence[str]) -> dict[str, Value]:
        if len(oids) > self.most:
            raise self.failure
        return await super().get(oids)

    async def walk(self, root: str, repetitions: int) -> AsyncGenerator[Pair, None]:
        if repetitions > self.most:
            raise self.failure
        async for pair in super().walk(root, repetitions):
            yield pair


class Shy(Stubborn):
    most = 1
    failure = NoAnswer


class Dead(MemoryClient):
    async def get(self, oids: Sequence[str]) -> dict[str, Value]:
        raise NoAnswer

    async def walk(self, root: str, repetitions: int) -> AsyncGenerator[Pair, None]:
        yield f"{root}.1", b"the last it said"
        raise NoAnswer


class Fat(MemoryClient):
    async def walk(self, root: str, repetitions: int) -> AsyncGenerator[Pair, None]:
        for number in count(1):
            yield f"{root}.{number}", b"x" * 1_000_000


FIVE = {f"{ROOT}.{number}": b"x" for number in range(1, 6)}


def test_a_table_is_read_to_its_end_and_no_further() -> None:
    talk = asked(MemoryClient({**FIVE, "1.3.6.1.2.1.2.2.1.3.1": 6}))
    assert talk.answers == FIVE
    assert not talk.troubles


def test_a_table_that_never_ends_is_cut_and_told() -> None:
    talk = asked(Endless({}))
    assert len(talk.answers) == ROWS
    assert talk.troubles == {Trouble.TOO_MUCH: [ROOT]}


def test_a_table_that_runs_in_circles_is_left_with_what_came_before() -> None:
    talk = asked(Circling({}))
    assert list(talk.answers.values()) == [1, 2, 3]
    assert talk.troubles == {Trouble.UNENDING: [ROOT]}


def test_a_device_does_not_fill_the_memory() -> None:
    talk = asked(Fat({}), ROOT, "1.3.6.1.2.1.2.2.1.3", "1.3.6.1.2.1.2.2.1.6")
    assert sum(len(value) for value in talk.answers.values() if isinstance(value, bytes)) < 5_000_000
    assert len(talk.troubles[Trouble.TOO_MUCH]) == 3


@pytest.mark.parametrize("device", [Stubborn, Shy])
def test_a_device_that_chokes_on_much_is_asked_for_less(device: type[Stubborn]) -> None:
    talk = asked(device(FIVE))
    assert talk.answers == FIVE
    assert not talk.troubles
    single = Conversation(client=device(FIVE), table_rows=ROWS)
    asyncio.run(single.get([f"{ROOT}.1"]))
    asyncio.run(single.get([*FIVE, f"{ROOT}.6"]))
    assert single.answers == FIVE


def test_a_device_that_falls_silent_breaks_the_talk_off_and_keeps_what_it_said() -> None:
    talk = Conversation(client=Dead({}), table_rows=ROWS)
    with pytest.raises(BrokeOff):
        asyncio.run(talk.table(ROOT))
    assert talk.answers == {f"{ROOT}.1": b"the last it said"}
    with pytest.raises(BrokeOff):
        asyncio.run(talk.get([ROOT + ".1"]))


def test_one_unreadable_value_does_not_hide_the_others() -> None:
    class Odd(MemoryClient):
        async def get(self, oids: Sequence[str]) -> dict[str, Value]:
            if f"{ROOT}.3" in oids:
                raise Unreadable
            return await super().get(oids)

    talk = Conversation(client=Odd(FIVE), table_rows=ROWS)
    asyncio.run(talk.get(list(FIVE)))
    assert talk.answers.keys() == FIVE.keys() - {f"{ROOT}.3"}
    assert talk.troubles == {Trouble.UNREADABLE: [f"{ROOT}.3"]}


@given(st.lists(st.tuples(st.lists(st.integers(0, 300), min_size=1, max_size=4), st.binary(max_size=40)), max_size=80))
def test_whatever_a_device_walks_through_what_is_kept_rises_and_is_bounded(
    steps: list[tuple[list[int], bytes]],
) -> None:
    class Random(MemoryClient):
        async def walk(self, root: str, repetitions: int) -> AsyncGenerator[Pair, None]:
            for index, value in steps:
                yield f"{root}." + ".".join(map(str, index)), value

    kept = list(asked(Random({})).answers)
    assert len(kept) <= ROWS
    assert [parts(oid) for oid in kept] == sorted({parts(oid) for oid in kept})


def test_an_address_where_nobody_is_costs_one_question() -> None:
    class Nobody(MemoryClient):
        async def get(self, oids: Sequence[str]) -> dict[str, Value]:
            self.asked.append("once")
            raise NoAnswer

    nobody = Nobody({})
    with pytest.raises(BrokeOff):
        asyncio.run(Conversation(client=nobody, table_rows=ROWS).get(list(FIVE)))
    assert nobody.asked == ["once"]


def test_one_value_that_a_device_fails_to_give_does_not_cost_the_others() -> None:
    class Failing(MemoryClient):
        """Answers a question that holds the bad OID with an error, which some libraries show as nothing at all."""

        async def get(self, oids: Sequence[str]) -> dict[str, Value]:
            return {} if f"{ROOT}.3" in oids else await super().get(oids)

    for known in ({}, {"1.3.6.1.2.1.1.3.0": 1}):
        talk = Conversation(client=Failing({**FIVE, **known}), table_rows=ROWS, answers=dict(known))
        asyncio.run(talk.get(list(FIVE)))
        assert talk.answers.keys() - known.keys() == FIVE.keys() - {f"{ROOT}.3"}


def test_values_that_are_not_there_are_not_asked_for_again() -> None:
    device = MemoryClient({"1.3.6.1.2.1.1.3.0": 1})
    talk = Conversation(client=device, table_rows=ROWS, answers={"1.3.6.1.2.1.1.3.0": 1})
    asyncio.run(talk.get(list(FIVE)))
    assert device.asked == [*FIVE, "1.3.6.1.2.1.1.3.0"]
