"""What a row needs to know of other entities: names behind morefs, sums over VMs, cluster defaults.

Filled in one pass over every kind, before rows are made. It keeps numbers and names, never documents: 20,000 VMs cost
a few megabytes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from itops.inventory.entities import Entity, Kind, Place, Value
from itops.inventory.rvtools.paths import lookup, parse
from itops.inventory.values import dig, items, names, text, truth, whole

Ref: TypeAlias = tuple[str, str]  # source and the source's own id (or name) of a thing


@dataclass(slots=True)
class Tally:
    """Sums over the running VMs of one host; a sum is None while no VM told its part."""

    running: int = 0
    vcpus: int | None = None
    memory_mib: int | None = None
    guest_memory_mib: int | None = None
    swapped_mib: int | None = None
    ballooned_mib: int | None = None

    def add(self, vm: Entity) -> None:
        """Count a running VM in."""
        self.running += 1
        for name, path in _SUMMED.items():
            part = whole(vm.get(path))
            if part is not None:
                setattr(self, name, (getattr(self, name) or 0) + part)


_SUMMED = {
    "vcpus": "config.hardware.numCPU",
    "memory_mib": "config.hardware.memoryMB",
    "guest_memory_mib": "summary.quickStats.guestMemoryUsage",
    "swapped_mib": "summary.quickStats.swappedMemory",
    "ballooned_mib": "summary.quickStats.balloonedMemory",
}


@dataclass(slots=True)
class HighAvailability:
    """What a cluster does with its VMs when a host fails."""

    is_enabled: bool | None
    monitoring: str | None
    defaults: dict[str, Value]
    overrides: dict[str, dict[str, Value]]  # VM moref -> settings that differ


@dataclass(slots=True)
class CustomColumns:
    """The custom attributes and tag categories seen on one kind."""

    attributes: set[str] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)


class Estate:
    """Names and sums of everything seen, by source."""

    def __init__(self) -> None:
        self.servers: dict[str, tuple[str | None, str | None]] = {}  # source -> address, UUID
        self.about: dict[str, dict[str, Value]] = {}  # source -> content.about.*
        self.host_names: dict[Ref, str] = {}
        self.host_uuids: dict[str, list[str]] = {}
        self.port_groups: dict[Ref, dict[str, str]] = {}  # host name -> port group -> standard switch
        self.tallies: dict[Ref, Tally] = {}  # by host name
        self.vms: dict[Ref, tuple[bool, int]] = {}  # VM moref -> runs, vCPUs
        self.distributed: dict[Ref, str] = {}  # switch moref or uuid, port group moref or key -> name
        self.high_availability: dict[tuple[str, str | None, str], HighAvailability] = {}
        self.rules: dict[Ref, list[tuple[str, str]]] = {}  # VM moref -> kind and name
        self.datastore_clusters: dict[tuple[str, str | None, str], tuple[Value, Value]] = {}  # capacity, free bytes
        self.extents: dict[Ref, list[str]] = {}  # LUN name -> datastores on it
        self.pools: dict[Ref, tuple[str, str | None]] = {}  # name, moref of the parent
        self.custom: dict[Kind, CustomColumns] = {kind: CustomColumns() for kind in Kind}
        self._pairs: dict[tuple[bool, int], tuple[bool, int]] = {}

    @classmethod
    def survey(cls, entities: Callable[[Kind], Iterable[Entity]]) -> "Estate":
        """Look once at everything; `entities` gives a fresh stream for each kind."""
        estate = cls()
        for kind in Kind:  # VMs are added last: their sums stand under host names
            if kind is not Kind.VM:
                estate.learn(entities(kind))
        estate.learn(entities(Kind.VM))
        return estate

    def learn(self, entities: Iterable[Entity]) -> None:
        """Take from each entity what others need."""
        for entity in entities:
            self._learn_custom(entity)
            if (learn := _LEARN.get(entity.kind)) is not None:
                learn(self, entity)

    def name_of_host(self, source: str, ref: Value) -> str | None:
        """The name of the host with this moref."""
        return self.host_names.get((source, str(ref)))

    def vms_of(self, entity: Entity, refs: Iterable[str]) -> list[tuple[bool, int]]:
        """Whether each of these VMs runs, and its vCPUs; VMs that were not seen are left out."""
        return [found for ref in refs if (found := self.vms.get((entity.source, ref))) is not None]

    def _learn_custom(self, entity: Entity) -> None:
        known = self.custom[entity.kind]
        for place, into in ((Place.CUSTOM_ATTRIBUTES, known.attributes), (Place.TAGS, known.tags)):
            if isinstance(found := entity.get(place), dict):
                into.update(found)

    def _learn_endpoint(self, entity: Entity) -> None:
        uuid = text(entity.get("content.about.instanceUuid")) or text(entity.get(Place.SERVER_UUID))
        if uuid is None and entity.key.startswith("esx:"):
            uuid = entity.key.removeprefix("esx:")
        self.servers[entity.source] = (text(entity.get(Place.SERVER)), uuid)
        self.about[entity.source] = {
            key.removeprefix("content.about."): value
            for key, value in entity.properties.items()
            if key.startswith("content.about.")
        }

    def _learn_host(self, entity: Entity) -> None:
        self.host_names[entity.source, entity.ref] = entity.name
        self.tallies.setdefault((entity.source, entity.name), Tally())
        if uuid := text(entity.get("hardware.systemInfo.uuid")):
            self.host_uuids.setdefault(entity.source, []).append(uuid)
        groups = [group.get("spec") for group in items(entity.get("config.network.portgroup"))]
        self.port_groups[entity.source, entity.name] = {
            str(dig(spec, "name")): str(dig(spec, "vswitchName")) for spec in groups if dig(spec, "vswitchName")
        }

    def _learn_vm(self, entity: Entity) -> None:
        get = entity.get
        runs = get("runtime.powerState") == "poweredOn"
        cpus = whole(get("config.hardware.numCPU")) or 0
        pair = self._pairs.setdefault((runs, cpus), (runs, cpus))
        self.vms[entity.source, entity.ref] = pair
        host = text(get(Place.HOST)) or self.name_of_host(entity.source, get("runtime.host"))
        if not runs or host is None:
            return
        self.tallies.setdefault((entity.source, host), Tally()).add(entity)

    def _learn_cluster(self, entity: Entity) -> None:
        das = lookup(entity.properties, parse("configurationEx.dasConfig"))
        defaults = dig(das, "defaultVmSettings")
        overrides = {
            str(entry.get("key")): settings
            for entry in items(lookup(entity.properties, parse("configurationEx.dasVmConfig")))
            if isinstance(settings := entry.get("dasSettings"), dict)
        }
        place = (entity.source, text(entity.get(Place.DATACENTER)), entity.name)
        self.high_availability[place] = HighAvailability(
            is_enabled=truth(dig(das, "enabled")),
            monitoring=text(dig(das, "vmMonitoring")),
            defaults=defaults if isinstance(defaults, dict) else {},
            overrides=overrides,
        )
        groups = {
            group.get("name"): names(group.get("vm"))
            for group in items(lookup(entity.properties, parse("configurationEx.group")))
        }
        for rule in items(lookup(entity.properties, parse("configurationEx.rule"))):
            for ref in (*names(rule.get("vm")), *groups.get(rule.get("vmGroupName"), ())):
                said = (_RULE_KINDS.get(str(rule.get("_type")), "VM-host"), text(rule.get("name")) or "")
                self.rules.setdefault((entity.source, ref), []).append(said)

    def _learn_distributed(self, entity: Entity) -> None:
        for ref in (entity.ref, text(entity.get("uuid")), text(entity.get("key"))):
            if ref:
                self.distributed[entity.source, ref] = entity.name

    def _learn_datastore_cluster(self, entity: Entity) -> None:
        sizes = entity.get("summary.capacity"), entity.get("summary.freeSpace")
        self.datastore_clusters[entity.source, text(entity.get(Place.DATACENTER)), entity.name] = sizes

    def _learn_datastore(self, entity: Entity) -> None:
        for extent in items(lookup(entity.properties, parse("info[VmfsDatastoreInfo]>vmfs.extent"))):
            if disk := text(extent.get("diskName")):
                self.extents.setdefault((entity.source, disk), []).append(entity.name)

    def _learn_pool(self, entity: Entity) -> None:
        self.pools[entity.source, entity.ref] = (entity.name, text(entity.get("parent")))


_RULE_KINDS = {"ClusterAffinityRuleSpec": "affinity", "ClusterAntiAffinityRuleSpec": "anti-affinity"}
_LEARN: dict[Kind, Callable[[Estate, Entity], None]] = {
    Kind.ENDPOINT: Estate._learn_endpoint,
    Kind.HOST: Estate._learn_host,
    Kind.VM: Estate._learn_vm,
    Kind.CLUSTER: Estate._learn_cluster,
    Kind.SWITCH: Estate._learn_distributed,
    Kind.PORTGROUP: Estate._learn_distributed,
    Kind.DATASTORE: Estate._learn_datastore,
    Kind.DATASTORE_CLUSTER: Estate._learn_datastore_cluster,
    Kind.RESOURCE_POOL: Estate._learn_pool,
}
