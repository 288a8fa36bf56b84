"""Verifying backup files: what a look costs, and how near the deep reading comes to plain numpy on the same bytes."""

import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench.measure import Result, best_cpu
from itops.backup.copies import Identity
from itops.backup.levels import Level
from itops.demo.tape_writer import TapeBackup, write_tape
from itops.formats.effort import BoundedEffort
from itops.formats.mssql import MssqlBackup
from itops.repositories.local import file_thing

MIB = 1 << 20
GIB = 1 << 30


def results() -> Iterator[Result]:
    """All formats that have something to promise."""
    yield from bench_mssql()


def bench_mssql() -> Iterator[Result]:
    """The walk of 1 GiB, and the deep reading of its pages against a loop of numpy over the same pages."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "Insurance.bak"
        moment = datetime(2026, 11, 21, 21, 30, tzinfo=UTC)
        write_tape([path], TapeBackup(database="Insurance", started_at=moment, finished_at=moment, data_bytes=GIB))
        thing, verifier = file_thing(path), MssqlBackup()
        effort = BoundedEffort(level=Level.INTACT, scratch=Path(folder))
        walk = best_wall(lambda: verifier.walk(thing, effort, Identity()), 9)
        yield Result(
            name="walk a .bak of 1 GiB to its last byte",
            figure=f"{walk * 1e3:.2f} ms",
            target="under 5 ms",
            is_met=walk < 0.005,
        )
        ours = best_cpu(lambda: verifier.read(thing, effort, Identity()), 3)
        plain = best_cpu(lambda: plain_numpy(path), 3)
        yield Result(
            name="every page and stream checksum of it",
            figure=f"{ours / plain:.2f} of plain numpy's CPU ({GIB / ours / 1e6:.0f} and {GIB / plain / 1e6:.0f} MB/s)",
            target="at most 1.5",
            is_met=ours / plain <= 1.5,
        )
        tracemalloc.start()
        verifier.read(thing, effort, Identity())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        yield Result(
            name="the memory that this takes",
            figure=f"{peak / MIB:.1f} MiB",
            target="under 64 MiB",
            is_met=peak < 64 * MIB,
        )


def best_wall(work: Callable[[], object], times: int) -> float:
    """Seconds of the quickest of some runs."""
    best = float("inf")
    for _ in range(times):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best


def plain_numpy(path: Path) -> None:
    """Both checksums as one would write them down for a file whose pages begin on a sector, in blocks of 1 MiB."""
    turns = np.arange(15, -1, -1, dtype=np.uint32)
    buffer = bytearray(MIB)
    lanes = np.zeros(32, dtype=np.uint32)
    wrong = 0
    with path.open("rb", buffering=0) as file:
        file.seek(3072)  # where the writer lets the pages begin
        while file.readinto(buffer) == MIB:
            words = np.frombuffer(buffer, dtype=np.uint32)
            sums = np.bitwise_xor.reduce(words.reshape(-1, 128), axis=1)
            lanes ^= np.bitwise_xor.reduce(sums.reshape(-1, 32), axis=0)
            pages = words.reshape(-1, 2048)
            sectors = sums.reshape(-1, 16)
            sectors[:, 0] ^= pages[:, 15]
            turned = sectors << turns | sectors >> (32 - turns & 31)
            turned[:, 15] = sectors[:, 15]
            carried = (pages[:, 0] & 0xFF == 1) & (pages[:, 1] & 0x200 != 0)
            wrong += int(np.count_nonzero(carried & (np.bitwise_xor.reduce(turned, axis=1) != pages[:, 15])))
    assert wrong == 0, wrong
