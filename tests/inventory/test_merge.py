from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from itops.inventory.entities import Entity, Kind
from itops.inventory.merge import merged
from tests.inventory.sightings import DAY1, HOST1, HOST2, entity, host, vm


def test_a_lone_host_and_its_vcenter_show_one_vm_and_the_vcenter_is_believed() -> None:
    lone = replace(vm("a", source="esx01", ref="7"), seen_at=DAY1 + timedelta(days=1))
    through_vcenter = vm("a", at__server_uuid="srv", at__cluster="Production")
    [thing] = merged([lone, through_vcenter])
    assert thing.entity is through_vcenter
    assert thing.sources == ("vc01", "esx01")
    assert not thing.is_copy


def test_what_a_vcenter_says_of_a_host_that_it_lost_is_not_believed_where_the_host_itself_answers() -> None:
    lost = vm("a", at__server_uuid="srv", runtime__connectionState="disconnected", runtime__powerState="poweredOn")
    answers = vm("a", source="esx01", runtime__connectionState="connected", runtime__powerState="poweredOff")
    [thing] = merged([lost, answers])
    assert thing.entity is answers


def test_the_same_identity_on_two_hosts_is_a_vm_and_its_copy() -> None:
    things = merged([vm("a", source="esx01"), vm("a", source="esx02", host=HOST2)])
    assert [(thing.sources, thing.is_copy) for thing in things] == [(("esx01",), True), (("esx02",), True)]


def test_of_two_equal_views_the_newest_is_shown() -> None:
    old, new = vm("a", source="one"), replace(vm("a", source="another"), seen_at=DAY1 + timedelta(hours=1))
    assert merged([old, new])[0].entity is new


def test_a_view_that_knows_only_the_name_of_the_host_joins_the_one_that_knows_its_uuid() -> None:
    by_name = vm("a", source="export", host=None, at__host="ESX01.example.ir")
    [thing] = merged([by_name, vm("a", at__cluster="Production")])
    assert thing.sources == ("vc01", "export")


def test_a_view_without_any_host_is_no_proof_of_a_copy() -> None:
    assert len(merged([vm("a", source="one"), vm("a", source="two", host=None)])) == 1


def test_a_host_seen_directly_and_through_vcenter_is_one_host() -> None:
    [thing] = merged([host(source="esx01", name="localhost"), host(at__cluster="Production")])
    assert thing.entity.source == "vc01"


def test_things_of_different_kinds_never_merge() -> None:
    assert len(merged([entity(Kind.NETWORK, "k", "n"), entity(Kind.CLUSTER, "k", "n")])) == 2


@st.composite
def sightings(draw: st.DrawFn) -> list[Entity]:
    views = []
    for key in draw(st.lists(st.sampled_from("abc"), unique=True)):
        for source in draw(st.lists(st.sampled_from(["esx01", "esx02", "vc01", "export"]), unique=True, min_size=1)):
            place = draw(st.sampled_from([HOST1, HOST2, None]))
            named = {} if place else {"at__host": draw(st.sampled_from([None, "esx01.example.ir", "other"]))}
            cluster = draw(st.sampled_from([None, "Production"]))
            view = vm(key, draw(st.sampled_from(["x", "X"])), host=place, source=source, at__cluster=cluster, **named)
            views.append(replace(view, seen_at=DAY1 + timedelta(hours=draw(st.integers(0, 2)))))
    return views


@given(sightings(), st.randoms())
def test_the_order_in_which_sources_are_read_makes_no_difference(views: list[Entity], random: Random) -> None:
    shuffled = views.copy()
    random.shuffle(shuffled)
    assert merged(shuffled) == merged(views)


@given(sightings())
def test_every_view_is_kept_in_exactly_one_thing(views: list[Entity]) -> None:
    order: Callable[[Entity], tuple[str, str]] = lambda view: (view.key, view.source)  # noqa: E731
    kept = [view for thing in merged(views) for view in thing.views]
    assert sorted(kept, key=order) == sorted(views, key=order)
