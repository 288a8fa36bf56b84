from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from itops.inventory.entities import Gap, Kind, Value
from itops.inventory.facts import Action
from itops.inventory.freshness import Freshness
from itops.inventory.history import Answer, ScanState
from itops.inventory.roles.rules import RoleRules
from itops.tasks.read_changes import period_holes, read_changes
from itops.tasks.read_inventory import (
    Hole,
    RoleJudge,
    holes,
    list_snapshots,
    list_things,
    look_up,
    role_judge,
    source_states,
    tell_history,
    unseen,
    with_role,
)
from tests.contracts.memory_reader import MemoryReader
from tests.inventory.sightings import DAY1, HOST1, HOST2, entity, host, vm

DAY = timedelta(days=1)
DAY2, DAY3, DAY9 = DAY1 + DAY, DAY1 + 2 * DAY, DAY1 + 8 * DAY
LIMITS = {"vc01": 2 * DAY, "esx01": 2 * DAY}
HIDING = Gap(
    source="vc01", subject="folder X", code="permission.missing", problem="p", remedy="r", hides=frozenset({Kind.VM})
)


def judge(store: MemoryReader) -> RoleJudge:
    return role_judge(store, RoleRules())


def states(store: MemoryReader, at: timedelta = timedelta()) -> dict[str, Freshness]:
    return {report.source: report.state for report in source_states(store, LIMITS, DAY3 + at)}


def codes(found: Sequence[Hole]) -> list[tuple[str, str]]:
    return [(hole.gap.source, hole.gap.code) for hole in found]


def test_what_two_sources_see_is_listed_once_with_both() -> None:
    store = MemoryReader()
    store.scan("esx01", DAY1, [vm("a")])
    store.scan("vc01", DAY1, [vm("a", at__cluster="Production"), vm("b", "dc01")])
    assert [(e.record.name, e.sources) for e in list_things(store, Kind.VM, judge(store))] == [
        ("dc01", ("vc01",)),
        ("sql01", ("vc01", "esx01")),
    ]
    assert [e.sources for e in list_things(store, Kind.VM, judge(store), source="esx01")] == [("esx01",)]


def test_a_day_in_the_past_is_listed_as_it_was() -> None:
    store = MemoryReader()
    store.scan("vc01", DAY1, [vm("a", cpus=2)])
    store.scan("vc01", DAY3, [vm("a", cpus=4), vm("b")])
    assert [e.record.cpu_count for e in list_things(store, Kind.VM, judge(store), as_of=DAY2)] == [2]


def test_a_person_s_answer_is_a_role_and_a_pdc_is_a_domain_controller() -> None:
    store = MemoryReader()
    store.scan("vc01", DAY1, [vm("a", "x1"), vm("b", "x2")])
    store.recorded_answers.append(Answer(vm_id="b", role="pdc", answered_by="operator", answered_at=DAY1))
    entries = list_things(store, Kind.VM, judge(store))
    assert [entry.record.id for entry in with_role(entries, "dc")] == ["b"]


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_can_be_listed(kind: Kind) -> None:
    store = MemoryReader()
    store.scan("vc01", DAY1, [entity(kind, "k", "[/]")])
    [entry] = list_things(store, kind, judge(store))
    assert (entry.record.id, entry.record.name, entry.record.source) == ("k", "[/]", "vc01")


def test_snapshots_are_listed_from_their_vms_parents_first() -> None:
    child: dict[str, Value] = {"snapshot": "s-2", "name": "child", "createTime": "2026-10-02T00:00:00Z"}
    root: dict[str, Value] = {"snapshot": "s-1", "name": "root", "childSnapshotList": [child]}
    store = MemoryReader()
    store.scan("vc01", DAY1, [vm("a", snapshot__rootSnapshotList=[root]), vm("b")])
    assert [(e.record.name, e.record.depth, e.record.vm) for e in list_snapshots(store)] == [
        ("root", 0, "sql01"),
        ("child", 1, "sql01"),
    ]


def test_what_a_scan_could_not_see_is_listed_and_confessed() -> None:
    store = MemoryReader()
    store.scan("vc01", DAY1, [vm("a"), vm("b", "dc01")])
    store.scan("vc01", DAY2, [vm("b", "dc01")], [HIDING])
    entries = list_things(store, Kind.VM, judge(store))
    assert [entry.record.name for entry in entries] == ["dc01", "sql01"]
    [lost] = unseen(entries, source_states(store, LIMITS, DAY2))
    assert (lost.gap.subject, lost.gap.code) == ("sql01", "thing.unseen")


def test_the_states_of_a_source() -> None:
    store = MemoryReader()
    assert states(store) == {"vc01": Freshness.NEVER_SEEN, "esx01": Freshness.NEVER_SEEN}
    store.scan("vc01", DAY1, [])
    store.scan("old", DAY1, [])
    assert states(store) == {"vc01": Freshness.FRESH, "esx01": Freshness.NEVER_SEEN, "old": Freshness.RETIRED}
    assert states(store, timedelta(seconds=1))["vc01"] is Freshness.STALE
    store.fail("vc01", DAY2, "no answer", "look")
    assert states(store)["vc01"] is Freshness.FAILED
    store.scan("vc01", DAY3, [])
    assert states(store)["vc01"] is Freshness.FRESH


def test_a_process_that_died_counts_as_failed() -> None:
    store = MemoryReader()
    store.scan("vc01", DAY1, [])
    store.scan("vc01", DAY2, [])
    store.recorded_scans[-1] = replace(store.recorded_scans[-1], state=ScanState.ABANDONED)
    assert states(store)["vc01"] is Freshness.FAILED
    [hole, _] = holes(store, source_states(store, LIMITS, DAY2))
    assert "the process was stopped" in hole.gap.problem


def test_holes_name_what_is_not_fresh_then_what_was_not_seen() -> None:
    store = MemoryReader()
    store.scan("vc01", DAY1, [], [HIDING])
    reports = source_states(store, LIMITS, DAY2)
    assert codes(holes(store, reports)) == [("esx01", "source.never-seen"), ("vc01", "permission.missing")]
    assert codes(holes(store, reports, source="vc01")) == [("vc01", "permission.missing")]


def test_holes_of_a_past_day_are_those_of_its_scans() -> None:
    store = MemoryReader()
    store.scan("vc01", DAY1, [], [HIDING])
    store.scan("vc01", DAY3, [])
    reports = source_states(store, LIMITS, DAY9)
    assert codes(holes(store, reports, as_of=DAY2)) == [
        ("vc01", "permission.missing"),
        ("esx01", "source.not-yet-seen"),
    ]


def test_looking_up_finds_by_any_name_and_tells_since_when() -> None:
    store = MemoryReader()
    store.scan("vc01", DAY1, [vm("a", ref="vm-7")])
    store.scan("vc01", DAY2, [vm("a", ref="vm-7", cpus=4)])
    for wanted in ("SQL01", "a", "vm-7"):
        [dossier] = look_up(store, wanted, judge(store))
        assert (dossier.first_seen_at, dossier.gone_at, dossier.entry.record.cpu_count) == (DAY1, None, 4)
    assert look_up(store, "nobody", judge(store)) == []


def test_what_is_gone_is_shown_as_it_was_last_known() -> None:
    store = MemoryReader()
    for at, seen in ((DAY1, [vm("a")]), (DAY2, [vm("a", cpus=4)]), (DAY3, [])):
        store.scan("vc01", at, seen)
    [dossier] = look_up(store, "sql01", judge(store))
    assert (dossier.gone_at, dossier.entry.record.cpu_count) == (DAY3, 4)


def test_a_copy_is_shown_beside_its_original() -> None:
    store = MemoryReader()
    store.scan("esx01", DAY1, [vm("a")])
    store.scan("esx02", DAY1, [vm("a", host=HOST2)])
    assert [(d.entry.record.host, d.entry.is_copy) for d in look_up(store, "a", judge(store))] == [
        ("esx01.example.ir", True),
        ("esx02.example.ir", True),
    ]


def test_history_tells_what_each_step_changed_across_sources() -> None:
    store = MemoryReader()
    store.scan("esx01", DAY1, [vm("a", ref="7")])
    store.scan("vc01", DAY2, [vm("a", ref="vm-1", host=HOST2, at__cluster="P")])
    store.scan("vc01", DAY3, [vm("a", ref="vm-1", host=HOST2, at__cluster="P", config__annotation="new")])
    first, second, third = tell_history(store, "sql01")
    assert (first.facts, first.paths) == ((), ())
    assert second.facts == (("host", "esx01.example.ir", "esx02.example.ir"),)
    assert (third.facts, third.paths) == ((), ("config.annotation",))


def test_the_first_scan_of_an_office_discovers_and_the_second_adds() -> None:
    store = MemoryReader()
    store.scan("vc01", DAY2, [vm("a"), host()])
    store.scan("vc01", DAY3, [vm("a"), vm("b", "dc01"), host()])
    found = read_changes(store, DAY1, DAY9, {Kind.VM, Kind.HOST})
    assert [(change.action, change.id) for change in found] == [
        (Action.DISCOVERED, HOST1),
        (Action.DISCOVERED, "a"),
        (Action.ADDED, "b"),
    ]


def test_a_vcenter_over_a_known_host_adds_what_is_new_and_discovers_what_stands_on_new_hosts() -> None:
    store = MemoryReader()
    store.scan("esx01", DAY1, [vm("a"), host()])
    seen = [vm("a"), vm("b"), vm("c", host=HOST2), host(), host(HOST2)]
    scan = store.scan("vc01", DAY3, seen)
    store.retire("esx01", DAY3, scan.id)
    found = read_changes(store, DAY2, DAY9, {Kind.VM})
    assert [(change.action, change.id) for change in found] == [(Action.ADDED, "b"), (Action.DISCOVERED, "c")]


def test_a_source_nobody_looked_at_in_the_period_is_confessed() -> None:
    store = MemoryReader()
    store.scan("vc01", DAY1, [])
    store.scan("esx01", DAY3, [])
    reports = source_states(store, LIMITS, DAY3)
    assert codes(period_holes(store, reports, DAY2, DAY9, DAY3)) == [("vc01", "source.not-watched")]
    assert codes(period_holes(store, reports, DAY1, DAY2, DAY3)) == [("esx01", "source.not-watched")]
