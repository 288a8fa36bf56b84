"""Exceptions: once for each code and subject, worst and oldest first, with who answers and why."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.names import Names
from itops.reports.monthly.assembling import Parts
from itops.reports.monthly.exceptions import (
    ITEM_COUNT,
    ITEMS,
    count_open,
    exception_figures,
    exceptions_of,
    state_of,
    verdict_of,
)
from itops.reports.monthly.figures import Evidence
from itops.reports.monthly.parts import FindingRow, HardwarePart
from itops.reports.monthly.records import ExceptionRow
from itops.verdict import State, severity
from itops.worklog.notes import Note, NoteKind, PeriodNotes
from tests.reports.monthly.judged_office import END, MONTH, finding, found

KEY = "backup.slot-missing:insurance-db"
CAUSE = Names(fa="برق قطع بود", en="no power")


def rows(parts: Parts, *earlier: Parts, notes: PeriodNotes | None = None, **owners: str) -> tuple[ExceptionRow, ...]:
    """`earlier`: newest first."""
    return exceptions_of(parts, earlier, MONTH, notes or PeriodNotes(), owners)


def row(parts: Parts, *earlier: Parts, **more: Any) -> ExceptionRow:
    (one,) = rows(parts, *earlier, **more)
    return one


def note(about: str = KEY, **more: Any) -> PeriodNotes:
    at = datetime(2024, 3, 20, tzinfo=UTC)
    return PeriodNotes(notes=(Note(kind=NoteKind.CAUSE, period="1402-12", about=about, at=at, by="A", **more),))


def days_before(number: float) -> datetime:
    return END - timedelta(days=number)


def test_advice_is_no_exception() -> None:
    assert rows(found(finding(state=State.OK))) == ()


def test_findings_of_one_code_and_subject_are_one_exception_with_all_evidence() -> None:
    first, second, third = (Evidence(kind="slot", ref=f"daily {number}") for number in range(3))
    parts = found(
        finding(state=State.WARNING, evidence=(first, second), since=days_before(3)),
        finding(state=State.CRITICAL, evidence=(second, third), since=days_before(9), facts={"slot_count": 2}),
        finding(state=State.OK, since=days_before(99)),
    )
    one = row(parts)
    assert (one.key, one.count, one.state, one.facts) == (KEY, 2, State.CRITICAL, {"slot_count": 2})
    assert one.since == days_before(9)
    assert set(one.evidence) == {first, second, third}
    assert len(one.evidence) == 3


@pytest.mark.parametrize("other", [{"room": "custody"}, {"table": "backup"}, {"code": "x"}, {"subject": "y"}])
def test_another_room_table_code_or_subject_is_another_exception(other: dict[str, str]) -> None:
    assert len(rows(found(finding(), finding(**other)))) == 2


def test_findings_of_every_room_count() -> None:
    parts = found(finding(), hardware=HardwarePart(findings=(finding("asset.lost", "PC-1", room="hardware"),)))
    assert {one.room for one in rows(parts)} == {"backup", "hardware"}


@pytest.mark.parametrize(
    ("earlier", "months"),
    [
        ((), 1),
        ((True,), 2),
        ((True, True), 3),
        ((False, True), 1),
        ((True, False, True), 2),
    ],
)
def test_months_are_counted_without_a_break(earlier: tuple[bool, ...], months: int) -> None:
    past = [found(finding(state=State.WARNING if there else State.OK)) for there in earlier]
    assert row(found(finding()), *past).months == months


def test_it_is_as_old_as_the_oldest_report_of_its_run_says() -> None:
    now = found(finding(since=days_before(2.5)))
    past = found(finding(since=days_before(33.5)))
    gap, older = found(), found(finding(since=days_before(99)))
    assert (row(now).since, row(now).age_days) == (days_before(2.5), 2)
    assert (row(now, past, gap, older).since, row(now, past, gap, older).age_days) == (days_before(33.5), 33)
    unknown = row(found(finding()))
    assert (unknown.since, unknown.age_days) == (None, None)
    assert row(found(finding(since=END + timedelta(days=1)))).age_days == 0


@pytest.mark.parametrize(
    ("noted", "named", "of_room", "expected"),
    [("N", "F", "R", "N"), ("", "F", "R", "F"), ("", "", "R", "R"), ("", "", "", "")],
)
def test_who_answers_is_who_a_person_named_last(noted: str, named: str, of_room: str, expected: str) -> None:
    notes = note(owner=noted, text=CAUSE)
    assert row(found(finding(owner=named)), notes=notes, backup=of_room, custody="X").owner == expected


def test_the_first_finding_that_names_somebody_names_the_owner() -> None:
    assert row(found(finding(), finding(owner="B"))).owner == "B"


def test_cause_and_due_day_are_what_a_person_typed_about_it() -> None:
    told = row(found(finding()), notes=note(text=CAUSE, due_on=date(2024, 4, 1)))
    assert (told.cause, told.due_on) == (CAUSE, date(2024, 4, 1))
    other = row(found(finding()), notes=note("backup.slot-missing:other", text=CAUSE))
    assert (other.cause, other.due_on) == (None, None)


def test_the_worst_come_first_then_those_that_stand_longest_then_the_oldest() -> None:
    parts = found(
        finding(subject="warning", state=State.WARNING, since=days_before(90)),
        finding(subject="unknown", state=State.UNKNOWN),
        finding(subject="new", since=days_before(90)),
        finding(subject="old", since=days_before(3)),
        finding(subject="undated"),
        finding(subject="older", since=days_before(60)),
    )
    past = found(finding(subject="old"))
    assert [one.subject for one in rows(parts, past)] == ["old", "new", "older", "undated", "unknown", "warning"]


def test_new_and_closed_are_told_against_the_last_period() -> None:
    now, last = found(finding(subject="a"), finding(subject="b")), found(finding(subject="b"), finding(subject="c"))
    told = {one.id: one for one in exception_figures(rows(now, last), last)}
    assert {name: one.value for name, one in told.items()} == {
        "exceptions.open": 2,
        "exceptions.new": 1,
        "exceptions.closed": 1,
    }
    assert [one.ref for one in told["exceptions.new"].evidence] == ["backup.slot-missing:a"]
    assert [one.ref for one in told["exceptions.closed"].evidence] == ["backup.slot-missing:c"]


def test_without_an_earlier_period_what_is_new_is_unknown_and_not_nought() -> None:
    told = {one.id: one for one in exception_figures(rows(found(finding())), None)}
    assert told["exceptions.open"].value == 1
    for name in ("exceptions.new", "exceptions.closed"):
        assert (told[name].value, told[name].reason) == (None, "no-earlier-period")


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], State.OK),
        ([State.OK], State.OK),
        ([State.WARNING], State.WARNING),
        ([State.WARNING, State.UNKNOWN], State.UNKNOWN),
        ([State.UNKNOWN, State.CRITICAL], State.CRITICAL),
    ],
)
def test_the_verdict_is_the_worst_exception(states: list[State], expected: State) -> None:
    parts = found(*(finding(subject=str(number), state=state) for number, state in enumerate(states)))
    verdict = verdict_of(rows(parts), None)
    assert verdict.state is expected
    assert verdict.exceptions == sum(state is not State.OK for state in states)
    assert len(verdict.reasons) == sum(state is expected is not State.OK for state in states)
    assert (verdict.new, verdict.closed) == (0, 0)


def test_no_more_than_three_reasons_of_the_worst_state_are_given() -> None:
    many = [finding(subject=f"s{number}", since=days_before(number)) for number in range(5)]
    verdict = verdict_of(rows(found(*many, finding(subject="x", state=State.WARNING))), None)
    assert verdict.reasons == tuple(f"backup.slot-missing:s{number}" for number in (4, 3, 2))


FINDINGS = st.lists(
    st.builds(
        finding,
        code=st.sampled_from("ab"),
        subject=st.sampled_from("xyz"),
        room=st.sampled_from(["backup", "custody"]),
        state=st.sampled_from(State),
        since=st.none() | st.integers(0, 90).map(days_before),
    ),
    max_size=12,
)


@given(FINDINGS, FINDINGS)
def test_every_bad_finding_is_in_exactly_one_exception_whatever_the_order(now: list[Any], past: list[Any]) -> None:
    told = rows(found(*now), found(*past))
    assert sum(one.count for one in told) == sum(one.state is not State.OK for one in now)
    assert len(told) == count_open(found(*now))
    assert [severity(one.state) for one in told] == sorted((severity(one.state) for one in told), reverse=True)
    assert (told[0].state if told else State.OK) is state_of(found(*now))
    again = rows(found(*reversed(now)), found(*reversed(past)))
    assert [(one.key, one.room, one.since, one.months) for one in again] == [
        (one.key, one.room, one.since, one.months) for one in told
    ]


@given(FINDINGS, FINDINGS)
def test_what_was_there_plus_new_minus_closed_is_what_is_there(now: list[Any], past: list[Any]) -> None:
    here, last = found(*now), found(*past)
    _, new, closed = exception_figures(rows(here, last), last)
    keys, before = ({one.key for one in rows(parts)} for parts in (here, last))
    assert len(before) + (new.value or 0) - (closed.value or 0) == len(keys)


def test_warnings_about_items_of_the_register_are_one_exception_for_each_code() -> None:
    findings = [
        FindingRow(room="hardware", table="asset", code="warranty.ended", subject=f"PC-{n}", state=State.WARNING)
        for n in (2, 1, 3)
    ]
    critical = FindingRow(room="hardware", table="asset", code="fire.test-due", subject="F-1", state=State.CRITICAL)
    parts = Parts(hardware=HardwarePart(findings=(*findings, critical)))
    told = rows(parts)
    assert [(one.key, one.subject, one.count) for one in told] == [
        ("fire.test-due:F-1", "F-1", 1), ("warranty.ended:", "", 3),
    ]  # fmt: skip
    assert told[1].facts == {ITEM_COUNT: 3, ITEMS: "PC-1, PC-2, PC-3"}
    assert count_open(parts) == 2


@pytest.mark.parametrize(
    ("earlier", "is_longer"),
    [((), False), ((False,), False), ((True,), True), ((True, True), True), ((True, False), False)],
)
def test_what_stood_in_every_report_that_was_looked_at_may_have_stood_longer(
    earlier: tuple[bool, ...], is_longer: bool
) -> None:
    past = [found(finding(state=State.WARNING if there else State.OK)) for there in earlier]
    assert row(found(finding()), *past).is_longer is is_longer
