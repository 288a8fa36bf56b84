"""The page about planning is played: its settings, its commands, its outputs."""

import os
import re
import shlex
from pathlib import Path

import pytest

from tests.cli.backup_door import Door

PAGE = Path(__file__).parents[2] / "docs/how-to/plan-backups.md"
_BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


@pytest.fixture
def door(tmp_path, monkeypatch):
    settings = re.search(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    made = Door(tmp_path, plan=settings[1], nights=range(14, 22), damaged=0)
    made.back_up()
    monkeypatch.chdir(tmp_path)
    return made


def played(door: Door, block: str) -> str:
    """The commands of a block with what they really print."""
    told = []
    for line in (line for line in block.splitlines() if line.startswith("$ ")):
        told.append(line)
        program, *words = shlex.split(line[2:])
        if program == "truncate":
            os.truncate(door.folder / words[-1], int(words[1]))
        else:
            ran = door.run(*words[1:])
            told += (ran.stdout + ran.stderr).splitlines()
    return "\n".join(told) + "\n"


def test_the_page_prints_what_itops_prints(door):
    page = PAGE.read_text(encoding="utf-8")
    real = _BLOCK.sub(lambda found: f"```console\n{played(door, found[1])}```", page)
    if os.environ.get("ITOPS_GOLDEN") == "write":
        PAGE.write_text(real, encoding="utf-8")
    assert page == real


def test_its_status_is_green_until_something_is_broken(door):
    assert door.run("verify").code == 0
    assert door.run("drill", "letters").code == 0
    assert door.run("status").code == 0
    assert door.run("check").code == 0
