"""A whole fictional report of one month, to draw: sixteen servers, 340 assets, six jobs, 27 documents."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from itops.names import Names
from itops.reports.monthly.figures import Evidence, Figure, FigureBook, count_of
from itops.reports.monthly.parts import (
    BackupPart,
    FindingRow,
    HardwarePart,
    PaperPart,
    QualityPart,
    ServerPart,
)
from itops.reports.monthly.records import (
    ExceptionRow,
    Indicator,
    OfficeRow,
    PeriodRow,
    Point,
    Report,
    Statement,
    Verdict,
)
from itops.verdict import State, severity
from tests.reports.monthly.reports_backups import backup_part
from tests.reports.monthly.reports_hardware import hardware_part
from tests.reports.monthly.reports_papers import paper_part, quality_part
from tests.reports.monthly.reports_servers import server_part

MONTHS = ("1405-03", "1405-04", "1405-05", "1405-06", "1405-07", "1405-08")
OFFICE = OfficeRow(
    id="alborz",
    name=Names(fa="اداره کل البرز", en="Alborz Directorate"),
    unit=Names(fa="اداره فناوری اطلاعات و ارتباطات", en="Department of Information and Communication Technology"),
    calendar="jalali",
    timezone="Asia/Tehran",
)
PERIOD = PeriodRow(
    name="1405-08",
    first=date(2026, 10, 23),
    last=date(2026, 11, 21),
    is_year=False,
    state_at=datetime(2026, 11, 21, 20, 29, 59, 999999, tzinfo=UTC),
    judged_at=datetime(2026, 11, 26, 20, 30, tzinfo=UTC),
    is_final=True,
    months=("1405-08",),
)


def sample_report() -> Report:
    """The month Aban 1405 of the office alborz. The same each time it is called."""
    parts = server_part(), hardware_part(), backup_part(), paper_part(), quality_part()
    servers, hardware, backups, papers, quality = parts
    exceptions = _exceptions([finding for part in parts for finding in part.findings])
    figures = FigureBook.of(*(part.figures for part in parts), _own_figures(exceptions)).figures
    return Report(
        office=OFFICE,
        period=PERIOD,
        tool_version="0.3.0",
        verdict=Verdict(
            state=State.CRITICAL,
            exceptions=len(exceptions),
            reasons=tuple(one.key for one in exceptions[:2]),
            new=3,
            closed=2,
        ),
        servers=servers,
        hardware=hardware,
        backups=backups,
        papers=papers,
        quality=quality,
        exceptions=exceptions,
        indicators=_indicators(figures),
        statements=_statements(),
        figures=figures,
        problems=(Names(fa="برق اتاق سرور دو بار قطع شد", en="The server room lost power twice"),),
        proposals=(Names(fa="خرید باتری یو پی اس", en="Buy batteries for the UPS"),),
        summary=Names(
            fa="سرور Citrix بدون دستور حذف شد. سه سرور جدید نصب شد.",
            en="The server Citrix was removed without an order. Three servers were installed.",
        ),
        signers=(("prepared", "م. نمونه"), ("approved", ""), ("ratified", "")),
    )


def empty_report() -> Report:
    """The same month of an office that collected nothing."""
    return Report(
        office=OFFICE,
        period=replace(PERIOD, is_final=False),
        tool_version="0.3.0",
        verdict=Verdict(state=State.UNKNOWN, exceptions=0),
        servers=ServerPart(),
        hardware=HardwarePart(),
        backups=BackupPart(),
        papers=PaperPart(),
        quality=QualityPart(),
    )


def yearly_report() -> Report:
    """The sample as the report of a year."""
    months = tuple(f"1405-{month:02}" for month in range(1, 13))
    year = replace(PERIOD, name="1405", first=date(2026, 3, 21), last=date(2027, 3, 20), is_year=True, months=months)
    return replace(sample_report(), period=year)


def _exceptions(findings: list[FindingRow]) -> tuple[ExceptionRow, ...]:
    extra = [
        FindingRow(room="hardware", table="asset", code="asset.never-verified", subject=f"AST-{number:04}",
                   state=State.WARNING)
        for number in range(4, 44, 4)
    ]  # fmt: skip
    worst_first = sorted([*findings, *extra], key=lambda one: -severity(one.state))
    return tuple(_exception(number, one) for number, one in enumerate(worst_first))


def _exception(number: int, finding: FindingRow) -> ExceptionRow:
    cause = Names(fa="برق شبکه قطع بود", en="The network had no power") if number == 1 else None
    is_known = finding.since is not None
    return ExceptionRow(
        key=f"{finding.table}.{finding.code}:{finding.subject}",
        room=finding.room,
        table=finding.table,
        code=finding.code,
        subject=finding.subject,
        state=finding.state,
        since=finding.since,
        age_days=(PERIOD.last - finding.since.date()).days if finding.since and is_known else None,
        months=number % 3 + 1,
        owner="م. نمونه" if number % 2 else "",
        due_on=date(2026, 12, 1) if number % 2 else None,
        cause=cause,
        facts=finding.facts,
        evidence=finding.evidence,
    )


def _own_figures(exceptions: tuple[ExceptionRow, ...]) -> tuple[Figure, ...]:
    behind = [Evidence(kind="exception", ref=one.key, at=one.since, note=one.state.name) for one in exceptions]
    return (
        Figure(id="quality.no_holder", value=9, of=162, evidence=(Evidence(kind="asset", ref="AST-0017"),)),
        count_of("exceptions.open", behind),
        count_of("exceptions.new", behind[:3]),
        count_of("exceptions.closed", (Evidence(kind="exception", ref=f"asset.no-tag:AST-{one}") for one in (1, 2))),
    )


def _indicators(figures: Mapping[str, Figure]) -> tuple[Indicator, ...]:
    told: tuple[tuple[str, float | None, bool | None, State, tuple[float | None, ...]], ...] = (
        ("servers.total", None, None, State.OK, (15, 15, 15, 15, 15)),
        ("backup.slots_ok", 1.0, True, State.WARNING, (0.99, 1.0, 1.0, 0.98, 1.0)),
        ("backup.databases_protected", 1.0, True, State.CRITICAL, (None, None, 1.0, 1.0, 1.0)),
        ("backup.restore_tested", 1.0, True, State.CRITICAL, (0.25, 0.25, 0, 0.25, 0.25)),
        ("custody.months", 1.0, True, State.CRITICAL, (1.0, 1.0, 1.0, 1.0, 1.0)),
        ("hardware.total", None, None, State.OK, (335, 336, 338, 338, 339)),
        ("documents.done", 1.0, True, State.WARNING, (1.0, 1.0, 25 / 27, 1.0, 1.0)),
        ("exceptions.open", 0, False, State.CRITICAL, (None, None, None, 19, 17)),
    )
    return tuple(
        Indicator(
            figure=name,
            value=figures[name].value,
            unit=figures[name].unit,
            target=target,
            higher_is_better=is_better,
            state=state,
            history=tuple(Point(period=period, value=value)
                          for period, value in zip(MONTHS, (*past, figures[name].value), strict=True)),
        )
        for name, target, is_better, state, past in told
    )  # fmt: skip


def _statements() -> tuple[Statement, ...]:
    """Sentences whose words stand in the table `statement`."""
    issuer = Names(fa="اداره کل زیرساخت سازمان", en="the infrastructure directorate")
    created = ("WSUS", "PDC", "KMS")
    return (
        Statement(code="servers.removed-ordered", data={"count": 1}, names={"servers": ("RDC",)},
                  texts={"issuer": issuer}, figures=("servers.removed",)),
        Statement(code="servers.removed", data={"count": 1}, names={"servers": ("Citrix",)},
                  figures=("servers.removed",)),
        Statement(code="servers.created", data={"count": len(created)}, names={"servers": created},
                  figures=("servers.created",)),
        Statement(code="servers.file", data={"count": 16},
                  names={"kind_phrase": ("physical", "virtual"), "cadence_phrase": ()}, figures=("servers.total",)),
        Statement(code="work.letters", data={"count": 134, "rounded_count": 100, "is_rounded": True}),
    )  # fmt: skip
