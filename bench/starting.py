"""What the smallest commands cost before they do anything."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Result, itops, run
from bench.office import crowd, write_office

TIMES = 7


def results() -> Iterator[Result]:
    """The promises about start-up; the quickest of some runs, CPU of the whole process."""
    help_cpu = min(run(itops("--help")).cpu_seconds for _ in range(TIMES))
    yield Result(
        name="itops --help",
        figure=f"{help_cpu * 1000:.0f} ms of CPU",
        target="under 100 ms",
        is_met=help_cpu < 0.1,
    )
    with crowd(20) as simulator, tempfile.TemporaryDirectory() as folder:
        config = str(write_office(Path(folder), simulator))
        run(itops("--config", config, "inventory", "scan"))
        listing = itops("--config", config, "inventory", "list")
        list_cpu = min(run(listing).cpu_seconds for _ in range(TIMES))
    yield Result(
        name="itops inventory list, 20 VMs",
        figure=f"{list_cpu * 1000:.0f} ms of CPU",
        target="under 300 ms",
        is_met=list_cpu < 0.3,
    )
