"""The hardware register of the demo office against its simulated devices, by commands as people type them."""

import csv
import json
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from io import StringIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from itops.demo.devices.answering import Fault
from itops.demo.devices.office import NETWORKS, OFFICE, office_devices
from itops.demo.devices.simulator import Simulator

pytestmark = pytest.mark.e2e

PROJECT = Path(__file__).parents[2]
COMMUNITY = "alborz-ro"
CHANGES = {
    "PRN-004.model": "scan.conflict",
    "new.VXK0417226": "scan.new",
    "NET-005.host_name": "scan.proposal",
    "PRN-001.host_name": "scan.proposal",
    "STO-001.host_name": "scan.proposal",
    "UPS-004.model": "scan.proposal",
}
IMPOSTOR = {"NET-003.replacement": "scan.replacement"}
ONLY_TOLD = {"scan.never-seen", "scan.not-covered"}


class Branches:
    """The demo office in a folder: its register, and a source of devices for each of its places."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copy(PROJECT / "inventory.yaml", folder)
        shutil.copytree(PROJECT / "inventory", folder / "inventory")
        for name, text in (("community", COMMUNITY), ("dead", "nobody-knows-this")):
            (folder / name).touch(mode=0o600)
            (folder / name).write_text(f"{text}\n", encoding="utf-8")

    def configure(self, port: int, communities: Mapping[str, str] = MappingProxyType({}), **sites: str) -> None:
        """Write itops.yaml; `communities` and `sites` of a place, where they are others than they should be."""
        lines = [
            f"  devices-{place}: {{type: snmp, addresses: [{network}], site: {sites.get(place, place)}, port: {port}, "
            f"timeout: 1s, retries: 1, community: 'file:{communities.get(place, 'community')}'}}"
            for place, network in NETWORKS.items()
        ]
        path = self.folder / "itops.yaml"
        path.touch(mode=0o600)
        path.write_text("\n".join(["office: {id: demo, calendar: jalali}", "sources:", *lines, ""]), encoding="utf-8")

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "itops", "--config", str(self.folder / "itops.yaml"), "assets", *words]

    def ran(self, *words: str) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            self.command(*words),
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=180,
            stdin=subprocess.DEVNULL,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def done(self, *words: str) -> "subprocess.CompletedProcess[str]":
        done = self.ran(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def decisions(self) -> dict[str, str]:
        """What waits to be decided, id -> code; what is only told is left out."""
        plan: dict[str, Any] = json.loads(self.done("scan", "--stored", "--output", "json").stdout)["data"]
        return {item["id"]: item["code"] for item in plan["items"] if item["code"] not in ONLY_TOLD}

    def files(self) -> dict[str, bytes]:
        """The register, byte by byte."""
        files = [self.folder / "inventory.yaml", *(self.folder / "inventory").iterdir()]
        return {path.name: path.read_bytes() for path in files}

    def rows(self) -> Counter[str]:
        """How much history there is."""
        tables = ("revision", "document", "register_change", "register_entry")
        with closing(sqlite3.connect(self.folder / "state" / "itops.db")) as store:
            return Counter({name: store.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables})


@pytest.fixture
def branches(tmp_path: Path) -> Branches:
    return Branches(tmp_path)


@contextmanager
def devices(branches: Branches, faults: Mapping[str, Fault] = MappingProxyType({})) -> Iterator[Simulator]:
    """The simulated devices while they answer, and itops.yaml that finds them."""
    with Simulator(office_devices(), community=COMMUNITY, faults=faults) as simulator:
        branches.configure(simulator.port)
        yield simulator


def test_the_totals_of_four_places_add_up(branches):
    branches.configure(161)
    rows = list(csv.DictReader(StringIO(branches.done("list", "--totals", "--output", "csv").stdout)))
    *kinds, whole = [{name: int(count) for name, count in row.items() if name != "kind"} for row in rows]
    assert [*whole] == [*NETWORKS, "all"]
    assert whole["all"] == 346 == sum(whole[place] for place in NETWORKS)
    assert all(row["all"] == sum(row[place] for place in NETWORKS) for row in kinds)
    assert all(whole[name] == sum(row[name] for row in kinds) for name in whole)


def test_a_scan_finds_exactly_what_was_planted_and_once_all_is_decided_the_next_has_nothing_to_say(branches):
    before = branches.files()
    with devices(branches):
        scanned = branches.ran("scan", "--check")
        assert scanned.returncode == 2
        assert f"{len(OFFICE)} devices answered" in scanned.stderr
        assert branches.decisions() == CHANGES | IMPOSTOR
        assert branches.files() == before
        branches.done("apply", "--yes")
        assert branches.decisions() == {"PRN-004.model": "scan.conflict"} | IMPOSTOR
        branches.done("accept", "PRN-004.model")
        assert "Kyocera" in branches.done("show", "PRN-036").stdout
        branches.done("accept", "NET-003.replacement")
        again = branches.ran("scan", "--check")
        assert (again.returncode, branches.decisions()) == (0, {})
        assert "22 devices answered: 0 for the first time, 0 changed" in again.stderr
        assert branches.ran("apply").returncode == 0
    history = json.loads(branches.done("history", "--output", "json").stdout)["data"]
    assert Counter(one["how"] for one in history if one["asset_id"] != "PRN-036") == {"apply": 4, "accept": 2}


def test_an_impostor_that_is_another_switch_gets_an_entry_of_its_own(branches):
    with devices(branches):
        branches.done("scan")
        branches.done("accept", "new.FOC1940Z7QX")
        assert branches.decisions() == CHANGES
        assert "NET-003" in branches.done("scan").stdout  # the one that is gone is not seen any more


def test_two_scans_without_a_change_write_nothing(branches):
    with devices(branches):
        branches.done("scan")
        files, rows = branches.files(), branches.rows()
        assert rows["revision"] >= len(OFFICE)
        branches.done("scan")
        branches.done("scan", "--stored")
    assert branches.files() == files
    assert branches.rows() == rows


def test_two_scans_at_once_both_end_well_or_one_gives_way(branches):
    with devices(branches):
        running = [
            subprocess.Popen(branches.command("scan"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
            for _ in range(2)
        ]
        ended = [(one.communicate(timeout=180)[1], one.returncode) for one in running]
        assert [told for told, _ in ended if "Traceback" in told] == []
        codes = sorted(code for _, code in ended)
        assert codes in ([0, 0], [0, 75])
        assert branches.decisions() == CHANGES | IMPOSTOR
        rows = branches.rows()
        branches.done("scan")
        assert branches.rows() == rows


def test_a_dead_community_and_a_device_that_answers_rubbish_leave_everything_else(branches):
    with devices(branches, {"127.0.10.21": Fault.RUBBISH, "127.0.10.3": Fault.TRUNCATED}) as simulator:
        branches.configure(simulator.port, {"fardis": "dead"})
        scanned = branches.ran("scan")
    assert scanned.returncode == 69
    assert "error:  devices-fardis: none of the 254 addresses" in scanned.stderr
    assert "what the other sources showed was kept" in scanned.stderr
    assert "devices-head-office: 127.0.10.21: " in scanned.stderr
    lost = {"PRN-001.host_name", "PRN-004.model", "UPS-004.model"}
    assert branches.decisions() == {
        item_id: code for item_id, code in (CHANGES | IMPOSTOR).items() if item_id not in lost
    }


def test_devices_that_fell_silent_are_not_gone(branches):
    with devices(branches):
        branches.done("scan")
    rows = branches.rows()
    with devices(branches, dict.fromkeys(OFFICE, Fault.SILENT)):
        assert branches.ran("scan").returncode == 69
    assert branches.decisions() == CHANGES | IMPOSTOR
    assert branches.rows() == rows


def test_a_place_that_the_register_does_not_know_is_named_with_its_line_before_anybody_is_asked(branches):
    with devices(branches) as simulator:
        branches.configure(simulator.port, nazarabad="nowhere", fardis="fards")
        refused = branches.ran("scan")
        assert sum(simulator.asked(address) for address in OFFICE) == 0
    assert refused.returncode == 78
    assert 'itops.yaml:5  sources.devices-nazarabad.site  there is no site "nowhere"' in refused.stderr
    assert (
        'itops.yaml:6  sources.devices-fardis.site     there is no site "fards" in the register; did you mean fardis?'
        in (refused.stderr)
    )
    assert refused.stdout == ""
