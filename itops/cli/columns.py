"""Which fields of each kind a table shows, and how; JSON and CSV always carry all of them."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from itops.cli.output import Column
from itops.dates import show_moment
from itops.inventory import records, snapshots
from itops.inventory.entities import Kind
from itops.tasks.read_inventory import SNAPSHOT, Other

_KIB = 1024
_GIB = 1024**3
_POWER = {"poweredOn": "on", "poweredOff": "off"}


def in_gib(value: Any) -> str:
    """Bytes as GiB for people: at most one decimal, none of a whole number."""
    return "" if value is None else f"{value / _GIB:,.1f}".removesuffix(".0")


def in_kib(value: Any) -> str:
    """Bytes as whole KiB for people: of files, which are small."""
    return "" if value is None else f"{value / _KIB:,.0f}"


def first_of(values: Any) -> str:
    """The first of several values, and how many more there are."""
    more = f" +{len(values) - 1}" if values and len(values) > 1 else ""
    return f"{values[0]}{more}" if values else ""


def short_system(value: Any) -> str:
    """A guest's system without the words that tell nobody anything."""
    return "" if value is None else str(value).removeprefix("Microsoft ").removesuffix(" (64-bit)")


def yes_no(value: Any) -> str:
    """A boolean in words; nothing where it was not said."""
    return "" if value is None else "yes" if value else "no"


def said(value: Any, field: str = "") -> str:
    """Any value in words: bytes as GiB, booleans as yes and no, lists in a row, nothing where it was not said."""
    if isinstance(value, bool):
        return yes_no(value)
    if isinstance(value, list):
        return ", ".join(said(item, field) for item in value)
    if field.endswith("_bytes") and isinstance(value, int):
        return f"{in_gib(value)} GiB"
    return "" if value is None else str(value)


def label(field: str) -> str:
    """A field for people, who see the unit behind the value."""
    return field.removesuffix("_bytes")


def role_names(roles: Any) -> str:
    """The roles of a VM; a question mark marks one with a single witness."""
    return ", ".join(role["role"] + ("?" if role["sureness"] == "likely" else "") for role in roles)


def moments_in(calendar: str, zone: ZoneInfo) -> Callable[[Any], str]:
    """A cell that shows an ISO moment as the office writes it."""
    return lambda value: show_moment(datetime.fromisoformat(value), calendar, zone) if value else ""


_NAME = Column(field="name", title="name")
_DATACENTER = Column(field="datacenter", title="datacenter")
_MEMORY = Column(field="memory_bytes", title="mem GiB", show=in_gib, is_number=True)
_VM = (
    _NAME,
    Column(field="power_state", title="power", show=lambda value: _POWER.get(value, value or "")),
    Column(field="cpu_count", title="cpu", is_number=True, spare=1),
    _MEMORY,
    Column(field="disk_capacity_bytes", title="disk GiB", show=in_gib, is_number=True, spare=2),
    Column(field="guest_os", title="guest", show=short_system, widest=24, spare=4),
    Column(field="ip_addresses", title="address", show=first_of),
    Column(field="host", title="host", widest=18, spare=3),
    Column(field="roles", title="roles", show=role_names),
)
_NETWORK = (_NAME, Column(field="vlan", title="vlan"), Column(field="switch", title="switch"), _DATACENTER)
_OTHER = (_NAME, _DATACENTER, Column(field="cluster", title="cluster"), Column(field="folder", title="folder"))
SOURCE = Column(field="source", title="source")

_COLUMNS: Mapping[str, tuple[Column, ...]] = {
    Kind.VM: _VM,
    Kind.HOST: (
        _NAME,
        Column(field="connection_state", title="state"),
        Column(field="model", title="model", spare=3),
        Column(field="cpu_core_count", title="cores", is_number=True),
        _MEMORY,
        Column(field="product_version", title="version"),
        Column(field="product_build", title="build", spare=2),
        Column(field="cluster", title="cluster", spare=1),
        Column(field="vm_count", title="vms", is_number=True),
    ),
    Kind.CLUSTER: (
        _NAME,
        _DATACENTER,
        Column(field="host_count", title="hosts", is_number=True),
        Column(field="cpu_core_count", title="cores", is_number=True),
        _MEMORY,
        Column(field="is_ha_enabled", title="ha", show=yes_no),
        Column(field="is_drs_enabled", title="drs", show=yes_no),
    ),
    Kind.DATASTORE: (
        _NAME,
        Column(field="type", title="type"),
        Column(field="is_accessible", title="accessible", show=yes_no),
        Column(field="capacity_bytes", title="size GiB", show=in_gib, is_number=True),
        Column(field="free_bytes", title="free GiB", show=in_gib, is_number=True),
        Column(field="hosts", title="hosts", show=first_of, spare=1),
    ),
    Kind.NETWORK: _NETWORK,
    Kind.PORTGROUP: _NETWORK,
    Kind.LICENSE: (
        _NAME,
        Column(field="edition", title="edition", spare=1),
        Column(field="used_count", title="used", is_number=True),
        Column(field="total_count", title="of", is_number=True),
        Column(field="expires_at", title="expires"),
    ),
    SNAPSHOT: (
        Column(field="vm", title="vm"),
        Column(field="name", title="snapshot"),
        Column(field="created_at", title="created"),
        Column(field="size_bytes", title="size GiB", show=in_gib, is_number=True),
        Column(field="depth", title="depth", is_number=True),
    ),
}
_RECORDS: Mapping[str, type] = {
    Kind.VM: records.Vm,
    Kind.HOST: records.Host,
    Kind.CLUSTER: records.Cluster,
    Kind.DATASTORE: records.Datastore,
    Kind.NETWORK: records.Network,
    Kind.PORTGROUP: records.Network,
    Kind.LICENSE: records.License,
    SNAPSHOT: snapshots.Snapshot,
}


def columns_of(kind: str, when: Callable[[Any], str]) -> tuple[Column, ...]:
    """The table columns of a kind; `when` shows the moments in them."""
    columns = _COLUMNS.get(kind, _OTHER)
    return tuple(replace(column, show=when) if column.field.endswith("_at") else column for column in columns)


def fields_of(kind: str) -> tuple[str, ...]:
    """Every field a row of this kind has, in order; the header of a CSV file."""
    own = tuple(part.name for part in fields(_RECORDS.get(kind, Other)))
    return (*own, "sources", "is_copy", *(("roles",) if kind == Kind.VM else ()))
