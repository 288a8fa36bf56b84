"""systemd itself reads the units: it finds nothing wrong, understands every path, and calls the fence a good one."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from itops.reports.service_files import Installation, service_files

pytestmark = pytest.mark.e2e

MANAGER = "/lib/systemd/systemd"
PLAIN = Installation(
    python=Path("/usr/bin/python3"), config=Path("/etc/itops/itops.yaml"), state=Path("/var/lib/itops")
)
WEAPONS = ["of fice", "100%", "%h", "it's", 'say "x"', "$HOME", "${HOME}", "a;b", "#a", "a\\x20b", "a\\", "@a", "اداره"]
UNITS = ["itops.service", "itops-alarm@.service", "itops-tick.timer", "itops-tick.service", "itops-tick@.service"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that any account may read."""
    with tempfile.TemporaryDirectory(prefix="itops-units-") as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


def write(folder: Path, installation: Installation) -> Path:
    units = folder / "units"
    units.mkdir(exist_ok=True)
    for kind in ("systemd", "systemd-timer"):
        for file in service_files(kind, installation):
            (units / file.name).write_bytes(file.content)
            (units / file.name).chmod(0o644)
    return units


def analyze(*words: str, units: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SYSTEMD_UNIT_PATH": f"{units}:", "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *words], env=environment, capture_output=True, text=True, check=False
    )


def as_read(units: Path, unit: str) -> str:
    """The unit as the manager understands it; the manager plans only, and never as root."""
    runtime = units.parent / "runtime"
    runtime.mkdir(exist_ok=True)
    runtime.chmod(0o777)
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": "/", "SYSTEMD_UNIT_PATH": f"{units}:"}
    ran = subprocess.run(
        [MANAGER, "--test", "--user", f"--unit={unit}"],
        env={**environment, "XDG_RUNTIME_DIR": str(runtime)},
        cwd="/",
        user="nobody" if os.getuid() == 0 else None,
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(rf"-> Unit {re.escape(unit)}:\n(.*?)(?=\n\t-> Unit |\n-> By jobs|\Z)", ran.stdout, re.DOTALL)
    assert found, ran.stderr
    return found[1]


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_finds_nothing_wrong_with_a_unit(folder: Path, unit: str) -> None:
    checked = analyze("verify", str(write(folder, PLAIN) / unit), units=folder / "units")
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_a_unit_with_a_mistake_would_be_noticed(folder: Path) -> None:
    units = write(folder, PLAIN)
    text = (units / "itops.service").read_text(encoding="utf-8")
    (units / "itops.service").write_text(text.replace("KillMode=mixed", "KillMode=mxied"), encoding="utf-8")
    assert "mxied" in analyze("verify", str(units / "itops.service"), units=units).stderr


@pytest.mark.parametrize(
    ("unit", "most"),
    [("itops.service", 2.0), ("itops-tick@.service", 2.0), ("itops-tick.service", 2.0), ("itops-alarm@.service", 2.5)],
)
def test_the_fence_is_a_good_one(folder: Path, unit: str, most: float) -> None:
    judged = analyze("security", "--offline=true", str(write(folder, PLAIN) / unit), units=folder / "units")
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", judged.stdout)
    assert found, judged.stderr
    assert float(found[1]) <= most


@pytest.mark.parametrize("weapon", WEAPONS)
def test_systemd_understands_every_path_as_it_is(folder: Path, weapon: str) -> None:
    office = folder / f"x{weapon}x"
    office.mkdir()
    python = folder / f"py{weapon}thon".translate(dict.fromkeys(map(ord, "'\"\\")))  # it runs no program with these
    shutil.copy("/bin/true", python)
    installation = Installation(python=python, config=office / "itops.yaml", state=office / weapon, writes=(office,))
    units = write(folder, installation)
    for unit in UNITS:
        checked = analyze("verify", str(units / unit), units=units)
        assert (checked.returncode, checked.stderr.splitlines()) == (0, [])
    told = as_read(units, "itops.service")
    assert f"WorkingDirectory: {office}\n" in told
    assert f"ReadWritePaths: {office / weapon} -{office}\n" in told
    (command,) = re.findall(r"Command Line: (.*)", told)
    words = re.findall(r'"(?:\\.|[^"\\])*"|\S+', command)
    unquoted = [re.sub(r"\\(.)", r"\1", word[1:-1]) if word.startswith('"') else word for word in words]
    assert unquoted == [str(python), "-P", "-m", "itops", "--config", str(office / "itops.yaml"), "schedule", "run"]


def test_the_alarm_names_the_unit_that_failed(folder: Path) -> None:
    units = write(folder, PLAIN)
    assert "OnFailure: itops-alarm@itops.service" in as_read(units, "itops.service")
    assert "itops on " in as_read(units, "itops-alarm@itops.service")


def test_this_interpreter_starts_itops_as_the_units_do() -> None:
    ran = subprocess.run(
        [sys.executable, "-P", "-m", "itops", "--version"], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
