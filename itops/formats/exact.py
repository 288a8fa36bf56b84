"""Read exactly what a structure needs, or say how much of the file is missing."""

from itops.backup.contents import Content
from itops.backup.formats import Damaged, damaged


def cut(content: Content, expected_bytes: int, place: str = "") -> Damaged:
    """The file ends before `expected_bytes`, which `place` needs."""
    return damaged(
        "cut",
        place,
        missing_bytes=expected_bytes - content.size_bytes,
        expected_bytes=expected_bytes,
        size_bytes=content.size_bytes,
    )


def exactly(content: Content, offset: int, length: int, place: str = "") -> bytes:
    """So many bytes and no fewer; raises Damaged("cut") or, where the file shrank under us, "changed-while-read"."""
    if offset + length > content.size_bytes:
        raise cut(content, offset + length, place)
    data = content.read_at(offset, length)
    if len(data) != length:
        raise damaged("changed-while-read", place, size_bytes=content.size_bytes)
    return data


def inside(content: Content, end: int, place: str) -> None:
    """Raise Damaged("cut") unless the file reaches to `end`."""
    if end > content.size_bytes:
        raise cut(content, end, place)


def text(data: bytes, encoding: str = "utf-8") -> str:
    """A field padded with NULs."""
    return data.decode(encoding, "replace").split("\0")[0].strip()
