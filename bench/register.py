"""The register: reading 300 and 3,000 assets of 25 keys, and changing 300 of them.

CPU seconds of this process, the best of 8, without the imports: what a command adds to its start.
"""

import gc
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench.measure import Result, best_cpu
from itops.assets.edits import SetField
from itops.cli.main import COLLECT_SELDOM
from itops.config.register.editing import plan_edits
from itops.config.register.loading import load, load_whole

LIMITS = {300: 0.1, 3_000: 1.2}
_RUNS = 8
ENTRY = """\
  - id: PC-{0:05}
    kind: computer
    name: {{fa: رایانه شماره {0}, en: Computer {0}}}
    status: in_use
    asset_tag: 14{0:05}
    it_code: IT-{0}
    serial: 8CG{0:06}X7   # برچسب پشت دستگاه
    seal: S-{0}
    vendor: HP
    model: ProDesk 400 G6
    host_name: pc-{0}
    site: {1}
    location: اتاق {2}
    department: حسابداری
    assigned_to: کارشناس {2}
    custody_date: 1400-03-15
    network: intranet
    parts:
      - {{kind: case, asset_tag: 24{0:05}}}
      - {{kind: monitor, serial: M{0:07}}}
    purchase: {{date: 1400-03-05, price: {3}, supplier: رایانه‌گستر نمونه}}
    in_service: 1400-03-20
    warranty_end: 1403-03-05
    useful_life_years: 6
    verified_on: 1404-05-05
    note: "یادداشت شماره {0}"

"""


def results() -> Iterator[Result]:
    """Reading, planning, and how many lines a plan changes."""
    gc.set_threshold(*COLLECT_SELDOM)  # as every command does
    with tempfile.TemporaryDirectory() as folder:
        for count, most in LIMITS.items():
            path = write(Path(folder) / f"{count}.yaml", count)
            load(path)  # the first use builds the validators: part of the start, as imports are
            gc.collect()
            cpu = best_cpu(partial(load, path), _RUNS)
            yield Result(
                name=f"read and judge {count:,} assets ({path.stat().st_size / 1e6:.1f} MB)",
                figure=f"{cpu:.3f} s of CPU, imports not counted",
                target=f"less than {most} s",
                is_met=cpu < most,
            )
        yield edited(Path(folder) / "300.yaml")
        yield edited(Path(folder) / "3000.yaml")


def edited(path: Path) -> Result:
    """One edit for each of 300 assets, planned, proved and judged."""
    loaded = load_whole(path)
    ids = list(loaded.entries)[:: len(loaded.entries) // 300]
    edits = [SetField(asset_id=asset_id, field="location", value="انبار، قفسه ۲") for asset_id in ids]
    cpu = best_cpu(lambda: plan_edits(loaded, edits), 3)
    changed = plan_edits(loaded, edits).files[0]
    pairs = zip(changed.old.text.splitlines(), changed.new.text.splitlines(), strict=True)
    lines = sum(old != new for old, new in pairs)
    return Result(
        name=f"plan {len(edits)} edits in {len(loaded.entries):,} assets, read back and judged",
        figure=f"{lines} lines changed, {cpu:.3f} s of CPU",
        target="300 lines",
        is_met=lines == len(edits) == 300,
    )


def write(path: Path, count: int) -> Path:
    """A register of that many computers."""
    sites = ("head-office", "fardis", "nazarabad")
    head = "sites:\n" + "".join(f"  {site}: {{fa: اداره, en: Office}}\n" for site in sites) + "\nassets:\n"
    entries = (ENTRY.format(number, sites[number % 3], number % 40, 217_000_000 + number) for number in range(count))
    path.write_text(head + "".join(entries), encoding="utf-8")
    return path
