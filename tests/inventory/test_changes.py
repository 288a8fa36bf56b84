from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.inventory.changes import Change, Coverage, changes_between
from itops.inventory.entities import Entity, Kind, Value
from itops.inventory.facts import Action
from itops.inventory.values import KIB, MIB
from tests.contracts.memory_reader import MemoryReader
from tests.inventory.sightings import DAY1, HOST1, HOST2, disk, entity, host, vm

HOUR = timedelta(hours=1)
BEGIN, END = DAY1 + timedelta(days=1), DAY1 + timedelta(days=30)
DAY2, DAY3, DAY4 = (DAY1 + timedelta(days=days) for days in (2, 3, 4))
WATCHED = Coverage(
    hosts={HOST1: DAY1, HOST2: DAY1}, servers={"srv": DAY1}, sources=dict.fromkeys(("vc01", "esx01", "esx02"), DAY1)
)
NOWHERE = Coverage(hosts={}, servers={}, sources={})


def _sized(key: int, size_bytes: int) -> dict[str, Value]:
    return {**disk(key, 0), "capacityInBytes": size_bytes}


def changes(store: MemoryReader, coverage: Coverage = WATCHED, kinds: Iterable[Kind] = tuple(Kind)) -> list[Change]:
    return changes_between(store.touched(BEGIN, END, set(kinds)), BEGIN, END, coverage)


def told(found: Iterable[Change]) -> list[tuple[str, str, str | None, Value, Value]]:
    return [(change.action.value, change.name, change.field, change.before, change.after) for change in found]


def between(before: Iterable[Entity], after: Iterable[Entity], **more: Coverage) -> list[Change]:
    store = MemoryReader()
    store.scan("vc01", DAY1, before)
    store.scan("vc01", DAY2, after)
    return changes(store, **more)


def test_a_vm_that_came_and_one_that_went_are_told_by_name() -> None:
    found = between([vm("a", "kaspersky")], [vm("b", "WSUS")])
    assert told(found) == [("removed", "kaspersky", None, None, None), ("added", "WSUS", None, None, None)]
    assert found[0].evidence["ended_by_scan"] == 2
    assert found[1].at == DAY2


def test_a_name_that_another_identity_took_over_is_one_removed_and_one_added() -> None:
    assert {(c.action, c.id) for c in between([vm("a", "DC")], [vm("b", "DC")])} == {
        (Action.REMOVED, "a"),
        (Action.ADDED, "b"),
    }


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(vm("a"), vm("a", "sql02"), ("renamed", "sql02", "name", "sql01", "sql02"), id="renamed"),
        pytest.param(vm("a"), vm("a", cpus=4), ("resized", "sql01", "cpu_count", 2, 4), id="more processors"),
        pytest.param(
            vm("a"),
            vm("a", config__hardware__memoryMB=8192),
            ("resized", "sql01", "memory_bytes", 4 * 1024**3, 8 * 1024**3),
            id="more memory",
        ),
        pytest.param(
            vm("a", config__hardware__device=[disk(2000, 40)]),
            vm("a", config__hardware__device=[disk(2000, 60)]),
            ("resized", "sql01", "disk_capacity_bytes", 40 * 1024**3, 60 * 1024**3),
            id="a larger disk",
        ),
        pytest.param(
            vm("a"),
            vm("a", host=HOST2),
            ("moved", "sql01", "host", "esx01.example.ir", "esx02.example.ir"),
            id="another host",
        ),
        pytest.param(
            vm("a", at__cluster="Old"),
            vm("a", at__cluster="New"),
            ("moved", "sql01", "cluster", "Old", "New"),
            id="another cluster",
        ),
        pytest.param(
            vm("a", config__version="vmx-13"),
            vm("a", config__version="vmx-19"),
            ("upgraded", "sql01", "hardware_version", "vmx-13", "vmx-19"),
            id="newer virtual hardware",
        ),
        pytest.param(
            vm("a", config__tools__toolsVersion=11365),
            vm("a", config__tools__toolsVersion=12352),
            ("upgraded", "sql01", "tools_version", "11365", "12352"),
            id="newer tools",
        ),
        pytest.param(
            vm("a", guest__guestFullName="Windows Server 2016", config__guestFullName="2016 or later"),
            vm("a", guest__guestFullName="Windows Server 2022", config__guestFullName="2022"),
            ("upgraded", "sql01", "guest_os", "Windows Server 2016", "Windows Server 2022"),
            id="a newer guest is told once, by what the guest says",
        ),
        pytest.param(
            vm("a", config__template=False),
            vm("a", config__template=True),
            ("reconfigured", "sql01", "is_template", False, True),
            id="made a template",
        ),
        pytest.param(
            vm("a"),
            vm("a", runtime__powerState="poweredOff"),
            ("reconfigured", "sql01", "power_state", "poweredOn", "poweredOff"),
            id="switched off",
        ),
        pytest.param(
            host(),
            host(config__product__version="8.0.2", config__product__build="22380479"),
            ("upgraded", "esx01.example.ir", "product_version", "7.0.3", "8.0.2"),
            id="an upgraded host is told by its version",
        ),
        pytest.param(
            host(),
            host(config__product__build="20036589"),
            ("upgraded", "esx01.example.ir", "product_build", "19193900", "20036589"),
            id="a patched host is told by its build",
        ),
        pytest.param(
            entity(Kind.DATASTORE, "d", "ds01", summary__capacity=100 * MIB),
            entity(Kind.DATASTORE, "d", "ds01", summary__capacity=200 * MIB),
            ("resized", "ds01", "capacity_bytes", 100 * MIB, 200 * MIB),
            id="a larger datastore",
        ),
    ],
)
def test_before_and_after(before: Entity, after: Entity, expected: tuple[str, str, str, Value, Value]) -> None:
    assert told(between([before], [after])) == [expected]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(vm("a", ref="vm-1"), vm("a", ref="vm-77"), id="a new moref"),
        pytest.param(entity(Kind.VM, "a", "", ref="vm-1"), entity(Kind.VM, "a", "", ref="vm-77"), id="and no name"),
        pytest.param(vm("a", guest__guestFullName="Debian 12"), vm("a"), id="the guest went silent"),
        pytest.param(vm("a", config__tools__toolsVersion=11365), vm("a", config__tools__toolsVersion=0), id="no tools"),
        pytest.param(
            vm("a"),
            vm("a", "/vmfs/volumes/x/sql01.vmx", runtime__connectionState="inaccessible", runtime__powerState=None),
            id="an inaccessible VM shows a path for a name",
        ),
        pytest.param(
            vm("a", at__host="esx01.example.ir"), vm("a", at__host="192.0.2.11"), id="its host is called otherwise"
        ),
        pytest.param(
            host(source="old", summary__hardware__memorySize=130_983 * MIB),
            host(summary__hardware__memorySize=130_983 * MIB + 372_736),
            id="a workbook holds memory in whole MiB",
        ),
        pytest.param(
            entity(Kind.DATASTORE, "d", "nas", source="old", summary__capacity=900 * MIB),
            entity(Kind.DATASTORE, "d", "nas", summary__capacity=900 * MIB - 4096),
            id="and so it does capacity",
        ),
        pytest.param(
            vm("a", source="old", config__hardware__device=[_sized(2000, 10 * MIB), _sized(2001, 10 * MIB)]),
            vm("a", config__hardware__device=[_sized(2000, 10_650 * KIB), _sized(2001, 10_650 * KIB)]),
            id="and that of each disk",
        ),
    ],
)
def test_nothing_changed(before: Entity, after: Entity) -> None:
    assert between([before], [after]) == []


def test_registered_anew_in_a_vcenter_on_the_same_host_nothing_has_changed() -> None:
    store = MemoryReader()
    store.scan("esx01", DAY1, [vm("a", ref="7", at__datacenter="ha-datacenter"), host(name="localhost")])
    seen = [vm("a", ref="vm-1001", at__datacenter="Tehran", at__cluster="Production"), host(at__cluster="Production")]
    store.retire("esx01", DAY2, store.scan("vc01", DAY2, seen).id)
    assert changes(store) == []


def test_registered_anew_on_another_host_it_has_moved_and_nothing_else() -> None:
    store = MemoryReader()
    store.scan("esx01", DAY1, [vm("a", ref="7")])
    store.retire("esx01", DAY2, store.scan("vc01", DAY2, [vm("a", ref="vm-9", host=HOST2, at__cluster="P")]).id)
    [moved] = changes(store)
    assert told([moved]) == [("moved", "sql01", "host", "esx01.example.ir", "esx02.example.ir")]
    assert moved.evidence["source_before"] == "esx01"
    assert moved.evidence["source_after"] == "vc01"
    assert moved.at == DAY2


@pytest.mark.parametrize("lag", [-2 * HOUR, timedelta(), 2 * HOUR], ids=["gap", "at once", "overlap"])
def test_a_move_between_lone_hosts_is_a_move_whichever_host_is_scanned_first(lag: timedelta) -> None:
    store = MemoryReader()
    store.scan("esx01", DAY1, [vm("a")])
    store.scan("esx02", DAY1, [])
    for at, source, seen in sorted([(DAY2, "esx02", [vm("a", host=HOST2)]), (DAY2 + lag, "esx01", [])], key=str):
        store.scan(source, at, seen)
    [moved] = changes(store)
    assert (moved.action, moved.at, moved.after) == (Action.MOVED, DAY2, "esx02.example.ir")
    assert moved.evidence.get("absent_from") == ("2026-10-25T04:00:00Z" if lag < timedelta() else None)


def test_a_copy_that_appears_on_another_host_is_added_and_says_of_what() -> None:
    store = MemoryReader()
    store.scan("esx01", DAY1, [vm("a")])
    store.scan("esx02", DAY1, [])
    store.scan("esx02", DAY2, [vm("a", host=HOST2)])
    [added] = changes(store)
    assert added.action is Action.ADDED
    assert added.evidence["copy_of_host"] == "esx01.example.ir"


def test_a_vm_that_vcenter_restarted_elsewhere_while_its_old_host_did_not_answer_has_moved_and_has_no_copy() -> None:
    store = MemoryReader()
    store.scan("esx01", DAY1, [vm("a", source="esx01", ref="7")])
    store.scan("vc01", DAY1, [vm("a", at__server_uuid="srv")])
    store.scan("vc01", DAY2, [vm("a", at__server_uuid="srv", host=HOST2)])  # esx01 is down: its scan failed
    expected = [("moved", "sql01", "host", "esx01.example.ir", "esx02.example.ir")]
    assert told(changes(store)) == expected
    store.scan("esx01", DAY3, [])
    assert told(changes(store)) == expected


def test_a_vm_that_moved_between_the_looks_of_two_sources_has_moved_once_and_nothing_else() -> None:
    store = MemoryReader()
    store.scan("vc01", DAY1, [vm("a", at__server_uuid="srv")])
    store.scan("esx02", DAY1, [])
    store.scan("vc01", DAY2, [vm("a", at__server_uuid="srv")])
    store.scan("esx02", DAY2 + HOUR, [vm("a", source="esx02", ref="7", host=HOST2)])
    store.scan("vc01", DAY3, [vm("a", at__server_uuid="srv", host=HOST2)])
    assert told(changes(store)) == [("moved", "sql01", "host", "esx01.example.ir", "esx02.example.ir")]


def test_a_move_that_the_second_source_saw_only_after_the_period_began_removes_nothing() -> None:
    store = MemoryReader()
    store.scan("vc01", DAY1, [vm("a", at__server_uuid="srv")])
    store.scan("esx02", DAY1 + HOUR, [vm("a", source="esx02", ref="7", host=HOST2)])
    store.scan("vc01", DAY2, [vm("a", at__server_uuid="srv", host=HOST2)])
    assert changes(store) == []


def test_added_and_removed_within_the_period_shows_both() -> None:
    store = MemoryReader()
    for at, seen in ((DAY1, []), (DAY2, [vm("a")]), (DAY3, [])):
        store.scan("vc01", at, seen)
    assert [(c.action, c.at) for c in changes(store)] == [(Action.ADDED, DAY2), (Action.REMOVED, DAY3)]


def test_a_vm_that_does_not_tell_who_it_is_was_neither_added_nor_removed() -> None:
    known, nobody = vm("a", ref="vm-1"), vm("vc01:vm-1", "/vmfs/volumes/x/sql01.vmx", ref="vm-1")
    store = MemoryReader()
    for at, seen in ((DAY1, [known]), (DAY2, [known, nobody]), (DAY3, [known])):  # the store ends no row of the known
        store.scan("vc01", at, seen)
    assert [(one.action, one.id) for one in changes(store)] == [(Action.DISCOVERED, "vc01:vm-1")]


def test_gone_and_back_on_the_same_host_shows_both() -> None:
    store = MemoryReader()
    for at, seen in ((DAY1, [vm("a")]), (DAY2, []), (DAY3, [vm("a")])):
        store.scan("vc01", at, seen)
    assert [(c.action, c.at) for c in changes(store)] == [(Action.REMOVED, DAY2), (Action.ADDED, DAY3)]


def test_changes_are_net_and_count_their_steps() -> None:
    store = MemoryReader()
    for at, cpus, place in ((DAY1, 2, HOST1), (DAY2, 4, HOST2), (DAY3, 8, HOST1)):
        store.scan("vc01", at, [vm("a", cpus=cpus, host=place)])
    [resized] = changes(store)
    assert (resized.field, resized.before, resized.after, resized.at) == ("cpu_count", 2, 8, DAY3)
    assert resized.evidence["steps"] == 2


def test_a_value_that_fell_silent_in_between_is_compared_with_the_last_known_one() -> None:
    store = MemoryReader()
    for at, said in ((DAY1, "Debian 11"), (DAY2, None), (DAY3, "Debian 12")):
        store.scan("vc01", at, [vm("a", guest__guestFullName=said)])
    assert told(changes(store)) == [("upgraded", "sql01", "guest_os", "Debian 11", "Debian 12")]


def test_a_host_that_fell_silent_in_between_is_compared_with_the_last_known_one() -> None:
    store = MemoryReader()
    for at, place in ((DAY1, HOST1), (DAY2, None), (DAY3, HOST2)):
        store.scan("vc01", at, [vm("a", host=place)])
    assert [(c.action, c.at) for c in changes(store)] == [(Action.MOVED, DAY3)]


def test_what_changed_before_and_after_the_period_is_not_told() -> None:
    store = MemoryReader()
    store.scan("vc01", DAY1 - timedelta(days=9), [vm("a", cpus=1)])
    store.scan("vc01", DAY1, [vm("a", cpus=2)])
    store.scan("vc01", END, [vm("a", cpus=4), vm("b")])
    assert changes(store) == []


def test_what_ended_exactly_when_the_period_began_belongs_to_it() -> None:
    store = MemoryReader()
    store.scan("vc01", DAY1, [vm("a")])
    store.scan("vc01", BEGIN, [])
    assert [c.action for c in changes(store)] == [Action.REMOVED]


@pytest.mark.parametrize(
    ("coverage", "created", "expected"),
    [
        pytest.param(WATCHED, None, Action.ADDED, id="its host was watched before"),
        pytest.param(NOWHERE, None, Action.DISCOVERED, id="nobody had looked at its host"),
        pytest.param(NOWHERE, "2026-10-25T01:00:00Z", Action.ADDED, id="its birth date lies in the period"),
        pytest.param(NOWHERE, "2020-01-01T00:00:00Z", Action.DISCOVERED, id="it is older than the period"),
        pytest.param(replace(WATCHED, hosts={HOST1: DAY2}), None, Action.DISCOVERED, id="the first look at its host"),
    ],
)
def test_what_appears_where_nobody_looked_is_discovered(
    coverage: Coverage, created: str | None, expected: Action
) -> None:
    found = between([], [vm("a", config__createDate=created)], coverage=coverage)
    assert [change.action for change in found] == [expected]


def test_a_host_of_a_vcenter_that_was_known_is_added_and_of_a_new_one_discovered() -> None:
    known, new = host(at__server_uuid="srv"), host(HOST2, at__server_uuid="other")
    assert {(c.id, c.action) for c in between([], [known, new])} == {
        (HOST1, Action.ADDED),
        (HOST2, Action.DISCOVERED),
    }


@st.composite
def estates(draw: st.DrawFn) -> list[Entity]:
    return [
        vm(
            key,
            draw(st.sampled_from(["sql", "dc", "[/]"])),
            ref=f"vm-{draw(st.integers(1, 99))}",
            host=draw(st.sampled_from([HOST1, HOST2, None])),
            cpus=draw(st.integers(1, 3)),
            at__cluster=draw(st.sampled_from([None, "A", "B"])),
            guest__guestFullName=draw(st.sampled_from([None, "Debian 12", "Windows"])),
            runtime__powerState=draw(st.sampled_from(["poweredOn", "poweredOff", None])),
        )
        for key in draw(st.lists(st.sampled_from("abcd"), unique=True))
    ]


@given(estates())
def test_identical_states_differ_in_nothing(estate: list[Entity]) -> None:
    assert between(estate, estate) == []


@given(estates(), estates())
def test_morefs_never_matter(before: list[Entity], after: list[Entity]) -> None:
    anew = [replace(seen, ref=f"anew-{number}") for number, seen in enumerate(after)]
    assert between(before, anew) == between(before, after)


@given(estates(), estates())
def test_swapping_the_two_states_swaps_added_with_removed_and_before_with_after(
    before: list[Entity], after: list[Entity]
) -> None:
    swapped = {Action.ADDED: Action.REMOVED, Action.REMOVED: Action.ADDED}

    def essence(found: list[Change], *, turned: bool) -> set[tuple[object, ...]]:
        return {
            (c.id, swapped.get(c.action, c.action), c.field, c.after, c.before)
            if turned
            else (c.id, c.action, c.field, c.before, c.after)
            for c in found
        }

    assert essence(between(before, after), turned=True) == essence(between(after, before), turned=False)


@given(estates(), estates(), st.permutations(range(4)))
def test_the_order_of_revisions_makes_no_difference(
    before: list[Entity], after: list[Entity], order: list[int]
) -> None:
    store = MemoryReader()
    moments: list[datetime] = [DAY1, DAY1 + HOUR, DAY2, DAY2 + HOUR]
    for number, (source, seen) in enumerate([("vc01", before), ("esx01", after), ("vc01", after), ("esx01", before)]):
        store.scan(source, moments[number], seen)
    expected = changes(store)
    groups = [[group[i] for i in order if i < len(group)] for group in store.touched(BEGIN, END, {Kind.VM})]
    assert changes_between(groups[::-1], BEGIN, END, WATCHED) == expected
