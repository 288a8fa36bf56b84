"""No network is touched while a report is built: in a machine without any it comes out the same, byte for byte."""

import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.test_changes import scan
from tests.cli.test_report_build import LATER, MONTH, YAML
from tests.inventory.sightings import DAY1, vm

pytestmark = pytest.mark.e2e
_ALONE = ("unshare", "--net", "--map-root-user", "--user")


def build(folder: Path, out: str, *before: str) -> dict[str, bytes]:
    """The files that a process of its own makes, all forms and both languages."""
    words = ["report", "build", "--period", MONTH, "--format", "pdf,xlsx,docx,html,json", "--out", str(folder / out)]
    command = [sys.executable, "-m", "itops.demo.played", LATER.isoformat(), "--config", str(folder / "itops.yaml")]
    done = subprocess.run([*before, *command, *words], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return {path.name: path.read_bytes() for path in (folder / out).iterdir()}


def test_a_report_is_the_same_where_there_is_no_network(tmp_path: Path) -> None:
    alone = _ALONE if os.geteuid() else _ALONE[:2]
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this account may make no network namespace here")
    (tmp_path / "itops.yaml").write_text(YAML, encoding="utf-8")
    (tmp_path / "exports").mkdir()
    (tmp_path / "state").mkdir(mode=0o700)
    scan(tmp_path, DAY1, [vm("a", "kaspersky")])
    scan(tmp_path, DAY1 + timedelta(days=20), [vm("b", "WSUS")])
    made = build(tmp_path, "alone", *alone)
    assert len(made) == 9
    assert made == build(tmp_path, "connected")
