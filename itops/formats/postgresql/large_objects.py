"""The lists of large objects in directory and tar dumps: lines of an object's number and its file."""

import re
from collections.abc import Iterator

from itops.backup.formats import damaged
from itops.formats.postgresql.archive import Entry, Header

_LINE = re.compile(rb"\d{1,10} (blob_\d{1,10}\.dat)")
_LONGEST_LINE = 200


class LargeObjects:
    """Reads one list piece by piece."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._rest = b""

    def fed(self, piece: bytes) -> Iterator[str]:
        """The files named so far."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            found = _LINE.fullmatch(line)
            if found is None:
                raise damaged("line-endings" if line.endswith(b"\r") else "structure-damaged", self._place)
            yield found[1].decode()
        if len(self._rest) > _LONGEST_LINE:
            raise damaged("structure-damaged", self._place)

    def finish(self) -> None:
        """Raise Damaged unless the last line was complete."""
        if self._rest:
            raise damaged("cut", self._place)


def list_name(header: Header, entry: Entry) -> str:
    """The file of the list; before archive version 1.16 there was one, whatever the contents call it."""
    return "blobs.toc" if header.version < (1, 16) else entry.file
