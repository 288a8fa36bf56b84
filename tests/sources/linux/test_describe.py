"""A sighting and its gaps, from what machines print."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.assets.sightings import Drive, Neighbour, NetworkCard, entity_of, sighting_of
from itops.sources.linux.describe import Asked, answer_of
from itops.sources.linux.script import PARTS, Part, parts_of
from tests.sources.linux.replies import (
    ADDRESS_LINES,
    ARP,
    BOARD,
    DMIDECODE,
    LSBLK,
    LSBLK_PAIRS,
    LSCPU,
    NOW,
    SERVER,
    answer,
)

PLAIN_BOARD = "sys_vendor=Example Inc.\nproduct_name=PowerBox R7\nchassis_type=23\n"  # what anybody may read


def seen(**texts):
    (sighting,) = answer(**texts).sightings
    return sighting


def test_a_server_is_told_whole():
    told = answer()
    server = told.sightings[0]
    assert told.gaps == []
    assert (server.vendor, server.model, server.serial) == ("Example Inc.", "PowerBox R7", "7ABC123")
    assert (server.uuid, server.asset_tag) == ("4c4c4544-0035-4d10-8056-b4c04f4b4832", "INV-7")
    assert (server.board_vendor, server.board_model, server.board_serial) == ("BoardCo", "0X1", ".7ABC123.CN1.")
    assert (server.kind, server.is_virtual, server.is_partial) == ("server", False, False)
    assert (server.os, server.os_version, server.description) == (
        *("Debian GNU/Linux", "12"),
        "Linux 6.1.0-56-amd64 x86_64",
    )
    assert (server.firmware, server.bios_on) == ("2.8.1", date(2019, 6, 26))
    assert (server.cpu, server.cpu_count, server.core_count) == ("Example Gold 4110", 2, 16)
    assert server.memory_bytes == 64 << 30  # the 512 blocks, not the 62.7 GiB that the kernel leaves
    assert (server.host_name, server.site, server.address) == ("file01", "county-1", "10.1.0.5")
    assert server.readings.uptime_seconds == 86400
    assert server.readings.neighbours == (
        Neighbour(mac="00005e00010a", address="10.1.0.1", port="bond0", told_by="arp"),
    )


def test_only_disks_inside_the_machine_are_its_disks():
    assert seen().drives == (
        Drive(name="nvme0n1", model="Example NVMe", serial="S1", size_bytes=512110190592, medium="ssd"),
        Drive(name="sdb", vendor="ATA", model="WDC WD40", serial="WD-1", size_bytes=4000787030016, medium="hdd"),
    )


def test_a_card_in_a_bond_keeps_its_own_mac_and_the_bond_has_the_addresses():
    assert seen().cards == (
        NetworkCard(name="bond0", medium="virtual", is_permanent=False, addresses=("10.1.0.5", "2001:db8::5")),
        NetworkCard(mac="002590aabb01", name="eno1", medium="ethernet", is_permanent=True),
        NetworkCard(mac="002590aabb02", name="eno2", medium="ethernet", is_permanent=True),
        NetworkCard(mac="00e04c000004", name="enx001", medium="usb", is_permanent=True),
        NetworkCard(mac="5c514f000003", name="wlp2s0", medium="wifi", is_permanent=True),
    )


def test_an_older_machine_says_the_same_in_plainer_words():
    lscpu = "Architecture: x86_64\nCPU(s): 4\nCore(s) per socket: 4\nSocket(s): 1\nModel name: Old CPU\nFlags: fpu\n"
    cards = "eth0 00:25:90:aa:bb:09 0 pci \n"
    old = seen(
        processor=lscpu, disks=LSBLK_PAIRS, addresses=ADDRESS_LINES, neighbours=ARP, cards=cards,
        release="CentOS Linux release 7.9.2009 (Core)", memory="MemTotal:        8000000 kB",
    )  # fmt: skip
    assert (old.cpu, old.cpu_count, old.core_count) == ("Old CPU", 1, 4)
    assert old.drives == (
        Drive(name="sda", vendor="ATA", model="OLD DISK 500", serial="Z1", size_bytes=500107862016, medium="hdd"),
    )
    assert [(card.name, card.mac, card.addresses) for card in old.cards] == [
        ("eth0", "002590aabb09", ("10.1.0.6",)),
        ("eth0.5", None, ("10.5.0.6",)),
    ]
    assert [one.address for one in old.readings.neighbours] == ["10.1.0.1"]
    assert (old.os, old.os_version, old.memory_bytes) == ("CentOS", "7.9.2009", 8000000 * 1024)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('LOCATION="Head office, rack 2"', "Head office, rack 2"),
        ("LOCATION=بایگانی", "بایگانی"),
        ("CHASSIS=vm", None),
        ("", None),
    ],
)
def test_where_it_stands_is_told_as_somebody_once_wrote_it_there(text, place):
    assert seen(place=text).contact_place == place


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ("CentOS release 6.10 (Final)", ("CentOS", "6.10")),
        ("Red Hat Enterprise Linux Server release 6.5 (Santiago)", ("Red Hat Enterprise Linux Server", "6.5")),
        ("NAME='Alpine Linux'\nVERSION_ID=3.20.1\n", ("Alpine Linux", "3.20.1")),
        ("NAME=Rolling\n", ("Rolling", None)),
        ("bookworm/sid", ("bookworm/sid", None)),
        ("", (None, None)),
    ],
)
def test_the_system_is_named_by_whatever_file_names_it(release, expected):
    found = seen(release=release)
    assert (found.os, found.os_version) == expected


def test_what_root_alone_may_read_comes_through_dmidecode():
    told = answer(board=PLAIN_BOARD, firmware=DMIDECODE)
    server = told.sightings[0]
    assert told.gaps == []
    assert (server.serial, server.uuid) == ("7ABC123", "4c4c4544-0035-4d10-8056-b4c04f4b4832")
    assert (server.board_vendor, server.board_serial, server.asset_tag) == ("BoardCo", ".7ABC123.CN1.", "INV-7")
    assert seen(board="", firmware=DMIDECODE).kind == "server"


@pytest.mark.parametrize("code", [1, 126, 127])
def test_a_serial_number_that_may_not_be_read_is_a_gap_with_the_line_for_sudoers(code):
    told = answer({"firmware": code}, board=PLAIN_BOARD)
    assert [(gap.code, gap.hides) for gap in told.gaps] == [("device.serial-unread", frozenset())]
    assert "NOPASSWD: /usr/sbin/dmidecode" in told.gaps[0].remedy
    assert told.sightings[0].serial is None
    assert not told.sightings[0].is_partial


def test_a_machine_without_smbios_lacks_no_serial():
    told = answer(board="", tree="model=Example Board 4\nserial-number=10000000abcdef01")
    assert told.gaps == []
    assert (told.sightings[0].model, told.sightings[0].serial) == ("Example Board 4", "10000000abcdef01")


@pytest.mark.parametrize(
    "junk", ["Default string", "To be filled by O.E.M.", "NA", "0123456789", "System Serial Number"]
)
def test_junk_stays_as_the_machine_says_it(junk):
    assert seen(board=f"product_serial={junk}\nsys_vendor={junk}").serial == junk


def test_the_chassis_is_asked_where_the_product_has_no_serial():
    assert seen(board="product_serial=\nchassis_serial=CH9\n").serial == "CH9"


@pytest.mark.parametrize(
    ("chassis", "kind"),
    [
        ("3", "computer"),
        ("10", "notebook"),
        ("23", "server"),
        ("35", "computer"),
        ("7", None),
        ("2", None),
        ("x", None),
    ],
)
def test_the_chassis_tells_the_kind_where_it_leaves_no_doubt(chassis, kind):
    assert seen(board=f"chassis_type={chassis}").kind == kind


@pytest.mark.parametrize(
    ("virt", "vendor", "flags", "is_virtual"),
    [
        ("none", "Example Inc.", "fpu", False),
        ("none", "QEMU", "hypervisor", False),  # systemd knows best: a Xen dom0 has the flag, too
        ("kvm", "Example Inc.", "fpu", True),
        ("vmware", "VMware, Inc.", "fpu hypervisor", True),
        ("", "VMware, Inc.", "fpu", True),
        ("", "Example Inc.", "fpu hypervisor", True),
        ("", "Example Inc.", "fpu", False),
        ("", "", "", None),
    ],
)
def test_virtual_or_not(virt, vendor, flags, is_virtual):
    lscpu = f"Model name: CPU\nFlags: {flags}\n"
    found = seen(virt=virt, board=f"sys_vendor={vendor}\nchassis_type=23", processor=lscpu)
    assert found.is_virtual is is_virtual
    assert (found.kind == "virtual_server") == bool(is_virtual)


@pytest.mark.parametrize("virt", ["lxc", "docker", "openvz", "container=lxc", "systemd-nspawn"])
def test_a_container_never_claims_the_machine_it_runs_on(virt):
    told = answer({"disks": 1, "cards": 1, "firmware": 126}, virt=virt)
    inside = told.sightings[0]
    assert (inside.is_virtual, inside.kind) == (True, "virtual_server")
    assert (inside.serial, inside.uuid, inside.vendor, inside.board_serial, inside.asset_tag) == (None,) * 5
    assert inside.drives == ()
    assert told.gaps == []


@pytest.mark.parametrize(
    ("code", "why"), [(127, "no such program"), (124, "too slow"), (1, "exit code 1"), (None, "no end")]
)
def test_a_part_that_fails_is_named_and_the_sighting_is_partial(code, why):
    told = answer({"disks": code}, disks="")
    assert told.sightings[0].is_partial
    assert [gap.code for gap in told.gaps] == ["device.partly-read"]
    assert f"disks ({why})" in told.gaps[0].problem


def test_an_answer_that_breaks_off_is_partial():
    told = answer(is_whole=False)
    assert told.sightings[0].is_partial
    assert "its answer was cut" in told.gaps[0].problem


HOSTILE = st.one_of(
    st.text(max_size=200),
    st.sampled_from([*SERVER.values(), DMIDECODE, LSBLK_PAIRS, ADDRESS_LINES, ARP, BOARD]),
    st.sampled_from(
        [
            "[" * 200_000,
            '{"lscpu":' + "[{" * 100_000,
            '{"lscpu": 7}',
            '{"blockdevices": [{"type": "disk", "size": 9' + "9" * 5000 + "}]}",
            '{"blockdevices": [{"type": "disk", "size": 1e999, "name": []}]}',
            '{"blockdevices": [{"type": "disk", "size": 5, "name": "\\ud800\\u0000", "rota": {}, "tran": []}]}',
            '[{"ifname": {}, "addr_info": [{"local": "999.1.1.1"}, {"local": 7}, 7]}, null]',
            "Socket(s): 99999999999\nCore(s) per socket: 99999999999\n",
            "block=ffffffffffff\n999999999",
            "bios_date=13/45/2019\nproduct_serial=\u202e\x1b[31mRED\n",
            "9999999999 ",
        ]
    ),
)


def texts_of(value: Any) -> Iterator[str]:
    """Every text in it, however deep."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts_of(inner)


@given(texts=st.dictionaries(st.sampled_from(PARTS), st.tuples(HOSTILE, st.none() | st.integers(0, 255))))
def test_whatever_a_machine_prints_becomes_a_sighting_that_can_be_kept(texts):
    parts = {name: Part(text, code) for name, (text, code) in texts.items()}
    asked = Asked(source="linux", address="10.1.0.5", site=None, at=NOW, parts=parts, is_whole=True)
    (sighting,) = answer_of(asked).sightings
    entity = entity_of(sighting, ref="10.1.0.5")
    kept = json.dumps(entity.properties, ensure_ascii=False).encode()  # halves of letters would not be kept
    assert json.loads(kept) == entity.properties
    assert sighting_of(entity) == sighting
    assert len(kept) < 1 << 20
    assert not {"\x1b", "\x00", "\u202e"} & set("".join(texts_of(entity.properties)))


@given(st.binary(max_size=500) | st.text("=itops begnd \n\rkerl0123456789").map(str.encode))
def test_any_bytes_have_parts(output):
    parts, _is_whole = parts_of(output)
    assert set(parts) <= set(PARTS)


def test_parts_are_cut_where_they_are_too_long_and_their_code_is_kept():
    output = b"\n=itops begin disks\n" + b"x" * 300_000 + b"\n=itops end disks 3\n\n=itops end end 0\n"
    parts, is_whole = parts_of(output)
    assert (len(parts["disks"].text), parts["disks"].code, is_whole) == (256 << 10, 3, True)


def test_a_part_without_an_end_has_no_code():
    parts, is_whole = parts_of(b"\n=itops begin kernel\nLinux\n")
    assert (parts["kernel"].code, is_whole) == (None, False)


def test_the_nested_and_the_flat_lscpu_tell_the_same():
    entries = json.loads(LSCPU)["lscpu"]
    flat, waiting = [], entries[::-1]
    while waiting:
        entry = waiting.pop()
        flat.append({"field": entry["field"], "data": entry["data"]})
        waiting += entry.get("children", [])[::-1]
    assert seen(processor=json.dumps({"lscpu": flat})).core_count == seen(processor=LSCPU).core_count == 16


def test_sizes_as_text_and_as_numbers_are_the_same_disks():
    plain = json.loads(LSBLK)
    for disk in plain["blockdevices"]:
        disk.update(size=str(disk["size"]), rota=str(int(disk["rota"])), rm=str(int(disk["rm"])))
    assert seen(disks=json.dumps(plain)).drives == seen().drives
