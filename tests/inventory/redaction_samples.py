"""A made-up office, one full entity of each interesting kind, with a string at every sort of place."""

from collections.abc import Iterator
from datetime import UTC, datetime

from itops.inventory.entities import Entity, EntityKey, Gap, Kind, Properties, Value

NOW = datetime(2026, 10, 23, 6, 30, tzinfo=UTC)
UUID = "5012a3b4-77aa-4bcd-9e01-23456789abcd"
HOST_UUID = "4c4c4544-0035-4810-8051-b4c04f4e3132"

VM_PROPERTIES: dict[str, Value] = {
    "name": "SQL01",
    "config.instanceUuid": UUID,
    "config.uuid": "4212a3b4-77aa-4bcd-9e01-23456789abcd",
    "config.annotation": "Insurance database, ask N. Karimi\nrole: sql",
    "config.guestFullName": "Microsoft Windows Server 2019 (64-bit)",
    "config.guestId": "windows2019srv_64Guest",
    "config.version": "vmx-19",
    "config.createDate": "2024-02-01T08:00:00Z",
    "config.firmware": "efi",
    "config.template": False,
    "config.hardware.numCPU": 4,
    "config.hardware.memoryMB": 8192,
    "config.cpuAllocation.shares.level": "normal",
    "config.managedBy.extensionKey": "com.vmware.vim.eam",
    "config.managedBy.type": "agent",
    "config.files.vmPathName": "[ds-gold] SQL01/SQL01.vmx",
    "config.vAppConfig.product": [{"name": "Appliance", "vendor": "Maker", "version": "7.0.3"}],
    "config.hardware.device": [
        {
            "_type": "VirtualDisk",
            "key": 2000,
            "deviceInfo": {"label": "Hard disk 1", "summary": "104,857,600 KB"},
            "capacityInBytes": 107374182400,
            "backing": {
                "_type": "VirtualDiskFlatVer2BackingInfo",
                "fileName": "[ds-gold] SQL01/SQL01_1-000002.vmdk",
                "datastore": "datastore-20",
                "diskMode": "persistent",
                "uuid": "6000C29a-1111-2222-3333-444455556666",
                "sharing": "sharingNone",
                "thinProvisioned": True,
                "parent": {"fileName": "[ds-gold] SQL01/SQL01.vmdk"},
            },
        },
        {
            "_type": "VirtualVmxnet3",
            "key": 4000,
            "deviceInfo": {"label": "Network adapter 1", "summary": "DB-Net"},
            "macAddress": "00:50:56:ab:cd:ef",
            "addressType": "assigned",
            "network": "DB-Net",
            "switch": "dvs-main",
            "backing": {"port": {"portgroupKey": "dvportgroup-50", "switchUuid": "50 12 ab cd 00 11 22 33-44 55 66"}},
            "connectable": {"connected": True, "status": "ok"},
        },
        {
            "_type": "VirtualCdrom",
            "key": 3000,
            "deviceInfo": {"label": "CD/DVD drive 1", "summary": "ISO [iso-store] tools/win2019.iso"},
            "backing": {"fileName": "[iso-store] tools/win2019.iso"},
        },
    ],
    "config.extraConfig": [
        {"key": "disk.EnableUUID", "value": "TRUE"},
        {"key": "nvram", "value": "SQL01.nvram"},
        {"key": "guestinfo.office-token", "value": "s3cr3t-Value"},
        {
            "key": "sched.swap.derivedName",
            "value": "/vmfs/volumes/5c8f1a2b-3c4d5e6f-7a8b-001122334455/SQL01/SQL01.vswp",
        },
    ],
    "guest.hostName": "SQL01.alborz.example.ir",
    "guest.ipAddress": "10.20.30.41",
    "guest.guestState": "running",
    "guest.toolsStatus": "toolsOk",
    "guest.net": [
        {
            "network": "DB-Net",
            "macAddress": "00:50:56:ab:cd:ef",
            "deviceConfigId": 4000,
            "ipAddress": ["10.20.30.41", "fe80::250:56ff:feab:cdef"],
            "ipConfig": {
                "ipAddress": [
                    {"ipAddress": "10.20.30.40", "prefixLength": 24},
                    {"ipAddress": "10.20.30.41", "prefixLength": 24},
                    {"ipAddress": "172.17.0.1", "prefixLength": 16},
                    {"ipAddress": "2001:db8:7:1::25", "prefixLength": 64},
                ]
            },
        }
    ],
    "guest.ipStack": [
        {
            "ipRouteConfig": {
                "ipRoute": [{"network": "0.0.0.0", "prefixLength": 0, "gateway": {"ipAddress": "10.20.30.1"}}]
            },
            "dnsConfig": {"domainName": "alborz.example.ir", "ipAddress": ["10.20.0.10"]},
        }
    ],
    "guest.disk": [{"diskPath": "C:\\", "capacity": 100, "freeSpace": 10, "filesystemType": "NTFS"}],
    "layoutEx.file": [{"key": 0, "name": "[ds-gold] SQL01/SQL01.vmx", "type": "config", "size": 2400}],
    "snapshot.rootSnapshotList": [
        {
            "snapshot": "snapshot-77",
            "name": "before Karimi's patch",
            "description": "ask first",
            "createTime": "2026-09-01T10:00:00Z",
            "quiesced": True,
            "childSnapshotList": [{"snapshot": "snapshot-78", "name": "second", "createTime": "2026-09-02T10:00:00Z"}],
        }
    ],
    "runtime.powerState": "poweredOn",
    "runtime.connectionState": "connected",
    "runtime.host": "host-21",
    "parent": "group-v3",
    "at.server": "vc01.alborz.example.ir",
    "at.server_uuid": "0d6f0d6f-1111-4222-8333-9444a555b666",
    "at.datacenter": "Alborz-DC",
    "at.cluster": "Cluster-1",
    "at.host": "esx01.alborz.example.ir",
    "at.host_uuid": HOST_UUID,
    "at.folder": "/Alborz-DC/vm/Databases",
    "at.resource_pool": "/Alborz-DC/Cluster-1/Resources/gold",
    "at.datastores": ["ds-gold"],
    "at.custom_attributes": {"Owner": "N. Karimi", "Backup job": "sql01/Insurance"},
    "at.tags": {"Role of it": ["sql server"], "Site": ["Karaj"]},
}

HOST_PROPERTIES: dict[str, Value] = {
    "name": "esx01.alborz.example.ir",
    "hardware.systemInfo.uuid": HOST_UUID,
    "hardware.systemInfo.vendor": "Dell Inc.",
    "hardware.systemInfo.model": "PowerEdge R740",
    "hardware.systemInfo.serialNumber": "5H7KX2X",
    "hardware.systemInfo.otherIdentifyingInfo": [
        {"identifierType": {"key": "ServiceTag"}, "identifierValue": "5H7KX2X   "},
        {"identifierType": {"key": "AssetTag"}, "identifierValue": "ALB-0042"},
    ],
    "hardware.biosInfo.biosVersion": "2.12.2",
    "summary.hardware.cpuModel": "Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz",
    "summary.hardware.numCpuCores": 40,
    "summary.maxEVCModeKey": "intel-cascadelake",
    "config.product.version": "7.0.3",
    "config.product.build": "21313628",
    "config.product.fullName": "VMware ESXi 7.0.3 build-21313628",
    "config.certificate": [45, 45, 45, 66, 69, 71, 73, 78, 13, 10],
    "config.option": [{"key": "Syslog.global.logHost", "value": "udp://10.20.0.9:514"}],
    "config.service.service": [{"key": "TSM-SSH", "label": "SSH", "running": False, "policy": "off"}],
    "config.network.dnsConfig.address": ["10.20.0.10", "10.20.0.11"],
    "config.network.pnic": [{"device": "vmnic0", "mac": "b4:96:91:0a:0b:0c", "driver": "i40en", "pci": "0000:3b:00.0"}],
    "config.network.vnic": [
        {"device": "vmk0", "spec": {"ip": {"ipAddress": "10.20.0.21", "subnetMask": "255.255.255.0"}}}
    ],
    "config.storageDevice.scsiLun": [
        {"canonicalName": "naa.600508b1001c3ea7a1b2c3d4e5f60718", "vendor": "HPE", "operationalState": ["ok"]}
    ],
    "runtime.connectionState": "connected",
    "runtime.bootTime": "2026-01-01T00:00:00Z",
    "vm": ["vm-11", "vm-12"],
    "at.datacenter": "Alborz-DC",
    "at.cluster": "Cluster-1",
}

OTHERS: list[tuple[Kind, str, str, dict[str, Value]]] = [
    (
        Kind.DATASTORE,
        "5c8f1a2b-3c4d5e6f-7a8b-001122334455",
        "datastore-20",
        {
            "name": "ds-gold",
            "summary.type": "NFS41",
            "summary.accessible": True,
            "summary.capacity": 10**12,
            "summary.url": "ds:///vmfs/volumes/5c8f1a2b-3c4d5e6f-7a8b-001122334455/",
            "info": {"nas": {"remoteHost": "10.20.0.50", "remotePath": "/export/gold"}},
            "at.hosts": ["esx01.alborz.example.ir"],
            "at.files": [{"path": "[ds-gold] old/old.vmdk", "folder": "[ds-gold] old/", "type": "VmDisk", "size": 5}],
        },
    ),
    (
        Kind.LICENSE,
        "license:0011223344556677",
        "license",
        {
            "name": "vSphere 7 Enterprise Plus",
            "licenseKey": "M549K-AAAAA-BBBBB-0C0CC-DDDDD",
            "editionKey": "esx.enterprisePlus.cpuPackage",
            "total": 8,
            "used": 4,
            "properties": [{"key": "expirationDate", "value": "2027-01-01T00:00:00Z"}],
        },
    ),
    (
        Kind.ENDPOINT,
        "0d6f0d6f-1111-4222-8333-9444a555b666",
        "ServiceInstance",
        {
            "name": "vc01.alborz.example.ir",
            "content.about.fullName": "VMware vCenter Server 7.0.3 build-21290409",
            "content.about.version": "7.0.3",
            "content.about.apiType": "VirtualCenter",
            "sessionList": [
                {
                    "key": "52f1a2b3-c4d5-e6f7-0819-2a3b4c5d6e7f",
                    "userName": "ALBORZ\\n.karimi",
                    "fullName": "Nima Karimi",
                    "ipAddress": "10.20.9.9",
                    "userAgent": "itops/0.1 on admin-pc",
                    "loginTime": "2026-10-20T08:00:00Z",
                }
            ],
            "triggeredAlarmState": [
                {"key": "alarm-12.host-21", "entity": "host-21", "overallStatus": "red", "acknowledgedByUser": "a.rad"}
            ],
        },
    ),
    (
        Kind.PORTGROUP,
        "vc01:dvportgroup-50",
        "dvportgroup-50",
        {
            "name": "DB-Net",
            "at.switch": "dvs-main",
            "config.defaultPortConfig": {"vlan": {"vlanId": 120}},
            "key": "dvportgroup-50",
        },
    ),
    (
        Kind.CLUSTER,
        "vc01:domain-c8",
        "domain-c8",
        {"name": "Cluster-1", "summary.numHosts": 1, "configurationEx.dasConfig": {"enabled": True}},
    ),
]

GAP = Gap(
    source="vc01",
    subject="host esx03.alborz.example.ir",
    code="permission.missing",
    problem="n.karimi may not read esx03",
    remedy="ask a.rad at 10.20.9.9",
    hides=frozenset({Kind.VM}),
)


def entity(kind: Kind, key: str, ref: str, properties: Properties) -> Entity:
    return Entity(kind=kind, key=EntityKey(key), ref=ref, source="vc01", seen_at=NOW, properties=properties)


def office() -> list[Entity]:
    return [
        entity(Kind.VM, UUID, "vm-11", VM_PROPERTIES),
        entity(Kind.HOST, HOST_UUID, "host-21", HOST_PROPERTIES),
        *(entity(*other) for other in OTHERS),
    ]


Place = tuple[str | int, ...]


def places(value: Value, here: Place = ()) -> Iterator[Place]:
    """The way to every string inside a value."""
    if isinstance(value, str):
        yield here
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*here, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*here, index))


def with_text(value: Value, place: Place, text: str) -> Value:
    """A copy of `value` with `text` at one place."""
    if not place:
        return text
    step, *rest = place
    if isinstance(value, dict):
        return {key: with_text(inner, tuple(rest), text) if key == step else inner for key, inner in value.items()}
    assert isinstance(value, list)
    return [with_text(inner, tuple(rest), text) if index == step else inner for index, inner in enumerate(value)]


def at(value: Value, place: Place) -> Value:
    """What stands at a place."""
    for step in place:
        value = value[step]  # type: ignore[index, call-overload]
    return value
