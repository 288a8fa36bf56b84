"""The delivery as it is told: each month that was due, its newest edition, and documents by name."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itops.alerts.records import Key
from itops.bundles.outbox import OutboxRow
from itops.bundles.outbox import State as Outbox
from itops.schedule.planning import FIRST_SIGHT
from itops.schedule.records import Run, RunState
from itops.tasks.evaluation.delivery import PERIODS, evaluate_delivery
from itops.verdict import State
from itops.worklog.documents import Made, Uploaded
from tests.tasks.evaluation.offices import DAY, HOUR, INSTANT, NOW, WatchedOffice, assert_stays_until_its_moment

DELIVERS = (
    'report: {monthly: {day: 2, at: "08:00"}}\ndelivery: {max_delay: 3d, targets: {hq: {type: folder, path: drop}}}\n'
)
MONTH = "1405-08"
DUE = datetime(2026, 11, 23, 4, 30, tzinfo=NOW.tzinfo)  # 08:00 on 2 Azar, of the month of Aban
LATE = DUE + 3 * DAY
LAST = datetime(2026, 10, 24, 4, 30, tzinfo=NOW.tzinfo)  # of the month of Mehr


def bundle(period: str = MONTH, sequence: int = 1, state: Outbox = Outbox.QUEUED, **more: object) -> OutboxRow:
    made = OutboxRow(
        sha256=f"{period}{sequence}".encode().hex().ljust(64, "0"),
        name=f"itops_alborz_{period}_{sequence}",
        office="alborz",
        period=period,
        sequence=sequence,
        size_bytes=1,
        previous=None,
        queued_at=DUE + HOUR,
        state=state,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def delivered(period: str = MONTH, sequence: int = 1, at: datetime = DUE + 2 * HOUR) -> OutboxRow:
    return bundle(period, sequence, Outbox.DELIVERED, closed_at=at, queued_at=at - HOUR)


def refused(sequence: int = 1) -> OutboxRow:
    why = {"problem": "the numbers do not add up", "remedy": "mend it"}
    return bundle(MONTH, sequence, Outbox.REFUSED, closed_at=DUE + 2 * HOUR, **why)


def office(tmp_path, *rows: OutboxRow, seen_at: datetime | None = LAST + DAY, more: str = DELIVERS) -> WatchedOffice:
    (tmp_path / "drop").mkdir()
    made = WatchedOffice(tmp_path, more)
    with made.store() as store:
        previous = None
        for row in rows:
            store.outbox.enqueue(replace(row, previous=previous))
            previous = row.sha256
            store.outbox.change(row.sha256, lambda _held, row=row: row)
        if seen_at is not None:
            first = Run(job="report", due_at=LAST, state=RunState.SKIPPED, ended_at=seen_at, note=FIRST_SIGHT)
            store.watch.claim(first)
    return made


IN_VAIN = {"problem": "hq: the share does not answer", "remedy": "look at it", "tries": 3}
SENT = bundle(state=Outbox.SENT, sent_at=DUE + 2 * HOUR)


@pytest.mark.parametrize(
    ("rows", "now", "state", "code"),
    [
        pytest.param([], DUE, State.OK, "delivery.due", id="due this minute"),
        pytest.param([], DUE + DAY, State.OK, "delivery.due", id="exactly a day"),
        pytest.param([], DUE + DAY + INSTANT, State.WARNING, "delivery.not-made", id="not made for a day"),
        pytest.param([], LATE, State.WARNING, "delivery.not-made", id="the last moment"),
        pytest.param([], LATE + INSTANT, State.CRITICAL, "delivery.never-made", id="never made"),
        pytest.param([bundle()], LATE, State.OK, "delivery.queued", id="queued in time"),
        pytest.param([bundle()], LATE + INSTANT, State.CRITICAL, "delivery.late", id="queued, late"),
        pytest.param([bundle(**IN_VAIN)], LATE, State.OK, "delivery.failing", id="tried in vain, in time"),
        pytest.param([bundle(**IN_VAIN)], LATE + HOUR, State.CRITICAL, "delivery.late-failing", id="tried in vain"),
        pytest.param([bundle(state=Outbox.SENDING)], LATE, State.OK, "delivery.queued", id="killed while sending"),
        pytest.param([SENT], LATE, State.OK, "delivery.sent", id="no receipt yet"),
        pytest.param([SENT], LATE + HOUR, State.CRITICAL, "delivery.late-sent", id="no receipt"),
        pytest.param(
            [replace(SENT, received_at=DUE + DAY)],
            LATE + HOUR,
            State.WARNING,
            "delivery.late-received",
            id="they have it",
        ),
        pytest.param([refused()], DUE + DAY, State.CRITICAL, "delivery.refused", id="refused"),
        pytest.param([delivered()], LATE + 300 * DAY, State.OK, "delivery.delivered", id="delivered for ever"),
        pytest.param([refused(), delivered(sequence=2)], LATE, State.OK, "delivery.delivered", id="corrected"),
        pytest.param([delivered(), refused(2)], LATE, State.CRITICAL, "delivery.refused", id="correction refused"),
    ],
)
def test_a_month_stands_as_its_newest_edition_does(tmp_path, rows, now, state, code):
    one = office(tmp_path, *rows).judged(evaluate_delivery, now)[MONTH]
    assert (one.state, one.code) == (state, code)
    assert one.facts["due_on"] == "2026-11-23"


def test_what_is_late_since_the_report_was_due_is_late_however_late_it_was_made(tmp_path):
    made_late = bundle(queued_at=LATE - HOUR)
    assert office(tmp_path, made_late).judged(evaluate_delivery, LATE + HOUR)[MONTH].code == "delivery.late"


def test_what_was_made_before_its_day_is_late_once_and_not_well_again_on_that_day(tmp_path):
    made = office(tmp_path, bundle(queued_at=DUE - 4 * DAY))
    assert [made.judged(evaluate_delivery, at)[MONTH].code for at in (DUE - HOUR, DUE + HOUR)] == ["delivery.late"] * 2


def test_a_correction_has_its_own_time(tmp_path):
    correction = bundle(sequence=2, queued_at=LATE + 10 * DAY)
    made = office(tmp_path, delivered(), correction)
    assert made.judged(evaluate_delivery, LATE + 13 * DAY)[MONTH].code == "delivery.queued"
    one = made.judged(evaluate_delivery, LATE + 13 * DAY + INSTANT)[MONTH]
    assert (one.code, one.since, one.last_good_at) == ("delivery.late", LATE + 13 * DAY, DUE + 2 * HOUR)


def test_the_step_before_the_last_is_explained_by_the_job_and_the_last_by_nothing(tmp_path):
    made = office(tmp_path)
    assert made.judged(evaluate_delivery, LATE)[MONTH].depends_on == (Key("schedule", "report"),)
    assert made.judged(evaluate_delivery, LATE + HOUR)[MONTH].depends_on == ()


def test_nothing_is_owed_from_before_the_job_was_seen_or_the_first_bundle_was_made(tmp_path):
    assert set(office(tmp_path).judged(evaluate_delivery, DUE)) == {MONTH}


def test_what_was_due_since_the_first_bundle_and_never_made_is_told_month_by_month(tmp_path):
    first = delivered("1405-05", at=datetime(2026, 8, 24, 8, tzinfo=NOW.tzinfo))
    found = office(tmp_path, first, seen_at=None).judged(evaluate_delivery, DUE + HOUR)
    assert {name: one.code for name, one in found.items()} == {
        "1405-08": "delivery.due",
        "1405-07": "delivery.never-made",
        "1405-06": "delivery.never-made",
        "1405-05": "delivery.delivered",
    }


def test_at_most_thirteen_months_are_asked_for(tmp_path):
    found = office(tmp_path, seen_at=LAST + DAY).judged(evaluate_delivery, DUE + 3000 * DAY)
    assert len(found) == PERIODS


def test_before_the_first_report_is_due_nothing_is_wrong(tmp_path):
    found = office(tmp_path).judged(evaluate_delivery)
    assert [(name, one.code, one.valid_until) for name, one in found.items()] == [("", "delivery.not-yet-due", DUE)]


def test_where_nothing_tells_since_when_reports_are_owed_nobody_knows(tmp_path):
    one = office(tmp_path, seen_at=None).judged(evaluate_delivery)[""]
    assert (one.state, one.code) == (State.UNKNOWN, "delivery.nothing-known")
    assert one.depends_on == (Key("schedule", "report"),)


def test_a_bundle_made_by_hand_is_told_until_it_is_delivered(tmp_path):
    by_hand = bundle("1404", queued_at=NOW)
    found = office(tmp_path, by_hand, delivered("1403")).judged(evaluate_delivery, NOW + 4 * DAY)
    assert found["1404"].code == "delivery.late"
    assert "1403" not in found


def test_a_bundle_that_somebody_was_alarmed_about_is_told_once_it_is_delivered(tmp_path):
    made = office(tmp_path, delivered("1403"))
    made.opens(Key("delivery", "1403"))
    assert made.judged(evaluate_delivery)["1403"].code == "delivery.delivered"


def test_bundles_count_where_no_delivery_is_configured_any_more(tmp_path):
    found = office(tmp_path, refused(), more="").judged(evaluate_delivery, LATE)
    assert {name: one.code for name, one in found.items()} == {MONTH: "delivery.refused"}


def test_an_office_that_promised_nothing_has_nothing_to_tell(tmp_path):
    assert office(tmp_path, more="").judged(evaluate_delivery) == {}


def test_the_age_of_the_newest_delivery_is_told_and_not_that_of_older_ones(tmp_path):
    older = delivered("1405-07", at=LAST + HOUR)
    found = office(tmp_path, older, delivered()).judged(evaluate_delivery, LATE)
    assert (found[MONTH].last_good_at, found["1405-07"].last_good_at) == (DUE + 2 * HOUR, None)


@pytest.mark.parametrize("at", ["daily 08:00", "every 4h", "weekly saturday 09:00", "gregorian-monthly 3 08:00"])
def test_a_report_job_of_another_rhythm_owes_each_month_once(tmp_path, at):
    jobs = f"schedule: {{jobs: {{report: {{run: 'report upload --period {{period}}', at: {at}}}}}}}\n"
    first = delivered("1405-01", at=datetime(2026, 1, 3, tzinfo=NOW.tzinfo))
    found = office(tmp_path, first, more=DELIVERS + jobs).judged(evaluate_delivery, DUE + 40 * DAY)
    assert len(found) >= 11


# Documents

ASKED = (
    "report:\n"
    "  systems: {goals: هدف, festival: جشنواره}\n"
    "  documents:\n"
    "    letter: {title: نامه, systems: [goals, festival], due: 10}\n"
    "    minutes: {title: صورت‌جلسه}\n"
    "    plan: {title: برنامه, cadence: yearly, systems: [goals]}\n"
)
AZAR_5, AZAR_11 = NOW + 4 * DAY, NOW + 10 * DAY


def made(document: str, period: str, at: datetime = NOW) -> Made:
    return Made(document=document, period=period, at=at, by="A. Karimi", path="x.pdf", sha256="a" * 64, size_bytes=1)


def uploaded(document: str, period: str, system: str) -> Uploaded:
    return Uploaded(document=document, period=period, system=system, at=NOW, by="A. Karimi", sha256="a" * 64)


def asking(tmp_path, *records: Made | Uploaded) -> WatchedOffice:
    built = WatchedOffice(tmp_path, ASKED)
    with built.store() as store:
        for record in records:
            store.worklog.record_document(record, NOW)
    return built


def test_a_month_that_has_just_ended_is_one_warning_with_a_count_and_a_day(tmp_path):
    found = asking(tmp_path).judged(evaluate_delivery, AZAR_5)
    assert {name: (one.state, one.code) for name, one in found.items()} == {
        "documents 1405-09": (State.OK, "documents.well"),
        "documents 1405-08": (State.WARNING, "documents.to-do"),
    }
    facts = found["documents 1405-08"].facts
    assert (facts["count"], facts["subjects"], facts["due_on"]) == (2, "letter, minutes", "2026-12-01")


def test_a_document_that_is_overdue_is_told_by_name_with_its_day(tmp_path):
    found = asking(tmp_path).judged(evaluate_delivery, AZAR_11)
    one = found["document letter 1405-08"]
    assert (one.state, one.code) == (State.CRITICAL, "document.missing-overdue")
    assert one.facts["due_on"] == "2026-12-01"
    assert found["documents 1405-08"].facts["subjects"] == "minutes"


def test_the_systems_that_still_wait_for_a_document_are_named_together(tmp_path):
    one = asking(tmp_path, made("letter", "1405-08")).judged(evaluate_delivery, AZAR_11)["document letter 1405-08"]
    assert (one.code, one.facts["system"]) == ("document.not-uploaded-overdue", "goals, festival")


def test_a_document_that_was_overdue_and_is_done_is_found_no_more(tmp_path):
    done = [
        made("letter", "1405-08"),
        uploaded("letter", "1405-08", "goals"),
        uploaded("letter", "1405-08", "festival"),
    ]
    name = "document letter 1405-08"
    built = asking(tmp_path, done[0])
    assert built.judged(evaluate_delivery, AZAR_11)[name].is_finding
    with built.store() as store:
        for record in done[1:]:
            store.worklog.record_document(record, NOW)
    assert name not in built.judged(evaluate_delivery, AZAR_11)


def test_documents_are_asked_for_since_the_first_was_recorded(tmp_path):
    first = made("minutes", "1405-05", at=datetime(2026, 8, 25, tzinfo=NOW.tzinfo))
    found = asking(tmp_path, first).judged(evaluate_delivery, AZAR_5)
    assert {"document letter 1405-05", "document letter 1405-07", "documents 1405-06"} <= set(found)
    assert not any("1405-04" in name for name in found)


def test_on_the_day_of_installation_nobody_is_alarmed_about_the_months_before(tmp_path):
    built = asking(tmp_path)
    with built.store() as store:
        first = Run(job="watch", due_at=NOW, state=RunState.SKIPPED, ended_at=AZAR_11, note=FIRST_SIGHT)
        store.watch.claim(first)
    assert set(built.judged(evaluate_delivery, AZAR_11)) == {"documents 1405-09"}


def test_a_yearly_document_is_told_once(tmp_path):
    first = made("minutes", "1405-05", at=datetime(2026, 8, 25, tzinfo=NOW.tzinfo))
    found = asking(tmp_path, first).judged(evaluate_delivery, NOW + 150 * DAY)
    waiting = [name for name, one in found.items() if "plan" in str(one.facts.get("subjects"))]
    assert waiting == ["documents 1405-12"]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(hours=st.integers(24, 24 * 200), rows=st.sampled_from([(), (SENT,), (refused(),), (bundle(**IN_VAIN),)]))
def test_until_its_moment_each_delivery_stays_as_it_was_judged(tmp_path_factory, hours, rows):
    folder = tmp_path_factory.mktemp("office")
    built = office(
        folder, *rows, more=DELIVERS.replace("report: {", "report: {documents: {letter: {title: x, due: 10}}, ")
    )
    assert assert_stays_until_its_moment(built, evaluate_delivery, NOW + timedelta(hours=hours))
