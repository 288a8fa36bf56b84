"""What happens to VMs between two scans is what `itops inventory changes` tells; nothing else is."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from itops.cli.setting import load_settings
from tests.e2e.simulator import Simulator
from tests.tasks.demo_office import itops

pytestmark = pytest.mark.e2e


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "secrets").mkdir(mode=0o700)
    return tmp_path / "itops.yaml"


def point_at(config: Path, simulator: Simulator) -> None:
    secret = config.parent / "secrets" / "vc01"
    secret.touch(mode=0o600)
    secret.write_text(simulator.password)
    config.touch(mode=0o600)
    config.write_text(
        "office: {id: live, timezone: Asia/Tehran, calendar: gregorian}\nsources:\n"
        f"  vc01: {{type: vsphere, host: {simulator.host}, port: {simulator.port}, username: {simulator.username},"
        f" password: 'file:secrets/vc01', tls: 'pin:sha256:{simulator.pin}'}}\n"
    )
    assert load_settings(config).source("vc01") is not None


def told(config: Path) -> dict[str, set[tuple[str, str]]]:
    printed = itops("--config", str(config), "inventory", "changes", "--kind", "vm", "--output", "json")
    data = json.loads(printed.stdout)["data"]
    return {
        name: {(change["name"], change["action"]) for change in data[name]} for name in ("added", "removed", "changed")
    }


def test_everything_that_was_done_is_told_and_nothing_else(
    config: Path, start_simulator: Callable[..., Simulator]
) -> None:
    simulator = start_simulator("-vms", "60", "-hostile")
    point_at(config, simulator)
    scan = ("--config", str(config), "inventory", "scan", "--output", "json")
    itops(*scan)
    (again,) = json.loads(itops(*scan).stdout)["data"]
    assert (again["new"], again["changed"], again["ended"]) == (0, 0, 0)
    simulator.rename("[/]", "=cmd|x renamed")
    simulator.remove("=cmd|x")
    simulator.add("fresh %2f server")
    simulator.reconfigure("srv-00003", cpus=16, version="vmx-20")
    simulator.snapshot("srv-00004", "before the patch")
    simulator.power("srv-00005", "off")
    itops(*scan)
    found = told(config)
    assert found["removed"] == {("=cmd|x", "removed")}
    assert {action for _, action in found["added"]} == {"added"}
    assert len(found["added"]) == 1
    assert {("=cmd|x renamed", "renamed"), ("srv-00003", "resized"), ("srv-00003", "upgraded")} <= found["changed"]
    assert {name for name, _ in found["changed"]} <= {"=cmd|x renamed", "srv-00003", "srv-00004", "srv-00005"}
