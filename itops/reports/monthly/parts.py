"""The parts of the report. Frozen rows of codes, numbers, moments and names; nothing here is a sentence.

Moments are aware UTC, days are Gregorian dates; composing turns them into the office's calendar. `Names` are texts
that people of the office wrote, in one or both languages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from itops.facts import Fact
from itops.names import Names
from itops.reports.monthly.figures import Evidence, Figure
from itops.verdict import State


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """On whose word something was done; an empty letter number is shown as missing."""

    issuer: str
    letter_no: str = ""
    on: date | None = None
    has_attachment: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRow:
    """One server of the technical file, as last known at the period's end."""

    id: str  # instance UUID of a VM, hardware UUID of a host, id of an asset that no scan knows
    name: str
    kind: str  # "physical" or "virtual"
    roles: tuple[str, ...] = ()
    is_powered_on: bool | None = None
    guest_os: str = ""
    addresses: tuple[str, ...] = ()
    cpu_count: int | None = None
    memory_bytes: int | None = None
    disk_bytes: int | None = None
    host: str = ""  # of a VM
    cluster: str = ""
    vendor: str = ""  # of a physical one, as the next
    model: str = ""
    serial: str = ""
    version: str = ""  # of ESX, with the build
    asset_id: str = ""  # in the hardware register
    site: str = ""
    created_at: datetime | None = None
    tools: str = ""  # the state of VMware Tools, the API's own word
    source: str = ""  # who saw it; "register": nobody did
    seen_at: datetime | None = None
    missing: tuple[str, ...] = ()  # names of fields that headquarters asks for and nobody told: "serial", "host"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One observed change of a server, and what people wrote of it."""

    code: str  # removed-3f9a1c2b
    kind: str  # "vm", "host"
    id: str
    name: str
    action: str  # itops.inventory.facts.Action
    at: datetime  # when it was first observed
    field: str = ""
    before: str | int | float | bool | None = None
    after: str | int | float | bool | None = None
    entries: tuple[int, ...] = ()  # numbers in the change log
    what: tuple[Names, ...] = ()  # what those say
    order: OrderRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeedRow:
    """One entry of the change log that happened in the period."""

    number: int
    kind: str  # itops.worklog.entries.WorkKind
    at: datetime
    what: Names
    by: str
    subjects: tuple[str, ...] = ()
    count: int = 1
    order: OrderRow | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerPart:
    """Servers at the period's end and what happened to them in it."""

    rows: tuple[ServerRow, ...] = ()  # physical first, then virtual, by name
    changes: tuple[ChangeRow, ...] = ()  # by moment
    deeds: tuple[DeedRow, ...] = ()  # by moment
    figures: tuple[Figure, ...] = ()
    findings: tuple["FindingRow", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """Something wrong that a room found; `code` has words in the table `table` of the word files."""

    room: str  # "servers", "changes", "backup", "custody", "hardware", "documents", "services", "sources"
    table: str  # "health", "worklog", "document", "service", "backup", "slot", "custody", "asset", "report"
    code: str
    subject: str
    state: State
    since: datetime | None = None  # when it began, where that is known
    owner: str = ""  # who answers for it, where something says so
    facts: Mapping[str, Fact] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow:
    """One place, as the register names it."""

    id: str  # "" for assets without a place
    name: Names | None = None
    is_head: bool = False  # the head office; the others are county offices


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetRow:
    """One item of the annex."""

    id: str
    kind: str  # itops.assets.records.AssetKind
    status: str
    site: str
    place: str = ""  # building, room
    vendor: str = ""
    model: str = ""
    serial: str = ""
    asset_tag: str = ""
    holder: str = ""
    is_held: bool = False  # somebody took charge of it, also where no name may be told
    bought_on: date | None = None
    warranty_until: date | None = None
    verified_on: date | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetChangeRow:
    """One change of the register in the period."""

    asset: str
    what: str  # "added", "removed", "retired", "moved", "changed"
    at: datetime
    field: str = ""
    before: str = ""
    after: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwarePart:
    """The register at the period's end, and what changed in it."""

    sites: tuple[SiteRow, ...] = ()
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # kind -> site id -> items in keeping
    statuses: Mapping[str, int] = field(default_factory=dict)
    items: tuple[AssetRow, ...] = ()
    changes: tuple[AssetChangeRow, ...] = ()
    figures: tuple[Figure, ...] = ()
    findings: tuple[FindingRow, ...] = ()
    registered_in: tuple[Names, ...] = ()  # systems of headquarters whose list of this period held all that is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRow:
    """What became of one demanded copy."""

    job: str
    object: str
    tier: str  # daily, weekly, monthly
    slot: str  # its name in the office's calendar
    on: date  # its first day
    state: str  # itops.backup.slots.SlotState
    reason: str
    level: int | None = None  # the proof reached, 0 to 7
    needed: int | None = None
    copy_at: datetime | None = None
    copy_key: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """One object of one job, counted over the period."""

    job: str
    object: str
    is_database: bool
    owner: str = ""
    state: State = State.UNKNOWN
    tiers: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # tier -> slot state -> slots
    newest_at: datetime | None = None  # the newest copy that could be restored at the period's end
    level: int | None = None  # the proof of that copy
    restored_at: datetime | None = None  # the last good restore test up to the period's end
    restore_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillRow:
    """One restore test of the period."""

    job: str
    object: str
    at: datetime
    seconds: float
    into: str
    is_good: bool
    answer: float | None = None
    question: str = ""
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositRow:
    """One copy that must lie off-site, or does."""

    place: str
    month: str  # the period its slot belongs to: 1405-08
    job: str
    object: str
    slot: str
    is_deposited: bool
    is_late: bool = False  # its last day passed without it
    media: tuple[str, ...] = ()
    received_at: datetime | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverRow:
    """One database or VM and who backs it up."""

    object: str
    kind: str
    cover: str  # itops.backup.coverage.Cover
    jobs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupPart:
    """The backups of the period: every demanded slot, what was proven, what lies off-site."""

    jobs: tuple[JobRow, ...] = ()
    slots: tuple[SlotRow, ...] = ()  # by job, object, tier, day
    days: tuple[date, ...] = ()  # of the period, for the calendar
    levels: Mapping[str, int] = field(default_factory=dict)  # "0".."7" -> copies at hand, at the period's end
    drills: tuple[DrillRow, ...] = ()
    deposits: tuple[DepositRow, ...] = ()
    places: Mapping[str, Names] = field(default_factory=dict)  # place of custody -> its name
    covers: tuple[CoverRow, ...] = ()
    lists_databases: bool = False  # whether any server told which databases it has: only then is "all" a claim
    has_old_lists: bool = False  # some server told so before the period alone: it may have others by now
    figures: tuple[Figure, ...] = ()
    findings: tuple[FindingRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRow:
    """One document and one system."""

    system: str
    state: str  # itops.worklog.documents.UploadState
    on: date | None = None
    receipt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """One document of one period."""

    name: str
    title: Names
    period: str
    cadence: str
    report: str = ""  # which report of itops it is: "monthly"
    is_made: bool
    made_on: date | None = None
    path: str = ""
    sha256: str = ""
    uploads: tuple[UploadRow, ...] = ()
    due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """One service of the catalogue."""

    key: str
    title: Names
    service_id: str = ""
    state: State = State.OK
    rpo_seconds: float | None = None
    rto_seconds: float | None = None
    plan_seconds: float | None = None  # what the backup plan can lose at most
    measured_seconds: float | None = None  # the slowest last good restore; None: not tested
    databases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperPart:
    """Documents, the systems that ask for them, services, meetings and letters."""

    systems: Mapping[str, Names] = field(default_factory=dict)
    documents: tuple[DocumentRow, ...] = ()
    services: tuple[ServiceRow, ...] = ()
    figures: tuple[Figure, ...] = ()
    findings: tuple[FindingRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One input and how it stood at the period's end."""

    name: str
    kind: str  # "source", "repository", "register", "plan", "log"
    state: str  # itops.inventory.freshness.Freshness, "complete", "failed", "absent"
    seen_at: datetime | None = None  # of the last whole look before the period's end
    looks: int = 0  # whole looks within the period
    tool: str = ""  # RVTools 4.4.1, say
    file: str = ""  # of a source that is a file, as the next
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GapRow:
    """What an input could not see."""

    source: str
    subject: str
    code: str
    problem: str  # English, as the collector said it
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityPart:
    """Which inputs there were, and what they did not show."""

    sources: tuple[SourceRow, ...] = ()
    gaps: tuple[GapRow, ...] = ()
    figures: tuple[Figure, ...] = ()
    findings: tuple[FindingRow, ...] = ()
