"""A Reader and a store over a few VMs in memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from itops.inventory.entities import Entity, Kind
from itops.inventory.history import Answer, RecordedGap, Revision, Scan, SourceState


@dataclass
class MemoryReader:
    vms: list[Entity]
    given: list[Answer] = field(default_factory=list)

    def entities(self, kind: Kind, *, as_of: datetime | None = None, source: str | None = None) -> Iterator[Entity]:
        return iter(self.vms if kind is Kind.VM else [])

    def find(self, text: str) -> list[Entity]:
        return [vm for vm in self.vms if text.casefold() in {vm.name.casefold(), vm.key, vm.ref}]

    def answers(self) -> list[Answer]:
        return list(self.given)

    def history(self, kind, key) -> list[Revision]:
        return []

    def touched(self, begin, end, kinds) -> Iterator[list[Revision]]:
        return iter([])

    def scans(self, source=None, limit=None) -> list[Scan]:
        return []

    def last_scans(self) -> list[SourceState]:
        return []

    def gaps(self, scan_id=None) -> list[RecordedGap]:
        return []

    def remember(self, answer: Answer) -> None:
        self.given = [known for known in self.given if known.vm_id != answer.vm_id] + [answer]

    def close(self) -> None:
        pass
