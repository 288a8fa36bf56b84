"""The verbs of custody on a real store, with real tapes on disks that are folders."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import itops.backup.custody.objections as room
from itops.backup.copies import CopyKind
from itops.backup.custody.checks import custody_findings
from itops.backup.custody.deposits import deposits
from itops.backup.custody.manifests import ID_FILE, MANIFEST_FILE, is_beginning, manifest_hash, short_hash
from itops.backup.custody.records import Incident, ManifestFile, Moved, Reconciled, Retired, Sealed, Written
from itops.backup.levels import Level
from itops.backup.rota import rota
from itops.errors import InputInvalid, StoreLocked, UsageWrong
from itops.formats.mssql import MssqlBackup
from itops.store import open_store
from itops.tasks.custody_refusals import REFUSALS, WrongDisk
from itops.tasks.examine_things import Examiner
from itops.tasks.keep_custody import Custodian, known_label, or_incident
from itops.tasks.medium_matching import Knowledge, Told, manifest_of
from tests.makers.damages import DAMAGES
from tests.tasks.backup_office import NOW, TEHRAN
from tests.tasks.custody_office import CALENDAR, VaultOffice, whole

ABAN = "1405-08"  # 23 October to 21 November 2026


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = VaultOffice(tmp_path_factory.mktemp("office"))
    office.back_up(20)
    office.back_up(21)
    office.verify()
    return office.folder


@pytest.fixture
def office(verified: Path, tmp_path: Path) -> VaultOffice:
    return VaultOffice(shutil.copytree(verified, tmp_path / "office"))


def copied(office: VaultOffice, folder: Path, *names: str) -> None:
    for name in names or [path.name for path in office.copies.iterdir()]:
        shutil.copy(office.copies / name, folder / name)


def codes(office: VaultOffice, days: float = 0) -> set[str]:
    now = office.now + timedelta(days=days)
    return {one.code for one in custody_findings(office.register(), office.plan, CALENDAR, now)}


# Writing


def test_what_is_on_a_disk_is_brought_together_with_the_ledger(office: VaultOffice) -> None:
    disk = office.disk("disk1", uuid="u-1")
    copied(office, disk.folder)
    medium = office.add(disk)
    done = office.write(medium, disk)
    assert [
        (file.name, file.job, file.object, file.slots, file.level, file.matched_by) for file in done.written.files
    ] == [
        ("Insurance_20261120_2330.bak", "insurance", "sql01/Insurance", (ABAN,), Level.INTACT, "sha256"),
        ("Insurance_20261121_2330.bak", "insurance", "sql01/Insurance", (ABAN,), Level.INTACT, "sha256"),
    ]
    assert done.problem is None
    assert done.lost == ()
    assert done.written.is_cache_dropped
    assert office.register().media[medium].files() == done.written.files


def test_the_list_that_is_left_on_the_disk_is_checked_by_sha256sum_alone(office: VaultOffice) -> None:
    disk = office.disk("disk1")
    copied(office, disk.folder)
    (disk.folder / "odd \\ name.txt").write_text("x")
    done = office.write(office.add(), disk)
    whole_hash = subprocess.run(
        ["sha256sum", MANIFEST_FILE], cwd=disk.folder, capture_output=True, text=True, check=True
    )
    assert whole_hash.stdout.split()[0] == done.written.manifest_hash
    checked = subprocess.run(
        ["sha256sum", "-c", MANIFEST_FILE], cwd=disk.folder, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert checked.stdout.count(": OK") == 3


def test_the_note_on_the_disk_names_it_and_the_row_of_the_register(office: VaultOffice) -> None:
    disk = office.disk("disk1")
    copied(office, disk.folder)
    medium = office.add()
    done = office.write(medium, disk)
    note = json.loads((disk.folder / ID_FILE).read_text())
    assert (note["medium"], note["row"], note["row_hash"]) == (medium, done.kept.row.number, done.kept.row.hash)
    assert note["manifest_hash"] == done.written.manifest_hash


def test_a_copy_that_the_ledger_never_read_is_known_by_its_own_header(office: VaultOffice) -> None:
    disk = office.disk("disk1")
    fresh = office.back_up(19)
    shutil.move(fresh, disk.folder / "renamed.bak")
    (file,) = office.write(office.add(), disk).written.files
    assert (file.job, file.object, file.slots, file.matched_by) == ("insurance", "sql01/Insurance", (ABAN,), "header")
    assert file.level is Level.COMPLETE


def test_what_nothing_tells_of_may_be_told(office: VaultOffice) -> None:
    disk = office.disk("disk1")
    (disk.folder / "notes.txt").write_text("how to restore")
    medium = office.add()
    (file,) = office.write(medium, disk).written.files
    assert (file.job, file.matched_by) == ("", "")
    told = Told(job="insurance", object="sql01/Insurance", slot="1405-07")
    (file,) = office.write(medium, disk, told).written.files
    assert (file.job, file.slots, file.matched_by) == ("insurance", ("1405-07",), "told")


def test_a_damaged_copy_on_a_disk_counts_for_nothing(office: VaultOffice) -> None:
    disk = office.disk("disk1")
    path = disk.folder / "Insurance_20261121_2330.bak"
    path.write_bytes(DAMAGES["cut in half"]((office.copies / path.name).read_bytes()))
    medium = office.add()
    (file,) = office.write(medium, disk).written.files
    assert file.faults
    office.deposit(medium)
    assert deposits(office.register(), "bank") == ()
    assert "content-damaged" in codes(office)


def test_stripes_are_known_by_the_names_and_sizes_of_all_of_them(office: VaultOffice) -> None:
    disk = office.disk("disk1")
    known = office.known()[-1]
    parts = ("set/a_1.bak", "set/a_2.bak")
    files = tuple(known.copy.files[0]._replace(path=path, size_bytes=5) for path in parts)
    copy = replace(known.copy, key="set/a_*.bak", files=files, kind=CopyKind.FULL, fingerprint="stripes")
    known = replace(known, copy=copy, proofs=())
    for name in ("a_1.bak", "a_2.bak"):
        (disk.folder / name).write_bytes(b"12345")
    medium = office.add()
    done = _written_with(office, medium, disk, [known])
    assert {(file.name, file.matched_by, file.job) for file in done} == {
        ("a_1.bak", "names", "insurance"),
        ("a_2.bak", "names", "insurance"),
    }
    (disk.folder / "a_2.bak").write_bytes(b"1234")
    assert {file.matched_by for file in _written_with(office, medium, disk, [known])} == {""}


def _written_with(office: VaultOffice, medium: str, disk: object, copies: list[object]) -> tuple[ManifestFile, ...]:
    knowledge = Knowledge(plan=office.plan, calendar=CALENDAR, copies=copies)  # type: ignore[arg-type]
    examiner = Examiner(formats=(MssqlBackup(),), zone=TEHRAN)
    return manifest_of(disk.folder, knowledge, examiner)[0]  # type: ignore[attr-defined]


def test_an_empty_folder_is_no_medium(office: VaultOffice) -> None:
    medium = office.add()
    with pytest.raises(InputInvalid, match="nothing"):
        office.write(medium, office.disk("disk1"))
    assert office.register().media[medium].written is None


def test_a_link_on_a_disk_is_neither_followed_nor_written_through(office: VaultOffice, tmp_path: Path) -> None:
    disk = office.disk("disk1")
    copied(office, disk.folder)
    precious = tmp_path / "precious"
    precious.write_text("keep me")
    for name in (ID_FILE, MANIFEST_FILE, f".{ID_FILE}.new", "link.bak"):
        (disk.folder / name).symlink_to(precious)
    (disk.folder / "loop").symlink_to(disk.folder)
    done = office.write(office.add(), disk)
    assert precious.read_text() == "keep me"
    assert {file.name for file in done.written.files} == {path.name for path in office.copies.iterdir()}
    assert not (disk.folder / ID_FILE).is_symlink()


def test_a_pipe_in_the_place_of_the_note_is_not_waited_for(office: VaultOffice) -> None:
    disk = office.disk("disk1")
    copied(office, disk.folder)
    os.mkfifo(disk.folder / ID_FILE)
    assert office.write(office.add(), disk).problem is None


def test_slots_that_were_on_a_medium_alone_are_told_when_it_is_written_over(office: VaultOffice) -> None:
    disk = office.disk("disk1")
    copied(office, disk.folder)
    medium = office.add()
    office.write(medium, disk)
    for path in disk.folder.glob("*.bak"):
        path.unlink()
    (disk.folder / "other.txt").write_text("x")
    later = replace(office, now=office.now + timedelta(days=3))
    done = later.write(medium, disk)
    assert [(one.job, one.slot.name) for one in done.lost] == [("insurance", ABAN)]


# The wrong disk


def test_a_wrong_disk_in_the_right_box_is_noticed_by_whatever_tells(office: VaultOffice) -> None:
    right = office.disk("disk1", uuid="u-1", serial="S-1")
    copied(office, right.folder)
    medium = office.add(right)
    office.write(medium, right)
    assert office.read(medium, right).read.is_good
    bare = office.disk("disk2")
    copied(office, bare.folder)
    for other, words in (
        (office.disk("disk2", uuid="u-2"), "u-2"),
        (office.disk("disk2", uuid="u-1", serial="S-2"), "S-2"),
        (bare, "nothing tells"),
    ):
        with pytest.raises(WrongDisk, match=words) as caught:
            office.read(medium, other)
        assert caught.value.exit_code == 65
    assert office.register().media[medium].last_read.by == "S. Rahimi"  # type: ignore[union-attr]
    assert len(list(office.register().entries(medium))) == 3


def test_a_disk_with_the_note_of_another_is_refused_even_where_the_machine_tells_nothing(office: VaultOffice) -> None:
    one, other = office.disk("disk1"), office.disk("disk2")
    first, second = office.add(), office.add()
    for medium, disk in ((first, one), (second, other)):
        copied(office, disk.folder)
        office.write(medium, disk)
    with pytest.raises(WrongDisk, match=second):
        office.read(first, other)
    with pytest.raises(WrongDisk, match=first):
        office.write(second, one)


def test_a_wrong_disk_is_written_down_on_request(office: VaultOffice) -> None:
    disk = office.disk("disk1", uuid="u-1")
    copied(office, disk.folder)
    medium = office.add(disk)
    office.write(medium, disk)
    mishap = Incident(medium=medium, at=office.now, by="S. Rahimi", what="wrong-medium")
    with (
        office.custodian() as custodian,
        pytest.raises(WrongDisk, match="incident 3"),
    ):
        or_incident(custodian, mishap, lambda: office_read_wrong(custodian, medium))
    state = office.register().media[medium]
    assert [held.incident.what for held in state.incidents] == ["wrong-medium"]
    assert "u-2" in state.incidents[0].incident.note
    assert list(state.sound_files()) == []


def office_read_wrong(custodian: Custodian, medium: str) -> None:
    custodian.record(Written(medium=medium, at=NOW, by="A", file_system_uuid="u-2"))


def test_a_disk_that_was_formatted_anew_is_taken_when_that_is_said(office: VaultOffice) -> None:
    disk = office.disk("disk1", uuid="u-1", serial="S-1")
    copied(office, disk.folder)
    medium = office.add(disk)
    office.write(medium, disk)
    shutil.rmtree(disk.folder)
    new = office.disk("disk1", uuid="u-9", serial="S-1")
    copied(office, new.folder)
    with pytest.raises(WrongDisk):
        office.write(medium, new)
    office.write(medium, new, is_reformatted=True)
    assert office.read(medium, new).read.is_good


# Reading back


def test_a_test_read_proves_the_copies_in_the_ledger_readable_elsewhere(office: VaultOffice) -> None:
    disk = office.disk("disk1")
    copied(office, disk.folder)
    medium = office.add()
    office.write(medium, disk)
    assert whole(office) is Level.INTACT
    done = office.read(medium, disk)
    assert len(done.proven) == 2
    assert whole(office) is Level.READABLE_ELSEWHERE
    proof = office.known()[-1].proofs[-1]
    assert proof.examination.evidence["medium"] == medium
    assert proof.examination.identity is not None


def test_a_test_read_does_not_stand_in_for_the_next_reading_of_the_repository(office: VaultOffice) -> None:
    disk = office.disk("disk1")
    copied(office, disk.folder)
    medium = office.add()
    office.write(medium, disk)
    later = replace(office, now=office.now + timedelta(days=100))
    before = rota(later.known(), later.plan, None, later.now)
    later.read(medium, disk)
    after = rota(later.known(), later.plan, None, later.now)
    assert len(before.turns) == len(after.turns) == 2


@pytest.mark.parametrize("damage", sorted(DAMAGES))
def test_every_damage_to_a_file_on_the_medium_is_noticed_and_proves_nothing(office: VaultOffice, damage: str) -> None:
    disk = office.disk("disk1")
    copied(office, disk.folder, "Insurance_20261121_2330.bak")
    medium = office.add()
    office.write(medium, disk)
    path = disk.folder / "Insurance_20261121_2330.bak"
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    done = office.read(medium, disk)
    assert [bad.name for bad in done.read.bad] == [path.name]
    assert done.read.bad[0].outcome in {"differs", "size-differs"}
    assert done.proven == ()
    assert whole(office) is Level.INTACT
    assert office.register().media[medium].condition == "quarantined"
    assert "read-failed" in codes(office)


def test_missing_and_unlisted_files_are_told(office: VaultOffice) -> None:
    disk = office.disk("disk1")
    copied(office, disk.folder)
    medium = office.add()
    office.write(medium, disk)
    (disk.folder / "Insurance_20261120_2330.bak").rename(disk.folder / "elsewhere.bak")
    read = office.read(medium, disk).read
    assert read.bad == (("Insurance_20261120_2330.bak", "missing"),)
    assert read.unlisted == ("elsewhere.bak",)


def test_a_copy_that_is_damaged_at_home_and_sound_on_the_medium_is_told_and_not_cleared(office: VaultOffice) -> None:
    disk = office.disk("disk1")
    copied(office, disk.folder)
    medium = office.add()
    office.write(medium, disk)
    sick = office.copies / "Insurance_20261121_2330.bak"
    stat = sick.stat()
    damaged = bytearray(sick.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    sick.write_bytes(damaged)
    os.utime(sick, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    later = replace(office, now=office.now + timedelta(days=100))
    later.verify()
    done = later.read(medium, disk)
    assert [known.copy.key for known in done.rescues] == [sick.name]
    assert [known.copy.key for known in done.proven] == ["Insurance_20261120_2330.bak"]


def test_a_register_that_lost_its_last_rows_is_noticed_by_the_medium(office: VaultOffice, tmp_path: Path) -> None:
    disk = office.disk("disk1")
    copied(office, disk.folder)
    medium = office.add()
    office.write(medium, disk)
    kept = shutil.copytree(office.location.folder, tmp_path / "kept")
    office.write(medium, disk)
    assert office.read(medium, disk).read.doubts == ()
    shutil.rmtree(office.location.folder)
    shutil.copytree(kept, office.location.folder)
    assert office.register().broken is None
    (disk.folder / "new.txt").write_text("x")
    assert office.read(medium, disk).read.doubts == ("register-behind",)
    assert "register-behind" in codes(office)


def test_a_folder_that_went_away_is_explained(office: VaultOffice) -> None:
    disk = office.disk("disk1")
    copied(office, disk.folder)
    medium = office.add()
    office.write(medium, disk)
    shutil.rmtree(disk.folder)
    with pytest.raises(InputInvalid, match="cannot read"):
        office.read(medium, disk)


# The other verbs


def test_a_deposit_makes_the_month_green_until_the_next_is_due(office: VaultOffice) -> None:
    disk = office.disk("disk1")
    copied(office, disk.folder)
    medium = office.add()
    office.write(medium, disk)
    later = replace(office, now=office.now + timedelta(days=12))
    assert "offsite-missing" in codes(later)
    office.deposit(medium)
    assert codes(later) == set()
    (deposit,) = deposits(office.register(), "bank")
    assert (deposit.slot, deposit.media, deposit.level) == (ABAN, (medium,), Level.INTACT)
    assert "offsite-missing" in codes(office, 60)


def test_a_count_works_out_what_is_missing_and_what_should_not_be_there(office: VaultOffice) -> None:
    first, second = office.add(), office.add()
    with office.custodian() as custodian:
        counted = custodian.count(
            Reconciled(at=office.now, by="A", witness="B", place="office", found=(second, "M0099-5"))
        )
    entry = counted.row.entry
    assert isinstance(entry, Reconciled)
    assert (entry.missing, entry.unexpected) == ((first,), ("M0099-5",))
    assert {"count-missing", "count-unexpected"} <= codes(office)


def test_what_alone_holds_a_slot_is_not_destroyed_without_a_reason(office: VaultOffice) -> None:
    disk = office.disk("disk1")
    copied(office, disk.folder)
    medium = office.add()
    office.write(medium, disk)
    later = replace(office, now=office.now + timedelta(days=3))
    entry = Retired(medium=medium, at=later.now, by="A", witness="B", method="destroy", certificate="7")
    with later.custodian() as custodian:
        with pytest.raises(UsageWrong, match=f"insurance {ABAN}"):
            custodian.retire(entry)
        kept = custodian.retire(replace(entry, although="the disk burnt"))
    assert kept.state.condition == "retired"
    assert kept.row.entry.manifest_hash  # type: ignore[union-attr]


def test_of_two_who_write_the_second_is_told_to_look_again(office: VaultOffice) -> None:
    medium = office.add()
    with open_store(office.location, NOW) as store:
        custodian = Custodian(store=store.custody, plan=office.plan, calendar=CALENDAR, now=NOW)
        before = custodian.register()
        custodian.record(Incident(medium=medium, at=NOW, by="A", what="other"))
        stale = replace(custodian, store=_Stale(store.custody, before))  # type: ignore[arg-type]
        with pytest.raises(StoreLocked):
            stale.record(Incident(medium=medium, at=NOW, by="B", what="other"))


class _Stale:
    """Another process's view of a moment ago."""

    def __init__(self, store: object, before: object) -> None:
        self.append = store.append  # type: ignore[attr-defined]
        self.rows = lambda: list(before.rows)  # type: ignore[attr-defined]


def test_refusals_are_said_with_what_belongs_to_them(office: VaultOffice) -> None:
    medium = office.add()
    with pytest.raises(UsageWrong, match="check digit"):
        known_label("M0001-4")
    with pytest.raises(UsageWrong, match="nothing was ever recorded") as caught:
        office.record(Sealed(medium=medium, at=office.now, by="A", seal="A-1"))
    assert "itops media write" in caught.value.remedy
    with pytest.raises(UsageWrong, match="cellar") as caught:
        office.record(Moved(medium=medium, at=office.now, by="A", to="B", origin="office", destination="cellar"))
    assert "office, bank" in caught.value.remedy


def test_every_objection_has_words() -> None:
    source = Path(room.__file__).read_text(encoding="utf-8")
    assert set(re.findall(r'_no\("([a-z-]+)"', source)) | {"not-recognised"} == set(REFUSALS)


@pytest.mark.parametrize(
    ("typed", "is_it"),
    [("3F2A 91bc", True), ("3f2a91bc07de", True), ("3f2a91b", False), ("3f2a91bd", False), ("", False)],
)
def test_a_hash_is_compared_by_its_beginning(typed: str, is_it: bool) -> None:
    whole_hash = "3f2a91bc07de5512" + "0" * 48
    assert is_beginning(typed, whole_hash) == is_it
    assert short_hash(whole_hash) == "3f2a 91bc 07de 5512"


def test_the_manifest_hash_does_not_depend_on_the_order_of_files() -> None:
    one, two = (ManifestFile(name=name, size_bytes=1, sha256=name * 64) for name in "ab")
    assert manifest_hash([one, two]) == manifest_hash([two, one]) != manifest_hash([one])
