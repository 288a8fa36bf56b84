"""Keeping what was drawn: every file or none, and what is there already is left alone."""

from pathlib import Path

import pytest

from itops.errors import ItopsError, StoreUnavailable
from itops.tasks.report.keeping import folder_of, keep

FILES = {"a.json": b"{}", "a.pdf": b"%PDF"}


def test_what_is_there_already_is_told_as_unchanged(tmp_path: Path) -> None:
    first = keep(FILES, tmp_path / "reports/1405-08")
    assert [(file.path.name, file.is_changed, file.size_bytes) for file in first] == [
        ("a.json", True, 2), ("a.pdf", True, 4),
    ]  # fmt: skip
    again = keep({**FILES, "a.pdf": b"%PDF2"}, tmp_path / "reports/1405-08")
    assert [file.is_changed for file in again] == [False, True]


def test_where_one_file_cannot_be_written_none_is(tmp_path: Path) -> None:
    keep(FILES, tmp_path)
    (tmp_path / "a.pdf").unlink()
    (tmp_path / "a.pdf").mkdir()  # somebody's folder stands in the way
    with pytest.raises(ItopsError):
        keep({"a.json": b"new", "a.pdf": b"new"}, tmp_path)
    assert (tmp_path / "a.json").read_bytes() == b"{}"
    assert {path.name for path in tmp_path.iterdir()} == {"a.json", "a.pdf"}


def test_a_folder_that_cannot_be_made_is_named_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file")
    with pytest.raises(StoreUnavailable, match="reports") as told:
        keep(FILES, tmp_path / "reports/1405-08")
    assert "--out" in told.value.remedy


def test_redacted_files_lie_apart(tmp_path: Path) -> None:
    assert folder_of(tmp_path, "1405-08") == tmp_path / "reports/1405-08"
    assert folder_of(tmp_path, "1405-08", "hq") == tmp_path / "reports/1405-08/hq"
