"""What doctor examines, each check where it is well and where it is not."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from itops.config.settings import Plugins, PluginSettings, Settings, load
from itops.errors import SourceUnavailable
from itops.inventory.diagnosis import Check
from itops.store import StoreLocation, open_store
from itops.tasks import check_setup as setup
from itops.tasks.check_sources import check_sources
from itops.tasks.check_store import check_store
from itops.verdict import State
from tests.config.plugins import REGISTRY, Folder, FolderSettings

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def states(checks: Iterator[Check]) -> dict[str, State]:
    return {check.code: check.state for check in checks}


def settings_in(folder: Path, more: str = "") -> Settings:
    path = folder / "itops.yaml"
    path.write_text("office: {id: alborz}\n" + more)
    path.chmod(0o600)
    return load(path, Plugins(sources=REGISTRY))


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
@pytest.mark.parametrize(
    ("mode", "is_secret", "code", "state"),
    [
        (0o600, False, "file.access", State.OK),
        (0o644, False, "file.readable", State.WARNING),
        (0o644, True, "file.readable", State.CRITICAL),
        (0o660, False, "file.writable", State.CRITICAL),
        (0o602, True, "file.writable", State.CRITICAL),
    ],
)
def test_a_file_that_others_may_open_is_told_with_the_command_that_closes_it(tmp_path, mode, is_secret, code, state):
    path = tmp_path / "itops.yaml"
    path.write_text("")
    path.chmod(mode)
    [check] = setup.check_private(path, "itops.yaml", is_secret=is_secret)
    assert (check.code, check.state) == (code, state)
    assert ("chmod 600" in check.remedy) == (state is not State.OK)


def test_a_state_folder_is_well_when_it_is_private_local_and_has_room(tmp_path):
    folder = tmp_path / "state"
    assert states(setup.check_state_folder(folder)) == {"state.missing": State.CRITICAL}
    folder.mkdir(mode=0o700)
    found = states(setup.check_state_folder(folder))
    assert found["file.access"] is State.OK
    assert set(found) == {"file.access", "state.space", "state.file-system"}
    folder.chmod(0o755)
    assert states(setup.check_state_folder(folder))["file.readable"] is State.CRITICAL


@pytest.mark.parametrize(
    ("free_bytes", "state"),
    [(5 * 1024**3, State.OK), (1024**3, State.OK), (1024**3 - 1, State.WARNING), (50 * 1024**2, State.CRITICAL)],
)
def test_little_room_is_a_warning_and_none_is_critical(free_bytes, state):
    assert setup._free_space(free_bytes, "state folder").state is state


MOUNTS = (
    "rootfs / rootfs rw 0 0\n/dev/sda1 / ext4 rw 0 0\nnas:/backup /mnt/nas nfs4 rw 0 0\n"
    "//srv/share /mnt/my\\040share cifs rw 0 0\n/dev/sdb1 /mnt/nas/local xfs rw 0 0\n"
)


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib/itops", "ext4"),
        ("/mnt/nas/state", "nfs4"),
        ("/mnt/nas/local/state", "xfs"),
        ("/mnt/nasty/state", "ext4"),
        ("/mnt/my share/state", "cifs"),
    ],
)
def test_the_file_system_is_that_of_the_nearest_mount(folder, kind):
    assert setup.file_system_of(Path(folder), MOUNTS) == kind


def test_a_file_system_that_nobody_names_is_unknown():
    assert setup.file_system_of(Path("/var"), "") is None


def test_a_clock_that_was_never_set_is_critical(tmp_path):
    settings = settings_in(tmp_path)
    assert states(setup.check_clock(settings, NOW)) == {"clock.zone": State.OK}
    assert states(setup.check_clock(settings, datetime(1970, 1, 1, tzinfo=UTC))) == {"clock.unset": State.CRITICAL}


def test_the_clock_names_the_offset_of_the_office(tmp_path):
    [check] = setup.check_clock(settings_in(tmp_path), NOW)
    assert "Asia/Tehran is UTC+03:30" in check.finding


def test_a_register_is_missing_wrong_or_counted(tmp_path):
    path = tmp_path / "inventory.yaml"
    assert states(setup.check_register(path)) == {"register.missing": State.WARNING}
    path.write_text("sitez: {}\n")
    [check] = setup.check_register(path)
    assert (check.code, check.state) == ("register.invalid", State.CRITICAL)
    assert "did you mean sites?" in check.finding
    path.write_text("sites: {a: b}\nassets: [{id: X, kind: other, name: x, site: a}]\n")
    [check] = setup.check_register(path)
    assert check.finding == "1 asset, 1 site"


def source(plugin: object, settings: object) -> PluginSettings:
    return PluginSettings(section="sources", name="files", type="folder", settings=settings, line=2, plugin=plugin)


class Examining(Folder):
    """A source that examines itself."""

    def diagnose(self, now: datetime) -> Iterator[Check]:
        yield Check(
            state=State.WARNING, subject="source files", code="rights.too-many", finding="may write", remedy="x"
        )


class Failing(Folder):
    """A source whose login is refused."""

    def diagnose(self, now: datetime) -> Iterator[Check]:
        raise SourceUnavailable("refused", remedy="check the password")


@pytest.mark.parametrize(
    ("plugin", "expected"),
    [
        (Folder, {"source.path": State.OK}),
        (Examining, {"source.path": State.OK, "rights.too-many": State.WARNING}),
        (Failing, {"source.path": State.OK, "source.failed": State.CRITICAL}),
    ],
)
def test_a_source_tells_what_it_finds_and_a_failure_is_a_check(tmp_path, plugin, expected):
    assert states(check_sources([source(plugin, FolderSettings(folder=tmp_path))], NOW)) == expected


def test_a_folder_that_is_not_there_is_critical(tmp_path):
    found = states(check_sources([source(Folder, FolderSettings(folder=tmp_path / "no"))], NOW))
    assert found == {"source.path": State.CRITICAL}


def test_no_sources_is_a_warning_never_a_silence():
    assert states(check_sources([], NOW)) == {"source.none": State.WARNING}


def test_one_failing_source_does_not_hide_the_next(tmp_path):
    settings = FolderSettings(folder=tmp_path)
    found = states(check_sources([source(Failing, settings), source(Examining, settings)], NOW))
    assert set(found) == {"source.path", "source.failed", "rights.too-many"}


def test_a_store_is_empty_whole_or_damaged(tmp_path):
    location = StoreLocation(folder=tmp_path / "state")
    assert states(check_store(location)) == {"store.empty": State.WARNING}
    open_store(location, NOW).close()
    assert states(check_store(location)) == {
        "store.open": State.OK,
        "store.empty": State.WARNING,
        "store.whole": State.OK,
    }
    location.database.write_bytes(b"this is no database" * 1000)
    assert State.CRITICAL in states(check_store(location)).values()


def test_a_folder_in_the_place_of_the_store_is_called_that(tmp_path):
    location = StoreLocation(folder=tmp_path)
    location.database.mkdir(mode=0o700)
    [check] = check_store(location)
    assert (check.state, check.finding) == (State.CRITICAL, f"the store {location.database} is not a file")


def test_everything_is_examined_in_order_and_the_store_by_what_was_handed_in(tmp_path):
    settings = settings_in(tmp_path)
    asked = []

    def examine_store(handed: Settings) -> Iterator[Check]:
        asked.append(handed)
        yield Check(state=State.OK, subject="store", code="store.open", finding="opens")

    codes = [check.code for check in setup.check_setup(settings, NOW, check_store=examine_store)]
    assert codes == [
        "file.access",
        "register.missing",
        "state.missing",
        "clock.zone",
        "source.none",
        "store.open",
    ]
    assert asked == [settings]
