"""What looks prove: when absence was last seen, since when anybody looks, and that nobody looks any more."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from itops.backup.judgement.candidates import Candidate, told
from itops.backup.judgement.question import Question
from itops.backup.judgement.verdicts import BackupFinding
from itops.backup.ledger import KnownCopy, LookRecord
from itops.facts import Fact
from itops.verdict import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """The looks at all repositories of a job, summed up."""

    since: datetime | None  # the first complete look at any of them
    absence_seen_at: datetime | None  # the latest moment by which all of them were seen whole; None: one never was
    last: dict[str, datetime]  # the last look at each that saw it whole, or at least a copy of the object in it


def watch_of(question: Question) -> Watch:
    """Sum up the looks; those at repositories that are none of the job's count for nothing."""
    repositories = set(question.job.repository)
    copy_seen_at = _copies_seen_at(question)
    since = question.watched_since
    last: dict[str, datetime] = {}
    absence: dict[str, datetime] = {}
    for look in question.looks:
        name, at = look.repository, look.looked_at
        if not look.is_complete or name not in repositories:
            continue
        since = at if since is None or at < since else since
        if look.sees_absence or (name in copy_seen_at and copy_seen_at[name] >= at):
            last[name] = max(at, last.get(name, at))
        if look.sees_absence:
            absence[name] = max(at, absence.get(name, at))
    is_everywhere = absence.keys() == repositories
    return Watch(since=since, absence_seen_at=min(absence.values()) if is_everywhere else None, last=last)


def _copies_seen_at(question: Question) -> dict[str, datetime]:
    """When any copy of the object was last seen, by repository.

    A look in part that saw none says nothing of this object: its copies may all lie behind what could not be seen.
    """
    found: dict[str, datetime] = {}
    for known in question.copies:
        name, at = known.copy.repository, known.last_seen_at
        found[name] = max(at, found.get(name, at))
    return found


def look_findings(
    question: Question, candidates: Iterable[Candidate], watch: Watch, now: datetime
) -> Iterator[BackupFinding]:
    """Repositories that nobody has seen, or not for too long, or in vain: whatever the slots say is of yesterday."""
    newest = _newest_looks(question)
    for repository in sorted(set(question.job.repository)):
        last = watch.last.get(repository)
        if last is None:
            yield BackupFinding(code="never-looked", state=State.UNKNOWN, facts={"repository": repository})
        elif now - last > question.look_within:
            facts = {
                "repository": repository,
                "looked_at": told(last),
                "age_hours": int((now - last).total_seconds() // 3600),
                "limit_hours": int(question.look_within.total_seconds() // 3600),
            }
            yield BackupFinding(code="look-stale", state=State.UNKNOWN, facts=facts)
        if repository in newest:
            yield from _in_vain(newest[repository], candidates)


def _newest_looks(question: Question) -> dict[str, LookRecord]:
    """The last look at each repository, whole or not; of two of one moment the one that failed."""
    looks = sorted(question.looks, key=lambda look: (look.looked_at, not look.is_complete, look.hides))
    return {look.repository: look for look in looks}


def _in_vain(look: LookRecord, candidates: Iterable[Candidate]) -> Iterator[BackupFinding]:
    """The last look failed, or copies of this object that were there may be behind what it could not see."""
    facts: dict[str, Fact] = {"repository": look.repository, "looked_at": told(look.looked_at)}
    if not look.is_complete:
        facts |= {"problem": look.problem or "", "remedy": look.remedy or ""}
        yield BackupFinding(code="look-failed", state=State.UNKNOWN, facts=facts)
    elif look.hides:
        unseen = [one.known.copy.key for one in candidates if one.is_here and _is_unseen(one.known, look)]
        gap = next((gap for gap in look.gaps if gap.hides), None)
        if unseen:
            facts |= {"copies": len(unseen), "problem": gap.problem if gap else "", "remedy": gap.remedy if gap else ""}
            facts["place"] = gap.subject if gap else ""
            yield BackupFinding(code="look-partial", state=State.UNKNOWN, facts=facts)


def _is_unseen(known: KnownCopy, look: LookRecord) -> bool:
    return known.copy.repository == look.repository and known.last_seen_at < look.looked_at
