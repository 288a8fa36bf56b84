"""Keep the change log: take entries, links and withdrawals; put the log beside what was observed.

Decide, record, tell: a record is on the disk before anybody is told that it was taken.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from errno import EINVAL
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from itops.errors import InputInvalid, UsageWrong
from itops.inventory.changes import Change
from itops.inventory.entities import Kind
from itops.inventory.reading import Reader
from itops.tasks.read_changes import read_changes
from itops.worklog.entries import Attachment, ChangeRef, Entry, Linked, LogRow, Record, Withdrawn, ref_of
from itops.worklog.findings import WorkFinding
from itops.worklog.judging import Question, judge_changes, window_of
from itops.worklog.log import Standing, WorkLog, log_of, objection_to
from itops.worklog.matching import Explained, match
from itops.worklog.policy import ChangePolicy

_CHUNK_BYTES = 1 << 20
_CLOCKS_DIFFER = timedelta(minutes=10)
_WATCHED = frozenset({Kind.VM, Kind.HOST})
_OBJECTIONS = {
    "no-entry": ("there is no entry {number} in the change log", "`itops changes list` shows the numbers"),
    "withdrawn": ("entry {number} was withdrawn", "write a new entry instead"),
    "corrected": ("entry {number} was corrected already", "correct the entry that stands in its place"),
}


class KeepsWorklog(Protocol):
    """The log where it is kept: `Store.worklog`."""

    def rows(self) -> list[LogRow]:
        """All of it."""
        ...

    def append(self, record: Record, recorded_at: datetime, *, after: int) -> LogRow:
        """One more record; raises StoreLocked when another one came in between."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A record that was taken, and the log with it."""

    row: LogRow
    log: WorkLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """Writes into the log."""

    store: KeepsWorklog
    now: datetime

    def take(self, record: Entry | Linked | Withdrawn) -> Kept:
        """One more record; raises UsageWrong when something speaks against it."""
        rows = self.store.rows()
        log = log_of(rows)
        code = objection_to(log.by_number, log.withdrawn, record)
        if code is not None:
            about = record.corrects if isinstance(record, Entry) else record.entry
            problem, remedy = _OBJECTIONS[code]
            raise UsageWrong(problem.format(number=about), remedy=remedy)
        self._check(record)
        row = self.store.append(record, self.now, after=log.last)
        return Kept(row=row, log=log_of([*rows, row]))

    def _check(self, record: Entry | Linked | Withdrawn) -> None:
        if not record.by.strip():
            raise UsageWrong("nobody is named who did it", remedy="give a name: --by NAME")
        if record.at > self.now + _CLOCKS_DIFFER:
            raise UsageWrong("that lies in the future", remedy="the log takes what has happened; check --at")
        if isinstance(record, Entry) and not (record.what.fa.strip() or record.what.en.strip()):
            raise UsageWrong("nothing is said of what was done", remedy="give a text: --what TEXT")
        if isinstance(record, Entry) and record.count < 1:
            raise UsageWrong(f"{record.count} is no number of things that were done", remedy="give --count 1 or more")


def attached(path: Path, folder: Path) -> Attachment:
    """A file as it is now; raises InputInvalid where it cannot be read. `folder`: where itops.yaml lies."""
    try:
        sha256, size = _hashed(path)
    except OSError as failure:
        reason = failure.strerror or type(failure).__name__
        raise InputInvalid(f"{path} cannot be read: {reason}", remedy="check the path and its rights") from failure
    return Attachment(path=_within(path, folder), sha256=sha256, size_bytes=size)


def hash_now(path: Path) -> str | None:
    """The SHA-256 of a file that was attached once; None where there is no readable file any more."""
    try:
        return _hashed(path)[0]
    except OSError:
        return None  # whether it is gone or locked: nobody can show it


def _hashed(path: Path) -> tuple[str, int]:
    """SHA-256 and size, of the bytes that were really read."""
    digest, size = hashlib.sha256(), 0
    if path.exists() and not path.is_file():
        raise OSError(EINVAL, "not a file")  # a pipe would be waited for
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def _within(path: Path, folder: Path) -> str:
    """Relative where it lies below the folder, so that the folder may move."""
    whole, base = path.resolve(), folder.resolve()
    return whole.relative_to(base).as_posix() if whole.is_relative_to(base) else whole.as_posix()


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodWork:
    """A period: what was observed, what was written down, and what is wrong between the two."""

    begin: datetime
    end: datetime
    log: WorkLog
    changes: tuple[Explained, ...]  # first observed in the period
    entries: tuple[Standing, ...]  # of what happened in it
    findings: tuple[WorkFinding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """What a look at a period needs to know besides the store."""

    policy: ChangePolicy
    now: datetime
    zone: ZoneInfo
    folder: Path  # of itops.yaml: attachments are relative to it


def read_period(
    reader: Reader | None,
    rows: Iterable[LogRow],
    begin: datetime,
    end: datetime,
    looking: Looking,
    *,
    kinds: Collection[Kind] = _WATCHED,
) -> PeriodWork:
    """Put the changes observed in [begin, end) beside the log. `reader` None: nothing was scanned yet."""
    log = log_of(list(rows))
    changes = _changes(reader, begin, end, looking, kinds)
    matched = match(changes, log, looking.policy)
    entries = tuple(log.within(begin, end))
    question = Question(
        matched=matched,
        log=log,
        policy=looking.policy,
        begin=begin,
        end=end,
        now=looking.now,
        zone=looking.zone,
        attachments=_attachments(entries, looking.folder),
    )
    return PeriodWork(
        begin=begin,
        end=end,
        log=log,
        changes=tuple(one for one in matched.changes if question.is_within(one.change.at)),
        entries=entries,
        findings=judge_changes(question),
    )


def _changes(
    reader: Reader | None, begin: datetime, end: datetime, looking: Looking, kinds: Collection[Kind]
) -> list[Change]:
    """Those of the period as `itops inventory changes` tells them, and around it what came and went as a whole."""
    if reader is None:
        return []
    inside = read_changes(reader, begin, end, kinds)
    first, last = window_of(begin, end, looking.policy, looking.now)
    around = read_changes(reader, first, last, kinds)
    outside = [one for one in around if one.field is None and not begin <= one.at < end]
    return list({ref_of(one): one for one in (*inside, *outside)}.values())


def _attachments(entries: Iterable[Standing], folder: Path) -> Mapping[str, str | None]:
    paths = (one.entry.order.attachment for one in entries if one.entry.order is not None)
    return {attachment.path: hash_now(folder / attachment.path) for attachment in paths if attachment is not None}


def change_named(changes: Iterable[Explained], code: str) -> ChangeRef:
    """The observed change that is typed like that, `removed-3f9a1c2b`; raises UsageWrong."""
    found = [one.ref for one in changes if one.ref.code == code.strip().casefold()]
    if len(found) == 1:
        return found[0]
    problem = f"two changes are called {code}" if found else f"no change {code!r} was observed in this period"
    raise UsageWrong(problem, remedy="`itops changes list` shows those of a period; give it with --period")
