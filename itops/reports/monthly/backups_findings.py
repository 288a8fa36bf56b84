"""What is wrong with the backups of the period: of slots one finding for each object and state, and what was judged."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from itops.backup.judgement.verdicts import BackupFinding, Freshness
from itops.backup.slots import SlotState
from itops.facts import Fact
from itops.reports.monthly.backups_slots import Standing, ToldSlot
from itops.reports.monthly.figures import Evidence
from itops.reports.monthly.parts import FindingRow
from itops.verdict import State, worst

ROOM = "backup"
_SLOTS: Mapping[str, str] = {
    SlotState.MISSING.value: "report.slots-missing",
    SlotState.DAMAGED.value: "report.slots-damaged",
    SlotState.UNKNOWN.value: "report.slots-unknown",
    SlotState.WEAK.value: "report.slots-weak",
}


def backup_findings(told: Iterable[Standing], judged_at: datetime) -> Iterator[FindingRow]:
    """Of every object."""
    for one in told:
        yield from _of_slots(one)
        yield from (_judged(one, finding) for finding in one.verdict.findings)
        if one.verdict.freshness.state is not State.OK:
            yield _of_age(one, one.verdict.freshness, judged_at)


def _of_slots(one: Standing) -> Iterator[FindingRow]:
    """A weak copy in a slot that still has time is no finding yet."""
    for state, code in _SLOTS.items():
        slots = [slot for slot in one.slots if slot.row.state == state and slot.alarm is not State.OK]
        if slots:
            yield _row(one, code, slots)


def _row(one: Standing, code: str, slots: list[ToldSlot]) -> FindingRow:
    by_age = sorted(slots, key=lambda slot: slot.begins_at)
    return FindingRow(
        room=ROOM,
        table="report",
        code=code,
        subject=one.name,
        state=worst(slot.alarm for slot in slots),
        since=by_age[0].begins_at,
        owner=one.owner,
        facts={
            "slot_count": len(slots),
            "first_slot": by_age[0].row.slot,
            "last_slot": by_age[-1].row.slot,
            "tier_list": ", ".join(dict.fromkeys(slot.row.tier for slot in slots)),
        },
        evidence=tuple(slot.evidence for slot in slots),
    )


def _judged(one: Standing, finding: BackupFinding) -> FindingRow:
    evidence = (Evidence(kind="copy", ref=finding.subject),) if finding.subject else ()
    return FindingRow(
        room=ROOM,
        table="backup",
        code=finding.code,
        subject=one.name,
        state=finding.state,
        owner=one.owner,
        facts=finding.facts,
        evidence=evidence,
    )


def _of_age(one: Standing, fresh: Freshness, judged_at: datetime) -> FindingRow:
    """The newest copy is older than allowed, or the moment one could go back to is; both ages are the judgement's."""
    is_recovery = fresh.reason == "rpo-missed"
    at, limit = (fresh.recovery_at, fresh.rpo) if is_recovery else (fresh.newest_at, fresh.max_age)
    facts: dict[str, Fact] = {
        "age_hours": None if at is None else (judged_at - at).total_seconds() / 3600,
        "limit_hours": None if limit is None else limit.total_seconds() / 3600,
    }
    since = None if at is None or limit is None else at + limit
    evidence = (Evidence(kind="copy", ref=fresh.newest.copy.key, at=fresh.newest_at),) if fresh.newest else ()
    return FindingRow(
        room=ROOM,
        table="backup",
        code=fresh.reason,
        subject=one.name,
        state=fresh.state,
        since=since,
        owner=one.owner,
        facts=facts,
        evidence=evidence,
    )
