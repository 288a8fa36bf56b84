"""Gather the backups of a period: the ledger as it was then, judged twice, the custody register and the inventory."""

from itops.backup.coverage import KnownVm
from itops.inventory.entities import Kind
from itops.reports.monthly.backups import BackupFacts, backup_part, no_backups
from itops.reports.monthly.backups_slots import plan_for
from itops.reports.monthly.backups_then import LedgerThen
from itops.reports.monthly.parts import BackupPart
from itops.tasks.judge_backups import judge_backups, remembered
from itops.tasks.report.asking import Asking


def gather_backups(asking: Asking) -> BackupPart:
    """The backups of the period, as they were known at `judged_at`; the VMs of `as_of`."""
    plan, judged_at = asking.settings.backup, asking.judged_at
    if plan is None:
        return no_backups(asking.period)
    ledger = _ledger(asking)
    copies = remembered(ledger, judged_at)
    raised = plan_for(plan, asking.period, judged_at)
    facts = BackupFacts(
        plan=plan,
        calendar=asking.days,
        period=asking.period,
        judged_at=judged_at,
        today=asking.today,
        ledger=ledger,
        judged=judge_backups(plan, ledger, asking.days, judged_at, copies).verdicts,
        told=judge_backups(raised, ledger, asking.days, judged_at, copies).verdicts,
        custody=asking.memory.custody,
        vms=_vms(asking),
    )
    return backup_part(facts)


def _ledger(asking: Asking) -> LedgerThen:
    memory = asking.memory
    return LedgerThen(
        asking.judged_at,
        copies=memory.copies,
        looks=memory.looks,
        databases=memory.databases,
        drills=memory.drills,
        watched_since=asking.reader.ledger.watched_since() if asking.reader else None,
    )


def _vms(asking: Asking) -> tuple[KnownVm, ...]:
    """Each name once, as `itops backup coverage` has them."""
    if asking.reader is None:
        return ()
    entities = asking.reader.entities(Kind.VM, as_of=asking.as_of)
    return tuple({vm.name: KnownVm(name=vm.name, seen_at=vm.seen_at) for vm in entities}.values())
