"""`itops inventory scan` and `record`, from the settings file to the store and the screen."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from itops.cli.main import cli
from itops.cli.scan_progress import progress_on
from itops.errors import ItopsError, UsageWrong
from itops.inventory.entities import Kind
from itops.sources.recording.file import read_header, read_recording, write_recording
from itops.store import StoreLocation, open_reader
from itops.tasks.collect_inventory import Look, LookState, Progress
from tests.sources.recording.samples import GAP, NOW, observation, vm

SETTINGS = """\
office: {{id: alborz, timezone: Asia/Tehran, calendar: jalali}}
sources:
  vc01: {{type: recording, path: vc01.itops}}
  vc02: {{type: recording, path: {second}}}
"""


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A folder with an itops.yaml of two sources, the second of which can be broken by a test."""
    (tmp_path / "itops.yaml").write_text(SETTINGS.format(second="vc02.itops"))
    write_recording(observation([vm(1), vm(2), GAP]), tmp_path / "vc01.itops", itops_version="0.1.0")
    write_recording(observation([vm(3)], source="vc02"), tmp_path / "vc02.itops", itops_version="0.1.0")
    return tmp_path


def run(office: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        cli, ["--config", str(office / "itops.yaml"), "inventory", *arguments], standalone_mode=True
    )


def known_vms(office: Path) -> set[str]:
    with open_reader(StoreLocation(folder=office / "state")) as reader:
        return {entity.ref for entity in reader.entities(Kind.VM)}


def test_a_scan_keeps_what_every_source_shows_and_says_so(office):
    result = run(office, "scan")
    assert result.exit_code == 0, result.output
    assert known_vms(office) == {"vm-1", "vm-2", "vm-3"}
    assert "vc01: 2 seen, 1 gap in" in result.stderr
    assert "1 gap: not all was seen; run `itops inventory gaps`" in result.stderr
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["source", "vc01", "vc02"]


def test_json_has_a_row_for_each_look_and_every_gap(office):
    result = run(office, "scan", "--output", "json")
    answer = json.loads(result.stdout)
    assert answer["schema"] == "itops.inventory.scan/1"
    one, other = answer["data"]
    assert one | {"seconds": 0} == {
        "source": "vc01",
        "state": "complete",
        "observed_at": "2026-10-23T06:30:00Z",
        "entity_counts": {"vm": 2},
        "new": 2,
        "changed": 0,
        "unchanged": 0,
        "ended": 0,
        "gap_count": 1,
        "seconds": 0,
        "problem": None,
        "remedy": None,
    }
    assert (other["source"], other["new"]) == ("vc02", 1)
    assert [gap["code"] for gap in answer["gaps"]] == ["permission.missing"]


def test_csv_has_the_same_fields(office):
    result = run(office, "scan", "--output", "csv")
    assert result.stdout.splitlines()[0].startswith("source,state,observed_at,entity_counts,new,changed,unchanged")


def test_only_the_named_source_is_looked_at(office):
    assert run(office, "scan", "vc02").exit_code == 0
    assert known_vms(office) == {"vm-3"}


def test_a_file_is_loaded_once(office):
    run(office, "scan")
    result = run(office, "scan")
    assert result.exit_code == 0
    assert "2 files were loaded before and skipped" in result.stderr


def test_a_source_that_fails_gives_its_code_its_remedy_and_leaves_the_other(office):
    (office / "vc02.itops").unlink()
    result = run(office, "scan")
    assert result.exit_code == 69
    assert known_vms(office) == {"vm-1", "vm-2"}
    assert "error:  vc02: the recording" in result.stderr
    assert "remedy: check that the file is there" in result.stderr
    assert "what the other sources showed was kept" in result.stderr


def test_a_damaged_file_is_an_input_to_replace_not_an_absent_source(office):
    (office / "vc02.itops").write_bytes(b"not a recording")
    assert run(office, "scan").exit_code == 65
    (office / "vc01.itops").unlink()
    result = run(office, "scan")
    assert result.exit_code == 69  # two sorts of failure: the one that may heal by itself
    assert "nothing was seen; the history is as it was" in result.stderr


def raised_by(office: Path, *arguments: str) -> BaseException:
    result = run(office, *arguments)
    assert isinstance(result.exception, ItopsError), result.output
    return result.exception


def test_an_unknown_source_is_refused_before_any_is_looked_at(office):
    for command in (("scan", "vc09"), ("record", "vc09", "--out", str(office / "x.itops"))):
        refused = raised_by(office, *command)
        assert isinstance(refused, UsageWrong)
        assert "vc01, vc02" in refused.remedy
    assert not (office / "state" / "itops.db").exists()


def test_record_saves_what_the_source_shows_and_scans_like_it(office):
    result = run(office, "record", "vc01", "--out", str(office / "copy.itops"))
    assert result.exit_code == 0, result.output
    assert list(read_recording(office / "copy.itops").seen) == [vm(1), vm(2), GAP]
    assert "2 vm, as of 1405-08-01 10:00" in result.stderr
    assert "1 gap is in it" in result.stderr
    assert result.stdout == ""


def test_a_redacted_record_shows_no_name(office):
    result = run(office, "record", "vc01", "--out", str(office / "copy.itops"), "--redact")
    assert result.exit_code == 0, result.output
    assert read_header(office / "copy.itops").is_redacted
    assert "srv-1" not in str(list(read_recording(office / "copy.itops").seen))


def test_keeping_role_words_without_redacting_is_a_mistake(office):
    assert isinstance(raised_by(office, "record", "vc01", "--out", "x", "--keep-role-words"), UsageWrong)


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_every_source_has_its_own_bar_and_no_name_is_markup(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    screen = Terminal()
    failed = Look(source="[/]", observed_at=NOW, state=LookState.FAILED, seconds=1.0)
    with progress_on(screen, ["[/]", "vc02"], {"[/]": 100}) as tell:
        tell(Progress(source="[/]", entity_count=50, gap_count=0))
        tell(Progress(source="[/]", entity_count=50, gap_count=0, look=failed))
        tell(Progress(source="vc02", entity_count=7, gap_count=0))
    assert "[/]" in screen.getvalue()
    assert "failed" in screen.getvalue()
    assert "7 seen" in screen.getvalue()


def test_a_second_file_of_a_source_counts_on_from_the_first(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    screen = Terminal()
    whole = Look(source="old", observed_at=NOW - timedelta(days=30), state=LookState.COMPLETE, seconds=1.0)
    with progress_on(screen, ["old"], {}) as tell:
        tell(Progress(source="old", entity_count=40, gap_count=0, look=whole))
        tell(Progress(source="old", entity_count=2, gap_count=0))
    assert "42 seen" in screen.getvalue()


def test_a_scan_leaves_all_of_the_history_in_the_one_file_that_people_copy(office: Path) -> None:
    run(office, "scan")
    assert (office / "state" / "itops.db").exists()
    assert list((office / "state").glob("itops.db-*")) == []
