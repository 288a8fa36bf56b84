"""Taking out of a report what its readers elsewhere need not know.

"hq" takes out persons and paths: who holds an item, who typed an entry, who answers for something, where files lie,
what collectors said in their own words. Who signs the report stands in it still. "public" leaves numbers and words: no
server, database, item, place of custody, order or person is named. The figures stay as they were counted.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from itops.errors import UsageWrong
from itops.facts import Fact
from itops.reports.monthly.figures import Evidence, Figure
from itops.reports.monthly.parts import (
    BackupPart,
    FindingRow,
    HardwarePart,
    PaperPart,
    QualityPart,
    ServerPart,
)
from itops.reports.monthly.records import ExceptionRow, Report, Verdict
from itops.reports.monthly.statement_words import names_nothing
from itops.verdict import State, severity

REDACTED = "report.redacted"
_TELLS_PATHS = frozenset({"copy", "proof", "document"})
_PATHS = frozenset(
    {"path", "key", "file", "copy", "copies", "others", "base", "good", "document", "by", "problem", "remedy"}
)
"""Facts of findings that are paths, persons or a collector's own words; a number under such a name is a count."""
_PLACE = "place"  # of custody; of a copy it is where that lies
_OF_COPIES = frozenset({"backup"})  # the tables of findings about copies
_PERSONAL_FIELDS = ("holder", "custodian", "assigned", "personnel")
_PERSONAL_ENDS = (".by", "disposal.to", ".document")  # who tested it, who got it, where the paper about it lies
_SEPARATORS = frozenset("/\\")
_LIES_AT = re.compile(r"(?:^|\s)(?:/[^/\s]|[A-Za-z]:\\|\\\\)|^\[[^\]]*\] ")
"""Where a file lies, whatever the fact is called: /srv/x, C:\\x, \\\\server\\x, [datastore] x."""


def redacted(report: Report, profile: str) -> Report:
    """The report as the readers of this profile get it: "internal", "hq", "public"; raises UsageWrong for another."""
    if profile == "internal":
        return report
    if profile not in {"hq", "public"}:
        raise UsageWrong(f"there is no profile {profile!r}", remedy="use one of: internal, hq, public")
    without_persons = replace(_for_headquarters(report), redaction=profile)
    return without_persons if profile == "hq" else _for_everybody(without_persons)


def _for_headquarters(report: Report) -> Report:
    hardware, servers, papers, quality = report.hardware, report.servers, report.papers, report.quality
    return replace(
        report,
        servers=replace(
            servers,
            deeds=tuple(replace(deed, by="") for deed in servers.deeds),
            findings=_findings(servers.findings),
            figures=_figures(servers.figures),
        ),
        hardware=replace(
            hardware,
            items=tuple(replace(item, holder="") for item in hardware.items),
            changes=tuple(
                replace(change, by="", before="", after="") if _is_personal(change.field) else replace(change, by="")
                for change in hardware.changes
            ),
            findings=_findings(hardware.findings),
            figures=_figures(hardware.figures),
        ),
        backups=replace(
            report.backups,
            jobs=tuple(replace(job, owner="") for job in report.backups.jobs),
            slots=tuple(replace(slot, copy_key="", facts=_facts(slot.facts)) for slot in report.backups.slots),
            findings=_findings(report.backups.findings),
            figures=_figures(report.backups.figures),
        ),
        papers=replace(
            papers,
            documents=tuple(replace(document, path="") for document in papers.documents),
            findings=_findings(papers.findings),
            figures=_figures(papers.figures),
        ),
        quality=replace(
            quality,
            sources=tuple(replace(source, file="") for source in quality.sources),
            gaps=tuple(replace(gap, subject=_unless_path(gap.subject), problem="", remedy="") for gap in quality.gaps),
            findings=_findings(quality.findings),
            figures=_figures(quality.figures),
        ),
        exceptions=tuple(
            replace(row, owner="", facts=_facts(row.facts, row.table), evidence=_evidence(row.evidence))
            for row in report.exceptions
        ),
        figures={name: _figure(figure) for name, figure in report.figures.items()},
    )


def _is_personal(field: str) -> bool:
    return field.startswith(_PERSONAL_FIELDS) or field.endswith(_PERSONAL_ENDS)


def _findings(findings: Iterable[FindingRow]) -> tuple[FindingRow, ...]:
    return tuple(
        replace(one, owner="", facts=_facts(one.facts, one.table), evidence=_evidence(one.evidence)) for one in findings
    )


def _facts(facts: Mapping[str, Fact], table: str = "") -> dict[str, Fact]:
    taken = _PATHS | {_PLACE} if table in _OF_COPIES else _PATHS
    return {
        name: fact
        for name, fact in facts.items()
        if not isinstance(fact, str) or (name not in taken and not _LIES_AT.search(fact))
    }


def _unless_path(subject: str) -> str:
    """What a collector could not see: "vm DC" may be named, "folder /backups/sql" may not."""
    return "" if _is_path(subject) else subject


def _is_path(text: str) -> bool:
    return not _SEPARATORS.isdisjoint(text)


def _figures(figures: Iterable[Figure]) -> tuple[Figure, ...]:
    return tuple(map(_figure, figures))


def _figure(figure: Figure) -> Figure:
    return replace(figure, evidence=_evidence(figure.evidence))


def _evidence(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple(
        one for one in evidence if one.kind not in _TELLS_PATHS and not (one.kind == "scan" and _is_path(one.ref))
    )


def _for_everybody(report: Report) -> Report:
    exceptions = _counted(report.exceptions)
    return replace(
        report,
        verdict=_verdict(report.verdict, exceptions),
        servers=ServerPart(figures=_bare(report.servers.figures)),
        hardware=HardwarePart(
            sites=report.hardware.sites,
            counts=report.hardware.counts,
            statuses=report.hardware.statuses,
            figures=_bare(report.hardware.figures),
        ),
        backups=BackupPart(levels=report.backups.levels, figures=_bare(report.backups.figures)),
        papers=PaperPart(
            systems=report.papers.systems,
            documents=tuple(
                replace(document, sha256="", uploads=tuple(replace(one, receipt="") for one in document.uploads))
                for document in report.papers.documents
            ),
            services=tuple(replace(service, databases=()) for service in report.papers.services),
            figures=_bare(report.papers.figures),
        ),
        quality=QualityPart(figures=_bare(report.quality.figures)),
        exceptions=exceptions,
        statements=tuple(one for one in report.statements if names_nothing(one)),
        figures={name: _without_evidence(figure) for name, figure in report.figures.items()},
        problems=(),
        proposals=(),
        summary=None,
        signers=tuple((role, "") for role, _ in report.signers),
    )


def _bare(figures: Iterable[Figure]) -> tuple[Figure, ...]:
    return tuple(map(_without_evidence, figures))


def _without_evidence(figure: Figure) -> Figure:
    return replace(figure, evidence=())


def _counted(exceptions: Iterable[ExceptionRow]) -> tuple[ExceptionRow, ...]:
    """How many of each room and state, the worst first; nothing of what they are about."""
    counts = Counter((row.room, row.state) for row in exceptions)
    rows = sorted(counts, key=lambda one: (-severity(one[1]), one[0]))
    return tuple(_row(room, state, counts[room, state]) for room, state in rows)


def _row(room: str, state: State, count: int) -> ExceptionRow:
    return ExceptionRow(
        key=f"{REDACTED}:{room}-{state.name.lower()}",
        room=room,
        table="report",
        code=REDACTED,
        subject="",
        state=state,
        count=count,
        facts={"finding_count": count},
    )


def _verdict(verdict: Verdict, exceptions: tuple[ExceptionRow, ...]) -> Verdict:
    return replace(verdict, reasons=tuple(row.key for row in exceptions[: len(verdict.reasons)]))
