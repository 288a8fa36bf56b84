"""Text that may be packed by gzip, bzip2, xz or zstd: unpacked as a stream, to the last byte, under its checksums."""

from collections.abc import Iterator
from dataclasses import replace

from itops.backup.contents import Content, Thing
from itops.backup.formats import MIB, Damaged, Effort, Unprovable, damaged
from itops.formats.archives.streams import BZ2, GZ, XZ, ZST, Codec, peek, unpacking

_CODECS: dict[str, Codec] = {"gzip": GZ, "bzip2": BZ2, "xz": XZ, "zstd": ZST}
_LZ4 = b"\x04\x22\x4d\x18"
_HEAD_BYTES = 4096


def packing_of(head: bytes) -> str | None:
    """`gzip`, `bzip2`, `xz`, `zstd`, `lz4`, or None for what is none of these."""
    if head.startswith(_LZ4):
        return "lz4"
    return next((name for name, codec in _CODECS.items() if codec.begins(head)), None)


def unpacked_head(content: Content, head: bytes) -> bytes:
    """The first KiBs of what is packed in it, of `head` itself if nothing is; b"" where it cannot be unpacked."""
    packing = packing_of(head)
    if packing is None:
        return head
    return b"" if packing == "lz4" else peek(_CODECS[packing], content, head, _HEAD_BYTES) or b""


class Unpacking:
    """Reads one content once, through its packing where it has one; then `is_checked` is known."""

    def __init__(self, content: Content, packing: str | None, effort: Effort, *, packed: int) -> None:
        """`packed`: how many bytes the whole copy has, of which the content may be one file of many."""
        self.is_checked = False  # whether a checksum covered all of it, in each of its streams
        self._content = content
        self._packing = packing
        self._effort = effort
        self._packed = packed

    def chunks(self) -> Iterator[bytes]:
        """Everything in it, to the end of its last stream.

        Raises Damaged (cut, junk-appended, stream-checksum, structure-damaged, line-endings, bomb) and Unprovable
        (program-missing for lz4, needs-memory, dictionary-needed).
        """
        if self._packing is None:
            for chunk in self._content.chunks():
                self._effort.tick()
                yield chunk
            return
        if self._packing == "lz4":
            raise Unprovable("program-missing", program="lz4", packing="lz4")
        unpacker, blocks = unpacking(_CODECS[self._packing], self._content, self._effort, packed=self._packed)
        try:
            yield from blocks
        except Damaged as damage:
            if is_crlf_mangled(self._content.read_at(0, MIB)):
                raise damaged("line-endings", self._content.name) from damage
            raise Damaged(*(replace(fault, place=self._content.name) for fault in damage.faults)) from damage
        self.is_checked = unpacker.check != "none"


def is_crlf_mangled(data: bytes) -> bool:
    """Whether binary data went through a transfer in text mode: no line feed is left without a carriage return."""
    count = data.count(b"\n")
    return count >= 4 and data.count(b"\r\n") == count


class Text:
    """The text of a lone file, packed or not, whose bytes are asked for once."""

    def __init__(self, thing: Thing) -> None:
        self.content = thing.file
        self.packing = packing_of(thing.head)
        self.is_checked = False  # known when all of it was read
        self._head = unpacked_head(thing.file, thing.head)
        self.is_utf16 = self._head.startswith((b"\xff\xfe", b"\xfe\xff"))

    @property
    def head(self) -> bytes:
        """Its first 4 KiB, as UTF-8 with plain line feeds."""
        if not self.is_utf16:
            return self._head.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
        even = self._head[: len(self._head) // 2 * 2]
        return even.decode("utf-16", "replace").encode("utf-8", "replace").replace(b"\r\n", b"\n")

    def chunks(self, effort: Effort) -> Iterator[bytes]:
        """All of it, unpacked. Raises as Unpacking, and Damaged("utf-16", "zeroed").

        PowerShell's `>` writes UTF-16, and on its way takes what is no ASCII through a code page that may not have it:
        neither psql nor mysql reads such a file. And a dump escapes every zero byte: one that stands there is a hole.
        """
        if self.is_utf16:
            raise damaged("utf-16", self.content.name)
        position = 0
        unpacked = Unpacking(self.content, self.packing, effort, packed=self.content.size_bytes)
        for chunk in unpacked.chunks():
            if b"\0" in chunk:
                raise damaged("zeroed", f"byte {position + chunk.index(0)}")
            position += len(chunk)
            yield chunk
        self.is_checked = unpacked.is_checked
