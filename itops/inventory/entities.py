"""What a source saw: entities and gaps.

An **entity** is one thing (a VM, a host, a datastore ...) as one source described it, under the names that the
vSphere API gives its properties. The property map is the lingua franca of itops: the vSphere source fills it from
the API, the rvtools source from a workbook, a recording from a file; the store keeps it; typed records
(`itops.inventory.records`), roles, health rules and the RVTools workbook read it. Keys are

* API paths, exactly as asked: `config.hardware.numCPU`, `guest.disk`, `summary.runtime...`; the value keeps the API's
  own unit (typed records convert, once). Structured values are dicts and lists; a dict of a polymorphic type
  carries its class name under `_type` (`{"_type": "VirtualDisk", "key": 2000, ...}`).
* `at.*` for what the source itself had to resolve: see `Place` below.

A **gap** is something that should have been seen and was not. A scan with gaps is still a scan.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType, Protocol, TypeAlias

# JSON values only: str, int, float, bool, None, list, dict. Moments are ISO 8601 strings in UTC ("...Z").
Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"
Properties: TypeAlias = Mapping[str, Value]

EntityKey = NewType("EntityKey", str)
"""Who a thing is, for ever: a VM's instance UUID, a host's hardware UUID. Never a name; a moref only where vSphere
has nothing better, and then together with its source."""


PARTIAL = "is_partial"
"""A property: true where a source tells only a part of a thing. What it does not tell stays as it was last told."""


class Kind(StrEnum):
    """What sort of thing an entity is. The values are the words of `itops inventory list --kind`."""

    VM = "vm"
    HOST = "host"
    CLUSTER = "cluster"
    DATASTORE = "datastore"
    DATASTORE_CLUSTER = "datastore_cluster"
    NETWORK = "network"  # standard port groups and opaque networks
    PORTGROUP = "portgroup"  # distributed port groups
    SWITCH = "switch"  # distributed switches
    RESOURCE_POOL = "resource_pool"
    DATACENTER = "datacenter"
    LICENSE = "license"
    ENDPOINT = "endpoint"  # the vCenter or ESXi itself: content.about, sessions, alarms
    DEVICE = "device"  # hardware that answered a collector; properties as in itops.assets.sightings


class Place:
    """The `at.*` properties: what a source resolved so that nobody below has to follow morefs.

    All are optional; a name is absent where the thing has no such place (a lone host has no cluster).
    """

    SERVER = "at.server"  # str: host name or address the session was opened to
    SERVER_UUID = "at.server_uuid"  # str: content.about.instanceUuid
    DATACENTER = "at.datacenter"  # str: name of the datacenter above
    CLUSTER = "at.cluster"  # str: name of the cluster of the host
    HOST = "at.host"  # str: name of the host that runs the VM
    HOST_UUID = "at.host_uuid"  # str: hardware UUID of that host
    FOLDER = "at.folder"  # str: slash path of the parent folder, /Datacenter/vm/Sub
    RESOURCE_POOL = "at.resource_pool"  # str: slash path, /Datacenter/Cluster/Resources/pool
    VAPP = "at.vapp"  # str: name of the parent vApp
    DATASTORES = "at.datastores"  # list[str]: names of the datastores a VM or host uses
    DATASTORE_CLUSTER = "at.datastore_cluster"  # str: name of the StoragePod above a datastore
    HOSTS = "at.hosts"  # list[str]: names of the hosts that mount a datastore or join a switch
    SWITCH = "at.switch"  # str: name of the distributed switch of a port group
    CUSTOM_ATTRIBUTES = "at.custom_attributes"  # dict[str, str]
    TAGS = "at.tags"  # dict[str, list[str]]: category -> tag names
    FILES = "at.files"  # datastore, when searched: list of {"folder": "[ds] x/", "path": "x.vmdk", "type", "size"}
    LICENSES = "at.licenses"  # host: list[str], names of assigned licences
    # Inside config.hardware.device, a network card carries "network" and "switch": the names behind its backing.


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One thing as one source saw it."""

    kind: Kind
    key: EntityKey
    ref: str  # what the source itself calls it (a moref); never identity
    source: str  # the name in itops.yaml: where it was seen, not who it is
    seen_at: datetime  # aware, UTC
    properties: Properties

    def get(self, path: str) -> Value:
        """The value at an API path, or None when it was absent: vSphere leaves out what is unset."""
        return self.properties.get(path)

    @property
    def name(self) -> str:
        """The thing's name as people know it (already unescaped by the source); its ref when it has none."""
        name = self.properties.get("name")
        return name if isinstance(name, str) and name else self.ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that was not seen, why, and what the person on duty can do about it."""

    source: str
    subject: str  # "host esx03", "property config.createDate", "all VMs"
    code: str  # stable, e.g. "permission.missing"; see docs/reference/gaps.md
    problem: str
    remedy: str
    hides: frozenset[Kind] = field(default_factory=frozenset)
    """Kinds this gap may have hidden whole entities of: the scan then ends no row of those kinds."""


Seen: TypeAlias = Entity | Gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One look at one source: who was asked, when, and the stream of what was seen.

    `seen` is consumed once, in bounded memory. Whatever could not be seen is in it as a Gap. It raises
    SourceUnavailable when nothing could be seen, or when the stream broke in the middle: the scan is then incomplete
    and ends no rows of the history.
    """

    source: str
    observed_at: datetime  # aware, UTC: now for a live source, the export time for a file
    seen: Iterator[Seen]
    fingerprint: str | None = None  # of the file it came from, so that no file is loaded twice; None for a live one
    hides: frozenset[Kind] = frozenset()
    """Kinds of which the source never shows all: what is switched off is not gone. Their rows never end by absence."""


class Source(Protocol):
    """A place where entities are seen. Wired by `[project.entry-points."itops.sources"]`; one folder each.

    A plugin class carries `Settings`, a frozen dataclass of what itops.yaml may say about it; it is built as
    `cls(name, settings)` and must not touch network or disk before `observe` is iterated.
    """

    @property
    def name(self) -> str:
        """The name this source has in itops.yaml."""
        ...

    def observe(self, now: datetime) -> Iterator[Observation]:
        """Look: a live source gives one observation at `now`, a folder of exports one for each file, oldest first."""
        ...
