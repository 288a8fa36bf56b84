"""`itops doctor`: every check a line, the worst one the exit code."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from itops import clock
from itops.cli.main import cli
from itops.schedule.records import Beat
from itops.store import StoreLocation, open_store
from itops.tasks.write_setup import write_setup
from itops.verdict import State


def run(path: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--config", str(path), "doctor", *words])


# WARNING; UNKNOWN in a container that does not tell what kind of disk it stands on.
NOT_WELL = (State.WARNING, State.UNKNOWN)


@pytest.fixture
def office(tmp_path: Path) -> Path:
    list(write_setup(tmp_path))
    return tmp_path / "itops.yaml"


def test_a_fresh_office_is_a_warning_for_nothing_was_ever_seen(office):
    result = run(office)
    assert result.exit_code in NOT_WELL
    assert "✔ OK        itops.yaml" in result.stdout
    assert "▲ WARNING   sources                   none is configured\n            remedy: add one" in result.stdout
    assert "nothing was scanned yet" in result.stdout
    assert "CRITICAL" not in result.stdout


def test_json_is_one_object_with_the_same_checks(office):
    whole = json.loads(run(office, "--output", "json").stdout)
    assert set(whole) == {"schema", "generated_at", "data", "gaps"}
    assert {row["code"] for row in whole["data"]} >= {"config.valid", "file.access", "state.space", "clock.zone"}
    for row in whole["data"]:
        assert set(row) == {"state", "subject", "code", "finding", "remedy"}
        assert bool(row["remedy"]) == (row["state"] != "OK")


def test_settings_with_mistakes_are_critical_and_every_mistake_is_shown(office):
    office.write_text("office: {id: a b}\nsource: {}\n")
    result = run(office)
    assert result.exit_code == 2
    assert "itops.yaml:1  office.id" in result.stdout
    assert "did you mean sources?" in result.stdout


def test_settings_that_are_not_there_are_critical(tmp_path):
    result = run(tmp_path / "itops.yaml")
    assert result.exit_code == 2
    assert "itops init" in result.stdout


def test_it_says_whether_anything_runs_by_itself_and_whether_anybody_would_hear(office):
    quiet = run(office).stdout
    assert "nothing runs by itself: itops.yaml has no schedule.jobs" in quiet
    assert "nobody is told of anything: itops.yaml has no alerts.channels" in quiet
    channel = "alerts: {channels: {log: {type: syslog, host: log.invalid}}}\n"
    office.write_text(f'office: {{id: a}}\nreport: {{monthly: {{day: 1, at: "08:00"}}}}\n{channel}')
    result = run(office, "--output", "json")
    checks = {row["code"]: row for row in json.loads(result.stdout)["data"]}
    missing = checks["schedule.beat-missing"]
    assert missing["state"] == "WARNING"
    assert missing["finding"] == "2 jobs are to run by themselves, and nobody ticks: there was never a beat"
    assert "itops service install" in missing["remedy"]
    assert checks["alerts.channels"]["finding"] == "1 channel; `itops alerts test` tries it"


@pytest.mark.parametrize(
    ("minutes", "code", "state"),
    [(-1, "schedule.beating", "OK"), (-6, "schedule.beat-old", "WARNING"), (60, "schedule.beat-ahead", "WARNING")],
)
def test_the_beat_is_told_as_old_as_it_is(office, minutes, code, state):
    office.write_text("office: {id: a}\nschedule: {jobs: {scan: {run: inventory scan, at: every 4h}}}\n")
    now = clock.now()
    with open_store(StoreLocation(folder=office.parent / "state"), now) as store:
        store.watch.write_beat(Beat(at=now + timedelta(minutes=minutes), pid=1, host="a", version="1"))
    told = {row["code"]: row["state"] for row in json.loads(run(office, "--output", "json").stdout)["data"]}
    assert told[code] == state


def test_a_secret_that_others_can_read_is_critical_and_its_content_is_not_shown(office):
    (office.parent / "secrets" / "vc01").write_text("canary-password\n")
    (office.parent / "secrets" / "vc01").chmod(0o644)
    office.write_text(
        "office: {id: a}\nsources:\n  vc01: {type: vsphere, host: no-such-host.invalid, username: u,"
        " password: file:secrets/vc01}\n"
    )
    result = run(office)
    assert result.exit_code == 2
    assert "chmod 600" in result.stdout
    assert "the name no-such-host.invalid cannot be resolved" in result.stdout
    assert "canary" not in result.output


def test_a_terminal_without_glyphs_gets_the_words(office):
    result = CliRunner(charset="ascii").invoke(cli, ["--config", str(office), "doctor"])
    assert result.exit_code in NOT_WELL
    assert "WARNING" in result.stdout


@pytest.mark.parametrize(
    ("section", "code", "finding"),
    [
        ("health: {thresholds: {datastore.free_ration: 0.1}}", "health.invalid", "did you mean datastore.free_ratio?"),
        ("health: {ignore: [vm.cdrom-conected]}", "health.invalid", "did you mean vm.cdrom-connected?"),
        ("roles: {probes: [frob]}", "probes.invalid", "there is no probe frob"),
    ],
)
def test_names_that_only_a_later_command_would_miss_are_examined_too(office, section, code, finding):
    office.write_text(f"office: {{id: x}}\n{section}\n")
    result = run(office, "--output", "json")
    found = {row["code"]: row["finding"] for row in json.loads(result.stdout)["data"] if row["state"] == "CRITICAL"}
    assert list(found) == [code]
    assert finding in found[code]
    assert result.exit_code == 2
