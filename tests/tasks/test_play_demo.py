"""The demo: it destroys nothing that it did not make, and it shows what it promises."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from itops.errors import UsageWrong
from itops.tasks.demo_stages import RecordedStage
from itops.tasks.play_demo import MARKER, play
from tests.tasks.demo_office import check_backups, check_changes, check_watch, check_workbook, itops, played

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class CurtainFell(Exception):
    """The stage of a test ends the play before the first scan."""


class ShortStage(RecordedStage):
    """Only the folder is prepared."""

    @contextmanager
    def before(self) -> Iterator[Sequence[str]]:
        raise CurtainFell
        yield ()


def prepare(folder: Path) -> None:
    with pytest.raises(CurtainFell):
        play(folder, ShortStage(folder), lambda line: None, now=NOW)


def test_a_folder_that_holds_something_else_is_refused_and_left_alone(tmp_path):
    precious = tmp_path / "precious.txt"
    precious.write_text("years of work")
    with pytest.raises(UsageWrong, match="holds something else"):
        play(tmp_path, ShortStage(tmp_path), lambda line: None, now=NOW)
    assert precious.read_text() == "years of work"
    assert list(tmp_path.iterdir()) == [precious]


@pytest.mark.parametrize("is_there", [True, False], ids=["empty", "not there"])
def test_an_empty_folder_is_taken(tmp_path, is_there):
    folder = tmp_path / "demo"
    if is_there:
        folder.mkdir()
    prepare(folder)
    assert (folder / MARKER).exists()
    assert folder.stat().st_mode & 0o077 == 0


def test_what_an_earlier_demo_made_is_emptied(tmp_path):
    folder = tmp_path / "demo"
    prepare(folder)
    (folder / "state").mkdir()
    (folder / "state" / "itops.db").write_text("of the last time")
    prepare(folder)
    assert not (folder / "state").exists()


def test_the_refusal_reaches_the_command_line_as_a_wrong_command(tmp_path):
    (tmp_path / "precious.txt").touch()
    done = itops("demo", "--recorded", "--folder", str(tmp_path))
    assert done.returncode == 64
    assert "--folder" in done.stderr


def test_the_recorded_demo_tells_what_came_and_went_in_1402_and_writes_the_workbook(tmp_path):
    printed = played(tmp_path / "demo", "--recorded")
    assert "recordings" in printed
    check_changes(tmp_path / "demo", "--period", "1402")
    check_workbook(tmp_path / "demo")
    check_backups(tmp_path / "demo", printed)
    check_watch(tmp_path / "demo", printed)
