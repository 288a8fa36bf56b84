"""Any process may be killed at any instant: what was committed stays, and half a scan counts for nothing."""

import os
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event, Thread

import pytest

from itops.inventory.entities import Kind
from itops.inventory.history import ScanState
from itops.store import StoreLocation, open_reader, open_store
from tests.e2e.postgresql import running_server
from tests.e2e.store_children import VMS, children, location, round_of, scan_forever, scan_some
from tests.store.building import day, scan_once

pytestmark = pytest.mark.e2e
Place = tuple[str, str | None, str | None]
KILLS = 20


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "sqlite":
        yield (str(tmp_path / "state"), None, None)
        return
    with running_server() as server:
        yield (str(tmp_path / "state"), server.new_database(), server.password)


class Watcher:
    """A reader beside the scans: every list it sees is whole and of one round, and rounds only go on."""

    def __init__(self, where: StoreLocation) -> None:
        self._where = where
        self._stop = Event()
        self._thread = Thread(target=self._watch)
        self.reads = 0
        self.wrong: list[str] = []

    def __enter__(self) -> "Watcher":
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        newest = -1
        while not self._stop.wait(0.01):
            try:
                found = rounds(self._where)
            except Exception as error:  # noqa: BLE001  whatever it is, it is the result of this test
                self.wrong.append(repr(error))
                return
            if len(found) != VMS or len(set(found)) != 1 or found[0] < newest:
                self.wrong.append(f"{len(found)} VMs of rounds {set(found)} after {newest}")
            newest = max(found, default=newest)
            self.reads += 1


def rounds(where: StoreLocation) -> list[int]:
    with open_reader(where) as reader:
        return [int(str(entity.get("round"))) for entity in reader.entities(Kind.VM)]


def kill_one_scanning(place: Place, first: int, seconds: float) -> int:
    """Let a child scan for a while, kill it, and return the last round it said was committed."""
    context = children()
    told, tells = context.Pipe(duplex=False)
    child = context.Process(target=scan_forever, args=(place, first, tells), daemon=True)
    child.start()
    tells.close()
    assert told.poll(20), "the child never finished a scan"
    time.sleep(seconds)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    return last_of(told)


def last_of(told: Connection) -> int:
    last = -1
    try:
        while True:
            last = told.recv()
    except EOFError:
        return last


def test_kill_9_at_any_moment_loses_nothing_committed_and_leaves_no_half_scan(place: Place) -> None:
    where, chance = location(*place), random.Random(9)
    scan_once(where, "vc01", day(0), round_of(0))
    committed = 0
    with Watcher(where) as watcher:
        for _ in range(KILLS):
            told = kill_one_scanning(place, committed + 1, chance.uniform(0, 0.25))
            found = rounds(where)
            assert set(found) in ({told}, {told + 1}), "the last round may be committed but not yet told"
            assert len(found) == VMS
            committed = found[0]
    assert watcher.wrong == []
    assert watcher.reads > KILLS
    assert states_after_opening(where) == {ScanState.COMPLETE, ScanState.ABANDONED}
    assert_whole(where, committed)


def states_after_opening(where: StoreLocation) -> set[ScanState]:
    with open_store(where, day(9999)), open_reader(where) as reader:
        return {scan.state for scan in reader.scans()}


def assert_whole(where: StoreLocation, committed: int) -> None:
    """The file is sound, every round is in the history once, and nothing is left of the killed."""
    with open_reader(where) as reader:
        life = reader.history(Kind.VM, round_of(0)[0].key)
    assert [revision.entity.get("round") for revision in life] == list(range(committed + 1))
    assert all(a.valid_to == b.valid_from for a, b in pairwise(life))
    if where.url is None:
        with closing(sqlite3.connect(where.database)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert list((where.folder / "writers").iterdir()) == []
    assert {path.name for path in where.folder.iterdir()} <= {"itops.db", "itops.lock", "writers"}


def test_two_processes_that_scan_at_once_wait_for_each_other(place: Place) -> None:
    context = children()
    pipes = []
    for source in ("esx01", "esx02"):
        told, tells = context.Pipe(duplex=False)
        child = context.Process(target=scan_some, args=(place, source, 6, tells), daemon=True)
        child.start()
        tells.close()
        pipes.append((child, told))
    assert [told.recv() for _, told in pipes] == [[0, *[VMS] * 5]] * 2
    for child, _ in pipes:
        child.join()
    assert len(rounds(location(*place))) == 2 * VMS
