"""Where a scan waits until it is whole: a nameless temporary file, so that memory stays flat.

The file has no name (it is unlinked, or deleted by the system on close), so a process that is killed leaves nothing.
Each record is a line of JSON, then two bodies of the lengths it names.
"""

import json
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_BUFFER_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Spooled:
    """One entity: its packed body (None where the store has it already), its packed moving values, its numbers."""

    kind: str
    key: str
    ref: str
    document: bytes  # hash
    body: bytes | None
    moving_hash: bytes
    moving: bytes
    numbers: tuple[int | None, ...]  # in the order of samples.METRICS


class Spool:
    """Written once, read once."""

    def __init__(self, folder: Path) -> None:
        self.has_bodies = False
        self._file = tempfile.TemporaryFile(dir=folder, prefix="scan-", buffering=_BUFFER_BYTES)  # noqa: SIM115

    def add(self, record: Spooled) -> None:
        """Raises OSError when the disk is full."""
        self.has_bodies = self.has_bodies or record.body is not None
        head = [
            record.kind,
            record.key,
            record.ref,
            record.document.hex(),
            -1 if record.body is None else len(record.body),
            record.moving_hash.hex(),
            len(record.moving),
            record.numbers,
        ]
        self._file.write(json.dumps(head).encode() + b"\n" + (record.body or b"") + record.moving)

    def __iter__(self) -> Iterator[Spooled]:
        self._file.seek(0)
        while line := self._file.readline():
            kind, key, ref, document, body_bytes, moving_hash, moving_bytes, numbers = json.loads(line)
            body = None if body_bytes < 0 else self._file.read(body_bytes)
            moving = self._file.read(moving_bytes)
            yield Spooled(
                kind, key, ref, bytes.fromhex(document), body, bytes.fromhex(moving_hash), moving, tuple(numbers)
            )

    def close(self) -> None:
        """Gone, with everything in it."""
        with suppress(OSError):  # on a full disk the last buffer cannot be written; nobody wants it any more
            self._file.close()
