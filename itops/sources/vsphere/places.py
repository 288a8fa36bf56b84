"""Where things stand: the tree of folders, datacenters, clusters, pools and hosts, resolved to names.

Read first, in one call; morefs end here and nobody below follows one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from itops.inventory.entities import Place, Value
from itops.inventory.values import dig, items, names, text
from itops.sources.vsphere.reader import RawObject
from itops.text import decoded_name

TREE_TYPES = (
    "Folder", "Datacenter", "ComputeResource", "ResourcePool", "StoragePod", "HostSystem", "Datastore", "Network",
    "DistributedVirtualSwitch",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """One object of the tree."""

    type: str
    name: str
    parent: str | None


@dataclass(slots=True)
class Places:
    """The tree, and what hosts and port groups add to it while they are read."""

    nodes: dict[str, Node] = field(default_factory=dict)
    host_uuids: dict[str, str] = field(default_factory=dict)  # host moref -> key
    host_switches: dict[str, dict[str, str]] = field(default_factory=dict)  # host moref -> port group -> vSwitch
    portgroups: dict[str, str] = field(default_factory=dict)  # distributed port group key -> name
    switches: dict[str, str] = field(default_factory=dict)  # distributed switch UUID -> name

    @classmethod
    def of(cls, raws: Iterable[RawObject]) -> "Places":
        """The tree from objects read with `name` and `parent`."""
        return cls({raw.ref: Node(raw.type, _name(raw), text(raw.properties.get("parent"))) for raw in raws})

    def name(self, ref: Value) -> str | None:
        """The name behind a moref; None when it is not in the tree."""
        node = self.nodes.get(ref) if isinstance(ref, str) else None
        return node.name if node else None

    def named(self, refs: Value) -> list[Value]:
        """The names behind a list of morefs, sorted; what cannot be seen keeps its moref."""
        return sorted(((self.name(ref) or ref) for ref in names(refs)), key=str)

    def above(self, ref: Value) -> Iterator[Node]:
        """A node and all nodes above it, nearest first."""
        seen = set()
        while isinstance(ref, str) and ref in self.nodes and ref not in seen:
            seen.add(ref)
            yield self.nodes[ref]
            ref = self.nodes[ref].parent

    def nearest(self, ref: Value, *types: str) -> str | None:
        """The name of the nearest node at or above `ref` that is of one of these types."""
        return next((node.name for node in self.above(ref) if node.type in types), None)

    def path(self, ref: Value) -> str | None:
        """The slash path of a node from its datacenter down: /Datacenter/vm/Linux; the root folder is not shown."""
        steps = [node for node in self.above(ref) if node.parent is not None]
        return "/" + "/".join(node.name for node in reversed(steps)) if steps else None

    def pool_path(self, ref: Value) -> str | None:
        """The slash path of a resource pool, /Datacenter/Cluster/Resources/pool, without folders of hosts."""
        steps = [node for node in self.above(ref) if node.type != "Folder"]
        return "/" + "/".join(node.name for node in reversed(steps)) if steps else None

    def of_vm(self, properties: Mapping[str, Value]) -> dict[str, Value]:
        """The `at.*` properties of a VM: placed by its host, filed by its folder or vApp."""
        get = properties.get
        host = get("runtime.host")
        resolved = {
            Place.DATACENTER: self.nearest(get("parent"), "Datacenter") or self.nearest(host, "Datacenter"),
            Place.CLUSTER: self.nearest(host, "ClusterComputeResource"),
            Place.HOST: self.name(host),
            Place.HOST_UUID: self.host_uuids.get(host) if isinstance(host, str) else None,
            Place.FOLDER: self.path(get("parent")),
            Place.RESOURCE_POOL: self.pool_path(get("resourcePool")),
            Place.VAPP: self.name(get("parentVApp")),
            Place.DATASTORES: self.named(get("datastore")) or None,
        }
        return present(resolved)

    def of_host(self, properties: Mapping[str, Value]) -> dict[str, Value]:
        """The `at.*` properties of a host."""
        parent = properties.get("parent")
        resolved = {
            Place.DATACENTER: self.nearest(parent, "Datacenter"),
            Place.CLUSTER: self.nearest(parent, "ClusterComputeResource"),
            Place.DATASTORES: self.named(properties.get("datastore")) or None,
        }
        return present(resolved)

    def of_other(self, properties: Mapping[str, Value]) -> dict[str, Value]:
        """The `at.*` properties of everything else that hangs in the tree."""
        parent, switch = properties.get("parent"), properties.get("config.distributedVirtualSwitch")
        hosts = [mount.get("key") for mount in items(properties.get("host"))] or properties.get("host")
        members = hosts or properties.get("summary.hostMember")
        resolved = {
            Place.DATACENTER: self.nearest(parent, "Datacenter"),
            Place.CLUSTER: self.nearest(parent, "ClusterComputeResource"),
            Place.DATASTORE_CLUSTER: self.nearest(parent, "StoragePod"),
            Place.FOLDER: self.path(parent),
            Place.HOSTS: self.named(members) or None,
            Place.SWITCH: self.name(switch),
        }
        return present(resolved)

    def learn_host(self, raw: RawObject, key: str) -> None:
        """Remember a host's identity and which standard switch each of its port groups hangs on."""
        self.host_uuids[raw.ref] = key
        self.host_switches[raw.ref] = {
            str(dig(group, "spec", "name")): str(dig(group, "spec", "vswitchName"))
            for group in items(raw.properties.get("config.network.portgroup"))
        }

    def connect(self, host: Value, devices: Sequence[dict[str, Value]]) -> None:
        """Write the names of network and switch into each network card."""
        local = self.host_switches.get(host, {}) if isinstance(host, str) else {}
        for device in devices:
            if "macAddress" not in device and "addressType" not in device:
                continue
            network, switch = self._behind(device.get("backing"), local)
            device.update(present({"network": network, "switch": switch}))

    def _behind(self, backing: Value, local: Mapping[str, str]) -> tuple[str | None, str | None]:
        port = dig(backing, "port")
        if port is not None:
            key, uuid = str(dig(port, "portgroupKey")), str(dig(port, "switchUuid"))
            return self.portgroups.get(key, key), self.switches.get(uuid)
        name = text(dig(backing, "deviceName"))
        if name is not None:
            return decoded_name(name), local.get(name)
        return text(dig(backing, "opaqueNetworkId")), None


def _name(raw: RawObject) -> str:
    return decoded_name(text(raw.properties.get("name")) or raw.ref)


def present(values: Mapping[str, Value]) -> dict[str, Value]:
    """Only what is there: vSphere leaves out what is unset, and so do we."""
    return {key: value for key, value in values.items() if value is not None}
