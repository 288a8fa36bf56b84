"""The door itself: exit codes, two lines for a known failure, and a start that imports nothing heavy."""

import os
import re
import subprocess
import sys

import pytest

from itops import __version__, errors
from itops.cli.main import COMMANDS, main
from itops.errors import ItopsError

FAILURES = {
    found.__name__: found
    for found in vars(errors).values()
    if isinstance(found, type) and issubclass(found, ItopsError)
}
HEAVY = ("yaml", "pydantic", "rich", "sqlalchemy", "pyVmomi", "persiantools", "cryptography", "xlsxwriter", "ssl")


@pytest.fixture
def itops(monkeypatch, capsys):
    """Run the command line in this process: its exit code, stdout and stderr."""

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setitem(COMMANDS, "failing", ("tests.cli.failing:failing", "Fail."))
        monkeypatch.setattr(sys, "argv", ["itops", *words])
        with pytest.raises(SystemExit) as end:
            main()
        return int(end.value.code or 0), *capsys.readouterr()

    return run


@pytest.mark.parametrize("name", FAILURES)
def test_a_known_failure_is_two_lines_on_stderr_and_its_own_exit_code(itops, name):
    code, out, err = itops("failing", name)
    assert code == FAILURES[name].exit_code
    assert out == ""
    assert err == f"error:  problem of {name}\nremedy: do this\n"


def test_exit_codes_are_those_that_are_promised():
    assert {name: found.exit_code for name, found in FAILURES.items()} == {
        "ItopsError": 70,
        "UsageWrong": 64,
        "InputInvalid": 65,
        "SourceUnavailable": 69,
        "StoreUnavailable": 74,
        "StoreEmpty": 74,
        "StoreLocked": 75,
        "DeliveryRefused": 76,
        "ConfigInvalid": 78,
    }


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["no-such-command"], id="unknown command"),
        pytest.param(["--no-such-option"], id="unknown option"),
        pytest.param(["failing"], id="missing argument"),
        pytest.param(["inventory", "list", "--output", "xml"], id="wrong choice"),
        pytest.param(["inventory", "list", "too", "many"], id="too many arguments"),
    ],
)
def test_a_typing_mistake_is_64_and_never_a_verdict(itops, words):
    code, out, err = itops(*words)
    assert code == 64
    assert out == ""
    assert "Error: " in err


def test_a_bug_shows_its_traceback_and_is_no_verdict(itops):
    code, _, err = itops("failing", "bug")
    assert code == 70
    assert "Traceback" in err
    assert "ZeroDivisionError: a bug" in err


def test_a_missing_settings_file_is_a_matter_of_configuration(itops, tmp_path):
    code, _, err = itops("--config", str(tmp_path / "itops.yaml"), "inventory", "list")
    assert code == 78
    assert re.search(r"^error: .*\nremedy: .+", err)


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["inventory", "--help"], ["--version"]])
def test_asking_for_help_is_no_failure(itops, words):
    assert itops(*words)[0] == 0


def test_the_version_is_told(itops):
    assert __version__ in itops("--version")[1]


def test_help_names_every_command_with_its_summary(itops):
    out = " ".join(itops("--help")[1].split())
    assert all(name in out and summary in out for name, (_, summary) in COMMANDS.items())


def test_ctrl_c_is_130_in_a_process_of_its_own():
    script = (
        "import sys\nfrom itops.cli.main import COMMANDS, main\n"
        "COMMANDS['failing'] = ('tests.cli.failing:failing', 'Fail.')\n"
        "sys.argv = ['itops', 'failing', 'interrupt']\nmain()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 130
    assert done.stderr.split() == ["stopped"]


def test_a_reader_that_goes_away_is_no_verdict():
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "itops", "--help"], stdout=write_end, stderr=subprocess.PIPE, check=False, timeout=60
        )
    finally:
        os.close(write_end)
    assert done.returncode == 141
    assert done.stderr == b""


def test_help_imports_nothing_heavy():
    command = [sys.executable, "-X", "importtime", "-m", "itops", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if "|" in line}
    assert "click" in imported
    assert [name for name in sorted(imported) if name.partition(".")[0] in HEAVY] == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full disk to write to")
def test_a_full_disk_is_no_bug():
    with open("/dev/full", "w", encoding="utf-8") as full:
        command = [sys.executable, "-m", "itops", "--help"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert done.returncode == 74
    assert done.stderr.splitlines() == [
        "error:  a disk is full: the output was not written",
        "remedy: make room, run it again",
    ]


def test_a_settings_file_that_is_a_folder_is_a_mistake_in_the_settings(itops, tmp_path):
    code, _, err = itops("--config", str(tmp_path), "inventory", "list")
    assert code == 78
    assert "is not a file" in err
