"""What is too much to unpack: hostile files end in seconds, honest ones that pack well are no bombs."""

import gzip
import itertools
from pathlib import Path

import pytest

from itops.backup.formats import MIB, Damaged, Unprovable
from itops.backup.levels import Level
from itops.formats.effort import BoundedEffort
from itops.formats.ladder import examine
from itops.formats.mysql.mydumper import Mydumper
from tests.formats.looking import codes, far_file, far_folder

GIB = 1 << 30


def effort(**bounds: float) -> BoundedEffort:
    return BoundedEffort(level=Level.INTACT, scratch=Path(), **bounds)  # type: ignore[arg-type]


def last_allowed(packed: int) -> int:
    """How many bytes may come out of so many."""
    found = effort()
    for count in itertools.count():
        try:
            found.unpacked(MIB, packed=packed)
        except Damaged:
            return count * MIB
    raise AssertionError


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(1_043_656, id="gzip"),
        pytest.param(785, id="bzip2"),
        pytest.param(156_316, id="xz"),
        pytest.param(32_786, id="zstandard"),
    ],
)
def test_a_gib_of_zeros_however_packed_is_no_bomb_and_ten_are(packed: int) -> None:
    effort().unpacked(GIB, packed=packed)
    assert 2 * GIB <= last_allowed(10 * packed) < 5 * GIB


def test_half_a_tib_of_disk_that_is_nearly_empty_is_no_bomb() -> None:
    in_use = 3 * GIB // 2  # packs to half
    effort().unpacked(500 * GIB, packed=in_use + 500 * GIB // 1030)


def test_time_that_is_up_ends_it() -> None:
    with pytest.raises(Unprovable, match="out-of-time"):
        effort(max_seconds=0.0).unpacked(1, packed=1)


def test_many_files_together_may_unpack_to_what_all_of_them_are_worth() -> None:
    """The last file of a dump is small; what came out of the others is not its doing."""
    rows = b"INSERT INTO `policies` VALUES " + b"(1,'x')," * 100_000 + b"(2,'y');\n"
    texts = {
        "a.b-schema.sql.gz": b"CREATE TABLE `b` (`id` int);\n",
        "a.b.sql.gz": rows,
        "a.z-schema.sql.gz": b"CREATE TABLE `z` (`id` int);\n",
    }
    files = {name: gzip.compress(text) for name, text in texts.items()}
    files["metadata"] = b"# Started dump at: 2026-11-22 16:25:37\n# Finished dump at: 2026-11-22 16:25:39\n"
    packed = sum(map(len, files.values()))
    bounds = {"free_unpacked_bytes": 0, "max_ratio": len(rows) / packed + 1}
    found = examine(far_folder(files), (Mydumper(),), effort(**bounds))
    assert (found.level, codes(found)) == (Level.INTACT, set())


def test_when_time_is_up_the_file_is_not_read_once_more_for_its_hash() -> None:
    found = examine(far_file(b"of no format", "x"), (), effort(max_seconds=0.0))
    assert found.sha256 is None
    assert examine(far_file(b"of no format", "x"), (), effort()).sha256 is not None
