"""Many devices asked at once: what each says, and what becomes of those that say nothing."""

import threading

import pytest

from itops.assets.sightings import Sighting, Via
from itops.errors import ConfigInvalid, SourceUnavailable
from itops.inventory.entities import Entity, EntityKey, Gap
from itops.sources.asking import HIDES, Answer, ask_all
from itops.sources.refusals import Refused
from tests.contracts.source_contract import NOW


def sighting(address: str) -> Sighting:
    return Sighting(source="s", key=EntityKey(f"s/{address}"), seen_at=NOW, via=Via.SSH, address=address)


def test_each_address_gives_what_it_says_or_the_gap_of_its_failure():
    def ask(address: str) -> Answer:
        if address == "b":
            raise Refused("b refuses", remedy="another password")
        if address == "c":
            raise SourceUnavailable("the program is gone", remedy="install it")
        return Answer(sightings=[sighting(address)])

    told = {(thing.ref if isinstance(thing, Entity) else thing.subject): thing for thing in ask_all("s", "abc", ask, 2)}
    assert isinstance(told["a"], Entity)
    gaps = [told["b"], told["c"]]
    assert [(gap.code, gap.hides) for gap in gaps if isinstance(gap, Gap)] == [
        ("device.refused", HIDES),
        ("device.unreadable", HIDES),  # nobody was silent
    ]


def test_a_mistake_in_the_settings_is_no_gap_of_every_device():
    def ask(address: str) -> Answer:
        raise ConfigInvalid("the secret file is not there", remedy="create it")

    with pytest.raises(ConfigInvalid):
        list(ask_all("s", [str(number) for number in range(50)], ask, 4))


def test_whatever_is_no_error_of_ours_is_a_bug_and_shows():
    def ask(address: str) -> Answer:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(ask_all("s", ["a"], ask, 4))


def test_whoever_stops_reading_begins_no_further_address():
    asked = []
    is_read = threading.Event()

    def ask(address: str) -> Answer:
        asked.append(address)
        if address != "0":
            is_read.wait(30)
        return Answer(sightings=[sighting(address)])

    things = ask_all("s", [str(number) for number in range(100)], ask, 2)
    next(iter(things))
    is_read.set()
    things.close()  # type: ignore[attr-defined]
    assert len(asked) < 100


def test_no_address_is_no_work():
    assert list(ask_all("s", [], lambda address: Answer(), 8)) == []
