"""Which objects are judged, and by which looks: what nobody listed and what nobody looked for is unknown."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from itops.backup.claims import claim_of
from itops.backup.copies import Copy, Database, Identity, ServerFact
from itops.backup.ledger import DrillRecord, KnownCopy, KnownDatabase, LookRecord
from itops.backup.levels import Level
from itops.backup.patterns import Pattern
from itops.backup.policy import BackupPlan, DailyPolicy, DrillPolicy, Job, Protected, ProtectedList, Texts
from itops.backup.proofs import Examination, Proof
from itops.backup.slots import Calendar
from itops.tasks.judge_backups import judge_backups
from itops.verdict import State
from tests.backup.judgement.factory import NOW, TEHRAN

SINCE = (NOW - timedelta(days=3)).date()


def job(*protects: str, repositories: tuple[str, ...] = ("nas",), **more) -> Job:
    return Job(
        protects=ProtectedList(map(Protected.parse, protects)),
        repository=Texts(repositories),
        files=Pattern.parse("{object}_{year}{month}{day}.bak"),
        since=SINCE,
        daily=DailyPolicy(keep=2),
        **more,
    )


@dataclass
class Remembered:
    """A store's ledger, in memory."""

    jobs: dict[str, Job]
    names: Iterable[tuple[str, str]] = ()
    known: tuple[KnownCopy, ...] = ()
    tests: tuple[DrillRecord, ...] = ()
    told: tuple[ServerFact, ...] = ()
    seen: list[LookRecord] = field(default_factory=list)
    system: frozenset[str] = frozenset({"master"})

    def __post_init__(self) -> None:
        repositories = {name for job in self.jobs.values() for name in job.repository}
        self.seen = self.seen or [look(name) for name in sorted(repositories)]

    def looks(self, repository=None, limit=1000):
        newest = sorted(self.seen, key=lambda one: one.looked_at, reverse=True)
        return [one for one in newest if repository in (None, one.repository)][:limit]

    def watched_since(self):
        return {one.repository: one.looked_at for one in self.looks() if one.is_complete}

    def copies(self, job=None, gone_after=None):
        return list(self.known)

    def databases(self):
        listed = [Database(server=server, name=name, is_system=name in self.system) for server, name in self.names]
        return [KnownDatabase(database=held, first_seen_at=NOW, last_seen_at=NOW) for held in listed]

    def drills(self, job=None):
        return list(self.tests)

    def server_facts(self):
        return list(self.told)

    def judged(self):
        calendar = Calendar(days=BackupPlan().days, calendar="jalali", zone=TEHRAN)
        return judge_backups(BackupPlan(jobs=self.jobs), self, calendar, NOW).verdicts

    def states(self):
        return {(one.job, one.object): one.state for one in self.judged()}


def look(repository: str, hours_ago: float = 1, **more) -> LookRecord:
    at = NOW - timedelta(hours=hours_ago)
    return LookRecord(repository=repository, looked_at=at, ended_at=at, is_complete=True, **more)


def copy(name: str, days_ago: int, server: str = "SQL01", job: str = "db", **more) -> KnownCopy:
    at = NOW - timedelta(days=days_ago)
    key = f"{name}-{days_ago}"
    identity = Identity(object=name, server=server, started_at=at)
    found = Examination(format="x", attempted=Level.INTACT, level=Level.INTACT, identity=identity)
    proof = Proof(repository="nas", key=key, fingerprint="f", proved_at=at, duration_seconds=1, examination=found)
    made = Copy(repository="nas", key=key, fingerprint="f", job=job, object=f"sql01/{name}", modified_at=at, **more)
    return KnownCopy(copy=made, first_seen_at=at + timedelta(hours=1), last_seen_at=NOW, proofs=(proof,))


NIGHTS = tuple(copy("Insurance", days) for days in range(5))


def test_every_database_of_a_server_is_judged_by_itself_but_the_servers_own():
    names = [("SQL01", "Insurance"), ("SQL01", "Payroll"), ("SQL01", "master"), ("sql02", "Other")]
    office = Remembered({"db": job("sql01/*")}, names, NIGHTS)
    assert office.states() == {
        ("db", "sql01/Insurance"): State.OK,
        ("db", "sql01/Payroll"): State.CRITICAL,
    }


def test_a_database_that_is_named_twice_is_judged_once():
    office = Remembered({"db": job("sql01/*", "sql01/insurance")}, [("sql01", "Insurance")], NIGHTS)
    assert list(office.states()) == [("db", "sql01/insurance")]


def test_a_server_that_nobody_listed_leaves_its_job_unknown_and_its_copies_judged():
    office = Remembered({"db": job("sql01/*")}, [], NIGHTS)
    assert office.states() == {("db", "sql01/Insurance"): State.OK, ("db", "sql01/*"): State.UNKNOWN}
    assert [finding.code for finding in office.judged()[-1].findings] == ["none-listed"]


def test_a_server_of_which_the_account_sees_only_its_own_databases_is_unknown_too():
    office = Remembered({"db": job("sql01/*")}, [("sql01", "master")])
    assert office.states() == {("db", "sql01/*"): State.UNKNOWN}


def test_a_look_that_was_made_for_another_plan_proves_no_absence():
    now, before = job("sql01/Insurance"), job("sql01/Payroll")
    office = Remembered({"db": now}, seen=[look("nas", claims=(claim_of("db", before),))])
    assert office.states() == {("db", "sql01/Insurance"): State.UNKNOWN}
    office = Remembered({"db": now}, seen=[look("nas", claims=(claim_of("db", now),))])
    assert office.states() == {("db", "sql01/Insurance"): State.CRITICAL}


def test_a_repository_that_is_looked_at_rarely_is_not_forgotten_among_the_others():
    jobs = {"db": job("sql01/Insurance"), "other": job("sql02/Other", repositories=("vault",))}
    many = [look("vault", hours_ago=minute / 60) for minute in range(1, 1500)]
    office = Remembered(jobs, known=NIGHTS, seen=[*many, look("nas", hours_ago=25.5)])
    assert office.states()["db", "sql01/Insurance"] is State.OK


@pytest.mark.parametrize(("servers", "codes"), [(("SQL01", "SQL02"), ["wrong-server"]), (("PROD", "PROD"), [])])
def test_another_server_is_told_only_where_the_name_in_the_plan_is_a_real_one(servers, codes):
    known = (copy("Insurance", 1, server=servers[0]), copy("Insurance", 0, server=servers[1]))
    [verdict] = Remembered({"db": job("sql01/Insurance")}, known=known).judged()
    assert [finding.code for finding in verdict.findings if finding.code == "wrong-server"] == codes


def test_what_restore_tests_say_belongs_to_the_object_and_worsens_its_state():
    drills = DrillPolicy(into="mssql")
    office = Remembered({"db": job("sql01/Insurance", drill=drills)}, known=NIGHTS)
    [verdict] = office.judged()
    assert (verdict.state, [finding.code for finding in verdict.findings]) == (State.WARNING, ["never-restored"])
    record = DrillRecord(
        job="db", object="sql01/Insurance", repository="nas", key="k", fingerprint="f", started_at=NOW, seconds=1,
        into="mssql", is_restored=False,
    )  # fmt: skip
    office = Remembered({"db": job("sql01/Insurance", drill=drills)}, known=NIGHTS, tests=(record,))
    assert office.states() == {("db", "sql01/Insurance"): State.CRITICAL}
