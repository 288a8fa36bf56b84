"""What is written into the register of custody: one frozen record for each kind of thing that happens to a medium.

Entries are facts as they were told. None is ever changed: a mistake is put right by a later entry. Persons are names
as they were given. `at` carries the zone it was told in; when it was written down, the register itself knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar, Literal, NamedTuple, TypeAlias

from itops.backup.levels import Level
from itops.facts import Fact

MediumKind: TypeAlias = Literal["hdd", "ssd", "flash", "lto"]
Reason: TypeAlias = Literal["rotation", "restore-test", "incident", "other"]
Method: TypeAlias = Literal["clear", "purge", "destroy", "lost"]
"""How a medium ended: the words of SP 800-88, and that nobody has it."""
Mishap: TypeAlias = Literal["lost", "seal-broken", "unreadable", "wrong-medium", "register-broken", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What every entry has."""

    KIND: ClassVar[str] = "entry"

    at: datetime  # when it happened, aware
    by: str  # who did it; in a movement, who handed the medium over
    medium: str = ""  # its id; "" for what concerns the whole register
    witness: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added(Entry):
    """A medium came into the office's keeping."""

    KIND: ClassVar[str] = "added"

    kind: MediumKind = "hdd"
    place: str = ""
    maker: str = ""
    model: str = ""
    serial: str = ""  # as its label has it
    device_serial: str = ""  # as the machine told; a USB case tells its own
    capacity_bytes: int | None = None
    file_system: str = ""
    file_system_uuid: str = ""
    first_used_on: date | None = None
    end_of_life_on: date | None = None
    classification: str = ""
    owner: str = ""
    encryption: str = ""  # the method; "" for none
    key_id: str = ""
    key_escrow: str = ""  # where the key is kept, as told; a place of custody where it is one


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestFile:
    """One file on a medium, and what of the ledger it is a copy of."""

    name: str  # relative to the medium, `/` between its parts
    size_bytes: int
    sha256: str
    job: str = ""  # "" : no job's
    object: str = ""
    slots: tuple[str, ...] = ()  # that it fills off-site: 1405-08
    made_at: datetime | None = None  # by its header or the ledger
    level: Level | None = None  # reached before the medium was sealed
    matched_by: Literal["", "sha256", "header", "names", "told"] = ""
    faults: tuple[str, ...] = ()  # codes of what was found wrong with it


@dataclass(frozen=True, slots=True, kw_only=True)
class Written(Entry):
    """What was found on the medium after it was written, byte by byte."""

    KIND: ClassVar[str] = "written"

    files: tuple[ManifestFile, ...] = ()
    manifest_hash: str = ""
    free_bytes: int | None = None
    device_serial: str = ""  # as the machine told; "" where it does not
    file_system_uuid: str = ""
    machine: str = ""
    tool_version: str = ""
    opened_seal: str = ""  # the number on the seal that was opened for it
    is_reformatted: bool = False  # its file system is a new one, and so has another UUID
    retention_until: date | None = None  # the last day its content must be kept
    is_cache_dropped: bool = False  # the bytes came from the medium, not from the machine's memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed(Entry):
    """The medium was closed under a numbered seal."""

    KIND: ClassVar[str] = "sealed"

    seal: str
    container: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Entry):
    """The medium left a place: out of one hand, `by`, into another, `to`."""

    KIND: ClassVar[str] = "moved"

    origin: str
    destination: str
    to: str
    carrier: str = ""
    container: str = ""
    seal: str = ""
    reason: Reason = "rotation"
    receipt: str = ""  # number of the receipt
    manifest_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received(Entry):
    """The medium came into a place: out of the hand of `by`, into that of `to`."""

    KIND: ClassVar[str] = "received"

    place: str
    to: str
    is_seal_intact: bool | None = None  # None: it had no seal
    seal: str = ""  # the number that was read on it
    container: str = ""
    box: str = ""
    receipt: str = ""
    receipt_hash: str = ""  # the manifest hash as the paper has it, or its beginning
    visit: str = ""  # the reference in the bank's own log
    scan_sha256: str = ""  # of the signed receipt, scanned
    device_serial: str = ""  # as the machine told, where it was mounted
    file_system_uuid: str = ""


class BadFile(NamedTuple):
    """A file that a test read could not confirm."""

    name: str
    outcome: str  # "differs", "missing", "unreadable", "size-differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class MediumRead(Entry):
    """Every file was read back and compared with the manifest."""

    KIND: ClassVar[str] = "test-read"

    place: str = ""
    machine: str = ""
    manifest_hash: str = ""
    files: int = 0
    read_bytes: int = 0
    seconds: float = 0.0
    bad: tuple[BadFile, ...] = ()
    unlisted: tuple[str, ...] = ()  # files on the medium that the manifest does not know, some of them
    unlisted_count: int = 0
    doubts: tuple[str, ...] = ()  # "register-behind", "manifest-differs": what the medium says of the register
    device_serial: str = ""
    file_system_uuid: str = ""
    opened_seal: str = ""
    is_key_from_escrow: bool = False  # the medium was opened with the key out of its escrow
    is_cache_dropped: bool = False
    counters: Mapping[str, Fact] = field(default_factory=dict)  # SMART or LTO error counters, as told

    @property
    def is_good(self) -> bool:
        """Whether every file of the manifest was read and is the same."""
        return not self.bad


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled(Entry):
    """Two persons counted what lies in a place. `by` and `witness` are the two."""

    KIND: ClassVar[str] = "reconciled"

    place: str
    found: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()  # the register says they lie there
    unexpected: tuple[str, ...] = ()  # they lie there, and the register says otherwise
    action: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retired(Entry):
    """The medium is used no more."""

    KIND: ClassVar[str] = "retired"

    method: Method
    certificate: str = ""
    verification: str = ""  # how it was made sure that nothing is left on it
    manifest_hash: str = ""  # of its content at that time
    although: str = ""  # why, though slots were still on it alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident(Entry):
    """Something went wrong with a medium or the register; or, with `closes`, it was dealt with."""

    KIND: ClassVar[str] = "incident"

    what: Mishap
    data: str = ""  # which classes of data are concerned
    is_encrypted: bool | None = None
    action: str = ""
    closes: int | None = None  # the number of the entry that told of it
    facts: Mapping[str, Fact] = field(default_factory=dict)


KINDS: Mapping[str, type[Entry]] = {
    kind.KIND: kind for kind in (Added, Written, Sealed, Moved, Received, MediumRead, Reconciled, Retired, Incident)
}

_1970 = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the register, exactly as it is kept; its hash covers every other column."""

    number: int  # 1, 2, 3 ...
    recorded_micros: int  # since 1970, UTC
    medium: str
    document: str  # the entry as canonical JSON
    previous_hash: str
    hash: str
    entry: Entry | None  # None: of a kind that a newer itops wrote, or not readable at all

    @property
    def recorded_at(self) -> datetime | None:
        """When it was written down; None for a moment that no calendar has: a forged row."""
        try:
            return _1970 + timedelta(microseconds=self.recorded_micros)
        except OverflowError:
            return None
