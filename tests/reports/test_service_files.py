"""The files that let itops run by itself: every path arrives as it is, and nothing that cannot be quoted is written."""

import shlex
from dataclasses import replace
from datetime import timedelta
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.errors import UsageWrong
from itops.reports.service_files import KINDS, Installation, Kind, service_files

LINUX = Installation(
    python=PurePosixPath("/opt/itops/bin/python"),
    config=PurePosixPath("/etc/itops/itops.yaml"),
    state=PurePosixPath("/var/lib/itops"),
)
WINDOWS = Installation(
    python=PureWindowsPath(r"C:\Program Files\itops & co\python.exe"),
    config=PureWindowsPath(r"D:\اداره\it <office>\itops.yaml"),
    state=PureWindowsPath(r"D:\state"),
    user=r"OFFICE\it & ops",
)
TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
# The order in which the Task Scheduler itself writes what it exports.
ORDER = {
    "Task": ["RegistrationInfo", "Triggers", "Principals", "Settings", "Actions"],
    "TimeTrigger": ["Repetition", "StartBoundary", "Enabled"],
    "Repetition": ["Interval", "StopAtDurationEnd"],
    "Principal": ["UserId", "LogonType", "RunLevel"],
    "Settings": [
        "MultipleInstancesPolicy", "DisallowStartIfOnBatteries", "StopIfGoingOnBatteries", "AllowHardTerminate",
        "StartWhenAvailable", "RunOnlyIfNetworkAvailable", "IdleSettings", "AllowStartOnDemand", "Enabled", "Hidden",
        "RunOnlyIfIdle", "WakeToRun", "ExecutionTimeLimit", "Priority",
    ],
    "Exec": ["Command", "Arguments", "WorkingDirectory"],
}  # fmt: skip
_LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters='/\\"%$')
WORDS = st.text(_LETTERS, min_size=1, max_size=12).filter(lambda text: text.strip(". ") != "")


def files(kind: Kind, installation: Installation = LINUX) -> dict[str, str]:
    return {file.name: file.text for file in service_files(kind, installation)}


def settings(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def task(installation: Installation = WINDOWS) -> ElementTree.Element:
    (file,) = service_files("windows", installation)
    return ElementTree.fromstring(file.content)


def below(root: ElementTree.Element, name: str) -> ElementTree.Element:
    found = root.find(f".//{TASK}{name}")
    assert found is not None, name
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_file_says_where_it_belongs_and_ends_its_last_line(kind: Kind) -> None:
    installation = WINDOWS if kind == "windows" else LINUX
    for name, text in files(kind, installation).items():
        assert text.endswith("\n")
        assert "{{" not in text
        assert "{%" not in text
        if kind != "windows":
            assert f"/{name}" in text


def test_the_service_runs_this_itops_with_this_itops_yaml_in_its_folder() -> None:
    lines = settings(files("systemd")["itops.service"])
    assert 'ExecStart=:"/opt/itops/bin/python" -P -m itops --config "/etc/itops/itops.yaml" schedule run' in lines
    assert "WorkingDirectory=/etc/itops" in lines
    assert "Type=notify" in lines
    assert "OnFailure=itops-alarm@%p.service" in lines
    assert not any(line.startswith(("EnvironmentFile", "LoadCredential")) for line in lines)


def test_a_state_folder_of_the_system_is_made_by_systemd_and_another_one_is_made_writable() -> None:
    of_system = settings(files("systemd")["itops.service"])
    assert "StateDirectory=itops" in of_system
    assert not any(line.startswith("ReadWritePaths") for line in of_system)
    elsewhere = replace(LINUX, state=PurePosixPath("/srv/of fice/100%"), writes=(PurePosixPath("/mnt/stick"),))
    lines = settings(files("systemd", elsewhere)["itops.service"])
    assert [line for line in lines if line.startswith(("ReadWritePaths", "StateDirectory"))] == [
        'ReadWritePaths="/srv/of fice/100%%"',
        'ReadWritePaths=-"/mnt/stick"',
    ]


@pytest.mark.parametrize("path", ["/var/lib/../../etc", "/var/lib", "/var/library/x", "/var/lib/a b", "/var/lib/a:b"])
def test_only_a_plain_folder_of_the_system_is_called_a_state_directory(path: str) -> None:
    lines = settings(files("systemd", replace(LINUX, state=PurePosixPath(path)))["itops.service"])
    assert f'ReadWritePaths="{path}"' in lines


@pytest.mark.parametrize(
    ("more", "line"),
    [
        pytest.param({}, "ProtectHome=yes", id="nothing at home"),
        pytest.param({"state": PurePosixPath("/home/it/state")}, "ProtectHome=read-only", id="state at home"),
        pytest.param({"reads": (PurePosixPath("/root/python"),)}, "ProtectHome=read-only", id="python at home"),
        pytest.param({"config": PurePosixPath("/homeland/itops.yaml")}, "ProtectHome=yes", id="no home"),
        pytest.param({}, "PrivateTmp=yes", id="nothing in tmp"),
        pytest.param({"config": PurePosixPath("/var/tmp/o/itops.yaml")}, "PrivateTmp=no", id="settings in tmp"),
    ],
)
def test_the_fence_does_not_hide_what_itops_needs(more: dict[str, PurePath], line: str) -> None:
    installation = replace(LINUX, **more)  # type: ignore[arg-type]
    assert line in settings(files("systemd", installation)["itops.service"])
    assert line in settings(files("systemd-timer", installation)["itops-tick@.service"])


@given(st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(minutes=30)))
def test_the_watchdog_waits_for_several_ticks_and_for_those_who_write(tick: timedelta) -> None:
    lines = settings(files("systemd", replace(LINUX, tick=tick))["itops.service"])
    (seconds,) = [int(line.partition("=")[2]) for line in lines if line.startswith("WatchdogSec=")]
    assert timedelta(seconds=seconds) >= 3 * tick + timedelta(minutes=2)
    assert timedelta(seconds=seconds) < 3 * tick + timedelta(minutes=2, seconds=1)


def test_a_hanging_service_fails_often_enough_within_the_limit_to_set_off_the_alarm() -> None:
    lines = settings(files("systemd")["itops.service"])
    told = dict(line.partition("=")[::2] for line in lines)
    each = int(told["WatchdogSec"]) + int(told["TimeoutStopSec"]) + int(told["RestartSec"])
    assert int(told["StartLimitBurst"]) * each < 3600
    assert told["StartLimitIntervalSec"] == "1h"


def test_a_tick_may_last_as_long_as_the_longest_job() -> None:
    long = timedelta(hours=10, seconds=1)
    tick = settings(files("systemd-timer", replace(LINUX, longest_job=long))["itops-tick@.service"])
    assert "TimeoutStartSec=631min" in tick
    assert below(task(replace(WINDOWS, longest_job=long)), "ExecutionTimeLimit").text == "PT631M"


def test_ticks_overlap_under_systemd_and_under_windows() -> None:
    starter = files("systemd-timer")["itops-tick.service"]
    assert 'systemctl start --no-block "itops-tick@$$(date +%%Y%%m%%d-%%H%%M).service"' in starter
    assert below(task(), "MultipleInstancesPolicy").text == "Parallel"


def test_the_alarm_needs_nothing_of_itops() -> None:
    lines = settings(files("systemd")["itops-alarm@.service"])
    programs = [line.split()[0] for line in lines if line.startswith("ExecStart=")]
    assert programs == ["ExecStart=-/usr/bin/logger", "ExecStart=-/usr/bin/wall"]
    assert not any(line.startswith(("User=", "ReadWritePaths=", "StateDirectory=")) for line in lines)


def test_a_task_is_written_as_windows_exports_it() -> None:
    (file,) = service_files("windows", WINDOWS)
    assert file.content.startswith(b"\xff\xfe<\0?\0x\0m\0l\0")
    assert "\r\n" in file.content.decode("utf-16")
    assert "\n" not in file.content.decode("utf-16").replace("\r\n", "")
    root = task()
    for name, children in ORDER.items():
        element = root if name == "Task" else below(root, name)
        assert [child.tag.removeprefix(TASK) for child in element] == children
    assert below(root, "StartWhenAvailable").text == "true"
    assert below(root, "Repetition").findtext(f"{TASK}Interval") == "PT1M"


def test_names_that_look_like_markup_arrive_as_they_are() -> None:
    root = task()
    assert below(root, "Command").text == r"C:\Program Files\itops & co\python.exe"
    assert below(root, "Arguments").text == r'-P -m itops --config "D:\اداره\it <office>\itops.yaml" tick'
    assert below(root, "WorkingDirectory").text == r"D:\اداره\it <office>"
    assert below(root, "UserId").text == r"OFFICE\it & ops"


def as_cron_reads(line: str) -> tuple[list[str], str]:
    """The five stars and the account, and the command as the shell gets it: up to the first bare `%`."""
    fields = line.split(" ", 6)
    command = fields[6].replace("\\%", "\0")
    assert "%" not in command, "cron would cut it there"
    return fields[:6], command.replace("\0", "%")


@given(WORDS, WORDS, st.sampled_from(["", "%", "100%", "'", '"', "$HOME", "`id`", "; true", "#"]))
def test_cron_hands_the_shell_the_very_paths(folder: str, program: str, weapon: str) -> None:
    config = PurePosixPath("/srv") / f"{folder}{weapon}" / "itops.yaml"
    python = PurePosixPath("/opt") / f"{weapon}{program}"
    text = files("cron", replace(LINUX, config=config, python=python))["itops-tick"]
    (line,) = [line for line in text.split("\n") if line.startswith("*")]
    when, command = as_cron_reads(line)
    assert when == ["*", "*", "*", "*", "*", "itops"]
    assert shlex.split(command) == [
        "umask", "077", "&&", "cd", str(config.parent), "&&", str(python), "-P", "-m", "itops", "--config",
        str(config), "tick", "2>&1", "|", "/usr/bin/logger", "--tag", "itops",
    ]  # fmt: skip


def linux(**more: object) -> Installation:
    return replace(LINUX, **more)  # type: ignore[arg-type]


def windows(**more: object) -> Installation:
    return replace(WINDOWS, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "installation"),
    [
        pytest.param("systemd", linux(config=PurePosixPath("/a\nUser=root/itops.yaml")), id="a line of its own"),
        pytest.param("systemd-timer", linux(state=PurePosixPath("/a\x7f")), id="a control character"),
        pytest.param("systemd", linux(writes=(PurePosixPath("/a\udc80"),)), id="no text at all"),
        pytest.param("systemd", linux(config=PurePosixPath("/a /itops.yaml")), id="a blank at the end"),
        pytest.param("systemd", linux(config=PurePosixPath("/a\\/itops.yaml")), id="a line that goes on"),
        pytest.param("systemd", linux(python=PurePosixPath("/it's/python")), id="a program with a quote"),
        pytest.param("systemd", linux(user="it ops"), id="two accounts"),
        pytest.param("cron", linux(user="%"), id="no account"),
        pytest.param("cron", linux(python=PurePosixPath("/a\\b")), id="a backslash for cron"),
        pytest.param("windows", windows(config=PureWindowsPath(r"C:\%TEMP%\itops.yaml")), id="a variable"),
        pytest.param("windows", windows(state=PureWindowsPath(r"C:\$(Arg0)")), id="an argument"),
        pytest.param("windows", windows(python=PureWindowsPath('C:\\a"b')), id="a quote"),
        pytest.param("windows", windows(user=" "), id="nobody"),
    ],
)
def test_what_would_be_read_as_something_else_is_refused(kind: Kind, installation: Installation) -> None:
    with pytest.raises(UsageWrong) as refused:
        service_files(kind, installation)
    assert refused.value.remedy
