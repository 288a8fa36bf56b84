"""The packets of SFTP version 3, put together and taken apart. Nonsense in them raises ConnectionError."""

import errno
import os
import stat
import struct
from collections.abc import Iterator
from typing import NamedTuple

STATUS, HANDLE, DATA, NAME, ATTRIBUTES = 101, 102, 103, 104, 105
MOST_PACKET = 1 << 20
_ERRORS = {2: errno.ENOENT, 3: errno.EACCES, 6: errno.ENOTCONN, 7: errno.ECONNRESET, 8: errno.EOPNOTSUPP}
_MOST_TEXT = 200


class Attributes(NamedTuple):
    """What a server tells of a file; None for what it does not."""

    size_bytes: int | None
    mode: int | None
    modified_seconds: int | None

    @property
    def is_folder(self) -> bool:
        """A folder, not a link to one."""
        return self.mode is not None and stat.S_ISDIR(self.mode)

    @property
    def is_file(self) -> bool:
        """A plain file. A server that tells no modes is believed to tell of files."""
        return self.mode is None or stat.S_ISREG(self.mode)


class Body:
    """The inside of a packet, read from its front; nonsense raises ConnectionError."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.at = 0

    def number(self, form: str = ">I") -> int:
        """The next number, of the form that `struct` knows it by."""
        size = struct.calcsize(form)
        if self.at + size > len(self._body):
            raise ConnectionError("the server sends less than an answer has")
        (number,) = struct.unpack_from(form, self._body, self.at)
        self.at += size
        return int(number)

    def text(self) -> bytes:
        """The next bytes, behind their length."""
        length = self.number()
        begin, self.at = self.at, self.at + length
        if self.at > len(self._body):
            raise ConnectionError("the server sends less than an answer has")
        return self._body[begin : self.at]

    def attributes(self) -> Attributes:
        """What is told of a file."""
        flags = self.number()
        size = self.number(">Q") if flags & 1 else None
        if flags & 2:
            self.number(">Q")  # owner and group
        mode = self.number() if flags & 4 else None
        modified = self.number(">Q") & 0xFFFFFFFF if flags & 8 else None  # last access, then last change
        if flags & 0x80000000:
            for _ in range(min(self.number(), MOST_PACKET)):
                self.text()
                self.text()
        return Attributes(size, mode, modified)


def names(body: bytes) -> Iterator[tuple[bytes, Attributes]]:
    """Those of a folder that stand in one answer, without itself and the one above."""
    packet = Body(body)
    for _ in range(packet.number()):
        name = packet.text()
        packet.text()  # a line for people
        attributes = packet.attributes()
        if name not in {b".", b".."}:
            yield name, attributes


def packed(kind: int, body: bytes) -> bytes:
    """A packet as it is sent."""
    return struct.pack(">IB", len(body) + 1, kind) + body


def text(content: bytes) -> bytes:
    """Bytes behind their length."""
    return struct.pack(">I", len(content)) + content


def status(body: bytes) -> int:
    """The code of a status."""
    return Body(body).number()


def expect(kind: int, body: bytes, wanted: int) -> bytes:
    """The body of an answer of the wanted kind; an error status is raised as the OSError it stands for."""
    if kind == STATUS:
        packet = Body(body)
        code = packet.number()
        if code == 0 and wanted == STATUS:
            return body
        said = "" if packet.at >= len(body) else packet.text().decode("utf-8", "replace")
        number = _ERRORS.get(code, errno.EIO)
        shown = "".join(letter for letter in said[:_MOST_TEXT] if letter.isprintable())
        raise OSError(number, os.strerror(number) if code in {2, 3} or not shown else shown)
    if kind != wanted:
        raise ConnectionError("the server gives another answer than it was asked for")
    return body
