"""Rows: an entity, the estate around it and a sheet of the catalogue make tuples of cells, one for each header."""

from collections.abc import Callable, Collection, Iterator

from itops.inventory.devices import devices, is_nic
from itops.inventory.entities import Entity, Place, Value
from itops.inventory.rvtools.catalogue import Column, Derived, Sheet, Unknown
from itops.inventory.rvtools.cells import CELL_OF, Cell, as_text
from itops.inventory.rvtools.derived import FUNCTIONS
from itops.inventory.rvtools.estate import Estate
from itops.inventory.rvtools.paths import Path
from itops.inventory.rvtools.row import Row
from itops.inventory.values import items

_NOTHING: dict[str, Value] = {}


class Layout:
    """One sheet as it is laid out for one estate: the catalogue's columns and the custom ones where they belong.

    `hidden` are paths whose cells stay empty, e.g. "licenseKey" in a workbook that leaves the office.
    """

    def __init__(self, sheet: Sheet, estate: Estate, hidden: Collection[str] = ()) -> None:
        self.sheet = sheet
        self._estate = estate
        self._hidden = frozenset(hidden)
        self._items = ITEMS[sheet.each] if sheet.each else None
        self.headers, self.types, self._makers = self._columns()

    def rows(self, entity: Entity) -> Iterator[tuple[Cell, ...]]:
        """The rows of one entity, cells in the order of `headers`; moments are aware, a writer localises them."""
        row = Row(entity, self._estate)
        if self._items is None:
            yield tuple(make(row) for _, make in self._makers)
            return
        common: list[Cell] | None = None
        for item in self._items(entity):
            if common is None:
                common = [None if is_of_item else make(row) for is_of_item, make in self._makers]
            own = Row(entity, self._estate, item)
            yield tuple(
                make(own) if is_of_item else cell for (is_of_item, make), cell in zip(self._makers, common, strict=True)
            )

    def _columns(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[bool, Callable[[Row], Cell]], ...]]:
        """Headers, types (custom columns are text) and, for each, whether it reads the item and what makes its cell."""
        columns: list[tuple[str, str, tuple[bool, Callable[[Row], Cell]]]] = []
        groups = dict(self.sheet.custom)
        for column in self.sheet.columns:
            columns.append((column.header, column.type, (_is_of_item(column), self._maker(column))))
            for group in groups.get(column.header, ()):
                columns += [(name, "str", (False, _custom(group, name))) for name in self._custom_names(group)]
        headers, types, makers = zip(*columns, strict=True)
        return headers, types, makers

    def _custom_names(self, group: str) -> list[str]:
        if self.sheet.kind is None:
            return []
        seen = self._estate.custom[self.sheet.kind]
        return sorted(seen.attributes if group == "attributes" else seen.tags, key=lambda name: (name.casefold(), name))

    def _maker(self, column: Column) -> Callable[[Row], Cell]:
        source, cell_of = column.source, CELL_OF[column.type]
        if isinstance(source, Path):
            if source.key in self._hidden:
                return _empty
            text = source.text
            return lambda row: cell_of(row.get(text))
        if isinstance(source, Derived):
            function, arguments = FUNCTIONS[source.function], source.arguments
            return lambda row: cell_of(function(row, *arguments))
        return _empty


def _is_of_item(column: Column) -> bool:
    if isinstance(column.source, Path):
        return column.source.is_of_item
    return not isinstance(column.source, Unknown)


def _empty(row: Row) -> Cell:
    return None


def _custom(group: str, name: str) -> Callable[[Row], Cell]:
    place = Place.CUSTOM_ATTRIBUTES if group == "attributes" else Place.TAGS

    def read(row: Row) -> Cell:
        values = row.entity.get(place)
        return as_text(values.get(name)) if isinstance(values, dict) else None

    return read


def disks(entity: Entity) -> Iterator[dict[str, Value]]:
    """Virtual disks in device order."""
    return devices(entity, "VirtualDisk")


def nics(entity: Entity) -> Iterator[dict[str, Value]]:
    """Network cards in device order."""
    return (device for device in devices(entity) if is_nic(device))


def cdroms(entity: Entity) -> Iterator[dict[str, Value]]:
    """CD drives."""
    return devices(entity, "VirtualCdrom")


def usb_devices(entity: Entity) -> Iterator[dict[str, Value]]:
    """USB devices passed into the VM."""
    return devices(entity, "VirtualUSB")


def snapshots(entity: Entity) -> Iterator[dict[str, Value]]:
    """The nodes of the snapshot tree, parents before children; without recursion, chains may be long."""
    waiting = list(reversed(items(entity.get("snapshot.rootSnapshotList"))))
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(items(node.get("childSnapshotList"))))


def scsi_disks(entity: Entity) -> Iterator[dict[str, Value]]:
    """The disks among a host's LUNs."""
    for lun in items(entity.get("config.storageDevice.scsiLun")):
        if lun.get("_type", "HostScsiDisk") == "HostScsiDisk":
            yield lun


def vmkernel_adapters(entity: Entity) -> Iterator[dict[str, Value]]:
    """VMkernel adapters, then the service console's on classic ESX."""
    yield from items(entity.get("config.network.vnic"))
    yield from items(entity.get("config.network.consoleVnic"))


def _listed(path: str) -> Callable[[Entity], Iterator[dict[str, Value]]]:
    return lambda entity: iter(items(entity.get(path)))


ITEMS: dict[str, Callable[[Entity], Iterator[dict[str, Value]]]] = {
    "disks": disks,
    "partitions": _listed("guest.disk"),
    "nics": nics,
    "cdroms": cdroms,
    "usb_devices": usb_devices,
    "snapshots": snapshots,
    "host_bus_adapters": _listed("config.storageDevice.hostBusAdapter"),
    "physical_nics": _listed("config.network.pnic"),
    "virtual_switches": _listed("config.network.vswitch"),
    "port_groups": _listed("config.network.portgroup"),
    "vmkernel_adapters": vmkernel_adapters,
    "scsi_disks": scsi_disks,
    "files": _listed("at.files"),
}
"""What yields the items of one entity, by the name a sheet of the catalogue uses."""
