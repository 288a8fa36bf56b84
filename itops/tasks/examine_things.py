"""Examine one thing: climb its format's ladder, compare hashes, and see that it did not change meanwhile."""

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from itops.backup.contents import Content, Thing
from itops.backup.copies import Fault, Identity
from itops.backup.formats import Format
from itops.backup.hash_lists import Hash
from itops.backup.levels import Level
from itops.backup.proofs import Examination, Limit
from itops.formats.effort import BoundedEffort
from itops.formats.ladder import examine


@dataclass(frozen=True, slots=True, kw_only=True)
class Examiner:
    """How things are examined in this run."""

    formats: tuple[Format, ...]
    zone: ZoneInfo  # of moments that a format tells without one
    max_seconds: float = 6 * 3600.0
    scratch: Path | None = None  # None: the system's folder for temporary files

    def effort(self, level: Level, scratch: Path) -> BoundedEffort:
        """The bounds of one examination."""
        return BoundedEffort(level=level, scratch=scratch, max_seconds=self.max_seconds)

    def examine(
        self,
        thing: Thing,
        level: Level,
        *,
        listed: Mapping[str, Hash] | None = None,
        baseline: Mapping[str, bool] | None = None,
        has_changed: Callable[[], bool] = lambda: False,
    ) -> Examination:
        """Up to L4: `listed` are the hashes that lists beside the files give, by the files' names in the thing;
        `baseline` the SHA-256 of earlier readings of this same state, each with whether it was taken when the copy was
        made. Raises OSError when a file cannot be read.
        """
        known = {name: told for name, told in (listed or {}).items() if told.algorithm in hashlib.algorithms_guaranteed}
        with tempfile.TemporaryDirectory(prefix="itops-", dir=self.scratch) as scratch:
            found = examine(thing, self.formats, self.effort(level, Path(scratch)))
        found = _located(found, self.zone)
        if level >= Level.INTACT and not found.faults:
            found = _compared(found, thing, known, baseline or {}, level)
        if has_changed():
            # Whatever was read was of two states: it says nothing about either.
            return replace(found, level=Level.SEEN, faults=(), limits=(Limit(code="changed-while-read"),), sha256=None)
        return found


def _located(found: Examination, zone: ZoneInfo) -> Examination:
    """Moments that a format tells as local time without a zone, as moments of the office's zone."""
    identity = found.identity
    if identity is None:
        return found
    started = identity.started_at or _moment(identity, "local_started_at", zone)
    finished = identity.finished_at or _moment(identity, "local_finished_at", zone)
    return replace(found, identity=replace(identity, started_at=started, finished_at=finished))


def _moment(identity: Identity, fact: str, zone: ZoneInfo) -> datetime | None:
    told = identity.facts.get(fact)
    if not isinstance(told, str):
        return None
    try:
        return datetime.fromisoformat(told).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None  # a header with an impossible date tells no time; the fact itself stays to be seen


def _compared(
    found: Examination, thing: Thing, listed: Mapping[str, Hash], baseline: Mapping[str, bool], level: Level
) -> Examination:
    """With the hashes that others, or we ourselves, took before: L4, or a fault."""
    faults = tuple(_differing(thing, listed))
    if found.sha256 is not None and baseline and found.sha256 not in baseline:
        faults += (Fault(code="content-changed", place=thing.path),)
    if faults:
        return replace(found, faults=faults)
    is_listed = bool(thing.files) and all(file.name in listed for file in thing.files)
    if is_listed or (found.sha256 is not None and baseline.get(found.sha256, False)):
        return replace(found, level=Level.SAME, limits=())
    if level >= Level.SAME and not found.limits:
        return replace(found, limits=(Limit(code="no-early-hash"),))
    return found


def _differing(thing: Thing, listed: Mapping[str, Hash]) -> Iterable[Fault]:
    for file in thing.files:
        if (expected := listed.get(file.name)) is not None:
            actual = file.digest() if expected.algorithm == "sha256" else _digest(file, expected.algorithm)
            if actual != expected.hex:
                yield Fault(code="hash-differs", place=file.name, facts={"algorithm": expected.algorithm})


def _digest(file: Content, algorithm: str) -> str:
    digest = hashlib.new(algorithm)
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.hexdigest()
