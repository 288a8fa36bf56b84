"""What redaction does with a string, by the path it stands at. Data; `redaction.py` applies it.

The longest suffix of the path that is in the table decides: "backing.diskMode" before "diskMode". A path that is not
here is treated as sensitive. Even a path that keeps its value keeps it only in the form that the API gives such values;
a host name in the place of a power state is replaced like any other.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from itops.inventory.entities import Kind


@dataclass(frozen=True, slots=True)
class Keep:
    """Leave the value as it is, provided that it has this form."""

    form: re.Pattern[str]
    is_free_text: bool = False  # the form alone would let a name through: the words of makers look like any other


@dataclass(frozen=True, slots=True)
class Name:
    """Replace the value by a numbered word of this sort; names are never taken apart as if they were paths."""

    sort: str


@dataclass(frozen=True, slots=True)
class Note:
    """Replace a text that people or machines wrote, whole."""


@dataclass(frozen=True, slots=True)
class Scrub:
    """Replace the value by one of the same shape: an address, a UUID, a path, a host name, else a numbered word."""

    sort: str = "text"


Treatment = Keep | Name | Note | Scrub

_WORD = Keep(re.compile(r"[A-Za-z][A-Za-z_]{0,40}"))
_CODE = Keep(re.compile(r"[A-Za-z][A-Za-z0-9_]{0,60}"))
_EVC = Keep(re.compile(r"(?:intel|amd)-[a-z0-9-]{1,40}"))
# Four numbers are a version up to 9.x and an address from 10.x on: vSphere has not come that far.
_VERSION = Keep(re.compile(r"(?!\d{2,3}(?:\.\d{1,3}){3}\Z)v?\d+(?:\.\d+)*(?:[-.]\d[0-9A-Za-z.]{0,30})?|vmx-\d+|\d+"))
_EDITION = Keep(re.compile(r"(?:esx|vc|vsan|nsx|eval|vsphere|desktop|srm)(?:\.[A-Za-z0-9]{1,40}){0,6}"))
_EXTENSION = Keep(re.compile(r"com\.(?:vmware|veeam|commvault|emc|netapp|nutanix)(?:\.[A-Za-z0-9_-]{1,40}){1,6}"))
_PRODUCT = Keep(re.compile(r"(?!.*@)[A-Za-z0-9][\w ()./,+&:®™\[\]-]{0,100}"), is_free_text=True)
_CPU = Keep(re.compile(r"(?:Intel|AMD|Hygon|Genuine)[\w ()@.,+-]{2,80}"), is_free_text=True)
_OS_WORDS = (
    "Microsoft|Windows|Server|Standard|Datacenter|Essentials|Home|Professional|Enterprise|LTSC|Vista|XP|Threshold|"
    "Linux|GNU/Linux|Ubuntu|Debian|CentOS|Stream|Rocky|AlmaLinux|Fedora|Red|Hat|SUSE|openSUSE|Oracle|Amazon|Asianux|"
    "CoreOS|Photon|VMware|ESXi|ESX|CRX|Pod|FreeBSD|Pre-11|versions|Solaris|Sun|Apple|macOS|Mac|OS|X|Novell|NetWare|"
    "SCO|OpenServer|UnixWare|MS-DOS|IBM|OS/2|FlatCar|ProLinux|Miracle|MIRACLE|Kylin|Other|or|later|and|kernel|"
    r"\(?64-bit\)?|\(?32-bit\)?|\(?\d{1,4}(?:\.(?:\d{1,3}|x)){0,2}\)?|x64|x86|R2|SP\d|\(Core\)|\(experimental\)"
)
_GUEST_OS = Keep(re.compile(rf"(?:{_OS_WORDS})(?: (?:{_OS_WORDS}))*"))
_LABEL = Keep(
    re.compile(
        r"(?:Hard disk|Network adapter|SCSI controller|SATA controller|NVME controller|CD/DVD drive|Floppy drive|"
        r"USB controller|USB xHCI controller|Video card|VMCI device|Keyboard|Pointing device|IDE|PS2 controller|"
        r"PCI controller|SIO controller|Serial port|Parallel port|Sound card|Virtual TPM|NVDIMM|PCI device|USB)"
        r" ?\d{0,3}"
    )
)
_SUMMARY = Keep(
    re.compile(
        r"[\d,]{1,20} KB|VMware paravirtual SCSI|LSI Logic(?: SAS| Parallel)?|BusLogic|AHCI|NVME Controller|IDE \d|"
        r"PS2 controller \d|PCI controller \d|SIO controller \d|Keyboard|Pointing device; Device|Video card|"
        r"Remote ATAPI|Remote device|Auto detect|Device on the virtual machine PCI bus[\w ,;/]{0,80}"
    )
)
_MOREF_FORM = (
    r"(?:(?:vm|host|folder|virtualapp|clustercomputeresource|datastore|network|dvportgroup|dvs|resgroup|snapshot|datacenter|session|task|alarm|"
    r"datastoreBrowser-datastore|certificateManager)-|domain-[cs]|group-[dhvsnp]|resgroup-v)\d{1,10}|ha-(?:host|datacenter|root-pool|"
    r"compute-res|folder-\w{1,12})|\d{1,10}|\d{1,10}-snapshot-\d{1,10}"
)
MOREF = re.compile(_MOREF_FORM)
_REF = Keep(MOREF)
_PORTGROUP_KEY = Keep(re.compile(r"dvportgroup-\d{1,10}"))
_MANAGED = Keep(re.compile(r"[A-Za-z]{1,30}(?:-agent)?"))
_STACK = Keep(re.compile(r"defaultTcpipStack|vmotion|vSphereProvisioning|mirror|ops"))
_REFS = Keep(re.compile(rf"(?:{_MOREF_FORM})\.(?:{_MOREF_FORM})"))
_DEVICE = Keep(
    re.compile(
        r"(?:vmnic|vmhba|vmk|vusb)\d{1,4}|key-vim\.host\.[A-Za-z]{1,40}-(?:vmnic|vmhba|vmk)\d{1,4}|"
        r"(?:mpx\.)?vmhba\d{1,4}:C\d{1,3}:T\d{1,3}:L\d{1,4}|[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.\d"
    )
)
_SERVICE = Keep(re.compile(r"[A-Za-z][A-Za-z]{1,24}(?:[-_][A-Za-z]{1,12})?"))
_OPTION = Keep(re.compile(r"[A-Z][A-Za-z0-9]{1,30}(?:\.[A-Za-z0-9]{1,60}){1,6}"))
_SETTING = Keep(
    re.compile(
        r"(?:disk|svga|mks|pciBridge\d|ethernet\d|scsi\d|sata\d|nvme\d|sched|numa|cpuid|hpet\d|tools|vmware|migrate|"
        r"monitor|isolation|RemoteDisplay|log|snapshot|virtualHW|vmotion|vmxnet\d|usb|uuid|vhv|vvtd|ctkEnabled|nvram|"
        r"sata|monitor_control|viv|softPowerOff|checkpoint|toolsInstallManager|cleanShutdown)(?:\.[A-Za-z0-9_]{1,40}|\d?:\d){0,5}",
        re.IGNORECASE,
    )
)
_KINDS = "VM HOST CLUSTER DATASTORE DATASTORE_CLUSTER NETWORK PORTGROUP SWITCH RESOURCE_POOL DATACENTER ENDPOINT"


def _each(treatment: Treatment, paths: str) -> dict[str, Treatment]:
    return dict.fromkeys(paths.split(), treatment)


_TABLE: dict[str, Treatment] = {
    # States and other words that the API chooses from a list of its own.
    **_each(
        _WORD,
        "powerState connectionState overallStatus configStatus guestHeartbeatStatus toolsStatus toolsRunningStatus "
        "toolsVersionStatus2 guestState appState appHeartbeatStatus faultToleranceState iormState "
        "cpuAllocation.shares.level memoryAllocation.shares.level shares.level latencySensitivity.level firmware "
        "toolsUpgradePolicy upgradePolicy scheduledHardwareUpgradeStatus customizationStatus ftLatencyStatus "
        "diskMode sharing sharedBus compatibilityMode virtualDiskFormat addressType connectable.status "
        "deltaDiskFormat migrateConnect hotAddRemove accessMode mountInfo.accessMode maintenanceMode "
        "admissionControlEnabled vmMonitoring hostMonitoring restartPriority isolationResponse defaultVmBehavior "
        "defaultDpmBehavior hBDatastoreCandidatePolicy clusterSettings vmStorageProtectionForAPD vmComponentProtecting "
        "vmStorageProtectionForPDL vmSwapPlacement complianceCheckState.state healthState.key status.key lunType "
        "deviceType operationalState pathState path.state policy.policy hardwareStatusInfo.status scsiDiskType "
        "vStorageSupport hostBusAdapter.status certificateInfo.status service.policy lockdownMode hardwareSupport "
        "currentPolicy.shortName memoryTieringType discoveryProtocol linkDiscoveryProtocolConfig.protocol "
        "linkDiscoveryProtocolConfig.operation teamingPolicy.policy nicTeaming.policy checkSpeed config.type "
        "uplinkTeamingPolicy.policy.value failureCriteria.checkSpeed.value lacpGroupConfig.mode about.apiType "
        "about.productLineId productLineId locale ftInfo.role configIssue._type guest.ipStackType drsBehavior "
        "storageProtocol apiType costUnit layoutEx.file.type at.files.type filesystemType "
        "rootSnapshotList.state childSnapshotList.state sensorType multicastFilteringMode loadbalanceAlgorithm "
        "monitoringStatus dasProtection",
    ),
    **_each(
        _CODE, "guestId properties.value.key nas.type _type summary.type guestFamily numaInfo.policy changeTrackingMode"
    ),
    **_each(_EVC, "minRequiredEVCModeKey currentEVCModeKey maxEVCModeKey currentEVCGraphicsModeKey"),
    **_each(
        _VERSION,
        "config.version product.version product.build about.version about.build about.apiVersion apiVersion "
        "about.patchLevel productInfo.version productInfo.build toolsVersion versionKey driverVersion firmwareVersion "
        "vmfs.version licenseProductVersion maximumHardwareVersionKey defaultHardwareVersionKey lacpApiVersion "
        "networkResourceControlVersion scsiLun.revision at.version at.build",
    ),
    "editionKey": _EDITION,
    "extensionKey": _EXTENSION,
    "managedBy.type": _MANAGED,
    **_each(_STACK, "netStackInstance.key netStackInstanceKey"),
    "key": _PORTGROUP_KEY,
    **_each(
        _PRODUCT,
        "product.fullName product.name about.fullName about.name about.vendor about.osType licenseProductName "
        "systemInfo.vendor systemInfo.model biosInfo.biosVersion biosInfo.vendor summary.hardware.vendor "
        "summary.hardware.model productInfo.name hostBusAdapter.model scsiLun.model scsiLun.vendor at.licenses "
        "numericSensorInfo.name numericSensorInfo.baseUnits memoryStatusInfo.name cpuStatusInfo.name "
        "storageStatusInfo.name productInfo.vendor properties.value.value pnic.driver hostBusAdapter.driver "
        "hostBusAdapter.vendor currentPolicy vAppConfig.product.name "
        "vAppConfig.product.vendor vAppConfig.product.version service.label",
    ),
    **_each(_CPU, "summary.hardware.cpuModel cpuModel cpuPkg.description"),
    **_each(_GUEST_OS, "guestFullName"),
    "deviceInfo.label": _LABEL,
    "deviceInfo.summary": _SUMMARY,
    # What the server calls its own objects: opaque numbers that tell nothing outside of it.
    **_each(
        _REF,
        "parent host vm datastore network resourcePool parentVApp parentFolder snapshot currentSnapshot alarm entity "
        "distributedVirtualSwitch hostMember browser portgroupKey certificateManager runtime.host hostFolder owner "
        "portgroup uplinkPortgroup rootSnapshot datastore.key host.key rootSnapshotList.snapshot "
        "childSnapshotList.snapshot layoutEx.snapshot.key config.key "
        "configManager.certificateManager summary.vm config.host.config.host",
    ),
    "triggeredAlarmState.key": _REFS,
    **_each(
        _DEVICE,
        "pnic pnic.device pnic.key nicDevice vnic.device vnic.key hostBusAdapter.device hostBusAdapter.key adapter pci "
        "activeNic standbyNic path.name pnicDevice gatewayDevice virtualNicDevice",
    ),
    "service.key": _SERVICE,
    **_each(_WORD, "identifierType.key properties.key"),
    "option.key": _OPTION,
    "extraConfig.key": _SETTING,
    # What people named, and the places where the same names come back.
    **_each(Name("host"), "at.host at.hosts summary.config.hostName"),
    **_each(Name("server"), "at.server"),
    **_each(Name("cluster"), "at.cluster"),
    **_each(Name("datacenter"), "at.datacenter"),
    **_each(Name("datastore"), "at.datastores datastoreName"),
    **_each(Name("datastore-cluster"), "at.datastore_cluster"),
    **_each(Name("switch"), "at.switch device.switch dvsName vswitchName"),
    **_each(Name("network"), "device.network guest.net.network portgroup.spec.name vnic.portgroup"),
    **_each(Name("vapp"), "at.vapp"),
    **_each(Name("snapshot"), "rootSnapshotList.name childSnapshotList.name"),
    **_each(Name("attribute"), "at.custom_attributes"),
    **_each(Name("tag"), "at.tags"),
    **_each(Name("user"), "userName fullName username acknowledgedByUser loginName user nfsServerUser chapName"),
    **_each(Name("serial"), "serialNumber"),
    **_each(Scrub("serial"), "identifierValue"),
    **_each(Scrub("vm"), "guest.hostName"),
    **_each(Scrub("folder"), "at.folder"),
    **_each(Scrub("resource-pool"), "at.resource_pool"),
    **_each(Scrub("file"), "at.files.path at.files.folder fileName vmPathName layoutEx.file.name diskPath"),
    **_each(Scrub("domain"), "domainName searchDomain domainList dnsSuffixes"),
    **_each(
        Note(),
        "annotation description notes configIssue.fullFormattedMessage fullFormattedMessage message statusDetail "
        "identifierType.summary lastError guestDetailedData opaqueData objectData chapSecret mutualChapSecret "
        "password authToken secretKey",
    ),
}

NAME_OF_KIND = {Kind[name]: Name(Kind[name].value.replace("_", "-")) for name in _KINDS.split()}
"""How the `name` of an entity is replaced. A licence is called by its product: that stays (`_PRODUCT`)."""

_DEFAULT: Treatment = Scrub()
PEOPLES_KEYS = {"at.custom_attributes": Name("attribute"), "at.tags": Name("category")}
"""Tables whose very keys were chosen by people."""

LICENSE_NAME: Treatment = _PRODUCT
NUMBER_LISTS = frozenset({"fileKey", "device", "key", "mappings", "vlanId", "node", "cpuID", "diskKey", "chain"})
"""Lists of small integers that are no bytes; any other one might spell a serial number or a certificate."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ROOTS = _words(
    "name parent parentVApp resourcePool datastore network customValue configStatus overallStatus configIssue vm host "
    "guestHeartbeatStatus alarmActionsEnabled summary runtime config guest layoutEx snapshot complianceCheckState at "
    "capability hardware configurationEx configManager info browser iormConfiguration key portKeys uuid owner about "
    "content licenses licenseKey editionKey total used costUnit properties labels sessionList triggeredAlarmState "
    "declaredAlarmState currentTime field setting tag value certificateInfo managedBy instanceUuid"
)
"""How the path of a property may begin; one that begins otherwise is somebody's own word."""

KEPT_SEGMENTS = _words(
    "vm host network datastore Resources vmfs volumes sdk var lib usr opt home boot tmp srv mnt dev log etc root"
)
"""Parts of a path that every place has."""

ROOT_POOL = "Resources"
"""What every root resource pool is called."""

_EXTENSIONS = "vmdk|vmx|vmxf|vmtx|vmsd|vmsn|vmem|vmss|nvram|vswp|log|hlog|iso|img|flp|vib|ova|ovf|sf|bak|lck"
FILE_END = re.compile(rf"(?<=.)\.(?:{_EXTENSIONS})\Z")
FILE_TAIL = re.compile(
    r"(?<=.)(?:(?:_\d{1,3})?(?:-\d{6})?(?:-(?:flat|ctk|delta|sesparse|rdm|rdmp|digest))?|-Snapshot\d{1,6})"
    rf"\.(?:{_EXTENSIONS})\Z|-[0-9a-f]{{8}}\.vswp\Z"
)
"""The end of a file's name on a datastore: what sort of file it is, and all that says which of them."""

SCHEMES = _words("ds http https ldap ldaps udp tcp ssl nfs cifs smb vsan file ftp sftp")

ROLE_WORDS = _words(
    "wsus sql dc pdc kms vcsa vcenter backup bkp veeam file fs antivirus av monitoring zabbix sccm citrix dfsr rdc rds "
    "web mail dns dhcp print proxy test dev"
)
"""Words in a name that tell what a server is for; kept only when asked."""


@lru_cache(maxsize=20_000)
def treatment(path: str) -> Treatment:
    """What to do with a string at `path`: the decision of the longest suffix that has one."""
    suffix = path
    while suffix not in _TABLE:
        _, dot, suffix = suffix.partition(".")
        if not dot:
            return _DEFAULT
    return _TABLE[suffix]


def free_text_paths() -> frozenset[str]:
    """The table's paths that keep a maker's free text: names of products, never of the office's things."""
    return frozenset(path for path, chosen in _TABLE.items() if chosen in (_PRODUCT, _CPU))
