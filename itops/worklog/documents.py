"""Which documents the systems ask for, which were made, and where each was uploaded.

One file has one hash and one state for each system. Making a document anew does not undo its uploads: they show as
outdated until the new file is uploaded there, too. Nothing is ever rewritten; the latest record counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, TypeAlias

from itops.dates import Period
from itops.worklog.periods import due_on, is_year, months_of, year_of
from itops.worklog.policy import DocumentCatalogue, DocumentPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The document of a period was made: by itops, or by hand."""

    TYPE: ClassVar[str] = "made"

    document: str
    period: str  # 1405-08, 1405
    at: datetime
    by: str
    path: str  # relative to the folder of itops.yaml where it lies below it
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """Somebody uploaded it into a system; with `is_undone`, it turned out that nobody had."""

    TYPE: ClassVar[str] = "uploaded"

    document: str
    period: str
    system: str
    at: datetime
    by: str
    sha256: str  # of the file that was made when it was uploaded
    receipt: str = ""
    is_undone: bool = False


DocumentRecord: TypeAlias = Made | Uploaded
DOCUMENT_RECORDS: Mapping[str, type[DocumentRecord]] = {cls.TYPE: cls for cls in (Made, Uploaded)}


class UploadState(StrEnum):
    """How a document stands with one system."""

    UPLOADED = "uploaded"
    OUTDATED = "outdated"  # another file was made since
    TO_UPLOAD = "to-upload"
    MISSING = "missing"  # nobody made it


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A document and one system."""

    system: str
    state: UploadState
    record: Uploaded | None = None  # the last one that was not undone


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentStanding:
    """One document of one period."""

    name: str
    policy: DocumentPolicy
    period: Period
    made: Made | None
    uploads: tuple[Upload, ...]
    due_on: date | None = None
    versions: int = 0  # how many different files were made

    @property
    def is_done(self) -> bool:
        """Made, and uploaded wherever it is asked for."""
        return self.made is not None and all(one.state is UploadState.UPLOADED for one in self.uploads)

    def is_open(self, today: date) -> bool:
        """Its period is not over: nothing is missing yet."""
        return today <= self.period.last

    def is_overdue(self, today: date) -> bool:
        """The office's own day for it has passed."""
        return self.due_on is not None and today > self.due_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """ "27 documents, monthly" can be read in two ways; both are counted."""

    kinds: int  # documents in the catalogue
    per_month: int  # those of each month
    per_year: int  # if each monthly one is made every month; the yearly ones once


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReport:
    """All documents of a period, those of its year that are made once, and records that fit no catalogue."""

    period: Period
    documents: tuple[DocumentStanding, ...]  # in the order of the catalogue; of a year, month by month
    yearly: tuple[DocumentStanding, ...]
    readings: Readings
    strangers: tuple[tuple[str, str], ...] = ()  # (document, system or "") that are no longer in the catalogue

    @property
    def done(self) -> int:
        """How many of the period's documents are made and uploaded everywhere."""
        return sum(one.is_done for one in self.documents)

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of those that nobody made; of a year each with its month."""
        is_whole = is_year(self.period)
        return tuple(
            f"{one.name} {one.period.name}" if is_whole else one.name for one in self.documents if one.made is None
        )


def readings_of(catalogue: DocumentCatalogue) -> Readings:
    """The two readings of the office's number."""
    monthly = sum(document.cadence == "monthly" for document in catalogue.documents.values())
    yearly = len(catalogue.documents) - monthly
    return Readings(kinds=monthly + yearly, per_month=monthly, per_year=monthly * 12 + yearly)


def documents_of(catalogue: DocumentCatalogue, records: Iterable[DocumentRecord], period: Period) -> DocumentReport:
    """How every document of a month or a year stands. `records` in the order they were written."""
    kept = _Kept(records)
    monthly = {name: one for name, one in catalogue.documents.items() if one.cadence == "monthly"}
    yearly = {name: one for name, one in catalogue.documents.items() if one.cadence == "yearly"}
    months = months_of(period)
    return DocumentReport(
        period=period,
        documents=tuple(_standing(name, one, month, kept) for month in months for name, one in monthly.items()),
        yearly=tuple(_standing(name, one, year_of(period), kept) for name, one in yearly.items()),
        readings=readings_of(catalogue),
        strangers=kept.strangers(catalogue, {month.name for month in months} | {year_of(period).name}),
    )


@dataclass(slots=True)
class _Kept:
    """The last word about everything."""

    records: Iterable[DocumentRecord]
    made: dict[tuple[str, str], Made] = field(default_factory=dict)
    hashes: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    uploaded: dict[tuple[str, str, str], Uploaded] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for record in self.records:
            document = record.document, record.period
            if isinstance(record, Made):
                self.made[document] = record
                self.hashes.setdefault(document, set()).add(record.sha256)
            elif record.is_undone:
                self.uploaded.pop((*document, record.system), None)
            else:
                self.uploaded[(*document, record.system)] = record

    def strangers(self, catalogue: DocumentCatalogue, periods: set[str]) -> tuple[tuple[str, str], ...]:
        """What was recorded in these periods and is asked for no more."""
        known = catalogue.documents
        found = {(name, "") for name, period in self.made if period in periods and name not in known}
        found |= {
            (name, system)
            for name, period, system in self.uploaded
            if period in periods and (name not in known or system not in known[name].systems)
        }
        return tuple(sorted(found))


def _standing(name: str, policy: DocumentPolicy, period: Period, kept: _Kept) -> DocumentStanding:
    made = kept.made.get((name, period.name))
    return DocumentStanding(
        name=name,
        policy=policy,
        period=period,
        made=made,
        uploads=tuple(
            _upload(made, system, kept.uploaded.get((name, period.name, system))) for system in policy.systems
        ),
        due_on=None if policy.due is None else due_on(period, policy.due),
        versions=len(kept.hashes.get((name, period.name), ())),
    )


def _upload(made: Made | None, system: str, record: Uploaded | None) -> Upload:
    if made is None:
        state = UploadState.MISSING
    elif record is None:
        state = UploadState.TO_UPLOAD
    else:
        state = UploadState.UPLOADED if record.sha256 == made.sha256 else UploadState.OUTDATED
    return Upload(system=system, state=state, record=record)


def of_report(catalogue: DocumentCatalogue, report: str) -> Sequence[str]:
    """The documents that a report of itops is, by name: what is made as soon as that report is."""
    return [name for name, document in catalogue.documents.items() if document.report == report]
