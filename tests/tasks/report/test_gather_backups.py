"""The backups of a period, gathered from a real store: a folder looked at, tapes that were read, a bank box."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from itops.backup.copies import Database
from itops.backup.custody.manifests import manifest_hash
from itops.backup.custody.records import ManifestFile, Written
from itops.backup.ledger import DrillRecord, LookRecord
from itops.backup.levels import Level
from itops.config.settings import Plugins, load
from itops.dates import parse_period
from itops.inventory.entities import Entity
from itops.reports.monthly.parts import BackupPart
from itops.store import open_reader
from itops.tasks.report.asking import Asking, Memory
from itops.tasks.report.backups import gather_backups
from tests.store.building import scan_once, vm
from tests.tasks.custody_office import VaultOffice

ABAN = "1405-08"
END = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
SETTLED = END + timedelta(days=2)
LATER = SETTLED + timedelta(days=60)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OBJECT = "sql01/Insurance"


def asked(office: VaultOffice, now: datetime, period: str = ABAN) -> BackupPart:
    (office.folder / "itops.yaml").write_text("office: {id: alborz, calendar: jalali}\n", encoding="utf-8")
    settings = replace(load(office.folder / "itops.yaml", Plugins()), backup=office.plan)
    with open_reader(office.location) as reader:
        asking = Asking(settings=settings, memory=Memory(reader), period=parse_period(period), now=now)
        return gather_backups(asking)


def value(found: BackupPart, figure_id: str) -> float | None:
    return next(one.value for one in found.figures if one.id == figure_id)


def listed(office: VaultOffice, at: datetime, *names: str) -> None:
    """The server tells which databases it has."""
    look = LookRecord(repository="sql01", looked_at=at, ended_at=at, is_complete=True)
    with office.store() as store:
        store.ledger.record_look(look, [], [Database(server="sql01", name=name) for name in names], [])


def restored(office: VaultOffice, at: datetime) -> None:
    held = DrillRecord(
        job="insurance",
        object=OBJECT,
        repository="nas",
        key="k",
        fingerprint="f",
        started_at=at,
        seconds=600,
        into="mssql",
        is_restored=True,
    )
    with office.store() as store:
        store.ledger.record_drill(held)


def scanned(office: VaultOffice, at: datetime, *names: str) -> None:
    seen: list[Entity] = [vm(name) for name in names]
    scan_once(office.location, "vc01", at, seen, live=("vc01",))


@pytest.fixture
def office(tmp_path: Path) -> VaultOffice:
    """Twelve nights of tapes, looked at and read on the first of Azar; the month's copy was carried to the bank."""
    held = VaultOffice(tmp_path)
    for day in range(10, 22):
        held.back_up(day)
    held.verify()
    listed(held, held.now, "Insurance", "Archive")
    restored(held, END - 5 * DAY)
    scanned(held, END - DAY, "dc", "web")
    medium = held.add()
    deposit(held, medium, ABAN)
    return held


def deposit(office: VaultOffice, medium: str, slot: str, seal: str = "A-100", *, opened: str = "") -> None:
    file = ManifestFile(
        name="Insurance.bak", size_bytes=1, sha256="ab" * 32, job="insurance", object=OBJECT, slots=(slot,),
        level=Level.INTACT,
    )  # fmt: skip
    told = Written(medium=medium, at=office.now, by="R. Karimi", files=(file,), manifest_hash=manifest_hash((file,)))
    office.record(replace(told, opened_seal=opened))
    office.deposit(medium, seal)


def test_what_was_looked_at_read_restored_and_carried_away_is_told(office: VaultOffice) -> None:
    found = asked(office, SETTLED)
    assert value(found, "backup.slots") == 30 + 1
    assert found.jobs[0].tiers == {"daily": {"OK": 12, "MISSING": 18}, "monthly": {"OK": 1}}
    assert (value(found, "backup.missing"), value(found, "backup.monthly")) == (18, 1)
    assert found.levels["3"] == 12
    assert (value(found, "backup.restore_tested"), len(found.drills)) == (1, 1)
    assert (value(found, "backup.databases"), value(found, "backup.databases_protected")) == (2, 0.5)
    assert (value(found, "custody.months"), found.deposits[0].is_deposited) == (1, True)
    assert [row.object for row in found.covers if row.kind == "vm"] == ["vm/DC", "vm/WEB"]


def test_whatever_machines_see_later_the_report_says_the_same(office: VaultOffice) -> None:
    before = asked(office, SETTLED)
    for path in sorted(office.copies.iterdir())[:6]:
        path.unlink()
    sorted(office.copies.iterdir())[0].write_bytes(b"no tape any more")
    office.back_up(5)
    office.back_up(23)
    office.now = LATER
    office.verify()
    listed(office, LATER, "Insurance", "New")
    restored(office, LATER)
    scanned(office, LATER, "dc", "mail")
    assert asked(office, LATER) == before
    assert asked(office, LATER + 300 * DAY) == before
    assert asked(office, LATER, "1405-09").jobs != before.jobs


def test_a_medium_that_comes_home_and_is_written_over_leaves_the_month_as_it_was(office: VaultOffice) -> None:
    before = asked(office, SETTLED)
    (medium,) = office.register().media
    office.now = LATER
    office.hand_over(medium, "bank", "office", "A-100")
    assert asked(office, LATER) == before
    deposit(office, medium, "1405-09", "A-101", opened="A-100")
    assert asked(office, LATER) == before
    assert value(asked(office, LATER, "1405"), "custody.months") == 2 / 3  # of Dey nothing was carried away yet


def test_a_report_of_a_running_month_judges_up_to_now(office: VaultOffice) -> None:
    running = asked(office, office.now, "1405-09")
    assert [row.state for row in running.slots] == ["OPEN", "OPEN"]
    assert (value(running, "backup.slots"), value(running, "backup.daily")) == (0, None)
    assert len(running.days) == 30


def test_without_a_store_nothing_was_ever_seen(office: VaultOffice) -> None:
    settings = replace(load(_written(office.folder), Plugins()), backup=office.plan)
    asking = Asking(settings=settings, memory=Memory(None), period=parse_period(ABAN), now=SETTLED)
    found = gather_backups(asking)
    assert (value(found, "backup.unknown"), value(found, "backup.slots")) == (31, 31)
    assert (value(found, "backup.databases"), found.lists_databases, found.levels["3"]) == (None, False, 0)


def test_without_a_plan_no_figure_has_a_value(office: VaultOffice) -> None:
    settings = load(_written(office.folder), Plugins())
    with open_reader(office.location) as reader:
        asking = Asking(settings=settings, memory=Memory(reader), period=parse_period(ABAN), now=SETTLED)
        found = gather_backups(asking)
    assert {(one.value, one.reason) for one in found.figures} == {(None, "no-plan")}


def _written(folder: Path) -> Path:
    path = folder / "itops.yaml"
    path.write_text("office: {id: alborz, calendar: jalali}\n", encoding="utf-8")
    return path
