"""Build the report of a period: gather its facts and those of the periods it is compared with, then judge them."""

from dataclasses import asdict, replace

from itops import __version__
from itops.names import Names
from itops.reports.monthly.assembling import Earlier, Heading, Parts, assemble
from itops.reports.monthly.records import OfficeRow, PeriodRow, Report
from itops.tasks.report.asking import Asking
from itops.tasks.report.backups import gather_backups
from itops.tasks.report.hardware import ReadRegister, gather_hardware, read_register
from itops.tasks.report.papers import gather_papers
from itops.tasks.report.quality import gather_quality
from itops.tasks.report.servers import gather_servers
from itops.worklog.notes import notes_of
from itops.worklog.periods import before, is_year, months_of

_MONTHS_BEFORE = 5
"""So many a month is compared with; a year is compared with the year before, and drawn by its own months."""


def build_report(asking: Asking) -> Report:
    """The whole record of the period asked for; the same facts make the same record, on whatever day it is built."""
    read = read_register(asking)
    notes = notes_of(asking.memory.notes, asking.period.name)
    return assemble(_heading(asking), gather(asking, read), notes, _earlier(asking, read))


def gather(asking: Asking, read: ReadRegister | None) -> Parts:
    """The facts of one period. `read`: the register, read once for all periods; None without one."""
    return Parts(
        servers=gather_servers(asking, read),
        hardware=gather_hardware(asking, read),
        backups=gather_backups(asking),
        papers=gather_papers(asking, read),
        quality=gather_quality(asking),
    )


def _earlier(asking: Asking, read: ReadRegister | None) -> Earlier:
    begun = [month for month in months_of(asking.period) if month.first <= asking.today]
    months = begun if is_year(asking.period) else []
    periods = [before(asking.period)]
    while len(periods) < (1 if months else _MONTHS_BEFORE):
        periods.append(before(periods[-1]))
    return Earlier(
        periods=[(period.name, gather(replace(asking, period=period), read)) for period in reversed(periods)],
        months=[(month.name, gather(replace(asking, period=month), read)) for month in months],
    )


def _heading(asking: Asking) -> Heading:
    settings, report = asking.settings, asking.report
    office = settings.office
    name = office.name or Names(fa=office.id, en=office.id)
    return Heading(
        office=OfficeRow(
            id=office.id,
            name=name,
            unit=report.unit or name,
            calendar=office.calendar,
            timezone=str(office.zone),
        ),
        period=PeriodRow(
            name=asking.period.name,
            first=asking.period.first,
            last=asking.period.last,
            is_year=is_year(asking.period),
            state_at=asking.as_of,
            judged_at=asking.judged_at,
            is_final=asking.is_final,
            months=tuple(month.name for month in months_of(asking.period)),
        ),
        tool_version=__version__,
        owners=asdict(report.owners),
        signers=asdict(report.signers),
    )
