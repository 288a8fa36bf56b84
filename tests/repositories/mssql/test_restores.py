"""The text of verifying and restoring: exact, quoted, and never over something that exists."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.repositories.mssql import restores

PATH = "\\\\nas\\backup\\O'Hara\\full.bak"
NAME = restores.PREFIX + "1"
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=60)


def test_the_statements_are_exactly_these() -> None:
    disk = "DISK = N'\\\\nas\\backup\\O''Hara\\full.bak'"
    assert restores.header_only([PATH]) == f"RESTORE HEADERONLY FROM {disk};"
    assert restores.file_list_only([PATH], 2) == f"RESTORE FILELISTONLY FROM {disk} WITH FILE = 2;"
    assert (
        restores.verify_only([PATH], has_checksums=True)
        == f"RESTORE VERIFYONLY FROM {disk} WITH FILE = 1, CHECKSUM, STOP_ON_ERROR;"
    )
    assert restores.verify_only([PATH], has_checksums=False) == f"RESTORE VERIFYONLY FROM {disk} WITH FILE = 1;"
    assert restores.restore_as(NAME, [PATH], {"Data]1": "D:\\x.mdf"}, has_checksums=True) == (
        f"RESTORE DATABASE [itops_drill_1] FROM {disk} WITH FILE = 1, MOVE N'Data]1' TO N'D:\\x.mdf', "
        "CHECKSUM, STOP_ON_ERROR, RECOVERY;"
    )


def test_stripes_are_all_named_and_blobs_are_urls() -> None:
    assert restores.devices(["a.bak", "b.bak"]) == "DISK = N'a.bak', DISK = N'b.bak'"
    assert restores.devices(["https://blobs.example/a.bak"]) == "URL = N'https://blobs.example/a.bak'"


def test_a_drill_never_overwrites() -> None:
    assert "REPLACE" not in restores.restore_as(NAME, [PATH], {}, has_checksums=False)


@pytest.mark.parametrize("database", ["Insurance", "", "master", "Itops_drill_1"])
def test_nothing_but_a_drills_own_name_is_restored_or_dropped(database: str) -> None:
    with pytest.raises(ValueError, match="a drill"):
        restores.restore_as(database, [PATH], {}, has_checksums=True)
    with pytest.raises(ValueError, match="a drill"):
        restores.drop(database)


@pytest.mark.parametrize("value", ["", "a\0b", "x" * 129])
def test_what_cannot_be_a_name_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="name of SQL Server"):
        restores.name(value)


def test_a_text_with_nul_or_no_path_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="NUL"):
        restores.text("a\0b")
    with pytest.raises(ValueError, match="at least one"):
        restores.devices([])


@given(TEXTS)
def test_no_text_ends_its_own_literal(value: str) -> None:
    literal = restores.text(value)
    assert literal[:2] == "N'"
    assert literal[-1] == "'"
    assert "'" not in literal[2:-1].replace("''", "")
    assert literal[2:-1].replace("''", "'") == value


@given(TEXTS.filter(bool))
def test_no_name_ends_its_own_brackets(value: str) -> None:
    quoted = restores.name(value)
    assert "]" not in quoted[1:-1].replace("]]", "")
    assert quoted[1:-1].replace("]]", "]") == value


def test_files_go_to_names_of_our_own_in_the_folder() -> None:
    files = [
        {"LogicalName": "Insurance", "PhysicalName": "E:\\DATA\\Insurance.mdf", "Type": "D"},
        {"LogicalName": "Insurance_2", "PhysicalName": "..\\..\\evil.mdf", "Type": "D"},
        {"LogicalName": "Insurance_log", "PhysicalName": "E:\\DATA\\Insurance.ldf", "Type": "L"},
        {"LogicalName": "Scans", "PhysicalName": "E:\\DATA\\Scans", "Type": "S"},
    ]
    assert restores.moves(files, NAME, "R:\\restore\\") == {
        "Insurance": "R:\\restore\\itops_drill_1_1.mdf",
        "Insurance_2": "R:\\restore\\itops_drill_1_2.ndf",
        "Insurance_log": "R:\\restore\\itops_drill_1_3.ldf",
        "Scans": "R:\\restore\\itops_drill_1_4",
    }
    assert restores.moves(files[:1], NAME, "/var/opt/mssql/data/") == {
        "Insurance": "/var/opt/mssql/data/itops_drill_1_1.mdf"
    }


def test_the_drop_names_only_the_drills_database() -> None:
    assert set(re.findall(r"\[(.*?)\]", restores.drop(NAME))) == {"master", NAME}
