"""An estate in which everything that a rule can find is wrong somewhere; the demo office is better kept."""

from datetime import timedelta
from typing import Any

from itops.inventory.entities import Entity, Gap, Kind
from itops.inventory.health import Estate
from tests.inventory.health.estates import GIB, NOW, ago, datastore, device, disk, host, snapshot, thing, vm

_ALARM = {"alarmName": "Host memory", "entity": "host-1", "overallStatus": "red", "time": ago(days=2)}


def _worst_vm() -> Entity:
    devices = [
        device("VirtualCdrom", connectable={"connected": True}),
        device("VirtualFloppy", connectable={"connected": True}),
        device("VirtualUSB"),
        device("VirtualLsiLogicController", sharedBus="virtualSharing"),
        device("VirtualVmxnet3", backing={"port": {"portgroupKey": "dvportgroup-1"}}),
        *(disk(300 * GIB, diskMode="nonpersistent", sharing="sharingMultiWriter") for _ in range(4)),
    ]
    return vm(
        {
            "config.hardware.device": devices,
            "config.hardware.numCPU": 8,
            "config.hardware.numCoresPerSocket": 1,
            "config.cpuHotAddEnabled": True,
            "config.memoryHotAddEnabled": True,
            "config.version": "vmx-04",
            "config.guestId": "debian12_64Guest",
            "config.changeTrackingEnabled": False,
            "config.cpuAllocation.limit": 1000,
            "config.memoryAllocation.limit": 1024,
            "config.memoryAllocation.reservation": 512,
            "config.files.vmPathName": "[ds01] old/old.vmx",
            "snapshot.rootSnapshotList": [
                snapshot("veeam", 30),
                snapshot("new", 1),
                snapshot("c", 1),
                snapshot("d", 1),
            ],
            "layoutEx.file": [{"key": 1, "name": "[ds01] old/old.vmdk", "size": GIB}, {"key": 2, "size": 900 * GIB}],
            "layoutEx.disk": [{"chain": [{"fileKey": [1]}, {"fileKey": [2]}]}],
            "guest.toolsStatus": "toolsNotRunning",
            "guest.hostName": "other.example.ir",
            "guest.guestId": "windows2019srv_64Guest",
            "guest.disk": [{"diskPath": "C:\\", "capacity": 100, "freeSpace": 1}],
            "summary.quickStats.swappedMemory": 5,
            "summary.quickStats.balloonedMemory": 5,
            "summary.quickStats.overallCpuReadiness": 30,
            "summary.quickStats.overallCpuUsage": 99,
            "runtime.maxCpuUsage": 100,
            "runtime.consolidationNeeded": True,
            "runtime.connectionState": "connected",
            "runtime.host": "host-1",
            "configStatus": "yellow",
            "alarmActionsEnabled": False,
        },
        "app01",
        key="copied",
    )


def _worst_host() -> Entity:
    services = [{"key": key, "running": key != "ntpd", "policy": "on"} for key in ("TSM", "TSM-SSH", "ntpd")]
    routes = [{"state": "dead", "adapter": "key-vim.host.FibreChannelHba-vmhba2"}]
    security = {"allowPromiscuous": True, "macChanges": True, "forgedTransmits": True}
    properties: dict[str, Any] = {
        "at.cluster": "prod",
        "config.product.version": "8.0.2",
        "config.product.build": "1",
        "datastore": ["datastore-shared", "datastore-full"],
        "summary.hardware.numCpuCores": 1,
        "summary.rebootRequired": True,
        "runtime.inMaintenanceMode": True,
        "runtime.bootTime": ago(days=400),
        "runtime.healthSystemRuntime.systemHealthInfo.numericSensorInfo": [
            {"name": "Fan", "healthState": {"key": "red"}}
        ],
        "certificateInfo.notAfter": ago(days=-3),
        "config.dateTimeInfo.timeZone.name": "UTC",
        "config.service.service": services,
        "config.option": [{"key": "ScratchConfig.CurrentScratchLocation", "value": "/tmp/scratch"}],
        "config.lockdownMode": "lockdownDisabled",
        "config.storageDevice.multipathInfo.lun": [
            {"id": "naa.1", "path": routes, "policy": {"policy": "VMW_PSP_FIXED"}},
            {"id": "naa.2", "path": routes * 2, "policy": {"policy": "VMW_PSP_FIXED"}},
        ],
        "config.storageDevice.scsiLun": [{"canonicalName": "naa.1", "operationalState": ["degraded"]}],
        "config.storageDevice.hostBusAdapter": [{"device": "vmhba2", "status": "offline"}],
        "config.network.pnic": [{"key": "k0", "device": "vmnic0"}],
        "config.network.vswitch": [{"name": "vSwitch0", "pnic": ["k0"], "numPortsAvailable": 1}],
        "config.network.portgroup": [{"spec": {"name": "VM Network", "policy": {"security": security}}}],
        "configIssue": [{"fullFormattedMessage": "No coredump target"}],
        "triggeredAlarmState": [_ALARM],
    }
    return host(properties, "esx01", ref="host-1")


def _storage() -> list[Entity]:
    promised = {"summary.capacity": 100 * GIB, "summary.freeSpace": GIB, "summary.uncommitted": 900 * GIB}
    zombies = [{"path": f"[ds01] gone/gone.{suffix}", "size": GIB} for suffix in ("vmdk", "vmx")]
    return [
        datastore({**promised, "at.files": zombies}, "ds01", ref="datastore-full"),
        datastore({"summary.accessible": False}, "lost"),
        datastore({"summary.type": "VMFS"}, "shared", ref="datastore-shared"),
        *(vm({"datastore": ["datastore-shared"]}, f"many{number}") for number in range(31)),
    ]


def _others() -> list[Entity]:
    place = {"at.cluster": "prod", "config.product.version": "8.0.3"}
    clusters = [
        thing(Kind.CLUSTER, name, {"configurationEx.dasConfig": das, "configurationEx.drsConfig": {"enabled": False}})
        for name, das in (("prod", {"enabled": True, "admissionControlEnabled": False}), ("test", {"enabled": False}))
    ]
    group = {"key": "dvportgroup-1", "config.numPorts": 8, "config.autoExpand": False}
    ended = [{"key": "expirationDate", "value": ago(days=1)}]
    ending = [{"key": "expirationDate", "value": ago(days=-1)}]
    return [
        *clusters,
        vm({"runtime.connectionState": "orphaned"}, "orphan"),
        vm({"at.host_uuid": "elsewhere"}, "app01-copy", key="copied"),
        vm({"runtime.powerState": "poweredOff"}, "sleeper", key="sleeper"),
        vm({"guest.toolsStatus": "toolsNotInstalled"}, "untooled"),
        vm({"guest.toolsStatus": "toolsOld"}, "old-tools"),
        vm({"layoutEx.disk": [{"chain": [{"fileKey": [1]}, {"fileKey": [2]}]}]}, "phantom"),
        host({"runtime.connectionState": "notResponding"}, "esx09"),
        host({**place, "datastore": ["datastore-shared", "x"], "certificateInfo.notAfter": ago(days=3)}, "esx02"),
        host({**place, "datastore": ["datastore-full"]}, "esx03"),
        thing(Kind.PORTGROUP, "dv-servers", group),
        thing(Kind.LICENSE, "Evaluation Mode", {"editionKey": "eval", "used": 1, "properties": ended}),
        thing(Kind.LICENSE, "vSphere 8", {"editionKey": "esx", "used": 9, "total": 8, "properties": ending}),
        thing(Kind.ENDPOINT, "vc01", {"sessionList": [{"userName": "ALBORZ\\x", "lastActiveTime": ago(days=9)}]}),
    ]


def sick_entities() -> list[Entity]:
    """Everything, in one source."""
    return [_worst_vm(), _worst_host(), *_storage(), *_others()]


def sick_estate(entities: list[Entity] | None = None) -> Estate:
    """The estate in which every code fires at least once."""
    gap = Gap(source="vc01", subject="datastore lost", code="datastore.search-failed", problem="no right", remedy="x")
    asleep = {entity.key: NOW - timedelta(days=40) for entity in sick_entities() if entity.name == "sleeper"}
    return Estate.of(entities or sick_entities(), gaps=[gap], powered_off_since=asleep)
