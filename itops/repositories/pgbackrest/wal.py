"""Arithmetic over WAL segments: what a backup needs, and what of it is there."""

import re
from collections.abc import Callable, Iterable, Iterator

from itops.backup.copies import Copy, Fault
from itops.backup.formats import Unprovable

_SEGMENT = re.compile(r"[0-9A-F]{24}")
_STORED = re.compile(r"([0-9A-F]{24})-[0-9a-f]{40}(?:\.\w+)?")
_MOST_SEGMENTS = 100_000
_LOG_BYTES = 1 << 32


def segments_between(start: str, stop: str, segment_bytes: int) -> Iterator[str]:
    """The names from `start` to `stop`, both included; raises Unprovable for what is no range."""
    if not (_SEGMENT.fullmatch(start) and _SEGMENT.fullmatch(stop) and start[:8] == stop[:8]):
        raise Unprovable("structure-unknown", wal_start=start[:40], wal_stop=stop[:40])
    a_log = _LOG_BYTES // segment_bytes
    first, last = (int(name[8:16], 16) * a_log + int(name[16:], 16) for name in (start, stop))
    if not 0 <= last - first < _MOST_SEGMENTS:
        raise Unprovable("structure-unknown", wal_start=start, wal_stop=stop)
    for number in range(first, last + 1):
        yield f"{start[:8]}{number // a_log:08X}{number % a_log:08X}"


def needed_by(copy: Copy, segment_bytes: int) -> tuple[str, ...]:
    """What must be there for the copy to become consistent; raises Unprovable when the catalogue does not tell."""
    facts = {} if copy.catalogue is None else copy.catalogue.facts
    start, stop = facts.get("wal_start"), facts.get("wal_stop")
    if not (isinstance(start, str) and isinstance(stop, str) and facts.get("archive")):
        raise Unprovable("wal-unknown")
    return tuple(segments_between(start, stop, segment_bytes))


def wal_faults(needed: Iterable[str], names_in: Callable[[str], Iterable[str]]) -> Iterator[Fault]:
    """One fault a segment that is not there, or there twice with different content, which bars recovery as well.

    `names_in` lists the files of the archive's folder of the first 16 digits of a segment.
    """
    stored: dict[str, dict[str, int]] = {}
    for segment in needed:
        folder = segment[:16]
        if folder not in stored:
            stored[folder] = _counted(names_in(folder))
        count = stored[folder].get(segment, 0)
        if count == 0:
            yield Fault(code="wal-missing", place=segment)
        elif count > 1:
            yield Fault(code="wal-ambiguous", place=segment, facts={"files": count})


def _counted(names: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        if found := _STORED.fullmatch(name):
            counts[found[1]] = counts.get(found[1], 0) + 1
    return counts
