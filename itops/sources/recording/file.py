"""One recording: written whole or not at all, read as it streams, never believed before its last line."""

import gzip
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest, sha256
from io import BufferedReader
from pathlib import Path
from typing import Protocol

from itops.errors import InputInvalid, SourceUnavailable, UsageWrong
from itops.inventory.entities import Kind, Observation, Seen
from itops.sources.recording import codec, compressed
from itops.sources.recording.codec import Damaged, Header, Newer, Tally

_LEVEL = 6
_RECORD_AGAIN = "record the source again, or take the file from a backup"
_NOT_OURS = "give a file that `itops inventory record` wrote; an RVTools workbook is read by a source of type rvtools"


class Redaction(Protocol):
    """What makes a recording fit for strangers; see itops.inventory.redaction."""

    def seen(self, seen: Seen) -> Seen:
        """An entity or a gap with nothing in it that tells whose it is."""
        ...

    def source(self, name: str) -> str:
        """The name of a source, replaced."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What went into a recording."""

    path: Path
    entity_counts: Mapping[Kind, int]
    gap_count: int
    size_bytes: int


def write_recording(
    observation: Observation,
    file: Path,
    *,
    itops_version: str,
    redaction: Redaction | None = None,
    on_seen: Callable[[Seen], None] | None = None,
) -> Written:
    """Write `observation` to `file`, one entity in memory at a time, 0600; `file` is replaced only at the very end.

    Whatever the observation raises passes through, and `file` is then as it was before. Raises UsageWrong when the
    place cannot be written, InputInvalid for an entity too big to be read back.
    """
    header = Header(
        source=observation.source if redaction is None else redaction.source(observation.source),
        observed_at=observation.observed_at,
        itops_version=itops_version,
        is_redacted=redaction is not None,
    )
    writer = _Writer(file)
    try:
        writer.put(codec.header_line(header))
        for thing in observation.seen:
            writer.add(thing if redaction is None else redaction.seen(thing))
            if on_seen is not None:
                on_seen(thing)
        return writer.finish()
    except BaseException:
        writer.discard()
        raise


class _Writer:
    """A new 0600 file beside the wanted one, which takes its place when it is whole and on the disk."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._tally = Tally()
        self._digest = sha256()
        with _explained(file):
            handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name[:80]}.", suffix=".part")
        self._part = Path(name)
        self._raw = os.fdopen(handle, "wb")
        self._stream = gzip.GzipFile(filename="", fileobj=self._raw, mode="wb", compresslevel=_LEVEL, mtime=0)

    def put(self, line: bytes) -> None:
        if len(line) > compressed.MAX_LINE_BYTES:
            raise InputInvalid(
                f"one entry takes {len(line):,} bytes; a recording holds {compressed.MAX_LINE_BYTES:,} at most",
                remedy="leave out what makes it so big, for example the browsing of datastores",
            )
        self._digest.update(line)
        with _explained(self._file):
            self._stream.write(line)

    def add(self, seen: Seen) -> None:
        self.put(codec.seen_line(seen))
        self._tally.add(seen)

    def finish(self) -> Written:
        self.put(codec.trailer_line(self._tally, self._digest.hexdigest()))
        with _explained(self._file):
            self._stream.close()
            self._raw.flush()
            os.fsync(self._raw.fileno())
            size_bytes = self._raw.tell()
            self._raw.close()
            self._part.replace(self._file)
        return Written(
            path=self._file,
            entity_counts=dict(self._tally.entities),
            gap_count=self._tally.gap_count,
            size_bytes=size_bytes,
        )

    def discard(self) -> None:
        # The raw file goes first: closing the gzip stream would write its end, perhaps to a full disk again.
        self._raw.close()
        self._part.unlink(missing_ok=True)


@contextmanager
def _explained(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as wrong:
        raise UsageWrong(
            f"{file} cannot be written: {wrong.strerror}",
            remedy="choose a folder that exists, that you may write to and that has space",
        ) from wrong


def read_header(file: Path) -> Header:
    """Who was asked and when; the rest of the file is not looked at. Raises InputInvalid or SourceUnavailable."""
    with _opened(file) as raw:
        return _Reader(file).header(compressed.lines_of(raw))


def read_recording(file: Path) -> Observation:
    """The observation of a file. `seen` reads as it is iterated, and raises InputInvalid where the file is damaged.

    Raises InputInvalid at once for a file that is no recording, SourceUnavailable for one that cannot be opened.
    """
    header = read_header(file)
    return Observation(
        source=header.source, observed_at=header.observed_at, seen=_seen(file), fingerprint=_fingerprint(file)
    )


def _fingerprint(file: Path) -> str:
    with _opened(file) as raw:
        try:
            return f"sha256:{file_digest(raw, 'sha256').hexdigest()}"
        except OSError as wrong:
            raise _unreadable(file, wrong) from wrong


def _seen(file: Path) -> Iterator[Seen]:
    """Everything between header and trailer; ends normally only when the trailer agrees with all of it."""
    reader = _Reader(file)
    with _opened(file) as raw:
        lines = compressed.lines_of(raw)
        reader.header(lines)
        while (seen := reader.seen(lines)) is not None:
            yield seen


class _Reader:
    """Where we are in a file, so that a complaint can say it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._line_number = 0
        self._tally = Tally()
        self._digest = sha256()

    def header(self, lines: Iterator[bytes]) -> Header:
        """The first line."""
        with self._complaining():
            line = self._next(lines)
            self._digest.update(line)
            return codec.read_header(line)

    def seen(self, lines: Iterator[bytes]) -> Seen | None:
        """The next entity or gap; None behind the last one, when the trailer is right and nothing follows it."""
        with self._complaining():
            line = self._next(lines)
            data = codec.parsed(line)
            if "end" in data:
                codec.check_trailer(data["end"], self._tally, self._digest.hexdigest())
                if next(lines, None) is not None:
                    raise Damaged("there are lines behind its end")
                return None
            self._digest.update(line)
            seen = codec.read_seen(data)
            self._tally.add(seen)
            return seen

    def _next(self, lines: Iterator[bytes]) -> bytes:
        self._line_number += 1
        line = next(lines, None)
        if line is None:
            raise Damaged("the file ends in the middle")
        return line

    @contextmanager
    def _complaining(self) -> Iterator[None]:
        try:
            yield
        except Newer as newer:
            raise InputInvalid(
                f"{self._file} is a recording of format {newer}; this itops reads up to {codec.VERSION}",
                remedy="update itops on this machine, or record the source again with this one",
            ) from newer
        except OSError as wrong:
            raise _unreadable(self._file, wrong) from wrong
        except Damaged as wrong:
            is_foreign = self._line_number == 1
            raise InputInvalid(
                f"{self._file}, line {self._line_number}: {wrong}",
                remedy=_NOT_OURS if is_foreign else _RECORD_AGAIN,
            ) from wrong


@contextmanager
def _opened(file: Path) -> Iterator[BufferedReader]:
    try:
        raw = file.open("rb")
    except OSError as wrong:
        raise _unreadable(file, wrong) from wrong
    with raw:
        yield raw


def _unreadable(file: Path, wrong: OSError) -> SourceUnavailable:
    return SourceUnavailable(
        f"the recording {file} cannot be read: {wrong.strerror}",
        remedy="check that the file is there and that you may read it",
    )
