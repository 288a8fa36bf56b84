"""The inventory as it is told: how far sources can be believed, what was found, and the register beside them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itops.alerts.engine import play
from itops.alerts.policy import AlertPolicy
from itops.alerts.records import Evaluation, EventKind, Key
from itops.errors import SourceUnavailable
from itops.inventory.entities import Entity, EntityKey, Gap, Kind
from itops.tasks.evaluation.evaluating import evaluate
from itops.tasks.evaluation.findings import Found, told
from itops.tasks.evaluation.inventory import evaluate_inventory
from itops.verdict import State
from tests.inventory.health.sick import sick_estate
from tests.store.building import observation, scan
from tests.tasks.evaluation.offices import HOUR, INSTANT, NOW, TEHRAN, WatchedOffice, assert_stays_until_its_moment

LIVE = "{type: vsphere, host: vc01.example.ir, username: itops-ro, password: 'file:secret'}"
FILES = "{type: recording, path: exports}"
LIMIT, FILE_LIMIT = timedelta(hours=36), timedelta(days=35)
SITES = "sites: {head: {fa: اداره کل البرز, en: Alborz head office}}\nassets:\n"
EMPTY = {"health": "health.nothing-seen"}


def office(tmp_path, more: str = "", **sources: str) -> WatchedOffice:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "secret").chmod(0o600)
    given = "".join(f"  {name}: {text}\n" for name, text in (sources or {"vc01": LIVE}).items())
    return WatchedOffice(tmp_path, f"sources:\n{given}{more}")


def saw(made: WatchedOffice, at: datetime, *seen: Entity | Gap, source: str = "vc01") -> None:
    with made.store(at) as store:
        scan(store, source, at, [replace(one, seen_at=at) if isinstance(one, Entity) else one for one in seen])


def failed(made: WatchedOffice, at: datetime, source: str = "vc01") -> None:
    error = SourceUnavailable("it refused the login", remedy="look at the password")
    with made.store(at) as store, store.begin_scan(observation(source, at), at) as writer:
        writer.fail(at, error)


def sick() -> list[Entity]:
    """An estate where almost everything is wrong, through one source."""
    return [replace(one, source="vc01") for one in sick_estate().entities]


def gap(number: int = 1) -> Gap:
    return Gap(source="vc01", subject=f"host esx{number}", code="permission.missing", problem="no", remedy="ask")


def datastore(name: str = "ds01", free: float = 0.5, source: str = "vc01") -> Entity:
    tib = 1 << 40
    return Entity(
        kind=Kind.DATASTORE,
        key=EntityKey(f"{source}/{name}"),
        ref=name,
        source=source,
        seen_at=NOW,
        properties={
            "name": name,
            "summary.accessible": True,
            "summary.capacity": tib,
            "summary.freeSpace": int(free * tib),
            "summary.type": "VMFS",
        },
    )


def codes(found: Mapping[str, Evaluation]) -> dict[str, str]:
    return {name: one.code for name, one in found.items()}


# Sources


@pytest.mark.parametrize(
    ("scans", "now", "state", "code"),
    [
        pytest.param("", NOW, State.UNKNOWN, "source.never-seen", id="configured today"),
        pytest.param("+", NOW + LIMIT, State.OK, "source.fresh", id="exactly as old as it may be"),
        pytest.param("+", NOW + LIMIT + INSTANT, State.WARNING, "source.stale", id="nobody scanned"),
        pytest.param("+-", NOW + LIMIT, State.WARNING, "source.failed", id="one missed run is forgiven"),
        pytest.param("+-", NOW + LIMIT + INSTANT, State.CRITICAL, "source.failed-long", id="two are not"),
        pytest.param("-", NOW + HOUR, State.CRITICAL, "source.failed-ever", id="never succeeded"),
        pytest.param("+--+", NOW + 5 * HOUR, State.OK, "source.fresh", id="well again"),
    ],
)
def test_a_source_is_as_bad_as_what_is_known_of_it_is_old(tmp_path, scans, now, state, code):
    made = office(tmp_path)
    for number, scanned in enumerate(scans):
        at = NOW + number * HOUR
        saw(made, at, datastore()) if scanned == "+" else failed(made, at)
    one = made.judged(evaluate_inventory, now)["vc01"]
    assert (one.state, one.code) == (state, code)
    assert (one.last_good_at is None) == ("+" not in scans)


def test_a_failing_source_tells_since_when_and_what_helps(tmp_path):
    made = office(tmp_path)
    saw(made, NOW, datastore())
    for hours in (1, 2, 3):
        failed(made, NOW + hours * HOUR)
    one = made.judged(evaluate_inventory, NOW + 4 * HOUR)["vc01"]
    assert one.since == NOW + HOUR
    assert one.facts["problem"] == "it refused the login"
    assert one.facts["seen_at"] == NOW.isoformat()


def test_a_source_of_monthly_files_has_a_month(tmp_path):
    made = office(tmp_path, exports=FILES)
    saw(made, NOW, datastore(source="exports"), source="exports")
    assert made.judged(evaluate_inventory, NOW + FILE_LIMIT)["exports"].code == "source.fresh"
    assert made.judged(evaluate_inventory, NOW + FILE_LIMIT + INSTANT)["exports"].code == "source.stale"


def test_what_is_no_longer_configured_is_not_told(tmp_path):
    made = office(tmp_path)
    saw(made, NOW, datastore(source="old"), source="old")
    assert "old" not in made.judged(evaluate_inventory)


def test_gaps_of_a_source_are_one_warning_with_a_count_until_a_scan_sees_all(tmp_path):
    made = office(tmp_path)
    saw(made, NOW, datastore(), gap(1), gap(2))
    one = made.judged(evaluate_inventory)["vc01 gaps"]
    assert (one.state, one.facts["count"], one.depends_on) == (State.WARNING, 2, (Key("inventory", "vc01"),))
    assert one.is_finding
    saw(made, NOW + HOUR, datastore())
    assert "vc01 gaps" not in made.judged(evaluate_inventory, NOW + HOUR)


def test_addresses_of_a_sweep_that_nobody_uses_are_no_news(tmp_path):
    made = office(tmp_path)
    saw(made, NOW, datastore(), replace(gap(1), code="sweep.silent"))
    assert "vc01 gaps" not in made.judged(evaluate_inventory)


# Health


def test_what_is_critical_is_told_one_by_one_and_warnings_by_code(tmp_path):
    made = office(tmp_path)
    saw(made, NOW, *(datastore(f"full{n}", 0.01) for n in range(3)), *(datastore(f"low{n}", 0.12) for n in range(7)))
    found = {name: one for name, one in made.judged(evaluate_inventory).items() if "free" in name or "space" in name}
    critical = {name: one for name, one in found.items() if one.state is State.CRITICAL}
    (warning,) = [one for one in found.values() if one.state is State.WARNING]
    assert {name.partition(" ")[2] for name in critical} == {"full0", "full1", "full2"}
    assert " " not in warning.key.object
    facts = warning.facts
    assert (facts["about"], facts["alike"], facts["alike_names"]) == ("low0", 6, "low1, low2, low3, low4, low5 …")
    assert {one.depends_on for one in found.values()} == {(Key("inventory", "vc01"),)}


def test_an_estate_where_everything_is_wrong_is_told_in_few_keys_that_all_have_words(tmp_path):
    made = office(tmp_path)
    saw(made, NOW, *sick())
    found = made.judged(evaluate_inventory)
    assert State.CRITICAL in {one.state for one in found.values()}
    warnings = [one for one in found.values() if one.state is State.WARNING and " " not in one.key.object]
    about = [one for one in warnings if "about" in one.facts]
    assert len(about) > 20
    assert all(one.code == one.key.object for one in about)


def test_a_finding_is_there_as_long_as_it_is_found(tmp_path):
    made = office(tmp_path)
    saw(made, NOW, datastore(free=0.01))
    (one,) = [one for one in made.judged(evaluate_inventory).values() if one.key.object.endswith(" ds01")]
    assert one.is_finding
    saw(made, NOW + HOUR, datastore(free=0.9))
    assert one.key.object not in made.judged(evaluate_inventory, NOW + HOUR)


def test_findings_through_a_source_that_fails_stay_and_are_explained_by_it(tmp_path):
    made = office(tmp_path)
    saw(made, NOW, datastore(free=0.01))
    failed(made, NOW + HOUR)
    found = made.judged(evaluate_inventory, NOW + LIMIT + HOUR).values()
    outcome = play(found, {}, policy=AlertPolicy(), zone=TEHRAN, now=NOW + LIMIT + HOUR)
    (full,) = [one for one in outcome.changed if one.key.object.endswith(" ds01")]
    assert full.explained_by == Key("inventory", "vc01")


def test_before_the_first_scan_nothing_is_well(tmp_path):
    found = office(tmp_path, "expects: {roles: {dc: 1}}\n").judged(evaluate_inventory)
    assert codes(found) == {"vc01": "source.never-seen", **EMPTY}
    assert found["health"].depends_on == (Key("inventory", "vc01"),)


def test_a_role_that_is_missing_is_critical_and_may_be_with_a_source_that_was_never_scanned(tmp_path):
    made = office(tmp_path, "expects: {roles: {dc: 1}}\n", vc01=LIVE, other=FILES)
    vm = Entity(
        kind=Kind.VM,
        key=EntityKey("uuid-1"),
        ref="vm-1",
        source="vc01",
        seen_at=NOW,
        properties={"name": "app01", "runtime.powerState": "poweredOn"},
    )
    saw(made, NOW, vm)
    one = made.judged(evaluate_inventory)["role.missing dc"]
    assert (one.state, one.depends_on) == (State.CRITICAL, (Key("inventory", "other"),))


def test_a_mistake_in_the_health_section_hides_neither_sources_nor_what_is_open(tmp_path):
    made = office(tmp_path, "health: {ignore: [no.such-code]}\n")
    saw(made, NOW, datastore())
    made.opens(Key("inventory", "vm.not-connected app01"), Key("inventory", "vc02"))
    found = made.judged(evaluate_inventory)
    assert codes(found) == {
        "vc01": "source.fresh", "health": "not-judged", "vm.not-connected app01": "not-looked",
    }  # fmt: skip
    assert found["vm.not-connected app01"].depends_on == (Key("inventory", "health"),)


def test_what_explains_some_findings_of_a_code_does_not_hide_the_others(tmp_path):
    source, other = Key("inventory", "vc01"), Key("inventory", "vc02")
    with office(tmp_path).watched() as watched:
        same = [
            Found(state=State.WARNING, code="c", table="t", subject="a", depends_on=frozenset({source})),
            Found(state=State.WARNING, code="c", table="t", subject="b", depends_on=frozenset({source, other})),
        ]
        (both,) = told(same, "inventory", watched, None)
        (none,) = told([*same, replace(same[0], depends_on=frozenset({other}))], "inventory", watched, None)
    assert (both.depends_on, none.depends_on) == ((source,), ())


def test_a_source_that_is_called_as_a_part_of_the_check_is_told_as_the_worse_of_both(tmp_path):
    found = office(tmp_path, health=FILES).judged(evaluate_inventory)
    assert codes(found) == {"health": "source.never-seen"}


def test_an_office_without_source_and_register_has_nothing_to_tell(tmp_path):
    assert WatchedOffice(tmp_path).judged(evaluate_inventory) == {}


# The register


def register(made: WatchedOffice, *entries: str) -> None:
    lines = "".join(f"  - {{{entry}}}\n" for entry in entries)
    (made.folder / "inventory.yaml").write_text(SITES + lines, encoding="utf-8")


LINK = "id: link-1, kind: link, name: link, site: head, status: in_use, link: {provider: x, contract_end: 1405-08-30}"
PHONE = "id: p-{}, kind: printer, name: printer, site: head, status: in_use, warranty_end: 1405-01-01"


def test_the_register_is_told_as_its_command_judges_it(tmp_path):
    made = WatchedOffice(tmp_path)
    register(made, LINK, PHONE.format(1), PHONE.format(2))
    found = made.judged(evaluate_inventory)
    assert found["register"].code == "register.judged"
    ended = found["link.contract-ended link-1"]
    assert (ended.state, ended.table, ended.depends_on) == (State.CRITICAL, "asset", (Key("inventory", "register"),))
    ended = found["warranty.ended"].facts
    assert (ended["about"], ended["alike"], ended["alike_names"]) == ("p-1", 1, "p-2")
    assert "scan.none" not in found, "nobody asked itops to look for devices"


def test_a_register_that_cannot_be_read_is_unknown_and_the_rest_is_judged(tmp_path):
    made = office(tmp_path)
    saw(made, NOW, datastore())
    made.opens(Key("inventory", "link.contract-ended link-1"))
    (tmp_path / "inventory.yaml").write_text("assets: [{id: 1, knd: x}]\n")
    found = made.judged(evaluate_inventory)
    assert (found["register"].state, found["register"].code) == (State.UNKNOWN, "not-judged")
    assert "knd" in str(found["register"].facts["problem"])
    assert found["link.contract-ended link-1"].code == "not-looked"
    assert {"vc01", "health"} <= set(found)


def test_a_register_that_was_there_and_is_not_any_more_is_unknown(tmp_path):
    made = WatchedOffice(tmp_path)
    with made.store() as store:
        store.register.remember({"link-1": {"kind": "link"}}, NOW, None, "by hand")
    one = made.judged(evaluate_inventory)["register"]
    assert (one.state, one.code) == (State.UNKNOWN, "register.gone")


def test_nothing_of_a_round_closes_as_judged_no_more_while_the_register_is_broken(tmp_path):
    made = WatchedOffice(tmp_path)
    register(made, LINK)
    key = Key("inventory", "link.contract-ended link-1")
    made.opens(key)
    (tmp_path / "inventory.yaml").write_text("nonsense")
    with made.watched(NOW + HOUR) as watched:
        found = evaluate(watched, {"inventory": evaluate_inventory}, ["inventory"])
        incidents = watched.reader.watch.incidents()
    outcome = play(found.evaluations, incidents, policy=AlertPolicy(), zone=TEHRAN, now=NOW + HOUR, covered=found.whole)
    assert not [event for event in outcome.events if event.kind is EventKind.RECOVERED]


# Until when


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(hours=st.integers(0, 24 * 60), scans=st.sampled_from(["", "+", "+-", "-", "+-+"]))
def test_until_its_moment_each_key_stays_as_it_was_judged(tmp_path_factory, hours, scans):
    made = office(tmp_path_factory.mktemp("office"))
    register(made, LINK, PHONE.format(1))
    for number, scanned in enumerate(scans):
        at = NOW + number * HOUR
        saw(made, at, datastore(free=0.01), gap()) if scanned == "+" else failed(made, at)
    assert assert_stays_until_its_moment(made, evaluate_inventory, NOW + 3 * HOUR + timedelta(hours=hours)) >= 2
