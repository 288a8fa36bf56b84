"""`itops demo`: the demo office from first scan to workbook."""

import os
import shlex
import shutil
import sys
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from itops import clock
from itops.errors import UsageWrong
from itops.tasks.demo_days import days_of
from itops.tasks.demo_stages import RecordedStage, SimulatedStage, Stage
from itops.tasks.play_demo import play

_SIMULATOR = Path("build") / "vsphere-simulator"  # where `make setup` builds it


@click.command()
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".demo"),
    show_default=True,
    help="Where to put everything; emptied first if an earlier demo made it.",
)
@click.option("--simulator", type=click.Path(path_type=Path), help="The simulator; default: build/vsphere-simulator.")
@click.option("--recorded", is_flag=True, help="Play the recordings even where the simulator is built.")
def demo(folder: Path, simulator: Path | None, *, recorded: bool) -> None:
    """Play a month of the demo office: scans, changes, health, backups, a disk in the bank, hardware, the report."""
    command = command_of(Path(sys.argv[0]), Path.cwd())
    play(folder, _stage(simulator, recorded=recorded), click.echo, now=clock.now(), command=command)


def command_of(called: Path, here: Path) -> str:
    """What to type in the folder `here` to call this itops again: after `make demo` none is on the path."""
    if called.name == "__main__.py":
        return f"{shlex.quote(sys.executable)} -m itops"
    found = shutil.which(called.name)
    if found and Path(found).resolve() == called.resolve():
        return called.name
    place = called.absolute()
    return shlex.quote(str(place.relative_to(here) if place.is_relative_to(here) else place))


def _stage(simulator: Path | None, *, recorded: bool) -> Stage:
    chosen = simulator or _SIMULATOR
    if simulator and not os.access(simulator, os.X_OK):
        raise UsageWrong(f"there is no simulator at {simulator}", remedy="run `make setup`, or play with --recorded")
    if not recorded and os.access(chosen, os.X_OK):
        return SimulatedStage(chosen.absolute(), days_of(clock.now(), ZoneInfo("Asia/Tehran")).month.name)
    if not recorded:
        click.echo(f"note: there is no simulator at {chosen}: playing recordings instead", err=True)
    return RecordedStage(Path(str(resources.files("itops.demo"))))
