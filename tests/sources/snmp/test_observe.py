"""A whole look at devices in memory: what is seen, what is a gap, what is asked of whom."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from itops.assets.sightings import sighting_of
from itops.errors import SourceUnavailable
from itops.inventory.entities import Entity, Gap, Kind, Seen
from itops.names import Count
from itops.secrets import Secret
from itops.sources.addresses import Addresses
from itops.sources.snmp import SnmpSource
from itops.sources.snmp.client import Client, NoAnswer, Pair, Refused, Unreadable
from itops.sources.snmp.settings import Credentials
from itops.sources.snmp.sighting import Frame, sightings_of
from itops.verdict import State
from tests.sources.snmp import devices
from tests.sources.snmp.memory import MemoryClient, MemoryLibrary, settings

NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
There = Mapping[str, "Client | Exception"]


def source(there: There, *addresses: str, **changes: Any) -> tuple[SnmpSource, MemoryLibrary]:
    library = MemoryLibrary(there)
    return SnmpSource("net", settings(*addresses, **changes), lambda timing: library), library


def look(there: There, *addresses: str, **changes: Any) -> list[Seen]:
    (observation,) = source(there, *addresses, **changes)[0].observe(NOW)
    return list(observation.seen)


def entities(seen: list[Seen]) -> list[Entity]:
    return [thing for thing in seen if isinstance(thing, Entity)]


def gaps(seen: list[Seen]) -> list[Gap]:
    return [thing for thing in seen if isinstance(thing, Gap)]


def test_every_device_is_a_sighting_under_the_address_it_is_listed_by() -> None:
    there = {"10.1.0.5": MemoryClient(devices.APC), "10.1.0.31": MemoryClient(devices.LASER)}
    seen = look(there, "10.1.0.5", "10.1.0.31")
    assert not gaps(seen)
    assert {entity.key: sighting_of(entity).kind for entity in entities(seen)} == {
        "net/10.1.0.5": "ups",
        "net/10.1.0.31": "printer",
    }
    assert all(entity.kind is Kind.DEVICE and entity.seen_at == NOW for entity in entities(seen))


@pytest.mark.parametrize("name", sorted(devices.ALL.keys() - {"nothing"}))
def test_what_is_asked_is_enough_to_know_all_that_a_device_tells(name: str) -> None:
    """Whoever adds an OID to a reader and forgets to ask for it is told here."""
    frame = Frame(source="net", name="10.1.0.5", address="10.1.0.5", site=None, seen_at=NOW)
    seen = entities(look({"10.1.0.5": MemoryClient(devices.ALL[name])}))
    assert tuple(map(sighting_of, seen)) == sightings_of(devices.ALL[name], frame)


def test_a_stack_gives_an_entity_for_each_member() -> None:
    seen = entities(look({"10.1.0.5": MemoryClient(devices.STACK)}))
    assert [entity.key for entity in seen] == ["net/10.1.0.5", "net/10.1.0.5/2100000002"]
    assert len({entity.ref for entity in seen}) == 2


def test_unused_addresses_are_one_gap_and_a_listed_device_is_named() -> None:
    seen = look({"10.1.0.5": MemoryClient(devices.APC)}, "10.1.0.0/24", "10.1.1.7")
    told = {gap.code: gap for gap in gaps(seen)}
    assert set(told) == {"sweep.silent", "device.silent"}
    assert told["sweep.silent"].problem.startswith(
        "253 of 254 swept addresses did not answer SNMP: 10.1.0.1, 10.1.0.2,"
    )
    assert told["device.silent"].subject == "10.1.1.7"
    assert all(gap.hides == {Kind.DEVICE} for gap in told.values())


def test_an_address_of_a_swept_network_that_is_listed_too_is_expected() -> None:
    seen = look({"10.1.0.1": MemoryClient(devices.APC)}, "10.1.0.0/29", "10.1.0.3")
    assert [gap.subject for gap in gaps(seen)] == ["10.1.0.3", "4 addresses"]


def test_what_is_left_out_is_not_asked() -> None:
    there = {"10.1.0.1": MemoryClient(devices.APC)}
    chosen, library = source(there, "10.1.0.0/29", without=(Addresses("10.1.0.2-6"),))
    (observation,) = chosen.observe(NOW)
    assert len(list(observation.seen)) == 1
    assert [address for address, _ in library.opened] == ["10.1.0.1"]


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (NoAnswer(), "device.silent"),
        (Refused("authentication failed"), "device.refused"),
        (Unreadable(), "device.unreadable"),
    ],
)
def test_each_way_of_saying_nothing_has_its_own_gap_with_a_remedy(failure: Exception, code: str) -> None:
    seen = look({"10.1.0.5": failure, "10.1.0.6": MemoryClient(devices.APC)}, "10.1.0.5", "10.1.0.6")
    (gap,) = gaps(seen)
    assert (gap.code, gap.subject, gap.hides) == (code, "10.1.0.5", {Kind.DEVICE})
    assert gap.remedy


def test_a_refusal_is_named_in_a_swept_network_too() -> None:
    seen = look({"10.1.0.1": MemoryClient(devices.APC), "10.1.0.2": Refused("no such user")}, "10.1.0.0/30")
    assert [gap.code for gap in gaps(seen)] == ["device.refused"]


def test_when_nobody_answers_nothing_was_seen() -> None:
    (observation,) = source({}, "10.1.0.0/29")[0].observe(NOW)
    assert [gap.code for gap in [next(observation.seen)] if isinstance(gap, Gap)] == ["sweep.silent"]
    with pytest.raises(SourceUnavailable, match="none of the 6 addresses") as failure:
        next(observation.seen)
    assert failure.value.remedy


def test_the_second_credentials_are_tried_where_the_first_open_nothing() -> None:
    class Guarded(MemoryLibrary):
        async def open(self, address: str, credentials: Credentials) -> Client:
            self.opened.append((address, credentials))
            if not credentials.is_v3:
                raise NoAnswer
            return self.there["10.1.0.5"]  # type: ignore[return-value]

    library = Guarded({"10.1.0.5": MemoryClient(devices.APC)})
    other = Credentials(user="itops", auth_key=Secret("long enough"))
    chosen = SnmpSource("net", settings("10.1.0.5", otherwise=(other,)), lambda timing: library)
    (observation,) = chosen.observe(NOW)
    assert len(entities(list(observation.seen))) == 1
    assert [credentials.is_v3 for _, credentials in library.opened] == [False, True]


def test_a_refusal_says_more_than_a_silence_that_follows_it() -> None:
    class Two(MemoryLibrary):
        async def open(self, address: str, credentials: Credentials) -> Client:
            if address == "10.1.0.6":
                return MemoryClient(devices.APC)
            raise Refused("no such user") if credentials.is_v3 else NoAnswer

    chosen = settings(
        "10.1.0.5",
        "10.1.0.6",
        community=None,
        user="itops",
        auth_key=Secret("long enough"),
        otherwise=(Credentials(community=Secret("for-tests")),),
    )
    (observation,) = SnmpSource("net", chosen, lambda timing: Two({})).observe(NOW)
    assert [gap.code for gap in gaps(list(observation.seen))] == ["device.refused"]


def test_a_device_that_breaks_off_is_seen_in_part_and_clears_nothing() -> None:
    class Fading(MemoryClient):
        async def walk(self, root: str, repetitions: int) -> AsyncGenerator[Pair, None]:
            self.answers = {}
            raise NoAnswer
            yield  # what makes it a generator

        async def get(self, oids: Any) -> Any:
            if not self.answers:
                raise NoAnswer
            return await super().get(oids)

    seen = look({"10.1.0.5": Fading(devices.APC)})
    found = sighting_of(entities(seen)[0])
    assert (found.serial, found.is_partial) == ("AS0000111222", True)
    assert [(gap.code, gap.hides) for gap in gaps(seen)] == [("device.partly-read", frozenset())]


def test_a_device_that_takes_for_ever_is_left_in_time() -> None:
    class Slow(MemoryClient):
        async def walk(self, root: str, repetitions: int) -> AsyncGenerator[Pair, None]:
            await asyncio.sleep(3_600)
            yield root + ".1", b"x"

    seen = look(
        {"10.1.0.5": Slow(devices.APC)}, timeout=timedelta(milliseconds=10), device_timeout=timedelta(milliseconds=50)
    )
    assert [gap.code for gap in gaps(seen)] == ["device.partly-read"]
    assert sighting_of(entities(seen)[0]).is_partial


def test_the_default_community_is_noticed() -> None:
    (entity,) = entities(look({"10.1.0.5": MemoryClient(devices.APC)}, community=Secret("public")))
    assert sighting_of(entity).findings == ("snmp.default-community",)


def test_neighbours_are_not_asked_for_when_they_are_not_wanted() -> None:
    wanted, unwanted = MemoryClient(devices.ROUTER), MemoryClient(devices.ROUTER)
    look({"10.1.0.5": wanted})
    look({"10.1.0.5": unwanted}, arp=False)
    assert "1.3.6.1.2.1.4.22.1.2" in wanted.asked
    assert "1.3.6.1.2.1.4.22.1.2" not in unwanted.asked


def test_no_more_devices_are_asked_at_once_than_allowed_and_each_once() -> None:
    class Counting(MemoryLibrary):
        now = 0
        most = 0

        async def open(self, address: str, credentials: Credentials) -> Client:
            self.opened.append((address, credentials))
            type(self).now += 1
            type(self).most = max(self.most, self.now)
            await asyncio.sleep(0)
            type(self).now -= 1
            return MemoryClient(devices.BARE)

    library = Counting({})
    chosen = SnmpSource("net", settings("10.1.0.0/24", parallel=Count(7)), lambda timing: library)
    (observation,) = chosen.observe(NOW)
    assert len(list(observation.seen)) == 254
    assert library.most == 7
    assert len({address for address, _ in library.opened}) == len(library.opened) == 254


def test_a_look_that_is_closed_early_lets_go_of_everything() -> None:
    chosen, library = source({"10.1.0.5": MemoryClient(devices.APC)}, "10.1.0.5", "10.1.0.6")
    (observation,) = chosen.observe(NOW)
    next(observation.seen)
    observation.seen.close()  # type: ignore[attr-defined]
    assert library.is_closed


def test_a_bug_in_a_reader_is_not_a_silent_device() -> None:
    class Buggy(MemoryClient):
        async def get(self, oids: Any) -> Any:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        look({"10.1.0.5": Buggy({})})


def test_doctor_says_who_answers_and_who_refuses() -> None:
    there = {"10.1.0.1": MemoryClient(devices.APC), "10.1.0.2": Refused("no such user")}
    checks = list(source(there, "10.1.0.0/29", "10.1.1.7")[0].diagnose(NOW))
    assert [(check.code, check.state) for check in checks] == [
        ("snmp.library", State.OK),
        ("device.refused", State.WARNING),
        ("device.silent", State.WARNING),
        ("snmp.answered", State.OK),
    ]
    assert checks[-1].finding == "1 of 7 addresses answer SNMP"
    assert all(check.remedy for check in checks if check.state is not State.OK)


def test_doctor_finds_it_critical_when_nobody_answers() -> None:
    *_, last = source({}, "10.1.0.0/29")[0].diagnose(NOW)
    assert (last.code, last.state, bool(last.remedy)) == ("snmp.answered", State.CRITICAL, True)
