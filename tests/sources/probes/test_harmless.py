"""No probe logs in, writes or posts, and none goes where the inventory has no VM. Judged by the bytes themselves."""

from collections.abc import Mapping

import pytest

from itops.errors import ConfigInvalid
from itops.inventory.entities import Entity
from itops.inventory.roles.probed import ProbeResult
from itops.sources.probes.addresses import AddressBook, AddressRefused
from itops.sources.probes.ber import element_at, elements
from itops.sources.probes.cursor import Cursor
from itops.sources.probes.probe import Transport
from itops.sources.probes.prober import PROBES, Prober, ProbeSettings, ProbeTarget, Unprobed, plan_probes
from itops.sources.probes.tds import TDS
from tests.inventory.roles.builders import NOW, vm

ADDRESS = "10.1.0.5"
REQUESTS: Mapping[str, bytes] = {probe.name: probe.request(ADDRESS) for probe in PROBES}


def at(name: str, *addresses: str, **more) -> Entity:
    return vm(name, **{"guest.net": [{"deviceConfigId": 4000, "ipAddress": list(addresses)}]} | more)


def test_there_is_a_harmlessness_test_for_every_probe():
    assert set(REQUESTS) == {"tds", "sql-browser", "ldap", "ldap-ping", "kms", "wsus", "wsus-tls", "vsphere"}


@pytest.mark.parametrize("name", ["wsus", "wsus-tls", "vsphere"])
def test_a_web_probe_is_one_get_without_credentials_or_body(name):
    head, _, body = REQUESTS[name].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0].startswith(b"GET /")
    assert {line.partition(b":")[0].lower() for line in lines[1:]} == {b"host", b"user-agent", b"connection"}
    assert body == b""


@pytest.mark.parametrize("name", ["ldap", "ldap-ping"])
def test_an_ldap_probe_is_one_search_of_the_root_and_never_a_bind(name):
    (message,) = elements(REQUESTS[name])
    _number, operation = elements(message.content)
    assert operation.tag == 0x63  # SearchRequest; a BindRequest is 0x60, and every change has its own tag
    cursor = Cursor(operation.content)
    assert element_at(cursor).content == b""  # base object: the rootDSE
    assert element_at(cursor).content == b"\x00"  # scope: that object alone


def test_the_tds_probe_is_a_prelogin_and_never_a_login():
    assert REQUESTS["tds"][0] == 0x12  # a LOGIN7 is 0x10, a batch of SQL 0x01
    assert int.from_bytes(REQUESTS["tds"][2:4], "big") == len(REQUESTS["tds"])


def test_the_browser_probe_is_the_one_byte_question():
    assert REQUESTS["sql-browser"] == b"\x03"


def test_the_kms_probe_is_a_bind_without_authentication_and_never_a_call():
    sent = REQUESTS["kms"]
    assert sent[2] == 11  # a call, and with it an activation, would be 0
    assert sent[10:12] == b"\x00\x00"  # no authentication data
    assert int.from_bytes(sent[8:10], "little") == len(sent) == 72


def test_each_probe_has_a_port_of_its_own():
    ports = [(probe.transport is Transport.UDP, probe.port) for probe in PROBES]
    assert len(ports) == len(set(ports))


def ask(book: AddressBook, entity: Entity, address: str) -> ProbeResult:
    target = ProbeTarget(vm_id=entity.key, vm=entity.name, address=address, probe=TDS)
    return Prober(book, ProbeSettings()).ask(target, NOW)


def test_an_address_outside_the_inventory_is_refused():
    entity = at("SQL01", ADDRESS)
    with pytest.raises(AddressRefused, match="no address of this VM"):
        ask(AddressBook.of([entity]), entity, "10.1.0.6")


def test_the_address_of_another_vm_is_refused():
    first, second = at("a", ADDRESS), at("b", "10.1.0.6")
    with pytest.raises(AddressRefused):
        ask(AddressBook.of([first, second]), first, "10.1.0.6")


def test_an_address_that_two_vms_claim_is_refused():
    first, second = at("a", ADDRESS), at("b", ADDRESS)
    with pytest.raises(AddressRefused, match="claimed by 2 VMs"):
        ask(AddressBook.of([first, second]), first, ADDRESS)


def test_one_vm_seen_through_two_sources_claims_its_address_once():
    assert AddressBook.of([at("a", ADDRESS), at("a", ADDRESS)]).objection("uuid-a", ADDRESS) is None


@pytest.mark.parametrize("address", ["8.8.8.8", "127.0.0.1", "169.254.1.1", "224.0.0.1", "2606:4700::1"])
def test_a_guest_cannot_send_us_to_the_world_or_to_ourselves(address):
    entity = at("liar", address)
    with pytest.raises(AddressRefused):
        ask(AddressBook.of([entity]), entity, address)


def test_a_public_network_of_the_office_may_be_named():
    entity = at("a", "8.8.8.8")
    assert AddressBook.of([entity], ["8.8.8.0/24"]).objection(entity.key, "8.8.8.8") is None


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.1.1", "224.0.0.1", "0.0.0.0", "::1"])
def test_special_addresses_are_refused_even_when_a_book_holds_them(address):
    assert AddressBook({address: frozenset({"a"})}).objection("a", address)


def test_a_whole_run_is_refused_when_one_target_is_not_allowed():
    entity = at("SQL01", ADDRESS)
    good, bad = (
        ProbeTarget(vm_id=entity.key, vm="SQL01", address=address, probe=TDS) for address in (ADDRESS, "10.1.0.6")
    )
    with pytest.raises(AddressRefused):
        next(Prober(AddressBook.of([entity]), ProbeSettings()).ask_all([bad, good], NOW))


def test_the_plan_asks_serving_vms_only_and_says_why_others_are_left_alone():
    entities = [
        at("SQL01", ADDRESS),
        at("off", "10.1.0.7", **{"runtime.powerState": "poweredOff"}),
        at("template", "10.1.0.8", **{"config.template": True}),
        vm("mute"),
    ]
    targets, left_alone = plan_probes(entities, AddressBook.of(entities))
    assert {target.vm for target in targets} == {"SQL01"}
    assert [target.probe.name for target in targets] == [probe.name for probe in PROBES]
    assert left_alone == (
        Unprobed(vm_id="uuid-off", vm="off", reason="powered-off"),
        Unprobed(vm_id="uuid-template", vm="template", reason="template"),
        Unprobed(vm_id="uuid-mute", vm="mute", reason="its guest reports no address"),
    )


def test_an_esxi_that_runs_as_a_vm_is_not_taken_for_a_vcenter():
    entity = at("nested", ADDRESS, **{"config.guestFullName": "VMware ESXi 7.0"})
    targets, _ = plan_probes([entity], AddressBook.of([entity]))
    assert "vsphere" not in {target.probe.name for target in targets}


@pytest.mark.parametrize("wrong", [{"timeout_seconds": 0}, {"timeout_seconds": 60}, {"at_once": 0}, {"at_once": 500}])
def test_nobody_can_configure_a_flood(wrong):
    with pytest.raises(ConfigInvalid):
        ProbeSettings(**wrong)
