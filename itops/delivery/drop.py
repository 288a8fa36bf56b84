"""One flat folder of parts on a far side: what goes first, where a cut try goes on, how receipts are found.

The same for every way that can look at a file, write it and rename it; see itops/bundles/targets.py for the layout.
Errors of the way itself are raised by the `Drop`, as SourceUnavailable.
"""

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from itops.bundles.targets import RECEIPT_MAX_BYTES, RECEIPTS_FOLDER, BundleOnDisk, HeartbeatFile, Part, Progress, Put
from itops.delivery.durable import PART_ENDING
from itops.delivery.parts import blocks, opened, read
from itops.delivery.sealing import S, Way
from itops.errors import DeliveryRefused, SourceUnavailable

OVERLAP_BYTES = 64 * 1024
"""Of a part that was cut, so much is sent again: what was on its way when the line broke may have holes."""
_COMPARED_WHOLE_BYTES = 1 << 20
_ENDINGS = ("received", "accepted", "rejected")


class Drop(Protocol):
    """The folder. Names are relative to it, with `/`; every call raises SourceUnavailable when the way is closed."""

    place: str  # as people know it, for messages
    can_resume: bool

    def size(self, name: str) -> int | None:
        """Bytes; None where there is no such file."""
        ...

    def read(self, name: str, offset: int, length: int) -> bytes:
        """Up to so many bytes, never more."""
        ...

    def write(self, name: str, offset: int, length: int, blocks: Iterator[bytes]) -> None:
        """`length` bytes from `offset` on, on disk when it returns; from 0, a file that is there is emptied first."""
        ...

    def rename(self, old: str, new: str) -> bool:
        """False where `new` is there already and was left alone."""
        ...

    def replace(self, old: str, new: str) -> None:
        """Rename; what was called `new` is gone in the same moment, where the far side can do that."""
        ...


class DropWay(Way[S]):
    """A way whose far side is such a folder; who inherits it says how one is opened, for so many bytes."""

    @abstractmethod
    def _opened(self, size_bytes: int) -> AbstractContextManager[Drop]:
        """The folder, as long as so many bytes may take. Raises SourceUnavailable when the way is closed."""

    def _carry(self, bundle: BundleOnDisk, progress: Progress) -> Put:
        with self._opened(bundle.size_bytes) as folder:
            return send(folder, bundle, progress)

    def receipts(self, sha256s: Collection[str]) -> tuple[bytes, ...]:
        """See `Target`."""
        with self._opened(len(sha256s) * len(_ENDINGS) * RECEIPT_MAX_BYTES) as folder:
            return receipts(folder, sha256s)

    def beat(self, heartbeat: HeartbeatFile) -> None:
        """See `Target`."""
        with self._opened(len(heartbeat.content)) as folder:
            leave(folder, heartbeat)


def send(drop: Drop, bundle: BundleOnDisk, progress: Progress) -> Put:
    """All parts in their order. Raises SourceUnavailable, DeliveryRefused, InputInvalid."""
    there = sent = 0
    progress(0, bundle.size_bytes)
    for part in bundle.parts:
        start = _begin(drop, part)
        if start is not None:
            _send_part(drop, part, start, _teller(progress, there, bundle.size_bytes))
            sent += part.size_bytes - start
        there += part.size_bytes
        progress(there, bundle.size_bytes)
    return Put(sent_bytes=sent, resumed_bytes=bundle.size_bytes - sent)


def _teller(progress: Progress, before: int, whole: int) -> Callable[[int], None]:
    return lambda offset: progress(before + offset, whole)


def receipts(drop: Drop, sha256s: Collection[str]) -> tuple[bytes, ...]:
    """What lies in the folder of receipts for these bundles. What is longer than a receipt is none. See `Target`."""
    found = []
    for sha256 in sha256s:
        for ending in _ENDINGS:
            name = f"{RECEIPTS_FOLDER}/{sha256}.{ending}"
            size = drop.size(name)
            if size is not None and 0 < size <= RECEIPT_MAX_BYTES:
                found.append(drop.read(name, 0, size))
    return tuple(found)


def leave(drop: Drop, heartbeat: HeartbeatFile) -> None:
    """Put a heartbeat in place of the last one. Raises SourceUnavailable."""
    name, content = heartbeat.name, heartbeat.content
    unfinished = f"{name}{PART_ENDING}"
    drop.write(unfinished, 0, len(content), iter((content,)))
    _must_be_whole(drop, unfinished, name, len(content))
    drop.replace(unfinished, name)


def _must_be_whole(drop: Drop, unfinished: str, name: str, size_bytes: int) -> None:
    arrived = drop.size(unfinished)
    if arrived != size_bytes:
        raise SourceUnavailable(
            f"{drop.place} took {size_bytes:,} bytes of {name} and has {arrived or 0:,}",
            remedy="see whether its disk is full or somebody removes files there; then send again",
        )


def _begin(drop: Drop, part: Part) -> int | None:
    """Where sending begins; None for a part that is there whole. Raises DeliveryRefused when another one is."""
    size = drop.size(part.name)
    if size is not None:
        _must_be_ours(drop, part, size)
        return None
    if not drop.can_resume:
        return 0
    begun = drop.size(_unfinished(part)) or 0
    start = begun - OVERLAP_BYTES
    if start <= 0 or begun > part.size_bytes:
        return 0
    return start if _is_equal(drop, part, _unfinished(part), max(0, start - OVERLAP_BYTES), start) else 0


def _send_part(drop: Drop, part: Part, start: int, told: Callable[[int], None]) -> None:
    unfinished = _unfinished(part)
    with opened(part) as file:
        drop.write(unfinished, start, part.size_bytes - start, blocks(file, part, start, part.size_bytes, told))
    _must_be_whole(drop, unfinished, part.name, part.size_bytes)
    if not drop.rename(unfinished, part.name):  # somebody else was faster, with the same part one hopes
        _must_be_ours(drop, part, drop.size(part.name))


def _must_be_ours(drop: Drop, part: Part, size: int | None) -> None:
    """Compare a part of up to 1 MiB whole, a longer one by its size and ends; the rest is for the receipt to tell."""
    if size == part.size_bytes:
        pieces = [(0, size)]
        if size > _COMPARED_WHOLE_BYTES:
            pieces = [(0, OVERLAP_BYTES), (size - OVERLAP_BYTES, size)]
        if all(_is_equal(drop, part, part.name, begin, end) for begin, end in pieces):
            return
    raise DeliveryRefused(
        f"{drop.place} has another file under the name {part.name}",
        remedy="find out who put it there or whether it was damaged; when it is moved away: itops report resend",
    )


def _is_equal(drop: Drop, part: Part, name: str, begin: int, end: int) -> bool:
    with opened(part) as file:
        file.seek(begin)
        return all(
            drop.read(name, offset, length) == read(file, part, length)
            for offset in range(begin, end, OVERLAP_BYTES)
            for length in (min(OVERLAP_BYTES, end - offset),)
        )


def _unfinished(part: Part) -> str:
    return f"{part.name}{PART_ENDING}"
