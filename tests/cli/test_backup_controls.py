"""`itops backup controls` shows every control, its evidence and the worst of them."""

import csv
import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from itops.backup.copies import Copy, Database, ListedFile
from itops.backup.ledger import LookRecord
from itops.cli.backup_controls import controls
from itops.cli.main import cli
from itops.cli.office import Office
from itops.cli.setting import read_setting
from itops.errors import ConfigInvalid
from itops.store import StoreLocation, open_store

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
IDS = [f"C{number:02}" for number in range(1, 21)]
PLAN = """
office: {id: office, calendar: jalali}
backup:
  repositories:
    nas: {type: folder, path: nas, medium: nas}
  jobs:
    insurance:
      protects: sql01/Insurance
      repository: nas
      files: "{object}.bak"
      owner: R. Karimi
      daily: {keep: 7}
"""
CONTROLS = """
  controls:
    document: {path: procedure.txt, reviewed: 1405-06-01}
    accounts: {makes: svc-backup, deletes: [vault, root]}
    keys:
      - {id: "=cmd|x", escrow: notary, opens: [nas], tested: 1405-03-01}
    sites: {bank: {distance: city}}
    keep_at_most: 400d
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "nas").mkdir(mode=0o750)
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "procedure.txt").write_text("Each night, to the NAS.\n")
    path = tmp_path / "itops.yaml"
    path.write_text(PLAN)
    path.chmod(0o600)
    return path


def scanned(config: Path) -> None:
    """A store with one look: a database, and a copy that nobody has read."""
    looked_at = NOW - timedelta(hours=1)
    look = LookRecord(repository="nas", looked_at=looked_at, ended_at=looked_at, is_complete=True)
    copy = Copy(
        repository="nas",
        key="Insurance.bak",
        fingerprint="f",
        job="insurance",
        files=(ListedFile("Insurance.bak", 3, 0),),
        modified_at=NOW - timedelta(hours=9),
    )
    with closing(open_store(StoreLocation(folder=config.parent / "state"), NOW)) as store:
        store.ledger.record_look(look, [copy], [Database(server="sql01", name="Insurance")], [])


def run(config: Path, *words: str) -> Result:
    """At a fixed moment."""
    office = Office(setting=read_setting(config), now=NOW, config_path=config)
    return CliRunner().invoke(controls, list(words), obj=office, standalone_mode=False)


def rows(config: Path) -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = json.loads(run(config, "--output", "json").stdout)["data"]
    return data


def test_before_the_first_scan_all_are_shown_and_none_is_green(config):
    found = rows(config)
    assert [row["id"] for row in found] == IDS
    assert "OK" not in {row["state"] for row in found}


def test_those_not_evaluated_are_shown_and_counted(config):
    result = run(config)
    assert "not evaluated: " in result.stderr
    assert all(name in result.stdout for name in IDS)
    assert "NOT_EVALUATED" in result.stdout


def test_the_command_is_there_and_ends_with_its_verdict(config):
    result = CliRunner().invoke(cli, ["--config", str(config), "backup", "controls"], standalone_mode=False)
    assert (result.exception, result.return_value) == (None, 3)


def test_the_exit_code_is_the_worst_of_those_evaluated(config):
    assert run(config).return_value == 3  # nobody looked yet
    scanned(config)
    found = run(config)
    assert found.return_value == 2
    assert "verdict: CRITICAL" in found.stderr


def test_a_database_that_a_server_has_and_a_job_protects_is_covered(config):
    scanned(config)
    covered = rows(config)[0]
    assert (covered["id"], covered["state"], covered["reason"]) == ("C01", "OK", "assets-covered")
    assert covered["evidence"][0]["source"] == "sql01"
    assert covered["evidence"][0]["at"] == "2026-11-22T05:00:00Z"


def test_what_itops_yaml_says_for_the_controls_is_read(config):
    config.write_text(PLAN + CONTROLS)
    scanned(config)
    found = {row["id"]: row for row in rows(config)}
    assert (found["C18"]["state"], found["C18"]["reason"]) == ("OK", "duties-separate")
    assert found["C19"]["state"] in ("OK", "WARNING")  # the procedure is as old as this test run
    assert found["C19"]["evidence"][0]["facts"]["path"] == "procedure.txt"
    assert found["C13"]["evidence"][0]["facts"]["key"] == "=cmd|x"


def test_every_row_of_csv_has_every_field_and_no_formula(config):
    config.write_text(PLAN + CONTROLS)
    scanned(config)
    result = run(config, "--output", "csv")
    table = list(csv.DictReader(StringIO(result.stdout)))
    assert [row["id"] for row in table] == IDS
    assert set(table[0]) == {"id", "state", "control", "reason", "message", "also", "facts", "evidence"}
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in table for cell in row.values())
    assert json.loads(table[0]["evidence"])["source"] == "sql01"


def test_json_is_one_object_with_every_fact(config):
    scanned(config)
    whole = json.loads(run(config, "--output", "json").stdout)
    assert whole["schema"] == "itops.backup.controls/1"
    assert set(whole["data"][0]) == {"id", "state", "control", "reason", "message", "also", "facts", "evidence"}
    assert set(whole["data"][0]["evidence"][0]) == {"what", "code", "at", "source", "facts"}


def test_a_table_shows_moments_as_the_office_writes_them(config):
    scanned(config)
    assert "1405-09-01 08:30" in run(config).stdout


def test_an_unknown_key_is_refused_with_its_place(config):
    config.write_text(PLAN + "  controls: {reveiw_every: 30d}\n")
    with pytest.raises(ConfigInvalid, match=r"backup.controls.reveiw_every .* did you mean review_every"):
        run(config)
