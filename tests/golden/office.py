"""The office of the golden tests: small, fixed in time, and full of names that are weapons."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from itops.cli.office import Office
from itops.cli.setting import Setting
from itops.errors import SourceUnavailable
from itops.inventory.entities import Entity, Gap, Kind, Observation, Value
from itops.inventory.reading import Reader
from itops.store import StoreLocation, open_store
from tests.contracts.memory_reader import MemoryReader
from tests.inventory.sightings import HOST1, HOST2, disk, entity, host, vm

FIRST = datetime(2026, 10, 24, 3, 0, tzinfo=UTC)
SECOND = datetime(2026, 11, 14, 3, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 14, 9, 30, tzinfo=UTC)
FAILED = NOW - timedelta(hours=1)
SOURCES = {"esx01": "vsphere", "vc01": "vsphere", "branch": "vsphere", "exports": "rvtools"}
_GIB = 1024**3


def office(reader: Reader) -> Office:
    """An office over a history."""
    setting = Setting(calendar="jalali", zone=ZoneInfo("Asia/Tehran"), sources=SOURCES)
    return Office(setting=setting, now=NOW, open_reader=lambda: reader)


def filled() -> MemoryReader:
    """A lone host in the first scan; a vCenter over it and a second host in the second, where two VMs went and came."""
    store = MemoryReader()
    store.scan("esx01", FIRST, _first())
    scan = store.scan("vc01", SECOND, _second(), [_GAP])
    store.retire("esx01", SECOND, scan.id)
    store.fail("branch", FAILED, _FAILURE.problem, _FAILURE.remedy)
    return store


def fill(folder: Path) -> StoreLocation:
    """The same history in a real store."""
    location = StoreLocation(folder=folder)
    with closing(open_store(location, FIRST)) as store:
        for source, at, seen, gaps in (("esx01", FIRST, _first(), []), ("vc01", SECOND, _second(), [_GAP])):
            writer = store.begin_scan(Observation(source=source, observed_at=at, seen=iter(())), at)
            for thing in seen:
                writer.add(replace(thing, source=source, seen_at=at))
            for gap in gaps:
                writer.gap(gap)
            writer.finish(at + timedelta(seconds=2), {source})
        failed = store.begin_scan(Observation(source="branch", observed_at=FAILED, seen=iter(())), FAILED)
        failed.fail(FAILED, _FAILURE)
    return location


def _first() -> list[Entity]:
    lone = [_server(key, name, ref=f"{number}") for number, (key, name) in enumerate(_OLD, start=1)]
    return [*lone, host(name="localhost.localdomain")]


def _second() -> list[Entity]:
    after = [_server(key, name, ref=f"vm-10{number}") for number, (key, name) in enumerate(_NEW, start=1)]
    return [*after, _grown(), *_rest()]


_FAILURE = SourceUnavailable("vCenter vc02.example.ir did not answer", remedy="check the line")
_OLD = (("a-1", "kaspersky"), ("a-2", "[/]"), ("a-3", "=cmd|x"), ("a-4", "sql01"))
_NEW = (("a-2", "[/]"), ("a-3", "=cmd|x"), ("b-1", "سامانه بایگانی"), ("b-2", "a/b%2f\x1b[31m\u202egnp.exe"))
_GAP = Gap(
    source="vc01",
    subject="property config.createDate",
    code="property.too-new",
    problem="the server is too old to know it",
    remedy="nothing to do; upgrade the server to see it",
)


def _server(key: str, name: str, ref: str, **more: Value) -> Entity:
    place: dict[str, Value] = {"at__cluster": "Production", "at__datacenter": "Karaj"} if ref.startswith("vm-") else {}
    base: dict[str, Value] = {
        "config__hardware__device": [disk(2000, 40), disk(2001, 100)],
        "config__guestFullName": "Microsoft Windows Server 2019 (64-bit)",
        "config__template": False,
        "config__uuid": f"bios-{key}",
        "guest__toolsStatus": "toolsOk",
        "guest__net": [{"deviceConfigId": 4000, "ipAddress": ["192.0.2.21", "198.51.100.7"]}],
        "runtime__connectionState": "connected",
    }
    return vm(key, name, ref=ref, **(base | place | more))


def _grown() -> Entity:
    """sql01: moved to the second host, with more of everything and a snapshot."""
    snapshot: dict[str, Value] = {
        "snapshot": "snapshot-7",
        "name": '=HYPERLINK("http://192.0.2.66")',
        "createTime": "2026-11-01T08:00:00Z",
        "quiesced": True,
        "description": "before the patch",
    }
    more: dict[str, Value] = {
        "host": HOST2,
        "cpus": 8,
        "config__hardware__memoryMB": 16384,
        "config__hardware__device": [disk(2000, 40), disk(2001, 200), _CARD],
        "config__annotation": "role: sql\n+98 26 0000 0000",
        "config__createDate": "2025-03-01T05:00:00Z",
        "snapshot__rootSnapshotList": [snapshot],
    }
    return _server("a-4", "sql01", ref="vm-104", **more)


_CARD: dict[str, Value] = {
    "_type": "VirtualVmxnet3",
    "key": 4000,
    "macAddress": "00:50:56:00:00:04",
    "network": "[bold]Servers",
    "deviceInfo": {"label": "Network adapter 1"},
    "connectable": {"connected": True},
}


def _rest() -> list[Entity]:
    placed: dict[str, Value] = {"at__cluster": "Production", "at__datacenter": "Karaj", "at__server_uuid": "srv-1"}
    memory: dict[str, Value] = {"summary__hardware__memorySize": 256 * _GIB, "hardware__systemInfo__model": "[/] 380"}
    seen: dict[str, Value] = {"runtime__connectionState": "connected", "vm": ["vm-101", "vm-102"]}
    return [
        host(HOST1, **placed, **memory, **seen),
        host(HOST2, ref="host-2", **placed, **memory, **(seen | {"runtime__connectionState": "notResponding"})),
        entity(Kind.CLUSTER, "vc01:domain-c8", "Production", at__datacenter="Karaj", summary__numHosts=2),
        entity(Kind.DATASTORE, "ds-uuid-1", "@ds01", summary__capacity=2048 * _GIB, summary__freeSpace=100 * _GIB),
        entity(Kind.NETWORK, "vc01:network-7", "[bold]Servers", at__datacenter="Karaj"),
        entity(Kind.RESOURCE_POOL, "vc01:resgroup-8", "Resources", at__cluster="Production"),
        entity(Kind.LICENSE, "license:0011223344556677", "vSphere 8 Standard", total=4, used=2),
        entity(Kind.ENDPOINT, "srv-1", "VMware vCenter Server 8.0.2"),
    ]
