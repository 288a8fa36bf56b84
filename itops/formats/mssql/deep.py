"""Every payload byte of a tape under the checksums it carries; the file is read once, from end to end."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from itops.backup.contents import Content
from itops.backup.copies import Fault
from itops.backup.formats import Unprovable, damaged
from itops.facts import Fact
from itops.formats.mssql.checksums import PageTally, StreamSum, sector_sums
from itops.formats.mssql.tape import PAGE, Payload, Tape

_SECTOR = 512
_PROVEN_BUILDS = frozenset({"10.50.1600"})  # where the stream checksum was recomputed on real files: 49 of 49
_MANY = 16  # so many pages are not all damaged by chance


class Checked:
    """One payload, checked as its bytes arrive in pieces of any length."""

    def __init__(self, payload: Payload, place: str, build: str) -> None:
        self.payload = payload
        self.place = place
        self.build = build
        self.pages = PageTally()
        self._sum = StreamSum()
        self._rest = bytearray()
        self._length = 0

    def add(self, piece: memoryview) -> None:
        """The next bytes."""
        self._length += len(piece)
        if self._rest:
            taken = min(PAGE - len(self._rest), len(piece))
            self._rest += piece[:taken]
            piece = piece[taken:]
            if len(self._rest) < PAGE:
                return
            self._check(bytes(self._rest))
            self._rest.clear()
        whole = len(piece) - len(piece) % PAGE
        if whole:
            self._check(piece[:whole])
        self._rest += piece[whole:]

    def end(self) -> None:
        """No more bytes: a log need not end with a whole page."""
        whole = len(self._rest) - len(self._rest) % _SECTOR
        if whole:
            self._sum.add(sector_sums(bytes(self._rest[:whole])))

    def _check(self, block: memoryview | bytes) -> None:
        sums = sector_sums(block)
        if self.payload.checksum is not None:
            self._sum.add(sums)
        if self.payload.is_pages:
            self.pages.add(block, sums)

    @property
    def is_summed(self) -> bool:
        """Whether a stream checksum can be compared."""
        return self.payload.checksum is not None and self._length % _SECTOR == 0

    @property
    def is_right(self) -> bool:
        """Whether the stream checksum agrees."""
        return self._sum.value == self.payload.checksum

    @property
    def has_pages(self) -> bool:
        """Whether most of it looks like database pages: FILESTREAM data does not, and is not judged as such."""
        return self.pages.formatted * 2 >= self.pages.used

    @property
    def unchecked_bytes(self) -> int:
        """Used bytes under no checksum at all."""
        if self.is_summed:
            return 0
        if not self.payload.is_pages:
            return self._length
        return (self.pages.used - (self.pages.carrying if self.has_pages else 0)) * PAGE

    @property
    def wrong_pages(self) -> int:
        """Pages whose checksum disagrees."""
        return self.pages.wrong if self.has_pages else 0


def check_files(files: Sequence[Content], tapes: Sequence[Tape], tick: Callable[[], None]) -> "Judged":
    """Read each file once and check all its payloads; raises Damaged when one is no longer as long as it was."""
    found = [checked for content, tape in zip(files, tapes, strict=True) for checked in _checked(content, tape, tick)]
    return Judged(tuple(found), sum(backup.unknown_bytes for tape in tapes for backup in tape.sets))


def _checked(content: Content, tape: Tape, tick: Callable[[], None]) -> list[Checked]:
    found = [
        Checked(payload, f"{content.name}:{payload.begin}", backup.begun.build)
        for backup in tape.sets
        for payload in backup.payloads
    ]
    for checked, piece in _pieces(content, found, tick):
        checked.add(piece)
    for checked in found:
        checked.end()
    return found


def _pieces(content: Content, found: list[Checked], tick: Callable[[], None]) -> Iterator[tuple[Checked, memoryview]]:
    """What of each chunk of the file belongs to which payload, in the order of the file."""
    position = index = 0
    for chunk in content.chunks():
        tick()
        view = memoryview(chunk)
        end = position + len(view)
        while index < len(found) and (payload := found[index].payload).begin < end:
            last = payload.begin + payload.length
            yield found[index], view[max(payload.begin - position, 0) : min(last, end) - position]
            if last > end:
                break
            index += 1
        position = end
    if position != content.size_bytes:
        raise damaged("changed-while-read", content.name, size_bytes=content.size_bytes, read_bytes=position)


@dataclass(frozen=True, slots=True)
class Judged:
    """All payloads of a set of files together."""

    found: tuple[Checked, ...]
    unknown_bytes: int

    @property
    def counts(self) -> dict[str, Fact]:
        """What was checked, for the evidence."""
        carrying = 0 if self._is_foreign() else self._carrying()
        pages = [checked.pages for checked in self.found if checked.payload.is_pages]
        return {
            "pages_checked": carrying,
            "pages_without_checksum": sum(tally.used for tally in pages) - carrying,
            "pages_unused": sum(tally.pages - tally.used for tally in pages),
            "stream_checked": sum(checked.is_summed for checked in self.found),
            "unchecked_bytes": sum(checked.unchecked_bytes for checked in self.found) + self.unknown_bytes,
        }

    def faults(self) -> tuple[Fault, ...]:
        """Pages that are wrong, and streams that are wrong where that is known to mean damage.

        Not one of many pages being right means that their checksum is not the one we know: no fault.
        """
        faults = [] if self._is_foreign() else [_page_fault(checked) for checked in self.found if checked.wrong_pages]
        if faults or self._streams_are_known():
            faults += [Fault(code="stream-checksum", place=checked.place) for checked in self._wrong_streams()]
        return tuple(faults)

    def expect_enough(self) -> None:
        """Raise Unprovable where the checksums are not those we know, or do not cover everything."""
        if self._wrong_streams():
            raise Unprovable("version-unknown", version=self.found[0].build, **self.counts)
        summed = sum(checked.is_summed for checked in self.found)
        if self._is_foreign() and summed < len(self.found):
            raise Unprovable("version-unknown", version=self.found[0].build, **self.counts)
        if not self._carrying() and not summed:
            raise Unprovable("no-checksums", **self.counts)
        unsummed = [checked for checked in self.found if checked.payload.is_pages and not checked.is_summed]
        used = sum(checked.pages.used for checked in unsummed) * PAGE
        if sum(checked.unchecked_bytes for checked in unsummed) * 2 > used:
            raise Unprovable("few-checksums", **self.counts)
        if self.counts["unchecked_bytes"]:
            raise Unprovable("partly-checked", **self.counts)

    def _carrying(self) -> int:
        return sum(checked.pages.carrying for checked in self.found if checked.has_pages)

    def _is_foreign(self) -> bool:
        """Whether not one of many pages is right."""
        return self._carrying() >= _MANY and self._carrying() == sum(checked.wrong_pages for checked in self.found)

    def _wrong_streams(self) -> list[Checked]:
        return [checked for checked in self.found if checked.is_summed and not checked.is_right]

    def _streams_are_known(self) -> bool:
        """On a build where it was proven, or when another stream of this very backup agrees (and is not just zeros)."""
        return any(
            checked.build in _PROVEN_BUILDS or (checked.is_summed and checked.is_right and checked.payload.checksum)
            for checked in self.found
        )


def _page_fault(checked: Checked) -> Fault:
    number, name = checked.pages.first_wrong or (0, "")
    file, _, offset = checked.place.rpartition(":")
    return Fault(
        code="page-checksum",
        place=f"{file}:{int(offset) + number * PAGE}",
        facts={"pages": checked.wrong_pages, "first_page": name},
    )
