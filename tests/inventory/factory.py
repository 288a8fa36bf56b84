"""Synthetic entities with the property maps that a vCenter gives: the fictional office "Alborz".

`vm_entity(3)` is always the same VM; change single properties with `vm_entity(3, {"name": "[/]"})`, take one away
with `{"config.createDate": ABSENT}`. `office()` is a small estate with everything in it, `reader_of` gives it to code
that wants a stream of each kind.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from itops.inventory.entities import Entity, EntityKey, Kind

SOURCE = "vc01"
SEEN_AT = datetime(2026, 10, 23, 8, 30, tzinfo=UTC)
SERVER_UUID = "6f1e0c52-1111-4222-8333-000000000001"
GIB = 1024**3
ABSENT = object()
ATTRIBUTES = {"Owner": "Unit 3", "role": "sql"}


def _entity(
    kind: Kind, key: str, ref: str, properties: dict[str, Any], changes: Mapping[str, Any] | None, source: str
) -> Entity:
    merged = {"at.server": f"{source}.example.ir", "at.server_uuid": SERVER_UUID, **properties, **(changes or {})}
    kept = {path: value for path, value in merged.items() if value is not ABSENT}
    return Entity(kind=kind, key=EntityKey(key), ref=ref, source=source, seen_at=SEEN_AT, properties=kept)


def vm_uuid(number: int) -> str:
    return f"5021aaaa-0000-4000-8000-{number:012d}"


def host_uuid(number: int) -> str:
    return f"4c4c4544-0000-3000-8000-{number:012d}"


def host_name(number: int) -> str:
    return f"esx{number:02d}.example.ir"


def vm_entity(number: int = 1, changes: Mapping[str, Any] | None = None, *, source: str = SOURCE) -> Entity:
    """A powered-on Windows VM with two disks, one card, a CD drive, a partition on each disk and one snapshot."""
    properties = {
        **_vm_place(number),
        **_vm_config(number),
        **_vm_guest(number),
        **_vm_runtime(number),
        **_vm_storage(number),
        "config.hardware.device": vm_devices(number),
    }
    return _entity(Kind.VM, vm_uuid(number), f"vm-{100 + number}", properties, changes, source)


def _vm_place(number: int) -> dict[str, Any]:
    return {
        "name": f"srv{number:02d}",
        "parent": "group-v4",
        "resourcePool": "resgroup-8",
        "runtime.host": "host-21",
        "datastore": ["datastore-30"],
        "at.datacenter": "Alborz",
        "at.cluster": "Cluster-1",
        "at.host": host_name(1),
        "at.host_uuid": host_uuid(1),
        "at.folder": "/Alborz/vm/Servers",
        "at.resource_pool": "/Alborz/Cluster-1/Resources",
        "at.datastores": ["ds-ssd-1"],
        "at.custom_attributes": dict(ATTRIBUTES),
        "at.tags": {"Backup": ["daily", "weekly"]},
    }


def _vm_config(number: int) -> dict[str, Any]:
    folder = f"[ds-ssd-1] srv{number:02d}/"
    return {
        "configStatus": "green",
        "config.annotation": "سرور بیمه\nrole: sql",
        "config.template": False,
        "config.uuid": f"4221bbbb-0000-4000-8000-{number:012d}",
        "config.instanceUuid": vm_uuid(number),
        "config.version": "vmx-19",
        "config.guestId": "windows2019srv_64Guest",
        "config.guestFullName": "Microsoft Windows Server 2019 (64-bit)",
        "config.createDate": "2025-04-12T06:10:05Z",
        "config.changeVersion": "2026-10-01T04:00:00.000000Z",
        "config.firmware": "efi",
        "config.changeTrackingEnabled": True,
        "config.latencySensitivity.level": "normal",
        "config.extraConfig": [{"key": "disk.enableUUID", "value": "TRUE"}],
        "config.files.vmPathName": f"{folder}srv{number:02d}.vmx",
        "config.files.logDirectory": folder,
        "config.files.snapshotDirectory": folder,
        "config.files.suspendDirectory": folder,
        "config.bootOptions.bootDelay": 0,
        "config.bootOptions.bootRetryDelay": 10000,
        "config.bootOptions.bootRetryEnabled": False,
        "config.bootOptions.enterBIOSSetup": False,
        "config.bootOptions.efiSecureBootEnabled": True,
        "config.cpuAllocation.limit": -1,
        "config.cpuAllocation.reservation": 0,
        "config.cpuAllocation.shares.level": "normal",
        "config.cpuAllocation.shares.shares": 4000,
        "config.memoryAllocation.limit": -1,
        "config.memoryAllocation.reservation": 0,
        "config.memoryAllocation.shares.level": "normal",
        "config.memoryAllocation.shares.shares": 81920,
        "config.cpuHotAddEnabled": False,
        "config.cpuHotRemoveEnabled": False,
        "config.memoryHotAddEnabled": True,
        "config.hardware.numCPU": 4,
        "config.hardware.numCoresPerSocket": 2,
        "config.hardware.memoryMB": 8192,
        "config.tools.toolsVersion": 12320,
        "config.tools.toolsUpgradePolicy": "manual",
        "config.tools.syncTimeWithHost": False,
        "summary.config.numEthernetCards": 1,
        "summary.config.numVirtualDisks": 2,
    }


def _vm_guest(number: int) -> dict[str, Any]:
    return {
        "guest.hostName": f"srv{number:02d}.example.ir",
        "guest.ipAddress": f"192.0.2.{number % 250 + 1}",
        "guest.guestState": "running",
        "guest.guestFullName": "Microsoft Windows Server 2019 (64-bit)",
        "guest.toolsStatus": "toolsOk",
        "guest.toolsRunningStatus": "guestToolsRunning",
        "guest.toolsVersionStatus2": "guestToolsCurrent",
        "guest.appHeartbeatStatus": "appStatusGray",
        "guest.appState": "none",
        "guest.guestKernelCrashed": False,
        "guest.guestOperationsReady": True,
        "guest.guestStateChangeSupported": True,
        "guest.interactiveGuestOperationsReady": False,
        "guestHeartbeatStatus": "green",
        "guest.disk": [
            {"diskPath": "C:\\", "capacity": 60 * GIB, "freeSpace": 20 * GIB, "mappings": [{"key": 2000}]},
            {"diskPath": "D:\\", "capacity": 100 * GIB, "freeSpace": 25 * GIB, "mappings": [{"key": 2001}]},
        ],
        "guest.net": [
            {
                "network": "Servers",
                "macAddress": f"00:50:56:00:{number // 256:02x}:{number % 256:02x}",
                "deviceConfigId": 4000,
                "connected": True,
                "ipAddress": [f"192.0.2.{number % 250 + 1}", "fe80::1"],
                "ipConfig": {
                    "ipAddress": [
                        {"ipAddress": f"192.0.2.{number % 250 + 1}", "prefixLength": 24},
                        {"ipAddress": "fe80::1", "prefixLength": 64},
                    ]
                },
            }
        ],
    }


def _vm_runtime(number: int) -> dict[str, Any]:
    quick = {
        "overallCpuUsage": 310, "overallCpuReadiness": 1, "guestMemoryUsage": 900, "hostMemoryUsage": 8000,
        "activeMemory": 1100, "privateMemory": 7900, "sharedMemory": 12, "swappedMemory": 0, "balloonedMemory": 0,
        "consumedOverheadMemory": 70, "staticCpuEntitlement": 2600, "staticMemoryEntitlement": 8300,
        "distributedCpuEntitlement": 300, "distributedMemoryEntitlement": 2400, "ftLogBandwidth": -1,
        "ftSecondaryLatency": -1, "ftLatencyStatus": "gray",
    }  # fmt: skip
    return {
        "overallStatus": "green",
        "runtime.powerState": "poweredOn",
        "runtime.connectionState": "connected",
        "runtime.consolidationNeeded": False,
        "runtime.bootTime": "2026-09-30T21:15:00Z",
        "runtime.maxCpuUsage": 10400,
        "runtime.maxMemoryUsage": 8192,
        "runtime.memoryOverhead": 90 * 1024**2,
        "runtime.faultToleranceState": "notConfigured",
        "runtime.dasVmProtection.dasProtected": True,
        "runtime.suspendInterval": 0,
        "runtime.minRequiredEVCModeKey": "intel-broadwell",
        **{f"summary.quickStats.{name}": value for name, value in quick.items()},
    }


def _vm_storage(number: int) -> dict[str, Any]:
    base = f"[ds-ssd-1] srv{number:02d}/srv{number:02d}"
    return {
        "summary.storage.committed": 90 * GIB,
        "summary.storage.uncommitted": 70 * GIB,
        "summary.storage.unshared": 88 * GIB,
        "layoutEx.file": [
            {"key": 1, "name": f"{base}.vmx", "type": "config", "size": 4096},
            {"key": 2, "name": f"{base}.vmdk", "type": "diskDescriptor", "size": 512},
            {"key": 3, "name": f"{base}-Snapshot1.vmsn", "type": "snapshotData", "size": 3 * 1024**2 // 2},
            {"key": 4, "name": f"{base}-Snapshot1.vmem", "type": "snapshotMemory", "size": 2 * GIB},
        ],
        "layoutEx.snapshot": [{"key": f"snapshot-{number}", "dataKey": 3, "memoryKey": 4, "disk": []}],
        "snapshot.rootSnapshotList": [
            {
                "snapshot": f"snapshot-{number}",
                "name": "before update",
                "description": "kept until Saturday",
                "createTime": "2026-10-20T17:45:30Z",
                "state": "poweredOn",
                "quiesced": False,
                "childSnapshotList": [],
            }
        ],
    }


def vm_devices(number: int) -> list[dict[str, Any]]:
    """The devices of `vm_entity`: a video card, a PVSCSI controller, two disks, one card, a CD drive."""
    folder = f"[ds-ssd-1] srv{number:02d}/srv{number:02d}"
    connectable = {"startConnected": True, "connected": True, "status": "ok"}
    return [
        {"_type": "VirtualMachineVideoCard", "key": 500, "videoRamSizeInKB": 8192, "numDisplays": 1},
        {
            "_type": "ParaVirtualSCSIController", "key": 1000, "busNumber": 0, "sharedBus": "noSharing",
            "scsiCtlrUnitNumber": 7,
            "deviceInfo": {"label": "SCSI controller 0", "summary": "VMware paravirtual SCSI"},
        },
        _disk(2000, 0, 60, f"{folder}.vmdk", number),
        _disk(2001, 1, 100, f"{folder}_1.vmdk", number),
        {
            "_type": "VirtualVmxnet3", "key": 4000, "addressType": "assigned", "uptCompatibilityEnabled": True,
            "deviceInfo": {"label": "Network adapter 1", "summary": "Servers"},
            "macAddress": f"00:50:56:00:{number // 256:02x}:{number % 256:02x}",
            "connectable": connectable, "network": "Servers", "switch": "vSwitch0",
            "backing": {"_type": "VirtualEthernetCardNetworkBackingInfo", "deviceName": "Servers"},
        },
        {
            "_type": "VirtualCdrom", "key": 3000, "controllerKey": 200, "unitNumber": 0,
            "deviceInfo": {"label": "CD/DVD drive 1", "summary": "Remote device"},
            "connectable": {"startConnected": False, "connected": False, "status": "untried"},
        },
    ]  # fmt: skip


def _disk(key: int, unit: int, capacity_gib: int, path: str, number: int) -> dict[str, Any]:
    return {
        "_type": "VirtualDisk", "key": key, "controllerKey": 1000, "unitNumber": unit,
        "deviceInfo": {"label": f"Hard disk {unit + 1}", "summary": f"{capacity_gib} GB"},
        "capacityInKB": capacity_gib * 1024**2, "capacityInBytes": capacity_gib * GIB,
        "storageIOAllocation": {"limit": -1, "reservation": 0, "shares": {"level": "normal", "shares": 1000}},
        "backing": {
            "_type": "VirtualDiskFlatVer2BackingInfo", "fileName": path, "diskMode": "persistent", "split": False,
            "writeThrough": False, "thinProvisioned": True, "eagerlyScrub": False, "sharing": "sharingNone",
            "uuid": f"6000C29{unit}-0000-4000-8000-{number:012d}",
        },
    }  # fmt: skip


def host_entity(number: int = 1, changes: Mapping[str, Any] | None = None, *, source: str = SOURCE) -> Entity:
    """A connected ESXi 7.0.3 host of Cluster-1 with one standard switch, one HBA and one LUN."""
    properties = {**_host_facts(number), **_host_config(number), **_host_network(number), **_host_storage(number)}
    return _entity(Kind.HOST, host_uuid(number), f"host-{20 + number}", properties, changes, source)


def _host_facts(number: int) -> dict[str, Any]:
    return {
        "name": host_name(number),
        "at.datacenter": "Alborz",
        "at.cluster": "Cluster-1",
        "at.licenses": ["vSphere 7 Standard"],
        "vm": ["vm-101", "vm-102", "vm-103"] if number == 1 else [],
        "configStatus": "green",
        "overallStatus": "green",
        "complianceCheckState": "unknown",
        "runtime.connectionState": "connected",
        "runtime.powerState": "poweredOn",
        "runtime.inMaintenanceMode": False,
        "runtime.inQuarantineMode": False,
        "runtime.bootTime": "2026-06-01T02:00:00Z",
        "summary.currentEVCModeKey": "intel-broadwell",
        "summary.maxEVCModeKey": "intel-cascadelake",
        "summary.hardware.cpuModel": "Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz",
        "summary.hardware.cpuMhz": 2095,
        "summary.hardware.numCpuPkgs": 2,
        "summary.hardware.numCpuCores": 40,
        "summary.hardware.memorySize": 512 * GIB,
        "summary.hardware.numNics": 4,
        "summary.hardware.numHBAs": 2,
        "summary.quickStats.overallCpuUsage": 12000,
        "summary.quickStats.overallMemoryUsage": 262144,
        "capability.vmotionSupported": True,
        "capability.storageVMotionSupported": True,
        "hardware.systemInfo.uuid": host_uuid(number),
        "hardware.systemInfo.vendor": "HPE",
        "hardware.systemInfo.model": "ProLiant DL380 Gen10",
        "hardware.systemInfo.serialNumber": f"CZJ00000{number:02d}",
        "hardware.systemInfo.otherIdentifyingInfo": [
            {"identifierType": {"key": "ServiceTag"}, "identifierValue": f"CZJ00000{number:02d} "},
            {"identifierType": {"key": "OemSpecificString"}, "identifierValue": "Product ID: 868703-B21"},
        ],
        "hardware.biosInfo.vendor": "HPE",
        "hardware.biosInfo.biosVersion": "U30",
        "hardware.biosInfo.releaseDate": "2023-02-01T00:00:00Z",
        "hardware.cpuPowerManagementInfo.currentPolicy": "High Performance",
        "hardware.cpuPowerManagementInfo.hardwareSupport": "ACPI P-states",
        "certificateInfo.issuer": "O=VMware Engineering,CN=CA",
        "certificateInfo.notBefore": "2025-01-01T00:00:00Z",
        "certificateInfo.notAfter": "2030-01-01T00:00:00Z",
        "certificateInfo.status": "good",
        "certificateInfo.subject": f"CN={host_name(number)}",
    }


def _host_config(number: int) -> dict[str, Any]:
    return {
        "config.product.fullName": "VMware ESXi 7.0.3 build-21930508",
        "config.product.version": "7.0.3",
        "config.product.build": "21930508",
        "config.hyperThread.available": True,
        "config.hyperThread.active": True,
        "config.consoleReservation.serviceConsoleReserved": 0,
        "config.dateTimeInfo.ntpConfig.server": ["ntp1.example.ir", "ntp2.example.ir"],
        "config.dateTimeInfo.timeZone.description": "UTC",
        "config.dateTimeInfo.timeZone.name": "UTC",
        "config.dateTimeInfo.timeZone.gmtOffset": 0,
        "config.powerSystemInfo.currentPolicy.shortName": "dynamic",
        "config.option": [
            {"key": "VMFS3.UseATSForHBOnVMFS5", "value": 1},
            {"key": "VMFS3.HardwareAcceleratedLocking", "value": 1},
        ],
        "config.service.service": [{"key": "ntpd", "running": True}, {"key": "TSM-SSH", "running": False}],
    }


def _host_network(number: int) -> dict[str, Any]:
    policy = {
        "security": {"allowPromiscuous": False, "macChanges": True, "forgedTransmits": True},
        "shapingPolicy": {"enabled": False, "averageBandwidth": 100000000, "peakBandwidth": 100000000,
                          "burstSize": 104857600},
        "nicTeaming": {"policy": "loadbalance_srcid", "reversePolicy": True, "notifySwitches": True,
                       "rollingOrder": False},
        "offloadPolicy": {"csumOffload": True, "tcpSegmentation": True, "zeroCopyXmit": True},
    }  # fmt: skip
    return {
        "config.network.dnsConfig.address": ["198.51.100.10", "198.51.100.11"],
        "config.network.dnsConfig.dhcp": False,
        "config.network.dnsConfig.domainName": "example.ir",
        "config.network.dnsConfig.searchDomain": ["example.ir"],
        "config.network.ipRouteConfig.defaultGateway": "198.51.100.1",
        "config.network.pnic": [
            {"key": "key-vim.host.PhysicalNic-vmnic0", "device": "vmnic0", "driver": "ixgben", "pci": "0000:3b:00.0",
             "mac": f"3c:fd:fe:00:00:{number:02x}", "wakeOnLanSupported": False,
             "linkSpeed": {"speedMb": 10000, "duplex": True}},
            {"key": "key-vim.host.PhysicalNic-vmnic1", "device": "vmnic1", "driver": "ixgben", "pci": "0000:3b:00.1",
             "mac": f"3c:fd:fe:00:01:{number:02x}", "wakeOnLanSupported": False},
        ],
        "config.network.vswitch": [
            {"name": "vSwitch0", "key": "key-vSwitch0", "numPorts": 9216, "numPortsAvailable": 9200, "mtu": 1500,
             "pnic": ["key-vim.host.PhysicalNic-vmnic0"], "spec": {"policy": policy}},
        ],
        "config.network.portgroup": [
            {"key": "key-Servers", "spec": {"name": "Servers", "vlanId": 20, "vswitchName": "vSwitch0"},
             "computedPolicy": policy},
            {"key": "key-Management", "spec": {"name": "Management", "vlanId": 0, "vswitchName": "vSwitch0"},
             "computedPolicy": policy},
        ],
        "config.network.vnic": [
            {"device": "vmk0", "key": "key-vmk0", "portgroup": "Management",
             "spec": {"mac": f"3c:fd:fe:00:00:{number:02x}", "mtu": 1500, "netStackInstanceKey": "defaultTcpipStack",
                      "ip": {"dhcp": False, "ipAddress": f"198.51.100.{20 + number}", "subnetMask": "255.255.255.0"}}},
        ],
    }  # fmt: skip


def _host_storage(number: int) -> dict[str, Any]:
    return {
        "config.storageDevice.hostBusAdapter": [
            {"_type": "HostFibreChannelHba", "key": "key-vmhba1", "device": "vmhba1", "bus": 59, "status": "online",
             "pci": "0000:3b:00.0",
             "driver": "lpfc", "model": "LPe31000", "portWorldWideName": 0x100000109B000000 + number},
        ],
        "config.storageDevice.scsiLun": [
            {"_type": "HostScsiDisk", "key": "key-naa.1", "canonicalName": "naa.600508b1001c0001",
             "displayName": "HPE Fibre Channel Disk", "operationalState": ["ok"],
             "vStorageSupport": "vStorageSupported",
             "queueDepth": 64, "vendor": "HPE", "model": "MSA 2060 FC", "revision": "I110", "scsiLevel": 6,
             "serialNumber": "unavailable", "uuid": "0200000000600508b1001c0001"},
        ],
        "config.storageDevice.multipathInfo.lun": [
            {"key": "key-path-1", "lun": "key-naa.1", "policy": {"policy": "VMW_PSP_RR"},
             "path": [{"name": "vmhba1:C0:T0:L1", "state": "active", "pathState": "active"},
                      {"name": "vmhba1:C0:T1:L1", "state": "standby", "pathState": "standby"}]},
        ],
    }  # fmt: skip


def cluster_entity(changes: Mapping[str, Any] | None = None, *, source: str = SOURCE) -> Entity:
    """Cluster-1 with HA and DRS on, one VM that overrides the restart priority, one anti-affinity rule."""
    properties = {
        "name": "Cluster-1",
        "at.datacenter": "Alborz",
        "configStatus": "green",
        "overallStatus": "green",
        **{f"summary.{name}": value for name, value in _CLUSTER_SUMMARY.items()},
        "configurationEx.dasConfig": {
            "enabled": True, "vmMonitoring": "vmMonitoringDisabled", "hostMonitoring": "enabled", "failoverLevel": 1,
            "admissionControlEnabled": True, "hBDatastoreCandidatePolicy": "allFeasibleDsWithUserPreference",
            "defaultVmSettings": {
                "restartPriority": "medium", "isolationResponse": "none",
                "vmToolsMonitoringSettings": {"clusterSettings": False, "maxFailures": 3, "maxFailureWindow": 3600,
                                              "failureInterval": 30, "minUpTime": 120},
            },
        },
        "configurationEx.dasVmConfig": [{"key": "vm-101", "dasSettings": {"restartPriority": "high"}}],
        "configurationEx.drsConfig": {"enabled": True, "defaultVmBehavior": "fullyAutomated", "vmotionRate": 3},
        "configurationEx.dpmConfigInfo": {"enabled": False, "defaultDpmBehavior": "manual", "hostPowerActionRate": 3},
        "configurationEx.rule": [
            {"_type": "ClusterAntiAffinityRuleSpec", "name": "two controllers", "vm": ["vm-101", "vm-102"]}
        ],
    }  # fmt: skip
    return _entity(Kind.CLUSTER, f"{source}:domain-c8", "domain-c8", properties, changes, source)


_CLUSTER_SUMMARY = {
    "numHosts": 2, "numEffectiveHosts": 2, "totalCpu": 167600, "numCpuCores": 80, "numCpuThreads": 160,
    "effectiveCpu": 150000, "totalMemory": 1024 * GIB, "effectiveMemory": 1000000, "numVmotions": 7,
}  # fmt: skip


def datastore_entity(number: int = 1, changes: Mapping[str, Any] | None = None, *, source: str = SOURCE) -> Entity:
    """A VMFS 6 datastore of 10 TiB on the LUN of `host_entity`."""
    uuid = f"60000000-00000000-0000-{number:012d}"
    properties = {
        "name": f"ds-ssd-{number}",
        "at.datacenter": "Alborz",
        "at.hosts": [host_name(1), host_name(2)],
        "at.datastore_cluster": "Pod-1",
        "vm": ["vm-101", "vm-102"],
        "configStatus": "green",
        "overallStatus": "green",
        "summary.accessible": True,
        "summary.type": "VMFS",
        "summary.capacity": 10240 * GIB,
        "summary.freeSpace": 2048 * GIB,
        "summary.uncommitted": 1024 * GIB,
        "summary.multipleHostAccess": True,
        "summary.url": f"ds:///vmfs/volumes/{uuid}/",
        "iormConfiguration.enabled": False,
        "iormConfiguration.congestionThreshold": 30,
        "info": {
            "_type": "VmfsDatastoreInfo",
            "vmfs": {"blockSizeMb": 1, "maxBlocks": 63963136, "majorVersion": 6, "version": "6.82",
                     "vmfsUpgradable": False, "extent": [{"diskName": "naa.600508b1001c0001", "partition": 1}]},
        },
    }  # fmt: skip
    return _entity(Kind.DATASTORE, uuid, f"datastore-{29 + number}", properties, changes, source)


def pool_entity(changes: Mapping[str, Any] | None = None, *, source: str = SOURCE) -> Entity:
    """The root pool of Cluster-1."""
    properties: dict[str, Any] = {
        "name": "Resources",
        "at.resource_pool": "/Alborz/Cluster-1/Resources",
        "vm": ["vm-101", "vm-102", "vm-103"],
        "runtime.overallStatus": "green",
        "config.cpuAllocation.limit": 150000,
        "config.cpuAllocation.shares.level": "normal",
        "runtime.memory.maxUsage": 900 * GIB,
        "summary.configuredMemoryMB": 24576,
    }
    return _entity(Kind.RESOURCE_POOL, f"{source}:resgroup-8", "resgroup-8", properties, changes, source)


def switch_entity(changes: Mapping[str, Any] | None = None, *, source: str = SOURCE) -> Entity:
    """A distributed switch with both hosts."""
    properties = {
        "name": "dvs-1",
        "uuid": "50 21 aa aa 00 00 00 01-00 00 00 00 00 00 00 01",
        "at.datacenter": "Alborz",
        "at.hosts": [host_name(1), host_name(2)],
        "summary.productInfo.name": "DVS",
        "summary.productInfo.vendor": "VMware, Inc.",
        "summary.productInfo.version": "7.0.3",
        "summary.vm": ["vm-101"],
        "config": {
            "_type": "VMwareDVSConfigInfo", "maxPorts": 2147483647, "numPorts": 40, "maxMtu": 9000,
            "createTime": "2024-05-01T10:00:00Z", "description": "uplinks to the core",
            "linkDiscoveryProtocolConfig": {"protocol": "cdp", "operation": "listen"},
            "contact": {"name": "Network unit", "contact": "net@example.ir"},
        },
    }  # fmt: skip
    return _entity(Kind.SWITCH, f"{source}:dvs-61", "dvs-61", properties, changes, source)


def portgroup_entity(changes: Mapping[str, Any] | None = None, *, source: str = SOURCE) -> Entity:
    """A distributed port group on VLAN 30."""
    properties = {
        "name": "dv-Backup",
        "key": "dvportgroup-50",
        "at.datacenter": "Alborz",
        "at.switch": "dvs-1",
        "config.type": "earlyBinding",
        "config.numPorts": 8,
        "config.distributedVirtualSwitch": "dvs-61",
        "config.defaultPortConfig": {
            "_type": "VMwareDVSPortSetting",
            "vlan": {"_type": "VmwareDistributedVirtualSwitchVlanIdSpec", "vlanId": 30},
            "blocked": {"value": False},
            "securityPolicy": {"allowPromiscuous": {"value": False}, "macChanges": {"value": False}},
            "uplinkTeamingPolicy": {
                "policy": {"value": "loadbalance_srcid"},
                "uplinkPortOrder": {"activeUplinkPort": ["Uplink 1", "Uplink 2"]},
            },
        },
        "config.policy": {"_type": "VMwareDVSPortgroupPolicy", "vlanOverrideAllowed": False},
    }
    return _entity(Kind.PORTGROUP, f"{source}:dvportgroup-50", "dvportgroup-50", properties, changes, source)


def license_entity(changes: Mapping[str, Any] | None = None, *, source: str = SOURCE) -> Entity:
    """A licence with an end."""
    properties = {
        "name": "vSphere 7 Standard",
        "licenseKey": "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE",
        "editionKey": "esx.standard.cpuPackage",
        "costUnit": "cpuPackage",
        "total": 8,
        "used": 4,
        "labels": [{"key": "site", "value": "Alborz"}],
        "properties": [
            {"key": "expirationDate", "value": "2027-03-20T00:00:00Z"},
            {"key": "feature", "value": {"key": "vmotion", "value": "vSphere vMotion"}},
            {"key": "feature", "value": {"key": "das", "value": "vSphere HA"}},
        ],
    }
    return _entity(Kind.LICENSE, "license:0123456789abcdef", "AAAAA", properties, changes, source)


def endpoint_entity(changes: Mapping[str, Any] | None = None, *, source: str = SOURCE) -> Entity:
    """The vCenter itself."""
    about = {
        "name": "VMware vCenter Server", "fullName": "VMware vCenter Server 7.0.3 build-22357613",
        "osType": "linux-x64",
        "apiType": "VirtualCenter", "apiVersion": "7.0.3.0", "version": "7.0.3", "build": "22357613",
        "licenseProductName": "VMware VirtualCenter Server", "licenseProductVersion": "7.0", "productLineId": "vpx",
        "vendor": "VMware, Inc.", "instanceUuid": SERVER_UUID,
    }  # fmt: skip
    properties = {"name": f"{source}.example.ir", **{f"content.about.{name}": value for name, value in about.items()}}
    return _entity(Kind.ENDPOINT, SERVER_UUID, "ServiceInstance", properties, changes, source)


def datastore_cluster_entity(*, source: str = SOURCE) -> Entity:
    """Pod-1."""
    properties = {"name": "Pod-1", "at.datacenter": "Alborz", "summary.capacity": 20480 * GIB,
                  "summary.freeSpace": 4096 * GIB}  # fmt: skip
    return _entity(Kind.DATASTORE_CLUSTER, f"{source}:group-p1", "group-p1", properties, None, source)


def office(vm_count: int = 3, *, source: str = SOURCE) -> list[Entity]:
    """Two hosts in one cluster and what belongs to them; every VM runs on the first host."""
    vms = [vm_entity(number, source=source) for number in range(1, vm_count + 1)]
    listed = {"vm": [vm.ref for vm in vms]}
    return [
        endpoint_entity(source=source),
        cluster_entity(source=source),
        host_entity(1, listed, source=source),
        host_entity(2, source=source),
        datastore_cluster_entity(source=source),
        datastore_entity(1, listed, source=source),
        pool_entity(listed, source=source),
        switch_entity(source=source),
        portgroup_entity(source=source),
        license_entity(source=source),
        *vms,
    ]


def reader_of(entities: Iterable[Entity]) -> Callable[[Kind], Iterator[Entity]]:
    """What a Reader's `entities` would give: a fresh stream for each kind."""
    kept = list(entities)
    return lambda kind: (entity for entity in kept if entity.kind is kind)
