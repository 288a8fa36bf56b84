"""From raw objects to entities: identity, places, and the few values that need a second look."""

import hashlib
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from itops.inventory.devices import ANYWHERE
from itops.inventory.entities import Entity, EntityKey, Gap, Kind, Place, Value
from itops.inventory.values import items, names, text, whole
from itops.sources.identity import uuid_key, volume_key
from itops.sources.vsphere.places import Places, present
from itops.sources.vsphere.reader import RawObject
from itops.text import decoded_name

_KEPT_OPTIONS = frozenset(
    {
        "VMFS3.UseATSForHBOnVMFS5",
        "VMFS3.HardwareAcceleratedLocking",
        "Syslog.global.logHost",
        "ScratchConfig.CurrentScratchLocation",
    }
)


@dataclass(slots=True, kw_only=True)
class Describer:
    """Makes entities of one observation; problems it meets are handed to `gap`."""

    source: str
    server: str
    server_uuid: str | None
    seen_at: datetime
    places: Places
    gap: Callable[[Gap], None]
    attributes: Mapping[int, str]  # custom field key -> name
    tags: Mapping[str, dict[str, Value]]  # moref -> category -> tag names
    licenses: Mapping[str, list[Value]]  # host moref -> names of assigned licences

    def vm(self, raw: RawObject) -> Entity:
        """A VM. An orphaned one has no config; its identity then comes from summary.config."""
        properties = raw.properties
        properties.update(self.places.of_vm(properties))
        self.places.connect(properties.get("runtime.host"), items(properties.get("config.hardware.device")))
        for node in items(properties.get("snapshot.rootSnapshotList")):
            _unescape(node, "name")
        _settle_guest(properties)
        state = text(properties.get("runtime.connectionState"))
        if state not in (None, "connected"):
            self._unreadable_vm(raw, state)
        instance = properties.pop("summary.config.instanceUuid", None)
        bios = properties.pop("summary.config.uuid", None)
        properties.setdefault("config.instanceUuid", instance)
        properties.setdefault("config.uuid", bios)
        key = uuid_key(properties["config.instanceUuid"]) or uuid_key(properties["config.uuid"])
        return self.entity(Kind.VM, raw, key or self._unknown(raw, "VM"))

    def _unreadable_vm(self, raw: RawObject, state: str | None) -> None:
        self.gap(
            Gap(
                source=self.source,
                subject=f"VM {_name_of(raw)}",
                code="vm.unreadable",
                problem=f"the VM is {state}: what is shown of it is what the server last knew",
                remedy="look at its datastore and host; unregister it if it is gone for good",
            )
        )

    def host(self, raw: RawObject) -> Entity:
        """A host; its port groups are remembered for the VMs that follow."""
        properties = raw.properties
        uuid = uuid_key(properties.get("hardware.systemInfo.uuid")) or uuid_key(properties.get("summary.hardware.uuid"))
        properties.pop("summary.hardware.uuid", None)
        key = uuid or self._unknown_host(raw)
        self.places.learn_host(raw, key)
        properties.update(self.places.of_host(properties))
        properties.update(certificate_fields(properties.pop("config.certificate", None)))
        if "config.option" in properties:
            options = [o for o in items(properties["config.option"]) if o.get("key") in _KEPT_OPTIONS]
            properties["config.option"] = list(options)
        if raw.ref in self.licenses:
            properties[Place.LICENSES] = self.licenses[raw.ref]
        state = text(properties.get("runtime.connectionState"))
        if state != "connected":
            self._mute_host(raw, state or "unreadable")
        return self.entity(Kind.HOST, raw, key)

    def _mute_host(self, raw: RawObject, state: str) -> None:
        self.gap(
            Gap(
                source=self.source,
                subject=f"host {_name_of(raw)}",
                code="host.not-connected",
                problem=f"the host is {state}: it and its {len(names(raw.properties.get('vm')))} VMs are shown as the "
                "server last knew them",
                remedy="reconnect the host, or read it directly as a source of its own",
            )
        )

    def datastore(self, raw: RawObject) -> Entity:
        """A datastore, known by the volume in its URL."""
        raw.properties.update(self.places.of_other(raw.properties))
        key = volume_key(text(raw.properties.get("summary.url"))) or f"{self.source}:{raw.ref}"
        return self.entity(Kind.DATASTORE, raw, key)

    def other(self, kind: Kind, raw: RawObject) -> Entity:
        """Anything else: vSphere has nothing better for it than its moref."""
        raw.properties.update(self.places.of_other(raw.properties))
        if kind is Kind.RESOURCE_POOL:
            raw.properties[Place.RESOURCE_POOL] = self.places.pool_path(raw.ref)
        return self.entity(kind, raw, f"{self.source}:{raw.ref}")

    def license(self, properties: dict[str, Value]) -> Entity:
        """A licence, known by the digest of its key."""
        digest = hashlib.sha256(str(properties.get("licenseKey")).encode()).hexdigest()[:16]
        raw = RawObject("LicenseManagerLicenseInfo", digest, properties, ())
        return self.entity(Kind.LICENSE, raw, f"license:{digest}")

    def entity(self, kind: Kind, raw: RawObject, key: str) -> Entity:
        """The entity itself, with what every kind has: decoded name, attributes, tags, server."""
        properties = raw.properties
        if "name" in properties:
            properties["name"] = _name_of(raw)
        attributes: dict[str, Value] = {
            self.attributes.get(number, f"attribute {number}"): value
            for entry in items(properties.pop("customValue", None))
            if (number := whole(entry.get("key"))) is not None and (value := entry.get("value"))
        }
        properties.update(
            present(
                {
                    Place.SERVER: self.server,
                    Place.SERVER_UUID: self.server_uuid,
                    Place.CUSTOM_ATTRIBUTES: attributes or None,
                    Place.TAGS: dict(self.tags[raw.ref]) if raw.ref in self.tags else None,
                }
            )
        )
        return Entity(
            kind=kind,
            key=EntityKey(key),
            ref=raw.ref,
            source=self.source,
            seen_at=self.seen_at,
            properties={path: value for path, value in properties.items() if value is not None},
        )

    def _unknown(self, raw: RawObject, word: str) -> str:
        self.gap(
            Gap(
                source=self.source,
                subject=f"{word} {_name_of(raw)}",
                code="identity.unknown",
                problem=f"the {word} has no usable UUID, so it is known by its number on this server only",
                remedy="its history breaks when it is registered anew; give it a UUID (a VM: power it on once)",
            )
        )
        return f"{self.source}:{raw.ref}"

    def _unknown_host(self, raw: RawObject) -> str:
        self._unknown(raw, "host")
        return f"{self.source}:{_name_of(raw)}"


def _name_of(raw: RawObject) -> str:
    return decoded_name(text(raw.properties.get("name")) or raw.ref)


def _unescape(node: dict[str, Value], field: str) -> None:
    """Decode a name in a structure, and in the snapshots below it."""
    name = text(node.get(field))
    if name is not None:
        node[field] = decoded_name(name)
    for child in items(node.get("childSnapshotList")):
        _unescape(child, field)


def _settle_guest(properties: dict[str, Value]) -> None:
    """Keep of the guest's network what is the VM's own.

    Adapters that live only inside the guest (Docker, Kubernetes, VPN: deviceConfigId -1) and the routes they bring come
    and go by the hour; as part of the history each would be a revision of the VM.
    """
    if "guest.net" in properties:
        own = [nic for nic in items(properties["guest.net"]) if nic.get("deviceConfigId") != -1]
        for nic in own:
            _unescape(nic, "network")
        properties["guest.net"] = list(own)
    for stack in items(properties.get("guest.ipStack")):
        table = stack.get("ipRouteConfig")
        if isinstance(table, dict):
            table["ipRoute"] = [route for route in items(table.get("ipRoute")) if route.get("network") in ANYWHERE]


def certificate_fields(value: Value) -> dict[str, Value]:
    """`certificateInfo.*` from a host's config.certificate: a PEM, as signed bytes, base64 or plain text.

    The host's certificate manager would add only a status, for one more call per host. Empty when there is none or
    it cannot be parsed: the certificate rule then says that it could not judge.
    """
    try:
        pem = _certificate_bytes(value)
        if not pem:
            return {}
        certificate = x509.load_pem_x509_certificate(pem)
    except ValueError:
        return {}
    return {
        "certificateInfo.issuer": certificate.issuer.rfc4514_string(),
        "certificateInfo.subject": certificate.subject.rfc4514_string(),
        "certificateInfo.notBefore": certificate.not_valid_before_utc.isoformat().replace("+00:00", "Z"),
        "certificateInfo.notAfter": certificate.not_valid_after_utc.isoformat().replace("+00:00", "Z"),
    }


def _certificate_bytes(value: Value) -> bytes:
    if isinstance(value, str):
        return b64decode(value)
    found = names(value)
    numbers = value if isinstance(value, list) and not found else []
    return "".join(found).encode() or bytes(number % 256 for item in numbers if (number := whole(item)) is not None)
