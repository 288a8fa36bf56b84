"""What every check of the register is asked with, and how it answers."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from itops.backup.custody.policy import CustodyPolicy
from itops.backup.custody.register import Register
from itops.backup.custody.states import MediumState
from itops.backup.judgement.verdicts import BackupFinding
from itops.backup.policy import BackupPlan
from itops.backup.slots import Calendar
from itops.facts import Fact
from itops.verdict import State


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The register beside the plan, at a moment."""

    register: Register
    plan: BackupPlan
    calendar: Calendar
    now: datetime
    databases: tuple[tuple[str, str], ...] = ()

    @property
    def policy(self) -> CustodyPolicy:
        """The limits."""
        return self.plan.custody

    def day(self, moment: datetime) -> date:
        """The civil day in the office."""
        return moment.astimezone(self.calendar.zone).date()

    def on(self, moment: datetime) -> str:
        """That day, as a fact of a finding."""
        return self.day(moment).isoformat()

    def age(self, moment: datetime) -> timedelta:
        """How long ago it was."""
        return self.now - moment

    def days(self, moment: datetime) -> int:
        """The same in whole days."""
        return self.age(moment).days

    def is_in_vault(self, state: MediumState) -> bool:
        """Whether its last movement ended in a vault."""
        return not state.is_in_transit and self.policy.is_vault(state.place)


def finding(code: str, state: State, subject: str = "", **facts: Fact) -> BackupFinding:
    """A finding."""
    return BackupFinding(code=code, state=state, subject=subject, facts=facts)


def warning(code: str, subject: str = "", **facts: Fact) -> BackupFinding:
    """One that can wait until tomorrow."""
    return finding(code, State.WARNING, subject, **facts)


def critical(code: str, subject: str = "", **facts: Fact) -> BackupFinding:
    """One that cannot."""
    return finding(code, State.CRITICAL, subject, **facts)
