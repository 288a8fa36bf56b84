"""Exceptions: what of all rooms together needs a person, how long it has stood, who answers, and why it is so."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import TYPE_CHECKING, TypeAlias

from itops.facts import Fact
from itops.reports.monthly.figures import Evidence, Figure, count_of
from itops.reports.monthly.parts import FindingRow
from itops.reports.monthly.records import ExceptionRow, PeriodRow, Verdict
from itops.verdict import State, severity, worst
from itops.worklog.notes import Note, NoteKind, PeriodNotes

if TYPE_CHECKING:
    from itops.reports.monthly.assembling import Parts

OPEN, NEW, CLOSED = "exceptions.open", "exceptions.new", "exceptions.closed"
ITEM_COUNT, ITEMS = "item_count", "items"
"""Facts of an exception that tells of several things: how many, and which."""
NO_EARLIER_PERIOD = "no-earlier-period"
_GATHERED = frozenset({"asset"})
"""Tables whose warnings are told together, by code."""
_REASONS = 3  # so many exceptions stand under the verdict

_Group: TypeAlias = tuple[str, str, str, str]  # room, table, code, subject


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """What is known of an exception before this period."""

    months: int = 1
    is_longer: bool = False  # nobody looked further back
    since: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answers:
    """What people said of exceptions, and who answers where nobody said."""

    notes: PeriodNotes
    owners: Mapping[str, str] = field(default_factory=dict)  # room -> name

    def note(self, key: str) -> Note | None:
        return self.notes.about(NoteKind.CAUSE, key)

    def owner(self, key: str, findings: Iterable[FindingRow], room: str) -> str:
        """The note's owner, else the first that a finding names, else the room's."""
        note = self.note(key)
        named = [note.owner if note else "", *(finding.owner for finding in findings), self.owners.get(room, "")]
        return next((name for name in named if name), "")


def key_of(finding: FindingRow) -> str:
    """What a cause is written for."""
    return f"{finding.code}:{_subject(finding)}"


def _subject(finding: FindingRow) -> str:
    """Whom an exception is about; "" where all things of one code are one exception.

    Sixty warranties that ended are one decision, not sixty; what is critical is always told by name.
    """
    return "" if finding.table in _GATHERED and finding.state is State.WARNING else finding.subject


def exceptions_of(
    parts: "Parts",
    earlier: Sequence["Parts"],
    period: PeriodRow,
    notes: PeriodNotes,
    owners: Mapping[str, str],
) -> tuple[ExceptionRow, ...]:
    """Every finding that is worse than advice, once for each code and subject; the worst and oldest first.

    `earlier`: the periods before this one, newest first. `owners`: who answers for a room's findings.
    """
    before = [_since_by_key(one) for one in earlier]
    answers = _Answers(notes=notes, owners=owners)
    rows = [
        _exception(findings, _standing(key_of(findings[0]), before), period, answers)
        for findings in _grouped(parts).values()
    ]
    return tuple(sorted(rows, key=_order))


def count_open(parts: "Parts") -> int:
    """How many exceptions there are."""
    return len(_grouped(parts))


def state_of(parts: "Parts") -> State:
    """The worst of them; OK when there is none."""
    return worst(findings[0].state for findings in _grouped(parts).values())


def exception_figures(rows: Sequence[ExceptionRow], last: "Parts | None") -> tuple[Figure, ...]:
    """How many are open, how many of them are new, and how many of the last period's are gone."""
    told = {row.key: _evidence(row) for row in rows}
    open_ones = count_of(OPEN, (_evidence(row) for row in rows))
    if last is None:
        unknown = [Figure(id=name, value=None, reason=NO_EARLIER_PERIOD) for name in (NEW, CLOSED)]
        return open_ones, *unknown
    before = _since_by_key(last)
    new = [evidence for key, evidence in told.items() if key not in before]
    closed = [Evidence(kind="exception", ref=key, at=since) for key, since in before.items() if key not in told]
    return open_ones, count_of(NEW, new), count_of(CLOSED, closed)


def verdict_of(rows: Sequence[ExceptionRow], last: "Parts | None") -> Verdict:
    """How the office stands. `rows`: the worst first."""
    state = worst(row.state for row in rows)
    reasons = dict.fromkeys(row.key for row in rows if row.state is state)
    _, new, closed = exception_figures(rows, last)
    return Verdict(
        state=state,
        exceptions=len(rows),
        reasons=tuple(reasons)[:_REASONS],
        new=int(new.value or 0),
        closed=int(closed.value or 0),
    )


def _grouped(parts: "Parts") -> dict[_Group, list[FindingRow]]:
    """Findings worse than advice; of each group the worst first."""
    groups: dict[_Group, list[FindingRow]] = {}
    for finding in parts.findings:
        if finding.state is not State.OK:
            groups.setdefault((finding.room, finding.table, finding.code, _subject(finding)), []).append(finding)
    return {group: sorted(found, key=lambda one: -severity(one.state)) for group, found in groups.items()}


def _since_by_key(parts: "Parts") -> dict[str, datetime | None]:
    """The keys of a period's exceptions, and since when each is known to have stood."""
    found: dict[str, list[datetime]] = {}
    for findings in _grouped(parts).values():
        found.setdefault(key_of(findings[0]), []).extend(_moments(findings))
    return {key: min(moments, default=None) for key, moments in found.items()}


def _moments(findings: Iterable[FindingRow]) -> Iterator[datetime]:
    return (finding.since for finding in findings if finding.since is not None)


def _standing(key: str, before: Sequence[Mapping[str, datetime | None]]) -> _Standing:
    """In how many periods on end it stands, this one included: one good month, and the count begins anew."""
    run = list(takewhile(lambda known: key in known, before))
    moments = (known[key] for known in run)
    return _Standing(
        months=len(run) + 1,
        is_longer=bool(run) and len(run) == len(before),
        since=tuple(moment for moment in moments if moment is not None),
    )


def _exception(
    findings: Sequence[FindingRow], standing: _Standing, period: PeriodRow, answers: _Answers
) -> ExceptionRow:
    first = findings[0]
    key = key_of(first)
    note = answers.note(key)
    since = min([*_moments(findings), *standing.since], default=None)
    return ExceptionRow(
        key=key,
        room=first.room,
        table=first.table,
        code=first.code,
        subject=_subject(first),
        state=first.state,
        count=len(findings),
        since=since,
        age_days=None if since is None else max((period.state_at - since).days, 0),
        months=standing.months,
        is_longer=standing.is_longer,
        owner=answers.owner(key, findings, first.room),
        due_on=note.due_on if note else None,
        cause=note.text if note else None,
        facts=first.facts if _subject(first) or not first.subject else _told_together(findings),
        evidence=tuple(dict.fromkeys(evidence for finding in findings for evidence in finding.evidence)),
    )


def _told_together(findings: Sequence[FindingRow]) -> Mapping[str, Fact]:
    subjects = sorted({finding.subject for finding in findings})
    return {ITEM_COUNT: len(subjects), ITEMS: ", ".join(subjects)}


def _order(row: ExceptionRow) -> tuple[int, int, int, str, str, str]:
    age = -1 if row.age_days is None else row.age_days
    return -severity(row.state), -row.months, -age, row.key, row.room, row.table


def _evidence(row: ExceptionRow) -> Evidence:
    return Evidence(kind="exception", ref=row.key, at=row.since, note=row.state.name)
