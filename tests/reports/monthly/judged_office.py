"""One fictional office's year as parts, with everything behind its seven sentences; and ways to take facts away."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from itops.names import Names
from itops.reports.monthly.assembling import Parts
from itops.reports.monthly.figures import Evidence, Figure, count_of, ratio_of
from itops.reports.monthly.parts import (
    AssetChangeRow,
    BackupPart,
    ChangeRow,
    CoverRow,
    DeedRow,
    DepositRow,
    DocumentRow,
    FindingRow,
    HardwarePart,
    JobRow,
    OrderRow,
    PaperPart,
    QualityPart,
    ServerPart,
    ServerRow,
    SiteRow,
    SlotRow,
    UploadRow,
)
from itops.reports.monthly.records import PeriodRow
from itops.reports.monthly.statement_words import sentence
from itops.reports.monthly.statements import statements_of
from itops.reports.paper.model import said
from itops.reports.words import load_words
from itops.verdict import State

FA, EN = load_words("fa", calendar="jalali"), load_words("en")
ISSUER = "اداره کل زیرساخت سازمان"
REMOVED = ("kaspersky", "RDC", "Citrix", "DFSR", "SCCM")
CREATED = ("WSUS", "SQL", "PDC", "VCSA", "DC", "KMS")
UPGRADED = ("Padvish", "Backup Server", "FileServer")
MONTHS = tuple(f"1402-{month:02}" for month in range(1, 13))
END = datetime(2024, 3, 19, 20, 29, 59, 999999, tzinfo=UTC)
YEAR = PeriodRow(
    name="1402",
    first=date(2023, 3, 21),
    last=date(2024, 3, 19),
    is_year=True,
    state_at=END,
    judged_at=END + timedelta(days=2),
    is_final=True,
    months=MONTHS,
)
MONTH = replace(YEAR, name="1402-12", first=date(2024, 2, 20), is_year=False, months=("1402-12",))
DATABASES = ("sql01/Insurance", "sql01/Personnel", "pg01/portal")
TIERS = {"daily": 30, "weekly": 4, "monthly": 12}
GOALS = Names(fa="سامانه اهداف عملیاتی", en="Operational goals system")
BOX = Names(fa="صندوق امانات بانک رفاه", en="the safe-deposit box at Refah bank")
FIRST = datetime(2023, 4, 1, tzinfo=UTC)


def texts(parts: Parts, period: PeriodRow = YEAR, words: Any = FA) -> list[str]:
    """What is printed."""
    return [said(sentence(one, words)) for one in statements_of(parts, period)]


def codes(parts: Parts, period: PeriodRow = YEAR) -> list[str]:
    return [one.code for one in statements_of(parts, period)]


def change(name: str, action: str, number: int, **more: Any) -> ChangeRow:
    at = FIRST + timedelta(days=number)
    return ChangeRow(code=f"{action}-{number}", kind="vm", id=f"id-{name}", name=name, action=action, at=at, **more)


def deed(number: int, kind: str, *subjects: str, count: int = 1) -> DeedRow:
    what = Names(fa="کار", en="work")
    return DeedRow(number=number, kind=kind, at=FIRST, what=what, by="A", subjects=subjects, count=count)


def servers(count: int = 16) -> ServerPart:
    """`count` servers, four of them physical; five removed, six created, three upgraded, one only patched."""
    named = [*CREATED, *UPGRADED, "SolarWinds"]
    names = [f"esx{n:02}" for n in range(1, 5)] + [*named, *(f"app{n:02}" for n in range(count))][: count - 4]
    rows = tuple(
        ServerRow(id=f"id-{name}", name=name, kind="physical" if number < 4 else "virtual", asset_id=f"A-{number + 1}")
        for number, name in enumerate(names)
    )
    order = OrderRow(issuer=ISSUER)
    changes = (
        *(change(name, "removed", number, order=order) for number, name in enumerate(REMOVED)),
        *(change(name, "added", number) for number, name in enumerate(CREATED, start=10)),
    )
    deeds = (
        deed(1, "upgraded", *UPGRADED),
        deed(2, "patched", "Padvish", "backup server", "SolarWinds", "id-FileServer"),
        deed(3, "reconfigured", *UPGRADED),
        deed(4, "meeting", count=104),
        deed(5, "letters", count=412),
    )
    things = (Evidence(kind="thing", ref=row.id) for row in rows)
    by_action = {action: [one for one in changes if one.action == action] for action in ("removed", "added")}
    figures = (
        count_of("servers.total", things),
        count_of("servers.removed", (Evidence(kind="change", ref=one.code) for one in by_action["removed"])),
        count_of("servers.created", (Evidence(kind="change", ref=one.code) for one in by_action["added"])),
    )
    return ServerPart(rows=rows, changes=changes, deeds=deeds, figures=figures)


def hardware(count: int = 347, counties: int = 100) -> HardwarePart:
    sites = (SiteRow(id="head", is_head=True), SiteRow(id="fardis"))
    items = (Evidence(kind="asset", ref=f"A-{number}") for number in range(count))
    return HardwarePart(
        sites=sites,
        counts={"computer": {"head": count - counties, "fardis": counties}},
        changes=(AssetChangeRow(asset="A-1", what="changed", at=FIRST),),
        figures=(count_of("hardware.total", items),),
        registered_in=(Names(fa="سامانه بودجه IT", en="IT budget system"),),
    )


def papers(count: int = 27, months: Iterable[str] = MONTHS) -> PaperPart:
    documents = tuple(document(number, month) for month in months for number in range(1, count + 1))
    return with_document_figure(PaperPart(systems={"goals": GOALS}, documents=documents))


def document(number: int, month: str) -> DocumentRow:
    return DocumentRow(
        name=f"doc-{number:02}",
        title=Names(fa=f"گزارش {'الف' * number}", en=f"Report {'A' * number}"),
        period=month,
        cadence="monthly",
        report="monthly" if number == 1 else "",
        is_made=True,
        uploads=(UploadRow(system="goals", state="uploaded"),),
    )


def with_document_figure(part: PaperPart) -> PaperPart:
    """As the room counts them."""
    done = [one.is_made and all(up.state == "uploaded" for up in one.uploads) for one in part.documents]
    behind = [Evidence(kind="document", ref=f"{one.name} {one.period}") for one in part.documents]
    return replace(part, figures=(ratio_of("documents.done", sum(done), len(done), behind),))


def backups(months: Iterable[str] = MONTHS) -> BackupPart:
    slots = tuple(
        SlotRow(job=f"job-{object_}", object=object_, tier=tier, slot=f"{tier}-{number}", on=YEAR.first,
                state="EXEMPT" if (tier, number) == ("daily", 5) else "OK-LATE" if number == 2 else "OK", reason="")
        for object_ in DATABASES
        for tier, count in TIERS.items()
        for number in range(count)
    )  # fmt: skip
    covers = tuple(
        CoverRow(object=object_, kind="database", cover="protected", jobs=(f"job-{object_}",)) for object_ in DATABASES
    )
    deposits = tuple(
        DepositRow(place="box", month=month, job=f"job-{object_}", object=object_, slot=month, is_deposited=True)
        for month in months
        for object_ in DATABASES
    )
    part = BackupPart(slots=slots, covers=covers, deposits=deposits, places={"box": BOX}, lists_databases=True)
    return with_backup_figures(part)


def with_backup_figures(part: BackupPart) -> BackupPart:
    """Jobs and figures as the room counts them from slots, covers and deposits."""
    objects = dict.fromkeys((one.job, one.object) for one in part.slots)
    jobs = tuple(JobRow(job=job, object=name, is_database=True, tiers=_tiers(part, job, name)) for job, name in objects)
    counted = [one for one in part.covers if one.cover in {"protected", "unprotected", "exempt", "exemption expired"}]
    behind = [Evidence(kind="database", ref=one.object) for one in counted]
    protected = sum(one.cover == "protected" for one in counted)
    unknown = Figure(id="backup.databases_protected", value=None, unit="ratio", reason="never-listed")
    demanded = [one for one in part.slots if one.state not in {"EXEMPT", "OPEN", "PENDING"}]
    good = sum(one.state in {"OK", "OK-LATE"} for one in demanded)
    months = dict.fromkeys(one.month for one in part.deposits)
    whole = sum(all(one.is_deposited for one in part.deposits if one.month == month) for month in months)
    figures = (
        ratio_of("backup.databases_protected", protected, len(counted), behind) if part.lists_databases else unknown,
        ratio_of("backup.slots_ok", good, len(demanded), ()),
        ratio_of("custody.months", whole, len(months), ()),
    )
    return replace(part, jobs=jobs, figures=figures)


def _tiers(part: BackupPart, job: str, name: str) -> dict[str, dict[str, int]]:
    own = [one for one in part.slots if (one.job, one.object) == (job, name)]
    return {tier: dict(Counter(one.state for one in own if one.tier == tier)) for tier in TIERS
            if any(one.tier == tier for one in own)}  # fmt: skip


def office(**more: Any) -> Parts:
    """The year; any part may be given."""
    known: dict[str, Any] = {
        "servers": servers(),
        "hardware": hardware(),
        "papers": papers(),
        "backups": backups(),
        "quality": QualityPart(),
    }
    return Parts(**(known | more))


def finding(code: str = "backup.slot-missing", subject: str = "insurance-db", **more: Any) -> FindingRow:
    known: dict[str, Any] = {"room": "backup", "table": "report", "state": State.CRITICAL}
    return FindingRow(code=code, subject=subject, **(known | more))


def found(*findings: FindingRow, **more: Any) -> Parts:
    """Parts in which nothing but these was found."""
    return Parts(backups=BackupPart(findings=findings), **more)
