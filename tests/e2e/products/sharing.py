"""What is dear to make is made once in a run, by the first worker that wants it; the others wait for it."""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.products.cluster import owned_folder


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Path]) -> Path:
    """What `make` makes in a folder of the server's account, copied to where all workers of the run can read it."""
    common = factory.getbasetemp()
    if common.name.startswith("popen-"):  # a worker of pytest-xdist: its own folder lies in that of the run
        common = common.parent
    place = common / name
    with (common / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            with owned_folder(f"itops-{name}-") as folder:
                made = make(folder)
                shutil.copytree(made, common / f"{name}.unfinished" / made.name, symlinks=True)
                _lead_inside(common / f"{name}.unfinished" / made.name, made, place / made.name)
            (common / f"{name}.unfinished").rename(place)
    (found,) = place.iterdir()
    return found


def _lead_inside(folder: Path, before: Path, after: Path) -> None:
    """Links of tablespaces name the place where they were made, which goes."""
    for link in (path for path in folder.rglob("*") if path.is_symlink()):
        target = link.readlink()
        if target.is_relative_to(before):
            link.unlink()
            link.symlink_to(after / target.relative_to(before))
