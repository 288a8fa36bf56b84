"""The backups behind a command: the plan, its repositories, and what the store remembers of them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any

from itops import clock
from itops.backup.copies import Copy
from itops.backup.judgement.verdicts import BackupFinding
from itops.backup.ledger import KnownCopy, KnownDatabase, LedgerWriter
from itops.backup.policy import BackupPlan
from itops.backup.repositories import Repository, StampedVm
from itops.backup.slots import Calendar
from itops.cli.columns import moments_in
from itops.cli.office import Office, pass_office
from itops.errors import ConfigInvalid, UsageWrong
from itops.inventory.entities import Kind
from itops.tasks.judge_backups import Judged, judge_backups, remembered, stamped_vms

if TYPE_CHECKING:
    from itops.store.ledger_reader import LedgerReader
    from itops.store.reader import Reader as StoreReader
    from itops.store.writing import Store
    from itops.tasks.look_at_repositories import Listener, RepositoryLook


class BackupOffice:
    """Handed to every backup command."""

    def __init__(self, office: Office) -> None:
        self.office = office

    @cached_property
    def plan(self) -> BackupPlan:
        """The plan in itops.yaml; raises ConfigInvalid when there is none."""
        plan = self.office.settings.backup
        if plan is None:
            raise ConfigInvalid(
                "itops.yaml has no backup plan",
                remedy="write a section `backup:`; docs/how-to/plan-backups.md shows one",
            )
        return plan

    @cached_property
    def calendar(self) -> Calendar:
        """The office's calendar, days and zone."""
        office = self.office.settings.office
        return Calendar(days=self.plan.days, calendar=office.calendar, zone=office.zone)

    @property
    def when(self) -> Callable[[Any], str]:
        """A cell that shows an ISO moment as the office writes it."""
        return moments_in(self.office.calendar, self.office.zone)

    @property
    def ledger(self) -> "LedgerReader":
        """What is remembered; raises StoreEmpty before the first scan."""
        return self._reader.ledger

    @cached_property
    def _reader(self) -> "StoreReader":
        from itops.store.reader import Reader as StoreReader  # noqa: PLC0415  the office's own may be a test's

        reader = self.office.reader
        assert isinstance(reader, StoreReader), "the ledger of backups is in the store alone"
        return reader

    def open_store(self) -> "Store":
        """For writing."""
        return self.office.open_store()

    def databases(self) -> list[KnownDatabase]:
        """What servers have; none before the first scan."""
        return self.ledger.databases() if self.office.any_reader else []

    def build(self, names: Sequence[str]) -> list[Repository]:
        """The repositories of those names, all by default; raises UsageWrong."""
        known = self.plan.repositories
        if not known:
            raise ConfigInvalid("no repository is configured", remedy="add one under backup.repositories")
        for name in names:
            if name not in known:
                raise UsageWrong(f"there is no repository {name!r}", remedy=f"use one of: {', '.join(known)}")
        return [known[name].build(self.office.zone) for name in dict.fromkeys(names or known)]

    def jobs(self, names: Sequence[str]) -> list[str]:
        """The jobs of those names, all by default; raises UsageWrong."""
        for name in names:
            if name not in self.plan.jobs:
                known = ", ".join(self.plan.jobs) or "(none)"
                raise UsageWrong(f"there is no job {name!r}", remedy=f"use one of: {known}")
        return list(dict.fromkeys(names or self.plan.jobs))

    def look(
        self,
        writer: LedgerWriter,
        names: Sequence[str],
        known: Sequence[KnownCopy] = (),
        on_look: "Listener" = lambda look: None,
    ) -> "list[RepositoryLook]":
        """Look at repositories and record it; `known`: what is remembered, where it was read just now."""
        from itops.tasks.look_at_repositories import Looking, look_at  # noqa: PLC0415  threads: only when looking

        looking = Looking(
            plan=self.plan,
            zone=self.office.zone,
            now=self.office.now,
            clock=clock.now,
            # Of each by itself: of one that is rarely looked at, the last look would drown among those at the others.
            last_looks=[look for name in names or self.plan.repositories for look in self.ledger.looks(name)],
            vms=self._stamped_vms(),
            known=known,
        )
        return look_at(self.build(names), writer, looking, on_look)

    def judged(self, copies: Sequence[KnownCopy] | None = None) -> Judged:
        """Every object of every job, judged from the store; `copies`: its copies, where they were read just now."""
        return judge_backups(self.plan, self.ledger, self.calendar, self.office.now, copies)

    def custody_findings(self) -> tuple[BackupFinding, ...]:
        """What is wrong with the media off-site; nothing where nothing is promised and no medium is known."""
        from itops.tasks.evaluation.custody import off_site  # noqa: PLC0415  most commands judge no media

        held = off_site(self._reader, self.plan, self.calendar, self.office.now)
        return held.findings if held is not None else ()

    def remember_verdicts(self, store: "Store", copies: Sequence[KnownCopy] | None = None) -> Judged:
        """Append the verdicts that differ from the last ones, and keep what the check of backups says from now on."""
        from itops.tasks.evaluation.backups import CHECK, backup_evaluations  # noqa: PLC0415  only where facts changed

        judged = self.judged(copies)
        store.ledger.record_verdicts(judged.recorded(self.office.now))
        evaluations = backup_evaluations(self.plan, self.ledger, self.calendar, self.office.now, judged)
        store.watch.record_evaluations(evaluations, (CHECK,))
        self.office.close()  # whoever closes last folds the write-ahead log into itops.db, and a reader may not
        return judged

    def remembered(self) -> list[KnownCopy]:
        """The copies that a verdict may rest on."""
        return remembered(self.ledger, self.office.now)

    def remembered_after(self, before: list[KnownCopy], looks: "Sequence[RepositoryLook]") -> list[KnownCopy]:
        """The same after these looks; read again only where they changed anything."""
        if any(look.unchanged_since is None for look in looks):
            return self.remembered()
        seen_at = {look.repository: look.record.looked_at for look in looks}
        return [
            replace(held, last_seen_at=seen_at[held.copy.repository])
            if held.is_here and held.copy.repository in seen_at
            else held
            for held in before
        ]

    @staticmethod
    def fresh(known: Sequence[KnownCopy], looks: "Sequence[RepositoryLook]") -> list[KnownCopy]:
        """Of what is remembered, what was seen just now; with all its files, of which the store keeps only a few."""
        seen = {_state(copy): copy for look in looks for copy in look.claims.copies}
        return [replace(held, copy=seen[_state(held.copy)]) for held in known if _state(held.copy) in seen]

    def _stamped_vms(self) -> tuple[StampedVm, ...]:
        reader = self.office.any_reader
        return tuple(stamped_vms(reader.entities(Kind.VM))) if reader else ()


def _state(copy: Copy) -> tuple[str, str, str, str]:
    return copy.repository, copy.job, copy.key, copy.fingerprint


def pass_backups(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the BackupOffice of the configuration file."""

    @wraps(command)
    @pass_office
    def with_backups(office: Office, *args: Any, **kwargs: Any) -> Any:
        return command(BackupOffice(office), *args, **kwargs)

    return with_backups
