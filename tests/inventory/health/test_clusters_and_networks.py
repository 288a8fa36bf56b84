from dataclasses import replace

import pytest

from itops.inventory.entities import Entity, EntityKey, Kind
from itops.verdict import State
from tests.inventory.health.estates import datastore, device, fires, found, host, thing, vm


def cluster(**settings: object) -> Entity:
    properties = {
        "configurationEx.dasConfig": {"enabled": True, "admissionControlEnabled": True},
        "configurationEx.drsConfig": {"enabled": True},
        "summary.numHosts": 3,
    }
    return thing(Kind.CLUSTER, "prod", {**properties, **settings})


def das(**fields: bool) -> dict:
    return {"configurationEx.dasConfig": fields}


def test_a_cluster_without_ha() -> None:
    assert not fires("cluster.ha-off", cluster())
    assert fires("cluster.ha-off", cluster(**das(enabled=False)))
    assert not fires("cluster.ha-off", cluster(**das(enabled=False), **{"summary.numHosts": 1}))


def test_admission_control_matters_only_where_ha_is_on() -> None:
    assert fires("cluster.admission-off", cluster(**das(enabled=True, admissionControlEnabled=False)))
    assert not fires("cluster.admission-off", cluster(**das(enabled=False, admissionControlEnabled=False)))
    assert not fires("cluster.admission-off", cluster(**das(enabled=True)))


def test_a_cluster_without_drs() -> None:
    assert fires("cluster.drs-off", cluster(**{"configurationEx.drsConfig": {"enabled": False}}))
    assert not fires("cluster.drs-off", cluster())


def member(name: str, build: str = "24022510", datastores: tuple[str, ...] = (), **more: str) -> Entity:
    place = {"at.cluster": "prod", "config.product.version": "8.0.3", "config.product.build": build}
    return host({**place, "datastore": list(datastores), **more}, name)


def test_hosts_of_a_cluster_on_different_builds() -> None:
    assert not fires("cluster.versions-differ", cluster(), member("esx01"), member("esx02"))
    (finding,) = found("cluster.versions-differ", cluster(), member("esx01"), member("esx02"), member("esx03", "1"))
    assert finding.data == {"versions": "8.0.3 1 (1), 8.0.3 24022510 (2)", "version_count": 2}


def test_builds_of_hosts_that_do_not_answer_or_stand_elsewhere_do_not_count() -> None:
    lost = member("esx02", "1", **{"runtime.connectionState": "notResponding"})
    elsewhere = member("esx03", "1", **{"at.cluster": "test"})
    assert not fires("cluster.versions-differ", cluster(), member("esx01"), lost, elsewhere)


def test_a_shared_datastore_that_one_host_lacks() -> None:
    stores = [datastore(name=name, ref=name) for name in ("shared", "local1")]
    hosts = [member("esx01", datastores=("shared", "local1")), member("esx02", datastores=("shared",)), member("esx03")]
    assert not fires("cluster.datastores-differ", cluster(), *stores, *hosts)  # esx03 told nothing of its datastores
    other = datastore(name="iso", ref="iso")
    (finding,) = found(
        "cluster.datastores-differ", cluster(), *stores, other, *hosts[:2], member("esx03", datastores=("iso",))
    )
    assert finding.data == {"datastore": "shared", "hosts": "esx03", "host_count": 1}


def portgroup_of_host(**security: bool) -> Entity:
    return host(
        {"config.network.portgroup": [{"spec": {"name": "VM Network"}, "computedPolicy": {"security": security}}]}
    )


@pytest.mark.parametrize(
    ("security", "codes"),
    [
        ({"allowPromiscuous": False, "macChanges": False, "forgedTransmits": False}, set()),
        ({"allowPromiscuous": True}, {"portgroup.promiscuous"}),
        ({"macChanges": True}, {"portgroup.forged-address"}),
        ({"forgedTransmits": True, "allowPromiscuous": True}, {"portgroup.forged-address", "portgroup.promiscuous"}),
        ({}, set()),
    ],
)
def test_security_of_standard_port_groups(security: dict, codes: set[str]) -> None:
    watched = ("portgroup.promiscuous", "portgroup.forged-address")
    assert {code for code in watched if fires(code, portgroup_of_host(**security))} == codes


def distributed(name: str = "dv-servers", **properties: object) -> Entity:
    base = {"key": "dvportgroup-1", "config.numPorts": 16, "config.autoExpand": False, "config.type": "earlyBinding"}
    return thing(Kind.PORTGROUP, name, {**base, **properties})


def test_security_of_distributed_port_groups() -> None:
    policy = {
        "securityPolicy": {"allowPromiscuous": {"inherited": False, "value": True}, "macChanges": {"value": False}}
    }
    open_group = distributed(**{"config.defaultPortConfig": policy})
    (finding,) = found("portgroup.promiscuous", open_group, portgroup_of_host())
    assert (finding.subject_kind, finding.state) == (Kind.PORTGROUP, State.WARNING)
    assert not fires("portgroup.forged-address", open_group, portgroup_of_host())


def cards(count: int) -> Entity:
    port = {"port": {"portgroupKey": "dvportgroup-1"}}
    return vm({"config.hardware.device": [device("VirtualVmxnet3", backing=port) for _ in range(count)]})


@pytest.mark.parametrize(("used", "expected"), [(6, False), (7, True), (20, True)])
def test_free_ports_of_a_distributed_port_group(used: int, expected: bool) -> None:
    findings = found("portgroup.ports-low", distributed(), cards(used))
    assert bool(findings) is expected
    assert all(finding.data == {"free_count": max(16 - used, 0), "port_count": 16} for finding in findings)


@pytest.mark.parametrize(
    "excused",
    [
        distributed(**{"config.autoExpand": True}),
        distributed(**{"config.type": "ephemeral"}),
        distributed(**{"config.uplink": True}),
        distributed("dvs01-DVUplinks-33"),
    ],
    ids=["grows", "ephemeral", "uplink", "uplink by name"],
)
def test_port_groups_that_cannot_run_out(excused: Entity) -> None:
    fixed = distributed("other", **{"key": "dvportgroup-2", "config.numPorts": 100})
    assert not fires("portgroup.ports-low", excused, fixed, cards(16))


@pytest.mark.parametrize(("free", "expected"), [(5, False), (4, True), (None, False)])
def test_free_ports_of_a_standard_switch(free: int | None, expected: bool) -> None:
    switch = {"name": "vSwitch0", "numPortsAvailable": free}
    assert fires("switch.ports-low", host({"config.network.vswitch": [switch]})) is expected


def test_a_host_that_is_also_read_directly_still_belongs_to_its_cluster() -> None:
    direct = [
        thing(Kind.ENDPOINT, "esx01", {"content.about.apiType": "HostAgent"}, source="esx01"),
        host({"config.product.build": "24022510"}, "esx01", key="uuid-1", source="esx01"),
    ]
    members = [replace(member("esx01"), key=EntityKey("uuid-1")), member("esx02", "24022511")]
    assert fires("cluster.versions-differ", *direct, cluster(), *members)
    assert fires("cluster.versions-differ", cluster(), *members, *direct)
