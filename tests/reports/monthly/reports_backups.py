"""Backups of the fictional office: six objects, a month of slots, some of them missing, late, weak or damaged."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from itops.dates import show_day
from itops.names import Names
from itops.reports.monthly.figures import Evidence, Figure, count_of, ratio_of
from itops.reports.monthly.parts import (
    BackupPart,
    CoverRow,
    DepositRow,
    DrillRow,
    FindingRow,
    JobRow,
    SlotRow,
)
from itops.verdict import State

FIRST, LAST = date(2026, 10, 23), date(2026, 11, 21)
DAYS = tuple(FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1))
_FRIDAY = 4
JOBS = (
    ("insurance-db", "sql01/Insurance"),
    ("personnel-db", "sql01/Personnel"),
    ("portal-db", "pg01/portal"),
    ("accounting-db", "sql01/حسابداری"),
    ("files", "files/fs01/scans"),
    ("dc-vm", "vm/DC"),
)
_ODD = {
    ("insurance-db", 12): ("MISSING", "nothing-there"),
    ("insurance-db", 13): ("OK-LATE", "late"),
    ("personnel-db", 5): ("WEAK", "below-level"),
    ("portal-db", 20): ("DAMAGED", "damaged"),
    ("portal-db", 21): ("UNKNOWN", "not-looked"),
    ("files", 29): ("PENDING", "in-grace"),
    ("dc-vm", 9): ("EXEMPT", "holiday"),
}
TIERS = ("daily", "weekly", "monthly")
_WITH_COPY = {"OK", "OK-LATE", "WEAK", "DAMAGED"}


def _slot(job: str, about: str, tier: str, on: date, state: str, reason: str) -> SlotRow:
    shown = show_day(on, "jalali")
    name = {"daily": shown, "weekly": f"w{shown}", "monthly": shown[:7]}[tier]
    has_copy = state in _WITH_COPY
    return SlotRow(
        job=job,
        object=about,
        tier=tier,
        slot=name,
        on=on,
        state=state,
        reason=reason,
        level=(1 if state == "WEAK" else 3) if has_copy else None,
        needed=3,
        copy_at=datetime(on.year, on.month, on.day, 19, 30, tzinfo=UTC) if has_copy else None,
        copy_key=f"backups/{job}/{on}.bak" if has_copy else "",
    )


def _slots() -> tuple[SlotRow, ...]:
    rows: list[SlotRow] = []
    for job, about in JOBS:
        for number, day in enumerate(DAYS):
            usual = ("EXEMPT", "not-expected") if day.weekday() == _FRIDAY else ("OK", "in-slot")
            rows.append(_slot(job, about, "daily", day, *_ODD.get((job, number), usual)))
        rows += [_slot(job, about, "weekly", DAYS[number], "OK", "in-slot") for number in (1, 8, 15, 22)]
        of_month = ("OPEN", "not-over") if job == "files" else ("OK", "in-slot")
        rows.append(_slot(job, about, "monthly", FIRST, *of_month))
    return tuple(sorted(rows, key=lambda row: (row.job, row.object, row.tier, row.on)))


def _job(job: str, about: str, slots: tuple[SlotRow, ...]) -> JobRow:
    own = [slot for slot in slots if slot.job == job]
    tiers = {tier: dict(sorted(Counter(one.state for one in own if one.tier == tier).items()))
             for tier in TIERS}  # fmt: skip
    is_bad = any(one.state in {"MISSING", "DAMAGED"} for one in own)
    return JobRow(
        job=job,
        object=about,
        is_database="-db" in job,
        owner="م. نمونه" if job != "files" else "",
        state=State.CRITICAL if is_bad else State.OK,
        tiers=tiers,
        newest_at=datetime(2026, 11, 21, 19, 30, tzinfo=UTC),
        level=3,
        restored_at=datetime(2026, 11, 11, 9, 0, tzinfo=UTC) if job == "insurance-db" else None,
        restore_seconds=4980 if job == "insurance-db" else None,
    )


def _drills() -> tuple[DrillRow, ...]:
    return (
        DrillRow(job="insurance-db", object="sql01/Insurance", at=datetime(2026, 11, 11, 9, 0, tzinfo=UTC),
                 seconds=4980, into="mssql", is_good=True, answer=48213, question="select count(*) from person"),
        DrillRow(job="portal-db", object="pg01/portal", at=datetime(2026, 11, 12, 9, 0, tzinfo=UTC), seconds=75,
                 into="postgresql", is_good=False, faults=("restore-failed",)),
    )  # fmt: skip


def _deposits() -> tuple[DepositRow, ...]:
    return tuple(
        DepositRow(
            place="bank-box",
            month="1405-08",
            job=job,
            object=about,
            slot="1405-08",
            is_deposited=job != "portal-db",
            is_late=job == "portal-db",
            media=() if job == "portal-db" else ("HDD-07", "HDD-08"),
            received_at=None if job == "portal-db" else datetime(2026, 11, 19, 7, 0, tzinfo=UTC),
            due_on=date(2026, 11, 21),
        )
        for job, about in JOBS[:4]
    )


def _covers() -> tuple[CoverRow, ...]:
    told = tuple(
        CoverRow(object=about, kind="vm" if about.startswith("vm/") else "database", cover="protected", jobs=(job,))
        for job, about in JOBS
        if not about.startswith("files/")
    )
    return (*told, CoverRow(object="sql01/Archive", kind="database", cover="unprotected"))


def _behind(slot: SlotRow) -> Evidence:
    ref = f"{slot.tier} {slot.slot} {slot.job} {slot.object}"
    return Evidence(kind="slot", ref=ref, at=slot.copy_at, note=slot.state)


def _slot_figures(slots: tuple[SlotRow, ...]) -> tuple[Figure, ...]:
    demanded = [one for one in slots if one.state not in {"EXEMPT", "OPEN", "PENDING"}]
    of_tier = {f"backup.{tier}": [one for one in demanded if one.tier == tier] for tier in TIERS}
    counted = {"missing": "MISSING", "damaged": "DAMAGED", "unknown": "UNKNOWN", "weak": "WEAK", "late": "OK-LATE"}
    return (
        count_of("backup.slots", map(_behind, demanded)),
        *(
            ratio_of(name, sum(one.state in {"OK", "OK-LATE"} for one in told), len(told), map(_behind, told))
            for name, told in {"backup.slots_ok": demanded, **of_tier}.items()
        ),
        *(
            count_of(f"backup.{name}", (_behind(one) for one in demanded if one.state == state))
            for name, state in counted.items()
        ),
    )


def _other_figures() -> tuple[Figure, ...]:
    drills = [Evidence(kind="drill", ref=f"{one.job} {one.object}", at=one.at) for one in _drills()]
    deposits = [Evidence(kind="custody", ref=one.object, at=one.received_at) for one in _deposits()]
    databases = [Evidence(kind="database", ref=one.object) for one in _covers() if one.kind == "database"]
    return (
        count_of("backup.jobs", (Evidence(kind="thing", ref=about, note=job) for job, about in JOBS)),
        count_of("backup.databases", databases),
        ratio_of("backup.databases_protected", 4, 5, databases),
        ratio_of("backup.restore_tested", 1, 4, drills[:1]),
        count_of("backup.drills", drills),
        ratio_of("custody.deposits", 3, 4, deposits),
        ratio_of("custody.months", 0, 1, deposits),
        Figure(id="custody.media", value=None, reason="no-place"),
    )


def backup_part() -> BackupPart:
    """The month's backups."""
    slots = _slots()
    figures = (*_slot_figures(slots), *_other_figures())
    finding = FindingRow(room="backup", table="report", code="report.slots-missing",
                         subject="insurance-db sql01/Insurance", state=State.CRITICAL,
                         since=datetime(2026, 11, 3, 20, 30, tzinfo=UTC),
                         facts={"slot_count": 1, "first_slot": "1405-08-13", "last_slot": "1405-08-13",
                                "tier_list": "daily"})  # fmt: skip
    return BackupPart(
        jobs=tuple(_job(job, about, slots) for job, about in JOBS),
        slots=slots,
        days=DAYS,
        levels={"0": 1, "1": 4, "2": 12, "3": 160, "4": 20, "6": 2, "7": 1},
        drills=_drills(),
        deposits=_deposits(),
        places={"bank-box": Names(fa="صندوق امانات بانک رفاه", en="Safe-deposit box at Refah bank")},
        covers=_covers(),
        lists_databases=True,
        figures=figures,
        findings=(finding,),
    )
