"""Copies: what repositories hold, as they list it and as it identifies itself. Facts only, no verdicts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from itops.facts import Fact


class CopyKind(StrEnum):
    """How much of its object a copy holds. The values are the words of itops.yaml (`kinds: [full]`)."""

    FULL = "full"
    DIFFERENTIAL = "differential"  # needs its base full
    INCREMENTAL = "incremental"  # needs everything since the last full
    LOG = "log"  # SQL Server log, PostgreSQL WAL, MariaDB binlog
    PARTIAL = "partial"  # some filegroups or tables: never the whole object
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong with a copy: a stable code, where, and numbers. Words are in reports/text ([fault])."""

    code: str  # e.g. "cut", "page-checksum", "stripe-missing"; every code is in docs/reference/backup-faults.md
    place: str = ""  # the file inside the copy, the member of the archive, the byte offset
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """How a SQL Server backup hangs on others. LSNs are decimal numbers as msdb prints them. Source: MTF MQCI, msdb."""

    first_lsn: int | None = None
    last_lsn: int | None = None
    checkpoint_lsn: int | None = None
    database_backup_lsn: int | None = None
    base_id: str | None = None  # differential base GUID, lower case
    set_id: str | None = None  # backup set GUID, lower case
    database_id: str | None = None  # database_guid / family, lower case
    fork_id: str | None = None  # recovery fork GUID
    is_copy_only: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a copy says it is: from its own header, or from the catalogue of the product that made it."""

    object: str | None = None  # database name, VM name, path: without the server
    server: str | None = None
    kind: CopyKind = CopyKind.UNKNOWN
    started_at: datetime | None = None  # aware, UTC; None where the format has no zone and none was given
    finished_at: datetime | None = None
    utc_offset_minutes: int | None = None  # the server's own, where the format tells
    made_by: str | None = None  # "Microsoft SQL Server 10.50.1600", "pg_dump 15.6"
    chain: Chain | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)  # counts, versions, stripes: shown, rarely judged


class ListedFile(NamedTuple):
    """One file of a repository. A bare tuple: listings have 200,000 of them."""

    path: str  # relative to the repository, `/` between its parts
    size_bytes: int
    modified_ns: int  # since 1970, UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One restorable file, set of stripes, folder or catalogue entry, claimed by a job."""

    repository: str
    key: str  # unique in its repository: a path, an archive name, a label, a backup set id
    fingerprint: str  # changes whenever the content may have changed; equal: nothing is read again
    job: str = ""  # the job whose copy it is; "" until claimed
    object: str | None = None  # "server/name" as its place or the catalogue tells; None: the job's only object
    kind: CopyKind = CopyKind.UNKNOWN
    size_bytes: int | None = None
    files: tuple[ListedFile, ...] = ()  # what lies in the repository under it; () for a catalogue entry
    modified_at: datetime | None = None  # of its newest file
    named_at: datetime | None = None  # the moment its file name tells, aware, UTC
    catalogue: Identity | None = None  # what the product's own catalogue tells
    faults: tuple[Fault, ...] = ()  # what the repository itself says is wrong with it
    labels: frozenset[str] = frozenset()  # tags of the product


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A database that a server really has. Source: sys.databases, pg_database, information_schema."""

    server: str  # the name used in itops.yaml
    name: str
    is_system: bool = False
    created_at: datetime | None = None
    recovery_model: str | None = None  # SQL Server: FULL, SIMPLE, BULK_LOGGED
    state: str | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)  # last_good_checkdb, database_guid, preferred_replica ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFact:
    """Something a server's own history tells of an object: a restore, a verification, a suspect page."""

    server: str
    object: str
    code: str  # "restored", "verified-only", "suspect-page"
    at: datetime | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
