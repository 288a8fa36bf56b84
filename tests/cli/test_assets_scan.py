"""`itops assets scan`: what devices say against the register is told whole, and nothing is written into it."""

import csv
import json
from datetime import timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest

from itops import clock
from itops.assets.sightings import Sighting
from itops.errors import ConfigInvalid, SourceUnavailable, UsageWrong
from tests.cli.assets_door import PRINTER, REGISTER, AssetsDoor, sighting
from tests.sources.agents.samples import as_json, notebook

STRANGER = sighting("10.0.0.9", serial="NEW0009", vendor="HP", model="LaserJet 9")
OTHER_MODEL = sighting("10.0.0.1", **{**PRINTER, "model": "M9999"})
IMPOSTOR = sighting("10.0.0.2", kind="network_device", vendor="Cisco", serial="FOC2222", host_name="sw-1")


@pytest.fixture
def door(tmp_path) -> AssetsDoor:
    return AssetsDoor(tmp_path)


def test_every_item_of_the_plan_is_told_with_what_accepting_it_would_change(door):
    door.saw(OTHER_MODEL, STRANGER, IMPOSTOR)
    plan = door.told("scan", "--stored")
    items = {item["id"]: item for item in plan["items"]}
    assert {item_id: item["code"] for item_id, item in items.items()} == {
        "PRN-1.model": "scan.conflict",
        "SW-1.replacement": "scan.replacement",
        "new.NEW0009": "scan.new",
        "FAX-1.seen": "scan.not-covered",
    }
    conflict = items["PRN-1.model"]
    assert (conflict["asset_id"], conflict["field"]) == ("PRN-1", "model")
    assert (conflict["register"], conflict["seen"]) == ("M2040dn", "M9999")
    assert (conflict["source"], conflict["address"]) == ("net", "10.0.0.1")
    assert conflict["accepts"] == [{"asset_id": "PRN-1", "field": "model", "value": "M9999"}]
    assert items["new.NEW0009"]["accepts"][0]["fields"]["site"] == "head"
    assert items["SW-1.replacement"]["details"]["as_new"]["id"] == "new.FOC2222"
    assert (plan["state"], plan["unchanged"], plan["silenced"]) == ("CRITICAL", 0, [])
    assert door.text == REGISTER


def test_csv_has_a_row_for_each_item(door):
    door.saw(OTHER_MODEL, STRANGER, IMPOSTOR)
    rows = list(csv.DictReader(StringIO(door.done("scan", "--stored", "--output", "csv").stdout)))
    assert [row["id"] for row in rows] == ["PRN-1.model", "SW-1.replacement", "FAX-1.seen", "new.NEW0009"]


def many(count: int) -> str:
    lines = (
        f"  - {{id: PC-{number}, kind: computer, name: x, site: head, serial: PC0{number:04}}}\n"
        for number in range(1, count + 1)
    )
    return REGISTER + "".join(lines)


@pytest.mark.parametrize(("count", "lines"), [(6, 6), (7, 1)])
def test_what_is_only_told_takes_one_line_of_the_table_when_it_is_much_and_stands_below(tmp_path, count, lines):
    door = AssetsDoor(tmp_path, many(count))
    door.saw(OTHER_MODEL, STRANGER, sighting("10.0.0.8", kind="computer", serial="NEW0008"))
    shown = door.done("scan", "--stored").stdout.splitlines()
    assert sum("never-seen" in line for line in shown) == lines
    assert "PRN-1.model" in shown[1]
    if lines == 1:
        assert shown[-1].split()[:4] == ["never-seen", "7", "of", "them"]
        assert shown[-1].endswith("PC-1, PC-2, PC-3 and 4 more")
    assert sum(code == "scan.never-seen" for code in door.items().values()) == count


def test_what_waits_for_a_decision_is_never_put_together(tmp_path):
    door = AssetsDoor(tmp_path)
    door.saw(*(sighting(f"10.0.1.{number}", serial=f"NEW1{number:03}") for number in range(20)))
    assert door.done("scan", "--stored").stdout.count("new.NEW1") == 20


def test_both_ways_out_of_a_doubt_are_named(door):
    door.saw(IMPOSTOR)
    told = door.done("scan", "--stored").stderr
    assert "sw-1: `itops assets accept SW-1.replacement` if it is SW-1" in told
    assert "`itops assets accept new.FOC2222` if it is another" in told


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        pytest.param([sighting("10.0.0.1", **PRINTER)], 0, id="as it is written"),
        pytest.param([sighting("10.0.0.1", **PRINTER, host_name="prn")], 1, id="a field to fill"),
        pytest.param([STRANGER], 1, id="a stranger"),
        pytest.param([sighting("10.0.0.1", **PRINTER, findings=("snmp.default-community",))], 1, id="a finding"),
        pytest.param([sighting("10.0.0.1", **{**PRINTER, "site": "fardis"})], 1, id="at another place"),
        pytest.param([OTHER_MODEL], 2, id="a contradiction"),
        pytest.param([IMPOSTOR], 2, id="an impostor"),
        pytest.param([STRANGER, OTHER_MODEL], 2, id="the worst counts"),
    ],
)
def test_the_exit_code_is_the_verdict_where_it_is_asked_for(door, seen: list[Sighting], code):
    door.saw(*seen)
    assert door.ran("scan", "--stored", "--check").exit_code == code
    assert door.ran("scan", "--stored").exit_code == 0


def test_what_was_disposed_of_and_answers_is_an_alarm(tmp_path):
    door = AssetsDoor(tmp_path, REGISTER.replace("    site: head\n", "    site: head\n    status: retired\n"))
    door.saw(sighting("10.0.0.1", **PRINTER))
    assert door.items()["PRN-1.status"] == "scan.revenant"
    assert door.ran("scan", "--stored", "--check").exit_code == 2


def test_something_not_seen_for_long_is_told_with_its_days(door):
    door.saw(sighting("10.0.0.1", **PRINTER), at=clock.now() - timedelta(days=60))
    door.saw(STRANGER, source="other")
    shown = door.done("scan", "--stored").stdout
    assert "60 days ago" in shown
    assert door.items()["PRN-1.seen"] == "scan.not-looked"


def test_before_the_first_scan_nothing_was_seen_and_nothing_is_made(door):
    assert "no device was seen yet" in door.done("scan", "--stored").stderr
    assert not (door.folder / "state").exists()


class Agents:
    """A folder of inventories, read by a source of type agents."""

    def __init__(self, door: AssetsDoor, *names: str) -> None:
        self.folders = [door.folder / name for name in names]
        for folder in self.folders:
            folder.mkdir()
        door.configure(*(f"{name}: {{type: agents, folder: {name}, site: head}}" for name in names))

    def hear(self, number: int, serial: str) -> None:
        content = notebook(bios={"smanufacturer": "Contoso Ltd.", "smodel": "Book 13", "ssn": serial})
        content["hardware"] |= {"name": f"nb-{serial}".lower(), "uuid": None}
        content["networks"] = []
        hour_ago = (clock.now() - timedelta(hours=1)).astimezone(ZoneInfo("Asia/Tehran"))
        content["accesslog"] = {"logdate": f"{hour_ago:%Y-%m-%d %H:%M:%S}"}
        (self.folders[number] / f"{serial}.json").write_bytes(as_json(content, f"{serial}-2026-01-02-03-04-05"))


def test_devices_are_asked_and_the_plan_made_of_what_they_say(door):
    Agents(door, "pcs").hear(0, "CONT0001")
    ended = door.done("scan")
    assert "new.CONT0001" in ended.stdout
    assert "1 device answered: 1 for the first time, 0 changed" in ended.stderr
    assert "1 device answered: 0 for the first time, 0 changed" in door.done("scan").stderr
    assert door.text == REGISTER


def test_what_is_stored_is_told_again_and_nobody_is_asked(door):
    agents = Agents(door, "pcs")
    agents.hear(0, "CONT0001")
    door.done("scan")
    agents.hear(0, "CONT0002")
    assert "new.CONT0002" not in door.items()
    door.done("scan")
    assert "new.CONT0002" in door.items()


def test_a_source_that_fails_leaves_the_others_whole_and_lends_its_exit_code(door):
    agents = Agents(door, "pcs", "others")
    agents.hear(0, "CONT0001")
    (agents.folders[1] / "x.json").write_text("no inventory", encoding="utf-8")
    ended = door.ran("scan", "--check")
    assert ended.exit_code == SourceUnavailable.exit_code
    assert "error:  others: none of 1 file" in ended.stderr
    assert "remedy: see `itops inventory gaps`" in ended.stderr
    assert "what the other sources showed was kept" in ended.stderr
    assert "new.CONT0001" in ended.stdout
    assert door.ran("scan", "pcs").exit_code == 0


def test_what_could_not_be_seen_is_in_the_json_too(door):
    agents = Agents(door, "pcs")
    agents.hear(0, "CONT0001")
    for name in "abcd":
        (agents.folders[0] / f"{name}.json").write_text("no inventory", encoding="utf-8")
    ended = door.done("scan", "--output", "json")
    assert [gap["subject"] for gap in json.loads(ended.stdout)["gaps"]] == ["a.json", "b.json", "c.json", "d.json"]
    assert json.loads(door.done("scan", "--stored", "--output", "json").stdout)["gaps"]
    assert "pcs: c.json: " in ended.stderr
    assert "d.json" not in ended.stderr
    assert "pcs: 1 more like that: `itops inventory gaps --source pcs`" in ended.stderr


def test_only_the_sources_named_are_asked(door):
    agents = Agents(door, "pcs", "others")
    agents.hear(0, "CONT0001")
    agents.hear(1, "CONT0002")
    door.done("scan", "others")
    assert {item_id for item_id in door.items() if item_id.startswith("new.")} == {"new.CONT0002"}


def test_a_site_that_the_register_does_not_know_is_told_before_anybody_is_asked(door):
    Agents(door, "pcs").hear(0, "CONT0001")
    door.configure(
        "vc01: {type: recording, path: x}",
        "pcs: {type: agents, folder: pcs, site: fards}",
        "others: {type: agents, folder: others, site: karaj}",
    )
    ended = door.ran("scan", "pcs")
    assert isinstance(ended.exception, ConfigInvalid)
    lines = ended.exception.problem.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [
        ["itops.yaml:4", "sources.pcs.site"],
        ["itops.yaml:5", "sources.others.site"],
    ]
    assert lines[1].endswith('there is no site "fards" in the register; did you mean fardis?')
    assert lines[2].endswith('there is no site "karaj" in the register; it has head, fardis')
    assert not (door.folder / "state").exists()


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["scan"], ConfigInvalid),
        (["scan", "nobody"], ConfigInvalid),
        (["scan", "--stored", "pcs"], UsageWrong),
    ],
)
def test_without_a_source_of_devices_there_is_nobody_to_ask(door, words, error):
    assert type(door.ran(*words).exception) is error


def test_a_source_that_sees_no_devices_is_none_to_ask(door):
    (door.folder / "pcs").mkdir()
    door.configure("vc01: {type: recording, path: x}", "pcs: {type: agents, folder: pcs}")
    ended = door.ran("scan", "vc01")
    assert isinstance(ended.exception, UsageWrong)
    assert ended.exception.remedy == "use one of: pcs"


def test_an_invalid_register_is_told_before_anybody_is_asked(door):
    Agents(door, "pcs").hear(0, "CONT0001")
    door.register.write_text(REGISTER.replace("site: fardis", "site: nowhere"), encoding="utf-8")
    assert isinstance(door.ran("scan").exception, ConfigInvalid)
    assert not (door.folder / "state").exists()
