"""The workbook of 5,000 VMs: bounded memory."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Result, itops, run
from bench.office import crowd, write_office

VMS = 5_000
MIB = 1024 * 1024


def results() -> Iterator[Result]:
    """The promise about the workbook."""
    with crowd(VMS) as simulator, tempfile.TemporaryDirectory() as folder:
        config = str(write_office(Path(folder), simulator))
        run(itops("--config", config, "inventory", "scan"))
        out = Path(folder) / "book.xlsx"
        used = run(itops("--config", config, "inventory", "export", "rvtools", "--out", str(out)))
        size = out.stat().st_size
    yield Result(
        name=f"the workbook of 27 sheets for {VMS} VMs: peak memory of the whole process",
        figure=f"{used.peak_bytes / MIB:.0f} MiB ({used.cpu_seconds:.0f} s of CPU, {size / MIB:.1f} MiB of xlsx)",
        target="under 300 MB",
        is_met=used.peak_bytes < 300e6,
    )
