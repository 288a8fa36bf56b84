"""How the demo tells people to go on."""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from itops.cli.demo import command_of
from itops.cli.main import cli
from itops.errors import UsageWrong


def program(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "itops"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_an_itops_that_is_not_on_the_path_is_called_by_its_place(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    called = program(tmp_path / "office" / ".venv" / "bin")
    assert command_of(called, tmp_path / "office") == ".venv/bin/itops"
    assert command_of(called, tmp_path / "elsewhere") == str(called)


def test_an_itops_on_the_path_is_called_by_its_name(tmp_path, monkeypatch):
    called = program(tmp_path / "bin")
    monkeypatch.setenv("PATH", str(called.parent))
    assert command_of(called, tmp_path) == "itops"


def test_another_itops_on_the_path_is_not_taken_for_this_one(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(program(tmp_path / "old").parent))
    assert command_of(program(tmp_path / "new"), tmp_path) == "new/itops"


def test_a_module_is_called_as_one():
    assert command_of(Path("itops/__main__.py"), Path.cwd()) == f"{sys.executable} -m itops"


def test_a_simulator_that_was_named_and_is_not_there_is_not_replaced_in_silence(tmp_path):
    words = ["demo", "--folder", str(tmp_path / "demo"), "--simulator", str(tmp_path / "none")]
    with pytest.raises(UsageWrong, match="there is no simulator"):
        CliRunner().invoke(cli, words, catch_exceptions=False)
    assert not (tmp_path / "demo").exists()
