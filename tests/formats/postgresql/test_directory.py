"""Folders of `pg_dump -Fd`."""

import pytest

from itops.backup.levels import Level
from itops.formats.postgresql.directory import PgDumpDirectory
from tests.formats.looking import codes, examined, far_folder, faults
from tests.formats.postgresql import made
from tests.makers.damages import DAMAGES


def looked_at(files: dict[str, bytes]):
    return examined(far_folder(files), PgDumpDirectory())


@pytest.mark.parametrize(
    ("packing", "version", "level", "said"),
    [
        ("gzip", (1, 14), Level.COMPLETE, {"partly-checked"}),
        ("gzip", (1, 16), Level.COMPLETE, {"partly-checked"}),
        ("none", (1, 14), Level.COMPLETE, {"no-checksums"}),
        ("zstd", (1, 16), Level.COMPLETE, {"no-checksums"}),
        ("lz4", (1, 16), Level.IDENTIFIED, {"program-missing"}),
    ],
)
def test_a_good_folder_is_proven(packing: str, version: tuple[int, int], level: Level, said: set[str]) -> None:
    found = looked_at(made.directory(packing, version))
    assert (found.level, codes(found)) == (level, said)


@pytest.mark.parametrize("name", ["3.dat.gz", "blob_16402.dat.gz", "blobs.toc"])
def test_a_file_that_the_contents_name_is_missed(name: str) -> None:
    files = made.directory()
    del files[name]
    assert faults(looked_at(files)) == [("member-missing", name.removesuffix(".gz"))]


@pytest.mark.parametrize("cut", [0, 21])
def test_a_list_of_large_objects_cut_between_its_lines_is_noticed(cut: int) -> None:
    files = made.directory()
    files["blobs.toc"] = files["blobs.toc"][:cut]
    assert [code for code, _ in faults(looked_at(files))] == ["member-unlisted"]


@pytest.mark.parametrize("name", ["3.dat.gz", "blob_16403.dat.gz"])
@pytest.mark.parametrize("damage", [name for name in DAMAGES if name != "CRLF-mangled"])
def test_every_damage_to_packed_data_is_noticed(name: str, damage: str) -> None:
    files = made.directory()
    files[name] = DAMAGES[damage](files[name])
    assert [place for _, place in faults(looked_at(files))] == [name]


@pytest.mark.parametrize("damage", ["zero bytes", "all zeros", "HTML error page", "cut by 1 byte", "junk appended"])
def test_damaged_contents_are_noticed(damage: str) -> None:
    files = made.directory()
    files["toc.dat"] = DAMAGES[damage](files["toc.dat"])
    assert faults(looked_at(files))


@pytest.mark.parametrize("kind", [1, 5])
def test_contents_of_another_kind_of_dump_are_damaged(kind: int) -> None:
    """The `toc.dat` of a directory says 3, as that of a tar does; a lone file says 1, and nothing says 5."""
    files = made.directory()
    files["toc.dat"] = made.header(kind=kind) + files["toc.dat"][len(made.header(kind=3)) :]
    assert faults(looked_at(files)) == [("header-damaged", "format")]


def test_a_folder_with_some_toc_is_not_taken_for_a_dump() -> None:
    assert looked_at({"toc.dat": b"something else", "readme.txt": b"x"}).format is None
