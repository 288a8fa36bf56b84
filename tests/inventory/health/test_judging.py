from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itops.errors import ConfigInvalid
from itops.inventory.entities import Entity, Gap, Kind, Properties, Value
from itops.inventory.health import RULE_OF_CODE, RULES, Estate, Ignore, Policies, Rule, judge, paths_read
from itops.inventory.health.estate import ESTATE_READS
from itops.verdict import State, severity
from tests.inventory.health.estates import NOW, datastore, fires, host, snapshot, thing, vm
from tests.inventory.health.sick import sick_entities, sick_estate

SICK = judge(sick_estate(), Policies(), NOW)


def test_there_are_the_48_rules_of_the_table_and_one_of_our_own() -> None:
    assert [rule.number for rule in RULES] == list(range(1, 50))
    assert len({rule.key for rule in RULES}) == 49
    assert len(RULE_OF_CODE) == sum(len(rule.codes) for rule in RULES)


def test_every_code_fires_somewhere_in_the_sick_estate_and_no_rule_is_blind_there() -> None:
    assert {finding.code for finding in SICK.findings} == set(RULE_OF_CODE)
    assert SICK.not_judged == ()


def test_a_healthy_estate_has_no_findings() -> None:
    healthy = [vm({"config.hardware.device": [], "layoutEx.file": []}), host(), datastore()]
    assert judge(Estate.of(healthy), Policies(), NOW).findings == ()


def test_findings_come_worst_first_and_always_in_the_same_order() -> None:
    severities = [severity(finding.state) for finding in SICK.findings]
    assert severities == sorted(severities, reverse=True)
    assert judge(sick_estate(sick_entities()[::-1]), Policies(), NOW).findings == SICK.findings


class Watched(Mapping[str, Value]):
    """A property map that remembers what was looked at."""

    def __init__(self, properties: Properties, looked_at: set[str]) -> None:
        self.properties, self.looked_at = properties, looked_at

    def __getitem__(self, path: str) -> Value:
        self.looked_at.add(path)
        return self.properties[path]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("a rule may not walk over all properties")

    def __len__(self) -> int:
        return len(self.properties)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_a_rule_reads_nothing_that_it_does_not_declare(rule: Rule) -> None:
    looked_at: dict[Kind, set[str]] = {kind: set() for kind in Kind}
    entities = [replace(one, properties=Watched(one.properties, looked_at[one.kind])) for one in sick_entities()]
    assert list(rule.find(rule.policy, sick_estate(entities), NOW))
    read = {(kind, path) for kind, paths in looked_at.items() for path in paths}
    assert read <= {*rule.reads, *ESTATE_READS}


def test_an_estate_trimmed_to_the_declared_paths_is_judged_alike() -> None:
    whole = sick_estate()
    extra = [replace(one, properties={**one.properties, "config.extraConfig": ["x"] * 99}) for one in whole.entities]
    trimmed = Estate.of(extra, gaps=whole.gaps, powered_off_since=whole.powered_off_since, keep=paths_read())
    assert judge(trimmed, Policies(), NOW).findings == SICK.findings
    assert all("config.extraConfig" not in entity.properties for entity in trimmed.entities)


def test_needs_are_declared_as_reads() -> None:
    for rule in RULES:
        declared = set(rule.reads)
        for need in rule.needs:
            assert {(need.kind, path) for path in need.paths} <= declared | {(need.kind, "name")}, rule.key


def test_what_no_subject_tells_is_not_judged() -> None:
    judgement = judge(Estate.of([host(), vm()]), Policies(), NOW)
    spots = {spot.number: spot for spot in judgement.not_judged}
    assert spots[21].reason == "no-data"
    assert spots[21].missing == ("host config.dateTimeInfo.ntpConfig.server", "host config.dateTimeInfo.timeZone.name")
    assert spots[46].reason == "no-subjects"
    assert spots[32].reason == "no-history"
    assert 44 not in spots  # a lone host has no cluster, and that is no blind spot
    assert judgement.state is State.UNKNOWN


def test_a_lone_host_is_not_blamed_for_having_no_alarms() -> None:
    for api_type, is_blind in (("HostAgent", False), ("VirtualCenter", True)):
        endpoint = thing(Kind.ENDPOINT, "server", {"content.about.apiType": api_type})
        spots = judge(Estate.of([host(), endpoint]), Policies(), NOW).not_judged
        assert any(spot.number == 47 for spot in spots) is is_blind


def test_one_code_of_a_rule_may_be_blind_while_the_other_is_judged() -> None:
    estate = Estate.of([vm({"summary.quickStats.overallCpuUsage": 99, "runtime.maxCpuUsage": 100})])
    judgement = judge(estate, Policies(), NOW)
    assert [finding.code for finding in judgement.findings] == ["vm.cpu-busy"]
    assert [spot.codes for spot in judgement.not_judged if spot.number == 30] == [("vm.cpu-ready",)]


def test_sources_are_blind_apart() -> None:
    seeing = vm({"snapshot.rootSnapshotList": [snapshot("x", 30)]}, key="a", source="vc01")
    blind = vm({}, "other", key="b", source="export")
    judgement = judge(Estate.of([seeing, blind]), Policies(), NOW)
    assert [finding.source for finding in judgement.findings if finding.code == "snapshot.old"] == ["vc01"]
    assert [spot.source for spot in judgement.not_judged if spot.number == 3] == ["export"]


def test_nothing_seen_is_unknown_and_not_ok() -> None:
    assert judge(Estate.of([]), Policies(), NOW).state is State.UNKNOWN


def test_a_known_fault_is_louder_than_a_blind_spot() -> None:
    full = datastore({"summary.capacity": 100, "summary.freeSpace": 10})
    assert judge(Estate.of([full]), Policies(), NOW).state is State.WARNING


def ignoring(*entries: Ignore, now: datetime = NOW):
    return judge(sick_estate(), Policies(), now, entries)


def test_an_ignored_finding_is_counted_and_kept_with_its_reason() -> None:
    entry = Ignore(code="vm.hot-add", reason="wanted by the database team")
    judgement = ignoring(entry)
    assert "vm.hot-add" not in {finding.code for finding in judgement.findings}
    assert {(one.finding.code, one.by) for one in judgement.ignored} == {("vm.hot-add", entry)}
    assert len(judgement.findings) + len(judgement.ignored) == len(SICK.findings)


def test_findings_of_other_rooms_stand_among_ours_and_can_be_ignored() -> None:
    missing = replace(SICK.findings[0], code="role.missing", subject="wsus", state=State.CRITICAL)
    among = judge(sick_estate(), Policies(), NOW, others=[missing])
    assert missing in among.findings
    assert [severity(one.state) for one in among.findings] == sorted([severity(one.state) for one in among.findings])[
        ::-1
    ]
    entry = Ignore(code="role.missing", subject="wsus", reason="bought next year")
    ignored = judge(sick_estate(), Policies(), NOW, [entry], others=[missing], other_codes=["role.missing"]).ignored
    assert [one.finding for one in ignored] == [missing]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("APP01", True), ("app*", True), ("app0?", True), ("app02", False), ("pp01", False)],
)
def test_a_subject_is_a_glob_in_any_case(pattern: str, expected: bool) -> None:
    ignored = ignoring(Ignore(code="vm.cpu-limit", subject=pattern, reason="x")).ignored
    assert bool(ignored) is expected


def test_a_name_that_looks_like_a_glob_matches_itself() -> None:
    odd = vm({"config.cpuAllocation.limit": 5}, "[/]")
    ignore = [Ignore(code="vm.cpu-limit", subject="[/]", reason="x")]
    assert len(judge(Estate.of([odd]), Policies(), NOW, ignore).ignored) == 1


@pytest.mark.parametrize(
    ("until", "is_ignored"), [(NOW.date(), True), (NOW.date() - timedelta(days=1), False), (None, True)]
)
def test_an_entry_holds_through_its_last_day(until: date | None, is_ignored: bool) -> None:
    judgement = ignoring(Ignore(code="vm.hot-add", reason="x", until=until))
    assert bool(judgement.ignored) is is_ignored
    assert bool(judgement.expired) is not is_ignored


def test_an_unknown_code_in_the_ignore_list_is_a_mistake_with_a_hint() -> None:
    with pytest.raises(ConfigInvalid, match=r"did you mean vm\.hot-add"):
        ignoring(Ignore(code="vm.hotadd", reason="x"))


def test_a_blind_spot_is_accepted_only_when_every_code_of_it_is_ignored() -> None:
    estate = Estate.of([vm()])
    both = [Ignore(code="zombie.disk", reason="not browsed"), Ignore(code="zombie.vm", reason="not browsed")]
    judgement = judge(estate, Policies(), NOW, both)
    assert {spot.number for spot in judgement.accepted} == {14, 15}
    assert not {14, 15} & {spot.number for spot in judgement.not_judged}
    one = judge(estate, Policies(), NOW, [Ignore(code="snapshot.old", reason="x")])
    assert 3 in {spot.number for spot in one.not_judged}


def test_a_state_of_the_office_replaces_ours() -> None:
    judgement = judge(sick_estate(), Policies.of({"state.vm.hot-add": "critical"}), NOW)
    assert {one.state for one in judgement.findings if one.code == "vm.hot-add"} == {State.CRITICAL}


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats()
    | st.sampled_from(
        [
            "",
            "x",
            "poweredOn",
            "[ds01] a/b.vmdk",
            "[ds01] a/b.vmx",
            "dead",
            "red",
            "vmx-9",
            "2026-01-01",
            "2026-01-01T00:00:00Z",
        ]
    )
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "_type",
                    "key",
                    "name",
                    "path",
                    "state",
                    "adapter",
                    "policy",
                    "backing",
                    "connectable",
                    "connected",
                    "fileName",
                    "capacity",
                    "freeSpace",
                    "size",
                    "chain",
                    "fileKey",
                    "disk",
                    "value",
                    "running",
                    "healthState",
                    "enabled",
                    "security",
                    "spec",
                    "pnic",
                    "portgroupKey",
                    "port",
                    "entity",
                    "overallStatus",
                    "createTime",
                    "childSnapshotList",
                    "snapshot",
                    "operationalState",
                    "status",
                    "lastActiveTime",
                    "securityPolicy",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
PATHS = {kind: sorted(paths) for kind, paths in paths_read().items()}


@st.composite
def damaged(draw: st.DrawFn) -> Entity:
    """A thing of the sick estate, some of its properties replaced by anything at all."""
    entity = draw(st.sampled_from(sick_entities()))
    changes = draw(st.dictionaries(st.sampled_from(PATHS[entity.kind]), JSON, max_size=6))
    return replace(entity, properties={**entity.properties, **changes})


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(damaged(), min_size=1, max_size=6))
def test_no_property_map_whatsoever_makes_a_rule_raise(entities: list[Entity]) -> None:
    judgement = judge(sick_estate(entities), Policies(), NOW)
    assert all(finding.code in RULE_OF_CODE for finding in judgement.findings)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([kind for kind in Kind if PATHS[kind]]), st.data())
def test_every_path_alone_may_hold_anything(kind: Kind, data: st.DataObject) -> None:
    properties = {path: data.draw(JSON) for path in data.draw(st.sets(st.sampled_from(PATHS[kind]), max_size=12))}
    entity = Entity(
        kind=kind, key="k", ref="r", source="vc01", seen_at=datetime(2026, 1, 1, tzinfo=UTC), properties=properties
    )
    judge(sick_estate([entity]), Policies(), NOW)


def test_5000_vms_are_judged_in_a_few_seconds() -> None:
    worst = sick_entities()[0]
    many = [
        replace(worst, key=f"vm-{number}", ref=f"vm-{number}", properties={**worst.properties, "name": f"vm{number}"})
        for number in range(5000)
    ]
    estate = Estate.of([*sick_entities(), *many])
    begin = process_time()
    judgement = judge(estate, Policies(), NOW)
    assert process_time() - begin < 8  # about 1.5 s here; the limit leaves room for a slow machine
    assert len(judgement.findings) > 100_000


def test_thing_kinds_that_nobody_judges_do_no_harm() -> None:
    others = [thing(kind, "x") for kind in (Kind.NETWORK, Kind.SWITCH, Kind.RESOURCE_POOL, Kind.DATACENTER)]
    assert judge(Estate.of(others), Policies(), NOW).findings == ()


def test_what_both_saw_at_once_is_judged_as_the_vcenter_shows_it() -> None:
    lone = thing(Kind.ENDPOINT, "esx01", {"content.about.apiType": "HostAgent"}, source="esx01")
    direct, through = host(key="uuid-1", source="esx01"), host({"alarmActionsEnabled": False}, key="uuid-1")
    assert fires("alarm.actions-off", lone, direct, through)
    assert fires("alarm.actions-off", lone, through, direct)


@pytest.mark.parametrize(
    ("name", "properties"),
    [
        ("vCLS (1)", {}),
        ("vCLS-42230b82-389a-5815-9c24-917b4b8b5663", {}),
        ("dr-sql", {"config.managedBy.extensionKey": "com.vmware.vcDr-1", "config.managedBy.type": "placeholderVm"}),
    ],
)
def test_agents_and_placeholders_are_known_without_the_usual_signs(name: str, properties: dict[str, str]) -> None:
    guest = {"guest.toolsStatus": "toolsNotInstalled", "guest.hostName": "other"}
    assert not fires("tools.not-installed", vm({**guest, **properties}, name))
    assert not fires("vm.guest-name", vm({**guest, **properties}, name))
    assert fires("tools.not-installed", vm(guest, "vClerk"))


def test_a_host_that_vcenter_took_over_is_not_blind_for_what_it_was_too_old_to_tell() -> None:
    too_old = Gap(source="esx01", subject="property config.createDate", code="property.too-new", problem="", remedy="")
    judgement = judge(Estate.of(sick_entities(), gaps=[too_old]), Policies(), NOW)
    assert "esx01" not in {spot.source for spot in judgement.not_judged}
    all_hidden = replace(too_old, code="permission.missing", hides=frozenset({Kind.HOST}))
    judgement = judge(Estate.of(sick_entities(), gaps=[all_hidden]), Policies(), NOW)
    assert "esx01" in {spot.source for spot in judgement.not_judged}
