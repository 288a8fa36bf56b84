"""Every archive format: a good copy climbs as far as its format allows, near or far; a bad one does not."""

import zipfile

import pytest

from itops.backup.levels import Level
from tests.formats.archives.made import (
    FORMATS,
    codes,
    examined,
    far_thing,
    good_copies,
    limits,
    some_files,
    zip_of,
    zst,
)
from tests.makers import bacpac_file
from tests.makers.damages import DAMAGES

GOOD = good_copies()
MEMBERS = len(some_files())
FOUND_BY_NAME = {"zero bytes": "empty", "all zeros": "all-zero", "HTML error page": "html-page"}
UNSEEN_IN_TAR = {"one bit flipped in the middle", "one bit flipped near the end", "4 KiB zeroed in the middle"}


@pytest.mark.parametrize("name", [name for name in GOOD if not name.endswith((".7z", ".tar"))])
def test_a_good_copy_is_intact(name):
    found = examined(GOOD[name], name)
    assert (found.format, found.level) == (name.partition(".")[2].removeprefix("img."), Level.INTACT)
    assert (codes(found), limits(found)) == ([], [])


@pytest.mark.parametrize("name", [name for name in GOOD if "tar" in name or name.endswith((".zip", ".7z"))])
def test_an_archive_tells_what_is_in_it(name):
    facts = examined(GOOD[name], name, Level.COMPLETE).identity.facts
    assert facts["members"] == MEMBERS
    assert facts["unpacked_bytes"] == sum(map(len, some_files().values()))


def test_a_tar_proves_no_more_than_its_structure():
    found = examined(GOOD["files.tar"], "files.tar")
    assert (found.level, limits(found)) == (Level.COMPLETE, ["no-checksums"])


def test_a_7z_is_complete_without_any_program():
    found = examined(GOOD["files.7z"], "files.7z", Level.COMPLETE)
    assert (found.format, found.level, codes(found)) == ("7z", Level.COMPLETE, [])


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", [name for name in GOOD if name != "files.7z"])
def test_each_damage_is_found(name, damage):
    found = examined(DAMAGES[damage](GOOD[name]), name)
    if name == "files.tar" and damage in UNSEEN_IN_TAR:  # nothing in a tar guards its content; a hash list does
        assert (codes(found), found.level) == ([], Level.COMPLETE)
        return
    assert codes(found), f"{damage} of {name} passed as {found.level}"
    if damage in FOUND_BY_NAME:
        assert codes(found) == [FOUND_BY_NAME[damage]]


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ("cut by 1 byte", "cut"),
        ("cut in half", "cut"),
        ("one bit flipped in the header", "header-damaged"),
        ("junk appended", "junk-appended"),
    ],
)
def test_a_7z_is_judged_by_its_headers(damage, code):
    assert codes(examined(DAMAGES[damage](GOOD["files.7z"]), "files.7z", Level.COMPLETE)) == [code]


@pytest.mark.parametrize("name", GOOD)
def test_junk_is_counted(name):
    (fault,) = examined(GOOD[name] + b"\r\nConnection closed.", name, Level.COMPLETE).faults
    assert (fault.code, fault.facts["extra_bytes"]) == ("junk-appended", 20)


@pytest.mark.parametrize("name", [name for name in GOOD if not name.endswith((".tar", ".7z"))])
def test_a_transfer_in_text_mode_is_named_as_such(name):
    assert "line-endings" in codes(examined(DAMAGES["CRLF-mangled"](GOOD[name]), name))


@pytest.mark.parametrize("name", GOOD)
def test_one_format_and_no_other_takes_a_good_copy(name):
    assert sum(known.recognises(far_thing(GOOD[name], name)) for known in FORMATS) == 1


@pytest.mark.parametrize("name", GOOD)
def test_what_is_inside_decides_not_the_name(name):
    assert examined(GOOD[name], "nightly.backup", Level.COMPLETE).format == examined(GOOD[name], name).format


def test_a_folder_is_none_of_these():
    thing = far_thing(GOOD["files.zip"], "files.zip")
    folder = type(thing)(path=thing.path, files=thing.files, is_folder=True, head=thing.head)
    assert not any(known.recognises(folder) or known.set_of(folder) for known in FORMATS)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        pytest.param("nothing.zip", zip_of({}), id="zip of nothing"),
        pytest.param("nothing.zst", zst(b""), id="zstandard of nothing"),
        pytest.param("nothing.tar.zst", zst(bytes(10_240)), id="tar of nothing"),
        pytest.param("dump.sql.zst", zst(b""), id="what a failed dump pipes into a compressor"),
    ],
)
def test_an_archive_of_nothing_is_no_backup(name, data):
    assert codes(examined(data, name)) == ["nothing-inside"]


def test_a_bacpac_is_no_zip_and_a_zip_no_bacpac(tmp_path):
    package = bacpac_file.good(tmp_path).read_bytes()
    assert examined(package, "nightly.bin").format == "bacpac"
    assert examined(zip_of({"model.xml": b"<a/>"}, zipfile.ZIP_STORED), "a.zip").format == "zip"
