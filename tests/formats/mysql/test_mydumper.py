"""Folders of mydumper: the old metadata, and that of 0.12 and later, which here is a simulation."""

import gzip

import pytest
import zstandard

from itops.backup.levels import Level
from itops.formats.mysql.mydumper import Mydumper
from tests.formats.looking import codes, examined, far_folder, faults
from tests.makers.damages import DAMAGES

OLD = b"Started dump at: 2026-11-22 16:25:37\nFinished dump at: 2026-11-22 16:25:39\n"
NEW = (
    b"# Started dump at: 2026-11-22 16:25:37\n[config]\nquote_character = BACKTICK\n\n"
    b"[`Insurance`.`policies`]\nreal_table_name=policies\nrows = 3000\n\n"
    b"[`Insurance`.`empty`]\nreal_table_name=empty\nrows = 0\n# Finished dump at: 2026-11-22 16:25:39\n"
)
ROWS = b"/*!40101 SET NAMES binary*/;\nINSERT INTO `policies` VALUES\n" + b"(1,'x'),\n" * 900 + b"(2,'y');\n"
DEFINITION = b"CREATE TABLE `policies` (`id` int) ENGINE=InnoDB;\n"


def folder(metadata: bytes = OLD, pack=gzip.compress, suffix: str = ".gz") -> dict[str, bytes]:
    return {
        "metadata": metadata,
        f"Insurance-schema-create.sql{suffix}": pack(b"CREATE DATABASE `Insurance`;\n"),
        f"Insurance.policies-schema.sql{suffix}": pack(DEFINITION),
        f"Insurance.policies.00000.sql{suffix}": pack(ROWS),
        f"Insurance.policies.00001.sql{suffix}": pack(ROWS),
        f"Insurance.empty-schema.sql{suffix}": pack(DEFINITION),
    }


def looked_at(files: dict[str, bytes]):
    return examined(far_folder(files), Mydumper())


@pytest.mark.parametrize("metadata", [OLD, NEW], ids=["old", "new"])
@pytest.mark.parametrize(
    ("pack", "suffix", "level"),
    [
        (gzip.compress, ".gz", Level.INTACT),
        (zstandard.ZstdCompressor(write_checksum=True).compress, ".zst", Level.INTACT),
        (bytes, "", Level.COMPLETE),
    ],
    ids=["gzip", "zstd", "bare"],
)
def test_a_good_folder_is_proven(metadata: bytes, pack, suffix: str, level: Level) -> None:
    found = looked_at(folder(metadata, pack, suffix))
    assert (found.level, codes(found)) == (level, set() if level is Level.INTACT else {"no-checksums"})
    identity = found.identity
    assert identity is not None
    assert (identity.object, identity.facts["tables"], identity.facts["tables_with_data"]) == ("Insurance", 2, 1)
    assert identity.facts["local_finished_at"] == "2026-11-22T16:25:39"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param({"metadata": OLD[:40]}, ("unfinished", "metadata"), id="no end in the metadata"),
        pytest.param(
            {"metadata": None, "metadata.partial": OLD[:40]}, ("unfinished", "metadata.partial"), id="still running"
        ),
        pytest.param(
            {"Insurance.policies-schema.sql.gz": None},
            ("member-missing", "Insurance.policies-schema.sql"),
            id="rows without a definition",
        ),
        pytest.param(
            {"metadata": NEW, "Insurance.policies.00000.sql.gz": None, "Insurance.policies.00001.sql.gz": None},
            ("member-missing", "Insurance.policies.sql"),
            id="a table with rows, but no file",
        ),
        pytest.param(
            {"Insurance.policies.00000.sql.gz": b""}, ("empty", "Insurance.policies.00000.sql.gz"), id="empty"
        ),
        pytest.param(
            {"Insurance.policies.00000.sql.gz": gzip.compress(ROWS[:-2])},
            ("cut", "Insurance.policies.00000.sql.gz"),
            id="cut before it was packed",
        ),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, bytes | None], fault: tuple[str, str]) -> None:
    merged = {**folder(), **change}
    assert faults(looked_at({name: data for name, data in merged.items() if data is not None})) == [fault]


def test_a_dump_of_nothing_is_no_backup() -> None:
    assert faults(looked_at({"metadata": NEW.replace(b"3000", b"0")})) == [("nothing-inside", "")]


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_damage_to_packed_rows_is_noticed(damage: str) -> None:
    files, name = folder(), "Insurance.policies.00000.sql.gz"
    good, files[name] = files[name], DAMAGES[damage](files[name])
    assert files[name] != good
    assert [place for _, place in faults(looked_at(files))] == [name]


def test_a_folder_of_several_databases_has_no_single_object() -> None:
    files = {**folder(), "Payroll-schema-create.sql.gz": gzip.compress(b"CREATE DATABASE `Payroll`;\n")}
    identity = looked_at(files).identity
    assert identity is not None
    assert (identity.object, identity.facts["database_names"]) == (None, "Insurance, Payroll")


def test_some_other_folder_with_metadata_is_not_taken_for_a_dump() -> None:
    assert looked_at({"metadata": b"author: somebody\n"}).format is None
