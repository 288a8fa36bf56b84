"""What is fetched is unpacked below one folder and nowhere else."""

import bz2
import gzip
import io
import lzma
import sqlite3
import tarfile
import zipfile
from pathlib import Path

import pytest
import zstandard

from itops.backup.formats import Damaged
from itops.backup.levels import Level
from itops.drills.folder import FolderDrill
from itops.drills.sqlite import SqliteDrill
from itops.drills.unpacking import extract, unpacked_file
from itops.formats.effort import BoundedEffort

PACKERS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstandard.compress}


def effort(folder: Path, **more) -> BoundedEffort:
    return BoundedEffort(level=Level.ANSWERED, scratch=folder, **more)


def tar_of(*members: tuple[str, bytes], link: tuple[str, str] | None = None) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        if link:
            member = tarfile.TarInfo(link[0])
            member.type, member.linkname = tarfile.SYMTYPE, link[1]
            archive.addfile(member)
    return stream.getvalue()


def zip_of(*members: tuple[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()


def outside(folder: Path, place: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_relative_to(place)]


@pytest.mark.parametrize("packer", PACKERS)
def test_a_packed_file_is_unpacked_and_a_broken_one_is_damaged(packer, tmp_path):
    packed = tmp_path / "dump"
    packed.write_bytes(PACKERS[packer](b"SELECT 1;\n" * 1000))
    assert unpacked_file(packed, tmp_path, effort(tmp_path)).read_bytes() == b"SELECT 1;\n" * 1000
    packed.write_bytes(packed.read_bytes()[:-8])
    with pytest.raises(Damaged):
        unpacked_file(packed, tmp_path, effort(tmp_path))


def test_a_plain_file_is_taken_as_it_is(tmp_path):
    plain = tmp_path / "dump.sql"
    plain.write_bytes(b"SELECT 1;\n")
    assert unpacked_file(plain, tmp_path, effort(tmp_path)) == plain


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(tar_of(("../escaped", b"x")), id="tar, parent"),
        pytest.param(tar_of(link=("link", "/etc")), id="tar, absolute link"),
        pytest.param(tar_of(link=("link", "../..")), id="tar, link that leads out"),
        pytest.param(gzip.compress(tar_of(("a/../../escaped", b"x"))), id="tar.gz, through a folder"),
        pytest.param(zip_of(("../escaped", b"x")), id="zip, parent"),
    ],
)
def test_nothing_is_written_outside(content, tmp_path):
    archive, place = tmp_path / "archive", tmp_path / "place"
    archive.write_bytes(content)
    place.mkdir()
    with pytest.raises(Damaged) as caught:
        extract(archive, place, effort(tmp_path))
    assert [fault.code for fault in caught.value.faults] == ["path-traversal"]
    assert outside(tmp_path, place) == [archive]


@pytest.mark.parametrize(
    "pack", [lambda content: gzip.compress(tar_of(("zeros", content))), lambda content: zip_of(("zeros", content))]
)
def test_a_bomb_is_stopped(pack, tmp_path):
    archive, place = tmp_path / "archive", tmp_path / "place"
    archive.write_bytes(pack(bytes(80 << 20)))
    place.mkdir()
    with pytest.raises(Damaged) as caught:
        extract(archive, place, effort(tmp_path, max_ratio=100, free_unpacked_bytes=1 << 20))
    assert [fault.code for fault in caught.value.faults] == ["bomb"]


@pytest.mark.parametrize(
    "content", [tar_of(("a/one.txt", b"1"), ("two.txt", b"2")), zip_of(("a/one.txt", b"1"), ("two.txt", b"2"))]
)
def test_a_folder_drill_counts_the_files_that_match(content, tmp_path):
    archive, scratch = tmp_path / "archive", tmp_path / "scratch"
    archive.write_bytes(content)
    scratch.mkdir()
    outcome = FolderDrill().restore(archive, None, "**/*.txt", scratch, effort(tmp_path))
    assert (outcome.is_restored, outcome.answer, outcome.evidence["files"]) == (True, 2, 2)
    assert FolderDrill().restore(scratch, None, "**/*.docx", scratch / "files", effort(tmp_path)).answer == 0


def test_a_sqlite_drill_answers_refuses_damage_and_knows_a_question_without_an_answer(tmp_path):
    path = tmp_path / "a.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE letter (number INTEGER)")
        connection.executemany("INSERT INTO letter VALUES (?)", ((number,) for number in range(3000)))
    connection.close()
    ask = SqliteDrill().restore
    whole = ask(path, None, "SELECT count(*) FROM letter", tmp_path, effort(tmp_path))
    assert (whole.is_restored, whole.answer) == (True, 3000)
    assert ask(path, None, "SELECT count(*) FROM nothing", tmp_path, effort(tmp_path)).answer is None
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert not ask(path, None, "SELECT count(*) FROM letter", tmp_path, effort(tmp_path)).is_restored
    path.write_bytes(b"")
    assert not ask(path, None, None, tmp_path, effort(tmp_path)).is_restored
