"""The reference page and the catalogue tell the same story."""

import re
from pathlib import Path

from itops.inventory.rvtools.catalogue import Unknown, catalogue
from itops.sources.rvtools.column_map import load_column_map

DOCS = Path(__file__).parents[3] / "docs"


def test_every_sheet_and_every_unknown_column_is_on_the_reference_page():
    page = (DOCS / "reference" / "rvtools.md").read_text(encoding="utf-8")
    for sheet in catalogue().sheets:
        assert re.search(rf"\b{sheet.name}\b", page), sheet.name
        for column in sheet.columns:
            if isinstance(column.source, Unknown):
                assert re.search(rf"\| [^|]*\b{sheet.name}\b[^|]* \| {column.header} \|", page), column.header


def test_the_example_of_the_how_to_is_a_right_map(tmp_path):
    page = (DOCS / "how-to" / "import-old-workbooks.md").read_text(encoding="utf-8")
    example = next(block for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if block.startswith("sheet:"))
    (tmp_path / "map.yaml").write_text(example, encoding="utf-8")
    assert len(load_column_map(tmp_path / "map.yaml").columns) == 9
