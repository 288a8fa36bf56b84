"""What a backup is worth: policy x facts x now -> verdicts. Pure; see docs/explanation/backups.md."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from itops.backup.judgement.candidates import Candidate
from itops.backup.judgement.chains import chain_findings, chained
from itops.backup.judgement.clocks import clock_findings
from itops.backup.judgement.demands import beginning_of
from itops.backup.judgement.evidence import read
from itops.backup.judgement.freshness import freshness_of
from itops.backup.judgement.identity import identity_findings
from itops.backup.judgement.looking import Watch, look_findings, watch_of
from itops.backup.judgement.proven import damaged_copies, reread_due
from itops.backup.judgement.question import Question, SizeLimits
from itops.backup.judgement.retention import retention_findings
from itops.backup.judgement.sizes import size_findings
from itops.backup.judgement.tiers import Moment, judge_tiers
from itops.backup.judgement.verdicts import (
    BackupFinding,
    Freshness,
    ObjectVerdict,
    SlotVerdict,
    TierVerdict,
)
from itops.backup.policy import Texts
from itops.verdict import severity, worst

__all__ = [
    "BackupFinding",
    "Freshness",
    "ObjectVerdict",
    "Question",
    "SizeLimits",
    "SlotVerdict",
    "TierVerdict",
    "judge",
]


def judge(question: Question, now: datetime) -> ObjectVerdict:
    """The verdict on one object of one job. Never raises for any facts, and their order means nothing."""
    watch = watch_of(question)
    beginning = beginning_of(question, watch)
    others = read(_as_bases(question), question.bases, now) if question.bases else []
    candidates = chained(read(question, question.copies, now), others)
    tiers: tuple[TierVerdict, ...] = ()
    if beginning is not None:
        tiers = judge_tiers(Moment(question=question, watch=watch, beginning=beginning, now=now), candidates)
    freshness = freshness_of(question, candidates, watch, now)
    findings = _sorted(_findings(question, candidates, others, tiers, watch, now))
    alarms = [slot.alarm for tier in tiers for slot in tier.slots]
    return ObjectVerdict(
        job=question.job_name,
        object=question.object.text,
        state=worst([*alarms, freshness.state, *(finding.state for finding in findings)]),
        tiers=tiers,
        freshness=freshness,
        findings=findings,
        demanded_since=beginning.at if beginning is not None else None,
    )


def _as_bases(question: Question) -> Question:
    """The question by which other jobs' copies are read: this job's floor, names and places say nothing of them."""
    places = Texts(sorted({known.copy.repository for known in question.bases}))
    return replace(question, job=replace(question.job, min_size_bytes=None, files=None, repository=places))


def _findings(
    question: Question,
    candidates: Sequence[Candidate],
    others: Sequence[Candidate],
    tiers: Sequence[TierVerdict],
    watch: Watch,
    now: datetime,
) -> Iterator[BackupFinding]:
    policies = question.job.tiers()
    yield from look_findings(question, candidates, watch, now)
    yield from damaged_copies(candidates)
    yield from identity_findings(question, candidates)
    yield from clock_findings(question, candidates)
    yield from size_findings(question, candidates)
    yield from chain_findings(candidates, others)
    for verdict in tiers:
        yield from retention_findings(verdict, policies[verdict.tier].keep)
    yield from reread_due(question, candidates, now)


def _sorted(findings: Iterator[BackupFinding]) -> tuple[BackupFinding, ...]:
    return tuple(sorted(findings, key=lambda one: (-severity(one.state), one.code, one.subject, repr(one.facts))))
