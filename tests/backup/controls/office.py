"""Facts of a fictional office, as the controls read them: one database, its copies, and whatever a test adds."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from itops.backup.controls.evaluate import evaluate
from itops.backup.controls.facts import ControlFacts, DocumentFacts, RepositoryFacts
from itops.backup.controls.policy import ControlsPolicy
from itops.backup.controls.verdicts import ControlState, ControlVerdict
from itops.backup.copies import Database
from itops.backup.coverage import Coverage, coverage
from itops.backup.ledger import DrillRecord, KnownCopy, KnownDatabase, LookRecord, RecordedVerdict
from itops.backup.policy import BackupPlan, Job, Place
from itops.tasks.judge_backups import Judged
from tests.backup.judgement import factory
from tests.backup.judgement.factory import JALALI, NOW, at, daily, judged, look, nightly

OK, WARNING, CRITICAL = ControlState.OK, ControlState.WARNING, ControlState.CRITICAL
UNKNOWN, NOT_EVALUATED = ControlState.UNKNOWN, ControlState.NOT_EVALUATED
OBJECT = "sql01/Insurance"
NAS = RepositoryFacts(name="nas", place=Place(medium="nas"), box="nas")
LOOKS = (look("11-10 08:00"), look("11-21 08:50"), look("11-22 08:55"))
PLAN_FILE = DocumentFacts(path="itops.yaml", sha256="5" * 64, modified_at=at("11-01 09:00"))
FULL = nightly("11-10", "11-21")
"""A copy of each night."""


def a_job(**settings: Any) -> Job:
    given: dict[str, Any] = {"daily": daily(), "owner": "R. Karimi", **settings}
    return factory.job(**given)


def facts(
    copies: Sequence[KnownCopy] = (),
    *,
    job: Job | None = None,
    policy: ControlsPolicy | None = None,
    looks: Sequence[LookRecord] = LOOKS,
    drills: Sequence[DrillRecord] = (),
    **more: Any,
) -> ControlFacts:
    """With copies judged as the office judges them."""
    one = job or a_job()
    plan = BackupPlan(jobs={"insurance": one}, controls=policy or ControlsPolicy())
    given: dict[str, Any] = {
        "repositories": (NAS,),
        "coverage": covered(),
        "databases": (database(),),
        "verdicts": (judged(copies, one, looks=tuple(looks)),),
        "plan_file": PLAN_FILE,
        **more,
    }
    return ControlFacts(
        plan=plan, calendar=JALALI, copies=tuple(copies), looks=tuple(looks), drills=tuple(drills), **given
    )


def nothing(policy: ControlsPolicy | None = None, job: Job | None = None) -> ControlFacts:
    """Before the first look."""
    plan = BackupPlan(jobs={"insurance": job or a_job()}, controls=policy or ControlsPolicy())
    return ControlFacts(plan=plan, calendar=JALALI, plan_file=PLAN_FILE)


def database(name: str = "Insurance", seen: str = "11-22 08:55", **more: Any) -> KnownDatabase:
    seen_at = at(seen)
    held = Database(server="sql01", name=name, **more)
    return KnownDatabase(database=held, first_seen_at=at("11-10 08:00"), last_seen_at=seen_at)


def covered(*databases: KnownDatabase, plan: BackupPlan | None = None) -> Coverage:
    plan = plan or BackupPlan(jobs={"insurance": a_job()})
    return coverage(plan, databases or (database(),), (), NOW.date())


def hashed(known: KnownCopy, sha256: str) -> KnownCopy:
    """The same copy, its content hashed when it was read."""
    proofs = tuple(replace(one, examination=replace(one.examination, sha256=sha256)) for one in known.proofs)
    return replace(known, proofs=proofs)


def a_drill(moment: str = "11-15 10:00", **more: Any) -> DrillRecord:
    given: dict[str, Any] = {
        "job": "insurance",
        "object": OBJECT,
        "repository": "nas",
        "key": "Insurance_20261114_2330.bak",
        "fingerprint": "f",
        "started_at": at(moment),
        "seconds": 600.0,
        "into": "mssql",
        "is_restored": True,
        "is_answered": True,
        "answer": 42.0,
        "size_bytes": 1000,
        **more,
    }
    return DrillRecord(**given)


def history(of: ControlFacts, moment: str) -> tuple[RecordedVerdict, ...]:
    """What a run at that moment would have recorded of these facts."""
    return tuple(Judged(verdicts=of.verdicts).recorded(at(moment)))


def verdict(control: str, of: ControlFacts, *, later: timedelta = timedelta()) -> ControlVerdict:
    """One control."""
    return next(one for one in evaluate(of, NOW + later) if one.id == control)


def told(one: ControlVerdict) -> tuple[ControlState, str]:
    """Its state and reason."""
    return one.state, one.reason


def evidence(one: ControlVerdict, code: str) -> list[dict[str, Any]]:
    """The facts of the evidence of that code."""
    return [dict(row.facts) for row in one.evidence if row.code == code]


def codes(one: ControlVerdict) -> Iterable[str]:
    """Of everything that is not as it should be."""
    return [one.reason, *(held.code for held in one.also)]
