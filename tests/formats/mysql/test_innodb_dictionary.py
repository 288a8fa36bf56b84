"""InnoDB's own table of tables, written by hand: what `mariabackup --prepare` does not miss, is missed here."""

import struct

import pytest

from itops.formats.mysql.mariabackup import Mariabackup
from tests.formats.looking import codes, examined, far_folder, faults
from tests.formats.mysql import pages
from tests.formats.mysql.test_mariabackup import folder

HEADER, ROOT, LEAF = 7, 8, 9
INFIMUM, SUPREMUM = 101, 116
DELETED = 0x20


def record(name: str, space: int, info: int = 0) -> tuple[bytes, bytes]:
    """What stands before and behind the place of a row of SYS_TABLES, in the oldest row format."""
    fields = [name.encode(), bytes(6), bytes(7), bytes(8), bytes(4), bytes(4), bytes(8), bytes(4), None]
    return _joined([*fields, space.to_bytes(4, "big")], info)


def pointer(page: int) -> tuple[bytes, bytes]:
    """A row of a page above the leaves: the first key, and the page below."""
    return _joined([b"", page.to_bytes(4, "big")], 0)


def _joined(fields: list[bytes | None], info: int) -> tuple[bytes, bytes]:
    ends, data = [], b""
    for field in fields:
        data += field or b""
        ends.append(len(data) | (0x80 if field is None else 0))
    return bytes(ends[::-1]) + bytes([info, 0]) + struct.pack(">H", len(fields) << 1 | 1), data


def tree_page(number: int, rows: list[tuple[bytes, bytes]], level: int = 0, following: int = 0xFFFFFFFF) -> bytes:
    """A page of the tree, its rows one behind the other."""
    made = pages.page(number, pages.FULL_CRC32)
    made[12:16] = following.to_bytes(4, "big")
    made[64:66] = level.to_bytes(2, "big")
    last, at = INFIMUM, 200
    for before, data in rows:
        place = at + len(before) + 2
        made[at : at + len(before)] = before
        made[last - 2 : last] = place.to_bytes(2, "big")
        made[place : place + len(data)] = data
        last, at = place, place + len(data)
    made[last - 2 : last] = SUPREMUM.to_bytes(2, "big")
    return pages.sealed(made, pages.FULL_CRC32)


def system(**trees: bytes) -> bytes:
    """`ibdata1` with its dictionary's header and these pages."""
    header = pages.page(HEADER, pages.FULL_CRC32)
    header[70:74] = ROOT.to_bytes(4, "big")
    made, size = bytearray(pages.tablespace(pages=14)), pages.PAGE_BYTES[pages.FULL_CRC32]
    for number, data in (
        (HEADER, pages.sealed(header, pages.FULL_CRC32)),
        *((int(k[1:]), v) for k, v in trees.items()),
    ):
        made[number * size : (number + 1) * size] = data
    return bytes(made)


def missing(dictionary: bytes, **definitions: bytes) -> list[tuple[str, str]]:
    files = {**folder(), "ibdata1": dictionary, "Insurance/claims.frm": b"\xfe\x01", **definitions}
    return faults(examined(far_folder(files), Mariabackup()))


CLAIMS = [("member-missing", "Insurance/claims.ibd")]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([record("Insurance/policies", 5), record("Insurance/claims", 6)], CLAIMS, id="its file is gone"),
        pytest.param([record("Insurance/policies", 5)], [], id="a table that InnoDB does not know"),
        pytest.param([record("Insurance/claims", 0)], [], id="a table inside the system tablespace"),
        pytest.param([record("Insurance/claims", 6, DELETED)], [], id="a table that was dropped"),
        pytest.param([record("Insurance/nowhere", 6)], [], id="a table without a definition"),
    ],
)
def test_a_table_that_both_know_needs_its_file(rows, expected) -> None:
    assert missing(system(p8=tree_page(ROOT, rows))) == expected


def test_a_partition_is_a_table_of_its_own() -> None:
    dictionary = system(p8=tree_page(ROOT, [record("Insurance/claims#P#y1405", 6)]))
    assert missing(dictionary) == [("member-missing", "Insurance/claims#P#y1405.ibd")]


def test_a_tree_of_two_levels_is_read_from_leaf_to_leaf() -> None:
    dictionary = system(
        p8=tree_page(ROOT, [pointer(LEAF), pointer(10)], level=1),
        p9=tree_page(LEAF, [record("Insurance/policies", 5)], following=10),
        p10=tree_page(10, [record("Insurance/claims", 6)]),
    )
    assert missing(dictionary) == CLAIMS


def test_leaves_that_follow_each_other_in_a_ring_end() -> None:
    dictionary = system(
        p8=tree_page(ROOT, [record("Insurance/policies", 5)], following=LEAF),
        p9=tree_page(LEAF, [record("Insurance/policies", 5)], following=ROOT),
    )
    assert codes(examined(far_folder({**folder(), "ibdata1": dictionary}), Mariabackup())) == {"partly-checked"}
