"""docs/how-to/add-a-source.md: the source on that page is run as it stands there, installed as pip would install it."""

import importlib
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from itops.inventory.entities import Source
from tests.contracts.source_contract import MakeSource, SourceContract, entities, gaps, looks

PAGE = Path(__file__).parents[1] / "docs" / "how-to" / "add-a-source.md"
VM_ID = "7C9E6679-7425-40DE-944B-E07FC1F90AE7"
MACHINES = [
    {"VMId": VM_ID, "Name": "web01", "ProcessorCount": 2, "MemoryStartup": 4 << 30, "State": "Running", "Notes": ""},
    {"VMId": "7c9e6679-7425-40de-944b-e07fc1f90ae8", "Name": "[/]", "State": "Off"},
]


def block(language: str) -> str:
    """The first code block of a language on the page."""
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert found, language
    return found[1]


def install(folder: Path) -> None:
    """The module and the entry point of the page, as a distribution."""
    (folder / "hyperv_export.py").write_text(block("python"), encoding="utf-8")
    project = tomllib.loads(block("toml"))["project"]
    info = folder / f"hyperv_export-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    points = [f"{name} = {place}" for name, place in project["entry-points"]["itops.sources"].items()]
    (info / "entry_points.txt").write_text("\n".join(("[itops.sources]", *points)) + "\n")


class TestTheSourceOfThePage(SourceContract):
    @pytest.fixture
    def module(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
        packages = tmp_path / "packages"
        packages.mkdir()
        install(packages)
        monkeypatch.syspath_prepend(packages)
        monkeypatch.delitem(sys.modules, "hyperv_export", raising=False)
        module = importlib.import_module("hyperv_export")
        yield module
        del sys.modules["hyperv_export"]

    @pytest.fixture
    def make_source(self, module: Any, tmp_path: Path) -> MakeSource:
        path = tmp_path / "hv01.json"
        path.write_text(json.dumps([*MACHINES, {}]), encoding="utf-8-sig")
        os.utime(path, (1_790_000_000, 1_790_000_000))
        return lambda name: module.HypervSource(name, module.HypervSettings(path=path))

    @pytest.fixture
    def make_broken(self, module: Any, tmp_path: Path) -> MakeSource:
        return lambda name: module.HypervSource(name, module.HypervSettings(path=tmp_path / "absent.json"))

    def test_an_entry_without_an_identity_is_a_gap_that_hides_vms(self, make_source: MakeSource) -> None:
        source: Source = make_source("hv01")
        (look,) = looks(source)
        assert [entity.name for entity in entities(look)] == ["web01", "[/]"]
        assert [(gap.code, set(gap.hides)) for gap in gaps(look)] == [("vm.unreadable", {"vm"})]


def test_the_source_of_the_page_scans_and_lists(tmp_path: Path) -> None:
    install(tmp_path)
    (tmp_path / "hv01.json").write_text(json.dumps(MACHINES), encoding="utf-8")
    (tmp_path / "itops.yaml").write_text("office: {id: alborz}\n" + block("yaml"), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{Path(__file__).parents[1]}"}

    def itops(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "itops", *words],
            cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    itops("inventory", "scan", "hv01")
    listed = {vm["name"]: vm for vm in json.loads(itops("inventory", "list", "--output", "json"))["data"]}
    assert set(listed) == {"web01", "[/]"}
    web = listed["web01"]
    assert (web["id"], web["source"], web["host"]) == (VM_ID.lower(), "hv01", "hv01.example.ir")
    assert (web["cpu_count"], web["memory_bytes"], web["power_state"]) == (2, 4 << 30, "poweredOn")
