"""The papers of the report: the documents that systems ask for, where they were uploaded, and the services.

A document that is this very report is made by being built: it says so whether or not anybody recorded it yet, and it
shows neither a file nor a hash, or recording it would make it another file.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from itops.backup.drilling import is_good
from itops.dates import Period, parse_period
from itops.reports.monthly.figures import Evidence, Figure, count_of, ratio_of
from itops.reports.monthly.hardware import since_of
from itops.reports.monthly.parts import DocumentRow, FindingRow, PaperPart, ServiceRow, UploadRow
from itops.verdict import State
from itops.worklog.documents import DocumentReport, DocumentStanding, Upload, UploadState
from itops.worklog.findings import WorkFinding
from itops.worklog.periods import is_year
from itops.worklog.policy import DocumentCatalogue
from itops.worklog.services import ServiceVerdict

_WITH_THE_PERIODS_END = frozenset({"document.missing", "document.not-uploaded"})
"""What begins to be wrong when the document's own period is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFacts:
    """What the paper part is made of."""

    period: Period
    today: date  # of the period: what services were judged to
    judged_on: date  # what documents were judged to
    zone: ZoneInfo
    catalogue: DocumentCatalogue = field(default_factory=DocumentCatalogue)
    documents: DocumentReport | None = None  # None: nobody asks for any
    judged: tuple[WorkFinding, ...] = ()  # of the documents
    services: tuple[ServiceVerdict, ...] = ()
    own_reports: tuple[str, ...] = ("monthly", "yearly")  # what `report:` of a document may call this report


def paper_part(facts: PaperFacts) -> PaperPart:
    """Documents and services as they stood: documents of the months first, then those of the year."""
    told = () if facts.documents is None else (*facts.documents.documents, *facts.documents.yearly)
    rows = tuple(_document_row(one, facts) for one in told)
    made_at = {_ref(row): one.made.at for row, one in zip(rows, told, strict=True) if one.made and row.path}
    return PaperPart(
        systems=facts.catalogue.systems,
        documents=rows,
        services=tuple(map(_service_row, facts.services)),
        figures=(*_document_figures(facts, rows, made_at), *_service_figures(facts.services)),
        findings=(*_document_findings(facts, rows), *_service_findings(facts)),
    )


def _is_this_report(one: DocumentStanding, facts: PaperFacts) -> bool:
    return one.policy.report in facts.own_reports and one.period.name == facts.period.name


def _document_row(one: DocumentStanding, facts: PaperFacts) -> DocumentRow:
    is_own = _is_this_report(one, facts)
    made = None if is_own else one.made
    return DocumentRow(
        name=one.name,
        title=one.policy.title,
        period=one.period.name,
        cadence=one.policy.cadence,
        report=one.policy.report or "",
        is_made=is_own or made is not None,
        made_on=None if made is None else made.at.astimezone(facts.zone).date(),
        path="" if made is None else made.path,
        sha256="" if made is None else made.sha256,
        uploads=tuple(_upload_row(upload, facts.zone, is_made=is_own) for upload in one.uploads),
        due_on=one.due_on,
    )


def _upload_row(upload: Upload, zone: ZoneInfo, *, is_made: bool) -> UploadRow:
    record = upload.record
    state = UploadState.TO_UPLOAD if is_made and upload.state is UploadState.MISSING else upload.state
    return UploadRow(
        system=upload.system,
        state=state.value,
        on=None if record is None else record.at.astimezone(zone).date(),
        receipt="" if record is None else record.receipt,
    )


def _ref(row: DocumentRow) -> str:
    return f"{row.name} {row.period}"


def _is_uploaded(upload: UploadRow) -> bool:
    return upload.state == UploadState.UPLOADED


def _is_done(row: DocumentRow) -> bool:
    return row.is_made and all(map(_is_uploaded, row.uploads))


def _document_figures(
    facts: PaperFacts, rows: Sequence[DocumentRow], made_at: Mapping[str, datetime]
) -> Iterator[Figure]:
    """Numbers of the period: a month owes nothing that is made once a year. A missing one is evidence, too."""
    if facts.documents is None:
        yield from _no_documents(facts.catalogue.systems)
        return
    asked = [row for row in rows if row.cadence == "monthly" or is_year(facts.period)]
    behind = [Evidence(kind="document", ref=_ref(row), at=made_at.get(_ref(row)), note=_stage(row)) for row in asked]
    yield count_of("documents.wanted", behind)
    yield _share("documents.made", (row.is_made for row in asked), behind)
    yield from _upload_figures(facts, asked)
    yield _share("documents.done", map(_is_done, asked), behind)
    yield from _readings(facts.catalogue, facts.documents)


def _no_documents(systems: Iterable[str]) -> Iterator[Figure]:
    for name in ("wanted", "kinds", "per_month", "per_year"):
        yield Figure(id=f"documents.{name}", value=None, reason="no-catalogue")
    for name in ("made", "uploaded", "done", *(f"system.{system}" for system in systems)):
        yield Figure(id=f"documents.{name}", value=None, unit="ratio", reason="no-catalogue")


def _stage(row: DocumentRow) -> str:
    """How far it came, in a word."""
    if not row.is_made:
        return "missing"
    return "done" if _is_done(row) else "made"


def _share(figure_id: str, answers: Iterable[bool], behind: Sequence[Evidence]) -> Figure:
    """Of all that is asked for, evidence for those that are not so with it."""
    return ratio_of(figure_id, sum(answers), len(behind), behind, reason="none-asked")


def _upload_figures(facts: PaperFacts, asked: Iterable[DocumentRow]) -> Iterator[Figure]:
    """Counted by document and system: one file that three systems ask for is three uploads."""
    pairs = [(row, upload) for row in asked for upload in row.uploads]
    yield _uploaded("documents.uploaded", pairs)
    for system in facts.catalogue.systems:
        yield _uploaded(f"documents.system.{system}", [pair for pair in pairs if pair[1].system == system])


def _uploaded(figure_id: str, pairs: Sequence[tuple[DocumentRow, UploadRow]]) -> Figure:
    behind = [Evidence(kind="document", ref=f"{_ref(row)} {upload.system}", note=upload.state) for row, upload in pairs]
    return _share(figure_id, (_is_uploaded(upload) for _, upload in pairs), behind)


def _readings(catalogue: DocumentCatalogue, report: DocumentReport) -> Iterator[Figure]:
    """The two readings of "27 documents, monthly"."""
    every = [
        Evidence(kind="setting", ref=f"report.documents.{name}", note=one.cadence)
        for name, one in catalogue.documents.items()
    ]
    yield count_of("documents.kinds", every)
    yield count_of("documents.per_month", (one for one in every if one.note == "monthly"))
    yield Figure(id="documents.per_year", value=report.readings.per_year, evidence=tuple(every))


def _document_findings(facts: PaperFacts, rows: Iterable[DocumentRow]) -> Iterator[FindingRow]:
    """What is worse than advice. Of this very report nothing: it cannot be uploaded before it is built."""
    own = {row.name for row in rows if row.report in facts.own_reports and row.period == facts.period.name}
    for one in facts.judged:
        if one.state is State.OK or (one.subject in own and one.facts.get("period") == facts.period.name):
            continue
        period, system = (str(one.facts.get(name) or "") for name in ("period", "system"))
        yield FindingRow(
            room="documents",
            table="document",
            code=one.code,
            subject=one.subject,
            state=one.state,
            since=_document_since(one, facts),
            facts=one.facts,
            evidence=(Evidence(kind="document", ref=" ".join(filter(None, (one.subject, period, system)))),),
        )


def _document_since(one: WorkFinding, facts: PaperFacts) -> datetime | None:
    late = since_of(one.facts, facts.judged_on, facts.zone)
    if late is not None or one.code not in _WITH_THE_PERIODS_END:
        return late
    return parse_period(str(one.facts["period"])).moments(facts.zone)[1]


def _service_row(one: ServiceVerdict) -> ServiceRow:
    service = one.service
    losses = [None if each.promise is None else each.promise.loses.total_seconds() for each in one.recoveries]
    known = [loss for loss in losses if loss is not None]
    return ServiceRow(
        key=one.key,
        title=service.title,
        service_id=service.service_id or "",
        state=one.state,
        rpo_seconds=None if service.rpo is None else service.rpo.total_seconds(),
        rto_seconds=None if service.rto is None else service.rto.total_seconds(),
        # A database that no job promises anything of may lose all: then there is no number for the service.
        plan_seconds=max(known) if known and len(known) == len(losses) else None,
        measured_seconds=None if one.measured is None else one.measured.total_seconds(),
        databases=service.depends_on.databases,
    )


def _service_figures(services: Sequence[ServiceVerdict]) -> Iterator[Figure]:
    if not services:
        yield Figure(id="services.total", value=None, reason="no-services")
    else:
        yield count_of("services.total", map(_service_behind, services))
    # An RTO of what has no database is nothing that a restore could measure.
    promised = [one for one in services if one.service.rto is not None and one.recoveries]
    tested = [one for one in promised if one.measured is not None]
    why = "no-rto" if services else "no-services"
    restores = [each for one in tested for each in _restores(one)]
    yield ratio_of("services.tested", len(tested), len(promised), [*map(_service_behind, promised), *restores],
                   reason=why)  # fmt: skip
    in_order = sum(one.state is State.OK for one in services)
    yield ratio_of("services.in_order", in_order, len(services), map(_service_behind, services), reason="no-services")


def _service_behind(one: ServiceVerdict) -> Evidence:
    return Evidence(kind="service", ref=one.key, note=one.state.name)


def _restores(one: ServiceVerdict) -> Iterator[Evidence]:
    """The last restore of each of its databases; a bad one after a good one shows as what it was."""
    for each in one.recoveries:
        if each.restore is not None:
            note = "good" if is_good(each.restore) else "failed"
            ref = f"{each.restore.job} {each.restore.object}"
            yield Evidence(kind="drill", ref=ref, at=each.restore.started_at, note=note)


def _service_findings(facts: PaperFacts) -> Iterator[FindingRow]:
    for verdict in facts.services:
        for one in verdict.findings:
            if one.state is not State.OK:
                yield FindingRow(
                    room="services",
                    table="service",
                    code=one.code,
                    subject=verdict.key,
                    state=one.state,
                    since=since_of(one.facts, facts.today, facts.zone),
                    owner=verdict.service.owner_unit or "",
                    facts=one.facts,
                    evidence=(Evidence(kind="service", ref=verdict.key, note=one.evidence[0] if one.evidence else ""),),
                )
