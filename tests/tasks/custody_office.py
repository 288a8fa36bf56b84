"""The small office with a bank box: copies in a folder, disks that are folders, a machine that tells nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from itops.backup.custody.policy import CustodyPolicy, PlaceOfCustody
from itops.backup.custody.records import Added, Entry, MediumRead, Moved, Received, Sealed, Written
from itops.backup.custody.register import Register, register_of
from itops.backup.levels import Level
from itops.backup.policy import BackupPlan, DaysPolicy, MonthDay, MonthlyPolicy
from itops.backup.slots import Calendar
from itops.formats.mssql import MssqlBackup
from itops.names import Names
from itops.tasks.examine_things import Examiner
from itops.tasks.keep_custody import Custodian, Kept
from itops.tasks.medium_matching import Knowledge, Told
from itops.tasks.mounted_medium import Machine, Mounted
from itops.tasks.read_medium import Reading, read_medium
from itops.tasks.write_medium import Writing, write_medium
from tests.tasks.backup_office import TEHRAN, Office

CALENDAR = Calendar(days=DaysPolicy(), calendar="jalali", zone=TEHRAN)
POLICY = CustodyPolicy(
    places={
        "office": PlaceOfCustody(name=Names.same("Server room"), kind="office"),
        "bank": PlaceOfCustody(name=Names.same("بانک نمونه"), branch="میدان آزادی", box="214"),
    }
)


@dataclass
class VaultOffice(Office):
    """Its month must lie in the bank."""

    disks: dict[str, Mounted] = field(default_factory=dict)

    @property
    def plan(self) -> BackupPlan:
        plan = super().plan
        monthly = MonthlyPolicy(on=MonthDay(None), keep=12, offsite="bank")
        job = replace(plan.jobs["insurance"], monthly=monthly, since=date(2026, 10, 23))
        return replace(plan, jobs={"insurance": job}, custody=POLICY)

    @contextmanager
    def custodian(self) -> Iterator[Custodian]:
        with self.store() as store:
            yield Custodian(store=store.custody, plan=self.plan, calendar=CALENDAR, now=self.now)

    def register(self) -> Register:
        with self.reader() as reader:
            return register_of(reader.custody.rows())

    def add(self, disk: Mounted | None = None, **more: str) -> str:
        told = {} if disk is None else {"file_system_uuid": disk.file_system_uuid, "device_serial": disk.device_serial}
        with self.custodian() as custodian:
            kept = custodian.add(Added(at=self.now, by="R. Karimi", place="office", **{**told, **more}))  # type: ignore[arg-type]
        return kept.row.medium

    def record(self, entry: Entry) -> Kept:
        with self.custodian() as custodian:
            return custodian.record(entry)

    def disk(self, name: str, uuid: str = "", serial: str = "") -> Mounted:
        """A disk that is mounted."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return replace(self.told(folder), file_system_uuid=uuid, device_serial=serial)

    def told(self, folder: Path) -> Mounted:
        """What a machine without udev and without a serial number tells."""
        nowhere = self.folder / "nowhere"
        machine = Machine(mounts=nowhere, sys=nowhere, dev=nowhere, udev=nowhere, ask_kernel=lambda folder: "")
        return machine.mounted(folder)

    def write(self, medium: str, disk: Mounted, told: Told | None = None, **more: object) -> Writing:
        entry = replace(Written(medium=medium, at=self.now, by="R. Karimi"), **more)  # type: ignore[arg-type]
        with self.reader() as reader:
            knowledge = Knowledge(
                plan=self.plan,
                calendar=CALENDAR,
                copies=reader.ledger.copies(),
                verdicts=reader.ledger.verdicts(datetime.fromtimestamp(0, TEHRAN), self.now),
                told=told or Told(),
            )
        examiner = Examiner(formats=(MssqlBackup(),), zone=TEHRAN)
        with self.custodian() as custodian:
            return write_medium(custodian, entry, self._again(disk), knowledge, examiner)

    def read(self, medium: str, disk: Mounted, **more: object) -> Reading:
        entry = replace(MediumRead(medium=medium, at=self.now, by="S. Rahimi"), **more)  # type: ignore[arg-type]
        known = self.known()
        with self.store() as store:
            custodian = Custodian(store=store.custody, plan=self.plan, calendar=CALENDAR, now=self.now)
            return read_medium(custodian, entry, self._again(disk), known, store.ledger)

    def deposit(self, medium: str, seal: str = "A-100") -> None:
        self.record(Sealed(medium=medium, at=self.now, by="R. Karimi", seal=seal))
        self.hand_over(medium, "office", "bank", seal)

    def hand_over(self, medium: str, origin: str, destination: str, seal: str = "") -> None:
        out = Moved(
            medium=medium,
            at=self.now,
            by="R. Karimi",
            to="S. Rahimi",
            origin=origin,
            destination=destination,
            seal=seal,
        )
        came = Received(
            medium=medium,
            at=self.now,
            by="S. Rahimi",
            to="M. Sadeghi",
            place=destination,
            seal=seal,
            is_seal_intact=True if seal else None,
        )
        self.record(out)
        self.record(came)

    def _again(self, disk: Mounted) -> Mounted:
        """As it is mounted now: with the note that may have come onto it."""
        return replace(disk, note=self.told(disk.folder).note)


def whole(office: VaultOffice) -> Level | None:
    """The highest level that any proof of the office's newest copy reached."""
    proofs = office.known()[-1].proofs
    return max((proof.examination.level for proof in proofs if proof.examination.level is not None), default=None)
