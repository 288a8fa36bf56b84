import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from itops.alerts.records import Key
from itops.cli.alerts_evaluate import WatchOffice, evaluate
from itops.cli.alerts_test import test as try_out
from itops.cli.office import Office
from itops.cli.setting import load_settings, read_setting
from itops.errors import StoreLocked, StoreUnavailable, UsageWrong
from itops.tasks.alerting.round import alone
from itops.tasks.evaluation.all import EVALUATORS
from itops.tasks.evaluation.channels import evaluate_channels
from itops.verdict import State
from tests.tasks.alerting.watch_office import DOWN, HOUR, JOB, MINUTE, NOW, Duty, WatchedOffice

YAML = """\
office: {id: alborz, calendar: jalali, timezone: Asia/Tehran}
alerts:
  group_wait: 0m
  language: en
  channels:
    mail: {type: command, program: [mail]}
    bot: {type: command, program: [bot]}
"""


@dataclass(frozen=True)
class Ran:
    code: int
    stdout: str
    stderr: str

    @property
    def data(self) -> Any:
        return json.loads(self.stdout)["data"]


@dataclass
class Door:
    folder: Path
    now: datetime = NOW
    yaml: str = YAML
    bad: dict[Key, State] = field(default_factory=dict)
    channels: list[Duty] = field(default_factory=lambda: [Duty("mail"), Duty("bot", stays_inside=False)])

    def run(self, command: click.Command, *words: str, evaluators: Any = None) -> Ran:
        path = self.folder / "itops.yaml"
        path.write_text(self.yaml)
        office = Office(setting=read_setting(path), now=self.now, config_path=path)
        judged = WatchedOffice(self.folder, bad=self.bad, more={"channel": evaluate_channels}).evaluators
        watch = WatchOffice(
            office, evaluators=evaluators or judged, channels={channel.name: channel for channel in self.channels}
        )
        try:
            ran = CliRunner().invoke(command, list(words), obj=watch, catch_exceptions=False, standalone_mode=False)
        finally:
            watch.close()
        return Ran(ran.return_value or 0, ran.stdout, ran.stderr)

    def evaluate(self, *words: str, **more: Any) -> Ran:
        return self.run(evaluate, *words, **more)

    def test(self, *words: str) -> Ran:
        return self.run(try_out, *words)


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return Door(tmp_path)


def test_a_round_tells_what_changed_and_what_was_sent(door: Door) -> None:
    door.bad = {JOB: State.CRITICAL}
    ran = door.evaluate("--output", "json")
    assert ran.code == 0
    (change,) = ran.data["changes"]
    assert (change["what"], change["state"], change["check"], change["object"]) == (
        "opened", "CRITICAL", "delivery", "1405-08",
    )  # fmt: skip
    assert [(row["what"], row["channel"], row["receipt"]) for row in ran.data["messages"]] == [
        ("sent", "mail", "receipt of mail"),
        ("sent", "bot", "receipt of bot"),
    ]
    again = door.evaluate()
    assert (again.code, again.stdout) == (0, "")
    assert "nothing changed" in again.stderr


def test_a_channel_that_fails_is_noted_with_the_time_of_the_next_try_and_exits_0(door: Door) -> None:
    door.bad = {JOB: State.CRITICAL}
    door.channels[0].failure = DOWN
    ran = door.evaluate()
    assert ran.code == 0
    assert "mail: message 1 did not go out: mail:25 refuses connections; see whether the server runs" in ran.stderr
    assert "1405-09-01 11:31" in ran.stdout
    door.channels[0].failure = None
    door.now += MINUTE
    assert [row["what"] for row in door.evaluate("--output", "json").data["messages"]] == ["sent"]


def test_no_send_writes_the_messages_down_and_the_next_round_sends_them(door: Door) -> None:
    door.bad = {JOB: State.CRITICAL}
    ran = door.evaluate("--no-send", "--output", "json")
    assert (ran.data["messages"], ran.data["waiting"]) == ([], 2)
    assert door.channels[0].asked == []
    assert len(door.evaluate("--output", "json").data["messages"]) == 2


def test_on_a_store_that_nobody_has_made_everything_is_judged_that_can_be(door: Door) -> None:
    ran = door.evaluate("--output", "json", evaluators=EVALUATORS)
    assert ran.code == 0
    assert [row["check"] for row in ran.data["changes"]] == ["schedule"]
    assert (door.folder / "state" / "itops.db").exists()
    assert "things were judged" in ran.stderr


def test_a_check_that_cannot_be_made_fails_no_round(door: Door) -> None:
    def broken(watched: object) -> Any:
        raise StoreUnavailable("the register cannot be read", remedy="mend it")

    everything = {**WatchedOffice(door.folder).evaluators, "inventory": broken}
    for _ in range(3):
        ran = door.evaluate("--output", "json", evaluators=everything)
        door.now += 5 * MINUTE
    assert [(row["about"], row["code"]) for row in ran.data["changes"]] == [("inventory", "not-judged")]
    assert "the register cannot be read" in ran.data["changes"][0]["message"]


def test_without_a_channel_it_says_that_nobody_is_told(door: Door) -> None:
    door.yaml, door.channels = "office: {id: alborz}\n", []
    door.bad = {JOB: State.CRITICAL}
    ran = door.evaluate()
    assert ran.code == 0
    assert "nobody is told" in ran.stderr


def test_a_round_beside_another_one_is_75(door: Door) -> None:
    with alone(door.folder / "state"), pytest.raises(StoreLocked) as caught:
        door.evaluate()
    assert caught.value.exit_code == 75


def test_a_store_that_cannot_be_read_is_an_error_of_the_store(door: Door) -> None:
    door.evaluate()
    (door.folder / "state" / "itops.db").chmod(0o644)  # open to everybody: refused
    with pytest.raises(StoreUnavailable):
        door.evaluate()


def test_csv_has_one_line_for_each_change_and_message(door: Door) -> None:
    door.bad = {JOB: State.CRITICAL}
    lines = door.evaluate("--output", "csv").stdout.splitlines()
    assert lines[0] == "what,state,about,message,channel,number,kind,next_at,receipt"
    assert len(lines) == 4


def test_the_trial_goes_through_every_channel_and_writes_nothing(door: Door) -> None:
    ran = door.test("--output", "json")
    assert (ran.code, [row["receipt"] for row in ran.data]) == (0, ["receipt of mail", "receipt of bot"])
    assert [channel.kinds for channel in door.channels] == [["test"], ["test"]]
    assert not (door.folder / "state").exists()


def test_a_trial_that_fails_is_2_and_tells_what_to_do(door: Door) -> None:
    door.channels[0].failure = DOWN
    ran = door.test("--output", "json")
    assert ran.code == 2
    assert [(row["state"], row["problem"], row["remedy"]) for row in ran.data] == [
        ("failed", DOWN.problem, DOWN.remedy),
        ("sent", None, None),
    ]


def test_only_the_channels_that_are_named_are_tried_and_a_wrong_name_is_refused(door: Door) -> None:
    assert [row["channel"] for row in door.test("bot", "--output", "json").data] == ["bot"]
    assert door.channels[0].asked == []
    with pytest.raises(UsageWrong, match="'pager'"):
        door.test("pager")


def test_without_a_channel_the_trial_is_unknown(door: Door) -> None:
    door.yaml, door.channels = "office: {id: alborz}\n", []
    ran = door.test()
    assert ran.code == 3
    assert "nobody is told" in ran.stderr


def test_a_dry_run_shows_what_each_channel_would_get_and_sends_nothing(door: Door) -> None:
    ran = door.test("--dry-run", "--output", "json")
    inside, outside = ran.data
    assert inside["title"] == "Test message"
    assert (outside["title"], outside["summary"]) == (None, "Test message: nothing is wrong")
    assert [channel.asked for channel in door.channels] == [[], []]


def test_settings_of_the_file_are_those_that_count(door: Door) -> None:
    (door.folder / "itops.yaml").write_text(YAML)
    assert list(load_settings(door.folder / "itops.yaml").alerts.channels) == ["mail", "bot"]
    door.now += HOUR
    path = door.folder / "itops.yaml"
    watch = WatchOffice(Office(setting=read_setting(path), now=door.now, config_path=path))
    assert list(watch.channels) == ["mail", "bot"]
    assert watch.evaluators is EVALUATORS
