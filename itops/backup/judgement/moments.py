"""Which moment a copy is of: its header knows better than a catalogue, that than its name, that than its mtime."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from itops.backup.copies import Copy, Identity
from itops.backup.judgement.candidates import Reference, Times, aware
from itops.backup.ledger import KnownCopy, LookRecord
from itops.backup.policy import Job
from itops.backup.slots import Calendar

TOLERANCE = timedelta(minutes=5)
"""How far a clock may run ahead before what it writes is quarantined."""
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_LONGEST_LOOK = timedelta(days=1)


def times_of(copy: Copy, header: Identity, job: Job) -> Times:
    """Gather them."""
    catalogue = copy.catalogue
    return Times(
        header=(aware(header.started_at), aware(header.finished_at)),
        catalogue=(None, None) if catalogue is None else (aware(catalogue.started_at), aware(catalogue.finished_at)),
        named_at=aware(copy.named_at),
        named_for=_precision(job),
        modified_at=aware(copy.modified_at),
    )


def _precision(job: Job) -> timedelta:
    """How long the moment lasts that the job's names tell; a catalogue's own names tell the second."""
    text = "{hour}{minute}" if job.files is None else job.files.text
    if "{hour}" not in text:
        return _DAY
    return timedelta() if "{minute}" in text else timedelta(hours=1)


def reference_of(times: Times, job: Job, calendar: Calendar) -> Reference:
    """The best evidence there is; quarantined when it is none, or from before there were such backups."""
    at, evidence = _best(times, job, calendar)
    if at is None:
        return Reference(None, evidence, "undated")
    if at < _EPOCH:
        return Reference(at, evidence, "dated-before-2000")
    return Reference(at, evidence)


def believed(reference: Reference, known: KnownCopy, looks: Iterable[LookRecord], now: datetime) -> Reference:
    """The reference in UTC; quarantined when it is later than the moment the copy was first seen.

    No copy is made after it was seen, so a date in the future stays impossible when that future has come. Files are
    written while a long look goes on: its end decides, where the look is known.
    """
    at = reference.at
    if at is None or reference.quarantine is not None:
        return reference
    if at - min(now, known.first_seen_at) > TOLERANCE and at - min(now, _seen_by(known, looks)) > TOLERANCE:
        return reference._replace(quarantine="future-dated")
    return reference._replace(at=at.astimezone(UTC))


def _seen_by(known: KnownCopy, looks: Iterable[LookRecord]) -> datetime:
    ends = (
        look.ended_at
        for look in looks
        if look.looked_at == known.first_seen_at and look.repository == known.copy.repository
    )
    return max(ends, default=known.first_seen_at + _LONGEST_LOOK)


def _best(times: Times, job: Job, calendar: Calendar) -> tuple[datetime | None, str]:
    for (start, finish), evidence in ((times.header, "header"), (times.catalogue, "catalogue")):
        at = (finish or start) if job.anchor == "finish" else (start or finish)
        if at is not None:
            return at, evidence
    if times.named_at is not None:
        return _named(times, calendar), "name"
    return times.modified_at, "modified"


def _named(times: Times, calendar: Calendar) -> datetime | None:
    """The named moment; where the name tells a day only, when within it the file was written, else its beginning.

    The day is the office's: one that begins at 06:00, so a nightly file named for a day falls into that day's slot.
    """
    named_at, modified_at = times.named_at, times.modified_at
    if named_at is None or times.named_for < _DAY:
        return named_at
    if modified_at is not None and timedelta() <= modified_at - named_at < _DAY:
        return modified_at
    return _beginning(named_at, calendar)


def _beginning(named_at: datetime, calendar: Calendar) -> datetime:
    if named_at < _EPOCH or named_at.year >= date.max.year:
        return named_at
    day = named_at.astimezone(calendar.zone).date()
    return calendar.begin_of(day) if calendar.days.start != time(0) else named_at
