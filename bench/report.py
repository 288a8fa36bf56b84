"""The monthly report: a month of 300 assets, 16 servers and 40 jobs in all forms; long tables; 31 offices in a row.

The days are simulated, as in the demo: the backups are verified on the morning after the month, the report is built
when it is final. CPU seconds are those of the command and of the processes it starts.
"""

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from bench.measure import Result, Usage, run
from bench.register import write as write_register
from itops.demo.tape_writer import TapeBackup, write_tape
from itops.tasks.demo_days import Days, days_of

ASSETS, JOBS, COPIES, ROWS, OFFICES = 300, 40, 26, 3_000, 31
_MIB = 1 << 20
_ZONE = ZoneInfo("Asia/Tehran")
_DEMO = Path(__file__).parents[1] / "itops/demo"
_SETTINGS = """
office: {id: bench, name: {fa: اداره کل نمونه, en: Sample}, calendar: jalali, timezone: Asia/Tehran}
sources:
  vc01: {type: recording, path: "RECORDING"}
report: {languages: [fa, en], settle: 1d}
backup:
  repositories:
    nas: {type: folder, path: copies}
  jobs:
"""
_JOB = """
    job{0:02}:
      protects: sql01/db{0:02}
      repository: nas
      files: "db{0:02}/full_{{year}}{{month}}{{day}}_{{hour}}{{minute}}.bak"
      level: L3
      since: {1}
      daily: {{keep: 14}}
      weekly: {{on: thursday, keep: 4}}
      monthly: {{on: last, keep: 2}}
"""
_LONG = """
import json
from itops.reports.paper.pdf import write_pdf
from tests.reports.paper.papers import table_paper
print(json.dumps({"size": len(write_pdf(table_paper("fa", ROWS)))}))
"""
_MANY = """
import json, resource
from tests.reports.paper.papers import sample_paper, table_paper
from itops.reports.paper.pdf import write_pdf
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
grown = []
for office in range(OFFICES):
    write_pdf(table_paper("fa", 300))
    grown.append(peak())
print(json.dumps({"third": grown[2], "last": grown[-1]}))
"""


def results() -> Iterator[Result]:
    """The promises of the report."""
    yield _month()
    yield _long_table()
    yield _many_offices()


def _month() -> Result:
    with TemporaryDirectory() as folder:
        days = days_of(datetime.now(UTC), _ZONE)  # noqa: TID251  a month that is over by the real clock
        _make(Path(folder), days)
        _itops(Path(folder), days.begun, "inventory", "scan")
        _itops(Path(folder), days.closed, "backup", "verify")
        costs = [
            _itops(Path(folder), days.built, "report", "build", "--period", days.month.name, "--out", f"{folder}/{n}")
            for n in range(2)
        ]
        files = sum(1 for _ in Path(folder, "0").iterdir())
    cpu = min(cost.cpu_seconds for cost in costs)
    return Result(
        name=f"build a month of {ASSETS} assets, 16 servers, {JOBS} jobs: five forms, two languages, six months",
        figure=f"{cpu:.1f} s of CPU for {files} files, {max(cost.peak_bytes for cost in costs) / _MIB:.0f} MiB",
        target="under 10 s",
        is_met=cpu < 10 and files == 9,
    )


def _make(folder: Path, days: Days) -> None:
    jobs = "".join(_JOB.format(number, (days.month.first - timedelta(days=62)).isoformat()) for number in range(JOBS))
    settings = _SETTINGS.replace("RECORDING", str(_DEMO / "vc01.itops")) + jobs
    (folder / "itops.yaml").write_text(settings, encoding="utf-8")
    (folder / "itops.yaml").chmod(0o600)
    write_register(folder / "inventory.yaml", ASSETS)
    for number in range(JOBS):
        (folder / f"copies/db{number:02}").mkdir(parents=True)
        for day in range(1, COPIES + 1):
            begun = days.closed - timedelta(days=day, hours=6)
            path = folder / f"copies/db{number:02}/full_{begun.astimezone(_ZONE):%Y%m%d_%H%M}.bak"
            tape = TapeBackup(database=f"db{number:02}", started_at=begun, finished_at=begun, data_bytes=8192)
            write_tape([path], tape)
            os.utime(path, (begun.timestamp(),) * 2)


def _itops(folder: Path, at: datetime, *words: str) -> Usage:
    command = [
        sys.executable,
        "-m",
        "itops.demo.played",
        at.isoformat(),
        "--config",
        str(folder / "itops.yaml"),
        *words,
    ]
    return run(command, may_fail=True)


def _long_table() -> Result:
    used = run([sys.executable, "-c", _LONG.replace("ROWS", str(ROWS))])
    size = used.value["size"] / _MIB
    return Result(
        name=f"a PDF with a table of {ROWS:,} rows and 10 columns, Persian, tagged",
        figure=f"{used.cpu_seconds:.1f} s of CPU, {used.peak_bytes / _MIB:.0f} MiB; the file has {size:.1f} MiB",
        target="under 4 s and 800 MB",
        is_met=used.cpu_seconds < 4 and used.peak_bytes < 800e6,
    )


def _many_offices() -> Result:
    used = run([sys.executable, "-c", _MANY.replace("OFFICES", str(OFFICES))])
    grown = used.value["last"] - used.value["third"]
    return Result(
        name=f"{OFFICES} reports of 300 rows in a row, in one process",
        figure=f"{used.value['last'] / _MIB:.0f} MiB at the end, {grown / _MIB:.1f} MiB more than after the third",
        target="no growth (under 5 MiB)",
        is_met=grown < 5 * _MIB,
    )
