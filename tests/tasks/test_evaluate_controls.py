"""The facts of the controls, gathered from folders, files and the store."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from itops.backup.controls.facts import AccessFacts, ControlFacts
from itops.backup.controls.policy import ControlsPolicy, DocumentSetting
from itops.backup.controls.verdicts import ControlState
from itops.backup.copies import Copy, ListedFile
from itops.backup.coverage import KnownVm
from itops.backup.ledger import KnownCopy, LookRecord
from itops.backup.policy import BackupPlan, DailyPolicy, Job, Place, ProtectedList, Texts
from itops.backup.slots import Calendar
from itops.repositories.folder.settings import FolderSettings
from itops.tasks.evaluate_controls import Gathering, evaluate_controls, gather
from tests.backup.custody.building import added, register
from tests.backup.judgement.factory import JALALI

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
posix = pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")


@dataclass(frozen=True, kw_only=True)
class Configured:
    """What itops.yaml would have made of one repository."""

    settings: Any
    type: str = "folder"
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, kw_only=True)
class SftpLike:
    host: str


@dataclass(frozen=True, kw_only=True)
class ProductLike:
    path: Path | None = None
    address: str | None = None


class MemoryLedger:
    """What a store remembers, in memory."""

    def __init__(self, *, looks: Any = (), copies: Any = ()) -> None:
        self._looks, self._copies = list(looks), list(copies)

    def looks(self, repository: str | None = None, limit: int = 1000) -> list[LookRecord]:
        return self._looks

    def watched_since(self) -> dict[str, datetime]:
        return {look.repository: look.looked_at for look in self._looks if look.is_complete}

    def copies(self, job: str | None = None, gone_after: datetime | None = None) -> list[KnownCopy]:
        return self._copies

    def databases(self) -> list[Any]:
        return []

    def server_facts(self) -> list[Any]:
        return []

    def drills(self, job: str | None = None) -> list[Any]:
        return []

    def verdicts(self, begin: datetime, end: datetime) -> list[Any]:
        return []


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that everybody can get to, whatever the folders of the test run are."""
    with TemporaryDirectory() as name:
        folder = Path(name, "backup")
        folder.mkdir()
        for each in (folder.parent, folder):
            each.chmod(0o755)
        if not all(above.stat().st_mode & 0o001 for above in folder.parents):
            pytest.skip("temporary files lie in a folder that is closed to others")
        yield folder


def plan(repositories: dict[str, Any], controls: ControlsPolicy | None = None) -> BackupPlan:
    job = Job(
        protects=ProtectedList.from_setting("sql01/Insurance", Path()),
        repository=Texts.from_setting(list(repositories) or ["nas"], Path()),
        daily=DailyPolicy(keep=7),
    )
    return BackupPlan(jobs={"insurance": job}, repositories=repositories, controls=controls or ControlsPolicy())


def gathered(
    folder: Path,
    repositories: dict[str, Any] | None = None,
    controls: ControlsPolicy | None = None,
    ledger: Any = None,
    **more: Any,
) -> ControlFacts:
    config = folder / "itops.yaml"
    config.write_text("office: {id: a}\n")
    calendar: Calendar = JALALI
    return gather(
        Gathering(
            plan=plan(repositories or {}, controls), calendar=calendar, now=NOW, config=config, ledger=ledger, **more
        )
    )


def look(name: str = "nas", **facts: Any) -> LookRecord:
    return LookRecord(
        repository=name, looked_at=NOW - HOUR, ended_at=NOW - HOUR, is_complete=True, facts={"is_empty": False, **facts}
    )


def known(path: str, repository: str = "nas") -> KnownCopy:
    copy = Copy(repository=repository, key=path, fingerprint="f", job="insurance", files=(ListedFile(path, 3, 0),))
    return KnownCopy(copy=copy, first_seen_at=NOW - HOUR, last_seen_at=NOW - HOUR)


def access(folder: Path, *paths: str) -> AccessFacts:
    ledger = MemoryLedger(looks=[look()], copies=[known(path) for path in paths])
    [found] = gathered(
        folder.parent, {"nas": Configured(settings=FolderSettings(path=folder))}, ledger=ledger
    ).repositories
    assert found.access is not None
    return found.access


def boxes(folder: Path, **repositories: Any) -> dict[str, str]:
    found = gathered(folder, {name: Configured(settings=held) for name, held in repositories.items()}).repositories
    return {one.name: one.box for one in found}


# Who may read the copies


@posix
@pytest.mark.parametrize(
    ("folder_mode", "file_mode", "is_readable", "is_writable"),
    [
        (0o750, 0o644, False, False),
        (0o755, 0o640, False, False),
        (0o755, 0o644, True, False),
        (0o711, 0o644, True, False),
        (0o777, 0o640, False, True),
        (0o1777, 0o640, False, False),
        (0o770, 0o666, False, False),
    ],
)
def test_what_everybody_may_do_follows_from_every_mode_on_the_way(
    shared, folder_mode, file_mode, is_readable, is_writable
):
    (shared / "ins.bak").write_bytes(b"abc")
    (shared / "ins.bak").chmod(file_mode)
    shared.chmod(folder_mode)
    found = access(shared, "ins.bak")
    assert (found.is_readable_by_all, found.is_writable_by_all) == (is_readable, is_writable)
    assert found.mode == f"{folder_mode:04o}"


@posix
def test_a_closed_folder_above_closes_everything_below(shared):
    (shared / "ins.bak").write_bytes(b"abc")
    shared.parent.chmod(0o700)
    assert access(shared, "ins.bak").is_readable_by_all is False


@posix
def test_a_closed_folder_inside_closes_its_own_copies_only(shared):
    for name in ("hr", "it"):
        (shared / name).mkdir()
        (shared / name / "a.bak").write_bytes(b"abc")
        (shared / name / "a.bak").chmod(0o644)
    (shared / "hr").chmod(0o700)
    (shared / "it").chmod(0o755)
    assert access(shared, "hr/a.bak").is_readable_by_all is False
    found = access(shared, "hr/a.bak", "it/a.bak")
    assert (found.is_readable_by_all, found.example) == (True, "it/a.bak")


@posix
def test_a_link_in_the_place_of_a_copy_is_not_followed(shared):
    (shared.parent / "open").write_bytes(b"abc")
    (shared.parent / "open").chmod(0o644)
    (shared / "ins.bak").symlink_to(shared.parent / "open")
    assert access(shared, "ins.bak").is_readable_by_all is False


def test_names_that_lead_out_of_the_folder_are_not_asked_for(shared):
    (shared.parent / "open").write_bytes(b"abc")
    assert access(shared, "../open", "/etc/passwd", "gone.bak", "a\x00b").is_readable_by_all is False


def test_a_folder_that_is_not_there_says_nothing_of_its_rights(tmp_path):
    found = access(tmp_path / "away")
    assert (found.is_readable_by_all, found.problem) == (None, "unreadable")


def test_a_place_that_is_no_folder_has_no_rights_here(tmp_path):
    [found] = gathered(tmp_path, {"nas": Configured(type="sftp", settings=SftpLike(host="nas"))}).repositories
    assert found.access is None


# What is one medium


def test_two_folders_of_one_disk_are_one_box_and_two_servers_are_two(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    found = boxes(
        tmp_path,
        a=FolderSettings(path=tmp_path / "a"),
        b=ProductLike(path=tmp_path / "b"),
        near=SftpLike(host="NAS.office.example"),
        far=SftpLike(host="branch"),
        product=ProductLike(address="sftp:itops@nas:/srv/restic"),
    )
    assert found["a"] == found["b"]
    assert (found["near"], found["far"], found["product"]) == ("nas", "branch", "nas")
    assert len(set(found.values())) == 3


def test_a_disk_that_is_away_now_is_what_it_was_at_the_last_look(tmp_path):
    told = {
        "shelf": look("shelf", device="ext4 /dev/sdb1", filesystem="0f3c"),
        "share": look("share", device="nfs4 nas:/a"),
    }
    repositories = {name: Configured(settings=FolderSettings(path=tmp_path / name)) for name in told}
    found = gathered(tmp_path, repositories, ledger=MemoryLedger(looks=told.values())).repositories
    assert [one.box for one in found] == ["0f3c", "nas"]


def test_a_place_of_which_nothing_is_known_is_a_box_of_its_own(tmp_path):
    assert boxes(tmp_path, away=ProductLike(path=tmp_path / "away"), odd=ProductLike()) == {
        "away": "away",
        "odd": "odd",
    }


# What the repository says of itself


@pytest.mark.parametrize(
    ("kind", "facts", "is_encrypted"),
    [
        ("restic", {}, True),
        ("borg", {"encryption": "repokey-blake2"}, True),
        ("borg", {"encryption": "none"}, False),
        ("borg", {"encryption": ""}, None),
        ("folder", {}, None),
    ],
)
def test_whether_a_product_encrypts_is_what_its_look_tells(tmp_path, kind, facts, is_encrypted):
    ledger = MemoryLedger(looks=[look(**facts)])
    [found] = gathered(tmp_path, {"nas": Configured(type=kind, settings=ProductLike())}, ledger=ledger).repositories
    assert found.is_encrypted is is_encrypted


def test_a_history_of_files_elsewhere_holds_no_copies(tmp_path):
    ledger = MemoryLedger(looks=[look(history_days=100)])
    [found] = gathered(tmp_path, {"nas": Configured(settings=ProductLike())}, ledger=ledger).repositories
    assert found.holds_copies is False


# Documents, lists, the register


def test_the_plan_is_known_by_the_hash_of_its_file(tmp_path):
    found = gathered(tmp_path).plan_file
    assert (found.path, found.sha256) == ("itops.yaml", hashlib.sha256(b"office: {id: a}\n").hexdigest())
    assert found.modified_at is not None


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda path: path.write_bytes(b"how we do it"), None),
        (lambda path: None, "missing"),
        (lambda path: path.mkdir(), "unreadable"),
        (os.mkfifo, "unreadable"),
    ],
    ids=["a file", "nothing", "a folder", "a pipe"],
)
def test_the_procedure_is_hashed_or_the_reason_told(tmp_path, make, problem):
    path = tmp_path / "docs" / "procedure.pdf"
    path.parent.mkdir()
    make(path)
    found = gathered(tmp_path, controls=ControlsPolicy(document=DocumentSetting(path=path))).document
    assert found is not None
    assert (found.path, found.problem, found.sha256 is None) == ("docs/procedure.pdf", problem, problem is not None)


def test_vms_are_told_with_the_moment_of_the_newest(tmp_path):
    vms = (KnownVm(name="dc01", seen_at=NOW - HOUR), KnownVm(name="sql01", seen_at=NOW - 2 * HOUR))
    found = gathered(tmp_path, vms=vms)
    assert (found.vm_count, found.vms_seen_at) == (2, NOW - HOUR)


def test_an_empty_register_is_none(tmp_path):
    assert gathered(tmp_path, register=register()).custody is None
    found = gathered(tmp_path, register=register(added())).custody
    assert found is not None
    assert len(found.media) == 1


def test_before_the_first_scan_nothing_is_judged_and_nothing_fails(tmp_path):
    facts = gathered(tmp_path)
    assert (facts.verdicts, facts.copies, facts.looks) == ((), (), ())


def test_all_twenty_are_evaluated_from_what_was_gathered(shared):
    (shared / "ins.bak").write_bytes(b"abc")
    (shared / "ins.bak").chmod(0o644)
    config = shared.parent / "itops.yaml"
    config.write_text("office: {id: a}\n")
    ledger = MemoryLedger(looks=[look()], copies=[known("ins.bak")])
    gathering = Gathering(
        plan=plan({"nas": Configured(settings=FolderSettings(path=shared))}),
        calendar=JALALI,
        now=NOW,
        config=config,
        ledger=ledger,
    )
    verdicts = {one.id: one for one in evaluate_controls(gathering)}
    assert len(verdicts) == 20
    assert verdicts["C12"].state is ControlState.CRITICAL
    assert verdicts["C12"].facts["example"] == "ins.bak"


def test_gathering_changes_nothing(shared):
    (shared / "ins.bak").write_bytes(b"abc")
    before = sorted((path, path.lstat()) for path in shared.parent.rglob("*"))
    assert isinstance(access(shared, "ins.bak"), AccessFacts)
    after = {path: path.lstat() for path in shared.parent.rglob("*")}
    assert all(replaced(after[path]) == replaced(status) for path, status in before)


def replaced(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_mode, status.st_mtime_ns, status.st_size
