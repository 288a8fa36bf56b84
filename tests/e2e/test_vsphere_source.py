"""The vsphere source against the simulated vCenter, plain and behind the strict proxy. `make e2e`."""

import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pyVmomi import SoapAdapter, vim, vmodl

from itops.errors import SourceUnavailable
from itops.inventory.entities import Entity, Gap, Kind, Place, Seen
from itops.inventory.records import vm_of
from itops.inventory.snapshots import snapshots_of
from itops.secrets import Secret
from itops.sources.vsphere import VsphereSource
from itops.sources.vsphere.settings import VsphereSettings
from itops.sources.vsphere.soap import READING_METHODS
from itops.tls import Trust
from tests.e2e.simulator import Simulator
from tests.e2e.strict_proxy import StrictProxy

pytestmark = pytest.mark.e2e
NOW = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


def source(at: Simulator | StrictProxy, simulator: Simulator, **changes: Any) -> VsphereSource:
    chosen: dict[str, Any] = {
        "host": at.host,
        "port": at.port,
        "username": simulator.username,
        "password": Secret(simulator.password),
        "tls": Trust(pin=at.pin),
        "read_timeout_seconds": 20.0,
    }
    return VsphereSource("vc01", VsphereSettings(**{**chosen, **changes}))


def look(chosen: VsphereSource) -> tuple[list[Entity], list[Gap]]:
    (observation,) = chosen.observe(NOW)
    seen: list[Seen] = list(observation.seen)
    return [item for item in seen if isinstance(item, Entity)], [item for item in seen if isinstance(item, Gap)]


def of_kind(entities: list[Entity], kind: Kind) -> dict[str, Entity]:
    return {entity.name: entity for entity in entities if entity.kind is kind}


def refs(entities: list[Entity]) -> list[str]:
    return sorted(entity.ref for entity in entities if entity.kind is Kind.VM)


@pytest.fixture
def proxy(vcenter: Simulator) -> Iterator[StrictProxy]:
    with StrictProxy(vcenter.url, vcenter.certificate) as strict:
        yield strict


def test_a_vcenter_is_seen_whole(vcenter: Simulator) -> None:
    entities, gaps = look(source(vcenter, vcenter))
    assert len(of_kind(entities, Kind.VM)) == vcenter.machine_count
    assert {entity.kind for entity in entities} == set(Kind) - {Kind.DEVICE}
    assert {gap.code for gap in gaps} <= {"vm.unreadable"}
    assert all(entity.seen_at == NOW and entity.source == "vc01" for entity in entities)


def test_a_lone_host_is_seen_whole_without_what_only_vcenters_have(lone_esx: Simulator) -> None:
    entities, _ = look(source(lone_esx, lone_esx))
    assert len(of_kind(entities, Kind.VM)) == lone_esx.machine_count
    (host,) = of_kind(entities, Kind.HOST).values()
    (endpoint,) = of_kind(entities, Kind.ENDPOINT).values()
    assert endpoint.key == f"esx:{host.key}"
    assert Place.CLUSTER not in host.properties
    assert not of_kind(entities, Kind.CLUSTER)
    assert all(vm.get(Place.HOST_UUID) == host.key for vm in of_kind(entities, Kind.VM).values())


def test_hostile_names_arrive_as_they_are(vcenter: Simulator) -> None:
    vms = of_kind(look(source(vcenter, vcenter))[0], Kind.VM)
    assert {"[/]", "=cmd|x"} <= set(vms)
    assert any("/" in name and "%2f" not in name for name in vms)
    assert any("یادداشت" in str(vm.get("config.annotation")) for vm in vms.values())
    assert any(snapshot.depth > 0 for vm in vms.values() for snapshot in snapshots_of(vm))


def pyvmomi_objects(simulator: Simulator, paths: list[str]) -> dict[str, dict[str, Any]]:
    """The same properties as pyVmomi deserialises them: somebody else's opinion."""
    context = ssl.create_default_context(cadata=simulator.certificate)
    context.check_hostname = False
    stub = SoapAdapter.SoapStubAdapter(
        simulator.host, simulator.port, version="vim.version.version12", sslContext=context
    )
    content = vim.ServiceInstance("ServiceInstance", stub).RetrieveContent()
    content.sessionManager.Login(simulator.username, simulator.password)
    query = vmodl.query.PropertyCollector
    view = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], True)
    walk = query.TraversalSpec(type=vim.view.ContainerView, path="view", skip=False)
    spec = query.FilterSpec(
        objectSet=[query.ObjectSpec(obj=view, skip=True, selectSet=[walk])],
        propSet=[query.PropertySpec(type=vim.VirtualMachine, pathSet=paths)],
    )
    found = content.propertyCollector.RetrievePropertiesEx([spec], query.RetrieveOptions())
    content.sessionManager.Logout()
    return {item.obj._moId: {entry.name: entry.val for entry in item.propSet} for item in found.objects}


def test_every_scalar_and_disk_is_what_pyvmomi_reads(vcenter: Simulator) -> None:
    scalars = ["config.hardware.numCPU", "config.hardware.memoryMB", "config.annotation", "config.template",
               "guest.hostName", "runtime.powerState"]  # fmt: skip
    paths = [*scalars, "config.instanceUuid", "config.createDate", "config.hardware.device"]
    theirs = pyvmomi_objects(vcenter, paths)
    ours = {entity.ref: entity for entity in look(source(vcenter, vcenter))[0] if entity.kind is Kind.VM}
    assert set(ours) == set(theirs)
    for ref, expected in theirs.items():
        for path in scalars:
            assert ours[ref].get(path) == expected.get(path), (ref, path)
        if "config.instanceUuid" in expected:  # an orphan has none; ours then comes from its summary
            assert ours[ref].get("config.instanceUuid") == expected["config.instanceUuid"]
        created = vm_of(ours[ref]).created_at
        assert created == expected.get("config.createDate")
        disks = [d for d in expected.get("config.hardware.device", ()) if isinstance(d, vim.vm.device.VirtualDisk)]
        mine = [d for d in ours[ref].properties.get("config.hardware.device") or () if d["_type"] == "VirtualDisk"]
        assert [(d.key, d.backing.fileName, d.capacityInKB) for d in disks] == [
            (d["key"], d["backing"]["fileName"], d["capacityInKB"]) for d in mine
        ]


@pytest.mark.parametrize("first_token", ["1", "0"])
def test_no_page_is_lost(vcenter: Simulator, proxy: StrictProxy, first_token: str) -> None:
    proxy.first_token, proxy.bare_properties = first_token, True
    entities, _ = look(source(proxy, vcenter))
    assert len(set(refs(entities))) == vcenter.machine_count
    assert proxy.calls["ContinueRetrievePropertiesEx"] >= vcenter.machine_count // 100
    assert not proxy.open_tokens


def test_requests_do_not_grow_with_the_number_of_vms_but_for_pages(
    vcenter: Simulator, proxy: StrictProxy, start_simulator: Callable[..., Simulator]
) -> None:
    look(source(proxy, vcenter))
    few = start_simulator("-vms", "5")
    with StrictProxy(few.url, few.certificate) as small:
        look(source(small, few))
    pages = proxy.calls["ContinueRetrievePropertiesEx"] - small.calls["ContinueRetrievePropertiesEx"]
    assert proxy.requests - small.requests == pages


def test_only_reading_methods_are_ever_called(vcenter: Simulator, proxy: StrictProxy) -> None:
    gaps = look(source(proxy, vcenter, browse_datastores=True))[1]
    assert "datastore.search-failed" not in {gap.code for gap in gaps}, gaps
    soap_methods = {call for call in proxy.calls if " " not in call}
    assert soap_methods <= READING_METHODS
    assert {"RetrievePropertiesEx", "QueryAssignedLicenses", "SearchDatastoreSubFolders_Task"} <= soap_methods
    rest = {call for call in proxy.calls if " " in call}
    allowed = ("GET /rest/", "POST /rest/com/vmware/cis/session", "DELETE /rest/com/vmware/cis/session",
               "POST /rest/com/vmware/cis/tagging/tag-association")  # fmt: skip
    assert all(call.startswith(allowed) for call in rest), rest


def test_views_tokens_and_sessions_are_given_back(vcenter: Simulator, proxy: StrictProxy) -> None:
    look(source(proxy, vcenter))
    assert not proxy.open_sessions
    assert not proxy.open_views


def test_a_scan_that_is_stopped_in_the_middle_still_gives_everything_back(
    vcenter: Simulator, proxy: StrictProxy
) -> None:
    (observation,) = source(proxy, vcenter).observe(NOW)
    for seen in observation.seen:
        if isinstance(seen, Entity) and seen.kind is Kind.VM:
            break
    observation.seen.close()  # type: ignore[attr-defined]
    assert not proxy.open_sessions
    assert not proxy.open_views
    assert not proxy.open_tokens


def test_an_older_server_is_not_asked_for_what_it_cannot_know(vcenter: Simulator, proxy: StrictProxy) -> None:
    proxy.api_version = "6.5"
    entities, gaps = look(source(proxy, vcenter))
    assert len(refs(entities)) == vcenter.machine_count
    assert not [gap for gap in gaps if gap.code == "property.unsupported"]
    assert all("config.createDate" not in entity.properties for entity in entities)


def test_a_refused_path_costs_one_gap_and_nothing_else(vcenter: Simulator, proxy: StrictProxy) -> None:
    proxy.api_version = "6.0"
    chosen = source(proxy, vcenter)
    client = chosen.client()
    chosen.client = lambda: client  # type: ignore[method-assign]
    greet = type(client).__setattr__
    (observation,) = chosen.observe(NOW)
    stream = observation.seen
    first = next(stream)  # logged in: now pretend that the server had claimed to be newer than it is
    greet(client, "api_version", "6.7")
    rest = list(stream)
    seen = [first, *rest]
    vms = [item for item in seen if isinstance(item, Entity) and item.kind is Kind.VM]
    unsupported = {item.subject for item in seen if isinstance(item, Gap) and item.code == "property.unsupported"}
    assert len(vms) == vcenter.machine_count
    assert "VirtualMachine config.createDate" in unsupported


def test_a_missing_right_is_one_gap_that_names_it(vcenter: Simulator, proxy: StrictProxy) -> None:
    proxy.forbidden = {"VirtualMachine.config.annotation", "LicenseManager"}
    entities, gaps = look(source(proxy, vcenter))
    assert len(refs(entities)) == vcenter.machine_count
    assert all("config.annotation" not in entity.properties for entity in entities)
    missing = [gap for gap in gaps if gap.code == "permission.missing"]
    (annotation,) = [gap.problem for gap in missing if "config.annotation" in gap.subject]
    readable = [entity for entity in entities if entity.kind is Kind.VM and "config.version" in entity.properties]
    assert f"of {len(readable)} VirtualMachine objects" in annotation  # two orphans have no config at all
    assert any(Kind.LICENSE in gap.hides for gap in missing)
    assert all("Read-only" in gap.remedy for gap in missing)


def test_a_vm_removed_between_two_pages_is_a_gap_and_no_crash(vcenter: Simulator, proxy: StrictProxy) -> None:
    everyone = refs(look(source(vcenter, vcenter))[0])
    proxy.vanishes = everyone[-1]
    proxy.data_from = 50
    entities, gaps = look(source(proxy, vcenter))
    assert set(everyone) - set(refs(entities)) <= {proxy.vanishes}
    missing = vcenter.machine_count - len(refs(entities))
    assert len([gap for gap in gaps if gap.code in ("vm.vanished", "vm.hidden")]) == missing


@pytest.mark.parametrize("form", ["fault", "missing", "view gone"])
def test_a_dropped_session_is_opened_again_and_nothing_is_given_twice(
    vcenter: Simulator, proxy: StrictProxy, form: Any
) -> None:
    proxy.data_from, proxy.drop_session_at, proxy.dead_session = 50, 2, form
    entities, gaps = look(source(proxy, vcenter))
    assert len(refs(entities)) == len(set(refs(entities))) == vcenter.machine_count
    assert proxy.calls["Login"] == 2
    assert "session.restarted" in {gap.code for gap in gaps}


def test_an_answer_that_breaks_off_is_asked_again(vcenter: Simulator, proxy: StrictProxy) -> None:
    proxy.data_from, proxy.cut_at = 50, 2
    entities, _ = look(source(proxy, vcenter))
    assert len(refs(entities)) == len(set(refs(entities))) == vcenter.machine_count


def test_a_server_that_stalls_is_given_up_after_the_read_limit(vcenter: Simulator, proxy: StrictProxy) -> None:
    proxy.data_from, proxy.stall_at, proxy.stall_seconds = 50, 1, 10.0
    entities, gaps = look(source(proxy, vcenter, read_timeout_seconds=4.0))
    assert len(refs(entities)) == vcenter.machine_count
    assert any("timed out" in gap.problem for gap in gaps)


def test_raw_control_characters_do_not_stop_a_scan(vcenter: Simulator, proxy: StrictProxy) -> None:
    proxy.raw_controls = True
    assert len(refs(look(source(proxy, vcenter))[0])) == vcenter.machine_count


def test_a_wrong_password_is_named_and_never_shown(vcenter: Simulator) -> None:
    chosen = source(vcenter, vcenter, password=Secret("canary-of-the-password"))
    with pytest.raises(SourceUnavailable) as failure:
        look(chosen)
    assert f"refused the login of {vcenter.username}" in failure.value.problem
    assert "canary" not in str(failure.value) + failure.value.remedy + repr(failure.value.__context__)


def test_another_certificate_than_the_pinned_one_stops_before_any_login(vcenter: Simulator, proxy: StrictProxy) -> None:
    with pytest.raises(SourceUnavailable, match="another certificate"):
        look(source(proxy, vcenter, tls=Trust(pin=vcenter.pin)))
    assert proxy.requests == 0


def test_an_unknown_authority_stops_before_any_login(vcenter: Simulator, proxy: StrictProxy) -> None:
    with pytest.raises(SourceUnavailable, match="not the server"):
        look(source(proxy, vcenter, tls=Trust()))
    assert proxy.requests == 0


def test_nothing_listening_is_a_source_unavailable_with_a_remedy(vcenter: Simulator) -> None:
    with pytest.raises(SourceUnavailable) as failure:
        look(source(vcenter, vcenter, port=1))
    assert failure.value.remedy


def test_tags_and_attributes_come_with_the_vms(office_after: Simulator) -> None:
    entities, gaps = look(source(office_after, office_after))
    assert not [gap for gap in gaps if gap.code.startswith("tags")]
    assert any(entity.get(Place.TAGS) for entity in entities)
    assert any(entity.get(Place.CUSTOM_ATTRIBUTES) for entity in entities)


def test_the_office_keeps_every_identity_when_it_moves_to_vcenter(
    office_before: tuple[Simulator, Simulator], office_after: Simulator
) -> None:
    before = [vm for host in office_before for vm in look(source(host, host))[0]]
    after = look(source(office_after, office_after))[0]
    old, new = of_kind(before, Kind.VM), of_kind(after, Kind.VM)
    assert set(old) - set(new) == {"kaspersky", "RDC", "Citrix", "DFSR", "SCCM"}
    assert set(new) - set(old) == {"WSUS", "SQL", "PDC", "VCSA", "DC", "KMS"}
    for name in set(old) & set(new):
        assert old[name].key == new[name].key
        assert old[name].ref != new[name].ref
    hosts_before = {host.key for host in before if host.kind is Kind.HOST}
    assert hosts_before == {host.key for host in after if host.kind is Kind.HOST}
