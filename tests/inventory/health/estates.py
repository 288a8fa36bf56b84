"""Small builders: one entity with the properties that a test is about, and the findings of all rules over it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from itops.inventory.entities import Entity, EntityKey, Gap, Kind
from itops.inventory.health import Estate, Finding, Policies, judge

NOW = datetime(2026, 10, 23, 8, 30, tzinfo=UTC)
GIB = 1024**3
MIB = 1024**2
Props = Mapping[str, Any]


def ago(**parts: float) -> str:
    """A moment before NOW as sources write it."""
    return (NOW - timedelta(**parts)).isoformat().replace("+00:00", "Z")


def thing(
    kind: Kind,
    name: str,
    properties: Props | None = None,
    *,
    key: str | None = None,
    source: str = "vc01",
    ref: str = "",
) -> Entity:
    return Entity(
        kind=kind,
        key=EntityKey(key or f"{kind}-{name}-key"),
        ref=ref or f"{kind}-{name}",
        source=source,
        seen_at=NOW,
        properties={"name": name, **(properties or {})},
    )


def vm(properties: Props | None = None, name: str = "app01", **more: Any) -> Entity:
    """A VM that is powered on."""
    return thing(Kind.VM, name, {"runtime.powerState": "poweredOn", **(properties or {})}, **more)


def host(properties: Props | None = None, name: str = "esx01", **more: Any) -> Entity:
    return thing(Kind.HOST, name, {"runtime.connectionState": "connected", **(properties or {})}, **more)


def datastore(properties: Props | None = None, name: str = "ds01", **more: Any) -> Entity:
    return thing(Kind.DATASTORE, name, {"summary.accessible": True, **(properties or {})}, **more)


def agent(properties: Props | None = None, name: str = "vCLS-1") -> Entity:
    return vm({"config.managedBy.extensionKey": "com.vmware.vim.eam", **(properties or {})}, name)


def placeholder(properties: Props | None = None, name: str = "drsrv") -> Entity:
    managed = {"config.managedBy.extensionKey": "com.vmware.vcDr", "config.managedBy.type": "placeholderVm"}
    return vm({**managed, **(properties or {})}, name)


def template(properties: Props | None = None, name: str = "tpl") -> Entity:
    return vm({"config.template": True, "runtime.powerState": "poweredOff", **(properties or {})}, name)


def found(
    code: str,
    *entities: Entity,
    settings: Mapping[str, object] | None = None,
    gaps: tuple[Gap, ...] = (),
    powered_off_since: Mapping[EntityKey, datetime] | None = None,
) -> list[Finding]:
    """The findings with a code that judging these entities gives."""
    estate = Estate.of(entities, gaps=gaps, powered_off_since=powered_off_since)
    judgement = judge(estate, Policies.of(settings or {}), NOW)
    return [finding for finding in judgement.findings if finding.code == code]


def fires(code: str, *entities: Entity, **more: Any) -> bool:
    return bool(found(code, *entities, **more))


def device(device_type: str, label: str = "Device 1", **fields: Any) -> dict[str, Any]:
    return {"_type": device_type, "key": 1000, "deviceInfo": {"label": label}, **fields}


def disk(capacity_bytes: int = 40 * GIB, label: str = "Hard disk 1", **backing: Any) -> dict[str, Any]:
    return device("VirtualDisk", label, capacityInBytes=capacity_bytes, backing=backing)


def snapshot(name: str, days: float | None, *children: dict[str, Any]) -> dict[str, Any]:
    node: dict[str, Any] = {"name": name, "snapshot": f"snapshot-{name}", "childSnapshotList": list(children)}
    return node if days is None else {**node, "createTime": ago(days=days)}
