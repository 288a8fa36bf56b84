"""Save one look at a source as a file that scans like it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from itops.errors import SourceUnavailable
from itops.inventory.entities import Observation, Seen, Source
from itops.sources.recording.file import Redaction, Written, write_recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What was written, and out of how many observations: a folder of files holds several, the newest is taken."""

    written: Written
    observed_at: datetime
    observation_count: int


def record_source(
    source: Source,
    file: Path,
    *,
    now: datetime,
    itops_version: str,
    redaction: Redaction | None = None,
    on_seen: Callable[[Seen], None] | None = None,
) -> Recorded:
    """Look at `source` and write what it shows to `file`; with a `redaction`, nothing that tells whose it is.

    Raises what the source raises (and leaves `file` as it was), and UsageWrong when `file` cannot be written.
    """
    newest, count = _newest(source, now)
    written = write_recording(newest, file, itops_version=itops_version, redaction=redaction, on_seen=on_seen)
    return Recorded(written=written, observed_at=newest.observed_at, observation_count=count)


def _newest(source: Source, now: datetime) -> tuple[Observation, int]:
    newest, count = None, 0
    for observation in source.observe(now):
        newest, count = observation, count + 1
    if newest is None:
        raise SourceUnavailable(
            f"the source {source.name} has nothing to record", remedy="check what itops.yaml says about it"
        )
    return newest, count
