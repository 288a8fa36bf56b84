"""Documents and the systems that ask for them, services and their promises, what people see as problems."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from itops.reports.monthly.composing.cells import DASH, Pen, cell, mark_of
from itops.reports.monthly.composing.figures import figures_table
from itops.reports.monthly.parts import DocumentRow, ServiceRow, UploadRow
from itops.reports.monthly.records import Report
from itops.reports.paper.model import Block, Bullets, Cell, Column, Heading, Mark, Paragraph, Row, Table, said, text

_STATES = ("uploaded", "outdated", "to-upload", "missing")
_MARKS: Mapping[str, Mark] = {
    "uploaded": Mark.GOOD,
    "outdated": Mark.NOTICE,
    "to-upload": Mark.NOTICE,
    "missing": Mark.BAD,
}


def papers(report: Report, pen: Pen) -> Iterator[Block]:
    """One row for each document, one column for each system."""
    part = report.papers
    yield Heading(level=1, title=pen.say("heading", "papers"), id="papers")
    yield from figures_table(part.figures, report.figures, "papers-figures", pen)
    yield _documents(report, pen)
    if part.documents:
        yield _systems(part.documents, pen)
    yield _services(part.services, pen)


def _systems_of(documents: Sequence[DocumentRow]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(upload.system for one in documents for upload in one.uploads))


def _documents(report: Report, pen: Pen) -> Table:
    documents = report.papers.documents
    systems = _systems_of(documents)
    has_periods = len({one.period for one in documents}) > 1
    return Table(
        title=pen.say("table", "documents", count=len(documents)),
        columns=(
            *pen.columns(("number", 0.5, "number"), ("title", 3.4, "text")),
            *(pen.columns(("period", 1.2, "text")) if has_periods else ()),
            *pen.columns(("made", 1.3, "day")),
            *(Column(title=said(pen.label("system", system)), weight=1.6) for system in systems),
            *pen.columns(("due", 1.3, "day")),
        ),
        rows=tuple(
            _document(number, one, systems, pen, has_periods=has_periods)
            for number, one in enumerate(documents, start=1)
        ),
        id="documents",
        empty=pen.none("no_documents"),
        is_annex=report.period.is_year and has_periods,
    )


def _document(number: int, one: DocumentRow, systems: Sequence[str], pen: Pen, *, has_periods: bool) -> Row:
    uploads = {upload.system: upload for upload in one.uploads}
    made = pen.day_cell(one.made_on) if one.is_made else Cell(line=pen.label("upload_state", "missing"), mark=Mark.BAD)
    return Row(
        cells=(
            pen.number_cell(number),
            cell(pen.prose(one.title) or pen.name(one.name)),
            *((cell(pen.period(one.period)),) if has_periods else ()),
            made,
            *(_upload(uploads.get(system), pen) for system in systems),
            pen.day_cell(one.due_on),
        ),
        mark=None if one.is_made else Mark.BAD,
    )


def _upload(upload: UploadRow | None, pen: Pen) -> Cell:
    """How it stands with one system; blank where that system does not ask for it."""
    if upload is None:
        return Cell()
    return Cell(line=pen.label("upload_state", upload.state), mark=_MARKS.get(upload.state, Mark.UNKNOWN))


def _systems(documents: Sequence[DocumentRow], pen: Pen) -> Table:
    counts = {
        system: Counter(upload.state for one in documents for upload in one.uploads if upload.system == system)
        for system in _systems_of(documents)
    }
    return Table(
        title=pen.say("table", "systems"),
        columns=(
            *pen.columns(("system", 3, "text"), ("demanded", 1, "number")),
            *(Column(title=said(pen.label("upload_state", state)), kind="number") for state in _STATES),
        ),
        rows=tuple(
            Row(
                cells=(
                    cell(pen.label("system", system)),
                    pen.number_cell(sum(states.values())),
                    *(pen.number_cell(states.get(state, 0)) for state in _STATES),
                )
            )
            for system, states in counts.items()
        ),
        id="systems",
        empty=pen.say("no_systems"),
    )


def _services(services: Sequence[ServiceRow], pen: Pen) -> Table:
    return Table(
        title=pen.say("table", "services"),
        columns=pen.columns(
            ("service", 2.6, "text"),
            ("service_id", 1.6, "code"),
            ("state", 1.2, "text"),
            ("rpo", 1.2, "number"),
            ("rpo_plan", 1.5, "number"),
            ("rto", 1.2, "number"),
            ("rto_measured", 1.5, "number"),
            ("databases", 2.2, "code"),
        ),
        rows=tuple(_service(one, pen) for one in services),
        id="services",
        empty=pen.none("no_services"),
    )


def _service(one: ServiceRow, pen: Pen) -> Row:
    return Row(
        cells=(
            cell(pen.prose(one.title) or pen.name(one.key)),
            pen.name_cell(one.service_id),
            Cell(line=text(pen.say("service_state", one.state.name)), mark=mark_of(one.state)),
            pen.number_cell(one.rpo_seconds, "seconds"),
            _held(one.plan_seconds, one.rpo_seconds, "no_plan", one, pen),
            pen.number_cell(one.rto_seconds, "seconds"),
            _held(one.measured_seconds, one.rto_seconds, "not_tested", one, pen),
            cell(pen.names(one.databases)),
        )
    )


def _held(value: float | None, limit: float | None, unknown: str, one: ServiceRow, pen: Pen) -> Cell:
    """What stands behind a promise. What nobody measured is never called met."""
    if value is None:
        return Cell(line=text(pen.say(unknown) if one.databases else DASH))
    mark = None if limit is None else Mark.BAD if value > limit else Mark.GOOD
    return pen.number_cell(value, "seconds", mark)


def problems(report: Report, pen: Pen) -> Iterator[Block]:
    """What people typed for this period; that nobody did is said, too."""
    yield Heading(level=1, title=pen.say("heading", "problems_proposals"), id="problems-proposals")
    told = (("problem", report.problems), ("proposal", report.proposals))
    for key, texts in told:
        yield Heading(level=2, title=pen.say("heading", f"{key}s"), id=f"{key}s")
        lines = tuple(line for line in map(pen.prose, texts) if line)
        if lines:
            yield Bullets(lines=lines, is_numbered=True)
        else:
            yield Paragraph(line=text(f"{DASH} {pen.none('not_written')}"))


def hashes(report: Report, pen: Pen) -> Table:
    """The files of the documents and of the inputs, with their hashes, for the annex."""
    documents = [one for one in report.papers.documents if one.sha256]
    files = [one for one in report.quality.sources if one.sha256]
    told = [
        *(
            (pen.prose(one.title) or pen.name(one.name), pen.period(one.period), one.path, one.sha256)
            for one in documents
        ),
        *((pen.name(one.name), (), one.file, one.sha256) for one in files),
    ]
    return Table(
        title=pen.say("table", "hashes"),
        columns=pen.columns(
            ("number", 0.5, "number"), ("title", 2.4, "text"), ("period", 1, "text"), ("file", 2.4, "code"),
            ("sha256", 5, "code"),
        ),
        rows=tuple(
            Row(cells=(pen.number_cell(number), cell(title), cell(period), pen.name_cell(path), pen.name_cell(sha256)))
            for number, (title, period, path, sha256) in enumerate(told, start=1)
        ),
        id="annex-hashes",
        empty=pen.none("no_hashes"),
        is_annex=True,
    )  # fmt: skip
