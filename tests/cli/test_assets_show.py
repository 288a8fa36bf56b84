"""`itops assets show`: what people wrote, what machines say and who said it, what belongs to it and what waits."""

import csv
from datetime import date, timedelta
from io import StringIO

import pytest

from itops import clock
from itops.assets.sightings import Drive, Via
from itops.errors import UsageWrong
from tests.cli.assets_door import PRINTER, REGISTER, UPS, AssetsDoor, sighting


@pytest.fixture
def door(tmp_path) -> AssetsDoor:
    return AssetsDoor(tmp_path)


def observed(door: AssetsDoor, *words: str) -> dict[str, dict[str, object]]:
    return {one["field"]: one for one in door.told("show", *words)["observed"]}


def table(door: AssetsDoor, *words: str) -> list[list[str]]:
    lines = door.done("show", *words).stdout.splitlines()
    return [[part.strip() for part in line.split("  ") if part.strip()] for line in lines]


def test_what_people_wrote_stands_with_its_line(door):
    rows = table(door, "PRN-1")
    assert ["id", "PRN-1", "inventory.yaml:4"] in rows
    assert ["serial", "PRN0001", "inventory.yaml:7"] in rows
    assert ["name.en", "Printer", "inventory.yaml:6"] in rows


def test_programs_get_it_all_as_it_is(door):
    told = door.told("show", "FAX-1")
    assert (told["id"], told["serial"], told["in_service"]) == ("FAX-1", "FAX0001", "2021-07-24")
    assert (told["observed"], told["belongs"]) == ([], [])
    rows = list(csv.DictReader(StringIO(door.done("show", "FAX-1", "--output", "csv").stdout)))
    assert {row["field"]: row["value"] for row in rows}["in_service"] == "2021-07-24"


def test_people_read_days_as_the_office_writes_them_and_a_text_that_looks_like_one_as_it_is(tmp_path):
    door = AssetsDoor(tmp_path, REGISTER.replace("in_service: 1400-05-02", "in_service: 1400-05-02, note: 1402-01-01"))
    rows = table(door, "FAX-1")
    assert ["in_service", "1400-05-02", "inventory.yaml:13"] in rows
    assert ["note", "1402-01-01", "inventory.yaml:13"] in rows


def test_what_machines_say_stands_beside_it_with_who_said_it_and_when(door):
    at = clock.now() - timedelta(hours=2)
    door.saw(sighting("10.0.0.1", **PRINTER, firmware="1.19"), at=at)
    told = observed(door, "PRN-1")
    assert told["addresses"]["value"] == ["10.0.0.1"]
    assert {name: told["firmware"][name] for name in ("value", "source", "via")} == {
        "value": "1.19", "source": "net", "via": "snmp",
    }  # fmt: skip
    assert str(told["firmware"]["seen_at"]).startswith(f"{at:%Y-%m-%dT%H:%M}")
    ended = door.done("show", "PRN-1")
    assert "last recognised" in ended.stderr
    assert "by net" in ended.stderr


def test_of_two_witnesses_the_better_one_is_told(door):
    door.saw(sighting("10.0.0.1", **PRINTER, firmware="old"))
    door.saw(sighting("10.0.0.1", source="bmc", **{**PRINTER, "via": Via.REDFISH}, firmware="new"), source="bmc")
    assert (observed(door, "PRN-1")["firmware"]["value"], observed(door, "PRN-1")["firmware"]["source"]) == (
        "new",
        "bmc",
    )


def test_what_a_device_measures_is_told_as_people_count(tmp_path):
    door = AssetsDoor(
        tmp_path,
        REGISTER.replace("serial: FAX0001, vendor: Brother", "serial: UPS0001").replace(
            "kind: printer, name: فکس", "kind: ups, name: یو‌پی‌اس"
        ),
    )
    door.saw(sighting("10.0.0.5", memory_bytes=2**33, battery_due_on=date(2026, 11, 22), **UPS))
    rows = table(door, "FAX-1")
    for row in (
        ["uptime", "90 days", "net", "snmp"],
        ["ups runtime", "10 minutes", "net", "snmp"],
        ["ups charge", "100%", "net", "snmp"],
        ["supplies Drum", "43%", "net", "snmp"],
        ["supplies Toner", "some left", "net", "snmp"],
        ["memory", "8 GiB", "net", "snmp"],
        ["battery due on", "1405-09-01", "net", "snmp"],
        ["macs", "00:00:5e:00:53:50"],
    ):
        assert row in rows
    told = observed(door, "FAX-1")
    assert (told["uptime_seconds"]["value"], told["ups.charge_ratio"]["value"]) == (7_776_012, 1.0)
    assert told["battery_due_on"]["value"] == "2026-11-22"


def test_disks_are_told_in_words(door):
    door.saw(sighting("10.0.0.1", **PRINTER, drives=(Drive(model="SSD-1", size_bytes=2**40, medium="ssd"),)))
    assert observed(door, "PRN-1")["drives"]["value"] == ["SSD-1 1,024 GiB ssd"]


def test_what_belongs_to_it_and_what_waits_is_told(door):
    door.saw(sighting("10.0.0.1", **{**PRINTER, "model": "M9999"}))
    told = door.told("show", "PRN-1")
    assert told["belongs"] == [{"id": "TON-1", "kind": "peripheral", "name": {"fa": "سینی", "en": "Tray"}}]
    assert [(item["id"], item["code"]) for item in told["waiting"]] == [("PRN-1.model", "scan.conflict")]
    rows = table(door, "PRN-1")
    assert ["TON-1", "peripheral", "Tray"] in rows
    assert ["conflict", "PRN-1.model", "M2040dn", "M9999"] in rows


def test_a_thing_that_no_collector_can_see_is_shown_without_a_word_about_it(door):
    ended = door.done("show", "TON-1")
    assert ended.stderr == ""
    assert "seen" not in ended.stdout


def test_an_asset_is_known_by_a_number_on_any_keyboard_and_a_typing_mistake_is_noticed(door):
    assert door.told("show", "prn۰۰۰۱")["id"] == "PRN-1"
    refused = door.ran("show", "PRN-11")
    assert isinstance(refused.exception, UsageWrong)
    assert "did you mean PRN-1" in str(refused.exception)


def test_a_number_of_two_assets_is_no_name(tmp_path):
    door = AssetsDoor(tmp_path, REGISTER.replace("part_of: PRN-1", "part_of: PRN-1, it_code: FAX0001"))
    assert "is a number of 2 assets: TON-1, FAX-1" in str(door.ran("show", "FAX0001").exception)


def test_a_name_from_outside_cannot_steer_the_screen(door):
    door.saw(sighting("10.0.0.1", **PRINTER, description="\x1b[31mred\u202e[/]"))
    shown = door.done("show", "PRN-1").stdout
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "[31mred[/]" in shown
