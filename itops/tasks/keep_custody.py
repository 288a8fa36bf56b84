"""Keep the register of off-site media: each verb judges, writes one entry, and tells what the register says then.

Decide, record, tell: an entry is on the disk before anybody is told that it was taken. Nothing is looked up; names of
persons are as they were told.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, TypeVar

from itops.backup.custody.deposits import only_on
from itops.backup.custody.labels import parse_label
from itops.backup.custody.objections import Objection, objection_to, refusal_of
from itops.backup.custody.records import Added, Entry, Incident, Reconciled, Retired, Row
from itops.backup.custody.register import Register, register_of
from itops.backup.custody.states import MediumState
from itops.backup.policy import BackupPlan
from itops.backup.slots import Calendar
from itops.errors import UsageWrong
from itops.tasks.custody_refusals import WrongDisk, refused
from itops.tasks.mounted_medium import Mounted

T = TypeVar("T")


class KeepsCustody(Protocol):
    """The register where it is kept: `Store.custody`."""

    def rows(self) -> list[Row]:
        """All of it."""
        ...

    def append(self, entry: Entry, recorded_at: datetime, *, after: str) -> Row:
        """One more entry; raises StoreLocked when another one came in between."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An entry that was taken, and the register with it."""

    row: Row
    register: Register

    @property
    def state(self) -> MediumState:
        """The medium now; asked only of entries about one."""
        return self.register.media[self.row.medium]


@dataclass(frozen=True, slots=True, kw_only=True)
class Custodian:
    """Writes into the register by the office's plan."""

    store: KeepsCustody
    plan: BackupPlan
    calendar: Calendar
    now: datetime

    def register(self) -> Register:
        """As it is."""
        return register_of(self.store.rows())

    def add(self, entry: Added) -> Kept:
        """A new medium; an entry without an id gets the next one. Raises UsageWrong, InputInvalid for a known disk."""
        register = self.register()
        label = entry.medium or register.next_label(self.plan.custody.prefix)
        return self._take(register, replace(entry, medium=label))

    def record(self, entry: Entry) -> Kept:
        """Any other entry; raises UsageWrong or InputInvalid when something speaks against it."""
        return self._take(self.register(), entry)

    def count(self, entry: Reconciled) -> Kept:
        """A count of a place: what is missing and what should not be there is worked out here."""
        register = self.register()
        expected = {state.medium for state in register.in_use() if state.place == entry.place and not state.transit}
        found = set(entry.found)
        counted = replace(entry, missing=tuple(sorted(expected - found)), unexpected=tuple(sorted(found - expected)))
        return self._take(register, counted)

    def retire(self, entry: Retired, databases: tuple[tuple[str, str], ...] = ()) -> Kept:
        """The end of a medium; raises UsageWrong while a demanded slot is on it alone, unless `although` says why."""
        register = self.register()
        state = state_of(register, entry.medium)
        needed = only_on(register, self.plan, self.calendar, self.now, entry.medium, databases)
        if needed and entry.method != "lost" and not entry.although:
            slots = ", ".join(dict.fromkeys(f"{one.job} {one.slot.name}" for one in needed))
            raise UsageWrong(
                f"{entry.medium} holds what no other medium has: {slots}",
                remedy="copy these slots onto another medium first, or say why it must go: --although REASON",
            )
        on_it = state.written.manifest_hash if state.written is not None else ""
        return self._take(register, replace(entry, manifest_hash=on_it))

    def _take(self, register: Register, entry: Entry) -> Kept:
        self.check(register, entry)
        row = self.store.append(entry, self.now, after=register.head[1])
        return Kept(row=row, register=register_of([*register.rows, row]))

    def check(self, register: Register, entry: Entry) -> None:
        """Raise what speaks against the entry."""
        objection = objection_to(register, entry) or refusal_of(register, entry, self.plan.custody, self.now)
        if objection is not None:
            raise refused(objection, medium=entry.medium)


def known_label(text: str) -> str:
    """An id as typed from a label; raises UsageWrong when its check digit is wrong."""
    label = parse_label(text)
    if label is None:
        raise refused(Objection(code="label-wrong", facts={"medium": text}))
    return label


def recognise(state: MediumState, mounted: Mounted) -> Objection | None:
    """Whether the disk that is mounted is this medium, by whatever both tell; None when it is.

    One thing that fits is enough, if nothing speaks against it. A medium of which nothing is known yet fits any disk.
    """
    note = mounted.note
    if note is not None and note.medium != state.medium:
        return _wrong(state, f"{state.medium} on its label", f"a note of itops for {note.medium}")
    fits = [note is not None]
    for recorded, told in (
        (state.device_serial, mounted.device_serial),
        (state.file_system_uuid, mounted.file_system_uuid),
    ):
        if recorded and told:
            if recorded.strip().casefold() != told.strip().casefold():
                return _wrong(state, recorded, told)
            fits.append(True)
    is_unknown = not state.device_serial and not state.file_system_uuid and state.written is None
    if any(fits) or is_unknown:
        return None
    return Objection(code="not-recognised", facts={"medium": state.medium, "folder": str(mounted.folder)})


def _wrong(state: MediumState, recorded: str, told: str) -> Objection:
    return Objection(code="wrong-disk", facts={"medium": state.medium, "recorded": recorded, "told": told})


def state_of(register: Register, medium: str) -> MediumState:
    """The medium of that id; raises UsageWrong."""
    state = register.media.get(medium)
    if state is None:
        raise refused(Objection(code="unknown-medium", facts={"medium": medium}))
    return state


def or_incident(custodian: Custodian, incident: Incident | None, act: Callable[[], T]) -> T:
    """Do it; when the disk turns out to be another one, write the incident down, if one was given, and raise."""
    try:
        return act()
    except WrongDisk as wrong:
        if incident is None:
            raise
        kept = custodian.record(replace(incident, note=wrong.problem))
        raise WrongDisk(f"{wrong.problem}; written down as incident {kept.row.number}", remedy=wrong.remedy) from wrong
