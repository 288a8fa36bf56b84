"""Machines as rows of the technical file: what headquarters asks for, and which of it nobody told."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from itops.assets.devices import Device
from itops.assets.identity import good_serial, model_name, vendor_name
from itops.assets.records import Asset
from itops.inventory.entities import Entity
from itops.inventory.merge import host_uuid
from itops.inventory.records import Host, Vm, host_of, vm_of
from itops.inventory.values import text
from itops.reports.monthly.parts import ServerRow
from itops.reports.monthly.servers_machines import Machine, SeenVm

REGISTER = "register"
"""The source of a server that nobody but the register knows."""
_LOST = frozenset({"disconnected", "inaccessible", "invalid", "notResponding", "orphaned"})
"""What such a server did when it was last heard of says nothing of the moment."""
_POWERED = {"poweredOn": True, "poweredOff": False, "suspended": False, "standBy": False}


def rows_of(machines: Iterable[Machine], language: str) -> tuple[ServerRow, ...]:
    """A row for each: physical first, then virtual, each by name. `language`: of names that the register alone has."""
    known = tuple(machines)
    physical = [_physical(one, language) for one in known if one.vm is None]
    sites = _sites(zip((one for one in known if one.vm is None), physical, strict=True))
    virtual = [_virtual(one.vm, one.asset, sites) for one in known if one.vm is not None]
    return tuple(sorted((*physical, *virtual), key=_order))


def _order(row: ServerRow) -> tuple[str, ...]:
    return (row.kind, row.name.casefold(), row.name, row.id, row.host, row.source)


def _sites(hosts: Iterable[tuple[Machine, ServerRow]]) -> dict[str, str]:
    """Where each host stands, by its key and by its name."""
    found: dict[str, str] = {}
    for machine, row in hosts:
        if machine.host is not None and row.site:
            found |= {machine.host.key.lower(): row.site, row.name.casefold(): row.site}
    return found


def _virtual(seen: SeenVm, asset: Asset | None, sites: Mapping[str, str]) -> ServerRow:
    entity, vm = seen.thing.entity, vm_of(seen.thing.entity)
    by_host = sites.get(host_uuid(entity) or "") or sites.get((vm.host or "").casefold())
    told: dict[str, Any] = {
        "is_powered_on": _is_powered(vm),
        "guest_os": vm.guest_os or "",
        "addresses": vm.ip_addresses,
        "host": vm.host or "",
    }
    return ServerRow(
        id=entity.key,
        name=vm.name,
        kind="virtual",
        roles=seen.roles,
        cpu_count=vm.cpu_count,
        memory_bytes=vm.memory_bytes,
        disk_bytes=vm.disk_capacity_bytes,
        cluster=vm.cluster or "",
        asset_id=asset.id if asset else "",
        site=(asset.site if asset else "") or by_host or "",
        created_at=vm.created_at,
        tools=vm.tools_status or "",
        source=entity.source,
        seen_at=entity.seen_at,
        missing=tuple(_missing_of_vm(told)),
        **told,
    )


def _missing_of_vm(told: Mapping[str, Any]) -> Iterator[str]:
    """Where it stands is where its host stands; a server that is off has no address to tell."""
    if not told["host"]:
        yield "host"
    if not told["addresses"] and told["is_powered_on"] is not False:
        yield "ip"
    if not told["guest_os"]:
        yield "os"


def _physical(machine: Machine, language: str) -> ServerRow:
    """A host, or a server of the register; also a host that runs inside a virtual machine nobody shows."""
    device, asset = machine.device, machine.asset
    told: dict[str, Any] = {
        "vendor": _told(device, "vendor") or vendor_name(asset.vendor if asset else None) or "",
        "model": _told(device, "model") or model_name(asset.model if asset else None) or "",
        "serial": _told(device, "serial") or _serial(asset),
        "guest_os": _system(device, is_host=machine.host is not None),
        "addresses": _addresses(device, asset),
        "asset_id": asset.id if asset else "",
        "site": (asset.site if asset else "") or (device.site if device else "") or "",
    }
    kind = "virtual" if machine.is_virtual else "physical"
    told |= {"kind": kind, "missing": tuple(_missing_of_real(told, is_virtual=machine.is_virtual))}
    if machine.host is not None:
        return _host(machine.host, told)
    assert asset is not None, "a machine is a VM, a host or an entry of the register"
    return ServerRow(
        id=asset.id,
        name=_name(asset, language),
        cpu_count=_told(device, "core_count"),
        memory_bytes=_told(device, "memory_bytes"),
        source=device.sources[0] if device else REGISTER,
        seen_at=device.seen_at if device else None,
        **told,
    )


def _host(entity: Entity, told: Mapping[str, Any]) -> ServerRow:
    host = host_of(entity)
    return ServerRow(
        id=entity.key,
        name=host.name,
        is_powered_on=_is_powered(host),
        cpu_count=host.cpu_core_count,
        memory_bytes=host.memory_bytes,
        cluster=host.cluster or "",
        version=_version(host),
        source=entity.source,
        seen_at=entity.seen_at,
        **told,
    )


def _missing_of_real(told: Mapping[str, Any], *, is_virtual: bool) -> Iterator[str]:
    if not told["serial"] and not is_virtual:
        yield "serial"
    if not told["site"]:
        yield "site"
    if not told["addresses"]:
        yield "ip"
    if not told["guest_os"]:
        yield "os"


def _is_powered(record: Vm | Host) -> bool | None:
    """None while its server has lost it, and where nobody said. A host that answers runs."""
    if record.connection_state in _LOST:
        return None
    is_answering_host = isinstance(record, Host) and record.connection_state == "connected"
    return _POWERED.get(record.power_state or "", True if is_answering_host else None)


def _version(host: Host) -> str:
    """As VMware writes it: 7.0.3 build-19193900."""
    build = f"build-{host.product_build}" if host.product_build else ""
    return " ".join(filter(None, (host.product_version, build)))


def _told(device: Device | None, field: str) -> Any:
    """What the witness to believe says of a field."""
    found = device.told(field) if device else None
    return found[0] if found else None


def _serial(asset: Asset | None) -> str:
    """As somebody typed it, where it is a serial at all."""
    for told in (asset.serial, *(part.serial for part in asset.parts)) if asset else ():
        if told and good_serial(told):
            return told
    return ""


def _system(device: Device | None, *, is_host: bool) -> str:
    """The version of a host stands in a field of its own."""
    system = text(_told(device, "os")) or ""
    version = "" if is_host else text(_told(device, "os_version")) or ""
    return system if version in system else f"{system} {version}".strip()


def _addresses(device: Device | None, asset: Asset | None) -> tuple[str, ...]:
    pinned = asset.match.ip if asset and asset.match else None
    return tuple(dict.fromkeys((*(device.addresses if device else ()), *((pinned,) if pinned else ()))))


def _name(asset: Asset, language: str) -> str:
    return asset.host_name or asset.name.of(language) or asset.id
