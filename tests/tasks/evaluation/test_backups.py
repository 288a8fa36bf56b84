"""What is told of backups, from a real store: every state, what explains it, in which words, and for how long."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.alerts.checking import check_results
from itops.alerts.inhibition import explanations
from itops.alerts.policy import AlertPolicy
from itops.alerts.records import Evaluation, Incident, Key
from itops.assets.policy import AssetPolicy
from itops.backup.copies import Database
from itops.backup.judgement import Question
from itops.backup.ledger import DrillRecord, KnownCopy, KnownDatabase, LookRecord
from itops.backup.levels import Level
from itops.backup.policy import BackupPlan, DrillPolicy, Exemption, Job, Protected, ProtectedList
from itops.backup.repositories import LookGap
from itops.backup.slots import Calendar
from itops.bundles.policy import HeartbeatPolicy
from itops.config.settings import ExpectsSettings, HealthSettings, OfficeSettings, RolesSettings, Settings
from itops.reports.alert_messages import incident_text
from itops.reports.checked import page_in
from itops.reports.checked.checked import Checked
from itops.reports.words import load_words
from itops.schedule.policy import SchedulePolicy
from itops.store import StoreLocation, open_reader, open_store
from itops.store.writing import Store
from itops.tasks.evaluation.backups import backup_evaluations, evaluate_backups, repository_key
from itops.tasks.evaluation.watched import Watched
from itops.tasks.judge_backups import judge_backups
from itops.verdict import State, worst
from tests.backup.judgement.factory import DAYS, NOW, TEHRAN, at, copy, daily, job, look, nightly
from tests.backup.judgement.test_properties import questions
from tests.reports.test_backup_words import CODES

JUST = timedelta(microseconds=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JALALI = Calendar(days=DAYS, calendar="jalali", zone=TEHRAN)
INSURANCE = Key("backup", "insurance sql01/Insurance")
NAS = repository_key("nas")
SINCE = date(2026, 11, 19)
NIGHTLY = job(since=SINCE, owner="dept5", daily=daily(keep=3, grace=6 * HOUR, due=time(2)))
AGED = replace(NIGHTLY, max_age=26 * HOUR)
LAST = look("11-22 08:55")
GOOD = tuple(nightly("11-19", "11-21"))
LANGUAGES = pytest.mark.parametrize("words", [load_words("en"), load_words("fa")], ids=["en", "fa"])


def settings_of(folder: Path, plan: BackupPlan | None) -> Settings:
    """Of an office that has a backup plan, and nothing else."""
    return Settings(
        path=folder / "itops.yaml",
        office=OfficeSettings(id="alborz"),  # type: ignore[arg-type]
        sources=(),
        expects=ExpectsSettings(),
        roles=RolesSettings(),
        health=HealthSettings(),
        assets=AssetPolicy(),
        backup=plan,
        report=None,
        services={},
        delivery=None,
        schedule=SchedulePolicy(),
        alerts=AlertPolicy(),
        heartbeat=HeartbeatPolicy(),
        state=folder / "state",
        store=None,
    )


def plan_of(*repositories: str, **jobs: Job) -> BackupPlan:
    return BackupPlan(jobs=jobs, days=DAYS, repositories=dict.fromkeys(repositories or ("nas",)))


@dataclass
class Shelf:
    """A real store that is told what was seen."""

    folder: Path
    plan: BackupPlan | None
    now: datetime = NOW
    looks: Sequence[LookRecord] = (LAST,)
    copies: Sequence[KnownCopy] = ()
    databases: Sequence[str] = ()  # as the first look tells: sql01/Insurance
    drills: Sequence[DrillRecord] = ()

    @property
    def location(self) -> StoreLocation:
        return StoreLocation(folder=self.folder / "state")

    def fill(self, store: Store) -> None:
        """Every copy is seen by each whole look at its repository from its own first look on."""
        for number, one in enumerate(sorted(self.looks, key=lambda look: look.looked_at)):
            seen = [
                known.copy
                for known in self.copies
                if known.first_seen_at <= one.looked_at and known.copy.repository == one.repository
            ]
            listed = [database(text) for text in self.databases] if number == 0 else []
            store.ledger.record_look(one, [] if one.hides else seen, listed, ())
        for known in self.copies:
            for held in known.proofs:
                store.ledger.record_proof(replace(held, repository=known.copy.repository, key=known.copy.key))
        for drill in self.drills:
            store.ledger.record_drill(drill)

    @contextmanager
    def watched(self) -> Iterator[Watched]:
        with open_store(self.location, self.now) as store:
            self.fill(store)
        with open_reader(self.location) as reader:
            yield Watched(
                settings=settings_of(self.folder, self.plan), reader=reader, judge_roles=_nobody, now=self.now
            )

    def evaluations(self) -> dict[Key, Evaluation]:
        with self.watched() as watched:
            found = list(evaluate_backups(watched))
        assert len({one.key for one in found}) == len(found)
        return {one.key: one for one in found}


def _nobody(*_: Any) -> Any:
    raise AssertionError("backups have nothing to do with roles")


def database(text: str) -> Database:
    server, _, name = text.partition("/")
    return Database(server=server, name=name, is_system=name == "master")


def drilled(days_ago: float, **more: Any) -> DrillRecord:
    held = DrillRecord(
        job="insurance",
        object="sql01/Insurance",
        repository="nas",
        key="k",
        fingerprint="f",
        started_at=NOW - timedelta(days=days_ago),
        seconds=60,
        into="postgresql",
        is_restored=True,
    )
    return replace(held, **more)


TESTED = replace(NIGHTLY, drill=DrillPolicy(into="postgresql", every=92 * DAY))
NOON = at("11-22 12:10")
FAILED = replace(look("11-22 08:58", is_complete=False), problem="no route to nas", remedy="look at its cable")


@pytest.mark.parametrize(
    ("policy", "told", "state", "said", "since"),
    [
        pytest.param(NIGHTLY, {"copies": GOOD}, State.OK, "slot in-slot", None, id="a copy each night"),
        pytest.param(AGED, {"copies": GOOD}, State.OK, "backup fresh", None, id="with an age promised"),
        pytest.param(
            NIGHTLY,
            {"copies": GOOD[:2], "now": NOON, "looks": (look("11-22 12:05"),)},
            State.CRITICAL,
            "slot nothing-there",
            "11-22 12:00",
            id="a night without a copy",
        ),
        pytest.param(
            NIGHTLY,
            {"now": NOON, "looks": (look("11-22 12:05"),)},
            State.CRITICAL,
            "slot nothing-there",
            "11-20 12:00",
            id="no copy at all: since the first night",
        ),
        pytest.param(
            AGED,
            {"copies": GOOD[:2], "now": NOON, "looks": (look("11-22 12:05"),)},
            State.CRITICAL,
            "backup too-old",
            "11-22 01:30",
            id="too old says more than the night",
        ),
        pytest.param(AGED, {}, State.CRITICAL, "backup no-good-copy", None, id="never any copy"),
        pytest.param(NIGHTLY, {"copies": GOOD[:2]}, State.WARNING, "slot in-grace", "11-22 06:00", id="in its grace"),
        pytest.param(
            NIGHTLY,
            {"copies": (*GOOD[:2], copy("11-21 23:30", level=Level.IDENTIFIED))},
            State.WARNING,
            "slot below-level",
            "11-22 06:00",
            id="not proven as far as it should be",
        ),
        pytest.param(
            NIGHTLY,
            {"copies": (*GOOD[:2], copy("11-21 23:30", faults=("cut",)))},
            State.CRITICAL,
            "backup damaged",
            None,
            id="damaged: the finding tells how",
        ),
        pytest.param(
            NIGHTLY,
            {"copies": GOOD, "looks": (LAST, FAILED)},
            State.UNKNOWN,
            "backup look-failed",
            "11-22 08:58",
            id="the last look failed",
        ),
        pytest.param(NIGHTLY, {"looks": ()}, State.UNKNOWN, "backup never-looked", None, id="nobody ever looked"),
        pytest.param(
            NIGHTLY,
            {"copies": GOOD, "now": at("11-23 11:00")},
            State.UNKNOWN,
            "backup look-stale",
            "11-23 10:55",
            id="nobody has looked since yesterday",
        ),
        pytest.param(TESTED, {"copies": GOOD}, State.WARNING, "backup never-restored", None, id="never restored"),
        pytest.param(
            TESTED,
            {"copies": GOOD, "drills": (drilled(1, is_restored=False),)},
            State.CRITICAL,
            "backup restore-failed",
            None,
            id="could not be restored",
        ),
        pytest.param(TESTED, {"copies": GOOD, "drills": (drilled(1),)}, State.OK, "slot in-slot", None, id="restored"),
    ],
)
def test_every_state_of_an_object_is_told_by_its_worst_reason(tmp_path, policy, told, state, said, since):
    one = Shelf(tmp_path, plan_of(insurance=policy), **told).evaluations()[INSURANCE]
    assert (one.state, f"{one.table} {one.code}") == (state, said)
    assert one.since == (None if since is None else at(since))
    assert one.owner == "dept5"
    assert one.last_good_at == max((at("11-19 23:30") + n * DAY for n, _ in enumerate(good(told))), default=None)
    assert one.valid_until is None or one.valid_until > one.judged_at


def good(told: Mapping[str, Any]) -> list[KnownCopy]:
    proven = [known for known in told.get("copies", ()) if known.proofs]
    found = [(one, one.proofs[0].examination) for one in proven]
    return [one for one, said in found if said.level is Level.COMPLETE and not said.faults]


def test_the_state_is_what_the_check_of_backups_exits_with(tmp_path):
    shelf = Shelf(tmp_path, plan_of(insurance=AGED, letters=NIGHTLY), copies=GOOD[:2])
    with shelf.watched() as watched:
        judged = judge_backups(watched.settings.backup, watched.reader.ledger, watched.calendar, NOW)
        found = {one.key: one for one in evaluate_backups(watched)}
    objects = {key: one.state for key, one in found.items() if not key.object.startswith("repository ")}
    assert objects == {Key("backup", f"{one.job} {one.object}"): one.state for one in judged.verdicts}
    assert worst(objects.values()) is judged.state is State.CRITICAL


def test_a_database_of_which_nobody_knows_the_server_is_unknown(tmp_path):
    everything = replace(NIGHTLY, protects=ProtectedList([Protected.parse("sql02/*")]))
    one = Shelf(tmp_path, plan_of(other=everything)).evaluations()[Key("backup", "other sql02/*")]
    assert (one.state, one.code, one.valid_until) == (State.UNKNOWN, "none-listed", None)
    assert one.facts["server"] == "sql02"


# Repositories


@pytest.mark.parametrize(
    ("told", "state", "code", "since", "seen"),
    [
        pytest.param({}, State.OK, "looked", None, "11-22 08:55", id="looked at"),
        pytest.param({"looks": ()}, State.UNKNOWN, "never-looked", None, None, id="never"),
        pytest.param({"looks": (FAILED,)}, State.UNKNOWN, "look-failed", "11-22 08:58", None, id="never but in vain"),
        pytest.param(
            {"looks": (LAST, FAILED, replace(FAILED, looked_at=NOW))},
            State.UNKNOWN,
            "look-failed",
            "11-22 08:58",
            "11-22 08:55",
            id="in vain since the first that failed",
        ),
        pytest.param(
            {"looks": (FAILED, look("11-22 08:59"))}, State.OK, "looked", None, "11-22 08:59", id="seen again"
        ),
        pytest.param({"now": at("11-23 10:55")}, State.OK, "looked", None, "11-22 08:55", id="as old as a look may be"),
        pytest.param(
            {"now": at("11-23 10:55") + JUST}, State.UNKNOWN, "look-stale", "11-23 10:55", "11-22 08:55", id="older"
        ),
        pytest.param(
            {"now": at("11-24 10:55"), "looks": (LAST, replace(FAILED, looked_at=at("11-24 09:00")))},
            State.UNKNOWN,
            "look-failed",
            "11-24 09:00",
            "11-22 08:55",
            id="stale because it fails",
        ),
        pytest.param(
            {"looks": (LAST, look("11-22 08:57", hides=True))},
            State.WARNING,
            "look-partial",
            None,
            "11-22 08:55",
            id="seen in part",
        ),
    ],
)
def test_every_state_of_a_repository(tmp_path, told, state, code, since, seen):
    one = Shelf(tmp_path, plan_of(insurance=NIGHTLY), copies=GOOD, **told).evaluations()[NAS]
    assert (one.state, one.code) == (state, code)
    assert (one.since, one.last_good_at) == tuple(None if text is None else at(text) for text in (since, seen))


def test_a_repository_of_no_job_is_looked_at_too(tmp_path):
    found = Shelf(tmp_path, plan_of("nas", "sql01", insurance=NIGHTLY), copies=GOOD).evaluations()
    assert (found[repository_key("sql01")].code, found[NAS].code) == ("never-looked", "looked")


def test_what_a_look_could_not_see_is_told_with_its_place(tmp_path):
    gap = LookGap(subject="old", code="unreadable", problem="may not be read", remedy="chmod", hides=True)
    blind = replace(look("11-22 08:57", hides=True), gaps=(gap,))
    found = Shelf(tmp_path, plan_of(insurance=NIGHTLY), copies=GOOD, looks=(LAST, blind)).evaluations()
    told = {"copies": 3, "place": "old", "problem": "may not be read", "remedy": "chmod"}
    assert {name: found[NAS].facts[name] for name in told} == told
    assert (found[INSURANCE].state, found[INSURANCE].code) == (State.UNKNOWN, "look-partial")
    assert found[INSURANCE].facts["place"] == "old"


def test_a_repository_that_fails_turns_its_jobs_unknown_and_explains_them(tmp_path):
    jobs = {name: replace(NIGHTLY, repository=("nas",)) for name in ("one", "two", "three")}
    elsewhere = replace(NIGHTLY, repository=("disk",))
    looks = (LAST, FAILED, replace(LAST, repository="disk"))
    copies = [
        replace(known, copy=replace(known.copy, job=name, repository=name if name == "disk" else "nas"))
        for name in (*jobs, "disk")
        for known in GOOD
    ]
    found = Shelf(tmp_path, plan_of("nas", "disk", **jobs, disk=elsewhere), copies=copies, looks=looks).evaluations()
    explained = explanations(found, {})
    assert {key.object: root for key, root in explained.items()} == {f"{name} sql01/Insurance": NAS for name in jobs}
    assert {found[key].state for key in explained} == {State.UNKNOWN}
    assert found[Key("backup", "disk sql01/Insurance")].state is State.OK


def test_what_is_proven_to_be_bad_is_not_explained_by_a_look_that_failed(tmp_path):
    broken = (*GOOD[:2], copy("11-21 23:30", faults=("cut",)))
    found = Shelf(tmp_path, plan_of(insurance=NIGHTLY), copies=broken, looks=(LAST, FAILED)).evaluations()
    assert found[INSURANCE].state is State.CRITICAL
    assert explanations(found, {}) == {}


# What nobody backs up


def test_without_a_plan_nothing_is_judged_unless_databases_are_known(tmp_path):
    assert Shelf(tmp_path / "inventory only", None).evaluations() == {}
    assert Shelf(tmp_path / "servers own", None, databases=["sql01/master"]).evaluations() == {}
    found = Shelf(tmp_path / "databases", None, databases=["sql01/Insurance", "sql01/master"]).evaluations()
    one = found[Key("backup", "")]
    assert (one.state, one.code, dict(one.facts)) == (State.CRITICAL, "no-plan", {"databases": 1})


def test_an_empty_plan_and_an_empty_store_give_nothing(tmp_path):
    assert Shelf(tmp_path, BackupPlan(), looks=()).evaluations() == {}


def exemption(object_: str, until: date, since: date | None = None) -> Exemption:
    return Exemption(reason="a copy for tests", owner="N. Karimi", until=until, since=since, object=object_)


def test_databases_that_no_job_protects_are_told_one_by_one(tmp_path):
    exempt = (
        exemption("sql01/Test*", date(2026, 12, 1)),
        exemption("sql01/Old", date(2026, 11, 20)),
        exemption("sql01/Later", date(2026, 12, 31), date(2026, 11, 25)),
    )
    plan = replace(plan_of(insurance=NIGHTLY), exempt=exempt)
    names = ["Insurance", "Payroll", "Test1", "Old", "Later", "master", "tempdb"]
    shelf = Shelf(tmp_path, plan, copies=GOOD, databases=[f"sql01/{name}" for name in names])
    found = shelf.evaluations()
    uncovered = {key.object: (one.state, one.code) for key, one in found.items() if one.table == "evaluation_backup"}
    assert uncovered == {
        "coverage sql01/Payroll": (State.CRITICAL, "unprotected"),
        "coverage sql01/Later": (State.CRITICAL, "unprotected"),
        "coverage sql01/Old": (State.CRITICAL, "exemption-expired"),
        "coverage sql01/master": (State.WARNING, "unprotected"),
        "coverage sql01/tempdb": (State.CRITICAL, "unprotected"),  # by this shelf a database that people made
    }
    old = found[Key("backup", "coverage sql01/Old")]
    assert (old.owner, old.since, old.facts["until_on"]) == ("N. Karimi", at("11-21 00:00"), "2026-11-20")
    assert {found[Key("backup", name)].valid_until for name in uncovered} == {at("11-25 00:00")}
    assert len(found) == 1 + 1 + len(uncovered)


# The way of an evaluation


def test_the_evaluations_come_out_of_the_store_as_they_went_in(tmp_path):
    shelf = Shelf(tmp_path, plan_of(insurance=AGED), copies=GOOD[:2], databases=["sql01/Payroll"])
    with shelf.watched() as watched:
        found = list(evaluate_backups(watched))
    with open_store(shelf.location, NOW) as store:
        store.watch.record_evaluations(found, {"backup"})
    with open_reader(shelf.location) as reader:
        assert reader.watch.evaluations() == sorted(found, key=lambda one: one.key)


def test_who_has_judged_already_is_not_judged_again(tmp_path):
    with Shelf(tmp_path, plan_of(insurance=AGED), copies=GOOD).watched() as watched:
        plan, ledger = watched.settings.backup, watched.reader.ledger
        judged = judge_backups(plan, ledger, watched.calendar, NOW)
        assert list(evaluate_backups(watched, judged)) == list(evaluate_backups(watched))
        nothing = replace(judged, verdicts=())
        assert [one.key for one in evaluate_backups(watched, nothing)] == [NAS]


def test_prometheus_is_told_the_job_and_its_object(tmp_path):
    found = Shelf(tmp_path, plan_of(insurance=AGED), copies=GOOD).evaluations()
    results = check_results(found.values(), NOW)
    text = page_in("prometheus", Checked(results=results, now=NOW, words=load_words("en")))
    last = int(at("11-21 23:30").timestamp())
    assert f'{{job="insurance",object="sql01/Insurance"}} {last}\n' in text
    assert f'{{job="repository",object="nas"}} {int(at("11-22 08:55").timestamp())}\n' in text


def test_no_fact_is_longer_than_anybody_reads_and_every_number_is_one(tmp_path):
    answer = replace(drilled(1), answer=float("nan"), is_answered=False)
    long = replace(FAILED, problem="x" * 100_000)
    with Shelf(tmp_path, plan_of(insurance=TESTED), copies=GOOD, looks=(LAST, long)).watched() as watched:
        ledger = Kept(copies=list(GOOD), seen=[LAST, long], tests=[answer])
        found = backup_evaluations(plan_of(insurance=TESTED), ledger, watched.calendar, NOW)
        stored = list(evaluate_backups(watched))
    wrong = {one.key: one for one in found}[INSURANCE]
    assert (wrong.code, wrong.facts["answer"]) == ("answer-wrong", None)
    assert max(len(fact) for one in stored for fact in one.facts.values() if isinstance(fact, str)) == 500


# What is always so


@dataclass
class Kept:
    """A ledger in memory, in whatever order."""

    copies: list[KnownCopy]
    seen: list[LookRecord]
    listed: list[KnownDatabase] = field(default_factory=list)
    tests: list[DrillRecord] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._copies = self.copies
        self.copies = lambda job=None, gone_after=None: self._copies  # type: ignore[method-assign,assignment]

    def looks(self, repository: str | None = None, limit: int = 1000) -> list[LookRecord]:
        return [one for one in self.seen if repository in (None, one.repository)]

    def watched_since(self) -> dict[str, datetime]:
        whole = sorted((one for one in self.seen if one.is_complete), key=lambda one: one.looked_at, reverse=True)
        return {one.repository: one.looked_at for one in whole}

    def databases(self) -> list[KnownDatabase]:
        return self.listed

    def drills(self, job: str | None = None) -> list[DrillRecord]:
        return self.tests

    def server_facts(self) -> list[Any]:
        return []


def judged_now(
    asked: Question, copies: Iterable[KnownCopy], looks: Iterable[LookRecord], now: datetime, tests: Any = ()
) -> dict[Key, Evaluation]:
    plan = BackupPlan(jobs={"insurance": asked.job}, days=DAYS, repositories=dict.fromkeys(("nas", "disk", "idle")))
    ledger = Kept(copies=list(copies), seen=list(looks), tests=list(tests))
    return {one.key: one for one in backup_evaluations(plan, ledger, asked.calendar, now)}  # type: ignore[arg-type]


promising = questions(own_copies=True).filter(lambda asked: asked.job.tiers() or asked.job.max_age)


@settings(max_examples=60)
@given(promising, st.randoms(use_true_random=False))
def test_the_order_of_facts_means_nothing(asked, random):
    copies, looks = list(asked.copies), list(asked.looks)
    told = judged_now(asked, copies, looks, NOW)
    random.shuffle(copies)
    random.shuffle(looks)
    assert judged_now(asked, copies, looks, NOW) == told


policies_of_drills = st.none() | st.just(DrillPolicy(into="postgresql", every=3 * DAY))
tests_of_restores = st.lists(st.builds(drilled, st.floats(0, 5), is_restored=st.booleans()), max_size=3)


@settings(max_examples=80)
@given(promising, policies_of_drills, tests_of_restores, st.floats(0, 1))
def test_until_the_moment_told_state_and_code_stay(asked, drill, tests, part):
    asked = replace(asked, job=replace(asked.job, drill=drill))
    tests = sorted(tests, key=lambda one: one.started_at, reverse=True)
    for key, one in judged_now(asked, asked.copies, asked.looks, NOW, tests).items():
        last = NOW + 400 * DAY if one.valid_until is None else one.valid_until - JUST
        assert last >= NOW
        for moment in (last, NOW + (last - NOW) * part):
            again = judged_now(asked, asked.copies, asked.looks, moment, tests)[key]
            assert (again.state, again.table, again.code) == (one.state, one.table, one.code), (key, moment)


@settings(max_examples=60)
@given(promising, st.timedeltas(-2 * DAY, 30 * DAY))
def test_whatever_is_told_has_words_in_both_languages_and_lies_in_the_past(asked, later):
    now = NOW + later
    found = judged_now(asked, asked.copies, asked.looks, now)
    assert len(found) == 1 + 3
    for key, one in found.items():
        assert one.since is None or one.since <= now
        for language in ("en", "fa"):
            words = load_words(language)
            assert words.template(one.table, one.code), key
            assert "{" not in incident_text(as_incident(one), words)


def as_incident(one: Evaluation) -> Incident:
    return Incident(key=one.key, state=one.state, code=one.code, table=one.table, facts=one.facts)


@LANGUAGES
def test_every_code_of_slots_and_findings_can_be_said(words):
    """Whatever facts are told: one that is missing is called unknown."""
    said = [(table, code) for table in ("slot", "backup", "evaluation_backup") for code in words.tables[table]]
    assert {found for found in CODES if found[0] == "backup"} < set(said)
    for table, code in [*said, ("control_evidence", "looked")]:
        assert words.template(table, code)
        assert "{" not in incident_text(Incident(key=INSURANCE, code=code, table=table), words)
