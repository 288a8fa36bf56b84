"""The data of one table as pg_dump keeps them: lines for COPY, ended by a line of `\\.` and two empty ones."""

from itops.backup.formats import damaged

_END = b"\\.\n\n\n"


class Rows:
    """Watches the unpacked data of one entry go by; for what is not COPY there is nothing to watch."""

    __slots__ = ("_is_copy", "_place", "_tail", "size_bytes")

    def __init__(self, place: str, *, is_copy: bool) -> None:
        self._place = place
        self._is_copy = is_copy
        self._tail = b""
        self.size_bytes = 0

    def watch(self, piece: bytes) -> None:
        """Raise Damaged("zeroed"): COPY escapes a zero byte, one that stands there is a hole."""
        if self._is_copy:
            if b"\0" in piece:
                raise damaged("zeroed", self._place, after_byte=self.size_bytes + piece.index(b"\0"))
            self._tail = (self._tail + piece[-len(_END) :])[-len(_END) :]
        self.size_bytes += len(piece)

    def finish(self) -> None:
        """Raise Damaged("unfinished") unless the last line was the end mark."""
        if self._is_copy and self._tail != _END:
            raise damaged("unfinished", self._place, ending="\\.")
