"""The bounds of an examination: time, unpacked bytes, ratio, members, depth, and a throw-away folder.

When is what unpacks to much a bomb? No codec's own limit tells: gzip ends at 1032 to 1, but a GiB of zeros is 150 KiB
of xz, 32 KiB of zstandard and 785 bytes of bzip2, and a dump of a young database is nearly that. So the first 2 GiB,
some seconds of work, are allowed whatever they come from; what goes on after that must have been worth its packed
bytes. 256 to 1 is a disk of 500 GiB, by gzip, of which 3 GiB are in use.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from itops.backup.formats import Unprovable, damaged
from itops.backup.levels import Level


@dataclass(slots=True, kw_only=True)
class BoundedEffort:
    """An Effort that counts; one for each examination."""

    level: Level
    scratch: Path
    max_seconds: float = 6 * 3600.0
    max_unpacked_bytes: int = 8 << 40
    free_unpacked_bytes: int = 2 << 30
    max_ratio: float = 256.0  # of what is unpacked beyond the free bytes
    max_members: int = 2_000_000
    max_depth: int = 4
    monotonic: Callable[[], float] = time.monotonic
    _started: float = field(init=False)
    _unpacked: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._started = self.monotonic()

    @property
    def seconds_left(self) -> float:
        """What is left of the time; never negative."""
        return max(0.0, self.max_seconds - (self.monotonic() - self._started))

    def tick(self) -> None:
        """Raise Unprovable("out-of-time") when the time is used up."""
        if self.seconds_left <= 0:
            raise Unprovable("out-of-time", seconds=round(self.max_seconds))

    def unpacked(self, length: int, *, packed: int) -> None:
        """Count `length` more bytes; `packed` is how many packed bytes the whole of the copy has, all its files."""
        self.tick()
        self._unpacked += length
        if self._unpacked > self.max_unpacked_bytes:
            raise damaged("bomb", unpacked_bytes=self._unpacked)
        if self._unpacked > self.free_unpacked_bytes + self.max_ratio * packed:
            raise damaged("bomb", unpacked_bytes=self._unpacked, packed_bytes=packed)
