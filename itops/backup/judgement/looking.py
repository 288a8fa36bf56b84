"""What looks prove: when absence was last seen, since when anybody looks, and that nobody looks any more."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from itops.backup.judgement.candidates import told
from itops.backup.judgement.question import Question
from itops.backup.judgement.verdicts import BackupFinding
from itops.verdict import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """The looks at all repositories of a job, summed up."""

    since: datetime | None  # the first complete look at any of them
    absence_seen_at: datetime | None  # the latest moment by which all of them were seen whole; None: one never was
    last: dict[str, datetime]  # the last complete look at each


def watch_of(question: Question) -> Watch:
    """Sum up the looks; those at repositories that are none of the job's count for nothing."""
    repositories = set(question.job.repository)
    since = question.watched_since
    last: dict[str, datetime] = {}
    absence: dict[str, datetime] = {}
    for look in question.looks:
        name, at = look.repository, look.looked_at
        if not look.is_complete or name not in repositories:
            continue
        since = at if since is None or at < since else since
        last[name] = max(at, last.get(name, at))
        if look.sees_absence:
            absence[name] = max(at, absence.get(name, at))
    is_everywhere = absence.keys() == repositories
    return Watch(since=since, absence_seen_at=min(absence.values()) if is_everywhere else None, last=last)


def look_findings(question: Question, watch: Watch, now: datetime) -> Iterator[BackupFinding]:
    """Repositories that nobody has seen, or not for too long: whatever the slots say is of yesterday."""
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
