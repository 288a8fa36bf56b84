"""Which properties move by themselves.

History keeps a revision whenever the rest changes. Were a usage figure or a boot time part of that, every scan
would write a revision of every VM and five years would need 6.8 GB instead of 0.14. So these live beside the history:
the latest value only, and three narrow numbers a scan.
"""

from functools import lru_cache

from itops.inventory.entities import Kind, Properties, Value

_PREFIXES = ("summary.quickStats", "runtime.healthSystemRuntime", "summary.effective")
_PATHS: dict[Kind, frozenset[str]] = {
    Kind.VM: frozenset(
        {
            "config.modified",
            "config.changeVersion",
            "guest.appHeartbeatStatus",
            "guest.appState",
            "guest.disk",
            "guest.guestKernelCrashed",
            "guest.guestOperationsReady",
            "guest.guestState",
            "guest.guestStateChangeSupported",
            "guest.interactiveGuestOperationsReady",
            "guest.toolsRunningStatus",
            "guest.toolsStatus",
            "guest.toolsVersionStatus2",
            "guestHeartbeatStatus",
            "layoutEx.disk",
            "layoutEx.file",
            "layoutEx.snapshot",
            "overallStatus",
            "configStatus",
            "runtime.bootTime",
            "runtime.memoryOverhead",
            "runtime.maxCpuUsage",
            "runtime.maxMemoryUsage",
            "runtime.vmFailoverInProgress",
            "summary.storage.committed",
            "summary.storage.uncommitted",
            "summary.storage.unshared",
            "triggeredAlarmState",
        }
    ),
    Kind.HOST: frozenset(
        {
            "runtime.bootTime",
            "overallStatus",
            "configStatus",
            "triggeredAlarmState",
            "vm",
            "complianceCheckState",
            "config.network.vswitch",  # counts its free ports: each VM that is switched on takes one
        }
    ),
    Kind.DATASTORE: frozenset(
        {
            "summary.freeSpace",
            "summary.uncommitted",
            "vm",
            "overallStatus",
            "configStatus",
            "triggeredAlarmState",
            "at.files",
        }
    ),
    Kind.CLUSTER: frozenset(
        {
            "overallStatus",
            "summary.overallStatus",
            "configStatus",
            "summary.numVmotions",
            "triggeredAlarmState",
            "summary.numEffectiveHosts",
        }
    ),
    Kind.RESOURCE_POOL: frozenset(
        {
            "vm",
            "runtime.overallStatus",
            "runtime.cpu.maxUsage",
            "runtime.cpu.overallUsage",
            "runtime.cpu.reservationUsed",
            "runtime.cpu.reservationUsedForVm",
            "runtime.cpu.unreservedForPool",
            "runtime.cpu.unreservedForVm",
            "runtime.memory.maxUsage",
            "runtime.memory.overallUsage",
            "runtime.memory.reservationUsed",
            "runtime.memory.reservationUsedForVm",
            "runtime.memory.unreservedForPool",
            "runtime.memory.unreservedForVm",
            "summary.configuredMemoryMB",
        }
    ),
    Kind.SWITCH: frozenset({"summary.vm"}),
    Kind.DATASTORE_CLUSTER: frozenset({"summary.freeSpace"}),
    Kind.LICENSE: frozenset({"used"}),
    Kind.DEVICE: frozenset({"readings"}),
    Kind.ENDPOINT: frozenset({"sessionList", "triggeredAlarmState", "currentTime"}),
}
_NONE: frozenset[str] = frozenset()


def is_volatile(kind: Kind, path: str) -> bool:
    """Does this property move without anybody changing anything?"""
    return path in _PATHS.get(kind, _NONE) or path.startswith(_PREFIXES)


def split(kind: Kind, properties: Properties) -> tuple[dict[str, Value], dict[str, Value]]:
    """The properties that make history, and those that merely move."""
    moving = _moving(kind, tuple(properties))
    return (
        {path: value for path, value in properties.items() if path not in moving},
        {path: value for path, value in properties.items() if path in moving},
    )


@lru_cache(maxsize=1024)
def _moving(kind: Kind, paths: tuple[str, ...]) -> frozenset[str]:
    """Thousands of VMs have the same few sets of paths, and asking for each path costs more than the split."""
    return frozenset(path for path in paths if is_volatile(kind, path))
