"""Documents, services and sources of the fictional office."""

from datetime import UTC, date, datetime
from hashlib import sha256

from itops.names import Names
from itops.reports.monthly.figures import Evidence, Figure, count_of, ratio_of
from itops.reports.monthly.parts import (
    DocumentRow,
    FindingRow,
    GapRow,
    PaperPart,
    QualityPart,
    ServiceRow,
    SourceRow,
    UploadRow,
)
from itops.verdict import State

SYSTEMS = {
    "goals": Names(fa="سامانه اهداف عملیاتی", en="Operational goals system"),
    "quality": Names(fa="کنترل کیفیت", en="Quality control"),
    "rajaei": Names(fa="سامانه طرح شهید رجایی", en="Shahid Rajaei festival system"),
}
_MISSING = 14  # the number of the document that nobody made


def _upload(number: int, system: str) -> UploadRow:
    if number == _MISSING:
        return UploadRow(system=system, state="missing")
    return UploadRow(system=system, state="uploaded", on=date(2026, 11, 20), receipt=f"R-{number:03}-{system}")


def _document(number: int) -> DocumentRow:
    name = "servers" if number == 1 else f"doc-{number:02}"
    systems = ["goals", *(["quality"] if number % 3 == 0 else []), *(["rajaei"] if number % 5 == 0 else [])]
    is_made = number != _MISSING
    return DocumentRow(
        name=name,
        title=Names(fa=f"گزارش شماره {number} فناوری", en=f"Technology report no. {number}"),
        period="1405-08",
        cadence="monthly",
        report="monthly" if number == 1 else "",
        is_made=is_made,
        made_on=date(2026, 11, 18) if is_made else None,
        path=f"documents/1405-08/{name}.pdf" if is_made else "",
        sha256=sha256(name.encode()).hexdigest() if is_made else "",
        uploads=tuple(_upload(number, system) for system in systems),
        due_on=date(2026, 11, 19) if number % 2 else None,
    )


def documents() -> tuple[DocumentRow, ...]:
    """27, of which one was not made."""
    return tuple(_document(number) for number in range(1, 28))


def services() -> tuple[ServiceRow, ...]:
    """Three: one as promised, one not tested, one without a promise."""
    return (
        ServiceRow(key="insurance", title=Names(fa="صدور برگه تأیید دارو", en="Drug approval"),
                   service_id="40114114111", rpo_seconds=86400, rto_seconds=14400, plan_seconds=86400,
                   measured_seconds=4980, databases=("sql01/Insurance",)),
        ServiceRow(key="portal", title=Names(fa="پورتال اداره کل", en="Portal of the office"), state=State.CRITICAL,
                   rpo_seconds=14400, rto_seconds=7200, plan_seconds=86400, databases=("pg01/portal",)),
        ServiceRow(key="archive", title=Names(fa="بایگانی", en="Archive"), state=State.WARNING),
    )  # fmt: skip


def _figures(told: tuple[DocumentRow, ...]) -> tuple[Figure, ...]:
    behind = [Evidence(kind="document", ref=f"{one.name} {one.period}") for one in told]
    uploads = [upload for one in told for upload in one.uploads]
    pairs = {"documents.uploaded": uploads} | {
        f"documents.system.{system}": [one for one in uploads if one.system == system] for system in SYSTEMS
    }
    known = [Evidence(kind="service", ref=one.key) for one in services()]
    return (
        count_of("documents.wanted", behind),
        ratio_of("documents.made", sum(one.is_made for one in told), len(told), behind),
        ratio_of("documents.done", sum(one.is_made for one in told), len(told), behind),
        *(
            ratio_of(name, sum(one.state == "uploaded" for one in those), len(those), behind)
            for name, those in pairs.items()
        ),
        count_of("services.total", known),
        ratio_of("services.tested", 1, 2, known[:1]),
        ratio_of("services.in_order", 1, 3, known),
    )


def paper_part() -> PaperPart:
    """Documents and services."""
    told = documents()
    return PaperPart(
        systems=SYSTEMS,
        documents=told,
        services=services(),
        figures=_figures(told),
        findings=(
            FindingRow(room="documents", table="document", code="document.missing", subject="doc-14",
                       state=State.WARNING, facts={"period": "1405-08", "due_on": None, "late_days": None}),
            FindingRow(room="services", table="service", code="service.not-tested", subject="portal",
                       state=State.UNKNOWN, facts={"rto_seconds": 7200, "database": "pg01/portal"}),
        ),
    )  # fmt: skip


def quality_part() -> QualityPart:
    """Four inputs, of which one is stale and one was never there."""
    seen = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
    sources = (
        SourceRow(name="vc01", kind="source", state="fresh", seen_at=seen, looks=30, tool="vSphere API 8.0.2"),
        SourceRow(name="rvtools-file", kind="source", state="stale", seen_at=datetime(2026, 10, 1, 6, tzinfo=UTC),
                  tool="RVTools 4.4.1", file="RVTools_export_1405-07.xlsx", sha256=sha256(b"file").hexdigest()),
        SourceRow(name="nas-backups", kind="repository", state="fresh", seen_at=seen, looks=29),
        SourceRow(name="inventory.yaml", kind="register", state="complete", seen_at=seen),
        SourceRow(name="monitor", kind="source", state="never_seen"),
    )  # fmt: skip
    watched = [Evidence(kind="scan", ref=one.name) for one in sources if one.kind in {"source", "repository"}]
    return QualityPart(
        sources=sources,
        gaps=(
            GapRow(source="vc01", subject="vm KMS", code="vm.host-unknown", problem="vCenter names no host",
                   remedy="switch it on"),
            GapRow(source="monitor", subject="source monitor", code="source.never-seen",
                   problem="it was never scanned completely", remedy="run `itops inventory scan monitor`"),
        ),
        figures=(
            count_of("quality.sources", watched),
            ratio_of("quality.sources_fresh", 2, len(watched), watched),
            count_of("quality.gaps", [Evidence(kind="scan", ref="vc01"), Evidence(kind="scan", ref="monitor")]),
        ),
        findings=(
            FindingRow(room="sources", table="report", code="report.source-unwatched", subject="monitor",
                       state=State.UNKNOWN, facts={"seen_at": None}),
        ),
    )  # fmt: skip
