import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.bundles.archive import ArchiveWriter, check_archive
from tests.bundles.made import FILES, made, packed

MANIFEST, ARCHIVE = made()


def codes(data: bytes) -> list[str]:
    return [one.code for one in check_archive(io.BytesIO(data), MANIFEST.archive, MANIFEST.files)]


def test_other_programs_read_it() -> None:
    with zipfile.ZipFile(io.BytesIO(ARCHIVE)) as held:
        assert held.testzip() is None
        assert {name: held.read(name) for name in held.namelist()} == FILES
        assert {one.date_time for one in held.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_archive_of_a_manifest_has_nothing_against_it() -> None:
    assert codes(ARCHIVE) == []


@given(place=st.integers(0, len(ARCHIVE) - 1), byte=st.integers(0, 255))
def test_any_other_byte_is_noticed(place: int, byte: int) -> None:
    changed = bytearray(ARCHIVE)
    changed[place] = byte
    assert bool(codes(bytes(changed))) == (bytes(changed) != ARCHIVE)


@given(length=st.integers(0, len(ARCHIVE) - 1))
def test_an_archive_cut_anywhere_is_noticed(length: int) -> None:
    assert "bundle.archive-differs" in codes(ARCHIVE[:length])


def test_something_behind_the_end_is_noticed() -> None:
    assert codes(ARCHIVE + b"x") == ["bundle.archive-differs"]


def test_a_swapped_file_is_named() -> None:
    swapped = packed(FILES | {"annex/table.csv": b"a,b\n1,3\n"})
    found = list(check_archive(io.BytesIO(swapped), MANIFEST.archive, MANIFEST.files))
    assert [(one.code, dict(one.facts).get("file")) for one in found][1:] == [
        ("bundle.file-differs", "annex/table.csv")
    ]


def test_an_archive_that_hides_more_than_its_manifest_names_is_refused_even_under_its_own_hash() -> None:
    more, archive = made(FILES | {"hidden": b"x"})
    found = list(check_archive(io.BytesIO(archive), more.archive, more.files[:2]))
    assert [one.code for one in found] == ["bundle.archive-holds-more"]


@given(st.dictionaries(st.text("abc/", min_size=1, max_size=5), st.binary(max_size=50), min_size=1, max_size=5))
def test_the_same_files_give_the_same_bytes_in_any_order(files: dict[str, bytes]) -> None:
    try:
        data = packed(files)
    except ValueError:  # a name that cannot be sent
        return
    assert packed(dict(reversed(files.items()))) == data
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        assert {one.filename: held.read(one) for one in held.infolist()} == files


@pytest.mark.parametrize("names", [("b", "a"), ("a", "a"), ("../a",)])
def test_files_out_of_order_twice_or_elsewhere_are_refused(names: tuple[str, ...]) -> None:
    writer = ArchiveWriter(io.BytesIO())
    for name in names[:-1]:
        writer.add(name, [b""])
    with pytest.raises(ValueError, match=r"order|name"):
        writer.add(names[-1], [b""])
