"""The entities that rules judge, indexed once, and those that rules must leave alone.

* SRM placeholders stand for a VM that runs elsewhere: no rule sees them.
* Agent VMs (vCLS and kin) come and go by themselves: rules about snapshots, tools, backup and names use `owned`.
* Templates have no guest to look into: rules about guests use `servers` or `running`.
* A host or datastore seen through two sources is judged once, as it was seen last, and as vCenter saw it when both
  looked at once; so is a VM, unless it was seen on two hosts: then both are kept and `copies` tells.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from itops.inventory.entities import Entity, EntityKey, Gap, Kind, Place
from itops.inventory.roles.standing import Standing, standing_of
from itops.inventory.values import names, text

API_TYPE = "content.about.apiType"
# Their keys say who they are in every source; all other keys carry the name of their source.
_SEEN_EVERYWHERE = frozenset({Kind.VM, Kind.HOST, Kind.DATASTORE})

ESTATE_READS: tuple[tuple[Kind, str], ...] = (
    *((kind, "name") for kind in Kind),
    *((Kind.VM, f"config.managedBy.{field}") for field in ("extensionKey", "type")),
    *((Kind.VM, path) for path in ("config.template", "runtime.powerState", "runtime.host", "datastore")),
    (Kind.VM, "runtime.connectionState"),
    *((Kind.VM, path) for path in (Place.HOST, Place.HOST_UUID, Place.DATASTORES)),
    (Kind.HOST, "runtime.connectionState"),
    (Kind.HOST, Place.CLUSTER),
    (Kind.HOST, Place.DATACENTER),
    (Kind.CLUSTER, Place.DATACENTER),
    (Kind.ENDPOINT, API_TYPE),
)
"""Paths that the indexes read, on top of what the rules read."""


@dataclass(frozen=True, kw_only=True)
class Estate:
    """What is known of all sources at one moment. Build it with `Estate.of`."""

    entities: tuple[Entity, ...]
    gaps: tuple[Gap, ...] = ()
    powered_off_since: Mapping[EntityKey, datetime] | None = None  # by VM; None: there is no history to tell

    @classmethod
    def of(
        cls,
        entities: Iterable[Entity],
        *,
        gaps: Iterable[Gap] = (),
        powered_off_since: Mapping[EntityKey, datetime] | None = None,
        keep: Mapping[Kind, Collection[str]] | None = None,
    ) -> "Estate":
        """The estate of some entities; `keep` (see `paths_read`) drops the properties that no rule reads, so that
        twenty thousand VMs fit into memory."""
        seen = (_trimmed(entity, keep) for entity in entities) if keep is not None else entities
        return cls(entities=tuple(seen), gaps=tuple(gaps), powered_off_since=powered_off_since)

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """Names of the sources that showed something or may have missed something whole. A property that a server was
        too old to tell does not bring back a host that was read directly before vCenter took it over."""
        return tuple(sorted({one.source for one in self.entities} | {gap.source for gap in self.gaps if gap.hides}))

    @cached_property
    def lone_hosts(self) -> frozenset[str]:
        """Names of the sources that are an ESXi host and no vCenter."""
        endpoints = (entity for entity in self.entities if entity.kind is Kind.ENDPOINT)
        return frozenset(entity.source for entity in endpoints if entity.get(API_TYPE) == "HostAgent")

    @cached_property
    def by_kind(self) -> Mapping[Kind, tuple[Entity, ...]]:
        """Every entity that is judged, once."""
        found: dict[Kind, dict[tuple[str, ...], Entity]] = {kind: {} for kind in Kind}
        for entity in self.entities:
            if not (entity.kind is Kind.VM and standing_of(entity) is Standing.PLACEHOLDER):
                kept = found[entity.kind]
                identity = self._identity(entity)
                kept[identity] = max(kept.get(identity, entity), entity, key=self._rank)
        return {kind: tuple(kept.values()) for kind, kept in found.items()}

    def _rank(self, entity: Entity) -> tuple[datetime, bool]:
        return entity.seen_at, entity.source not in self.lone_hosts

    def _identity(self, entity: Entity) -> tuple[str, ...]:
        if entity.kind not in _SEEN_EVERYWHERE:
            return (entity.source, entity.key)
        return (entity.key, self.host_id(entity)) if entity.kind is Kind.VM else (entity.key,)

    @cached_property
    def vms(self) -> tuple[Entity, ...]:
        """All VMs and templates but SRM placeholders."""
        return self.by_kind[Kind.VM]

    @cached_property
    def owned(self) -> tuple[Entity, ...]:
        """The VMs and templates that the office made: without agents."""
        return tuple(vm for vm in self.vms if standing_of(vm) is not Standing.AGENT)

    @cached_property
    def servers(self) -> tuple[Entity, ...]:
        """The office's VMs without templates."""
        return tuple(vm for vm in self.owned if vm.get("config.template") is not True)

    @cached_property
    def running(self) -> tuple[Entity, ...]:
        """The office's VMs that are powered on."""
        return tuple(vm for vm in self.servers if is_on(vm))

    @cached_property
    def hosts(self) -> tuple[Entity, ...]:
        """All hosts."""
        return self.by_kind[Kind.HOST]

    @cached_property
    def answering_hosts(self) -> tuple[Entity, ...]:
        """Hosts whose settings are of today: what vCenter still tells of a lost host is old."""
        return tuple(host for host in self.hosts if _answers(host))

    @cached_property
    def _by_ref(self) -> Mapping[tuple[str, str], Entity]:
        return {(entity.source, entity.ref): entity for entity in self.entities}

    def by_ref(self, source: str, ref: object) -> Entity | None:
        """What a source calls `ref`."""
        return self._by_ref.get((source, ref)) if isinstance(ref, str) else None

    @cached_property
    def _by_name(self) -> Mapping[tuple[Kind, str, str], Entity]:
        return {(entity.kind, entity.source, entity.name): entity for entity in self.entities}

    def by_name(self, kind: Kind, source: str, name: object) -> Entity | None:
        """The thing of that kind and name in a source; the last one where a source has two."""
        return self._by_name.get((kind, source, name)) if isinstance(name, str) else None

    def host_id(self, vm: Entity) -> str:
        """The key of the host that a VM is on; its name where the key is unknown, "" when not even that is."""
        direct = text(vm.get(Place.HOST_UUID))
        if direct:
            return direct.lower()
        name = vm.get(Place.HOST)
        host = self.by_ref(vm.source, vm.get("runtime.host")) or self.by_name(Kind.HOST, vm.source, name)
        return host.key if host else text(name) or ""

    @cached_property
    def vms_by_host(self) -> Mapping[str, tuple[Entity, ...]]:
        """VMs and templates by the key of their host."""
        found: dict[str, list[Entity]] = defaultdict(list)
        for vm in self.vms:
            found[self.host_id(vm)].append(vm)
        return {host: tuple(vms) for host, vms in found.items()}

    def datastore_ids(self, entity: Entity) -> set[str]:
        """The keys of the datastores that a VM or a host uses."""
        refs = (self.by_ref(entity.source, ref) for ref in names(entity.get("datastore")))
        named = (self.by_name(Kind.DATASTORE, entity.source, name) for name in names(entity.get(Place.DATASTORES)))
        return {found.key for found in (*refs, *named) if found and found.kind is Kind.DATASTORE}

    def datastores_called(self, vm: Entity, name: str) -> tuple[str, ...]:
        """The keys of the datastores of that name: of those that the VM uses, else of its source's."""
        known = self._datastores_by_name.get((vm.source, name), ())
        used = self.datastore_ids(vm).intersection(known) if len(known) > 1 else ()
        return tuple(used) or known

    @cached_property
    def _datastores_by_name(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for datastore in self.entities:
            if datastore.kind is Kind.DATASTORE:
                found[datastore.source, datastore.name].append(datastore.key)
        return {place: tuple(keys) for place, keys in found.items()}

    @cached_property
    def vms_by_datastore(self) -> Mapping[str, tuple[Entity, ...]]:
        """VMs and templates by the key of each datastore that they use."""
        found: dict[str, list[Entity]] = defaultdict(list)
        for vm in self.vms:
            for key in self.datastore_ids(vm):
                found[key].append(vm)
        return {datastore: tuple(vms) for datastore, vms in found.items()}

    def hosts_of(self, cluster: Entity) -> tuple[Entity, ...]:
        """The answering hosts of a cluster, as its own source shows them: read directly a host knows no cluster."""
        return self._hosts_by_cluster.get((cluster.source, text(cluster.get(Place.DATACENTER)), cluster.name), ())

    @cached_property
    def _hosts_by_cluster(self) -> Mapping[tuple[str, str | None, str], tuple[Entity, ...]]:
        found: dict[tuple[str, str | None, str], list[Entity]] = defaultdict(list)
        for host in self.entities:
            cluster = text(host.get(Place.CLUSTER)) if host.kind is Kind.HOST and _answers(host) else None
            if cluster:
                found[host.source, text(host.get(Place.DATACENTER)), cluster].append(host)
        return {cluster: tuple(hosts) for cluster, hosts in found.items()}

    @cached_property
    def copies(self) -> tuple[tuple[Entity, ...], ...]:
        """Groups of VMs that share one identity and are not the same VM: on two hosts, or twice in one source."""
        found: dict[str, list[Entity]] = defaultdict(list)
        for vm in self.vms:
            found[vm.key.partition("@")[0]].append(vm)  # KEY@moref: the second one within one source
        groups = (vms for vms in found.values() if self._are_many(vms))
        return tuple(tuple(sorted(vms, key=lambda vm: (vm.name, vm.source, vm.ref))) for vms in groups)

    def _are_many(self, vms: list[Entity]) -> bool:
        twins = any("@" in vm.key for vm in vms)
        return len(vms) > 1 and (twins or len({self.host_id(vm) for vm in vms} - {""}) > 1)


def is_on(vm: Entity) -> bool:
    """Is the VM powered on?"""
    return vm.get("runtime.powerState") == "poweredOn"


def _answers(host: Entity) -> bool:
    return host.get("runtime.connectionState") not in ("disconnected", "notResponding")


def _trimmed(entity: Entity, keep: Mapping[Kind, Collection[str]]) -> Entity:
    wanted = keep.get(entity.kind, ())
    return replace(entity, properties={path: entity.properties[path] for path in wanted if path in entity.properties})
