"""Typed records: what people and rules read of an entity, in bytes, seconds and aware UTC moments.

Each `*_of` function is the one border where API units become ours; a field is None when the source did not say.
Field names are the JSON contract of `itops inventory list` (docs/reference/json.md).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_interface

from itops.inventory.entities import Entity, Kind, Place, Value

KIB = 1024
MIB = 1024 * KIB
_ANYWHERE = ("0.0.0.0", "::")  # noqa: S104  the default route, not an address to listen on


def moment(value: Value) -> datetime | None:
    """An ISO 8601 string as an aware moment; None for anything else, and for one that does not say its offset."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.utcoffset() is not None else None


def text(value: Value) -> str | None:
    """A non-empty string, else None."""
    return value if isinstance(value, str) and value else None


def whole(value: Value) -> int | None:
    """An integer, else None (True is not a number)."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def truth(value: Value) -> bool | None:
    """A boolean, else None: absent is not false."""
    return value if isinstance(value, bool) else None


def items(value: Value) -> list[dict[str, Value]]:
    """The dicts of a list; empty for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def dig(value: Value, *path: str) -> Value:
    """`value[path[0]][path[1]]...`, None as soon as a step is missing."""
    for step in path:
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value


def names(value: Value) -> tuple[str, ...]:
    """The strings of a list; empty for anything else."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def scaled(value: Value, unit: int) -> int | None:
    """An API number times its unit, None when it was absent."""
    number = whole(value)
    return None if number is None else number * unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """One virtual disk. Source: config.hardware.device[VirtualDisk]."""

    key: int | None
    label: str | None
    capacity_bytes: int | None
    path: str | None
    is_thin: bool | None
    mode: str | None  # persistent, independent_persistent, independent_nonpersistent ...
    sharing: str | None
    has_parent: bool  # the backing stands on another file: a delta or a linked clone


@dataclass(frozen=True, slots=True, kw_only=True)
class Nic:
    """One virtual network card. Source: config.hardware.device[VirtualEthernetCard] and guest.net."""

    label: str | None
    adapter: str | None  # Vmxnet3, E1000 ...
    mac_address: str | None
    network: str | None
    is_connected: bool | None
    ip_addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One node of a VM's snapshot tree. Source: snapshot.rootSnapshotList and layoutEx."""

    id: str  # VM key and the snapshot's moref
    source: str
    name: str
    vm: str
    vm_id: str
    description: str | None
    created_at: datetime | None
    depth: int  # 0 for a root
    is_quiesced: bool | None
    size_bytes: int | None  # of the files that belong to this snapshot; None without layoutEx
    seen_at: datetime


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


def devices(entity: Entity, *types: str) -> Iterator[dict[str, Value]]:
    """The virtual devices of a VM whose class is one of `types`; all of them when none is named."""
    for device in items(entity.get("config.hardware.device")):
        if not types or device.get("_type") in types:
            yield device


def is_nic(device: dict[str, Value]) -> bool:
    """Is this device a network card? Only cards have a MAC address in the API."""
    return "macAddress" in device or "addressType" in device


def disks_of(entity: Entity) -> tuple[Disk, ...]:
    """The virtual disks of a VM, in device order."""
    return tuple(_disk(device) for device in devices(entity, "VirtualDisk"))


def _disk(device: dict[str, Value]) -> Disk:
    capacity = whole(device.get("capacityInBytes"))
    return Disk(
        key=whole(device.get("key")),
        label=text(dig(device, "deviceInfo", "label")),
        capacity_bytes=capacity or scaled(device.get("capacityInKB"), KIB),
        path=text(dig(device, "backing", "fileName")),
        is_thin=truth(dig(device, "backing", "thinProvisioned")),
        mode=text(dig(device, "backing", "diskMode")),
        sharing=text(dig(device, "backing", "sharing")),
        has_parent=dig(device, "backing", "parent") is not None,
    )


def nics_of(entity: Entity) -> tuple[Nic, ...]:
    """The network cards of a VM with the addresses its guest reports for each."""
    return tuple(_nic(device, guest_nic(entity, device)) for device in devices(entity) if is_nic(device))


def guest_nic(entity: Entity, device: dict[str, Value]) -> dict[str, Value]:
    """The guest.net entry of a card: same device key, else same MAC; adapters inside the guest (key -1) never."""
    reported = [entry for entry in items(entity.get("guest.net")) if entry.get("deviceConfigId") != -1]
    for field, wanted in (("deviceConfigId", device.get("key")), ("macAddress", device.get("macAddress"))):
        for entry in reported:
            if wanted is not None and entry.get(field) == wanted:
                return entry
    return {}


def guest_addresses(entry: dict[str, Value]) -> tuple[str, ...]:
    """The addresses of one guest.net entry: ipConfig when there is one, else the flat list."""
    configured = [text(item.get("ipAddress")) for item in items(dig(entry, "ipConfig", "ipAddress"))]
    return tuple(address for address in configured if address) or names(entry.get("ipAddress"))


def _nic(device: dict[str, Value], reported: dict[str, Value]) -> Nic:
    return Nic(
        label=text(dig(device, "deviceInfo", "label")),
        adapter=(text(device.get("_type")) or "").removeprefix("Virtual") or None,
        mac_address=text(device.get("macAddress")),
        network=text(device.get("network")),
        is_connected=truth(dig(device, "connectable", "connected")),
        ip_addresses=guest_addresses(reported),
    )


def ip_addresses_of(entity: Entity) -> tuple[str, ...]:
    """The VM's addresses, the primary first; adapters that live only inside the guest are left out.

    Primary is the one in the subnet of the guest's default gateway; else guest.ipAddress, which moves when Docker or a
    VPN comes up; else the first. Link-local addresses are nobody's address.
    """
    found: list[str] = []
    subnets: dict[str, str] = {}
    for entry in items(entity.get("guest.net")):
        if entry.get("deviceConfigId") == -1:
            continue
        found += guest_addresses(entry)
        for item in items(dig(entry, "ipConfig", "ipAddress")):
            subnets[str(item.get("ipAddress"))] = f"{item.get('ipAddress')}/{item.get('prefixLength')}"
    reported = text(entity.get("guest.ipAddress"))
    usable = [address for address in dict.fromkeys(found or ([reported] if reported else [])) if _is_usable(address)]
    primary = _beside_gateway(usable, subnets, _gateways(entity)) or (reported if reported in usable else None)
    return tuple(sorted(usable, key=lambda address: address != primary)) if primary else tuple(usable)


def _is_usable(address: str) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return not (parsed.is_link_local or parsed.is_loopback or parsed.is_unspecified)


def _gateways(entity: Entity) -> list[str]:
    routes = [
        route
        for stack in items(entity.get("guest.ipStack"))
        for route in items(dig(stack, "ipRouteConfig", "ipRoute"))
        if route.get("network") in _ANYWHERE and route.get("prefixLength") == 0
    ]
    return [gateway for route in routes if (gateway := text(dig(route, "gateway", "ipAddress")))]


def _beside_gateway(usable: Sequence[str], subnets: dict[str, str], gateways: Sequence[str]) -> str | None:
    for address in usable:
        try:
            network = ip_interface(subnets.get(address, address)).network
            if any(ip_address(gateway) in network for gateway in gateways):
                return address
        except ValueError:
            continue
    return None


def snapshots_of(entity: Entity) -> tuple[Snapshot, ...]:
    """The snapshot tree of a VM, parents before children."""
    sizes = _snapshot_sizes(entity)
    return tuple(_walk(entity, items(entity.get("snapshot.rootSnapshotList")), sizes, depth=0))


def _walk(entity: Entity, nodes: list[dict[str, Value]], sizes: dict[str, int], depth: int) -> Iterator[Snapshot]:
    for node in nodes:
        ref = str(node.get("snapshot"))
        yield Snapshot(
            id=f"{entity.key}/{ref}",
            source=entity.source,
            name=text(node.get("name")) or ref,
            vm=entity.name,
            vm_id=entity.key,
            description=text(node.get("description")),
            created_at=moment(node.get("createTime")),
            depth=depth,
            is_quiesced=truth(node.get("quiesced")),
            size_bytes=sizes.get(ref),
            seen_at=entity.seen_at,
        )
        yield from _walk(entity, items(node.get("childSnapshotList")), sizes, depth + 1)


def _snapshot_sizes(entity: Entity) -> dict[str, int]:
    """Bytes by snapshot moref: its memory and state files, and the delta files written since it was taken.

    The API has no such property. layoutEx gives for each snapshot the chain of disk files below it, and for the VM the
    chain it runs on. The link that a longer chain adds right after a snapshot's own is the delta that exists because of
    that snapshot: what deleting it would merge. So each delta counts for one snapshot, and none is left out.
    """
    sizes = {whole(file.get("key")): whole(file.get("size")) or 0 for file in items(entity.get("layoutEx.file"))}
    layouts = items(entity.get("layoutEx.snapshot")) if sizes else []  # without the files nothing is known, not 0
    chains = [
        chain for owner in (*layouts, {"disk": entity.get("layoutEx.disk")}) for chain in _chains(owner.get("disk"))
    ]
    found: dict[str, int] = {}
    for layout in layouts:
        files = {whole(layout.get("dataKey")), whole(layout.get("memoryKey"))}
        for own in _chains(layout.get("disk")):
            files.update(*(chain[len(own)] for chain in chains if len(chain) > len(own) and chain[: len(own)] == own))
        found[str(layout.get("key"))] = sum(sizes.get(file, 0) for file in files)
    return found


def _chains(disks: Value) -> Iterator[list[tuple[int | None, ...]]]:
    """For each disk its chain of links, base first; a link is the keys of its files."""
    for disk in items(disks):
        links = [link.get("fileKey") for link in items(disk.get("chain"))]
        yield [tuple(map(whole, keys)) if isinstance(keys, list) else (whole(keys),) for keys in links]


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
