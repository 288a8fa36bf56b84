"""`itops inventory sources` and `gaps` speak even before anybody has scanned."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from itops.cli.main import cli
from itops.errors import StoreEmpty


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "itops.yaml"
    path.write_text("office: {id: a}\nsources:\n  old: {type: recording, path: old.itops}\n")
    path.chmod(0o600)
    (tmp_path / "state").mkdir(mode=0o700)
    return str(path)


def test_a_source_that_was_never_scanned_is_told_as_that(config: str) -> None:
    result = CliRunner().invoke(cli, ["--config", config, "inventory", "sources", "--output", "json"])
    assert result.exit_code == 0
    assert [(row["source"], row["state"]) for row in json.loads(result.stdout)["data"]] == [("old", "never_seen")]


def test_never_scanned_is_a_gap(config: str) -> None:
    result = CliRunner().invoke(cli, ["--config", config, "inventory", "gaps", "--output", "json"])
    assert [row["code"] for row in json.loads(result.stdout)["gaps"]] == ["source.never-seen"]


def test_a_list_before_the_first_scan_is_not_an_empty_inventory(config: str) -> None:
    result = CliRunner().invoke(cli, ["--config", config, "inventory", "list"])
    assert isinstance(result.exception, StoreEmpty)
    assert "itops inventory scan" in result.exception.remedy
