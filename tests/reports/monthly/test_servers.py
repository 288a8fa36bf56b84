"""Rows, figures and findings of the servers, from facts to the part of the report."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.assets.devices import join, sightings_of
from itops.assets.policy import AssetPolicy
from itops.assets.records import Asset, AssetKind, Match
from itops.inventory.entities import Entity, Kind, Value
from itops.inventory.facts import Action
from itops.inventory.health import Finding
from itops.inventory.merge import merged
from itops.names import Identifier, Names
from itops.reports.monthly.figures import FigureBook
from itops.reports.monthly.parts import ServerPart, ServerRow
from itops.reports.monthly.servers import ServerFacts, server_part
from itops.reports.monthly.servers_changes import Work
from itops.reports.monthly.servers_machines import Known, SeenVm
from itops.verdict import State, severity
from itops.worklog.entries import WorkKind
from itops.worklog.findings import found
from itops.worklog.log import WorkLog
from itops.worklog.matching import match
from itops.worklog.policy import ChangePolicy
from tests.inventory.sightings import HOST1, host, vm
from tests.worklog.making import change, changes, day, entries, entry, log

TODAY = date(2026, 11, 21)
GUEST: dict[str, Value] = {"guest__ipAddress": "192.0.2.7", "guest__guestFullName": "Debian"}
NICS: Value = [{"spec": {"ip": {"ipAddress": "192.0.2.1"}}}]


def part(seen: list[Entity] | None = None, *assets: Asset, **more: Any) -> ServerPart:
    entities = seen or []
    known = Known(
        vms=tuple(SeenVm(thing=thing) for thing in merged(one for one in entities if one.kind is Kind.VM)),
        hosts=tuple(one for one in entities if one.kind is Kind.HOST),
        devices=join(sightings_of(entities), AssetPolicy()),
        assets=assets,
        today=TODAY,
    )
    return server_part(ServerFacts(known=known, **({"work": Work(), "is_scanned": True} | more)))


def row(seen: Entity | None = None, *assets: Asset) -> ServerRow:
    (only,) = part([seen] if seen else [], *assets).rows
    return only


def server(**more: Any) -> Asset:
    known = {"name": Names(fa="سرور پشتیبان", en="Backup"), "site": "head-office", **more}
    return Asset(id=Identifier("SRV-001"), kind=AssetKind.SERVER, **known)


def work_of(observed: list[Any], written: WorkLog, **more: Any) -> Work:
    matched = match(observed, written, ChangePolicy())
    return Work(changes=matched.changes, entries=written.standing, **more)


@pytest.mark.parametrize(
    ("seen", "missing"),
    [
        pytest.param(vm("a", **GUEST), (), id="a VM that tells all"),
        pytest.param(vm("a"), ("ip", "os"), id="without tools"),
        pytest.param(vm("a", config__guestFullName="Debian"), ("ip",), id="configured, not told"),
        pytest.param(vm("a", host=None, **GUEST), ("host",), id="nobody says where it runs"),
        pytest.param(vm("a", runtime__powerState="poweredOff"), ("os",), id="off, so it has no address"),
        pytest.param(host(), ("serial", "site", "ip"), id="a host without serial and address"),
        pytest.param(
            host(hardware__systemInfo__serialNumber="CZ1234560A", config__network__vnic=NICS), ("site",), id="a host"
        ),
        pytest.param(
            host(hardware__systemInfo__serialNumber="Default string", config__network__vnic=NICS),
            ("serial", "site"),
            id="a filler is no serial",
        ),
    ],
)
def test_what_nobody_told_is_missing_from(seen, missing):
    assert row(seen).missing == missing


def test_what_is_missing_is_a_finding_and_without_serial_or_host_a_warning():
    findings = part([vm("a", "sql01", host=None, **GUEST), vm("b", "dc01")]).findings
    assert [(one.code, one.subject, one.state, one.facts) for one in findings] == [
        ("report.server-incomplete", "sql01", State.WARNING, {"fields": "host"}),
        ("report.server-incomplete", "dc01", State.OK, {"fields": "ip, os"}),
    ]
    assert [(one.room, one.table, one.evidence[0].ref) for one in findings] == [
        ("servers", "report", "a"),
        ("servers", "report", "b"),
    ]


def test_a_server_that_only_the_register_knows_is_told_as_it_has_it():
    told = row(
        None, server(serial="CZ1234560C", vendor="DELL INC.", model="Dell PowerEdge R740", match=Match(ip="192.0.2.5"))
    )
    assert (told.id, told.asset_id, told.name, told.source) == ("SRV-001", "SRV-001", "سرور پشتیبان", "register")
    assert (told.vendor, told.model, told.serial, told.addresses) == (
        "Dell",
        "PowerEdge R740",
        "CZ1234560C",
        ("192.0.2.5",),
    )
    assert (told.is_powered_on, told.seen_at, told.missing) == (None, None, ("os",))


def test_the_name_of_the_register_is_that_of_the_office_s_language():
    assert part([], server(), language="en").rows[0].name == "Backup"


@pytest.mark.parametrize(
    ("seen", "is_on"),
    [
        pytest.param(vm("a"), True, id="on"),
        pytest.param(vm("a", runtime__powerState="poweredOff"), False, id="off"),
        pytest.param(vm("a", runtime__powerState="suspended"), False, id="suspended"),
        pytest.param(vm("a", runtime__powerState=None), None, id="nobody said"),
        pytest.param(vm("a", runtime__connectionState="disconnected"), None, id="on when it was last heard of"),
        pytest.param(host(runtime__connectionState="connected"), True, id="a host that answers"),
        pytest.param(host(runtime__connectionState="notResponding", runtime__powerState="poweredOn"), None, id="mute"),
        pytest.param(host(), None, id="a host of an export"),
    ],
)
def test_a_server_runs_only_when_somebody_knows_it(seen, is_on):
    assert row(seen).is_powered_on is is_on
    running = FigureBook.of(part([seen]).figures)["servers.running"]
    assert (running.value, running.of) == (int(is_on is True), 1)


def test_physical_servers_stand_before_virtual_ones_each_by_name():
    seen = [vm("b", "beta"), vm("a", "Alpha"), host(name="zeta")]
    assert [one.name for one in part(seen).rows] == ["zeta", "Alpha", "beta"]


def test_a_host_tells_its_version_as_its_maker_writes_it():
    assert row(host()).version == "7.0.3 build-19193900"
    assert row(host(config__product__build=None)).version == "7.0.3"


def test_a_finding_of_the_log_carries_what_proves_it():
    written = log(entry())
    work = work_of(
        [change("DFSR")],
        written,
        findings=(
            found(
                "change.removed-unexplained",
                "DFSR",
                match([change("DFSR")], written, ChangePolicy()).changes[0].ref.code,
            ),
            found("change.order-no-letter", "", "log 1", number=1),
            found("change.link-dangling", "log 9", "removed-00000000"),
        ),
    )
    findings = {one.code: one for one in part(work=work).findings}
    gone = findings["change.removed-unexplained"]
    assert (gone.since, gone.evidence[0].kind, gone.evidence[0].note) == (day(10), "change", "DFSR")
    assert findings["change.order-no-letter"].subject == "log 1"
    assert findings["change.order-no-letter"].evidence[0].at == day(9)
    assert findings["change.link-dangling"].since is None


def test_only_what_is_worse_than_advice_is_told_of_health():
    told = [
        Finding(code=code, state=state, subject_kind=Kind.VM, subject="dc01", subject_id="a", source="vc01", data={})
        for code, state in (
            ("vm.off-long", State.OK),
            ("snapshot.old", State.WARNING),
            ("role.missing", State.CRITICAL),
        )
    ]
    findings = part(health=tuple(told)).findings
    assert [(one.code, one.table) for one in findings] == [("role.missing", "health"), ("snapshot.old", "health")]


def test_an_asset_or_a_host_that_was_patched_is_no_upgraded_virtual_server():
    seen = [vm("a", "dc01", **GUEST), host(name="esx01")]
    assets = (
        server(),
        Asset(id=Identifier("NET-001"), kind=AssetKind.NETWORK_DEVICE, name=Names(fa="س", en="s"), site="x"),
    )
    written = log(
        *(entry(WorkKind.PATCHED, name) for name in ("esx01", HOST1, "SRV-001", "NET-001", "dc01", "A", "unheard of"))
    )
    book = FigureBook.of(part(seen, *assets, work=work_of([], written)).figures)
    upgraded = book["servers.upgraded"]
    assert (upgraded.value, [one.note for one in upgraded.evidence]) == (2, ["dc01", "dc01", "unheard of"])
    assert book["changes.patched"].value == 5


@given(observed=st.lists(changes(), max_size=8), written=st.lists(entries(), max_size=6))
def test_every_figure_is_counted_from_its_evidence_and_every_change_is_a_row(observed, written):
    work = work_of(observed, log(*written))
    told = part(work=work)
    book = FigureBook.of(told.figures)
    assert len(told.changes) == len(work.changes)
    assert [one.number for one in told.deeds] == [one.number for one in work.entries]
    for name, action in (("created", Action.ADDED), ("removed", Action.REMOVED)):
        fitting = [one for one in told.changes if one.action == action]
        assert book[f"servers.{name}"].value == len({one.id for one in fitting})
        assert [one.ref for one in book[f"servers.{name}"].evidence] == [one.code for one in fitting]
    for name in ("upgraded", "moved"):
        assert 0 <= book[f"servers.{name}"].value <= len(book[f"servers.{name}"].evidence)
        assert bool(book[f"servers.{name}"].value) == bool(book[f"servers.{name}"].evidence)
    gone = [one for one in told.changes if one.action == Action.REMOVED]
    assert book["changes.without_order"].value == sum(one.order is None for one in gone)
    ranks = [severity(one.state) for one in told.findings]
    assert ranks == sorted(ranks, reverse=True)


def test_a_server_that_went_from_two_places_or_twice_counts_once():
    gone = [change("a", Action.REMOVED, at=3), change("a", Action.REMOVED, at=9)]
    told = FigureBook.of(part(work=work_of(gone, log())).figures)["servers.removed"]
    assert (told.value, len(told.evidence)) == (1, 2)


def test_where_nobody_looked_in_the_period_what_happened_is_unknown_and_not_nought():
    written = log(entry(WorkKind.PATCHED, "sql01"))
    book = FigureBook.of(part([vm("a", "sql01")], work=work_of([], written), is_watched=False).figures)
    assert book["servers.total"].value == 1
    for name in ("servers.created", "servers.removed", "servers.moved", "hosts.added", "changes.without_order"):
        assert (book[name].value, book[name].reason) == (None, "not-watched")
    assert (book["servers.upgraded"].value, book["changes.patched"].value) == (1, 1)
