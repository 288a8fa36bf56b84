"""A moment that lies behind us, read today, is what was read at that moment."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from itops.inventory.entities import Entity, EntityKey, Kind
from itops.tasks.report.servers_then import Then
from tests.contracts.memory_reader import MemoryReader
from tests.inventory.sightings import DAY1, HOST1, HOST2, vm

HOUR = timedelta(hours=1)
MOMENT = DAY1 + 10 * HOUR
SOURCES = ("vc01", "esx01")

THINGS = st.builds(
    lambda key, cpus, host: vm(key, f"server {key}", cpus=cpus, host=host, runtime__bootTime="2026-01-01T00:00:00Z"),
    st.sampled_from("abc"),
    st.integers(1, 2),
    st.sampled_from([HOST1, HOST2]),
)
LOOKS = st.tuples(st.sampled_from(SOURCES), st.sampled_from(["whole", "failed"]), st.lists(THINGS, max_size=3))


def look(reader: MemoryReader, told: tuple[str, str, list[Entity]], hour: int) -> None:
    source, how, things = told
    if how == "failed":
        reader.fail(source, DAY1 + hour * HOUR, "no answer", "look")
    else:
        reader.scan(source, DAY1 + hour * HOUR, things)


def unseen(things: Iterable[Entity]) -> list[str]:
    """The twin of the store remembers only the last look at a thing; the store reads the look of then off its scans."""
    return sorted(repr(replace(one, seen_at=DAY1)) for one in things)


def asked(reader: Any) -> dict[str, object]:
    """Everything that can be asked of a history."""
    period = DAY1 - HOUR, MOMENT + HOUR, [Kind.VM]
    questions: dict[str, Callable[[], object]] = {
        "entities": lambda: unseen(reader.entities(Kind.VM)),
        "find": lambda: unseen(reader.find("SERVER A")),
        "history": lambda: sorted(map(repr, reader.history(Kind.VM, EntityKey("a")))),
        "touched": lambda: [sorted(map(repr, group)) for group in reader.touched(*period)],
        "scans": lambda: [scan.id for scan in reader.scans()],
        "last": reader.last_scans,
        "gaps": reader.gaps,
        "answers": reader.answers,
    }
    return {name: ask() for name, ask in questions.items()}


@profile(max_examples=150)
@given(before=st.lists(LOOKS, max_size=8), after=st.lists(LOOKS, max_size=4))
def test_later_looks_change_nothing_of_what_is_told_of_a_moment(before, after):
    reader = MemoryReader()
    for hour, told in enumerate(before):
        look(reader, told, hour)
    then = asked(Then(reader, MOMENT))
    for hour, told in enumerate(after, start=11):
        look(reader, told, hour)
    assert asked(Then(reader, MOMENT)) == then


@given(before=st.lists(LOOKS, min_size=1, max_size=8))
def test_what_is_told_of_the_newest_moment_is_what_the_history_tells(before):
    reader = MemoryReader()
    for hour, told in enumerate(before):
        look(reader, told, hour)
    then = Then(reader, MOMENT)
    assert [entity.key for entity in then.entities(Kind.VM)] == [one.key for one in reader.entities(Kind.VM)]
    assert (then.scans(), then.last_scans(), then.gaps()) == (reader.scans(), reader.last_scans(), reader.gaps())
    spans = [(one.valid_from, one.valid_to, one.ended_by) for one in then.history(Kind.VM, EntityKey("a"))]
    assert spans == [(one.valid_from, one.valid_to, one.ended_by) for one in reader.history(Kind.VM, EntityKey("a"))]


def test_what_only_moves_is_not_told_of_the_past():
    reader = MemoryReader()
    reader.scan("vc01", DAY1, [vm("a", runtime__bootTime="2026-01-01T00:00:00Z")])
    (told,) = Then(reader, MOMENT).history(Kind.VM, EntityKey("a"))
    assert told.entity.get("runtime.bootTime") is None
    assert told.entity.get("runtime.powerState") == "poweredOn"


def test_a_thing_that_went_later_was_there():
    reader = MemoryReader()
    reader.scan("vc01", DAY1, [vm("a")])
    reader.scan("vc01", MOMENT + HOUR, [])
    then = Then(reader, MOMENT)
    assert [one.key for one in then.entities(Kind.VM)] == ["a"]
    assert [one.key for one in then.find("a")] == ["a"]
    assert [(one.valid_to, one.ended_by) for one in then.history(Kind.VM, EntityKey("a"))] == [(None, None)]


def test_a_view_was_last_seen_by_the_last_look_before_it_ended():
    reader = MemoryReader()
    for hour in range(3):
        reader.scan("vc01", DAY1 + hour * HOUR, [vm("a")])
    for hour in range(3, 6):
        reader.scan("vc01", DAY1 + hour * HOUR, [vm("a", cpus=4)])
    seen = [one.entity.seen_at for one in Then(reader, DAY1 + 4 * HOUR).history(Kind.VM, EntityKey("a"))]
    assert seen == [DAY1 + 2 * HOUR, DAY1 + 4 * HOUR]
