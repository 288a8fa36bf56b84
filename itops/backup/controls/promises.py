"""C01, C02, C19: is everything promised, is the promise written down, does anybody still stand by it?"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from itops.backup.controls.facts import ControlFacts, DocumentFacts, hours
from itops.backup.controls.reviews import reviewed
from itops.backup.controls.verdicts import (
    Evidence,
    Found,
    Reason,
    critical,
    not_evaluated,
    ok,
    unknown,
    warning,
)
from itops.backup.coverage import Cover, CoverRow
from itops.backup.policy import Job, Protected, Tier

_LISTED = (Cover.PROTECTED, Cover.UNPROTECTED, Cover.EXEMPT, Cover.EXPIRED)
_WEEK = timedelta(days=7)
_SHOWN = 10


def assets_covered(facts: ControlFacts, now: datetime) -> Iterator[Found]:
    """C01: what there is, without what is protected, leaves nothing but dated exceptions."""
    rows = facts.coverage.rows
    listed = [row for row in rows if row.cover in _LISTED]
    if not listed:
        missing = [row.object for row in rows]
        yield (
            unknown("server-never-listed", servers=len(missing), first=missing[0])
            if missing
            else not_evaluated("nothing-listed")
        )
        return
    counts = Counter(row.cover for row in listed)
    yield ok("assets-covered", protected=counts[Cover.PROTECTED], exempt=counts[Cover.EXEMPT])
    yield from _uncovered(rows)
    yield from _stale_lists(facts, now)
    yield from _lists(facts, listed)
    yield from _exceptions(listed)


def _uncovered(rows: tuple[CoverRow, ...]) -> Iterator[Reason]:
    open_rows = [row for row in rows if row.cover is Cover.UNPROTECTED and not row.is_system]
    systems = [row for row in rows if row.cover is Cover.UNPROTECTED and row.is_system]
    expired = [row for row in rows if row.cover is Cover.EXPIRED]
    absent = [row for row in rows if row.cover is Cover.ABSENT]
    unlisted = [row for row in rows if row.cover is Cover.UNKNOWN]
    if open_rows:
        yield critical("assets-unprotected", unprotected=len(open_rows), first=open_rows[0].object)
    if expired:
        yield critical("exemption-expired", expired=len(expired), first=expired[0].object)
    if systems:
        yield warning("systems-unprotected", unprotected=len(systems), first=systems[0].object)
    if absent:
        yield warning("asset-absent", absent=len(absent), first=absent[0].object)
    if unlisted:
        yield unknown("server-never-listed", servers=len(unlisted), first=unlisted[0].object)


def _listed_at(facts: ControlFacts) -> dict[str, datetime]:
    """When each server last told of any database."""
    last: dict[str, datetime] = {}
    for known in facts.databases:
        if known.gone_at is None:
            server = known.database.server
            last[server] = max(known.last_seen_at, last.get(server, known.last_seen_at))
    return last


def _stale_lists(facts: ControlFacts, now: datetime) -> Iterator[Reason]:
    lists = [(server, at, facts.plan.look_within) for server, at in sorted(_listed_at(facts).items())]
    if facts.vms_seen_at is not None:
        lists.append(("inventory", facts.vms_seen_at, facts.policy.inventory_within))
    for source, at, limit in lists:
        if now - at > limit:
            yield unknown("list-stale", list=source, age_hours=hours(now - at), limit_hours=hours(limit))


def _lists(facts: ControlFacts, listed: list[CoverRow]) -> Iterator[Evidence]:
    for server, at in sorted(_listed_at(facts).items()):
        own = [row for row in listed if row.kind == "database" and row.object.casefold().startswith(_prefix(server))]
        protected = sum(row.cover is Cover.PROTECTED for row in own)
        yield Evidence(code="databases-listed", at=at, source=server, facts={"count": len(own), "protected": protected})
    if facts.vms_seen_at is not None:
        protected = sum(row.cover is Cover.PROTECTED for row in listed if row.kind == "vm")
        told = {"count": facts.vm_count, "protected": protected}
        yield Evidence(code="vms-listed", at=facts.vms_seen_at, source="inventory", facts=told)


def _prefix(server: str) -> str:
    return f"{server.casefold()}/"


def _exceptions(listed: list[CoverRow]) -> Iterator[Evidence]:
    for row in [row for row in listed if row.cover in (Cover.UNPROTECTED, Cover.EXPIRED)][:_SHOWN]:
        yield Evidence(code="unprotected", at=row.seen_at, source=row.kind, facts={"object": row.object})
    for row in listed:
        if row.cover is Cover.EXEMPT and row.exemption is not None:
            held = row.exemption
            told = {"object": row.object, "owner": held.owner, "until_on": held.until.isoformat()}
            yield Evidence(code="exempted", at=None, source="itops.yaml", facts=told)


def schedule_written(facts: ControlFacts, now: datetime) -> Iterator[Found]:
    """C02: each object has a schedule, at least weekly, with an owner and a review."""
    jobs = facts.plan.jobs
    if not jobs:
        yield critical("no-schedule")
        return
    weekly = {held.text.casefold() for job in jobs.values() if _is_weekly(job) for held in job.protects}
    rare = sorted({held.text for job in jobs.values() for held in job.protects if not _is_covered(held, weekly)})
    orphans = [name for name, job in jobs.items() if job.owner is None]
    document = facts.policy.document
    yield ok("scheduled", jobs=len(jobs))
    if rare:
        yield critical("not-weekly", objects=len(rare), first=rare[0])
    if orphans:
        yield warning("no-owner", jobs=len(orphans), first=orphans[0])
    subject = str(document.path) if document else facts.plan_file.path
    yield reviewed(subject, document.reviewed if document else None, facts.policy.review_every, facts.today(now))
    yield from _file(facts.plan_file)
    for name, job in jobs.items():
        told = {"job": name, "tiers": _tiers(job), "owner": job.owner or "-"}
        yield Evidence(code="job-scheduled", at=None, source="itops.yaml", facts=told)


def _is_weekly(job: Job) -> bool:
    tiers = job.tiers()
    return Tier.DAILY in tiers or Tier.WEEKLY in tiers or (job.max_age is not None and job.max_age <= _WEEK)


def _is_covered(held: Protected, weekly: set[str]) -> bool:
    return held.text.casefold() in weekly or (held.kind == "database" and f"{held.server.casefold()}/*" in weekly)


def _tiers(job: Job) -> str:
    parts = [f"{tier.value} {policy.keep}" for tier, policy in job.tiers().items()]
    if job.max_age is not None:
        parts.append(f"max_age {hours(job.max_age):g}h")
    return ", ".join(parts)


def _file(document: DocumentFacts) -> Iterator[Evidence]:
    if document.sha256 is not None:
        told = {"path": document.path, "sha256": document.sha256}
        yield Evidence(code="file-hashed", at=document.modified_at, source=document.path, facts=told)


def process_reviewed(facts: ControlFacts, now: datetime) -> Iterator[Found]:
    """C19: there is a written procedure, it was reviewed within a year, and nobody changed it since."""
    setting, document = facts.policy.document, facts.document
    if setting is None or document is None:
        yield not_evaluated("no-document")
        return
    if document.sha256 is None:
        is_missing = document.problem == "missing"
        yield (
            critical("document-missing", path=document.path)
            if is_missing
            else unknown("document-unreadable", path=document.path)
        )
        return
    yield reviewed(document.path, setting.reviewed, facts.policy.review_every, facts.today(now))
    changed_on = facts.today(document.modified_at) if document.modified_at is not None else None
    if setting.reviewed is not None and changed_on is not None and changed_on > setting.reviewed:
        yield warning(
            "document-changed", path=document.path, changed_on=changed_on.isoformat(),
            done_on=setting.reviewed.isoformat(),
        )  # fmt: skip
    yield from _file(document)
