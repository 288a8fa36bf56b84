"""Drafts become entities: what only the whole workbook tells (who runs where), identity, kinds without a sheet."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from itops.inventory.devices import is_nic
from itops.inventory.entities import Entity, EntityKey, Gap, Kind, Place, Value
from itops.inventory.values import items, text
from itops.sources.identity import uuid_key, volume_key
from itops.sources.rvtools.backwards import datastore_nfs
from itops.sources.rvtools.drafts import Draft, Drafts

_DATASTORE = re.compile(r"\[([^\]]+)\]")
_PRODUCT = re.compile(r"(\d+\.\d+\.\d+) build-(\d+)")


@dataclass(slots=True)
class Assembly:
    """Everything read of one workbook, on its way to entities."""

    source: str
    seen_at: datetime
    drafts: dict[Kind, Drafts]
    has_smbios_column: bool = True
    _keys: set[tuple[Kind, str]] = field(default_factory=set)
    _by_name: dict[Kind, int] = field(default_factory=dict)  # how many had no identity but a name
    _gaps: list[Gap] = field(default_factory=list)

    def entities(self) -> Iterator[Entity]:
        """Every entity, then `gaps` is complete."""
        self._join()
        for kind, finish in _FINISH.items():
            # The lowest id first: of two with one UUID it keeps the key, whatever the order of the rows.
            for draft in sorted(self.drafts[kind], key=lambda draft: draft.ref):
                finish(self, draft)
                yield self._entity(draft)

    def gaps(self) -> Iterator[Gap]:
        """What was found wrong with identities."""
        yield from self._gaps
        for kind, count in self._by_name.items():
            yield Gap(
                source=self.source,
                subject=f"{count} of kind {kind.value}",
                code="identity.by-name",
                problem="the workbook gives no UUID for them; they are told apart by id or name",
                remedy="a rename will look like one gone and one new; export with a newer RVTools",
            )
        if not self.has_smbios_column and len(self.drafts[Kind.VM]):
            yield Gap(
                source=self.source,
                subject="all VMs",
                code="identity.smbios-only",
                problem="this old workbook gives only the SMBIOS UUID of a VM, not its instance UUID",
                remedy="its VMs will not be joined with what vCenter shows today; nothing can be done",
            )

    # -- what only the whole workbook tells

    def _join(self) -> None:
        self._place_vms()
        self._place_clusters()
        self._place_datastores()
        self._add_named(Kind.DATACENTER, Place.DATACENTER)
        self._add_networks()
        self._add_endpoints()

    def _place_vms(self) -> None:
        """Whose VM is it? Hosts, datastores and pools get their lists of VMs back, empty ones included."""
        hosts, stores, pools = (self.drafts[kind] for kind in (Kind.HOST, Kind.DATASTORE, Kind.RESOURCE_POOL))
        pool_of = {(pool.server, text(pool.properties.get(Place.RESOURCE_POOL))): pool for pool in pools}
        if len(self.drafts[Kind.VM]):
            for draft in (*hosts, *stores, *pools):
                draft.list_at("vm")
        for vm in self.drafts[Kind.VM]:
            _finish_devices(vm)
            host = hosts.named(str(vm.properties.get(Place.HOST)), vm.server)
            if host is not None:
                host.list_at("vm").append(vm.ref or vm.name)
                if uuid := text(host.properties.get("hardware.systemInfo.uuid")):
                    vm.properties[Place.HOST_UUID] = uuid
            if pool := pool_of.get((vm.server, text(vm.properties.get(Place.RESOURCE_POOL)))):
                pool.list_at("vm").append(vm.ref or vm.name)
            used = list(dict.fromkeys(_datastores(vm)))
            if used:
                vm.properties.setdefault(Place.DATASTORES, list[Value](used))
            for name in used:
                if store := stores.named(name, vm.server):
                    store.list_at("vm").append(vm.ref or vm.name)

    def _place_clusters(self) -> None:
        """vCluster does not say the datacenter; the rows of its hosts do."""
        for host in self.drafts[Kind.HOST]:
            cluster = self.drafts[Kind.CLUSTER].named(str(host.properties.get(Place.CLUSTER)), host.server)
            datacenter = text(host.properties.get(Place.DATACENTER))
            if cluster is not None and datacenter:
                cluster.properties.setdefault(Place.DATACENTER, datacenter)

        for vm in self.drafts[Kind.VM]:
            said = vm.properties.get("row.ha")
            cluster = self.drafts[Kind.CLUSTER].named(str(vm.properties.get(Place.CLUSTER)), vm.server)
            if isinstance(said, dict) and cluster is not None:
                _override(cluster, vm, said)

    def _place_datastores(self) -> None:
        clusters = self.drafts[Kind.DATASTORE_CLUSTER]
        for store in self.drafts[Kind.DATASTORE]:
            _address(store)
            sizes = {name: store.properties.pop(f"row.cluster_{name}", None) for name in ("capacity", "freeSpace")}
            if name := text(store.properties.get(Place.DATASTORE_CLUSTER)):
                cluster = clusters.find(name, server=store.server)
                cluster.properties.setdefault("name", name)
                for size, value in sizes.items():
                    if value is not None:
                        cluster.set(f"summary.{size}", value)

    def _add_named(self, kind: Kind, place: str) -> None:
        for drafts in (self.drafts[Kind.VM], self.drafts[Kind.HOST]):
            for draft in drafts:
                if name := text(draft.properties.get(place)):
                    self.drafts[kind].find(name, server=draft.server).properties.setdefault("name", name)

    def _add_networks(self) -> None:
        for host in self.drafts[Kind.HOST]:
            for group in items(host.properties.get("config.network.portgroup")):
                spec = group.get("spec")
                name = text(spec.get("name")) if isinstance(spec, dict) else None
                if name is None:
                    continue
                network = self.drafts[Kind.NETWORK].find(name, server=host.server)
                network.properties.setdefault("name", name)
                if datacenter := host.properties.get(Place.DATACENTER):
                    network.properties.setdefault(Place.DATACENTER, datacenter)
                network.list_at(Place.HOSTS).append(host.name)

    def _add_endpoints(self) -> None:
        endpoints = self.drafts[Kind.ENDPOINT]
        for drafts in (self.drafts[Kind.VM], self.drafts[Kind.HOST]):
            for draft in drafts:
                server, uuid = (text(draft.properties.get(place)) for place in (Place.SERVER, Place.SERVER_UUID))
                if not (server or uuid):
                    continue
                known = endpoints.find(server or uuid or "", uuid=(uuid or "").lower(), server=draft.server)
                for place, value in ((Place.SERVER, server), (Place.SERVER_UUID, uuid)):
                    if value:
                        known.properties.setdefault(place, value)

    # -- identity

    def _entity(self, draft: Draft) -> Entity:
        properties = {key: value for key, value in draft.properties.items() if not key.startswith("row.")}
        properties.setdefault("name", draft.name)
        ref = draft.ref or draft.name
        key = self._unique(draft, _KEYS.get(draft.kind, _no_uuid)(draft))
        return Entity(
            kind=draft.kind, key=key, ref=ref, source=self.source, seen_at=self.seen_at, properties=properties
        )

    def _unique(self, draft: Draft, uuid: str | None) -> EntityKey:
        key = uuid
        if key is None:
            if draft.kind in (Kind.VM, Kind.HOST, Kind.DATASTORE, Kind.LICENSE):
                self._by_name[draft.kind] = self._by_name.get(draft.kind, 0) + 1
            key = ":".join(filter(None, (self.source, draft.server, draft.ref or draft.name)))
        if (draft.kind, key) in self._keys:
            self._gaps.append(_duplicate(self.source, draft, key))
            key = f"{key}@{draft.ref or draft.name}"
            while (draft.kind, key) in self._keys:
                key += "+"
        self._keys.add((draft.kind, key))
        return EntityKey(key)


def _duplicate(source: str, draft: Draft, key: str) -> Gap:
    return Gap(
        source=source,
        subject=f"{draft.kind.value} {draft.name}",
        code="identity.duplicate",
        problem=f"{key} is the identity of another {draft.kind.value}, too",
        remedy="give the copy an identity of its own in vCenter",
    )


def _datastores(vm: Draft) -> Iterator[str]:
    paths: list[Value] = [vm.properties.get("config.files.vmPathName")]
    for device in items(vm.properties.get("config.hardware.device")):
        backing = device.get("backing")
        paths.append(backing.get("fileName") if isinstance(backing, dict) else None)
    for path in paths:
        if found := _DATASTORE.match(str(path)):
            yield found[1]


def _finish_devices(vm: Draft) -> None:
    """Cards from vInfo where vNetwork said nothing; the total of disks only where vDisk said nothing."""
    listed = items(vm.properties.get("config.hardware.device"))
    has_cards = any(map(is_nic, listed))
    for number in range(1, 9):
        name = vm.properties.pop(f"row.network.{number}", None)
        if name is not None and not has_cards:
            card: dict[str, Value] = {"_type": "VirtualEthernetCard", "macAddress": None, "network": name}
            vm.add("config.hardware.device", card)
    if any(device.get("_type") == "VirtualDisk" for device in listed):
        vm.properties.pop("at.disk_capacity_bytes", None)


def _override(cluster: Draft, vm: Draft, said: dict[str, Value]) -> None:
    """Where a VM's restart settings differ from its cluster's, the VM has settings of its own."""
    das = cluster.properties.get("configurationEx.dasConfig")
    if not isinstance(das, dict):
        return
    usual = das.get("defaultVmSettings")
    usual = {"vmMonitoring": das.get("vmMonitoring"), **(usual if isinstance(usual, dict) else {})}
    own = {name: value for name, value in said.items() if value != usual.get(name)}
    if "vmMonitoring" in own:
        own["vmToolsMonitoringSettings"] = {"vmMonitoring": own.pop("vmMonitoring")}
    if own:
        cluster.add("configurationEx.dasVmConfig", {"key": vm.ref or vm.name, "dasSettings": own})


def _address(store: Draft) -> None:
    address = text(store.properties.pop("row.address", None))
    if address is None:
        return
    if str(store.properties.get("summary.type")).upper().startswith("NFS"):
        if nas := datastore_nfs(address):
            store.properties["info"] = {"_type": "NasDatastoreInfo", "nas": nas}
        return
    extents: list[Value] = [{"diskName": part.strip()} for part in address.split(",") if part.strip()]
    store.set("info[VmfsDatastoreInfo]>vmfs.extent", extents)


def _vm_key(draft: Draft) -> str | None:
    return uuid_key(draft.properties.get("config.instanceUuid")) or uuid_key(draft.properties.get("config.uuid"))


def _host_key(draft: Draft) -> str | None:
    return uuid_key(draft.properties.get("hardware.systemInfo.uuid"))


def _datastore_key(draft: Draft) -> str | None:
    return volume_key(text(draft.properties.get("summary.url")))


def _license_key(draft: Draft) -> str | None:
    key = text(draft.properties.get("licenseKey"))
    return f"license:{sha256(key.encode()).hexdigest()[:16]}" if key else None


def _endpoint_key(draft: Draft) -> str | None:
    uuid = text(draft.properties.get(Place.SERVER_UUID))
    is_host = draft.properties.get("content.about.apiType") == "HostAgent"
    return None if uuid is None else f"esx:{uuid.lower()}" if is_host else uuid


def _no_uuid(draft: Draft) -> str | None:
    return None


_KEYS: dict[Kind, Callable[[Draft], str | None]] = {
    Kind.VM: _vm_key,
    Kind.HOST: _host_key,
    Kind.DATASTORE: _datastore_key,
    Kind.LICENSE: _license_key,
    Kind.ENDPOINT: _endpoint_key,
}


def _finish_vm(assembly: Assembly, draft: Draft) -> None:
    if not assembly.has_smbios_column and (uuid := draft.properties.pop("config.instanceUuid", None)):
        draft.properties["config.uuid"] = uuid


def _finish_host(assembly: Assembly, draft: Draft) -> None:
    """Version and build stand in the full name: VMware ESXi 7.0.3 build-21930508."""
    if found := _PRODUCT.search(text(draft.properties.get("config.product.fullName")) or ""):
        draft.properties["config.product.version"], draft.properties["config.product.build"] = found.groups()


def _finish_endpoint(assembly: Assembly, draft: Draft) -> None:
    properties = draft.properties
    if (server := properties.get(Place.SERVER)) is not None:
        properties["name"] = server
    if properties.get("content.about.apiType") != "HostAgent" and (uuid := properties.get(Place.SERVER_UUID)):
        properties["content.about.instanceUuid"] = uuid


def _finish_license(assembly: Assembly, draft: Draft) -> None:
    if (expires := draft.properties.pop("row.expires", None)) is not None:
        draft.list_at("properties").insert(0, {"key": "expirationDate", "value": expires})


def _as_it_is(assembly: Assembly, draft: Draft) -> None:
    pass


_FINISH: dict[Kind, Callable[[Assembly, Draft], None]] = {
    **dict.fromkeys(Kind, _as_it_is),
    Kind.VM: _finish_vm,
    Kind.HOST: _finish_host,
    Kind.ENDPOINT: _finish_endpoint,
    Kind.LICENSE: _finish_license,
}
