"""The demo with simulated servers and devices: logins, TLS and all. `make e2e`."""

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.simulator import built_simulator
from tests.tasks.demo_office import (
    check_backups,
    check_changes,
    check_report,
    check_watch,
    check_workbook,
    itops_then,
    period_of,
    played,
)

pytestmark = pytest.mark.e2e

ONLY_TOLD = ("scan.not-", "scan.never-")


def check_hardware(folder: Path, printed: str) -> None:
    """The totals add up; the plan holds exactly what was planted; nothing of it is in the register yet."""
    assert "what 22 simulated devices say" in printed
    shown = printed.partition("$ itops assets list --totals")[2]
    totals = next(line.split()[1:] for line in shown.splitlines() if line.startswith("all "))
    assert [int(number) for number in totals] == [240, 39, 32, 35, 346]
    done = itops_then(folder, "built", "assets", "scan", "--stored", "--output", "json")
    assert done.returncode == 0, done.stderr
    items = [item for item in json.loads(done.stdout)["data"]["items"] if not item["code"].startswith(ONLY_TOLD)]
    assert Counter(item["code"] for item in items) == {
        "scan.conflict": 1, "scan.new": 1, "scan.proposal": 4, "scan.replacement": 1,
    }  # fmt: skip
    for item in items:
        assert f" {item['id']} " in shown.partition("$ itops assets scan")[2]
    ours = {path.name: path.read_bytes() for path in (folder / "inventory").iterdir()}
    theirs = Path(__file__).parents[2] / "inventory"
    assert ours == {path.name: path.read_bytes() for path in theirs.iterdir()}


def test_the_simulated_demo_tells_what_came_and_went_and_writes_the_workbook(tmp_path):
    folder = tmp_path / "demo"
    printed = played(folder, "--simulator", str(built_simulator()))
    assert "a simulated vCenter" in printed
    check_changes(folder, *period_of(printed))
    check_workbook(folder)
    check_backups(folder, printed)
    check_hardware(folder, printed)
    check_report(folder, printed)
    check_watch(folder, printed)
