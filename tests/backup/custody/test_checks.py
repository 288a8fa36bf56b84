"""The mechanical checks: each is shown by an office in which exactly that is wrong, and by one where it is not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.backup.custody.checks import custody_findings
from itops.backup.custody.deposits import demanded_slots, deposits
from itops.backup.custody.policy import CustodyPolicy
from itops.backup.custody.records import BadFile, Entry, Incident, Reconciled, Retired, Row
from itops.backup.custody.register import register_of
from itops.backup.judgement.verdicts import BackupFinding
from itops.backup.levels import Level
from itops.backup.policy import (
    BackupPlan,
    DaysPolicy,
    Exemption,
    Job,
    MonthDay,
    MonthlyPolicy,
    Protected,
    ProtectedList,
    Texts,
)
from itops.reports.backups import said
from itops.reports.words import LANGUAGES, load_words, placeholders
from itops.verdict import State, severity
from tests.backup.custody.building import (
    CALENDAR,
    JOB,
    M1,
    M2,
    MONTHLY,
    PLAN,
    POLICY,
    added,
    at,
    deposited,
    file,
    moved,
    read,
    received,
    register,
    rows_of,
    sealed,
    written,
)

QUIET = BackupPlan(jobs={"insurance": replace(JOB, monthly=replace(MONTHLY, offsite=None))}, custody=POLICY)
"""A plan that wants nothing off-site: what is found is about media alone."""


def found(
    entries: Sequence[Entry], days: float, plan: BackupPlan = QUIET, **more: object
) -> list[tuple[str, str, State]]:
    findings = custody_findings(register(*entries), plan, CALENDAR, at(days), **more)  # type: ignore[arg-type]
    return [(one.code, one.subject, one.state) for one in findings]


def codes(entries: Sequence[Entry], days: float, plan: BackupPlan = QUIET) -> set[str]:
    return {code for code, _, _ in found(entries, days, plan)}


def policy(**changes: object) -> BackupPlan:
    return replace(QUIET, custody=replace(POLICY, **changes))  # type: ignore[arg-type]


HOME = [added(M2, 0), written(M2, 1)]  # a second medium that stays in the office
WELL = [*deposited(), *HOME]


def in_order(*entries: Entry) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.at)


def test_a_register_in_order_has_no_findings() -> None:
    assert codes(in_order(*WELL), 5) == set()


SICK: list[tuple[list[Entry], float, str, State]] = [
    ([added(), written(), sealed(), moved()], 2.3, "in-transit", State.CRITICAL),
    (
        [*deposited(), moved(days=5, origin="bank", destination="van"), received(days=5.1, place="van")],
        7,
        "in-transit",
        State.CRITICAL,
    ),
    (HOME, 3, "all-outside", State.CRITICAL),
    (in_order(*deposited(M1), *deposited(M2, 0.01, "A-101")), 3, "all-inside", State.WARNING),
    (in_order(*WELL), 182, "test-read-overdue", State.WARNING),
    (
        [added(), written(), read(bad=(BadFile("Insurance.bak", "differs"),))],
        2,
        "read-failed",
        State.CRITICAL,
    ),
    ([added(), written(), read(unlisted=("x",), unlisted_count=1)], 2, "files-unlisted", State.WARNING),
    ([added(), written(), read(doubts=("register-behind",))], 2, "register-behind", State.CRITICAL),
    ([added(), written(), read(doubts=("manifest-differs",))], 2, "manifest-differs", State.CRITICAL),
    ([added(end_of_life_on=date(2026, 9, 30))], 9, "end-of-life", State.WARNING),
    ([added(first_used_on=date(2021, 9, 1))], 1, "end-of-life", State.WARNING),
    ([added(encryption="LUKS"), written()], 2, "escrow-missing", State.CRITICAL),
    ([added(encryption="LUKS", key_escrow="office"), written()], 2, "escrow-beside", State.CRITICAL),
    ([added(encryption="LUKS", key_escrow="HQ"), written()], 366, "escrow-untested", State.WARNING),
    (
        [*deposited(), moved(days=5, origin="bank", destination="office"), received(days=5.1, place="office")],
        51,
        "away-long",
        State.WARNING,
    ),
    (
        [added(), written(), sealed(), moved(), received(is_seal_intact=False, seal="")],
        2,
        "seal-broken",
        State.CRITICAL,
    ),
    ([added(), written(), sealed(), moved(), received(place="van")], 1.4, "arrived-elsewhere", State.WARNING),
    ([added(), Incident(medium=M1, at=at(1), by="A", what="lost")], 2, "incident-open", State.CRITICAL),
    ([added(), Incident(medium=M1, at=at(1), by="A", what="other")], 2, "incident-open", State.WARNING),
    ([Incident(at=at(1), by="A", what="other")], 2, "incident-open", State.WARNING),
    (in_order(*WELL), 367, "reconcile-overdue", State.WARNING),
    ([added(), written(M1, 1, file(faults=("cut",)))], 2, "content-damaged", State.CRITICAL),
    ([added(), written(), sealed(), moved(days=1.2), received(days=10)], 11, "place-closed", State.WARNING),
]


@pytest.mark.parametrize(("entries", "days", "code", "state"), SICK)
def test_each_thing_that_is_wrong_is_found(entries: list[Entry], days: float, code: str, state: State) -> None:
    if code == "place-closed":
        assert at(10).astimezone(CALENDAR.zone).strftime("%A") == "Friday"
    assert (code, state) in {(one, how) for one, _, how in found(entries, days)}


@pytest.mark.parametrize(
    ("entries", "days", "code"),
    [
        pytest.param([added(), written(), sealed(), moved()], 2.2, "in-transit", id="a day is allowed"),
        pytest.param(in_order(*WELL), 181, "test-read-overdue", id="on the last day"),
        pytest.param(
            in_order(*WELL, read(M2, 100), read(days=100, opened_seal="A-100")), 200, "test-read-overdue", id="read"
        ),
        pytest.param([added(first_used_on=date(2021, 9, 25))], 0, "end-of-life", id="not yet five years"),
        pytest.param([added(kind="lto", first_used_on=date(2010, 1, 1))], 1, "end-of-life", id="tapes wear by use"),
        pytest.param(
            [
                added(encryption="LUKS"),
            ],
            2,
            "escrow-missing",
            id="nothing on it yet",
        ),
        pytest.param(
            [added(encryption="LUKS", key_escrow="HQ"), written(), read(days=200, is_key_from_escrow=True)],
            400,
            "escrow-untested",
            id="opened with the key from its escrow",
        ),
        pytest.param(
            [added(), written(), sealed(), moved(), received(is_seal_intact=False, seal=""), read(days=3)],
            4,
            "seal-broken",
            id="read whole since",
        ),
        pytest.param(deposited(), 5, "all-inside", id="there is only one"),
        pytest.param(deposited(), 5, "all-outside", id="it is in the box"),
        pytest.param(
            [added(), Retired(medium=M1, at=at(1), by="A", witness="B", method="destroy")],
            4000,
            "end-of-life",
            id="retired",
        ),
    ],
)
def test_what_is_in_order_is_not_found(entries: list[Entry], days: float, code: str) -> None:
    assert code not in codes(entries, days)


def test_a_tape_wears_by_passes() -> None:
    entries = [added(kind="lto"), *(written(days=day) for day in range(1, 5))]
    assert "tape-worn" not in codes(entries, 5, policy(tape_passes=4))
    assert "tape-worn" in codes(entries, 5, policy(tape_passes=3))


def test_a_plan_may_want_encryption() -> None:
    strict = policy(needs_encryption=True)
    assert "unencrypted" in codes([added(), written()], 2, strict)
    assert "unencrypted" not in codes([added(encryption="LUKS", key_escrow="HQ"), written()], 2, strict)


def test_a_place_that_left_the_plan_is_told() -> None:
    assert "place-unknown" in codes(deposited(), 2, replace(QUIET, custody=CustodyPolicy()))


def count(days: float, found_there: tuple[str, ...], **more: object) -> Reconciled:
    entry = Reconciled(at=at(days), by="R. Karimi", witness="S. Rahimi", place="office", found=found_there)
    return replace(entry, **more)  # type: ignore[arg-type]


def test_a_difference_stays_until_a_later_entry_explains_it() -> None:
    entries: list[Entry] = [added(M1), added(M2), count(2, (M2,), missing=(M1,))]
    assert ("count-missing", M1, State.CRITICAL) in found(entries, 3)
    assert "count-missing" not in codes([*entries, count(4, (M1, M2))], 5)
    assert "count-missing" not in codes([*entries, Incident(medium=M1, at=at(4), by="A", what="lost")], 5)
    strange: list[Entry] = [added(M1), count(2, (M1, M2), unexpected=(M2,))]
    assert ("count-unexpected", M2, State.WARNING) in found(strange, 3)


def test_what_was_written_down_late_is_told() -> None:
    entries = deposited()
    for days, is_late in ((2, False), (4, True)):
        held = register_of(rows_of(entries, recorded_after=timedelta(days=days)))
        findings = {one.code for one in custody_findings(held, QUIET, CALENDAR, at(9))}
        assert ("recorded-late" in findings) == is_late


def test_a_changed_row_is_critical_until_an_incident_accounts_for_it() -> None:
    def told(rows: list[Row]) -> BackupFinding:
        findings = custody_findings(register_of(rows), QUIET, CALENDAR, at(3))
        return next(one for one in findings if one.code == "register-broken")

    rows = rows_of(deposited())
    rows[3] = replace(rows[3], document=rows[3].document.replace("S. Rahimi", "S. Rahimy"))
    assert (told(rows).state, told(rows).facts["number"]) == (State.CRITICAL, 4)
    known = Incident(at=at(2), by="A", what="register-broken", facts={"broken_row": 4})
    assert told([*rows, *rows_of([*deposited(), known])[5:]]).state is State.WARNING


# What should lie off-site. The register begins on the last day of Shahrivar (1405-06), 22 September.


def slots(entries: Sequence[Entry], days: float, plan: BackupPlan = PLAN, **more: object) -> list[tuple[str, str]]:
    told = found(entries, days, plan, **more)
    return [(code, subject) for code, subject, _ in told if code.startswith(("offsite", "deposit"))]


def day(month: int, number: int, hour: int = 12) -> float:
    """Days from the beginning of the register to a moment of autumn 2026, Tehran."""
    return (datetime(2026, month, number, hour, tzinfo=CALENDAR.zone) - at()) / timedelta(days=1)


SHAHRIVAR = "insurance sql01/Insurance 1405-06"
MEHR = "insurance sql01/Insurance 1405-07"


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param(day(9, 24), [("offsite-due", SHAHRIVAR)], id="due on Wednesday the 23rd, when the bank was open"),
        pytest.param(day(9, 30), [("offsite-due", SHAHRIVAR)], id="a week of grace"),
        pytest.param(day(10, 1), [("offsite-missing", SHAHRIVAR)], id="late"),
    ],
)
def test_a_month_without_a_deposit_is_due_then_overdue(days: float, expected: list[tuple[str, str]]) -> None:
    assert slots([added()], days) == expected


def test_a_deposit_fulfils_its_slot_and_no_other() -> None:
    assert slots(deposited(), day(10, 20)) == []
    assert slots(deposited(), day(11, 20)) == [("deposit-overdue", "bank"), ("offsite-missing", MEHR)]


@pytest.mark.parametrize(
    ("entries", "is_there"),
    [
        pytest.param(deposited(), True, id="in the box"),
        pytest.param(deposited()[:-1], False, id="on its way"),
        pytest.param(deposited()[:-2], False, id="sealed in the office"),
        pytest.param([*deposited(), moved(days=3, origin="bank", destination="office")], False, id="on its way back"),
        pytest.param(
            [*deposited(), moved(days=3, origin="bank", destination="office"), received(days=3.1, place="office")],
            False,
            id="fetched back",
        ),
        pytest.param([*deposited(), Incident(medium=M1, at=at(3), by="A", what="lost")], False, id="lost"),
        pytest.param([*deposited(), count(3, (), place="bank", missing=(M1,))], False, id="counted, and not found"),
        pytest.param(
            [
                *deposited(),
                count(3, (), place="bank", missing=(M1,)),
                Incident(medium=M1, at=at(4), by="A", what="other"),
            ],
            False,
            id="not found, and nobody has found it since",
        ),
        pytest.param(
            [*deposited(), count(3, (), place="bank", missing=(M1,)), count(4, (M1,), place="bank")],
            True,
            id="not found at first, and found",
        ),
        pytest.param(deposited(M1, 0, "A-100", file(slot="1405-05")), False, id="another month"),
        pytest.param(deposited(M1, 0, "A-100", file(object="sql01/Payroll")), False, id="another object"),
        pytest.param(deposited(M1, 0, "A-100", file(object="")), True, id="the job's only object, unnamed"),
        pytest.param(deposited(M1, 0, "A-100", file(job="other")), False, id="another job"),
        pytest.param(deposited(M1, 0, "A-100", file(faults=("cut",))), False, id="damaged"),
        pytest.param(
            in_order(*deposited(), *deposited(M2, 0.01, "A-101", file(slot="1405-05"))), True, id="on one of two media"
        ),
    ],
)
def test_only_a_sound_copy_whose_last_movement_ends_in_the_vault_counts(entries: list[Entry], is_there: bool) -> None:
    assert (("offsite-missing", SHAHRIVAR) in slots(entries, day(10, 5))) != is_there


def test_what_left_the_box_is_no_deposit_from_the_moment_it_was_handed_out() -> None:
    assert [held.media for held in deposits(register(*deposited()), "bank")] == [(M1,)]
    out = moved(days=3, origin="bank", destination="office")
    assert deposits(register(*deposited(), out), "bank") == ()
    assert deposits(register(*deposited()), "office") == ()


def test_a_deposit_on_two_media_is_as_good_as_the_worse_of_them() -> None:
    both = in_order(
        *deposited(M1, 0, "A-100", file("a.bak", level=Level.SEEN), file("b.bak", level=Level.SAME)),
        *deposited(M2, 0.01, "A-101", file(level=Level.COMPLETE)),
    )
    (held,) = deposits(register(*both), "bank")
    assert (held.media, held.level, held.slot) == ((M1, M2), Level.COMPLETE, "1405-06")


def test_holidays_of_the_bank_move_the_last_day() -> None:
    days = DaysPolicy(holidays=(date(2026, 9, 30), date(2026, 10, 3)))
    plan = replace(PLAN, days=days)
    assert slots([added()], day(10, 1), plan) == [("offsite-due", SHAHRIVAR)]
    assert slots([added()], day(10, 4, 23), plan) == [("offsite-due", SHAHRIVAR)]  # Thursday, Friday, a holiday, Sunday
    assert slots([added()], day(10, 5, 0), plan) == [("offsite-missing", SHAHRIVAR)]


def test_only_months_that_are_over_and_only_as_many_as_are_kept_are_demanded() -> None:
    def names(days: float, plan: BackupPlan = PLAN) -> list[str]:
        demanded = demanded_slots(register(added()), plan, CALENDAR, at(days))
        return [one.slot.name for one in demanded]

    assert names(day(9, 22)) == []
    assert names(day(9, 23, 0)) == ["1405-06"]
    assert names(day(11, 21)) == ["1405-06", "1405-07"]
    assert names(day(11, 22)) == ["1405-06", "1405-07", "1405-08"]
    two = replace(PLAN, jobs={"insurance": replace(JOB, monthly=replace(MONTHLY, keep=2))})
    assert names(day(11, 22), two) == ["1405-07", "1405-08"]


def test_a_copy_below_the_level_is_told_with_its_level() -> None:
    weak = deposited(M1, 0, "A-100", file(level=Level.SEEN))
    assert slots(weak, day(10, 5)) == [("offsite-weak", SHAHRIVAR)]


def test_two_files_on_one_medium_are_one_copy_and_one_hash_on_two_media_are_two() -> None:
    two = replace(PLAN, custody=replace(POLICY, copies=2))
    same_twice = deposited(M1, 0, "A-100", file("a.bak"), file("b.bak"))
    assert slots(same_twice, day(10, 5), two) == [("offsite-too-few", SHAHRIVAR)]
    on_two = in_order(*deposited(M1), *deposited(M2, 0.01, "A-101"))
    assert slots(on_two, day(10, 5), two) == []


def test_a_place_that_nobody_configured_is_told_once_a_tier() -> None:
    plan = replace(PLAN, custody=CustodyPolicy())
    assert ("offsite-place-unknown", "insurance") in slots(deposited(), 2, plan)


def test_an_exempted_month_is_not_demanded() -> None:
    excuse = Exemption(reason="moving house", owner="R. Karimi", until=date(2026, 9, 22), since=date(2026, 8, 1))
    plan = replace(PLAN, jobs={"insurance": replace(JOB, exempt=(excuse,))})
    assert ("offsite-missing", SHAHRIVAR) not in slots([added()], day(10, 5), plan)


def test_no_month_is_demanded_that_began_before_the_register_where_the_job_has_no_beginning() -> None:
    plan = replace(PLAN, jobs={"insurance": replace(JOB, since=None)})
    assert slots([added()], day(10, 5), plan) == []
    assert slots([], day(10, 5), plan) == []
    assert ("offsite-missing", "insurance sql01/Insurance 1405-08") in slots([added()], day(12, 20), plan)


def test_every_database_of_a_server_is_demanded_by_name() -> None:
    all_of = Job(
        protects=ProtectedList((Protected.parse("sql01/*"),)),
        repository=Texts(("nas",)),
        monthly=MonthlyPolicy(on=MonthDay(None), keep=12, offsite="bank"),
        since=JOB.since,
    )
    plan = replace(PLAN, jobs={"insurance": all_of})
    names = [("sql01", "Insurance"), ("sql01", "Payroll"), ("sql02", "Other")]
    missing = slots(deposited(), day(10, 5), plan, databases=names)
    assert missing == [("offsite-missing", "insurance sql01/Payroll 1405-06")]
    assert slots(deposited(), day(10, 5), plan) == []


# Every finding can be said.


def every_finding() -> list[BackupFinding]:
    weak = in_order(*deposited(M1, 0, "A-100", file(level=None)), *HOME)
    twice = replace(PLAN, custody=replace(POLICY, copies=2))
    findings = [one for entries, *_ in SICK for one in custody_findings(register(*entries), PLAN, CALENDAR, at(4000))]
    findings += custody_findings(register(*weak), twice, CALENDAR, at(20))
    findings += custody_findings(register(), replace(PLAN, custody=CustodyPolicy()), CALENDAR, at(20))
    return findings


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_can_be_said_in_both_languages(language: str) -> None:
    words = load_words(language)
    for one in every_finding():
        template = words.template("custody", one.code)
        assert placeholders(template) <= set(one.facts), one.code
        text = said("custody", one.code, one.facts, words)
        assert "{" not in text
        assert words.template("unit", "unknown") not in text, one


def test_the_worst_comes_first() -> None:
    lost = Incident(medium=M2, at=at(3), by="A", what="lost")
    findings = custody_findings(register(*in_order(*WELL, lost)), PLAN, CALENDAR, at(400))
    grades = [severity(one.state) for one in findings]
    assert grades == sorted(grades, reverse=True)


@settings(max_examples=60)
@given(st.floats(0, 3000), st.floats(0, 3000))
def test_waiting_never_makes_anything_better(days: float, more: float) -> None:
    entries = in_order(*WELL)
    before = custody_findings(register(*entries), QUIET, CALENDAR, at(5 + days))
    after = custody_findings(register(*entries), QUIET, CALENDAR, at(5 + days + more))
    assert {(one.code, one.subject) for one in before} <= {(one.code, one.subject) for one in after}


@settings(max_examples=60)
@given(st.lists(st.sampled_from(rows_of(in_order(*WELL))), max_size=14))
def test_the_checks_answer_for_any_rows_whatever(rows: list[Row]) -> None:
    is_whole = register_of(rows).broken is None
    findings = custody_findings(register_of(rows), PLAN, CALENDAR, at(50))
    assert ("register-broken" in {one.code for one in findings}) != is_whole
