"""Track the documents that systems ask for: which file was made, and where it was uploaded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from itops.dates import Period
from itops.errors import UsageWrong
from itops.tasks.keep_worklog import attached, hash_now
from itops.worklog.document_findings import judge_documents
from itops.worklog.documents import (
    DocumentRecord,
    DocumentReport,
    DocumentStanding,
    Made,
    Uploaded,
    UploadState,
    documents_of,
)
from itops.worklog.findings import WorkFinding
from itops.worklog.periods import is_year, year_of
from itops.worklog.policy import DocumentCatalogue, DocumentPolicy


class KeepsDocuments(Protocol):
    """The records where they are kept: `Store.worklog`."""

    def record_document(self, record: DocumentRecord, recorded_at: datetime) -> None:
        """One more thing that became of a document."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodDocuments:
    """The documents of a period and what is wrong with them."""

    report: DocumentReport
    findings: tuple[WorkFinding, ...]


def read_documents(
    catalogue: DocumentCatalogue, records: Iterable[DocumentRecord], period: Period, today: date, folder: Path
) -> PeriodDocuments:
    """How they stand; the files that were made are hashed again. `folder`: where itops.yaml lies."""
    report = documents_of(catalogue, records, period)
    findings = judge_documents(report, today, _files((*report.documents, *report.yearly), folder))
    return PeriodDocuments(report=report, findings=findings)


def _files(standing: Iterable[DocumentStanding], folder: Path) -> Mapping[str, str | None]:
    paths = {one.made.path for one in standing if one.made is not None}
    return {path: hash_now(folder / path) for path in sorted(paths)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Registrar:
    """Writes down what becomes of documents."""

    store: KeepsDocuments
    catalogue: DocumentCatalogue
    records: tuple[DocumentRecord, ...]  # so far
    folder: Path
    now: datetime

    def made(self, name: str, period: Period, file: Path, by: str, at: datetime | None = None) -> Made:
        """A document was made; raises UsageWrong for one that nobody asks for, InputInvalid for an unreadable file."""
        wanted = self._period(name, period)
        found = attached(file, self.folder)
        record = Made(
            document=name,
            period=wanted.name,
            at=at or self.now,
            by=_named(by),
            path=found.path,
            sha256=found.sha256,
            size_bytes=found.size_bytes,
        )
        self.store.record_document(record, self.now)
        return record

    def uploaded(
        self,
        name: str,
        period: Period,
        system: str,
        by: str,
        *,
        receipt: str = "",
        at: datetime | None = None,
        is_undone: bool = False,
    ) -> Uploaded:
        """It was uploaded into a system; raises UsageWrong when it was never made, or that system never asks for it."""
        wanted = self._period(name, period)
        policy = self._policy(name)
        if system not in policy.systems:
            known = ", ".join(policy.systems) or "(none)"
            raise UsageWrong(f"{system!r} does not ask for {name}", remedy=f"use one of: {known}")
        standing = self._standing(name, wanted)
        if standing.made is None:
            raise UsageWrong(
                f"{name} of {wanted.name} was never made", remedy=f"first: itops report documents made {name} --file F"
            )
        if is_undone and not any(one.system == system and one.record is not None for one in standing.uploads):
            raise UsageWrong(f"{name} of {wanted.name} is not uploaded to {system}", remedy="there is nothing to undo")
        record = Uploaded(
            document=name,
            period=wanted.name,
            system=system,
            at=at or self.now,
            by=_named(by),
            sha256=standing.made.sha256,
            receipt=receipt,
            is_undone=is_undone,
        )
        self.store.record_document(record, self.now)
        return record

    def _policy(self, name: str) -> DocumentPolicy:
        policy = self.catalogue.documents.get(name)
        if policy is None:
            known = ", ".join(self.catalogue.documents) or "(none)"
            raise UsageWrong(f"there is no document {name!r}", remedy=f"use one of: {known}")
        return policy

    def _period(self, name: str, period: Period) -> Period:
        """A monthly document is of a month; a yearly one of the year that the month lies in."""
        if self._policy(name).cadence == "yearly":
            return year_of(period)
        if is_year(period):
            raise UsageWrong(f"{name} is made each month", remedy=f"give the month: --period {period.name}-01")
        return period

    def _standing(self, name: str, period: Period) -> DocumentStanding:
        report = documents_of(self.catalogue, self.records, period)
        return next(one for one in (*report.documents, *report.yearly) if one.name == name)


def _named(by: str) -> str:
    if not by.strip():
        raise UsageWrong("nobody is named who did it", remedy="give a name: --by NAME")
    return by


def counts_of(report: DocumentReport) -> Mapping[UploadState, int]:
    """How many uploads are in each state."""
    counts = dict.fromkeys(UploadState, 0)
    for one in report.documents:
        for upload in one.uploads:
            counts[upload.state] += 1
    return counts
