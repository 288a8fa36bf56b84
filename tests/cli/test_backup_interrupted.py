"""Ctrl-C in the middle of a verify: it ends at once, with 130, and what was read is kept."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing

import pytest

from itops.store import StoreLocation, open_reader
from tests.cli.backup_door import PLAN, Door

SPARSE = 2 << 40
MORE = """\
    images:
      protects: files/fs01/images
      repository: nas
      files: "image_*.raw"
      level: L3
      since: 1405-08-24
      weekly: {on: thursday, keep: 1}
"""


@pytest.fixture
def door(tmp_path):
    made = Door(tmp_path, plan=PLAN + MORE, damaged=0)
    made.back_up()
    with (made.copies / "image_1.raw").open("wb") as file:
        file.write(b"of no format that anybody knows" * 200)
        try:
            file.truncate(SPARSE)
        except OSError:
            pytest.skip("this file system has no large sparse files")
    os.utime(made.copies / "image_1.raw", (0, 0))  # the oldest: the others are read before it, and beside it
    return made


def await_proofs(door: Door, wanted: int) -> None:
    """Until so many copies are proven, while another process is at it."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with closing(open_reader(StoreLocation(folder=door.folder / "state"))) as reader:
            if sum(known.proofs != () for known in reader.ledger.copies()) >= wanted:
                return
        time.sleep(0.1)
    raise TimeoutError


def test_the_reading_ends_at_its_next_block_and_the_next_run_goes_on(door):
    code = "from itops.cli.main import main; main()"
    words = ["--config", str(door.path), "backup", "verify"]
    with subprocess.Popen(
        [sys.executable, "-c", code, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while "copies in" not in (line := process.stderr.readline()):
            assert line, "it ended by itself"
        await_proofs(door, 4)  # the image takes an hour
        process.send_signal(signal.SIGINT)
        stopped_at = time.monotonic()
        _, told = process.communicate(timeout=60)
    assert (process.returncode, told.strip().splitlines()[-1]) == (130, "stopped")
    assert time.monotonic() - stopped_at < 30
    (door.copies / "image_1.raw").unlink()
    ran = door.run("verify")
    assert "0 copies read, 4 read before and unchanged" in ran.stderr
