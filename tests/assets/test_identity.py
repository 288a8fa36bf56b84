"""What is an identity and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.assets.identity import (
    canonical_vendor,
    compared,
    good_serial,
    good_tag,
    good_uuid,
    identity_macs,
    model_name,
    normal_host_name,
    normal_mac,
    normal_model,
    swapped,
    uuid_key,
    vendor_name,
)
from itops.assets.sightings import NetworkCard

JUNK_SERIALS = [
    "", " ", "\x00\x00\x00", "0", "0000000000", "00 00 00 00", "00000000-0000", "1111111", "FFFFFFFFFFFF", "XXXXXXXX",
    "xxxxxxxx", "....................", "--------", "????????", "********", "0101010101", "1000000000", "10",
    "123456789", "1234567890", "123456789ABC", "0123456789", "01234567890123456789AB", "0123456789ABCDEF",
    "N/A", "n/a", "NA", "none", "None", "NULL", "null", "Unknown", "UNKNOWN", "empty", "Invalid",
    "Not Available", "Not Specified", "NotSpecified", "Not Applicable", "Not Present", "Not Defined",
    "Default", "Default string", "DEFAULT STRING", "Default_String",
    "To be filled by O.E.M.", "To Be Filled By O.E.M", "to be filled by OEM", "ToBeFilledByO.E.M.", "O.E.M.", "OEM",
    "System Serial Number", "SystemSerialNumber", "System Product Name", "System manufacturer", "System Version",
    "Chassis Serial Number", "Chassis", "Base Board Serial Number", "BaseBoard Serial Number",
    "<private>", "No Asset Tag", "Asset Tag", "Free form asset tag", "<BAD INDEX>", "$(DEFAULT_STRING)", "$anything$",
    "AB1", "ندارد", "نامشخص", "بدون سریال", "\u200f---\u200f", "A" * 200, "S/N بدون",
]  # fmt: skip

REAL_SERIALS = [
    ("CZ00000KX0", "CZ00000KX0"),
    (" cz00000kx0\x00\x00", "CZ00000KX0"),
    ("FDO2231K0A7", "FDO2231K0A7"),
    ("0.12345", "0.12345"),
    ("1.2AB34", "1.2AB34"),
    ("S12.3456", "S12.3456"),
    ("7.0", None),  # three characters are no serial
    ("12.34", "12.34"),
    ("0123456", "0123456"),
    ("12E5", "12E5"),
    ("5E1234567", "5E1234567"),
    ("NA123456", "NA123456"),
    ("NONE1234", "NONE1234"),
    ("DEFAULT7", "DEFAULT7"),
    ("OEM00417", "OEM00417"),
    ("CHASSIS0417", "CHASSIS0417"),
    ("X000000001", "X000000001"),
    ("1000000002", "1000000002"),
    ("11110000AA", "11110000AA"),
    ("1122334455", "1122334455"),
    ("A-01/17", "A-01/17"),
    ("AS 12 34 56", "AS123456"),
    ("۱۴۰۲۰۰۱", "1402001"),
    ("١٤٠٢٠٠١", "1402001"),
    ("\u200fQA0123\u200c456", "QA0123456"),
    ("Ｑａ０１２３", "QA0123"),
    ("VMware-56 4d 7d 3c 00 ae f2 51-9c 8b 11 22 33 44 55 66", "VMWARE-564D7D3C00AEF251-9C8B112233445566"),
    ("/6QLM4K3/CN7016346A00XX/", "/6QLM4K3/CN7016346A00XX/"),
]


@pytest.mark.parametrize("text", JUNK_SERIALS)
def test_a_filler_is_no_serial(text: str) -> None:
    assert good_serial(text) is None


@pytest.mark.parametrize("text", [text for text in JUNK_SERIALS if text not in {"AB1", "S/N بدون"}])
def test_a_filler_is_no_property_number_whatever_the_pattern(text: str) -> None:
    assert good_tag(text, ".*") is None


@pytest.mark.parametrize(("text", "serial"), REAL_SERIALS)
def test_a_real_serial_that_looks_odd_survives(text: str, serial: str | None) -> None:
    assert good_serial(text) == serial


@pytest.mark.parametrize(
    ("model", "host_name"),
    [("OptiPlex 7010", None), (None, "OPTIPLEX7010"), (None, "optiplex7010.office.example"), ("OPTIPLEX-7010", None)],
)
def test_a_serial_that_repeats_the_model_or_the_host_name_is_none(model: str | None, host_name: str | None) -> None:
    assert good_serial("OptiPlex7010", model=model, host_name=host_name) is None
    assert good_serial("OptiPlex7010", model="Latitude", host_name="pc-7") == "OPTIPLEX7010"


def test_what_this_office_learned_to_be_junk_is_junk_however_it_is_spelt() -> None:
    assert good_serial("sn 4711-x", learned=("SN4711-X",)) is None
    assert good_serial("SN4711-X", learned=["sn 4711-x"]) is None
    assert good_serial("SN4711-Y", learned=["sn 4711-x"]) == "SN4711-Y"


@given(st.text(max_size=60))
def test_a_good_serial_stays_what_it_is(text: str) -> None:
    found = good_serial(text)
    assert found is None or (good_serial(found) == found and found.isascii() and " " not in found)


@given(st.text(alphabet="0123456789ABCDEFGHJKLMNPRSTUVWXYZ", min_size=6, max_size=12), st.sampled_from(JUNK_SERIALS))
def test_no_pattern_is_looked_for_inside_a_serial(core: str, filler: str) -> None:
    """Every rule about words fits a whole value or none: a filler after real characters changes nothing."""
    text = f"Q7{core}Z{filler}"[:90]
    expected = "".join(compared(text).split()).upper()
    assert good_serial(text) == (expected if expected.isascii() else None)


@pytest.mark.parametrize(
    ("text", "pattern", "tag"),
    [
        ("1402001", r"\d{7}", "1402001"),
        (" ۱۴۰۲۰۰۱ ", r"\d{7}", "1402001"),
        ("1402001", None, None),
        ("14020011", r"\d{7}", None),
        ("X1402001", r"\d{7}", None),
        ("it-0417", r"IT-\d{4}", "IT-0417"),
        ("0000000", r"\d{7}", None),
        ("1234567890", r"\d+", None),
        ("No Asset Tag", r".*", None),
    ],
)
def test_a_tag_counts_only_where_it_fits_the_offices_own_pattern(
    text: str, pattern: str | None, tag: str | None
) -> None:
    assert good_tag(text, pattern) == tag


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00000000-0000-0000-0000-000000000000",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        "03000200-0400-0500-0006-000700080009",
        "00020003-0004-0005-0006-000700080009",
        "01010101-0101-0101-0101-010101010101",
        "01010101-2345-6789-abcd-ef0123456789",
        "11111111-2222-3333-1111-222233331111",
        "12345678-1234-5678-90ab-cddeefaabbcc",
        "not a uuid",
        "4c4c4544-0034-4d10-8051",
        "4c4c4544-0034-4d10-8051-b4c04f4e3131-00",
        "x" * 5000,
    ],
)
def test_a_filler_is_no_uuid_in_either_byte_order(text: str) -> None:
    assert good_uuid(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "4C4C4544-0034-4D10-8051-B4C04F4E3131",
        " {4c4c4544-0034-4d10-8051-b4c04f4e3131} ",
        "urn:uuid:4c4c4544-0034-4d10-8051-b4c04f4e3131",
        "4c4c454400344d108051b4c04f4e3131",
    ],
)
def test_a_uuid_is_one_however_it_is_written(text: str) -> None:
    assert good_uuid(text) == "4c4c4544-0034-4d10-8051-b4c04f4e3131"


def test_the_first_three_groups_are_swapped_and_the_others_stay() -> None:
    assert swapped("00112233-4455-6677-8899-aabbccddeeff") == "33221100-5544-7766-8899-aabbccddeeff"


@given(st.uuids().map(str))
def test_both_byte_orders_are_one_machine(uuid: str) -> None:
    assert swapped(swapped(uuid)) == uuid
    assert uuid_key(uuid) == uuid_key(swapped(uuid))


@pytest.mark.parametrize(
    ("text", "mac"),
    [
        ("3C:1A:20:00:00:01", "3c1a20000001"),
        ("3c-1a-20-00-00-01", "3c1a20000001"),
        ("3c1a.2000.0001", "3c1a20000001"),
        ("3c1a20000001", "3c1a20000001"),
        ("0:1b:78:1:2:3", "001b78010203"),
        ("00:00:00:00:00:00", None),
        ("ff:ff:ff:ff:ff:ff", None),
        ("01:00:5e:00:00:fb", None),
        ("33:33:00:00:00:01", None),
        ("Not Available", None),
        ("3c:1a:20:00:00", None),
        ("3c:1a:20:00:00:01:02:03", None),
        ("", None),
        (None, None),
        ("3c1a20000001" * 100, None),
    ],
)
def test_a_mac_is_twelve_digits_however_it_is_written(text: str | None, mac: str | None) -> None:
    assert normal_mac(text) == mac


@pytest.mark.parametrize(
    "card",
    [
        pytest.param(NetworkCard(mac="020000000001"), id="locally administered"),
        pytest.param(NetworkCard(mac="0242ac110002", name="docker0"), id="docker"),
        pytest.param(NetworkCard(mac="00000c07ac0a"), id="HSRP"),
        pytest.param(NetworkCard(mac="00000c9ff00a"), id="HSRP version 2"),
        pytest.param(NetworkCard(mac="00005e00010a"), id="VRRP"),
        pytest.param(NetworkCard(mac="00005e00020a"), id="VRRP for IPv6"),
        pytest.param(NetworkCard(mac="0007b4000102"), id="GLBP"),
        pytest.param(NetworkCard(mac="005056c00008"), id="VMware host-only"),
        pytest.param(NetworkCard(mac="0a0027000010"), id="VirtualBox host-only"),
        pytest.param(NetworkCard(mac="505054503030"), id="WAN miniport"),
        pytest.param(NetworkCard(mac="204153594eff"), id="RAS"),
        pytest.param(NetworkCard(mac="00059a3c7a00"), id="a VPN client"),
        pytest.param(NetworkCard(mac="001122334455"), id="a filler"),
        pytest.param(NetworkCard(mac="3c1a20000001", medium="usb"), id="a USB adapter"),
        pytest.param(NetworkCard(mac="3c1a20000001", medium="dock"), id="a dock"),
        pytest.param(NetworkCard(mac="3c1a20000001", medium="bluetooth"), id="Bluetooth"),
        pytest.param(NetworkCard(mac="3c1a20000001", medium="virtual"), id="software"),
        pytest.param(NetworkCard(mac="3c1a20000001", name="Realtek USB GbE Family Controller"), id="USB by its name"),
        pytest.param(NetworkCard(mac="3c1a20000001", name="Lenovo Docking Station Ethernet"), id="a dock by its name"),
        pytest.param(NetworkCard(mac="3c1a20000001", name="TAP-Windows Adapter V9"), id="TAP"),
        pytest.param(NetworkCard(mac="3c1a20000001", name="VirtualBox Host-Only Ethernet Adapter"), id="host-only"),
        pytest.param(NetworkCard(mac="3c1a20000001", name="vEthernet (Default Switch)"), id="Hyper-V's switch"),
        pytest.param(NetworkCard(mac="3c1a20000001", name="enx3c1a20000001"), id="USB as Linux names it"),
        pytest.param(NetworkCard(mac="3c1a20000001", name="veth12ab"), id="a container's"),
        pytest.param(NetworkCard(mac="3c1a20000001", is_permanent=False), id="not burnt in"),
        pytest.param(NetworkCard(mac="000000000000"), id="zeros"),
        pytest.param(NetworkCard(), id="no MAC"),
    ],
)
def test_a_mac_that_is_not_this_devices_alone_identifies_nothing(card: NetworkCard) -> None:
    own = NetworkCard(mac="3C:1A:20:00:00:99", name="eth0", medium="ethernet", is_permanent=True)
    assert identity_macs([card, own]) == {"3c1a20000099"}


@pytest.mark.parametrize(
    "name", ["GigabitEthernet0/1", "eth0", "eno1", "Intel(R) Ethernet Connection I219-LM", "bond0", "Wi-Fi"]
)
def test_an_ordinary_card_identifies(name: str) -> None:
    assert identity_macs([NetworkCard(mac="3c1a20000001", name=name, medium="wifi")]) == {"3c1a20000001"}


def test_a_mac_that_others_show_too_identifies_nobody() -> None:
    assert identity_macs([NetworkCard(mac="3c1a20000001")], shared={"3c1a20000001"}) == frozenset()


@pytest.mark.parametrize(
    ("name", "spellings"),
    [
        ("MSI", ["MSI", "Micro-Star", "MICRO-STAR INTERNATIONAL CO., LTD", "Micro-Star International Co., Ltd."]),
        ("ASUS", ["ASUSTeK COMPUTER INC.", "ASUSTeK Computer Inc.", "ASUS", "ASUSTEK", "Asus Tek"]),
        ("HP", ["HP", "Hewlett-Packard", "Hewlett-Packard Company", "HP Inc.", "HPE", "Hewlett Packard Enterprise"]),
        ("Gigabyte", ["Gigabyte Technology Co., Ltd.", "GIGABYTE", "Gigabyte Tecohnology Co., Ltd."]),
        ("Dell", ["Dell Inc.", "DELL", "Dell Computer Corporation", "Dell EMC"]),
        ("Supermicro", ["Supermicro", "Super Micro Computer, Inc."]),
        ("APC", ["APC", "American Power Conversion", "American Power Conversion Corp.", "Schneider Electric"]),
        ("Eaton", ["EATON", "MGE UPS SYSTEMS", "Powerware Corporation"]),
        ("Cisco", ["Cisco Systems, Inc.", "cisco", "Cisco Systems Inc"]),
        ("Faran", ["Faran", "فاران", "فاران "]),
    ],
)  # fmt: skip
def test_one_maker_has_many_spellings(name: str, spellings: list[str]) -> None:
    assert {canonical_vendor(spelling) for spelling in spellings} == {name}


def test_makers_that_nobody_listed_are_compared_by_their_name_alone() -> None:
    assert canonical_vendor("Sample Devices Co., Ltd.") == canonical_vendor("SAMPLE devices") == "sample"
    assert canonical_vendor("Sample") != canonical_vendor("Simple")
    assert vendor_name("  Sample   Works ") == "Sample Works"


@pytest.mark.parametrize(
    "text", [None, "", "System manufacturer", "To Be Filled By O.E.M.", "Unknown", "O.E.M.", "...."]
)
def test_a_filler_is_no_maker(text: str | None) -> None:
    assert canonical_vendor(text) is None
    assert vendor_name(text) is None


def test_an_hpe_server_is_written_hpe_and_compared_as_hp() -> None:
    assert (vendor_name("Hewlett Packard Enterprise"), vendor_name("HP Inc.")) == ("HPE", "HP")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HPE ProLiant DL380 Gen10", "proliant  dl380-gen10"),
        ("Dell Inc. OptiPlex 7010", "OptiPlex 7010"),
        ("OptiPlex ۷۰۱۰", "optiplex 7010"),
    ],
)
def test_a_model_is_compared_without_its_maker(one: str, other: str) -> None:
    assert normal_model(one) == normal_model(other) is not None


def test_a_model_keeps_a_word_that_is_another_makers_name() -> None:
    assert model_name("Canon LBP2900", "HP") == "Canon LBP2900"
    assert model_name("HP", "HP") == "HP"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("PC-14.office.example", "pc-14"),
        ("PC-14", "pc-14"),
        ("pc-14.", "pc-14"),
        ("10.1.0.5", None),
        ("fe80::1", None),
        ("localhost", None),
        ("localhost.localdomain", None),
        ("<private>", None),
        ("", None),
        (None, None),
    ],
)
def test_a_host_name_is_short_and_small(text: str | None, name: str | None) -> None:
    assert normal_host_name(text) == name


@given(st.text(max_size=300))
def test_nothing_that_a_device_says_breaks_the_judgement(text: str) -> None:
    for judge in (
        good_serial,
        good_uuid,
        canonical_vendor,
        vendor_name,
        normal_mac,
        normal_host_name,
        normal_model,
        uuid_key,
    ):
        judge(text)
    identity_macs([NetworkCard(mac=text, name=text, medium=text)])
    good_tag(text, r"\d{7}")
