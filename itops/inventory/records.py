"""Typed records: what people and rules read of an entity, in bytes, seconds and aware UTC moments.

Each `*_of` function is the one border where API units become ours; a field is None when the source did not say.
Field names are the JSON contract of `itops inventory list` (docs/reference/json.md).
"""

from dataclasses import dataclass
from datetime import datetime

from itops.inventory.devices import disks_of, ip_addresses_of
from itops.inventory.entities import Entity, Kind, Place, Value
from itops.inventory.values import MIB, dig, items, moment, names, scaled, text, truth, whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Vm:
    """One virtual machine. Source: vim.VirtualMachine."""

    id: str
    source: str
    name: str
    power_state: str | None  # poweredOn, poweredOff, suspended
    connection_state: str | None  # connected, disconnected, orphaned, inaccessible, invalid
    is_template: bool | None
    cpu_count: int | None
    memory_bytes: int | None
    disk_capacity_bytes: int | None
    disk_count: int | None
    guest_os: str | None  # what the tools say, else what is configured
    guest_host_name: str | None
    tools_status: str | None  # toolsOk, toolsOld, toolsNotRunning, toolsNotInstalled
    host: str | None
    cluster: str | None
    datacenter: str | None
    folder: str | None
    datastores: tuple[str, ...]
    ip_addresses: tuple[str, ...]  # the primary one first
    annotation: str | None
    instance_uuid: str | None
    bios_uuid: str | None
    hardware_version: str | None  # vmx-19
    created_at: datetime | None
    boot_at: datetime | None
    storage_used_bytes: int | None
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """One ESXi host. Source: vim.HostSystem."""

    id: str
    source: str
    name: str
    vendor: str | None
    model: str | None
    serial_number: str | None
    cpu_model: str | None
    cpu_core_count: int | None
    memory_bytes: int | None
    product_version: str | None
    product_build: str | None
    connection_state: str | None
    power_state: str | None
    is_in_maintenance: bool | None
    boot_at: datetime | None
    cluster: str | None
    datacenter: str | None
    vm_count: int | None  # VMs and templates registered on it; None when the source did not list them
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One cluster. Source: vim.ClusterComputeResource."""

    id: str
    source: str
    name: str
    datacenter: str | None
    host_count: int | None
    cpu_core_count: int | None
    memory_bytes: int | None
    is_ha_enabled: bool | None
    is_drs_enabled: bool | None
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Datastore:
    """One datastore. Source: vim.Datastore.summary. An inaccessible one has no trustworthy numbers."""

    id: str
    source: str
    name: str
    type: str | None
    is_accessible: bool | None
    capacity_bytes: int | None
    free_bytes: int | None
    uncommitted_bytes: int | None
    url: str | None
    datacenter: str | None
    hosts: tuple[str, ...]
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """One network that VMs attach to: a standard, distributed or opaque one. Source: vim.Network."""

    id: str
    source: str
    name: str
    type: str  # network, portgroup
    switch: str | None
    vlan: str | None
    datacenter: str | None
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class License:
    """One licence. Source: vim.LicenseManager.licenses."""

    id: str
    source: str
    name: str
    key: str | None
    edition: str | None
    total_count: int | None
    used_count: int | None
    expires_at: datetime | None  # None: perpetual, or the server did not say
    seen_at: datetime


def vm_of(entity: Entity) -> Vm:
    """A VM as people read it. Orphaned VMs have no config: their fields are None, their name remains."""
    disks = disks_of(entity)
    capacities = [disk.capacity_bytes for disk in disks if disk.capacity_bytes is not None]
    get = entity.get
    return Vm(
        id=entity.key,
        source=entity.source,
        name=entity.name,
        power_state=text(get("runtime.powerState")),
        connection_state=text(get("runtime.connectionState")),
        is_template=truth(get("config.template")),
        cpu_count=whole(get("config.hardware.numCPU")),
        memory_bytes=scaled(get("config.hardware.memoryMB"), MIB),
        disk_capacity_bytes=sum(capacities) if capacities else whole(get("at.disk_capacity_bytes")),
        disk_count=len(disks) or whole(get("summary.config.numVirtualDisks")),
        guest_os=text(get("guest.guestFullName")) or text(get("config.guestFullName")),
        guest_host_name=text(get("guest.hostName")),
        tools_status=text(get("guest.toolsStatus")),
        host=text(get(Place.HOST)),
        cluster=text(get(Place.CLUSTER)),
        datacenter=text(get(Place.DATACENTER)),
        folder=text(get(Place.FOLDER)),
        datastores=names(get(Place.DATASTORES)),
        ip_addresses=ip_addresses_of(entity),
        annotation=text(get("config.annotation")),
        instance_uuid=text(get("config.instanceUuid")),
        bios_uuid=text(get("config.uuid")),
        hardware_version=text(get("config.version")),
        created_at=vm_created_at(entity),
        boot_at=moment(get("runtime.bootTime")),
        storage_used_bytes=whole(get("summary.storage.committed")),
        seen_at=entity.seen_at,
    )


def vm_created_at(entity: Entity) -> datetime | None:
    """When a VM was made; None for one older than vCenter 6.7, to which vCenter gives the first moment of 1970."""
    created_at = moment(entity.get("config.createDate"))
    return created_at if created_at and created_at.timestamp() > 0 else None


def host_of(entity: Entity) -> Host:
    """A host as people read it; a host that does not respond keeps its name and state, the rest is None."""
    get = entity.get
    return Host(
        id=entity.key,
        source=entity.source,
        name=entity.name,
        vendor=text(get("hardware.systemInfo.vendor")),
        model=text(get("hardware.systemInfo.model")),
        serial_number=host_serial(entity),
        cpu_model=text(get("summary.hardware.cpuModel")),
        cpu_core_count=whole(get("summary.hardware.numCpuCores")),
        memory_bytes=whole(get("summary.hardware.memorySize")),
        product_version=text(get("config.product.version")),
        product_build=text(get("config.product.build")),
        connection_state=text(get("runtime.connectionState")),
        power_state=text(get("runtime.powerState")),
        is_in_maintenance=truth(get("runtime.inMaintenanceMode")),
        boot_at=moment(get("runtime.bootTime")),
        cluster=text(get(Place.CLUSTER)),
        datacenter=text(get(Place.DATACENTER)),
        vm_count=len(names(get("vm"))) if get("vm") is not None else None,
        seen_at=entity.seen_at,
    )


def host_serial(entity: Entity) -> str | None:
    """The serial number of a host: its own property (6.7+), else the maker's service tag."""
    own = text(entity.get("hardware.systemInfo.serialNumber"))
    return own or identifying_info(entity, "ServiceTag") or identifying_info(entity, "EnclosureSerialNumberTag")


def identifying_info(entity: Entity, key: str) -> str | None:
    """The first non-blank value of otherIdentifyingInfo whose identifierType is `key`; makers pad with blanks."""
    for entry in items(entity.get("hardware.systemInfo.otherIdentifyingInfo")):
        value = text(entry.get("identifierValue"))
        if dig(entry, "identifierType", "key") == key and value and value.strip():
            return value.strip()
    return None


def cluster_of(entity: Entity) -> Cluster:
    """A cluster as people read it."""
    get = entity.get
    return Cluster(
        id=entity.key,
        source=entity.source,
        name=entity.name,
        datacenter=text(get(Place.DATACENTER)),
        host_count=whole(get("summary.numHosts")),
        cpu_core_count=whole(get("summary.numCpuCores")),
        memory_bytes=whole(get("summary.totalMemory")),
        is_ha_enabled=truth(dig(get("configurationEx.dasConfig"), "enabled")),
        is_drs_enabled=truth(dig(get("configurationEx.drsConfig"), "enabled")),
        seen_at=entity.seen_at,
    )


def datastore_of(entity: Entity) -> Datastore:
    """A datastore as people read it."""
    get = entity.get
    return Datastore(
        id=entity.key,
        source=entity.source,
        name=entity.name,
        type=text(get("summary.type")),
        is_accessible=truth(get("summary.accessible")),
        capacity_bytes=whole(get("summary.capacity")),
        free_bytes=whole(get("summary.freeSpace")),
        uncommitted_bytes=whole(get("summary.uncommitted")),
        url=text(get("summary.url")),
        datacenter=text(get(Place.DATACENTER)),
        hosts=names(get(Place.HOSTS)),
        seen_at=entity.seen_at,
    )


def network_of(entity: Entity) -> Network:
    """A network as people read it."""
    return Network(
        id=entity.key,
        source=entity.source,
        name=entity.name,
        type=entity.kind.value,
        switch=text(entity.get(Place.SWITCH)),
        vlan=vlan_text(dig(entity.get("config.defaultPortConfig"), "vlan")),
        datacenter=text(entity.get(Place.DATACENTER)),
        seen_at=entity.seen_at,
    )


def vlan_text(vlan: Value) -> str | None:
    """A distributed port group's VLAN: the id, the trunk ranges, or the private VLAN id."""
    ranges = items(dig(vlan, "vlanId"))
    if ranges:
        return ", ".join(f"{part.get('start')}-{part.get('end')}" for part in ranges)
    number = whole(dig(vlan, "vlanId"))
    number = number if number is not None else whole(dig(vlan, "pvlanId"))
    return None if number is None else str(number)


def license_of(entity: Entity) -> License:
    """A licence as people read it."""
    get = entity.get
    expiry = next((p.get("value") for p in items(get("properties")) if p.get("key") == "expirationDate"), None)
    return License(
        id=entity.key,
        source=entity.source,
        name=entity.name,
        key=text(get("licenseKey")),
        edition=text(get("editionKey")),
        total_count=whole(get("total")),
        used_count=whole(get("used")),
        expires_at=moment(expiry),
        seen_at=entity.seen_at,
    )


RECORD_OF = {
    Kind.VM: vm_of,
    Kind.HOST: host_of,
    Kind.CLUSTER: cluster_of,
    Kind.DATASTORE: datastore_of,
    Kind.NETWORK: network_of,
    Kind.PORTGROUP: network_of,
    Kind.LICENSE: license_of,
}
"""The typed record of each kind that people list; the other kinds exist for the workbook and the rules."""
