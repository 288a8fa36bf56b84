"""Scanning into the store: memory, cost per VM from 200 to 20,000, and what an unchanged second scan costs."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measure import Result, Usage, itops, run
from bench.office import crowd, write_office

MIB = 1024 * 1024
SIZES = (200, 5_000, 20_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scan:
    vms: int
    collecting: Usage
    first: Usage
    second: Usage


def results() -> Iterator[Result]:
    """The promises of a scan."""
    scans = [_scanned(vms) for vms in SIZES]
    small, big = scans[0], scans[-1]
    yield Result(
        name=f"scan {big.vms} VMs into the store: peak memory of the whole process",
        figure=f"{big.first.peak_bytes / MIB:.0f} MiB (again, unchanged: {big.second.peak_bytes / MIB:.0f})",
        target="under 250 MB",
        is_met=max(big.first.peak_bytes, big.second.peak_bytes) < 250e6,
    )
    costs = [_cost_of_one_more(*pair) for pair in pairwise(scans)]
    yield Result(
        name="CPU of one more VM in a first scan",
        figure=", ".join(
            f"{one.vms} to {two.vms}: {cost:.0f} us" for (one, two), cost in zip(pairwise(scans), costs, strict=True)
        ),
        target="flat: the second at most 1.3 times the first",
        is_met=costs[1] <= 1.3 * costs[0],
    )
    ratio = big.second.wall_seconds / big.collecting.wall_seconds
    cpu = big.second.cpu_seconds / big.collecting.cpu_seconds
    yield Result(
        name=f"an unchanged second scan of {big.vms} VMs against collecting alone",
        figure=f"{ratio:.2f} times its time ({cpu:.2f} times its CPU)",
        target="at most 1.5 times",
        is_met=ratio <= 1.5,
    )
    few, many = small.collecting.value, big.collecting.value
    yield Result(
        name=f"requests for {small.vms} and for {big.vms} VMs, pages not counted",
        figure=f"{few['requests']:.0f} and {many['requests']:.0f} (pages: {few['pages']:.0f} and {many['pages']:.0f})",
        target="the same",
        is_met=few["requests"] == many["requests"],
    )


def _cost_of_one_more(small: _Scan, big: _Scan) -> float:
    """Microseconds of CPU; start-up, login and what does not grow with VMs fall out of the difference."""
    return (big.first.cpu_seconds - small.first.cpu_seconds) / (big.vms - small.vms) * 1e6


def _scanned(vms: int) -> _Scan:
    """The quicker of two first scans, each into a store of its own: a busy neighbour makes a run slow, none quick."""
    with crowd(vms) as simulator, TemporaryDirectory() as one, TemporaryDirectory() as other:
        configs = [str(write_office(Path(folder), simulator)) for folder in (one, other)]
        scans = [itops("--config", config, "inventory", "scan", "--output", "json") for config in configs]
        return _Scan(
            vms=vms,
            first=min((run(scan) for scan in scans), key=lambda used: used.cpu_seconds),
            collecting=run([sys.executable, "-m", "bench.collect_only", configs[0]]),
            second=run(scans[0]),
        )
