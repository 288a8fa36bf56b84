"""The repository of type inventory: what the VMs themselves carry of their backups. The task hands the VMs in."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from itops.backup.copies import Copy, Identity
from itops.backup.repositories import Listed, Look, LookGap, StampedVm
from itops.errors import SourceUnavailable
from itops.facts import Fact
from itops.repositories.vm_stamps.moments import Ambiguous, Moment, Unreadable, parse_leading
from itops.repositories.vm_stamps.settings import VmStampsSettings
from itops.repositories.vm_stamps.stamps import Stamp, stamps


class VmStamps:
    """Stamps on VMs. A VM without any yields nothing: that it has none is what the judgement is to find."""

    Settings: ClassVar[type[VmStampsSettings]] = VmStampsSettings

    def __init__(self, name: str, settings: VmStampsSettings, zone: ZoneInfo) -> None:
        self.name = name
        self.settings = settings
        self.zone = settings.zone or zone

    def look(self, now: datetime, last_facts: Mapping[str, Fact]) -> Look:
        """Always SourceUnavailable: only `read` can look, for the VMs are in the store."""
        raise SourceUnavailable(
            f"{self.name} knows no VM by itself", remedy="run `itops inventory scan` first; its VMs are then read"
        )

    def read(self, vms: Iterable[StampedVm | tuple[str, str, Mapping[str, str], str]], now: datetime) -> Look:
        """The stamps of these VMs, each as a copy of `vm/NAME`.

        A stamp is overwritten by the next backup: that it is no longer there says nothing of the backup it told of.
        """
        return Look(repository=self.name, looked_at=now, seen=self._seen(vms), facts={"keeps": "latest"})

    def _seen(self, vms: Iterable[StampedVm | tuple[str, str, Mapping[str, str], str]]) -> Iterator[Listed]:
        for vm in vms:
            yield from self._of(StampedVm(*vm))

    def _of(self, vm: StampedVm) -> Iterator[Listed]:
        """The copies of the first place where a stamp can be read; where none can, one gap that says why."""
        failure: tuple[Stamp, Unreadable] | None = None
        for found in stamps(vm.attributes, vm.annotation, self.settings):
            copies: dict[str, Copy] = {}
            for stamp in found:
                try:
                    moment = parse_leading(stamp.when, self.zone, self.settings.order, self.settings.format)
                except Unreadable as unreadable:
                    failure = failure or (stamp, unreadable)
                    continue
                copy = self._copy(vm, stamp, moment)
                copies.setdefault(copy.key, copy)
            if copies:
                yield from copies.values()
                return
        if failure is not None:
            yield self._gap(vm, *failure)

    def _copy(self, vm: StampedVm, stamp: Stamp, moment: Moment) -> Copy:
        told = moment.at.isoformat()
        facts: dict[str, Fact] = {"place": stamp.place, "text": stamp.when, "job": stamp.job}
        facts |= {"host": stamp.host, "folder": stamp.folder}
        facts |= {"tells_start": stamp.is_start or None, "day_only": moment.is_day_only or None}
        identity = Identity(
            object=vm.name,
            # A job that began then has ended later: its beginning is the safe one of the two.
            started_at=moment.at if stamp.is_start else None,
            finished_at=moment.at,
            made_by=stamp.product,
            facts={key: value for key, value in facts.items() if value is not None},
        )
        return Copy(
            repository=self.name,
            key=f"{vm.key}@{told}",
            fingerprint=told,
            object=f"vm/{vm.name}",
            catalogue=identity,
        )

    def _gap(self, vm: StampedVm, stamp: Stamp, failure: Unreadable) -> LookGap:
        is_ambiguous = isinstance(failure, Ambiguous)
        remedy = "write order: mdy or order: dmy, as the backup server writes dates"
        if not is_ambiguous:
            remedy = "name the right attribute:, or say how it is written with pattern: and format:"
        return LookGap(
            subject=f"vm {vm.name}",
            code="stamp.ambiguous" if is_ambiguous else "stamp.unreadable",
            problem=f"the backup stamp in {stamp.place} cannot be read: {failure}",
            remedy=remedy,
            hides=True,
        )
