"""`itops inventory roles list | ask | probe`, as people type it."""

import json
import os
import pty
import sys
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from itops.cli.office import PROBE_FILE, Office
from itops.cli.roles import roles
from itops.cli.setting import Setting
from itops.config.settings import Probes
from itops.errors import ConfigInvalid, ItopsError, UsageWrong
from itops.inventory.roles.rules import RoleSettings
from itops.sources.probes.kept import ProbeFile
from tests.inventory.roles.builders import NOW, answer, result, vm
from tests.inventory.roles.reader import MemoryReader

APP = vm("app7")
SQL = vm("SQL01", **{"guest.net": [{"deviceConfigId": 4000, "ipAddress": ["10.1.0.5"]}]})


class OfficeOfRoles(Office):
    """An office over a few VMs in memory, with a real state folder."""

    def __init__(self, reader: MemoryReader, state_folder: Path, *allowed: str) -> None:
        setting = Setting(calendar="jalali", zone=ZoneInfo("Asia/Tehran"), sources={}, roles=RoleSettings())
        super().__init__(setting=setting, open_reader=lambda: reader, now=NOW)
        self.state_folder = state_folder
        self.settings = SimpleNamespace(roles=SimpleNamespace(probes=Probes(allowed)))
        self.open_store = lambda: reader


@pytest.fixture
def reader():
    return MemoryReader([SQL, APP, vm("[/]"), vm("x\x1b[31my", config__annotation="role: =cmd|x")])


@pytest.fixture
def office(reader, tmp_path):
    return OfficeOfRoles(reader, tmp_path)


def run(office, *arguments):
    done = CliRunner().invoke(roles, arguments, obj=office)
    if done.exception and not isinstance(done.exception, ItopsError | SystemExit):
        raise done.exception
    return done


def test_the_list_shows_roles_with_their_reasons_and_servers_without_any(office):
    done = run(office, "list")
    assert 'the name "SQL01" holds "sql"' in done.stdout
    assert "unknown" in done.stdout
    assert "[/]" in done.stdout
    assert "\x1b" not in done.stdout
    assert "nothing says what 2 servers are for" in done.stderr.replace("is for", "are for")


def test_the_json_names_every_vm_with_standing_and_roles(office):
    whole = json.loads(run(office, "list", "--output", "json").stdout)
    assert whole["schema"] == "itops.inventory.roles/1"
    found = {one["name"]: one for one in whole["data"]}
    assert found["SQL01"]["roles"][0]["sureness"] == "likely"
    assert (found["app7"]["roles"], found["app7"]["is_to_be_asked"]) == ([], True)


def test_a_role_filters_by_any_of_its_words(office):
    whole = json.loads(run(office, "list", "--role", "بانک اطلاعاتی", "--output", "json").stdout)
    assert [one["name"] for one in whole["data"]] == ["SQL01"]


def test_what_probes_saw_counts(office, tmp_path):
    ProbeFile(tmp_path / PROBE_FILE).keep([result(SQL, "sql")])
    (found,) = json.loads(run(office, "list", "--role", "sql", "--output", "json").stdout)["data"]
    assert found["roles"][0]["sureness"] == "sure"


def test_an_answer_on_the_command_line_is_remembered(office, reader):
    assert run(office, "ask", "--vm", "APP7", "--role", "SQL Server", "--by", "the admin").exit_code == 0
    assert reader.given == [answer(APP, "sql")]


@pytest.mark.parametrize("arguments", [["--vm", "app7"], ["--role", "sql"], ["--vm", "nobody", "--role", "sql"]])
def test_half_an_answer_is_refused(office, reader, arguments):
    done = run(office, "ask", "--by", "x", *arguments)
    assert isinstance(done.exception, UsageWrong)
    assert reader.given == []


def test_without_a_terminal_the_questions_are_printed_and_it_fails_with_64(office, reader):
    done = run(office, "ask", "--by", "x")
    assert done.stdout.count("What is ") == 2
    assert "What is app7 for? (power poweredOn)" in done.stdout
    assert isinstance(done.exception, UsageWrong)
    assert done.exception.exit_code == 64
    assert "--vm NAME --role ROLE" in done.exception.remedy
    assert reader.given == []


def test_when_everything_is_known_nothing_is_asked(tmp_path):
    done = run(OfficeOfRoles(MemoryReader([SQL]), tmp_path), "ask", "--by", "x")
    assert done.exit_code == 0
    assert "nothing to ask" in done.stderr


def test_at_a_terminal_a_person_is_asked_until_the_answer_is_a_role(office, reader, monkeypatch):
    person, terminal = pty.openpty()
    os.write(person, b"12\nPrint Server\n\n")
    with os.fdopen(terminal, "r") as keyboard:
        monkeypatch.setattr(sys, "stdin", keyboard)
        roles.main(["ask", "--by", "the admin"], obj=office, standalone_mode=False)
    os.close(person)
    # [/] comes first and got the second answer; app7 was skipped with Enter.
    assert [(given.vm_id, given.role) for given in reader.given] == [("uuid-[/]", "print-server")]


def test_without_send_only_the_plan_is_shown(office, tmp_path):
    done = run(office, "probe")
    assert "10.1.0.5" in done.stdout
    assert "its guest reports no address" in done.stdout
    assert "nothing was sent" in done.stderr
    assert not (tmp_path / PROBE_FILE).exists()


def test_the_plan_is_data_too(office):
    whole = json.loads(run(office, "probe", "--role", "kms", "--output", "json").stdout)
    asked = [row for row in whole["data"] if row["left_alone"] is None]
    assert [(row["vm"], row["port"], row["probe"]) for row in asked] == [("SQL01", 1688, "kms")]


def test_probes_are_off_until_the_settings_name_them(office, tmp_path):
    done = run(office, "probe", "--send")
    assert isinstance(done.exception, UsageWrong)
    assert "roles: {probes: [tds, " in done.exception.remedy
    assert not (tmp_path / PROBE_FILE).exists()


def test_only_the_probes_that_are_named_are_planned(reader, tmp_path):
    office = OfficeOfRoles(reader, tmp_path, "kms", "tds")
    whole = json.loads(run(office, "probe", "--output", "json").stdout)
    assert {row["probe"] for row in whole["data"] if row["probe"]} == {"kms", "tds"}


def test_a_probe_that_does_not_exist_is_a_mistake_of_the_settings(reader, tmp_path):
    done = run(OfficeOfRoles(reader, tmp_path, "kms", "nmap"), "probe")
    assert isinstance(done.exception, ConfigInvalid)
    assert "nmap" in done.exception.problem


def test_sending_keeps_and_shows_what_came_back(tmp_path):
    mute = OfficeOfRoles(MemoryReader([APP]), tmp_path, "kms")
    done = run(mute, "probe", "--send", "--output", "json")
    assert json.loads(done.stdout)["data"] == []
    assert ProbeFile(tmp_path / PROBE_FILE).load() == ()
    assert (tmp_path / PROBE_FILE).exists()
