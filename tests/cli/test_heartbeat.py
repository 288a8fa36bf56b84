import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from itops.alerts.records import Evaluation, Key
from itops.bundles.heartbeat import read_heartbeat
from itops.bundles.keys import AllowedKey, allowed_signers_text
from itops.bundles.pings import Ping, Pulse
from itops.bundles.targets import Target, heartbeat_name
from itops.cli.heartbeat import HeartbeatOffice, heartbeat
from itops.cli.office import Office
from itops.cli.setting import read_setting
from itops.delivery.folder import FolderTarget, FolderTargetSettings
from itops.delivery.keys import KeyFolder
from itops.errors import ConfigInvalid, InputInvalid, SourceUnavailable, UsageWrong
from itops.store import open_store
from itops.store.watch_writer import RoundRows
from itops.verdict import State
from tests.bundles.beating import BEATS, beat
from tests.bundles.made import HUB_KEY, NOW, OTHER_KEY, allowed
from tests.delivery.delivering import ClosedWay


class Switch:
    name = "switch"

    def __init__(self, *, works: bool = True) -> None:
        self.works = works
        self.got: list[Pulse] = []

    def ping(self, pulse: Pulse) -> str:
        if not self.works:
            raise SourceUnavailable("switch: nobody there", remedy="look")
        self.got.append(pulse)
        return "alive"


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
    section: str = ""
    ways: list[Target] | None = None
    pings: list[Ping] | None = field(default_factory=list)

    def __post_init__(self) -> None:
        self.drop.mkdir()
        self.ways = [FolderTarget("share", FolderTargetSettings(path=self.drop))]

    @property
    def drop(self) -> Path:
        return self.folder / "drop"

    @property
    def file(self) -> Path:
        return self.drop / heartbeat_name("alborz")

    @property
    def signers(self) -> Path:
        """Headquarters knows whatever key the office has."""
        keys = KeyFolder(path=self.folder / "state" / "keys").all()
        path = self.folder / "allowed_signers"
        path.write_text(allowed_signers_text(AllowedKey(signer="alborz", key=key) for key in keys))
        return path

    def run(self, *words: str) -> Ran:
        path = self.folder / "itops.yaml"
        path.write_text(f"office: {{id: alborz, calendar: jalali, timezone: Asia/Tehran}}\n{self.section}")
        office = Office(setting=read_setting(path), now=self.now, config_path=path)
        elsewhere = HeartbeatOffice(
            office,
            ways=None if self.ways is None else tuple(self.ways),
            pings=None if self.pings is None else tuple(self.pings),
        )
        try:
            ran = CliRunner().invoke(heartbeat, list(words), obj=elsewhere, catch_exceptions=False)
        finally:
            elsewhere.close()
        return Ran(ran.exit_code, ran.stdout, ran.stderr)

    def check(self, *words: str) -> Ran:
        return self.run("--check", str(self.drop), "--keys", str(self.signers), *words)


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return Door(tmp_path)


def test_headquarters_hears_of_an_office_and_then_of_its_silence(door: Door) -> None:
    sent = door.run("--output", "json")
    assert (sent.code, [(one["name"], one["is_told"]) for one in sent.data["told"]]) == (0, [("share", True)])
    assert sent.data["heartbeat"]["office"] == "alborz"
    assert read_heartbeat(door.file.read_bytes()).made_at == NOW
    heard = door.check("--output", "json")
    assert (heard.code, heard.data[0]["state"], heard.data[0]["age_hours"]) == (0, "OK", 0)
    door.now += timedelta(hours=26)
    silent = door.check("--output", "json")
    assert (silent.code, silent.data[0]["code"], silent.data[0]["age_hours"]) == (2, "heartbeat.silent", 26)
    told = door.check().stdout
    assert "1405-09-01" in told
    assert "silent" in told
    door.run()
    assert door.check().code == 0


def test_the_first_heartbeat_makes_a_key_to_be_told_by_telephone_and_a_ping_needs_none(door: Door) -> None:
    keys = KeyFolder(path=door.folder / "state" / "keys")
    ways, door.ways = door.ways, []
    door.pings = [Switch()]
    assert door.run().code == 0
    assert keys.existing() is None
    door.ways = ways
    ran = door.run()
    key = keys.existing()
    assert key is not None
    assert key.public.fingerprint in ran.stderr
    assert key.public.text in ran.stderr
    assert "new signing key" not in door.run().stderr


def test_the_store_is_told_in_counts_to_headquarters_and_to_the_switch(door: Door) -> None:
    door.run()
    switch = Switch()
    door.pings = [switch]
    location = read_setting(door.folder / "itops.yaml").location
    found = [
        Evaluation(key=Key("backup", f"sql0{number}"), state=state, code="missing", table="slot", judged_at=NOW)
        for number, state in enumerate((State.OK, State.OK, State.CRITICAL))
    ]
    with open_store(location, NOW) as store:
        store.watch.play_round(found, ("backup",), lambda facts: RoundRows())
    door.now += timedelta(minutes=1)
    ran = door.run("--output", "json")
    assert (ran.code, ran.data["heartbeat"]["ok"], ran.data["heartbeat"]["critical"]) == (0, 2, 1)
    assert read_heartbeat(door.file.read_bytes()).pulse == switch.got[0] == Pulse(ok=2, critical=1)
    assert b"sql0" not in door.file.read_bytes()


def test_before_the_first_scan_it_lives_and_says_that_nothing_is_known(door: Door) -> None:
    ran = door.run()
    assert ran.code == 0
    assert "nothing was ever recorded" in ran.stderr


def test_one_way_that_fails_stops_no_other_and_the_exit_code_says_how_many_heard(door: Door) -> None:
    assert door.ways is not None
    good = door.ways[0]
    door.ways = [ClosedWay(), good]
    door.pings = [Switch(), Switch(works=False)]
    ran = door.run("--output", "json")
    assert ran.code == 1
    assert [(one["kind"], one["name"], one["is_told"]) for one in ran.data["told"]] == [
        ("headquarters", "closed", False),
        ("headquarters", "share", True),
        ("ping", "switch", True),
        ("ping", "switch", False),
    ]
    assert "note: closed: no line; plug it in" in ran.stderr
    assert "note: switch: nobody there; look" in ran.stderr
    door.pings = []
    assert door.run().code == 0
    door.ways, door.pings = [ClosedWay()], [Switch(works=False)]
    assert door.run().code == 2


@pytest.mark.parametrize("section", ["", "heartbeat: {headquarters: false}\n"])
def test_where_nobody_is_to_hear_it_is_said_what_to_write(door: Door, section: str) -> None:
    door.section, door.ways, door.pings = section, None, None
    with pytest.raises(ConfigInvalid) as caught:
        door.run()
    assert caught.value.exit_code == 78
    assert "delivery.targets" in caught.value.remedy
    assert "healthchecks" in caught.value.remedy


def test_headquarters_is_not_told_where_itops_yaml_says_so(door: Door) -> None:
    door.section = "heartbeat: {headquarters: false}\n"
    door.pings = [Switch()]
    ran = door.run("--output", "json")
    assert [one["kind"] for one in ran.data["told"]] == ["ping"]
    assert not door.file.exists()


def test_the_ways_are_those_of_delivery_in_the_order_of_the_file(door: Door) -> None:
    door.ways = None
    door.section = (
        f"delivery:\n  targets:\n    gone: {{type: folder, path: '{door.folder / 'gone'}'}}\n"
        f"    share: {{type: folder, path: '{door.drop}'}}\n"
    )
    ran = door.run("--output", "json")
    assert [(one["name"], one["is_told"]) for one in ran.data["told"]] == [("gone", False), ("share", True)]
    assert ran.code == 0


def test_forged_and_missing_heartbeats_are_told_with_the_worst_first(door: Door) -> None:
    keys = (BEATS, allowed(OTHER_KEY, "qazvin"), allowed(HUB_KEY, "semnan"))
    (door.folder / "known").write_text(allowed_signers_text(keys))
    files = (beat(), beat(HUB_KEY, office="qazvin"))
    for file in files:
        (door.drop / file.name).write_bytes(file.content)
    ran = door.run("--check", str(door.drop), "--allowed-signers", str(door.folder / "known"), "--output", "json")
    assert [(one["office"], one["state"], one["code"]) for one in ran.data] == [
        ("semnan", "CRITICAL", "heartbeat.never"),
        ("qazvin", "UNKNOWN", "heartbeat.key-of-another"),
        ("alborz", "OK", "heartbeat.heard"),
    ]
    assert ran.code == 2
    (door.drop / "itops_semnan.heartbeat").write_bytes(beat(HUB_KEY, office="semnan").content)
    assert door.run("--check", str(door.drop), "--keys", str(door.folder / "known")).code == 3


def test_headquarters_needs_no_itops_yaml(door: Door) -> None:
    (door.drop / beat().name).write_bytes(beat().content)
    (door.folder / "known").write_text(allowed_signers_text((BEATS,)))
    words = ["--check", str(door.drop), "--keys", str(door.folder / "known"), "--output", "json"]
    ran = CliRunner().invoke(heartbeat, words, obj=str(door.folder / "itops.yaml"), catch_exceptions=False)
    assert [one["office"] for one in json.loads(ran.stdout)["data"]] == ["alborz"]


def test_a_file_name_that_means_harm_is_shown_harmless(door: Door) -> None:
    door.run()
    (door.drop / "itops_\x1b[31m\u202e=1+1.heartbeat").write_bytes(b"")
    (door.drop / "itops_\udc80.heartbeat").write_bytes(b"")
    for form in ("table", "json", "csv"):
        ran = door.check("--output", form)
        assert ran.code == 3
        assert "\x1b" not in ran.stdout
        assert "\u202e" not in ran.stdout


@pytest.mark.parametrize(("words", "told"), [(["--check", "."], "--keys"), (["--keys", __file__], "--check FOLDER")])
def test_half_a_question_is_completed(door: Door, words: list[str], told: str) -> None:
    with pytest.raises(UsageWrong) as caught:
        door.run(*words)
    assert told in caught.value.remedy


def test_keys_that_are_none_are_said_and_without_any_office_nothing_is_known(door: Door) -> None:
    keys = door.folder / "keys"
    keys.write_text("alborz ssh-ed25519 AAAA\n")
    with pytest.raises(InputInvalid, match="line 1"):
        door.run("--check", str(door.drop), "--keys", str(keys))
    keys.write_text("# nobody\n")
    ran = door.run("--check", str(door.drop), "--keys", str(keys))
    assert ran.code == 3
    assert "may sign heartbeats" in ran.stderr
