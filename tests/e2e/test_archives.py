"""Archives as the real tools write them, and the program 7z judging what only it can read."""

import shutil
import subprocess
from pathlib import Path

import pytest

from itops.backup.levels import Level
from itops.backup.proofs import Examination
from itops.formats.effort import BoundedEffort
from itops.formats.ladder import examine
from itops.repositories.local import file_thing
from tests.formats.archives.made import FORMATS, codes, far_thing, limits
from tests.makers import (
    bacpac_file,
    gz_file,
    seven_zip,
    seven_zip_encrypted,
    tar_bz2,
    tar_file,
    tar_gz,
    tar_xz,
    tar_zst,
    tar_zst_no_check,
    zip_encrypted,
    zip_file,
)
from tests.makers.damages import DAMAGES

pytestmark = pytest.mark.e2e

CONTENT = {"one bit flipped in the middle", "one bit flipped near the end", "4 KiB zeroed in the middle"}
MAKERS = {
    bacpac_file: (Level.INTACT, None, set()),
    gz_file: (Level.INTACT, None, set()),
    seven_zip: (Level.INTACT, None, set()),
    seven_zip_encrypted: (Level.COMPLETE, "encrypted", CONTENT),
    tar_bz2: (Level.INTACT, None, set()),
    tar_file: (Level.COMPLETE, "no-checksums", CONTENT),
    tar_gz: (Level.INTACT, None, set()),
    tar_xz: (Level.INTACT, None, set()),
    tar_zst: (Level.INTACT, None, set()),
    tar_zst_no_check: (Level.COMPLETE, "no-checksums", CONTENT | {"tail zeroed (a quarter)"}),
    zip_encrypted: (Level.COMPLETE, "encrypted", CONTENT),
    zip_file: (Level.INTACT, None, set()),
}
"""How far a good copy climbs, what stops it, and the damages that may pass because nothing guards the content."""


def looked_at(path: Path) -> Examination:
    scratch = path.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    return examine(file_thing(path), FORMATS, BoundedEffort(level=Level.INTACT, scratch=scratch))


@pytest.fixture(params=MAKERS, ids=lambda maker: maker.__name__.rpartition(".")[2])
def maker(request):
    missing = [program for program in request.param.NEEDS if shutil.which(program) is None]
    assert not missing, f"install {missing}"
    return request.param


def test_a_good_copy_climbs_as_far_as_it_can(maker, tmp_path):
    path = maker.good(tmp_path)
    level, limit, _ = MAKERS[maker]
    found = looked_at(path)
    assert path.name.endswith(maker.SUFFIX)
    assert (found.format, found.level, codes(found)) == (maker.FORMAT, level, [])
    assert limits(found) == ([limit] if limit else [])
    assert found.identity.object == maker.OBJECT


def test_another_objects_copy_under_the_same_name_tells_itself_where_it_can(maker, tmp_path):
    good = maker.good(tmp_path)
    before = good.read_bytes()
    other = maker.another(tmp_path)
    assert (other, other.read_bytes() != before) == (good, True)
    assert looked_at(other).identity.object == maker.OTHER


@pytest.mark.parametrize("damage", DAMAGES)
def test_each_damage_is_found_where_something_guards_it(maker, damage, tmp_path):
    path = maker.good(tmp_path)
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    found = looked_at(path)
    may_pass = damage in MAKERS[maker][2]
    assert codes(found) or may_pass, f"{damage} passed as {found.level}"
    if may_pass and not codes(found):
        assert found.level is not Level.INTACT


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(["-m0=LZMA2"], id="LZMA2"),
        pytest.param(["-m0=LZMA", "-mf=BCJ2"], id="LZMA"),
        pytest.param(["-m0=PPMd"], id="PPMd"),
        pytest.param(["-m0=BZip2", "-ms=off"], id="bzip2, not solid"),
        pytest.param(["-m0=Copy", "-mhc=off"], id="stored, header not packed"),
    ],
)
def test_7z_in_all_its_ways_is_intact_and_a_flipped_bit_is_found(options, tmp_path):
    path = seven_zip.packed(tmp_path, 1, "files.7z", *options)
    found = looked_at(path)
    assert (found.level, codes(found), found.identity.facts["members"]) == (Level.INTACT, [], 25)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    (fault,) = looked_at(path).faults
    assert (fault.code, fault.place.startswith("scans/")) == ("checksum-mismatch", True)


def test_a_7z_whose_names_are_encrypted_is_complete(tmp_path):
    found = looked_at(seven_zip.packed(tmp_path, 1, "files.7z", "-psecret", "-mhe=on"))
    assert (found.level, limits(found)) == (Level.COMPLETE, ["encrypted"])


def test_a_small_7z_behind_a_network_is_fetched_and_nothing_is_left_behind(tmp_path):
    data = seven_zip.good(tmp_path).read_bytes()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    found = examine(far_thing(data, "files.7z"), FORMATS, BoundedEffort(level=Level.INTACT, scratch=scratch))
    assert (found.level, list(scratch.iterdir())) == (Level.INTACT, [])


@pytest.mark.parametrize(
    ("program", "level", "limit"),
    [
        ("", Level.COMPLETE, "program-missing"),
        ("#!/bin/sh\nexit 0\n", Level.COMPLETE, "program-failed"),
        ("#!/bin/sh\necho 'Everything is Ok'\nexit 1\n", Level.COMPLETE, "program-failed"),
        ("#!/bin/sh\nexit 8\n", Level.COMPLETE, "needs-memory"),
        ("#!/bin/sh\nsleep 60\n", Level.COMPLETE, "out-of-time"),
    ],
    ids=["none", "silent", "warns", "short of memory", "hangs"],
)
def test_a_program_that_does_not_say_all_is_well_proves_nothing(program, level, limit, tmp_path, monkeypatch):
    path = seven_zip.good(tmp_path)
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    if program:
        (bin_folder / "7z").write_text(program, encoding="ascii")
        (bin_folder / "7z").chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_folder}:/nowhere" if not program else f"{bin_folder}:/bin:/usr/sbin")
    if program:
        for name in ("7zz", "7za"):
            (bin_folder / name).unlink(missing_ok=True)
        (bin_folder / "7zz").symlink_to("7z")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    effort = BoundedEffort(level=Level.INTACT, scratch=scratch, max_seconds=3)
    found = examine(file_thing(path), FORMATS, effort)
    assert (found.level, limits(found), codes(found)) == (level, [limit], [])


@pytest.mark.parametrize("options", [["-mm=Deflate64"], ["-mm=PPMd"]], ids=["deflate64", "PPMd"])
def test_a_zip_that_only_others_can_unpack_is_a_limit(options, tmp_path):
    found = looked_at(seven_zip.packed(tmp_path, 1, "files.zip", "-tzip", *options))
    assert (found.level, limits(found)) == (Level.COMPLETE, ["unknown-method"])


@pytest.mark.parametrize("method", ["Copy", "Deflate", "BZip2", "LZMA"])
def test_a_zip_of_7zip_is_intact(method, tmp_path):
    assert looked_at(seven_zip.packed(tmp_path, 1, "files.zip", "-tzip", f"-mm={method}")).level is Level.INTACT


def test_a_zip_written_to_a_pipe_is_intact(tmp_path):
    root = tar_file.file_set(tmp_path, 1)
    with (tmp_path / "a.zip").open("wb") as out:
        subprocess.run(["zip", "-qr", "-", root.name], cwd=root.parent, stdout=out, check=True)
    assert looked_at(tmp_path / "a.zip").level is Level.INTACT


@pytest.mark.parametrize("options", [["--format=pax"], ["--format=v7"], ["--format=ustar"], ["--sparse"]])
def test_gnu_tar_in_all_its_dialects_is_complete(options, tmp_path):
    root = tar_file.file_set(tmp_path, 1)
    with (root / "disk.img").open("wb") as sparse:
        sparse.write(b"begin")
        sparse.truncate(3_000_000)
    path = tmp_path / "a.tar"
    subprocess.run(["tar", "-C", root.parent, *options, "-cf", path, root.name], check=True)
    found = looked_at(path)
    assert (found.level, codes(found), found.identity.facts["members"]) == (Level.COMPLETE, [], 26)


def test_zstd_on_several_threads_with_a_long_window_is_intact(tmp_path):
    path = tar_file.packed(tmp_path, 1, "--use-compress-program=zstd -T2 --long=27").rename(tmp_path / "a.tar.zst")
    assert looked_at(path).level is Level.INTACT
