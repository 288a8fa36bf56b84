"""`itops backup status` and `itops backup check`: how each job stands, from the store alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click

from itops.backup.judgement.proven import level_of, proofs_of
from itops.backup.judgement.verdicts import BackupFinding, ObjectVerdict, SlotVerdict, TierVerdict
from itops.backup.ledger import KnownCopy
from itops.backup.levels import Level
from itops.backup.policy import Tier
from itops.backup.slots import SlotState
from itops.cli.backup_office import BackupOffice, pass_backups
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.cli.proofs import finding_row, level_row, level_text
from itops.jsonable import jsonable
from itops.reports.backups import said, slot_text
from itops.reports.words import Words, load_words
from itops.verdict import State, severity, worst

SIGNS = {
    SlotState.OK: "+",
    SlotState.OK_LATE: "l",
    SlotState.WEAK: "w",
    SlotState.DAMAGED: "D",
    SlotState.OPEN: "o",
    SlotState.PENDING: "p",
    SlotState.MISSING: "M",
    SlotState.UNKNOWN: "?",
    SlotState.EXEMPT: "-",
}
"""One sign a slot, oldest first, readable without colour."""
_LEGEND = "+ ok, l late, w weak, D damaged, M missing, ? unknown, p pending, o open, - exempt"
_SAID_BY_SLOT = frozenset({"damaged", "wrong-object", "too-small"})
"""Findings that only repeat what the slot of their copy says."""
_HELD = tuple(f"{tier.value}_{what}" for tier in Tier for what in ("held", "required"))
_STATUS_FIELDS = ("job", "object", "state", "newest_at", "newest", "newest_level", *_HELD, "findings", "demanded_since")
_CHECK_FIELDS = ("state", "job", "object", "slot", "code", "message", "copy", "proven")


@click.command()
@click.argument("names", metavar="[JOB]...", nargs=-1)
@output_options
@pass_backups
def status(backups: BackupOffice, names: tuple[str, ...], output: Output) -> int:
    """Show how each job stands, one sign a slot, oldest first, and below it what is wrong; reads the store only.

    Exits as `itops backup check` does: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
    """
    standing = _standing(backups, names)
    words = _words(backups)
    rows = [_status_row(one, words) for one in standing.verdicts]
    exceptions = _exceptions(standing, words)
    output.show(
        Listing(
            schema="itops.backup.status/1",
            rows=[{**row, **_signs(row), **_counts(row)} for row in rows],
            data=rows,
            columns=_status_columns(backups),
            csv_fields=_STATUS_FIELDS,
            tables=(_exception_listing(exceptions),) if exceptions else (),
        ),
        backups.office.now,
    )
    if rows:
        output.note(_LEGEND)
    return _conclude(backups, standing, output)


@click.command()
@click.argument("names", metavar="[JOB]...", nargs=-1)
@output_options
@pass_backups
def check(backups: BackupOffice, names: tuple[str, ...], output: Output) -> int:
    """Judge every job, or those named, from the store; show what is wrong, the worst first.

    Exits 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN: never looked, looked too long ago, could not look.
    """
    standing = _standing(backups, names)
    output.show(_exception_listing(_exceptions(standing, _words(backups))), backups.office.now)
    return _conclude(backups, standing, output)


@dataclass(frozen=True, slots=True)
class _Standing:
    verdicts: tuple[ObjectVerdict, ...] = ()
    media: tuple[BackupFinding, ...] = ()  # off-site: of all jobs together


def _standing(backups: BackupOffice, names: Sequence[str]) -> _Standing:
    jobs = backups.jobs(names)
    if backups.office.any_reader is None:
        return _Standing()
    verdicts = tuple(one for one in backups.judged().verdicts if one.job in jobs)
    return _Standing(verdicts, () if names else backups.custody_findings())


def _conclude(backups: BackupOffice, standing: _Standing, output: Output) -> int:
    if not backups.plan.jobs:
        output.note("the plan has no jobs: nothing is promised, and nothing can be judged")
    elif not standing.verdicts:
        output.note("nothing can be judged yet: no repository was looked at; run `itops backup verify`")
    states = [*(one.state for one in standing.verdicts), *(finding.state for finding in standing.media)]
    state = worst(states) if standing.verdicts else State.UNKNOWN
    output.note(f"verdict: {state.name}")
    return state.value


def _words(backups: BackupOffice) -> Words:
    return load_words("en", calendar=backups.office.calendar, marks=False, zone=backups.office.zone)


def _status_row(one: ObjectVerdict, words: Words) -> dict[str, Any]:
    fresh = one.freshness
    return {
        "job": one.job,
        "object": one.object,
        "state": one.state.name,
        "newest_at": jsonable(fresh.newest_at),
        "newest": fresh.newest.copy.key if fresh.newest else None,
        "newest_level": level_row(_level(fresh.newest))["level"],
        "freshness": {"state": fresh.state.name, "reason": fresh.reason, "max_age_seconds": _seconds(fresh.max_age)},
        **{tier.value: None for tier in Tier},
        **{tier.tier.value: _tier_row(tier, words) for tier in one.tiers},
        "findings": [finding_row(finding, words) for finding in one.findings],
        "demanded_since": jsonable(one.demanded_since),
    }


def _level(known: KnownCopy | None) -> Level | None:
    return None if known is None else level_of(known, proofs_of(known))


def _seconds(span: Any) -> float | None:
    return None if span is None else span.total_seconds()


def _tier_row(tier: TierVerdict, words: Words) -> Row:
    return {
        "held": tier.held,
        "required": tier.required,
        "extra": tier.extra,
        "slots": [_slot_row(slot, words) for slot in tier.slots],
    }


def _slot_row(slot: SlotVerdict, words: Words) -> Row:
    return {
        "slot": slot.slot.name,
        "state": slot.state.value,
        "alarm": slot.alarm.name,
        "reason": slot.reason,
        "message": slot_text(slot, words),
        "begins_at": jsonable(slot.slot.begins_at),
        "ends_at": jsonable(slot.slot.ends_at),
        "due_at": jsonable(slot.slot.due_at),
        "copy": slot.copy.copy.key if slot.copy else None,
        "repository": slot.copy.copy.repository if slot.copy else None,
        "made_at": jsonable(slot.reference_at),
        **level_row(slot.level),
        "needed": f"L{slot.needed.value}",
        "is_kept": slot.is_kept,
        "is_overdue": slot.is_overdue,
        "others": list(slot.others),
        "facts": jsonable(slot.facts),
    }


def _signs(row: Row) -> Row:
    """The slots of each tier in one cell: their signs, and how much of what must be kept is held."""
    return {f"_{tier.value}": _cell(row[tier.value]) for tier in Tier}


def _counts(row: Row) -> Row:
    """Of each tier, for CSV: how many slots must be held and how many are."""
    return {f"{tier.value}_{what}": (row[tier.value] or {}).get(what) for tier in Tier for what in ("held", "required")}


def _cell(tier: Any) -> str:
    if tier is None:
        return ""
    signs = "".join(SIGNS[SlotState(slot["state"])] for slot in tier["slots"])
    return f"{signs} {tier['held']}/{tier['required']}"


def _status_columns(backups: BackupOffice) -> tuple[Column, ...]:
    return (
        Column(field="state", title="state"),
        Column(field="job", title="job"),
        Column(field="object", title="object"),
        Column(field="newest_at", title="newest good", show=backups.when),
        *(Column(field=f"_{tier.value}", title=f"{tier.value} held") for tier in Tier),
    )


def _exceptions(standing: _Standing, words: Words) -> list[Row]:
    """Every slot and finding that is not as it should be, the worst first, then by job and time."""
    rows = []
    for one in standing.verdicts:
        slots = list(_bad_slots(one, words))
        told = {row["copy"] for row in slots if row["code"] == SlotState.DAMAGED.value}
        facts = _bad_facts(one, words)
        rows += [*slots, *(row for row in facts if row["copy"] not in told or row["code"] not in _SAID_BY_SLOT)]
    rows += [_off_site(finding, words) for finding in standing.media if finding.state is not State.OK]
    return sorted(rows, key=lambda row: -severity(State[row["state"]]))


def _off_site(finding: BackupFinding, words: Words) -> Row:
    told = {"state": finding.state.name, "job": "off-site", "object": finding.subject, "slot": None}
    message = said("custody", finding.code, finding.facts, words)
    return {**told, "code": finding.code, "message": message, "copy": None, "proven": None}


def _bad_slots(one: ObjectVerdict, words: Words) -> Iterator[Row]:
    for tier in one.tiers:
        for slot in tier.slots:
            if slot.alarm is not State.OK:
                yield {
                    "state": slot.alarm.name,
                    "job": one.job,
                    "object": one.object,
                    "slot": f"{tier.tier.value} {slot.slot.name}",
                    "code": slot.state.value,
                    "message": slot_text(slot, words),
                    "copy": slot.copy.copy.key if slot.copy else None,
                    "proven": level_text(level_row(slot.level)),
                }


def _bad_facts(one: ObjectVerdict, words: Words) -> Iterator[Row]:
    fresh = one.freshness
    if fresh.state is not State.OK:
        facts = {"age_hours": None if fresh.age is None else fresh.age.total_seconds() / 3600,
                 "limit_hours": None if fresh.max_age is None else fresh.max_age.total_seconds() / 3600}  # fmt: skip
        yield _exception(one, fresh.state, fresh.reason, said("backup", fresh.reason, facts, words), None)
    for finding in one.findings:
        if finding.state is not State.OK:
            message = said("backup", finding.code, finding.facts, words)
            yield _exception(one, finding.state, finding.code, message, finding.subject or None)


def _exception(one: ObjectVerdict, state: State, code: str, message: str, copy: str | None) -> Row:
    named = {"state": state.name, "job": one.job, "object": one.object}
    return {**named, "slot": None, "code": code, "message": message, "copy": copy, "proven": None}


def _exception_listing(rows: Sequence[Row]) -> Listing:
    columns = (
        Column(field="state", title="state"),
        Column(field="job", title="job"),
        Column(field="object", title="object", spare=1),
        Column(field="slot", title="slot", show=lambda value: value or ""),
        Column(field="message", title="what is wrong"),
        Column(field="copy", title="copy", show=lambda value: value or ""),
    )
    return Listing(schema="itops.backup.check/1", rows=rows, columns=columns, csv_fields=_CHECK_FIELDS)
