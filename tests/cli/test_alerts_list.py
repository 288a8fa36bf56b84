"""`itops alerts list`, `show` and `messages` at the door: a real store, written as rounds write it."""

import csv
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from itops.alerts.records import Evaluation, EventKind, Incident, Key, Notification, Phase, Silence
from itops.cli.alerts import COMMANDS, alerts
from itops.cli.office import Office
from itops.cli.setting import read_setting
from itops.errors import ItopsError, UsageWrong
from itops.store import StoreLocation, open_store
from itops.store.watch_writer import RoundFacts, RoundRows
from itops.verdict import State

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)  # Sunday, 1 Azar 1405, 10:00 in Tehran
HOUR = timedelta(hours=1)
VC, SQL, MAIL = Key("inventory", "vc01"), Key("backup", "daily sql01/Insurance"), Key("backup", "daily mail01")
HOSTILE = Key("backup", "[/] \x1b[31m\u202eevil\u200f {0.__class__}")
YAML = """\
office: {id: alborz, calendar: jalali, timezone: Asia/Tehran}
alerts:
  channels:
    log: {type: command, program: [/bin/true]}
    boss: {type: command, program: [/bin/true]}
  escalation: [{after: 4h, channels: [boss]}]
"""


def evaluation(key: Key, state: State = State.OK, **more: Any) -> Evaluation:
    code = "beat-fresh" if state is State.OK else "never-judged"
    return Evaluation(key=key, state=state, code=code, table="check", judged_at=NOW - HOUR / 12, **more)


def firing(key: Key, state: State = State.CRITICAL, hours: float = 2, **more: Any) -> Incident:
    told: dict[str, Any] = {
        "phase": Phase.FIRING,
        "state": state,
        "code": "never-judged",
        "table": "check",
        "bad_count": 3,
        "opened_at": NOW - hours * HOUR,
        "last_notified_at": NOW - hours * HOUR,
        "notify_count": 1,
        "last_evaluated_at": NOW - HOUR / 12,
        **more,
    }
    return Incident(key=key, **told)


def message(key: Key = SQL, **more: Any) -> Notification:
    told: dict[str, Any] = {
        "channel": "log",
        "kind": EventKind.OPENED,
        "state": State.CRITICAL,
        "keys": (key,),
        "document": json.dumps({"title": "New (critical): backup"}),
        "made_at": NOW - HOUR,
        "not_before": NOW - HOUR,
        **more,
    }
    return Notification(number=0, **told)


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What a person saw."""

    code: int
    stdout: str
    stderr: str
    failure: ItopsError | None = None

    @property
    def data(self) -> Any:
        return json.loads(self.stdout)["data"]


@dataclass
class Door:
    """Runs commands of `itops alerts` in the office of one folder."""

    folder: Path
    now: datetime = NOW
    yaml: str = YAML
    location: StoreLocation = field(init=False)

    def __post_init__(self) -> None:
        self.path = self.folder / "itops.yaml"
        self.path.write_text(self.yaml, encoding="utf-8")
        (self.folder / "state").mkdir(mode=0o700)
        self.location = StoreLocation(folder=self.folder / "state")

    def round(
        self,
        evaluations: Sequence[Evaluation] = (),
        incidents: Sequence[Incident] = (),
        messages: Sequence[Notification] = (),
        silences: Sequence[Silence] = (),
    ) -> None:
        def play(facts: RoundFacts) -> RoundRows:
            return RoundRows(changed=incidents, notifications=messages)

        with open_store(self.location, self.now) as store:
            for one in silences:
                store.watch.add_silence(one)
            store.watch.play_round(evaluations, {one.key.check for one in evaluations}, play)

    def run(self, *words: str) -> Ran:
        office = Office(setting=read_setting(self.path), now=self.now, config_path=self.path)
        try:
            ran = CliRunner().invoke(alerts, words, obj=office, standalone_mode=False)
        finally:
            office.close()
        raised = ran.exception
        if isinstance(raised, ItopsError):
            return Ran(code=raised.exit_code, stdout=ran.stdout, stderr=ran.stderr, failure=raised)
        if isinstance(raised, click.ClickException):
            return Ran(code=64, stdout=ran.stdout, stderr=ran.stderr + raised.format_message())
        if raised is not None and not isinstance(raised, SystemExit):
            raise raised
        return Ran(code=ran.return_value or ran.exit_code, stdout=ran.stdout, stderr=ran.stderr)

    def json(self, *words: str) -> Any:
        return self.run(*words, "--output", "json").data

    def refused(self, *words: str) -> UsageWrong:
        failure = self.run(*words).failure
        assert isinstance(failure, UsageWrong)
        return failure


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return Door(tmp_path)


# list


def test_before_the_first_round_nothing_is_called_well(door: Door) -> None:
    for prepare in (lambda: None, door.round):
        prepare()
        ran = door.run("list")
        assert ran.code == 3
        assert "nothing was ever judged: run `itops alerts evaluate`" in ran.stderr


def test_nothing_open_says_how_much_is_judged_and_when(door: Door) -> None:
    door.round([evaluation(VC), evaluation(SQL)])
    ran = door.run("list")
    assert ran.code == 0
    assert ran.stdout == ""
    assert "nothing is open: 2 things are judged, and all well" in ran.stderr
    assert "last judged 1405-09-01 09:55, 5 min ago" in ran.stderr


@pytest.mark.parametrize(
    ("evaluations", "code"),
    [
        pytest.param([evaluation(SQL, State.CRITICAL)], 2, id="bad, and no round since"),
        pytest.param([evaluation(SQL, valid_until=NOW - HOUR / 2)], 1, id="well until a moment that is over"),
        pytest.param([replace(evaluation(SQL), judged_at=NOW - 40 * HOUR)], 3, id="judged long ago"),
        pytest.param([replace(evaluation(SQL), judged_at=NOW + 9 * HOUR)], 3, id="judged in the future"),
    ],
)
def test_what_is_not_well_is_never_green_without_an_incident(
    door: Door, evaluations: list[Evaluation], code: int
) -> None:
    door.round([evaluation(VC), *evaluations])
    ran = door.run("list")
    assert ran.code == code
    assert "taken up by no round yet: backup daily sql01/Insurance" in ran.stderr
    assert "all well" not in ran.stderr


def test_the_worst_comes_first_and_is_the_exit_code(door: Door) -> None:
    warning, unknown = firing(MAIL, State.WARNING, 90), firing(VC, State.UNKNOWN, 1)
    pending = Incident(key=HOSTILE, phase=Phase.PENDING, state=State.WARNING, bad_count=1, first_bad_at=NOW)
    evaluations = [evaluation(one.key, one.state) for one in (warning, unknown, pending)]
    door.round(evaluations, [warning, unknown, pending])
    ran = door.run("list", "--output", "json")
    assert [(one["state"], one["phase"], one["object"]) for one in ran.data] == [
        ("UNKNOWN", "firing", "vc01"),
        ("WARNING", "firing", "daily mail01"),
        ("WARNING", "pending", HOSTILE.object),
    ]
    assert ran.code == 3
    assert door.run("list", "--check", "backup").code == 1


def test_a_table_tells_since_when_who_was_told_and_what_comes_next(door: Door) -> None:
    one = firing(SQL, owner="dept5", acked_by="", escalation=0)
    door.round([evaluation(SQL, State.CRITICAL)], [one])
    row = door.run("list").stdout.splitlines()[1]
    for told in ("CRITICAL", "daily sql01/Insurance", "1405-09-01 08:00", "2 h", "dept5", "1, last 1405-09-01 08:00",
                 "escalation 1405-09-01 12:00"):  # fmt: skip
        assert told in row
    (row,) = door.json("list")
    assert (row["next"], row["next_at"]) == ("escalated", "2026-11-22T08:30:00Z")
    assert row["reminder_at"] == "2026-11-23T04:30:00Z"


def test_pending_and_recovering_ones_say_how_far_they_are(door: Door) -> None:
    pending = Incident(key=VC, phase=Phase.PENDING, state=State.CRITICAL, bad_count=1, first_bad_at=NOW)
    recovering = firing(SQL, phase=Phase.RECOVERING, good_count=1)
    door.round([evaluation(VC, State.CRITICAL), evaluation(SQL)], [pending, recovering])
    shown = door.run("list").stdout
    assert "CRITICAL (pending)" in shown
    assert "bad 1 of 3 times" in shown
    assert "good 1 of 2 times" in shown


def test_what_is_held_is_shown_and_says_by_what(door: Door) -> None:
    silence = Silence(
        number=0, check="backup", object="*sql01*", begin=NOW - HOUR, until=NOW + 3 * HOUR, by="R.", reason="move"
    )
    explained = Incident(key=MAIL, phase=Phase.PENDING, state=State.UNKNOWN, explained_by=VC)
    door.round(
        [evaluation(one, State.CRITICAL) for one in (SQL, MAIL, VC)],
        [firing(SQL), explained, firing(VC, is_flapping=True, acked_by="S.")],
        silences=[silence],
    )
    rows = {row["object"]: row for row in door.json("list")}
    assert [rows[key.object]["held"] for key in (VC, SQL, MAIL)] == [[], ["silence"], ["explained"]]
    assert rows["daily sql01/Insurance"]["held_until_at"] == "2026-11-22T09:30:00Z"
    assert rows["daily mail01"]["next"] is None
    shown = door.run("list").stdout
    for mark in ("silenced until 1405-09-01 13:00", "explained by inventory vc01", "acked by S.; flapping"):
        assert mark in shown
    assert door.json("list")[0]["object"] == "vc01"  # of equals, what is not held


def test_maintenance_of_itops_yaml_holds(tmp_path: Path) -> None:
    window = '{begin: "1405-09-01 09:00", until: "1405-09-01 11:00", reason: move, checks: [inventory]}'
    door = Door(tmp_path, yaml=f"{YAML}  maintenance: [{window}]\n")
    door.round([evaluation(VC, State.CRITICAL)], [firing(VC)])
    (row,) = door.json("list")
    assert (row["held"], row["held_until_at"]) == (["maintenance"], "2026-11-22T07:30:00Z")
    assert "in maintenance until 1405-09-01 11:00" in door.run("list").stdout


def test_a_silence_does_not_make_what_got_worse_look_better(door: Door) -> None:
    silence = Silence(number=0, check="*", object="*", begin=NOW - HOUR, until=NOW + HOUR, by="R.", reason="move")
    door.round([evaluation(SQL, State.CRITICAL)], [firing(SQL, State.WARNING)], silences=[silence])
    ran = door.run("list", "--output", "json")
    assert ran.code == 2
    assert (ran.data[0]["state"], ran.data[0]["told_state"], ran.data[0]["next"]) == ("CRITICAL", "WARNING", "worsened")


def test_closed_ones_are_shown_on_request_with_how_long_they_lasted(door: Door) -> None:
    closed = firing(SQL, hours=5, phase=Phase.OK, closed_at=NOW - 2 * HOUR, notify_count=0)
    blip = Incident(key=MAIL, phase=Phase.OK, code="never-judged", table="check", last_evaluated_at=NOW)
    door.round(
        [evaluation(SQL), evaluation(MAIL), evaluation(VC, State.WARNING)], [closed, blip, firing(VC, State.WARNING)]
    )
    assert [row["object"] for row in door.json("list")] == ["vc01"]
    rows = door.json("list", "--all")
    assert [(row["object"], row["open_seconds"]) for row in rows] == [("vc01", 7200), ("daily sql01/Insurance", 10_800)]
    assert "closed, was CRITICAL" in door.run("list", "--all").stdout
    assert door.run("list", "--all").code == 1


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["sql01"], ["daily sql01/Insurance"]),
        (["SQL01/insurance"], ["daily sql01/Insurance"]),
        (["daily*"], ["daily mail01", "daily sql01/Insurance"]),
        (["sql01*"], []),
        (["--check", "inventory"], ["vc01"]),
        (["--check", "inventory", "daily"], []),
        (["[31mevil {0"], [HOSTILE.object]),  # as it is seen
    ],
)
def test_a_pattern_finds_what_was_asked_for(door: Door, words: list[str], found: list[str]) -> None:
    keys = (SQL, MAIL, VC, HOSTILE)
    door.round([evaluation(key, State.CRITICAL) for key in keys], [firing(key) for key in keys])
    assert [row["object"] for row in door.json("list", *words)] == found


def test_a_misspelt_pattern_or_check_is_not_good_news(door: Door) -> None:
    door.round([evaluation(SQL)])
    ran = door.run("list", "sql99")
    assert ran.code == 3
    assert "nothing of what is judged fits" in ran.stderr
    assert door.run("list", "sql01").code == 0
    assert "use one of: backup, inventory" in door.refused("list", "--check", "bakcup").remedy


def test_no_channel_and_failing_messages_are_said(tmp_path: Path) -> None:
    door = Door(tmp_path, yaml="office: {id: alborz}\n")
    door.round([evaluation(SQL)], messages=[message(), message(tries=2, error="refused")])
    told = door.run("list").stderr
    assert "nobody is told of anything" in told
    assert "2 messages wait to be sent, 1 failed at the last try" in told


def test_hostile_names_steer_nothing(door: Door) -> None:
    door.round([evaluation(HOSTILE, State.CRITICAL)], [firing(HOSTILE)], [message(HOSTILE)])
    for words in (["list"], ["show", "backup", "evil"], ["messages"]):
        for more in ([], ["--output", "json"], ["--output", "csv"]):
            ran = door.run(*words, *more)
            assert not {"\x1b", "\u202e", "\u200f"} & set(ran.stdout + ran.stderr), words
    assert "[/] [31mevil {0.__class__}" in door.run("list").stdout


def test_csv_has_its_header_even_when_nothing_is_open(door: Door) -> None:
    door.round([evaluation(SQL)])
    for command in ("list", "messages", "silences"):
        (header,) = csv.reader(StringIO(door.run(command, "--output", "csv").stdout))
        assert header[0] in {"state", "number"}


# show


def test_show_tells_everything_of_one(door: Door) -> None:
    silence = Silence(
        number=0, check="inventory", object="vc*", begin=NOW - HOUR, until=NOW + HOUR, by="R.", reason="x"
    )
    other = replace(silence, object="other")
    explained = Incident(key=SQL, phase=Phase.PENDING, state=State.UNKNOWN, explained_by=VC)
    bad = evaluation(
        VC, State.CRITICAL, facts={"free_bytes": 1024**3, "seen_at": NOW.isoformat()}, valid_until=NOW + HOUR
    )
    door.round(
        [bad, evaluation(SQL, State.UNKNOWN, depends_on=(VC,))],
        [firing(VC, acked_by="S.", ack_note="disk is ordered"), explained],
        [message(VC, sent_at=NOW, tries=1), message(VC, channel="boss", tries=3, error="refused"), message(SQL)],
        [silence, other],
    )
    ran = door.run("show", "inventory", "vc", "--output", "json")
    assert ran.code == 2
    assert [(one["channel"], one["delivery"]) for one in ran.data["messages"]] == [("boss", "failed"), ("log", "sent")]
    assert [one["number"] for one in ran.data["silences"]] == [1]
    assert ran.data["explains"] == [SQL._asdict()]
    assert ran.data["evaluation"]["valid_until_at"] == "2026-11-22T07:30:00Z"
    assert ran.data["rule"]["escalate_after_seconds"] == [4 * 3600]
    shown = door.run("show", "inventory", "vc01").stdout
    for told in (
        "disk is ordered",
        "free bytes",
        "1 GiB",
        "refused",
        "backup daily sql01/Insurance",
        "1405-09-01 10:00",
    ):
        assert told in shown
    assert "explained by" in door.run("show", "backup", "sql01").stdout


def test_a_part_that_several_have_is_refused_with_their_names(door: Door) -> None:
    keys = [Key("backup", f"daily srv{number:02}") for number in range(12)]
    door.round([evaluation(key) for key in [*keys, SQL, Key("backup", "sql01")]])
    wrong = door.refused("show", "backup", "srv")
    assert 'could mean 12 things: "daily srv00"' in wrong.problem
    assert "and 2 more" in wrong.problem
    assert door.json("show", "backup", "sql01")["object"] == "sql01"  # in full before in part
    assert door.json("show", "backup", "insurance")["object"] == SQL.object
    assert "nothing that backup" in door.refused("show", "backup", "nobody").problem
    assert "there is no check" in door.refused("show", "nobody", "sql01").problem


def test_the_check_as_a_whole_is_shown_without_an_object(door: Door) -> None:
    whole = Key("inventory", "")
    door.round([evaluation(whole, State.UNKNOWN), evaluation(VC)])
    ran = door.run("show", "inventory")
    assert ran.code == 3
    assert "no round has taken it up yet" in ran.stderr


def test_show_before_the_first_round_says_what_to_run(door: Door) -> None:
    assert "itops alerts evaluate" in door.refused("show", "backup", "sql01").remedy


# messages


def test_messages_tell_what_became_of_each(door: Door) -> None:
    door.round(
        [evaluation(SQL)],
        messages=[
            message(sent_at=NOW, tries=1),
            message(tries=9, given_up_at=NOW, error="no such user"),
            message(not_before=NOW + HOUR),
            message(tries=1, error="refused"),
            message(tries=1),
            message(document="{" * 50_000),
            message(document='["title"]'),
        ],
    )
    rows = door.json("messages")
    assert [(row["number"], row["delivery"]) for row in reversed(rows)] == [
        (1, "sent"), (2, "given-up"), (3, "waiting"), (4, "failed"), (5, "trying"), (6, "waiting"), (7, "waiting"),
    ]  # fmt: skip
    assert [row["number"] for row in door.json("messages", "--open")] == [7, 6, 5, 4, 3]
    assert rows[-1]["title"] == "New (critical): backup"
    assert rows[0]["title"] is rows[1]["title"] is None
    ran = door.run("messages", "--limit", "2")
    assert "there are more than these 2" in ran.stderr
    assert "(cannot be read)" in ran.stdout


def test_before_the_first_message_that_is_said(door: Door) -> None:
    assert "nothing was ever written to anybody" in door.run("messages").stderr
    assert "no message waits" in door.run("messages", "--open").stderr


# What it costs.


@pytest.mark.parametrize(
    "words", [["list"], ["list", "--all"], ["show", "backup", "sql01"], ["messages"], ["silences"]]
)
def test_looking_needs_none_of_the_libraries_of_writing(door: Door, words: list[str]) -> None:
    door.round([evaluation(SQL, State.CRITICAL)], [firing(SQL)], [message()])
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from itops.cli.alerts import alerts\nfrom itops.cli.office import office_of\n"
        f"alerts({words!r} + ['--output', 'json'], obj=office_of(Path(sys.argv[1])), standalone_mode=False)\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", script, str(door.path)], capture_output=True, text=True, check=True)
    loaded = set(ran.stderr.splitlines()[-1].split())
    assert "itops.store.watch_reader" in loaded
    assert {"sqlalchemy", "rich", "itops.notify.smtp_line", "apprise", "pysnmp"} & loaded == set()


def test_every_command_of_the_table_has_a_line_of_help() -> None:
    assert all(summary.endswith(".") for _, summary in COMMANDS.values())
    ran = CliRunner().invoke(alerts, ["--help"])
    assert all(name in ran.output for name in COMMANDS)
