"""The README shows the real help pages."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"<!-- (itops[^>]*) -->\n```text\n(.*?)```\n", README, re.DOTALL)


@pytest.mark.parametrize(("command", "shown"), SHOWN, ids=[command for command, _ in SHOWN])
def test_a_help_page_in_the_readme_is_the_one_that_is_printed(command: str, shown: str) -> None:
    words = [sys.executable, "-m", *command.split()]
    printed = subprocess.run(words, capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "80"})
    assert shown == printed.stdout.replace("python -m itops", "itops")


def test_the_readme_shows_the_help_pages() -> None:
    assert len(SHOWN) == 4
