"""Ends of support: our table by the names that systems really go by, and what a file of others gives."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.assets.support_ends import built_in, extended, parse
from itops.config.support_ends import read_support_ends
from itops.errors import ConfigInvalid

CHECKED = date(2026, 8, 22)


@pytest.mark.parametrize(
    ("os", "version", "name", "ends_on"),
    [
        ("Microsoft Windows Server 2019 (64-bit)", None, "Windows Server 2019", "2029-01-09"),
        ("Microsoft Windows Server 2012 R2 Standard", "6.3.9600", "Windows Server 2012 R2", "2023-10-10"),
        ("Microsoft® Windows Server® 2008 Standard", None, "Windows Server 2008", "2020-01-14"),
        ("Microsoft Windows 10 Pro 22H2", None, "Windows 10 22H2", "2025-10-14"),
        ("Microsoft Windows 10 Pro", "10.0.19045", "Windows 10 22H2", "2025-10-14"),
        ("Microsoft Windows 10 (64-bit)", None, "Windows 10", "2025-10-14"),
        ("Microsoft Windows 10 Enterprise LTSC 2019", "1809", "Windows 10 LTSC 2019", "2029-01-09"),
        ("Microsoft Windows 11 Pro", "24H2", "Windows 11 24H2 Pro", "2026-10-13"),
        ("Microsoft Windows 11 Enterprise", "10.0.26200", "Windows 11 25H2 Enterprise", "2028-10-10"),
        ("Microsoft Windows 7 Professional", None, "Windows 7", "2020-01-14"),
        ("VMware ESXi 7.0.3", None, "VMware ESXi 7.0", "2025-10-02"),
        ("VMware ESXi 8.0.2 build-22380479", "8.0.2", "VMware ESXi 8.0", "2027-10-11"),
        ("VMware ESXi", "6.7.0", "VMware ESXi 6.7", "2022-10-15"),
        ("VMware vCenter Server 7.0.3 build-1", None, "VMware vCenter 7.0", "2025-10-02"),
        ("Debian GNU/Linux 12 (bookworm)", None, "Debian 12", "2026-07-11"),
        ("Debian GNU/Linux", "12", "Debian 12", "2026-07-11"),
        ("Ubuntu 22.04.3 LTS", None, "Ubuntu 22.04", "2027-04-01"),
        ("CentOS 7 (64-bit)", None, "CentOS 7", "2024-06-30"),
        ("FortiGate-60F v7.4.4,build2662", None, "FortiOS 7.4", "2028-11-11"),
    ],
)
def test_a_system_is_known_by_the_names_it_goes_by(os, version, name, ends_on):
    row = built_in().find(os, version)
    assert row is not None
    assert (row.name, row.ends_on) == (name, date.fromisoformat(ends_on))


@pytest.mark.parametrize(
    "os",
    [
        None, "", "Microsoft Windows Server 2016 or later (64-bit)", "Debian GNU/Linux 10 or later (64-bit)",
        "Ubuntu Linux (64-bit)", "CentOS 4/5/6/7 (64-bit)", "Microsoft Windows 11 (64-bit)", "Other Linux (64-bit)",
        "Microsoft Windows 10 IoT Enterprise LTSC", "Debian GNU/Linux 13 (trixie)", "Windows 80", "VMware ESXi 9.0.0",
        "Ubuntu 24.10",
    ],
)  # fmt: skip
def test_where_a_name_leaves_open_what_it_is_nothing_is_claimed(os):
    assert built_in().find(os) is None


def test_every_row_has_a_pattern_a_source_and_a_day_on_which_it_was_checked():
    rows = built_in().rows
    assert len(rows) > 50
    for row in rows:
        assert re.compile(row.pattern)
        assert row.source
        assert row.checked_on
        assert row.ends_on
        assert row.extended_on is None or row.extended_on > row.ends_on


@given(st.text(max_size=400), st.none() | st.text(max_size=40))
def test_no_name_breaks_the_search(os, version):
    row = built_in().find(os, version)
    assert row is None or row in built_in().rows


FILE = [
    {"product": "windows", "cycle": "11-26h2-e", "eol": "2029-10-09"},
    {"product": "windows", "cycle": "11-26h2-w", "eol": "2028-10-10"},
    {"product": "windows", "cycle": "10-21h2-iot-lts", "eol": "2032-01-13"},
    {"product": "windows", "cycle": "8.1", "eol": "2023-01-10"},
    {"product": "windows", "cycle": "8", "eol": "2016-01-12"},
    {"product": "windows-server", "cycle": "2012", "eol": "2023-10-10", "extendedSupport": "2026-10-13"},
    {"product": "windows-server", "cycle": "2012-r2", "eol": "2023-10-11"},
    {"product": "windows-server", "cycle": "23h2-ac", "eol": "2025-10-24"},
    {"product": "debian", "cycle": "13", "eol": False, "lts": "2030-06-30"},
    {"product": "debian", "cycle": "5", "eol": True},
    {"product": "mikrotik-routeros", "cycle": "7.12", "eol": "2026-01-01"},
    {"product": "vmware-esxi", "cycle": "9.0", "eol": "2032-01-01"},
    {"product": "rocky-linux", "cycle": "9", "eol": "2032-05-31"},
]


@pytest.mark.parametrize(
    ("os", "name"),
    [
        ("Microsoft Windows 11 Pro 26H2", "windows 11-26h2-w"),
        ("Microsoft Windows 11 Enterprise 26H2", "windows 11-26h2-e"),
        ("Microsoft Windows 11 26H2", None),  # both editions are called that
        ("Microsoft Windows 10 IoT Enterprise LTSC 21H2", "windows 10-21h2-iot-lts"),
        ("Microsoft Windows 8.1 Pro", "windows 8.1"),
        ("Microsoft Windows 8 Pro", "windows 8"),
        ("Microsoft Windows Server 2012 R2 Standard", "windows-server 2012-r2"),
        ("Microsoft Windows Server 2012 Standard", "windows-server 2012"),
        ("Microsoft Windows Server version 23H2", "windows-server 23h2-ac"),
        ("Debian GNU/Linux 13 (trixie)", "debian 13"),
        ("RouterOS stable 7.12.1", "mikrotik-routeros 7.12"),
        ("VMware ESXi 9.0.1", "vmware-esxi 9.0"),
        ("Rocky Linux release 9.3", "rocky-linux 9"),
        ("Rocky Linux 19", None),
    ],
)
def test_a_file_of_others_is_understood_with_its_editions(os, name):
    row = extended(parse(json.dumps(FILE), "ends.json", CHECKED).rows).find(os)
    assert (row.name if row else None) == name


def test_true_and_false_for_a_day_are_kept_as_what_they_say():
    rows = {row.name: row for row in parse(json.dumps(FILE), "ends.json", CHECKED).rows}
    assert (rows["debian 13"].ends_on, rows["debian 13"].has_ended) == (None, False)
    assert (rows["debian 5"].ends_on, rows["debian 5"].has_ended) == (None, True)
    assert rows["windows-server 2012"].extended_on == date(2026, 10, 13)


def test_the_office_s_rows_beat_ours():
    own = parse('[{"product": "debian", "cycle": "12", "eol": "2027-01-01"}]', "own.json", CHECKED)
    assert extended(own.rows).find("Debian GNU/Linux 12").ends_on == date(2027, 1, 1)
    assert extended(own.rows).find("Debian GNU/Linux 11").source != "own.json"


def test_entries_that_say_nothing_are_counted_and_named():
    entries = [
        {"product": "x", "cycle": "1"},
        7,
        {"product": "", "cycle": "1", "eol": True},
        FILE[0],
        {"product": "linux", "cycle": "6.1", "eol": True},
        {"product": "y", "cycle": 2, "eol": True},
    ]
    parsed = parse(json.dumps(entries), "ends.json", CHECKED)
    assert (len(parsed.rows), parsed.refused_count) == (1, 5)
    assert parsed.refused[0].startswith("entry 1: eol of x 1")


@pytest.mark.parametrize("text", ["", "{", "{}", "7", "[" * 100_000, "[1" * 50_000, "NaN", '"x"', "9" * 5000])
def test_what_is_no_such_file_is_refused_as_one(text):
    with pytest.raises(ValueError, match="it is not"):
        parse(text, "ends.json", CHECKED)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["product", "cycle", "eol"]), inner),
    max_leaves=12,
)


@given(st.lists(json_values, max_size=6), st.text(max_size=60))
def test_whatever_the_entries_are_each_is_a_row_or_refused(entries, os):
    parsed = parse(json.dumps(entries), "ends.json", CHECKED)
    assert len(parsed.rows) + parsed.refused_count == len(entries)
    extended(parsed.rows).find(os)  # every pattern that was made is a pattern


def test_the_file_is_read_with_the_day_it_was_written(tmp_path: Path):
    path = tmp_path / "ends.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(FILE).encode())
    parsed = read_support_ends(path)
    assert len(parsed.rows) == len(FILE)
    assert parsed.rows[0].source == "ends.json"


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", b"{}", b"nonsense"])
def test_a_file_that_cannot_be_used_is_a_mistake_of_the_settings(tmp_path: Path, content):
    path = tmp_path / "ends.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigInvalid, match=r"ends\.json"):
        read_support_ends(path)
