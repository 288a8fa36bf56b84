"""Either side is killed at random while 40 bundles travel: each arrives exactly once, and its receipt verifies."""

import os
import random
import signal
import socket
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from itops.bundles.archive import check_archive
from itops.bundles.manifest import read_manifest
from itops.bundles.outbox import State
from itops.bundles.receipts import ReceiptState, check_receipt
from itops.store import StoreLocation, open_reader
from tests.bundles.made import HEADQUARTERS, OFFICE
from tests.delivery.age_keys import AgeKey, new_key
from tests.delivery.delivering import hub_in
from tests.e2e.delivery_children import BUNDLES, children, headquarters, moment, office

pytestmark = pytest.mark.e2e
KILLS = 24
PATIENCE_SECONDS = 60


class Side:
    """One side, begun again whenever it was killed."""

    def __init__(self, name: str, folder: Path, port: int | None, key: AgeKey | None) -> None:
        self.name = name
        self._folder = folder
        self._port = port
        self._key = key
        self.process = self._begin()

    def _begin(self) -> BaseProcess:
        context = children()
        if self.name == "office":
            process = context.Process(target=office, args=(self._folder, self._port, self._key), daemon=True)
            process.start()
            return process
        here, there = context.Pipe()
        process = context.Process(target=headquarters, args=(self._folder, self._port, self._key, there), daemon=True)
        process.start()
        assert here.poll(60), "headquarters did not begin"
        here.recv()
        return process

    def kill(self) -> None:
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.join()
        self.process = self._begin()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("way", ["folder", "encrypted folder", "http"])
def test_every_bundle_arrives_exactly_once_whoever_is_killed(tmp_path: Path, way: str) -> None:
    (tmp_path / "drop").mkdir()
    port = free_port() if way == "http" else None
    key = new_key() if way == "encrypted folder" else None
    chance = random.Random(7)
    sides = [Side(name, tmp_path, port, key) for name in ("headquarters", "office")]
    try:
        killed = 0
        deadline = time.monotonic() + PATIENCE_SECONDS
        while sides[1].process.is_alive():
            sides[1].process.join(chance.uniform(0.02, 0.25))
            assert time.monotonic() < deadline, "it never ended"
            if killed < KILLS and sides[1].process.is_alive():
                chance.choice(sides).kill()
                killed += 1
        assert sides[1].process.exitcode == 0
        assert killed >= 10
    finally:
        for side in sides:
            side.process.kill()
            side.process.join()
    look_at(tmp_path)
    kinds = {path.suffix for path in (tmp_path / "drop").iterdir() if path.is_file()}
    assert kinds == {"folder": {".zip", ".sig", ".json"}, "encrypted folder": {".age", ".sig", ".json"}}.get(way, set())
    if key is not None:  # however often the office was killed, each was encrypted once
        assert len(list((tmp_path / "drop").glob("*.age"))) == BUNDLES


def look_at(folder: Path) -> None:
    """40 rows, 40 bundles at headquarters, every hash right, every receipt verified, nothing half left."""
    with open_reader(StoreLocation(folder=folder / "state")) as reader:
        rows = reader.outbox.rows()
        kept = reader.outbox.receipts()
    assert {row.state for row in rows} == {State.DELIVERED}
    assert len(rows) == len({row.period for row in rows}) == BUNDLES
    hub = hub_in(folder / "hub", (OFFICE,))
    assert set(hub.stored()) == {row.sha256 for row in rows}
    for sha256 in hub.stored():
        stored = folder / "hub" / "bundles" / sha256
        manifest = read_manifest((stored / "manifest").read_bytes())
        assert manifest.sha256 == sha256
        with (stored / "archive").open("rb") as archive:
            assert list(check_archive(archive, manifest.archive, manifest.files)) == []
    accepted = [one for one in kept if check_receipt(one.raw, (HEADQUARTERS,), moment())[1] == ()]
    assert len(accepted) == len(kept)
    signed = [check_receipt(one.raw, (HEADQUARTERS,), moment())[0] for one in accepted]
    assert sorted(one.bundle for one in signed if one and one.state is ReceiptState.ACCEPTED) == sorted(hub.stored())
    assert not list((folder / "drop").glob("*.part"))
    assert not list((folder / "hub" / "bundles").rglob("*.part"))
