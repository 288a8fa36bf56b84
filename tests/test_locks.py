"""Locks between processes: one at a time, private, and gone with whoever held them."""

import subprocess
import sys
from pathlib import Path

import pytest

from itops.errors import StoreLocked
from itops.locks import alone

TAKEN = StoreLocked("taken", remedy="wait")
HOLDS = """
import sys
from pathlib import Path
from itops.errors import StoreLocked
from itops.locks import alone

with alone(Path(sys.argv[1]), 0, StoreLocked("taken", remedy="wait")):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_one_process_at_a_time_and_the_lock_goes_with_the_process_that_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "new" / "a.lock"
    command = [sys.executable, "-c", HOLDS, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreLocked, match="taken"), alone(file, 0, TAKEN):
            pass
        holder.kill()
        holder.wait()
    with alone(file, 0, TAKEN):
        pass


def test_lock_and_folder_are_nobody_elses(tmp_path: Path) -> None:
    file = tmp_path / "new" / "a.lock"
    with alone(file, 0, TAKEN):
        assert file.stat().st_mode & 0o077 == 0
        assert file.parent.stat().st_mode & 0o077 == 0


def test_what_fails_inside_lets_go_of_it(tmp_path: Path) -> None:
    file = tmp_path / "a.lock"
    with pytest.raises(KeyError), alone(file, 0, TAKEN):
        raise KeyError
    with alone(file, 0, TAKEN):
        pass
