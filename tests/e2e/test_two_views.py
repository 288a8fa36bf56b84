"""A lone host read directly and through its vCenter at once: one thing each, and a history that does not flap."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.simulator import Simulator
from tests.tasks.demo_office import itops

pytestmark = pytest.mark.e2e


def write_office(config: Path, **simulators: Simulator) -> None:
    secret = config.parent / "secret"
    secret.touch(mode=0o600)
    secret.write_text(next(iter(simulators.values())).password)
    lines = [
        f"  {name}: {{type: vsphere, host: {one.host}, port: {one.port}, username: {one.username},"
        f" password: 'file:secret', tls: 'pin:sha256:{one.pin}'}}\n"
        for name, one in simulators.items()
    ]
    config.touch(mode=0o600)
    config.write_text("office: {id: two}\nsources:\n" + "".join(lines))


def asked(config: Path, *words: str) -> list[dict[str, object]]:
    done = itops("--config", str(config), "inventory", *words, "--output", "json")
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout)["data"])


def test_a_host_and_its_vcenter_together_show_everything_once(
    tmp_path: Path, start_simulator: Callable[..., Simulator]
) -> None:
    config = tmp_path / "itops.yaml"
    vcenter = start_simulator("-vms", "30", "-hosts", "1")
    write_office(config, vc01=vcenter, esx01=start_simulator("-esx", "-vms", "30"))
    asked(config, "scan")
    for _ in range(2):
        again = asked(config, "scan")
        assert [(row["new"], row["changed"], row["ended"]) for row in again] == [(0, 0, 0)] * 2
    vms = asked(config, "list")
    assert len(vms) == 30
    assert {tuple(row["sources"]) for row in vms} == {("vc01", "esx01")}  # vCenter knows more
    assert not any(row["is_copy"] for row in vms)
    (host,) = asked(config, "list", "--kind", "host")
    assert host["sources"] == ["vc01", "esx01"]
    out = tmp_path / "book.xlsx"
    assert itops("--config", str(config), "inventory", "export", "rvtools", "--out", str(out)).returncode == 0
