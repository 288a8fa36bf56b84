"""Nothing that tells whose it is survives; who equals whom does."""

import json
import re
from dataclasses import replace
from ipaddress import ip_address, ip_network
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.inventory.devices import guest_nic, nics_of
from itops.inventory.entities import Entity, EntityKey, Gap, Kind, Value
from itops.inventory.records import RECORD_OF, vm_of
from itops.inventory.redaction import Redactor
from itops.inventory.redaction_rules import free_text_paths
from itops.inventory.snapshots import snapshots_of
from itops.inventory.values import items
from tests.inventory.redaction_samples import GAP, Place, at, entity, office, places, with_text

KEY = bytes(range(32))
OFFICE = office()
POSITIONS = [(index, place) for index, thing in enumerate(OFFICE) for place in places(dict(thing.properties))]

# A text from the office, and the parts of it that must not be found afterwards.
CANARIES = [
    ("golestan-sql7", ("golestan", "sql7")),
    ("GOLESTAN SQL7 (old)", ("golestan", "sql7")),
    ("sql7.golestan.example.ir", ("golestan", "sql7", "example")),
    ("10.77.66.55", ("77.66.55",)),
    ("10.77.66.55/24", ("77.66.55",)),
    ("203.0.113.77", ("203.0.113", "113.77")),
    ("2001:db8:77:66::5501:aabb", ("77:66", "5501")),
    ("fe80::250:56ff:fe77:6655", ("fe77", "6655")),
    ("00:50:56:77:66:55", ("77:66:55", "00:50:56")),
    ("564d7766-5544-3322-1100-aabbccddeeff", ("564d7766", "aabbccddeeff")),
    ("naa.600508b1001c7766554433221100aabb", ("600508b1001c", "77665544")),
    ("[golestan-ds7] golestan-sql7/golestan-sql7_1-000003-flat.vmdk", ("golestan", "sql7", "ds7")),
    ("ds:///vmfs/volumes/golestan-vol7/", ("golestan", "vol7")),
    ("udp://log7.golestan.example.ir:514", ("golestan", "log7")),
    ("/Golestan7-DC/vm/Sazman-7", ("golestan", "sazman")),
    ("C:\\golestan7\\karimi7", ("golestan", "karimi")),
    ("GOLESTAN7\\n.karimi7", ("golestan", "karimi")),
    ("n.karimi7@golestan.example.ir", ("golestan", "karimi", "example")),
    ("CN=sql7.golestan.example.ir,O=Golestan-7", ("golestan", "sql7")),
    ("M749K-AAAAA-GOL7N-0C0CC-DDDDD", ("m749k", "gol7n")),
    ("HaNetwork-golestan-7", ("golestan",)),
    ("vc01:golestan-7", ("golestan",)),
    ("اداره کل گلستان ۷", ("گلستان", "اداره")),
    ("golestan7: ask n.karimi7 before you touch this, phone 77665544. " * 3, ("golestan", "karimi", "77665544")),
]


def redacted(thing: Entity, redactor: Redactor | None = None) -> Entity:
    result = (redactor or Redactor(KEY)).seen(thing)
    assert isinstance(result, Entity)
    return result


def leaks(thing: Entity | Gap, secrets: tuple[str, ...]) -> list[str]:
    shown = json.dumps(str(thing), ensure_ascii=False).lower()
    return [secret for secret in secrets if secret in shown]


def keeps_free_text(place: Place) -> bool:
    path = ".".join(str(step) for step in place if isinstance(step, str))
    return any(path == kept or path.endswith(f".{kept}") for kept in free_text_paths())


@settings(max_examples=600)
@given(st.sampled_from(POSITIONS), st.sampled_from(CANARIES))
def test_a_secret_does_not_survive_wherever_it_stands(position, canary):
    index, place = position
    text, secrets = canary
    thing = OFFICE[index]
    planted = replace(thing, properties=with_text(dict(thing.properties), place, text))
    if keeps_free_text(place) or (thing.kind is Kind.LICENSE and place == ("name",)):
        return  # the name of a product or a CPU; `test_a_known_name...` covers what is done there
    assert leaks(redacted(planted), secrets) == []


@pytest.mark.parametrize(("text", "secrets"), CANARIES, ids=range(len(CANARIES)))
def test_a_secret_does_not_survive_at_a_path_nobody_thought_of(text, secrets):
    value: Value = {"deep": [{"er": text}, [text]], text: 1}
    planted = entity(Kind.VM, text, text, {"at.unheard_of": value, "config.new.thing": text, text: text})
    assert leaks(redacted(replace(planted, source=text)), secrets) == []


@pytest.mark.parametrize(("text", "secrets"), CANARIES, ids=range(len(CANARIES)))
def test_a_secret_does_not_survive_in_a_table_of_peoples_own_words(text, secrets):
    planted = entity(
        Kind.VM, "k", "vm-1", {"at.custom_attributes": {text: text}, "at.tags": {text: [text], "Site.x": [text]}}
    )
    assert leaks(redacted(planted), secrets) == []


@pytest.mark.parametrize("field", ["source", "subject", "code", "problem", "remedy"])
@pytest.mark.parametrize(("text", "secrets"), CANARIES, ids=range(len(CANARIES)))
def test_a_secret_does_not_survive_in_a_gap(field, text, secrets):
    result = Redactor(KEY).seen(replace(GAP, **{field: text}))
    assert leaks(result, secrets) == []


def test_a_gap_still_says_what_it_hides_and_where_to_look():
    result = Redactor(KEY).seen(GAP)
    assert isinstance(result, Gap)
    assert (result.hides, result.code) == (GAP.hides, "permission.missing")
    assert re.fullmatch(r"host host-0001\.domain-0001\.domain-0002\.domain-0003", result.subject)
    assert "docs/reference/gaps.md" in result.remedy


def test_nothing_of_the_made_up_office_survives():
    redactor = Redactor(KEY)
    secrets = (
        "alborz", "example", "karimi", "nima", "sql01", "insurance", "karaj", "ds-gold", "db-net", "dvs-main", "esx0",
        "vc01", "a.rad", "10.20", "5h7kx2x", "alb-0042", "m549k", "s3cr3t", "win2019", "admin-pc", "export",
        "cluster-1", "ab:cd:ef", "600508b1", "office-token", "45, 45, 45", "before", "ask first", "owner", "role of it",
    )  # fmt: skip
    for thing in OFFICE:
        assert leaks(redacted(thing, redactor), secrets) == []


def test_what_things_are_stays():
    redactor = Redactor(KEY)
    vm, host, datastore, license_, endpoint, *_ = (redacted(thing, redactor).properties for thing in OFFICE)
    for shown, kept in (
        (vm, "config.guestFullName config.guestId config.version config.createDate config.firmware config.template"),
        (vm, "config.hardware.numCPU config.managedBy.extensionKey runtime.powerState runtime.host parent"),
        (vm, "guest.toolsStatus guest.disk config.cpuAllocation.shares.level"),
        (host, "hardware.systemInfo.vendor hardware.systemInfo.model summary.hardware.cpuModel runtime.bootTime"),
        (host, "config.product.version config.product.build config.product.fullName summary.maxEVCModeKey vm"),
        (host, "hardware.biosInfo.biosVersion config.service.service"),
        (datastore, "summary.type summary.capacity summary.accessible"),
        (license_, "name editionKey total used properties"),
        (endpoint, "content.about.fullName content.about.version content.about.apiType"),
    ):
        original = next(thing.properties for thing in OFFICE if kept.split()[0] in thing.properties and
                        set(kept.split()) <= set(thing.properties))  # fmt: skip
        for path in kept.split():
            assert shown[path] == original[path], path
    devices = items(vm["config.hardware.device"])
    assert [device["_type"] for device in devices] == ["VirtualDisk", "VirtualVmxnet3", "VirtualCdrom"]
    assert at(devices, (0, "deviceInfo", "label")) == "Hard disk 1"
    assert at(devices, (0, "backing", "diskMode")) == "persistent"
    assert at(vm["config.extraConfig"], (0,)) == {"key": "disk.EnableUUID", "value": "TRUE"}


def test_one_name_is_one_word_wherever_it_stands():
    redactor = Redactor(KEY)
    vm, host, datastore, _, endpoint, portgroup, cluster = (redacted(thing, redactor) for thing in OFFICE)
    get = vm.properties.get
    assert vm.name == "vm-0001"
    assert str(get("guest.hostName")).split(".")[0] == "vm-0001"
    assert get("config.files.vmPathName") == f"[{datastore.name}] vm-0001/vm-0001.vmx"
    disk, nic, cdrom = items(get("config.hardware.device"))
    assert at(disk, ("backing", "fileName")) == f"[{datastore.name}] vm-0001/vm-0001_1-000002.vmdk"
    assert portgroup.name == "network-0001"
    assert nic["network"] == portgroup.name == at(nic, ("deviceInfo", "summary"))
    assert nic["switch"] == portgroup.get("at.switch")
    assert re.fullmatch(r"\[datastore-\d+\] file-\d+/file-\d+\.iso", str(at(cdrom, ("backing", "fileName"))))
    assert get("at.host") == host.name
    assert get("at.host_uuid") == host.key == host.get("hardware.systemInfo.uuid")
    assert get("at.cluster") == cluster.name
    assert get("at.server") == endpoint.name
    assert get("at.datastores") == [datastore.name]
    assert get("at.folder") == f"/{get('at.datacenter')}/vm/folder-0001"
    assert str(get("at.resource_pool")).startswith(f"/{get('at.datacenter')}/{cluster.name}/Resources/resource-pool-")
    assert get("guest.net")[0]["macAddress"] == nic["macAddress"]  # type: ignore[index, call-overload]
    assert at(get("config.extraConfig"), (1, "value")) == "vm-0001.nvram"
    assert vm.key == get("config.instanceUuid") != get("config.uuid")
    assert datastore.get("summary.url") == f"ds:///vmfs/volumes/{datastore.key}/"
    assert portgroup.key == f"{portgroup.source}:dvportgroup-50"
    tag, asset = items(host.get("hardware.systemInfo.otherIdentifyingInfo"))
    assert str(tag["identifierValue"]).strip() == host.get("hardware.systemInfo.serialNumber")
    assert str(asset["identifierValue"]).startswith("serial-")


def test_replacements_have_the_shape_of_what_they_replace():
    redactor = Redactor(KEY)
    vm, host, _, license_, endpoint, *_ = (redacted(thing, redactor) for thing in OFFICE)
    UUID(vm.key)
    UUID(str(at(vm.get("config.hardware.device"), (0, "backing", "uuid"))))
    UUID(host.key)
    assert re.fullmatch(r"02|[0-9a-f][26ae]", str(nics_of(vm)[0].mac_address)[:2])
    assert re.fullmatch(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", str(nics_of(vm)[0].mac_address))
    assert re.fullmatch(r"(?:[A-Z0-9]{5}-){4}[A-Z0-9]{5}", str(license_.get("licenseKey")))
    assert re.fullmatch(r"naa\.[0-9a-f]{32}", str(at(host.get("config.storageDevice.scsiLun"), (0, "canonicalName"))))
    assert re.fullmatch(r"udp://[\d.]+:514", str(at(host.get("config.option"), (0, "value"))))
    assert at(host.get("config.network.vnic"), (0, "spec", "ip", "subnetMask")) == "255.255.255.0"
    assert at(host.get("config.network.pnic"), (0, "device")) == "vmnic0"
    assert host.get("config.certificate") == [0] * 10
    session = items(endpoint.get("sessionList"))[0]
    assert re.fullmatch(r"user-\d+\\?.*|[a-z-]+\d+", str(session["userName"]))
    assert session["loginTime"] == "2026-10-20T08:00:00Z"


def test_redacted_entities_give_typed_records_with_the_same_numbers_and_states():
    redactor = Redactor(KEY)
    for thing in OFFICE:
        record_of = RECORD_OF.get(thing.kind)
        if record_of is not None:
            before, after = record_of(thing), record_of(redacted(thing, redactor))
            for field in before.__slots__:
                one, other = getattr(before, field), getattr(after, field)
                assert (one is None) == (other is None), field
                if not isinstance(one, str | tuple):
                    assert one == other, field
    vm = redacted(OFFICE[0], redactor)
    assert [(node.depth, node.created_at) for node in snapshots_of(vm)] == [
        (node.depth, node.created_at) for node in snapshots_of(OFFICE[0])
    ]
    assert guest_nic(vm, items(vm.get("config.hardware.device"))[1]) != {}


def test_the_primary_address_is_still_the_one_beside_the_gateway():
    redactor = Redactor(KEY)
    before, after = vm_of(OFFICE[0]).ip_addresses, vm_of(redacted(OFFICE[0], redactor)).ip_addresses
    assert len(before) == len(after) == 4
    assert after == tuple(str(address_of(redactor, address)) for address in before)


def address_of(redactor: Redactor, address: str) -> str:
    value = redacted(entity(Kind.VM, "k", "vm-1", {"guest.ipAddress": address}), redactor).get("guest.ipAddress")
    assert isinstance(value, str)
    return value


def named(redactor: Redactor, *names: str) -> list[str]:
    return [redacted(entity(Kind.VM, "k", "vm-1", {"name": name}), redactor).name for name in names]


people_names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12) | st.from_regex(
    r"[a-cA-C]{1,3}(?:[-. /\\][a-cA-C1]{1,2}){0,2}", fullmatch=True
)


@settings(max_examples=200)
@given(st.lists(people_names.filter(lambda name: bool(name.strip())), min_size=2, max_size=12, unique=True))
def test_different_names_stay_different_and_equal_ones_equal(names):
    redactor = Redactor(KEY)
    first = named(redactor, *names)
    assert len(set(first)) == len(names)
    assert named(redactor, *reversed(names)) == first[::-1]


@given(st.from_regex(r"[a-z]{2,6}[0-9]{0,2}", fullmatch=True))
def test_names_that_differ_only_in_case_still_do(name):
    one, other = named(Redactor(KEY), name, name.upper())
    assert one != other
    assert one.casefold() == other.casefold()


addresses = st.ip_addresses(v=4) | st.integers(0, 2**16 - 1).map(
    lambda low: ip_address(f"10.20.{low >> 8}.{low & 255}")
)


@settings(max_examples=200)
@given(st.lists(addresses, min_size=2, max_size=10, unique=True))
def test_addresses_stay_apart_and_in_reserved_space(found):
    redactor = Redactor(KEY)
    results = [ip_address(address_of(redactor, str(address))) for address in found]
    assert len(set(results)) == len(found)
    for before, after in zip(found, results, strict=True):
        assert before == after or not after.is_global


@given(st.lists(st.integers(0x0A000000, 0x0AFFFFFF), min_size=2, max_size=2, unique=True), st.integers(9, 31))
def test_two_private_addresses_share_a_subnet_afterwards_if_they_did_before(pair, length):
    redactor = Redactor(KEY)

    def together(addresses: list[str]) -> bool:
        return len({ip_network(f"{address}/{length}", strict=False) for address in addresses}) == 1

    before = [str(ip_address(number)) for number in pair]
    assert together(before) == together([address_of(redactor, address) for address in before])


@pytest.mark.parametrize("ending", [0, 1, 254, 255])
def test_the_ends_of_a_subnet_stay_its_ends(ending):
    result = address_of(Redactor(KEY), f"10.20.30.{ending}")
    assert result.endswith(f".{ending}")
    assert not result.startswith("10.20.30.")


@pytest.mark.parametrize("address", ["127.0.0.1", "255.255.254.0", "0.0.0.0", "::1", "::"])
def test_addresses_that_are_everybodys_stay(address):
    assert address_of(Redactor(KEY), address) == address


def test_ipv6_subnets_and_link_local_addresses_keep_their_structure():
    redactor = Redactor(KEY)
    one, beside, apart, local = (
        ip_address(address_of(redactor, address))
        for address in ("2001:4860:7:1::a:b:c", "2001:4860:7:1::25", "2001:4860:7:2::25", "fe80::250:56ff:feab:cdef")
    )
    assert all(address in ip_network("2001:db8::/32") for address in (one, beside, apart))
    assert int(one) >> 64 == int(beside) >> 64 != int(apart) >> 64
    assert int(one) >> 80 == int(apart) >> 80
    assert local.is_link_local


def test_another_key_gives_other_addresses_and_uuids():
    one, other = redacted(OFFICE[0], Redactor(KEY)), redacted(OFFICE[0], Redactor(bytes(32)))
    assert one.key != other.key
    assert one.get("guest.ipAddress") != other.get("guest.ipAddress")
    assert one.get("config.annotation") != other.get("config.annotation")


def test_a_known_name_does_not_survive_even_where_makers_write():
    redactor = Redactor(KEY)
    redacted(OFFICE[0], redactor)
    host = entity(Kind.HOST, "k", "host-1", {"hardware.systemInfo.model": "SQL01"})
    assert redacted(host, redactor).get("hardware.systemInfo.model") == "vm-0001"


def test_a_vm_called_like_a_state_does_not_change_the_states():
    thing = entity(Kind.VM, "k", "vm-1", {"name": "poweredOn", "runtime.powerState": "poweredOn"})
    assert redacted(thing).properties == {"name": "vm-0001", "runtime.powerState": "poweredOn"}


def test_role_words_go_unless_they_are_asked_for():
    thing = entity(
        Kind.VM, "k", "vm-1", {"name": "KRJ-SQL01", "config.annotation": "call Nima\nrole: wsus\nrole: nima"}
    )
    assert redacted(thing).name == "vm-0001"
    kept = redacted(thing, Redactor(KEY, keeps_roles=True))
    assert kept.name == "vm-0001-sql"
    assert str(kept.get("config.annotation")).splitlines()[1:] == ["role: wsus"]


def test_a_vm_with_a_file_like_name_keeps_it_apart_from_its_disks():
    vm = redacted(entity(Kind.VM, "k", "vm-1", {"name": "sql_1", "config.files.vmPathName": "[a] sql_1/sql_1.vmdk"}))
    assert vm.get("config.files.vmPathName") == f"[datastore-0001] {vm.name}/{vm.name}.vmdk"


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        pytest.param("esx:4c4c4544-0035-4810-8051-b4c04f4e3132", r"esx:[0-9a-f]{8}-.*", id="lone host"),
        pytest.param("vc01:vm-77", r"source-0001:vm-77", id="moref"),
        pytest.param("5012a3b4-77aa-4bcd-9e01-23456789abcd@vm-7", r"[0-9a-f-]{36}@vm-7", id="duplicate"),
        pytest.param("vc01:esx01", r"source-0001:ref-0001", id="name of a host"),
    ],
)
def test_every_form_of_a_key_keeps_its_form(key, expected):
    thing = replace(entity(Kind.NETWORK, key, "vm-7", {}), key=EntityKey(key))
    assert re.fullmatch(expected, redacted(thing).key)
