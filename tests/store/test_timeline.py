"""The pure heart of history: spans out of looks."""

from itops.inventory.entities import Kind
from itops.store.timeline import Covering, Look, Span, Thing, Timeline, Version, replayed
from tests.store.building import day

A, B = Thing("vm", "a"), Thing("vm", "b")
H1 = Thing("host", "h1")


def version(word: str, host: str | None = None) -> Version:
    return Version(word.encode(), "vm-1", "a", host)


def look(number: int, scan_id: int, seen: dict[Thing, Version] | None = None, hides: tuple[str, ...] = ()) -> Look:
    return Look(at=day(number), scan_id=scan_id, hides=frozenset(hides), seen=seen)


def covering(number: int, scan_id: int, hosts: tuple[str, ...]) -> Covering:
    return Covering(
        at=day(number), scan_id=scan_id, source="vc", hosts=frozenset(hosts), hides=frozenset(), seen=frozenset()
    )


def test_a_look_in_the_middle_is_told_apart_from_the_ones_around_it() -> None:
    old = [Span(A, version("x"), day(0), None, None, 7)]
    timeline = replayed(old, (), [look(0, 1), look(9, 2), look(5, 3, {})])
    assert sorted(timeline.spans()) == [
        Span(A, version("x"), day(0), day(5), 3),
        Span(A, version("x"), day(9), None, None),
    ]
    assert timeline.tallies[3].ended == 1


def test_a_look_that_missed_a_thing_does_not_see_it_when_it_is_replayed() -> None:
    old = [Span(A, version("x"), day(0), None, None, 7)]
    timeline = replayed(old, {(2, A)}, [look(0, 1), look(4, 2, hides=("vm",)), look(2, 3, {})])
    assert list(timeline.spans()) == [Span(A, version("x"), day(0), day(2), 3)]
    assert timeline.missed == set()


def test_what_was_superseded_begins_anew_when_its_own_source_sees_it_again() -> None:
    seen = {A: version("x", "h1"), H1: version("h")}
    timeline = replayed([], (), [look(0, 1, seen), covering(3, 2, ("h1",)), look(6, 3, seen)])
    rows = sorted(span[2:5] for span in timeline.spans() if span.thing == A)
    assert rows == [(day(0), day(3), 2), (day(6), None, None)]


def test_a_look_at_the_same_moment_wins_over_a_deduction() -> None:
    seen = {A: version("x", "h1"), H1: version("h")}
    timeline = replayed([], (), [look(0, 1, seen), look(3, 2, seen), covering(3, 9, ("h1",))])
    assert {span.thing.kind for span in timeline.open.values()} == {Kind.VM, Kind.HOST}
    assert timeline.ended_by(9) == 0


def test_appending_keeps_the_rows_of_what_did_not_change() -> None:
    known = Span(A, version("x"), day(0), None, None, 7)
    timeline = Timeline(open={A: known, B: Span(B, version("y"), day(0), None, None, 8)})
    timeline.look(look(1, 2), {A: version("x"), B: version("z")})
    assert timeline.open[A] is known
    assert timeline.closed == [Span(B, version("y"), day(0), day(1), None, 8)]


def test_a_thing_that_does_not_tell_its_identity_this_time_does_not_end_the_row_it_had() -> None:
    timeline = Timeline(open={A: Span(A, version("x"), day(0), None, None, 7)})
    unnamed = Thing("vm", "vc01:vm-1")  # the same ref as A
    timeline.look(look(1, 2), {unnamed: version("y")})
    assert set(timeline.open) == {A, unnamed}
    assert timeline.missed == {(2, A)}
    timeline.look(look(2, 3), {})
    assert not timeline.open


def test_a_thing_with_another_identity_under_the_same_ref_ends_the_row_it_had() -> None:
    timeline = Timeline(open={A: Span(A, version("x"), day(0), None, None, 7)})
    timeline.look(look(1, 2), {B: version("y")})
    assert set(timeline.open) == {B}
