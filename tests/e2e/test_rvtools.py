"""The simulated servers all the way into a workbook, and the workbook back into the same VMs. `make e2e`."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from itops.inventory.entities import Entity, Kind
from itops.inventory.records import Vm, vm_of
from itops.sources.rvtools import RvtoolsSource, Settings
from itops.tasks.export_rvtools import export_rvtools
from tests.e2e.simulator import Simulator
from tests.e2e.test_vsphere_source import NOW, look, source
from tests.inventory.factory import reader_of

pytestmark = pytest.mark.e2e
MUST_HAVES = {
    "vInfo": ("VM ID", "VM", "VI SDK UUID", "VM UUID", "Template", "Powerstate", "CPUs", "Memory", "NICs", "Disks",
              "In Use MiB", "Provisioned MiB", "OS according to the configuration file", "Host", "Datacenter"),
    "vHost": ("Host", "Datacenter", "CPU Model", "Speed", "# CPU", "Cores per CPU", "# Cores", "CPU usage %",
              "# Memory", "Memory usage %"),
    "vMemory": ("VM UUID", "VM", "Size MiB"),
    "vDisk": ("VM", "Disk", "Capacity MiB", "Path"),
}  # fmt: skip
SAME: tuple[Callable[[Vm], object], ...] = (
    lambda vm: vm.id,
    lambda vm: vm.power_state,
    lambda vm: vm.cpu_count,
    lambda vm: vm.memory_bytes,
    lambda vm: vm.host,
    lambda vm: vm.cluster,
    lambda vm: vm.is_template,
)


def exported(entities: list[Entity], out: Path) -> Path:
    export_rvtools(reader_of(entities), [], out, created_at=NOW, zone=ZoneInfo("Asia/Tehran"))
    return out


@pytest.fixture(params=["vcenter", "lone_esx"])
def seen(request: pytest.FixtureRequest) -> list[Entity]:
    simulator: Simulator = request.getfixturevalue(request.param)
    return look(source(simulator, simulator))[0]


def test_importers_find_what_they_insist_on_in_nearly_every_row(seen: list[Entity], tmp_path: Path) -> None:
    book = load_workbook(exported(seen, tmp_path / "office.xlsx"), read_only=True)
    for name, headers in MUST_HAVES.items():
        head, *rows = book[name].values
        assert rows, name
        blank = Counter(header for row in rows for header, cell in zip(head, row, strict=True) if cell is None)
        # One row in twenty may be an orphan that has nothing but its name.
        assert {header: blank[header] for header in headers if blank[header] > len(rows) / 20} == {}, name


def test_the_workbook_gives_the_same_vms_back(seen: list[Entity], tmp_path: Path) -> None:
    out = exported(seen, tmp_path / "office.xlsx")
    (observation,) = RvtoolsSource("old", Settings(path=out)).observe(NOW)
    back = {it.key: vm_of(it) for it in observation.seen if isinstance(it, Entity) and it.kind is Kind.VM}
    first = {it.key: vm_of(it) for it in seen if it.kind is Kind.VM and it.get("config.instanceUuid")}
    assert first.keys() <= back.keys()
    for key, vm in first.items():
        for field in SAME:
            assert field(back[key]) == field(vm), vm.name
