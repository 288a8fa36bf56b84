"""Small VMs and hosts for tests: entities as a source would give them."""

from datetime import UTC, datetime

from itops.inventory.entities import Entity, EntityKey, Kind, Value

DAY1 = datetime(2026, 10, 23, 6, 0, tzinfo=UTC)
HOST1 = "30303030-0000-0000-0000-000000000001"
HOST2 = "30303030-0000-0000-0000-000000000002"


def entity(kind: Kind, key: str, name: str, *, source: str = "vc01", ref: str = "x-1", **properties: Value) -> Entity:
    """An entity; a double underscore in a property's name stands for a dot."""
    paths = {path.replace("__", "."): value for path, value in properties.items()}
    said = {path: value for path, value in {"name": name, **paths}.items() if value is not None}
    return Entity(kind=kind, key=EntityKey(key), ref=ref, source=source, seen_at=DAY1, properties=said)


def vm(key: str, name: str = "sql01", *, host: str | None = HOST1, cpus: int = 2, **more: Value) -> Entity:
    """A VM on one of the hosts, 4 GiB of memory."""
    source, ref = str(more.pop("source", "vc01")), str(more.pop("ref", "vm-1"))
    base: dict[str, Value] = {
        "config__instanceUuid": key,
        "config__hardware__numCPU": cpus,
        "config__hardware__memoryMB": 4096,
        "runtime__powerState": "poweredOn",
        "at__host_uuid": host,
        "at__host": host and f"esx0{host[-1]}.example.ir",
    }
    return entity(Kind.VM, key, name, source=source, ref=ref, **(base | more))


def host(key: str = HOST1, name: str | None = None, **more: Value) -> Entity:
    """An ESXi host, 7.0.3."""
    source, ref = str(more.pop("source", "vc01")), str(more.pop("ref", "host-1"))
    base: dict[str, Value] = {
        "hardware__systemInfo__uuid": key,
        "config__product__version": "7.0.3",
        "config__product__build": "19193900",
        "summary__hardware__numCpuCores": 16,
    }
    return entity(Kind.HOST, key, name or f"esx0{key[-1]}.example.ir", source=source, ref=ref, **(base | more))


def disk(key: int, gib: int) -> dict[str, Value]:
    """A virtual disk."""
    label = f"Hard disk {key - 1999}"
    return {
        "_type": "VirtualDisk",
        "key": key,
        "capacityInBytes": gib * 1024**3,
        "deviceInfo": {"label": label},
        "backing": {"_type": "VirtualDiskFlatVer2BackingInfo", "fileName": f"[ds01] vm/{key}.vmdk"},
    }
