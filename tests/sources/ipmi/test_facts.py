"""What ipmitool prints, as a sighting."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.assets.sightings import NetworkCard, entity_of
from itops.assets.sightings import sighting_of as kept
from itops.sources.ipmi.facts import Facts, answered, made_on, sighting_of

NOW = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
FRU = """ Chassis Type          : Rack Mount Chassis
 Chassis Serial        : CH-SERIAL
 Board Mfg Date        : Mon Mar 26 10:24:00 2018 UTC
 Board Mfg             : BoardCo
 Board Product         : X11-Board
 Board Serial          : BRD0001
 Product Manufacturer  : Example Inc.
 Product Name          : Rackstar 200
 Product Serial        : SRV12345
 Product Asset Tag     : INV-0042
 Product Extra         : a : b
"""
CONTROLLER = (
    "Firmware Revision         : 9.08\nIPMI Version              : 2.0\nManufacturer Name         : Unknown (0x1)\n"
)
LAN = """Set in Progress         : Set Complete
Auth Type Enable        : Callback : NONE
                        : User     : NONE
IP Address              : 10.9.0.5
MAC Address             : 02:00:5E:00:00:09
Default Gateway MAC     : 00:00:00:00:00:00
"""


def seen(fru=FRU, controller=CONTROLLER, guid="System GUID  : efcdab89-6745-23a1-efcd-ab89674523a1\n", lan=LAN):
    facts = Facts(controller=answered(controller), fru=answered(fru), guid=answered(guid), lan=answered(lan))
    return sighting_of("bmc", "10.9.0.5", NOW, facts, site="head", findings=())


def test_a_server_is_told_by_its_fru():
    server = seen()
    assert (server.vendor, server.model, server.serial) == ("Example Inc.", "Rackstar 200", "SRV12345")
    assert (server.asset_tag, server.made_on) == ("INV-0042", date(2018, 3, 26))
    assert (server.board_vendor, server.board_model, server.board_serial) == ("BoardCo", "X11-Board", "BRD0001")
    assert (server.uuid, server.kind, server.is_virtual) == ("efcdab89-6745-23a1-efcd-ab89674523a1", "server", False)
    assert server.description == "IPMI 2.0, BMC firmware 9.08"
    assert server.cards == (NetworkCard(mac="02005e000009", medium="bmc", is_permanent=True, addresses=("10.9.0.5",)),)


def test_chassis_and_board_stand_in_where_the_product_says_nothing():
    bare = "".join(line for line in FRU.splitlines(keepends=True) if "Product " not in line or "Board" in line)
    server = seen(fru=bare)
    assert (server.vendor, server.model, server.serial) == ("BoardCo", "X11-Board", "CH-SERIAL")


@pytest.mark.parametrize("mac", ["00:00:00:00:00:00", "", "Not Available", "02:00:5e:00:00"])
def test_a_bmc_without_a_mac_has_no_card(mac):
    assert seen(lan=f"MAC Address : {mac}\nIP Address : 10.9.0.5\n").cards == ()


def test_a_bmc_that_does_not_know_its_address_has_the_one_it_answered_at():
    assert seen(lan="MAC Address : 02:00:5e:00:00:09\nIP Address : 0.0.0.0\n").cards[0].addresses == ("10.9.0.5",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon Mar 26 10:24:00 2018 UTC", date(2018, 3, 26)),
        ("Mon Mar 26 10:24:00 2018", date(2018, 3, 26)),  # ipmitool before 1.8.19
        ("Mon Jan  1 00:00:00 1996 UTC", None),  # the zero of a FRU
        ("Unspecified", None),
        ("", None),
    ],
)
def test_the_board_date(text, expected):
    assert made_on(text) == expected


@given(st.lists(st.text(max_size=300) | st.sampled_from([FRU, CONTROLLER, LAN]), min_size=4, max_size=4))
def test_whatever_is_printed_becomes_a_sighting_that_can_be_kept(texts):
    fru, controller, guid, lan = texts
    sighting = seen(fru=fru, controller=controller, guid=guid, lan=lan)
    entity = entity_of(sighting, ref="10.9.0.5")
    assert kept(entity) == sighting
    assert len(json.dumps(entity.properties)) < 20_000
