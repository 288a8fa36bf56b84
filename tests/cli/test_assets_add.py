"""`itops assets add`: a new entry, for which nobody types what a device tells or is asked what was said."""

import pytest

from itops.errors import ConfigInvalid, UsageWrong
from tests.cli.assets_door import PRINTER, REGISTER, AssetsDoor, sighting

STRANGER = sighting("10.0.0.9", serial="NEW0009", vendor="HP", model="LaserJet 9", host_name="prn-9.example.ir")


@pytest.fixture
def door(tmp_path) -> AssetsDoor:
    return AssetsDoor(tmp_path)


def test_an_asset_gets_the_next_id_of_its_kind_and_its_author_is_remembered(door):
    ended = door.done("add", "kind=printer", "site=fardis", "name=Counter printer", "serial=0012")
    assert "note: added as PRN-2" in ended.stderr
    assert (
        "  - id: PRN-2\n    kind: printer\n    name: Counter printer\n    serial: 0012\n    site: fardis\n" in door.text
    )
    assert [(one["asset_id"], one["how"]) for one in door.told("history") if one["field"] == "id"] == [("PRN-2", "add")]


@pytest.mark.parametrize("words", [["--id", "LAB-7"], ["id=LAB-7"], ["id=LAB-7", "--id", "LAB-7"]])
def test_an_id_may_be_said_either_way(door, words):
    door.done("add", "kind=printer", "site=head", "name=x", *words)
    assert "id: LAB-7" in door.text
    assert "PRN-2" not in door.text


def test_a_name_may_be_said_in_both_languages(door):
    door.done("add", "kind=printer", "site=head", "name.fa=چاپگر باجه", "name.en=Counter printer")
    assert "    name: {fa: چاپگر باجه, en: Counter printer}\n" in door.text


def test_where_there_is_one_site_it_is_that_one(tmp_path):
    door = AssetsDoor(tmp_path, "sites: {head: {fa: اداره کل, en: Head office}}\n")
    door.done("add", "kind=printer", "name=x")
    assert "site: head" in door.text


def test_what_the_device_told_is_taken_over_and_what_a_person_says_stands_above_it(door):
    door.saw(STRANGER)
    door.done("add", "--at", "10.0.0.9", "model=LaserJet 9 of the hall", "asset_tag=0042")
    entry = door.text.partition("  - id: PRN-2\n")[2]
    assert entry.startswith(
        "    kind: printer\n    name: prn-9\n    asset_tag: 0042\n    serial: NEW0009\n    vendor: HP\n"
        "    model: LaserJet 9 of the hall\n    host_name: prn-9\n    site: head\n"
    )
    assert "new.NEW0009" not in door.items()


def test_only_what_nobody_said_and_no_device_told_is_asked(door, monkeypatch, capsys):
    door.saw(sighting("10.0.0.9", serial="NEW0009", kind=None, site=None))
    door.at_terminal(monkeypatch, "scanner\nfardis\n", "add", "--at", "10.0.0.9", "name=Hall")
    assert "kind: scanner\n    name: Hall\n    serial: NEW0009\n    site: fardis\n" in door.text
    asked = capsys.readouterr()
    assert "name" not in asked.err + asked.out.partition("---")[0]


def test_a_person_who_answers_nonsense_is_asked_again(door, monkeypatch):
    door.at_terminal(monkeypatch, "toaster\nprinter\nnowhere\nhead\nHall\n", "add")
    assert "kind: printer\n    name: Hall\n    site: head\n" in door.text


def test_where_nobody_can_be_asked_what_is_missing_is_named_at_once(door):
    refused = door.ran("add", "serial=12")
    assert isinstance(refused.exception, UsageWrong)
    assert refused.exception.remedy == "kind=... site=... name=..."
    assert door.text == REGISTER


def test_a_device_that_the_register_has_is_not_added_again(door):
    door.saw(sighting("10.0.0.1", **PRINTER))
    refused = door.ran("add", "--at", "10.0.0.1", "name=x")
    assert isinstance(refused.exception, UsageWrong)
    assert str(refused.exception) == "10.0.0.1 is PRN-1 already"
    assert door.text == REGISTER


def test_a_device_behind_several_names_of_one_address_is_not_guessed(door):
    door.saw(STRANGER, source="net")
    door.saw(sighting("10.0.0.9", source="other", serial="NEW0010"), source="other")
    assert "2 devices were seen at 10.0.0.9" in str(door.ran("add", "--at", "10.0.0.9", "name=x").exception)


@pytest.mark.parametrize(
    ("words", "error", "told"),
    [
        (["kind=printr", "name=x", "site=head"], UsageWrong, "did you mean printer?"),
        (["kind=printer", "name=x", "site=haed"], UsageWrong, "did you mean head?"),
        (["kind=printer", "name=x", "site=head", "colour=red"], UsageWrong, "there is no field"),
        (["kind=printer", "name=x", "site=head", "serial"], UsageWrong, "'serial' is not FIELD=VALUE"),
        (["kind=printer", "name=x", "site=head", "name=y"], UsageWrong, "name is told twice"),
        (["kind=printer", "name=x", "site=head", "id=A", "--id", "B"], UsageWrong, "two ids are told"),
        (["kind=printer", "name=x", "site=head", "--id", "PRN-1"], UsageWrong, "in the register already"),
        (["kind=printer", "name=x", "site=head", "serial=PRN0001"], ConfigInvalid, "stands on line 7 already"),
        (["kind=printer", "name=x", "site=head", "in_service=soon"], ConfigInvalid, "not a day"),
        (["--at", "10.9.9.9", "name=x"], UsageWrong, "nothing was seen at 10.9.9.9"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(door, words, error, told):
    refused = door.ran("add", *words)
    assert type(refused.exception) is error
    assert told in str(refused.exception)
    assert door.text == REGISTER


def test_a_dry_run_shows_the_entry_and_writes_nothing(door):
    ended = door.done("add", "kind=printer", "site=head", "name=x", "--dry-run")
    assert "+  - id: PRN-2" in ended.stdout
    assert "added as" not in ended.stderr
    assert door.text == REGISTER
