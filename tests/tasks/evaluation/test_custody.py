"""What is told of media off-site: one thing for each subject, in words, and for how long it stays so."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.alerts.records import Evaluation, Incident, Key
from itops.backup.copies import Database
from itops.backup.custody.chain import GENESIS
from itops.backup.custody.policy import CustodyPolicy
from itops.backup.custody.records import Entry, Row
from itops.backup.ledger import KnownDatabase
from itops.backup.policy import BackupPlan, Protected, ProtectedList
from itops.reports.alert_messages import incident_text
from itops.reports.words import LANGUAGES, load_words, placeholders
from itops.store import StoreLocation, open_reader, open_store
from itops.tasks.evaluation.custody import evaluate_custody, off_site
from itops.tasks.evaluation.watched import Watched
from itops.verdict import State
from tests.backup.custody.building import CALENDAR, JOB, M1, PLAN, added, at, deposited, rows_of, written
from tests.backup.custody.test_checks import HOME, QUIET, SICK, WELL, in_order
from tests.tasks.evaluation.test_backups import settings_of

JUST, DAY = timedelta(microseconds=1), timedelta(days=1)
OWNED = replace(PLAN, jobs={"insurance": replace(JOB, owner="dept5")})
UNDATED = replace(PLAN, jobs={"insurance": replace(JOB, since=None)})
"""Nothing is demanded of it before there is a register."""
MEHR = "insurance sql01/Insurance 1405-07"
"""The month from 23 September to 22 October: over 30.6 days after the register began."""


@dataclass
class Known:
    """A store with a register and databases, in memory."""

    entries: Sequence[Entry] = ()
    listed: Sequence[str] = ()

    @property
    def custody(self) -> "Known":
        return self

    @property
    def ledger(self) -> "Known":
        return self

    def rows(self) -> list[Row]:
        return rows_of(self.entries)

    def databases(self) -> list[KnownDatabase]:
        pairs = [text.split("/") for text in self.listed]
        held = [Database(server=server, name=name, is_system=name == "master") for server, name in pairs]
        return [KnownDatabase(database=one, first_seen_at=at(), last_seen_at=at()) for one in held]


def told(
    entries: Sequence[Entry], now: datetime, plan: BackupPlan | None = OWNED, **more: Any
) -> dict[Key, Evaluation]:
    reader: Any = Known(entries, **more)
    watched = Watched(settings=settings_of(Path("office"), plan), reader=reader, judge_roles=lambda vms: {}, now=now)  # type: ignore[arg-type,return-value]
    found = list(evaluate_custody(watched))
    assert len({one.key for one in found}) == len(found)
    return {one.key: one for one in found}


def alone(found: dict[Key, Evaluation]) -> Evaluation:
    (one,) = found.values()
    return one


def test_an_office_that_promises_nothing_and_keeps_no_media_is_left_alone():
    assert told([], at(), None) == {}
    assert told([], at(), replace(QUIET, custody=CustodyPolicy())) == {}


@pytest.mark.parametrize(
    ("entries", "plan", "state", "said"),
    [
        pytest.param(in_order(*WELL), OWNED, State.OK, "evaluation_custody well", id="all is where it should be"),
        pytest.param([], UNDATED, State.WARNING, "control_reason no-register", id="promised, and nothing registered"),
        pytest.param([], QUIET, State.OK, "control_reason no-register", id="places without a promise"),
        pytest.param(WELL, None, State.UNKNOWN, "evaluation_custody no-plan", id="media without a plan"),
    ],
)
def test_what_is_told_of_the_register_as_a_whole(entries, plan, state, said):
    one = alone(told(entries, at(4), plan))
    assert (one.key, one.state, f"{one.table} {one.code}") == (Key("custody", ""), state, said)


@pytest.mark.parametrize(("entries", "days", "code", "state"), SICK)
def test_each_subject_is_told_by_the_worst_that_is_wrong_with_it(entries, days, code, state):
    found = told(entries, at(days), QUIET)
    held = off_site(Known(entries), QUIET, CALENDAR, at(days))  # type: ignore[arg-type]
    assert held is not None
    by_subject = {subject: [one for one in held.findings if one.subject == subject] for subject in subjects(held)}
    assert found.keys() == {Key("custody", subject) for subject in by_subject}
    assert any(one.code == code and one.state is state for findings in by_subject.values() for one in findings)
    for subject, findings in by_subject.items():
        one = found["custody", subject]  # type: ignore[index]
        assert (one.state, one.code) == (findings[0].state, findings[0].code)
        assert one.facts["findings"] == len(findings)


def subjects(held: Any) -> set[str]:
    return {one.subject for one in held.findings}


@pytest.mark.parametrize(
    ("days", "state", "code", "since"),
    [
        pytest.param(32, None, "", None, id="the first day on which it can be carried"),
        pytest.param(33, State.WARNING, "offsite-due", date(2026, 10, 25), id="to be carried"),
        pytest.param(45, State.CRITICAL, "offsite-missing", date(2026, 11, 1), id="late"),
    ],
)
def test_what_should_have_been_carried_off_site_is_told_with_its_days(days, state, code, since):
    one = told(in_order(*WELL), at(days)).get(Key("custody", MEHR))
    if one is None:
        assert state is None
        return
    assert (one.state, one.code, one.owner) == (state, code, "dept5")
    assert one.since is not None
    assert one.since.astimezone(CALENDAR.zone).isoformat()[:16] == f"{since}T00:00"
    assert {"due_on", "last_on", "place"} <= set(one.facts)


def test_the_servers_own_databases_are_not_wanted_off_site():
    everything = replace(JOB, protects=ProtectedList([Protected.parse("sql01/*")]))
    plan = replace(PLAN, jobs={"insurance": everything})
    found = told(WELL, at(45), plan, listed=["sql01/Insurance", "sql01/master"])
    assert MEHR in {key.object for key in found}
    assert not [key for key in found if "master" in key.object]


LIMITS = st.sampled_from([DAY, timedelta(days=2, hours=5), timedelta(days=45)])
REGISTERS = [*(entries for entries, *_ in SICK), in_order(*WELL), [], HOME, [*deposited(), added("M0004-2", 30)]]


@settings(max_examples=150)
@given(
    st.sampled_from(REGISTERS), st.floats(0, 90), LIMITS, LIMITS, st.timedeltas(timedelta(), 40 * DAY), st.booleans()
)
def test_until_the_moment_told_everything_stays(entries, days, short, long, grace, promised):
    policy = replace(PLAN.custody, in_transit=short, test_read_every=long, away_from_vault=short, reconcile_every=long)
    monthly = replace(JOB.monthly, grace=grace, offsite="bank" if promised else None)
    plan = replace(PLAN, custody=policy, jobs={"insurance": replace(JOB, monthly=monthly)})
    now = at(days)
    before = told(entries, now, plan)
    ends = {one.valid_until for one in before.values()} - {None}
    for until in ends:
        assert now < until <= now + 2 * DAY
        for moment in (until - JUST, now + (until - now) / 2):
            assert shown(told(entries, moment, plan)) == shown(before)


def shown(found: dict[Key, Evaluation]) -> dict[Key, tuple[State, str]]:
    return {key: (one.state, one.code) for key, one in found.items()}


def test_a_limit_is_passed_at_the_very_moment_that_was_told():
    entries = [*HOME, added(), written(), *deposited()[2:4]]
    entries = in_order(*entries)
    until = told(entries, at(2.15), QUIET)["custody", ""].valid_until  # type: ignore[index]
    assert until == at(1.2) + DAY + JUST
    assert Key("custody", M1) not in told(entries, until - JUST, QUIET)
    assert told(entries, until, QUIET)["custody", M1].code == "in-transit"  # type: ignore[index]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("entries", "days"), [*((entries, days) for entries, days, *_ in SICK), (WELL, 4), ([], 4)])
def test_whatever_is_told_has_words_and_the_facts_for_them(entries, days, language):
    words = load_words(language)
    for plan in (OWNED, QUIET, None):
        for one in told(entries, at(days), plan).values():
            assert placeholders(words.template(one.table, one.code)) <= set(one.facts)
            incident = Incident(key=one.key, state=one.state, code=one.code, table=one.table, facts=one.facts)
            assert "{" not in incident_text(incident, words)


@pytest.mark.parametrize("days", [4, 45])
def test_from_a_real_store_it_is_the_same_and_goes_back_into_it(tmp_path, days):
    location = StoreLocation(folder=tmp_path / "state")
    entries, now = in_order(*WELL), at(days)
    with open_store(location, now) as store:
        last = rows_of([])
        for entry in entries:
            last = [store.custody.append(entry, entry.at, after=last[-1].hash if last else GENESIS)]
    with open_reader(location) as reader:
        watched = Watched(settings=settings_of(tmp_path, OWNED), reader=reader, judge_roles=_nobody, now=now)
        found = list(evaluate_custody(watched))
    assert {one.key: one for one in found} == told(entries, now)
    with open_store(location, now) as store:
        store.watch.record_evaluations(found, {"custody"})
    with open_reader(location) as reader:
        assert reader.watch.evaluations() == sorted(found, key=lambda one: one.key)


def _nobody(*_: Any) -> Any:
    raise AssertionError("media have nothing to do with roles")
