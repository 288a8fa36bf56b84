"""One observation of a vCenter or a lone ESXi host, from login to logout, streamed.

Order matters: the tree first (names and places), then switches, port groups and hosts (what VMs refer to), the small
kinds, and the VMs last, so that each entity is complete when it leaves.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property

from itops.inventory.entities import Entity, Gap, Kind, Seen, Value
from itops.inventory.values import items, names, text, whole
from itops.sources.vsphere import gaps
from itops.sources.vsphere.collector import Collector
from itops.sources.vsphere.describe import Describer
from itops.sources.vsphere.places import TREE_TYPES, Places
from itops.sources.vsphere.rare import Rare
from itops.sources.vsphere.reader import RawObject
from itops.sources.vsphere.schema import load_schema
from itops.sources.vsphere.session import Session, open_session
from itops.sources.vsphere.settings import VsphereSettings
from itops.sources.vsphere.sightings import Sightings
from itops.sources.vsphere.soap import Client, Fault
from itops.sources.vsphere.tags import TagsUnavailable, read_tags


def observe(source: str, client: Client, settings: VsphereSettings, now: datetime) -> Iterator[Seen]:
    """Everything one server shows. Raises SourceUnavailable when it cannot be seen, or breaks off."""
    with open_session(client, settings.username, settings.password) as session:
        look = Look(source, session, settings, now)
        yield from look.everything()


class Look:
    """One look at one server; holds what later parts need of earlier ones."""

    def __init__(self, source: str, session: Session, settings: VsphereSettings, now: datetime) -> None:
        self.source = source
        self.session = session
        self.settings = settings
        self.now = now
        self.collector = Collector(session, load_schema())
        self.pending: list[Gap] = []
        self.sightings = Sightings()

    def everything(self) -> Iterator[Seen]:
        """All kinds in order; gaps as soon as they are known."""
        self.describer = self._describer()
        yield from self._switches()
        yield from self._hosts()
        for kind, managed in self._small_kinds():
            yield from self._kind(kind, managed)
        yield from self._datastores()
        yield from self._vms()
        yield from self._hidden()
        yield from self._licenses()
        yield self._endpoint()
        self.pending += gaps.of_holes(self.source, self.session.username, self.collector.holes)
        yield from self._flush()

    def _flush(self) -> Iterator[Gap]:
        yield from self.pending
        self.pending.clear()

    def _describer(self) -> Describer:
        about = self.session.about
        places = Places.of(self.collector.all("ManagedEntity", TREE_TYPES))
        return Describer(
            source=self.source,
            server=self.session.client.server.host,
            server_uuid=about.get("instanceUuid") or None,
            seen_at=self.now,
            places=places,
            gap=self.pending.append,
            attributes=self._attributes(),
            tags=self._tags(),
            licenses=self._assigned_licenses(),
        )

    def _attributes(self) -> dict[int, str]:
        """Custom field key -> name; ESXi has no such manager."""
        manager = self.session.managers.get("customFieldsManager")
        if manager is None:
            return {}
        fields = items(self._object("CustomFieldsManager", manager[1]).get("field"))
        return {key: text(f.get("name")) or str(key) for f in fields if (key := whole(f.get("key"))) is not None}

    def _object(self, managed: str, ref: str) -> dict[str, Value]:
        """The properties of one object, a manager most often; none, and a gap, when the server refuses them."""
        try:
            found = self.collector.some(managed, [ref])
        except Fault as fault:
            self.pending.append(gaps.manager_refused(self.source, managed, fault))
            return {}
        return found[0].properties if found else {}

    def _tags(self) -> dict[str, dict[str, Value]]:
        if not (self.settings.tags and self.session.is_vcenter):
            return {}
        try:
            return read_tags(self.session.client.server, self.settings.username, self.settings.password)
        except TagsUnavailable as failure:
            self.pending.append(gaps.tags_unavailable(self.source, failure))
            return {}

    @cached_property
    def _license_manager(self) -> dict[str, Value]:
        """The licences, and who assigns them."""
        manager = self.session.managers.get("licenseManager")
        return self._object("LicenseManager", manager[1]) if manager else {}

    def _assigned_licenses(self) -> dict[str, list[Value]]:
        """Host moref -> licences; vCenter only."""
        assignment = self._license_manager.get("licenseAssignmentManager") if self.session.is_vcenter else None
        if not isinstance(assignment, str):
            return {}
        rare = Rare(self.session)
        try:
            return rare.assigned_licenses(assignment)
        except rare.failures as fault:
            self.pending.append(gaps.call_refused(self.source, "the licences of hosts", fault))
            return {}

    def _all(self, kind: Kind, managed: str, only: str | None = None) -> Iterator[RawObject]:
        """All objects of a kind, noted; a gap when the server refuses them, or refuses to go on."""
        try:
            for raw in self.collector.all(managed, only=only):
                self.sightings.note(kind, raw)
                yield raw
        except Fault as fault:
            self.pending.append(gaps.manager_refused(self.source, managed, fault))

    def _switches(self) -> Iterator[Seen]:
        """Distributed switches and port groups, which VMs name by key."""
        if not self.session.is_vcenter:
            return
        for raw in self._all(Kind.SWITCH, "DistributedVirtualSwitch"):
            self.describer.places.switches[str(raw.properties.get("uuid"))] = self.describer.places.name(raw.ref) or ""
            yield self.describer.other(Kind.SWITCH, raw)
        for raw in self._all(Kind.PORTGROUP, "DistributedVirtualPortgroup"):
            entity = self.describer.other(Kind.PORTGROUP, raw)
            self.describer.places.portgroups[str(raw.properties.get("key"))] = entity.name
            yield entity
        yield from self._flush()

    def _hosts(self) -> Iterator[Seen]:
        for raw in self._all(Kind.HOST, "HostSystem"):
            yield self.describer.host(raw)
        yield from self._flush()

    def _small_kinds(self) -> Iterator[tuple[Kind, str]]:
        vcenter_only = {Kind.CLUSTER, Kind.DATASTORE_CLUSTER}
        for kind, managed in (
            (Kind.DATACENTER, "Datacenter"),
            (Kind.CLUSTER, "ClusterComputeResource"),
            (Kind.RESOURCE_POOL, "ResourcePool"),
            (Kind.DATASTORE_CLUSTER, "StoragePod"),
            (Kind.NETWORK, "Network"),
        ):
            if self.session.is_vcenter or kind not in vcenter_only:
                yield kind, managed

    def _kind(self, kind: Kind, managed: str) -> Iterator[Seen]:
        for raw in self._all(kind, managed):
            if kind is Kind.NETWORK and raw.type == "DistributedVirtualPortgroup":
                continue  # a subclass, already given with what only port groups have
            if kind is Kind.CLUSTER:
                _flatten(raw, "configurationEx")
                _flatten(raw, "summary")
            yield self.describer.other(kind, raw)
        yield from self._flush()

    def _datastores(self) -> Iterator[Seen]:
        for raw in self._all(Kind.DATASTORE, "Datastore"):
            browser = raw.properties.pop("browser", None)
            entity = self.describer.datastore(raw)
            if self.settings.browse_datastores and isinstance(browser, str):
                entity = self._browsed(entity, browser)
            yield entity
        yield from self._flush()

    def _browsed(self, entity: Entity, browser: str) -> Entity:
        """The datastore with its files, or with a gap that says why not."""
        rare = Rare(self.session)
        found: list[Value] = []
        try:
            found.extend(rare.files(browser, entity.name, self.settings.browse_timeout_seconds))
        except rare.failures as fault:
            self.pending.append(gaps.search_failed(self.source, entity.name, fault))
            return entity
        return gaps.with_files(entity, found)

    def _vms(self) -> Iterator[Seen]:
        for raw in self._all(Kind.VM, "VirtualMachine"):
            yield self.describer.vm(raw)
            if self.pending:
                yield from self._flush()
        yield from self._unread_vms()

    def _unread_vms(self) -> Iterator[Gap]:
        """VMs that a host still has registered but that could not be read: hidden from the account, not gone."""
        unread = self.sightings.unread(Kind.VM)
        if not unread:
            return
        hosts = self._all(Kind.HOST, "HostSystem", only="vm")
        still = {ref for raw in hosts for ref in names(raw.properties.get("vm"))} & unread
        if still:
            yield gaps.hidden_vms(self.source, self.session.username, sorted(still))
        if unread - still:
            yield gaps.vanished_vms(self.source, sorted(unread - still))

    def _hidden(self) -> Iterator[Gap]:
        """What others point at and nobody showed us."""
        username = self.session.username
        if not self.sightings.has(Kind.HOST):
            yield gaps.nothing_shown(self.source, username)
        for kind, refs in self.sightings.hidden():
            yield gaps.hidden(self.source, username, kind, refs)

    def _licenses(self) -> Iterator[Seen]:
        for found in items(self._license_manager.get("licenses")):
            yield self.describer.license(found)
        yield from self._flush()

    def _endpoint(self) -> Entity:
        """The server itself: what it says of itself, its open alarms and sessions."""
        about = self.session.about
        properties: dict[str, Value] = {f"content.about.{name}": value for name, value in about.items() if value}
        properties["name"] = self.session.client.server.host
        properties["sessionList"] = self._sessions()
        properties.update(self._alarms())
        key = about.get("instanceUuid") or f"esx:{next(iter(self.describer.places.host_uuids.values()), self.source)}"
        return self.describer.entity(
            Kind.ENDPOINT, RawObject("ServiceInstance", "ServiceInstance", properties, ()), key
        )

    def _sessions(self) -> Value:
        manager = self.session.managers.get("sessionManager")
        return self._object("SessionManager", manager[1]).get("sessionList") if manager else None

    def _alarms(self) -> dict[str, Value]:
        """Open alarms of everything below the root, with the names of alarm and object; whether alarms act at all."""
        if "alarmManager" not in self.session.managers:
            return {}
        root = self._object("Folder", self.session.managers["rootFolder"][1])
        states = items(root.get("triggeredAlarmState"))
        wanted = sorted({alarm for state in states if (alarm := text(state.get("alarm")))})
        named: dict[str, Value] = {}
        try:
            named = {raw.ref: raw.properties.get("info.name") for raw in self.collector.some("Alarm", wanted)}
        except Fault as fault:
            self.pending.append(gaps.manager_refused(self.source, "Alarm", fault))
        for state in states:
            state["name"] = named.get(str(state.get("alarm")))
            state["entity_name"] = self.describer.places.name(state.get("entity"))
        return {**root, "triggeredAlarmState": list(states)}


def _flatten(raw: RawObject, path: str) -> None:
    """A structure that had to be asked whole, as the property paths below it."""
    whole_value = raw.properties.pop(path, None)
    if isinstance(whole_value, dict):
        raw.properties.update({f"{path}.{name}": value for name, value in whole_value.items() if name != "_type"})
