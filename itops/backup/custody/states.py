"""What is known of one medium, and how each entry changes that."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from itops.backup.custody.records import (
    Added,
    Entry,
    Incident,
    ManifestFile,
    MediumRead,
    Moved,
    Received,
    Reconciled,
    Retired,
    Sealed,
    Written,
)

_LOST_CONTENT = frozenset({"lost", "unreadable", "wrong-medium"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIncident:
    """An incident that nobody closed."""

    number: int  # of its row
    incident: Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class MediumState:
    """Where a medium is now: in exactly one place, or in exactly one hand-over."""

    added: Added
    place: str  # where it lies; while it is carried, where it came from
    since: datetime  # when it came there, or left it
    last_at: datetime  # of its last entry
    device_serial: str = ""  # as a machine told it
    file_system_uuid: str = ""
    transit: Moved | None = None  # out without in
    received: Received | None = None  # the last arrival
    is_elsewhere: bool = False  # it arrived neither where it was sent nor where it came from
    seal: str = ""  # the number of the seal that closes it now
    is_seal_broken: bool = False  # it arrived with a broken seal, and nobody has read it since
    is_not_found: bool = False  # the last count of its place did not find it, and nobody has had it in hand since
    written: Written | None = None
    passes: int = 0  # how often it was written
    last_read: MediumRead | None = None
    key_proven_at: datetime | None = None  # last opened with the key from its escrow
    retired: Retired | None = None
    incidents: tuple[OpenIncident, ...] = ()

    @property
    def medium(self) -> str:
        """Its id."""
        return self.added.medium

    @property
    def is_in_transit(self) -> bool:
        """Whether it was handed out and has not come in."""
        return self.transit is not None

    @property
    def is_failed(self) -> bool:
        """Whether nothing on it may be counted on: an open incident says so."""
        return any(held.incident.what in _LOST_CONTENT for held in self.incidents)

    @property
    def read_since_written(self) -> MediumRead | None:
        """The last test read of what is on it now."""
        if self.last_read is None or self.written is None or self.last_read.at < self.written.at:
            return None
        return self.last_read

    @property
    def condition(self) -> str:
        """In one word, as registers of media have it."""
        if self.retired is not None:
            return "lost" if self.retired.method == "lost" else "retired"
        if self.is_in_transit:
            return "in-transit"
        last = self.read_since_written
        if self.incidents or self.is_seal_broken or (last is not None and not last.is_good):
            return "quarantined"
        if self.written is None:
            return "blank"
        return "sealed" if self.seal else "written"

    def files(self) -> tuple[ManifestFile, ...]:
        """What the last manifest says is on it."""
        return self.written.files if self.written is not None else ()

    def sound_files(self) -> Iterator[ManifestFile]:
        """The files that can be counted on: none of a lost medium, none that the last test read could not confirm.

        None either of a medium that two persons looked for in its place and did not find.
        """
        if self.is_failed or self.is_not_found or self.retired is not None:
            return
        last = self.read_since_written
        bad = {file.name for file in last.bad} if last is not None else set()
        yield from (file for file in self.files() if file.name not in bad and not file.faults)


def begun(entry: Added) -> MediumState:
    """A medium that just came."""
    return MediumState(
        added=entry,
        place=entry.place,
        since=entry.at,
        last_at=entry.at,
        device_serial=entry.device_serial,
        file_system_uuid=entry.file_system_uuid,
    )


def after(state: MediumState, number: int, entry: Entry) -> MediumState:
    """The medium after an entry that nothing speaks against."""
    change = _CHANGES.get(type(entry))
    changed = state if change is None else change(state, number, entry)
    is_still_lost = state.is_not_found and isinstance(entry, Incident) and entry.closes is None
    return replace(changed, last_at=entry.at, is_not_found=is_still_lost)


def counted(state: MediumState, entry: Reconciled) -> MediumState:
    """The medium after its place was counted; where it was told of later than that, the count says nothing."""
    if state.medium in entry.found:
        return replace(state, is_not_found=False)
    is_missing = state.medium in entry.missing and state.last_at <= entry.at
    return replace(state, is_not_found=True) if is_missing else state


def _written(state: MediumState, number: int, entry: Written) -> MediumState:
    return replace(
        state,
        written=entry,
        passes=state.passes + 1,
        seal="",
        is_seal_broken=False,
        device_serial=state.device_serial or entry.device_serial,
        file_system_uuid=entry.file_system_uuid or state.file_system_uuid,
    )


def _sealed(state: MediumState, number: int, entry: Sealed) -> MediumState:
    return replace(state, seal=entry.seal)


def _moved(state: MediumState, number: int, entry: Moved) -> MediumState:
    return replace(state, transit=entry, since=entry.at)


def _received(state: MediumState, number: int, entry: Received) -> MediumState:
    sent = state.transit
    is_broken = entry.is_seal_intact is False
    return replace(
        state,
        transit=None,
        received=entry,
        place=entry.place,
        since=entry.at,
        is_elsewhere=sent is not None and entry.place not in (sent.destination, sent.origin),
        seal="" if is_broken else state.seal,
        is_seal_broken=state.is_seal_broken or is_broken,
    )


def _read(state: MediumState, number: int, entry: MediumRead) -> MediumState:
    return replace(
        state,
        last_read=entry,
        seal="",
        is_seal_broken=state.is_seal_broken and not entry.is_good,
        key_proven_at=entry.at if entry.is_key_from_escrow else state.key_proven_at,
    )


def _retired(state: MediumState, number: int, entry: Retired) -> MediumState:
    return replace(state, retired=entry)


def _incident(state: MediumState, number: int, entry: Incident) -> MediumState:
    return replace(state, incidents=with_incident(state.incidents, number, entry))


def with_incident(open_ones: tuple[OpenIncident, ...], number: int, entry: Incident) -> tuple[OpenIncident, ...]:
    """The incidents that are open after one more was told, or one was closed."""
    if entry.closes is None:
        return (*open_ones, OpenIncident(number=number, incident=entry))
    return tuple(held for held in open_ones if held.number != entry.closes)


_CHANGES: Mapping[type[Entry], Callable[[MediumState, int, Any], MediumState]] = {
    Written: _written,
    Sealed: _sealed,
    Moved: _moved,
    Received: _received,
    MediumRead: _read,
    Retired: _retired,
    Incident: _incident,
}
