"""What is missing of the documents, by name, and what of it is overdue."""

from collections.abc import Iterator, Mapping
from datetime import date

from itops.facts import Fact
from itops.verdict import severity
from itops.worklog.documents import DocumentReport, DocumentStanding, Upload, UploadState
from itops.worklog.findings import WorkFinding, found


def judge_documents(
    report: DocumentReport, today: date, files: Mapping[str, str | None] | None = None
) -> tuple[WorkFinding, ...]:
    """Everything that is not done, the worst first.

    `files`: SHA-256 of the made files as they are now, by path; None: not there. A path left out was not looked at.
    """
    findings = [
        finding for one in (*report.documents, *report.yearly) for finding in _document(one, today, files or {})
    ]
    findings += [
        found("document.not-in-catalogue", name, system=system or None, period=report.period.name)
        for name, system in report.strangers
    ]
    return tuple(sorted(findings, key=lambda one: -severity(one.state)))


def _document(one: DocumentStanding, today: date, files: Mapping[str, str | None]) -> Iterator[WorkFinding]:
    if one.made is None:
        yield found(_code("document.missing", one, today), one.name, **_told(one, today))
        return
    for upload in one.uploads:
        yield from _upload(one, upload, today)
    if one.made.path in files:
        now = files[one.made.path]
        told = {"period": one.period.name, "path": one.made.path}
        if now is None:
            yield found("document.file-gone", one.name, one.made.sha256, **told)
        elif now != one.made.sha256:
            yield found("document.file-differs", one.name, one.made.sha256, **told)


def _upload(one: DocumentStanding, upload: Upload, today: date) -> Iterator[WorkFinding]:
    told = {**_told(one, today), "system": upload.system}
    if upload.state is UploadState.TO_UPLOAD:
        yield found(_code("document.not-uploaded", one, today), one.name, **told)
    elif upload.state is UploadState.OUTDATED:
        assert upload.record is not None, "what was never uploaded is not outdated"
        yield found("document.outdated", one.name, upload.record.sha256, **told)
    elif upload.record is not None and not upload.record.receipt:
        yield found("document.no-receipt", one.name, **told)


def _code(code: str, one: DocumentStanding, today: date) -> str:
    if one.is_overdue(today):
        return f"{code}-overdue"
    return "document.open" if one.is_open(today) else code


def _told(one: DocumentStanding, today: date) -> dict[str, Fact]:
    late = max((today - one.due_on).days, 0) if one.due_on is not None else None
    return {
        "period": one.period.name,
        "due_on": None if one.due_on is None else one.due_on.isoformat(),
        "late_days": late,
    }
