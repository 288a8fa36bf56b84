"""The page about the catalogue file tells what the code does."""

import re
from pathlib import Path

import pytest

from itops.repositories.catalog import CatalogRepository, Settings
from itops.repositories.catalog.rows import COLUMNS
from tests.contracts.repository_contract import NAME, TEHRAN, copies, gaps, seen

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "backup-catalog.md").read_text(encoding="utf-8")


def test_every_column_is_on_the_page_and_no_other() -> None:
    section = PAGE.split("## Columns")[1].split("\n## ")[0]
    assert tuple(re.findall(r"^\| `([a-z0-9_]+)` \|", section, re.MULTILINE)) == COLUMNS


@pytest.mark.parametrize(("language", "count"), [("csv", 3), ("json", 1)])
def test_its_examples_are_read_without_a_gap(tmp_path: Path, language: str, count: int) -> None:
    example = PAGE.split(f"```{language}\n")[1].split("```")[0]
    path = tmp_path / f"copies.{language}"
    path.write_text(example, encoding="utf-8")
    listed = seen(CatalogRepository(NAME, Settings(path=path), TEHRAN))
    assert gaps(listed) == []
    assert len(copies(listed)) == count


def test_every_gap_is_on_the_page() -> None:
    folder = Path(__file__).parents[3] / "itops" / "repositories" / "catalog"
    codes = {code for path in folder.glob("*.py") for code in re.findall(r'"(catalog\.[a-z-]+)"', path.read_text())}
    assert codes == set(re.findall(r"^\| `(catalog\.[a-z-]+)` \|", PAGE, re.MULTILINE))
