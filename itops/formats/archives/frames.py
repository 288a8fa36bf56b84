"""Zstandard frames, walked block by block: where each ends is known, and no input unpacks to more than 128 KiB at once.

Source: RFC 8878. The blocks themselves are decoded by the zstandard library.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from itops.backup.formats import Damaged, Unprovable, damaged

if TYPE_CHECKING:
    from zstandard import ZstdDecompressionObj

MAGIC = b"\x28\xb5\x2f\xfd"
SKIPPABLE = b"\x2a\x4d\x18"  # after a byte from 0x50 to 0x5F
MOST_WINDOW = 128 << 20  # zstd's own limit without --long
_MOST_BLOCK = 128 << 10
_RAW, _RLE, _RESERVED = 0, 1, 3


def is_skippable(start: bytes) -> bool:
    """Whether a skippable frame begins so (the seek table of `zstd --seekable`, the sizes of pzstd)."""
    return start[1:4] == SKIPPABLE and start[0] & 0xF0 == 0x50


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameHeader:
    """What the first bytes of a frame tell."""

    length: int  # of the header, with the magic
    has_checksum: bool
    window_bytes: int
    content_bytes: int | None
    dictionary: int


def header_length(descriptor: int) -> int:
    """How long the header is, magic included, by the byte after the magic."""
    is_single = bool(descriptor & 0x20)
    content = (1 if is_single else 0, 2, 4, 8)[descriptor >> 6]
    return 5 + (not is_single) + (0, 1, 2, 4)[descriptor & 3] + content


def frame_header(start: bytes) -> FrameHeader:
    """Of the bytes of a whole header; raises Damaged for a reserved bit."""
    descriptor = start[4]
    if descriptor & 0x08:
        raise damaged("header-damaged")
    is_single = bool(descriptor & 0x20)
    after_window = 5 + (not is_single)
    dictionary_bytes = (0, 1, 2, 4)[descriptor & 3]
    length = header_length(descriptor)
    field = start[after_window + dictionary_bytes : length]
    content = int.from_bytes(field, "little") + (256 if len(field) == 2 else 0) if field else None
    exponent, mantissa = start[5] >> 3, start[5] & 7
    window = content or 0 if is_single else (1 << (10 + exponent)) // 8 * (8 + mantissa)
    return FrameHeader(
        length=length,
        has_checksum=bool(descriptor & 0x04),
        window_bytes=window,
        content_bytes=content,
        dictionary=int.from_bytes(start[after_window : after_window + dictionary_bytes], "little"),
    )


class Frame:
    """A Decoder of one frame, skippable ones included (they unpack to nothing)."""

    def __init__(self) -> None:
        self.is_done = False
        self.unused = b""
        self.check = "none"
        self.is_skippable = False
        self._held = bytearray()
        self._wanted = 5
        self._skip = 0
        self._stage: Callable[[bytes], bytes] = self._start
        self._is_last = False
        self._decoder: ZstdDecompressionObj | None = None

    def decode(self, data: bytes) -> Iterator[bytes]:
        """As Decoder."""
        self._held += data
        while not self.is_done and self._pass_over() and len(self._held) >= self._wanted:
            part = bytes(self._held[: self._wanted])
            del self._held[: self._wanted]
            if block := self._stage(part):
                yield block
        if self.is_done:
            self.unused = bytes(self._held)
            self._held.clear()

    def _pass_over(self) -> bool:
        """Drop the content of a skippable frame; whether there is anything left to do here."""
        if not self._skip:
            return True
        passed = min(self._skip, len(self._held))
        del self._held[:passed]
        self._skip -= passed
        self.is_done = not self._skip
        return False

    def _next(self, wanted: int, stage: Callable[[bytes], bytes]) -> None:
        self._wanted, self._stage = wanted, stage

    def _start(self, start: bytes) -> bytes:
        if is_skippable(start):
            self.is_skippable, self.check = True, "skippable"
            self._next(3, lambda size: self._skippable(start[4:] + size))
        elif start[:4] == MAGIC:
            self._next(header_length(start[4]) - 5, lambda rest: self._header(start + rest))
        else:
            raise damaged("header-damaged")
        return b""

    def _skippable(self, size: bytes) -> bytes:
        self._skip = int.from_bytes(size, "little")
        self.is_done = not self._skip
        return b""

    def _header(self, start: bytes) -> bytes:
        import zstandard  # noqa: PLC0415  heavy, and only for its own format

        header = frame_header(start)
        if header.dictionary:
            raise Unprovable("dictionary-needed", dictionary=header.dictionary)
        if header.window_bytes > MOST_WINDOW and (header.content_bytes or MOST_WINDOW + 1) > MOST_WINDOW:
            raise Unprovable("needs-memory", bytes=MOST_WINDOW, wanted_bytes=header.window_bytes)
        self.check = "xxh64" if header.has_checksum else "none"
        self._decoder = zstandard.ZstdDecompressor(max_window_size=MOST_WINDOW).decompressobj()
        self._next(3, self._block)
        return self._decoded(start)

    def _block(self, header: bytes) -> bytes:
        word = int.from_bytes(header, "little")
        self._is_last, kind, size = bool(word & 1), word >> 1 & 3, word >> 3
        if kind == _RESERVED or size > _MOST_BLOCK:
            raise damaged("structure-damaged")
        self._next(1 if kind == _RLE else size, lambda content: self._content(header + content))
        return b""

    def _content(self, block: bytes) -> bytes:
        if self._is_last and self.check == "none":
            return self._finish(block)
        if self._is_last:
            self._next(4, self._finish)
        else:
            self._next(3, self._block)
        return self._decoded(block)

    def _finish(self, end: bytes) -> bytes:
        content = self._decoded(end)
        if self._decoder is None or not self._decoder.eof:
            raise damaged("structure-damaged")
        self.is_done = True
        return content

    def _decoded(self, data: bytes) -> bytes:
        import zstandard  # noqa: PLC0415  heavy, and only for its own format

        assert self._decoder is not None
        try:
            return self._decoder.decompress(data)
        except zstandard.ZstdError as error:
            raise _fault(str(error)) from error


def _fault(message: str) -> Damaged | Unprovable:
    if "memory" in message:
        return Unprovable("needs-memory", bytes=MOST_WINDOW)
    return damaged("stream-checksum" if "checksum" in message else "structure-damaged")
