"""The neighbour table of this machine, from either place, and whatever else may stand there."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.errors import SourceUnavailable
from itops.sources.sweep.neighbours import Neighbour, Standing, parse_arp, parse_ip, read_table

ARP = """IP address       HW type     Flags       HW address            Mask     Device
10.77.0.38       0x1         0x0         00:00:00:00:00:00     *        eth0
10.77.0.26       0x1         0x2         4E:45:9b:d4:fb:37     *        eth0
"""
MAC = "4e459bd4fb37"


def told(*states: str, dst: str = "10.77.0.26", lladdr: str | None = "4e:45:9b:d4:fb:37") -> dict[str, object]:
    return {"dst": dst, "dev": "eth0", "state": list(states)} | ({"lladdr": lladdr} if lladdr else {})


@pytest.mark.parametrize(
    ("entry", "neighbour"),
    [
        pytest.param(told("REACHABLE"), Neighbour(mac=MAC, standing=Standing.ANSWERS), id="answered just now"),
        pytest.param(told("STALE"), Neighbour(mac=MAC, standing=Standing.UNSURE), id="answered long ago"),
        pytest.param(told("DELAY"), Neighbour(mac=MAC, standing=Standing.UNSURE), id="about to be asked again"),
        pytest.param(told("PROBE"), Neighbour(mac=MAC, standing=Standing.UNSURE), id="being asked again"),
        pytest.param(told("PERMANENT"), Neighbour(mac=MAC, standing=Standing.FIXED), id="written by hand"),
        pytest.param(told("FAILED", lladdr=None), Neighbour(mac=None, standing=Standing.SILENT), id="silent"),
        pytest.param(told("INCOMPLETE", lladdr=None), Neighbour(mac=None, standing=Standing.SILENT), id="being asked"),
        pytest.param(told("NEW_WORD"), Neighbour(mac=MAC, standing=Standing.SILENT), id="a state of a later kernel"),
        pytest.param(
            told("REACHABLE", lladdr="00:00:00:00:00:00"),
            Neighbour(mac=None, standing=Standing.ANSWERS),
            id="the address that everybody has",
        ),
        pytest.param(
            told("REACHABLE", lladdr="80:00:02:08:fe:80:00:00"),
            Neighbour(mac=None, standing=Standing.ANSWERS),
            id="no Ethernet",
        ),
    ],
)
def test_what_ip_tells_of_a_neighbour(entry, neighbour):
    table = parse_ip(json.dumps([entry]))
    assert table.neighbours == {"10.77.0.26": neighbour}
    assert table.tells_age


def test_of_two_interfaces_the_one_that_knows_more_counts():
    entries = [told("FAILED", lladdr=None), told("REACHABLE"), told("STALE", lladdr="02:00:00:00:00:01")]
    assert parse_ip(json.dumps(entries)).neighbours["10.77.0.26"] == Neighbour(mac=MAC, standing=Standing.ANSWERS)


def test_an_empty_table_is_a_table():
    assert parse_ip("").neighbours == {}
    assert parse_arp("").neighbours == {}


def test_the_kernels_file_tells_who_answered_but_not_when():
    table = parse_arp(ARP)
    assert table.neighbours == {
        "10.77.0.38": Neighbour(mac=None, standing=Standing.SILENT),
        "10.77.0.26": Neighbour(mac=MAC, standing=Standing.UNSURE),
    }
    assert not table.tells_age


@given(st.text())
def test_whatever_stands_in_the_kernels_file_is_read_without_an_error(text):
    parse_arp(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda part: st.lists(part) | st.dictionaries(st.text(), part),
    )
)
def test_whatever_json_ip_writes_is_read_or_refused(value):
    if isinstance(value, list):
        parse_ip(json.dumps(value))
    else:
        with pytest.raises(ValueError, match="not a list"):
            parse_ip(json.dumps(value))


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("no-such-program-anywhere",), id="no such program"),
        pytest.param(("false",), id="one that fails"),
        pytest.param(("echo", "10.0.0.1 dev eth0"), id="one that knows no JSON"),
        pytest.param(("echo", "{}"), id="one that writes something else"),
    ],
)
def test_without_a_useful_ip_the_kernels_file_is_read(command, tmp_path):
    file = tmp_path / "arp"
    file.write_text(ARP)
    assert read_table(command, file) == parse_arp(ARP)


def test_with_neither_the_remedy_names_the_program(tmp_path):
    with pytest.raises(SourceUnavailable) as failure:
        read_table(("no-such-program-anywhere",), tmp_path / "arp")
    assert "iproute2" in failure.value.remedy
