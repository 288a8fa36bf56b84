"""The documents that systems ask for: what is overdue by name, and what else is to be done of each month.

How each stands is judged as `itops report documents` does it. What is overdue is CRITICAL, each on its own. A month
that has just ended leaves dozens to be made and uploaded: these are one evaluation, with a count.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TypeAlias

from itops.alerts.records import Evaluation, Key
from itops.dates import Period, parse_period, show_day, start_of
from itops.facts import Fact
from itops.tasks.evaluation.findings import TABLE, named
from itops.tasks.evaluation.watched import Watched
from itops.verdict import State
from itops.worklog.document_findings import judge_documents
from itops.worklog.documents import DocumentRecord, DocumentReport, DocumentStanding, documents_of
from itops.worklog.findings import WorkFinding
from itops.worklog.periods import before, is_year

CHECK = "delivery"
_MONTHS = 13  # so far back somebody may still want one
_DAY = timedelta(days=1)
_ONE, _MANY = "document ", "documents "
_Standing: TypeAlias = tuple[str, str]  # a document and its month or year


def evaluate_documents(watched: Watched) -> tuple[Evaluation, ...]:
    """Of this month, the one before, and of earlier ones since documents, or the schedule, are known."""
    report = watched.settings.report
    if report is None or not report.documents:
        return ()
    records = tuple(watched.reader.worklog.documents())
    today = watched.now.astimezone(watched.settings.office.zone).date()
    found: list[Evaluation] = []
    told: set[_Standing] = set()  # a yearly document is told with the newest month of its year
    for period in _periods(records, today, watched):
        report_of = documents_of(report.catalogue, records, period)
        standings = {(one.name, one.period.name): one for one in (*report_of.documents, *report_of.yearly)}
        new = {key: one for key, one in standings.items() if key not in told}
        told |= new.keys()
        found += _period(report_of, new, today, watched)
    return tuple(found)


def _periods(records: tuple[DocumentRecord, ...], today: date, watched: Watched) -> Iterator[Period]:
    """The newest first. What ended before anybody wrote anything down was never asked of itops."""
    begun_on = _begun_on(records, watched)
    period = parse_period(show_day(today, watched.settings.office.calendar)[:7])
    for place in range(_MONTHS):
        if place > 1 if begun_on is None else period.last < begun_on:
            return
        yield period
        period = before(period)


def _begun_on(records: tuple[DocumentRecord, ...], watched: Watched) -> date | None:
    """The first month that is recorded, or when the first job was seen; None: nothing tells."""
    zone = watched.settings.office.zone
    memories = watched.reader.watch.memory(watched.now).values()
    seen = [memory.known_since or memory.first.due_at for memory in memories]
    months = [period.first for record in records if not is_year(period := parse_period(record.period))]
    return min(
        [*months, *(moment.astimezone(zone).date() for moment in (*seen, *(one.at for one in records)))], default=None
    )


def _period(
    report: DocumentReport, standings: Mapping[_Standing, DocumentStanding], today: date, watched: Watched
) -> Iterator[Evaluation]:
    findings: dict[_Standing, list[WorkFinding]] = defaultdict(list)
    for finding in judge_documents(replace(report, strangers=()), today):
        key = finding.subject, str(finding.facts["period"])
        if finding.state is not State.OK and key in standings:
            findings[key].append(finding)  # the worst first
    overdue = {key for key, found in findings.items() if found[0].state is State.CRITICAL}
    for key in sorted(overdue):
        yield _overdue(key, findings[key], watched)
    others = {key: one for key, one in standings.items() if key not in overdue}
    yield _others(report, others, findings.keys(), watched)


def _overdue(key: _Standing, found: list[WorkFinding], watched: Watched) -> Evaluation:
    """One document, with all the systems that wait for it."""
    worst = found[0]
    systems = [str(one.facts["system"]) for one in found if one.code == worst.code and "system" in one.facts]
    due_on = date.fromisoformat(str(worst.facts["due_on"]))
    name, period = key
    return Evaluation(
        key=Key(CHECK, f"{_ONE}{name} {period}"),
        state=worst.state,
        code=worst.code,
        table="document",
        judged_at=watched.now,
        facts={**worst.facts, "system": ", ".join(systems)},
        since=start_of(due_on + _DAY, watched.settings.office.zone),
        is_finding=True,
    )


def _others(
    report: DocumentReport,
    standings: Mapping[_Standing, DocumentStanding],
    unfinished: Collection[_Standing],
    watched: Watched,
) -> Evaluation:
    """Everything of a month that is not overdue; well as long as nothing of it is to be done."""
    waiting = [one for key, one in standings.items() if key in unfinished]
    due = min((one.due_on for one in waiting if one.due_on is not None), default=None)
    facts: dict[str, Fact] = {"count": len(waiting or standings), "period": report.period.name}
    if waiting:
        facts["subjects"] = named(one.name for one in waiting)
    if due is not None:
        facts["due_on"] = due.isoformat()
    return Evaluation(
        key=Key(CHECK, f"{_MANY}{report.period.name}"),
        state=State.WARNING if waiting else State.OK,
        code="documents.to-do" if waiting else "documents.well",
        table=TABLE,
        judged_at=watched.now,
        valid_until=_turns_at(standings.values(), watched),
        facts=facts,
    )


def _turns_at(standings: Iterable[DocumentStanding], watched: Watched) -> datetime | None:
    """When the first of them is asked for, or overdue, unless somebody does it."""
    days = [day for one in standings if not one.is_done for day in (one.period.last, one.due_on) if day is not None]
    moments = (start_of(day + _DAY, watched.settings.office.zone) for day in days)
    return min((moment for moment in moments if moment > watched.now), default=None)
