"""CSV cells as RVTools and its readers write them."""

from pathlib import Path

import pytest

from itops.sources.rvtools.tables import CsvTables


@pytest.mark.parametrize(
    ("cell", "read"),
    [("'=1+1", "=1+1"), ("'a '=b", "'a '=b"), ("it's -5", "it's -5"), ("'quoted'", "'quoted'"), ("''=x", "''=x")],
)
def test_only_the_apostrophe_that_keeps_a_formula_still_is_taken_away(tmp_path: Path, cell: str, read: str) -> None:
    file = tmp_path / "RVTools_tabvInfo.csv"
    file.write_text(f"VM,Annotation\nDC,{cell}\n", encoding="utf-8")
    table = CsvTables(file, {"vInfo": file}).table("vInfo")
    assert [list(row) for row in table.rows] == [["DC", read]]
