"""A small fictional office with a bank box: places, a plan, and a register that grows by one call an entry."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from itops.backup.custody.chain import hash_of, head_of
from itops.backup.custody.labels import label_of
from itops.backup.custody.manifests import manifest_hash
from itops.backup.custody.objections import objection_to
from itops.backup.custody.policy import CustodyPolicy, PlaceOfCustody
from itops.backup.custody.records import (
    Added,
    Entry,
    ManifestFile,
    MediumRead,
    Moved,
    Received,
    Row,
    Sealed,
    Written,
)
from itops.backup.custody.register import Register, register_of
from itops.backup.levels import Level
from itops.backup.policy import BackupPlan, DaysPolicy, Job, MonthDay, MonthlyPolicy, Protected, ProtectedList, Texts
from itops.backup.slots import Calendar
from itops.names import Names
from itops.store.custody import to_entry_document

TEHRAN = ZoneInfo("Asia/Tehran")
START = datetime(2026, 9, 22, 8, 0, tzinfo=UTC)  # Tuesday, 31 Shahrivar 1405
DAY = timedelta(days=1)
M1, M2, M3 = (label_of("M", number) for number in (1, 2, 3))
POLICY = CustodyPolicy(
    places={
        "office": PlaceOfCustody(name=Names.same("اتاق سرور"), kind="office"),
        "bank": PlaceOfCustody(name=Names.same("بانک نمونه"), branch="میدان آزادی", box="214"),
        "van": PlaceOfCustody(name=Names.same("Courier"), kind="transit"),
    }
)
MONTHLY = MonthlyPolicy(on=MonthDay(None), keep=12, offsite="bank")
JOB = Job(
    protects=ProtectedList((Protected.parse("sql01/Insurance"),)),
    repository=Texts(("nas",)),
    monthly=MONTHLY,
    since=date(2026, 8, 23),  # 1 Shahrivar 1405
)
PLAN = BackupPlan(jobs={"insurance": JOB}, custody=POLICY)
CALENDAR = Calendar(days=DaysPolicy(), calendar="jalali", zone=TEHRAN)


def at(days: float = 0) -> datetime:
    """A moment so many days after the register began."""
    return START + days * DAY


def rows_of(entries: Iterable[Entry], recorded_after: timedelta = timedelta()) -> list[Row]:
    """The entries as a register keeps them."""
    rows: list[Row] = []
    for entry in entries:
        number, previous = head_of(rows)
        micros = (entry.at + recorded_after - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        document = to_entry_document(entry)
        told = hash_of(number + 1, micros, entry.medium, document, previous)
        rows.append(
            Row(
                number=number + 1,
                recorded_micros=micros,
                medium=entry.medium,
                document=document,
                previous_hash=previous,
                hash=told,
                entry=entry,
            )
        )
    return rows


def register(*entries: Entry) -> Register:
    """A register of entries that must all be good ones."""
    found = register_of(rows_of(entries))
    assert found.invalid == (), found.invalid
    return found


def refusal(before: Iterable[Entry], entry: Entry) -> str | None:
    """The code of what speaks against one more entry."""
    objection = objection_to(register(*before), entry)
    return objection.code if objection else None


def file(name: str = "Insurance.bak", slot: str = "1405-06", **more: object) -> ManifestFile:
    made = ManifestFile(
        name=name,
        size_bytes=1 << 20,
        sha256="ab" * 32,
        job="insurance",
        object="sql01/Insurance",
        slots=(slot,),
        made_at=at(-2),
        level=Level.COMPLETE,
        matched_by="sha256",
    )
    return replace(made, **more)  # type: ignore[arg-type]


def added(medium: str = M1, days: float = 0, **more: object) -> Added:
    return replace(Added(medium=medium, at=at(days), by="R. Karimi", place="office"), **more)  # type: ignore[arg-type]


def written(medium: str = M1, days: float = 1, *files: ManifestFile, **more: object) -> Written:
    held = files or (file(),)
    entry = Written(medium=medium, at=at(days), by="R. Karimi", files=held, manifest_hash=manifest_hash(held))
    return replace(entry, **more)  # type: ignore[arg-type]


def sealed(medium: str = M1, days: float = 1.1, seal: str = "A-100") -> Sealed:
    return Sealed(medium=medium, at=at(days), by="R. Karimi", witness="S. Rahimi", seal=seal)


def moved(medium: str = M1, days: float = 1.2, **more: object) -> Moved:
    entry = Moved(
        medium=medium, at=at(days), by="R. Karimi", to="S. Rahimi", origin="office", destination="bank", seal="A-100"
    )
    return replace(entry, **more)  # type: ignore[arg-type]


def received(medium: str = M1, days: float = 1.3, **more: object) -> Received:
    entry = Received(
        medium=medium,
        at=at(days),
        by="S. Rahimi",
        to="M. Sadeghi",
        place="bank",
        is_seal_intact=True,
        seal="A-100",
        box="214",
    )
    return replace(entry, **more)  # type: ignore[arg-type]


def read(medium: str = M1, days: float = 1.05, **more: object) -> MediumRead:
    entry = MediumRead(medium=medium, at=at(days), by="S. Rahimi", place="office", files=1)
    return replace(entry, **more)  # type: ignore[arg-type]


def deposited(medium: str = M1, days: float = 0, seal: str = "A-100", *files: ManifestFile) -> list[Entry]:
    """From new to the box in a day and a half."""
    return [
        added(medium, days),
        written(medium, days + 1, *files),
        sealed(medium, days + 1.1, seal),
        moved(medium, days + 1.2, seal=seal),
        received(medium, days + 1.3, seal=seal),
    ]
