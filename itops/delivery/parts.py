"""The files of a bundle, read for sending."""

from collections.abc import Callable, Iterator
from typing import BinaryIO

from itops.bundles.targets import Part
from itops.errors import InputInvalid

BLOCK_BYTES = 256 * 1024


def opened(part: Part) -> BinaryIO:
    """The file. Raises InputInvalid."""
    try:
        return part.path.open("rb")
    except OSError as failure:
        raise lost(part, failure.strerror or "it cannot be read") from failure


def blocks(file: BinaryIO, part: Part, begin: int, end: int, told: Callable[[int], None]) -> Iterator[bytes]:
    """The bytes from `begin` to `end`; `told` up to where they were taken. Raises InputInvalid."""
    for offset in range(begin, end, BLOCK_BYTES):
        file.seek(offset)
        block = read(file, part, min(BLOCK_BYTES, end - offset))
        yield block
        told(offset + len(block))


def read(file: BinaryIO, part: Part, length: int) -> bytes:
    """Exactly so many bytes. Raises InputInvalid."""
    try:
        got = file.read(length)
    except OSError as failure:
        raise lost(part, failure.strerror or "it cannot be read") from failure
    if len(got) != length:
        raise lost(part, "it is shorter than it was")
    return got


def lost(part: Part, why: str) -> InputInvalid:
    """The error for a part that is not what it was."""
    return InputInvalid(
        f"the part {part.name} of the bundle: {why}", remedy="build the bundle anew; files of the outbox never change"
    )
