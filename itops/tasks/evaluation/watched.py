"""An office as its evaluators see it at one moment."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from itops.backup.policy import DaysPolicy
from itops.backup.slots import Calendar
from itops.config.settings import Settings
from itops.tasks.read_inventory import RoleJudge

if TYPE_CHECKING:
    from itops.store.reader import Reader


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What evaluators are given. They read the store and the files of the office, and never the network."""

    settings: Settings
    reader: "Reader"
    judge_roles: RoleJudge  # how this office's VMs get their roles
    now: datetime  # aware, UTC

    @cached_property
    def calendar(self) -> Calendar:
        """The office's days, months and zone."""
        office, plan = self.settings.office, self.settings.backup
        return Calendar(days=plan.days if plan else DaysPolicy(), calendar=office.calendar, zone=office.zone)
