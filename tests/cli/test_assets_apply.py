"""`itops assets apply`, `accept`, `lock`: a person decides what of a scan's plan goes into the register."""

import click
import pytest

from itops import clock
from itops.errors import ConfigInvalid, UsageWrong
from tests.cli.assets_door import PRINTER, REGISTER, AssetsDoor, Terminal, sighting

FILLED = "    model: M2040dn\n    host_name: prn-1\n"
NAMED = sighting("10.0.0.1", **PRINTER, host_name="prn-1")
CONTRADICTING = sighting("10.0.0.1", **{**PRINTER, "model": "M9999"}, host_name="prn-1")
STRANGER = sighting("10.0.0.9", serial="NEW0009", vendor="HP", model="LaserJet 9")
HOMELESS = sighting("10.0.0.9", serial="NEW0009", vendor="HP", model="LaserJet 9", site=None)
IMPOSTOR = sighting("10.0.0.2", kind="network_device", vendor="Cisco", serial="FOC2222", host_name="sw-1")


@pytest.fixture
def door(tmp_path) -> AssetsDoor:
    return AssetsDoor(tmp_path)


def how(door: AssetsDoor) -> set[tuple[str, str, str, bool]]:
    """What the register remembers of its changes."""
    return {(one["asset_id"], one["field"], one["how"], one["by"] is not None) for one in door.told("history")}


def test_what_is_empty_is_filled_and_what_is_new_is_added(door):
    door.saw(NAMED, STRANGER)
    shown = door.done("apply", "--yes").stdout
    assert "+    host_name: prn-1" in shown
    assert FILLED in door.text
    assert "  - id: PRN-2\n    kind: printer\n    name: HP LaserJet 9\n    serial: NEW0009\n" in door.text
    assert ("PRN-1", "host_name", "apply", True) in how(door)
    assert set(door.items().values()) == {"scan.not-covered"}


def test_nothing_else_of_the_register_changes(door):
    door.saw(NAMED)
    door.done("apply", "--yes")
    assert door.text.replace("    host_name: prn-1\n", "", 1) == REGISTER


def test_where_nobody_can_be_asked_the_lines_are_shown_and_nothing_is_written(door):
    door.saw(NAMED)
    ended = door.ran("apply")
    assert isinstance(ended.exception, UsageWrong)
    assert "--yes" in ended.exception.remedy
    assert "+    host_name: prn-1" in ended.stdout
    assert door.text == REGISTER


def test_at_a_terminal_the_lines_are_shown_once_and_a_yes_writes_them(door, monkeypatch, capsys):
    door.saw(NAMED, STRANGER)
    door.at_terminal(monkeypatch, "y\n", "apply")
    printed = capsys.readouterr()
    assert "Write 2 items into the register?" in printed.err + printed.out
    assert printed.out.count("+    host_name: prn-1") == 1
    assert "nothing was written" not in printed.err
    assert FILLED in door.text


def test_a_no_writes_nothing(door, monkeypatch):
    door.saw(NAMED)
    with pytest.raises(click.Abort):
        door.at_terminal(monkeypatch, "n\n", "apply")
    assert door.text == REGISTER


def test_what_somebody_typed_while_the_question_stood_is_not_overwritten(door, monkeypatch):
    door.saw(NAMED)
    typed = REGISTER.replace("    model: M2040dn\n", "    model: M2040dn\n    host_name: typed\n")

    class SlowPerson(Terminal):
        def readline(self, size: int | None = -1) -> str:
            door.register.write_text(typed, encoding="utf-8")
            return "y\n"

    with pytest.raises(ConfigInvalid, match="these are not the lines any more"):
        door.at_terminal(monkeypatch, SlowPerson(), "apply")
    assert door.text == typed


def test_a_dry_run_asks_nobody_and_writes_nothing(door):
    door.saw(NAMED)
    ended = door.done("apply", "--dry-run")
    assert "+    host_name: prn-1" in ended.stdout
    assert "nothing was written" in ended.stderr
    assert door.text == REGISTER


def test_without_new_ones_only_what_is_empty_is_filled(door):
    door.saw(NAMED, STRANGER)
    door.done("apply", "--yes", "--no-new")
    assert FILLED in door.text
    assert "NEW0009" not in door.text


def test_contradictions_and_doubts_are_carried_out_only_when_they_are_named(door):
    door.saw(CONTRADICTING, IMPOSTOR)
    door.done("apply", "--yes")
    assert door.text.replace("    host_name: prn-1\n", "", 1) == REGISTER
    assert "2 items wait to be named" in door.done("apply", "--yes").stderr
    door.done("apply", "PRN-1.model", "SW-1.replacement", "--yes")
    assert "model: M9999" in door.text
    assert "serial: FOC2222" in door.text


def test_only_the_items_named_are_carried_out_each_once(door):
    door.saw(NAMED, STRANGER)
    door.done("apply", "new.NEW0009", "new.NEW0009", "--yes")
    assert "host_name: prn-1" not in door.text
    assert door.text.count("NEW0009") == 1


def test_a_device_of_no_known_place_waits_for_a_person_who_tells_it(tmp_path):
    door = AssetsDoor(tmp_path)
    door.saw(HOMELESS)
    ended = door.done("apply", "--yes")
    assert "new.NEW0009 was not added; `itops assets accept new.NEW0009 site=...`" in ended.stderr
    assert door.text == REGISTER
    for words in (["apply", "new.NEW0009", "--yes"], ["accept", "new.NEW0009"]):
        refused = door.ran(*words)
        assert isinstance(refused.exception, UsageWrong)
        assert refused.exception.remedy == "itops assets accept new.NEW0009 site=..."
    assert "new.NEW0009 was added as PRN-2" in door.done("accept", "new.NEW0009", "site=fardis", "seal=44").stderr
    assert "seal: 44" in door.text
    assert ("PRN-2", "id", "accept", True) in how(door)


def test_before_the_first_scan_there_is_nothing_to_carry_out(door):
    assert "no device was seen yet" in door.done("apply", "--yes").stderr


def test_when_all_is_said_nothing_is_written(door):
    door.saw(sighting("10.0.0.1", **PRINTER))
    before = door.register.stat().st_mtime_ns
    assert "nothing is to be filled or added" in door.done("apply", "--yes").stderr
    assert door.register.stat().st_mtime_ns == before


def test_a_contradiction_is_taken_as_the_truth(door):
    door.saw(CONTRADICTING)
    door.done("accept", "PRN-1.model")
    assert door.text == REGISTER.replace("M2040dn", "M9999")


def test_a_contradiction_that_is_accepted_dry_stays(door):
    door.saw(CONTRADICTING)
    assert "+    model: M9999" in door.done("accept", "PRN-1.model", "--dry-run").stdout
    assert door.text == REGISTER


def test_an_impostor_is_the_old_thing_or_a_new_one(tmp_path):
    for item_id, serials in (("SW-1.replacement", {"FOC2222"}), ("new.FOC2222", {"FOC1111", "FOC2222"})):
        (tmp_path / item_id).mkdir()
        door = AssetsDoor(tmp_path / item_id)
        door.saw(IMPOSTOR)
        door.done("accept", item_id)
        assert {serial for serial in ("FOC1111", "FOC2222") if serial in door.text} == serials
        assert "scan.replacement" not in door.items().values()


def test_a_new_device_may_get_the_id_that_a_person_says(door):
    door.saw(STRANGER)
    assert "added as LAB-7" in door.done("accept", "new.NEW0009", "id=LAB-7").stderr
    assert "id: LAB-7" in door.text
    assert "id: PRN-2" not in door.text


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["accept", "PRN-1.modle"], id="no such item"),
        pytest.param(["accept", "FAX-1.seen"], id="nothing to accept"),
        pytest.param(["accept", "PRN-1.model", "site=head"], id="a field of what is no new device"),
        pytest.param(["accept", "new.NEW0009", "new.FOC2222", "site=head"], id="fields of two"),
        pytest.param(["accept", "site=head"], id="fields of none"),
        pytest.param(["accept", "new.NEW0009", "site=nowhere"], id="a site that is not there"),
        pytest.param(["accept", "new.NEW0009", "site="], id="no value"),
        pytest.param(["accept", "new.NEW0009", "seal=1", "seal=2"], id="two values"),
        pytest.param(["accept", "new.NEW0009", "colour=red"], id="no such field"),
        pytest.param(["accept", "new.NEW0009", "id=PRN-1"], id="an id that is taken"),
        pytest.param(["lock", "new.NEW0009"], id="no field to lock"),
        pytest.param(["lock", "SW-1.replacement"], id="a doubt cannot be locked"),
        pytest.param(["apply", "nothing", "--yes"], id="no such item to carry out"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(door, words):
    door.saw(CONTRADICTING, STRANGER, IMPOSTOR)
    assert type(door.ran(*words).exception) is UsageWrong
    assert door.text == REGISTER


def test_a_typing_mistake_in_an_id_is_noticed_also_of_the_other_way_out(door):
    door.saw(IMPOSTOR)
    refused = door.ran("accept", "new.FOC222")
    assert "did you mean new.FOC2222?" in str(refused.exception)


def test_accepting_what_contradicts_itself_writes_nothing(door):
    door.saw(IMPOSTOR)
    assert type(door.ran("accept", "SW-1.replacement", "new.FOC2222").exception) is ConfigInvalid
    assert door.text == REGISTER


def test_a_lock_keeps_the_word_of_the_register_and_the_next_scan_is_quiet(door):
    door.saw(CONTRADICTING)
    door.done("lock", "PRN-1.model", "PRN-1.host_name")
    assert "    lock: [model, host_name]\n" in door.text
    door.saw(sighting("10.0.0.1", **{**PRINTER, "model": "M7777"}, host_name="prn-1", at=clock.now()))
    ended = door.done("scan", "--stored")
    assert "PRN-1" not in ended.stdout
    assert "2 differences kept quiet by `lock`" in ended.stderr
    assert door.told("scan", "--stored")["silenced"] == ["PRN-1.host_name", "PRN-1.model"]


def test_a_lock_is_added_to_those_that_are_there(tmp_path):
    door = AssetsDoor(tmp_path, REGISTER.replace("    site: head\n", "    site: head\n    lock: [host_name]\n"))
    door.saw(CONTRADICTING)
    door.done("lock", "PRN-1.model", "PRN-1.model")
    assert "    lock: [host_name, model]\n" in door.text
