"""The gaps this source can meet, each with its remedy, in one place. Codes: docs/reference/gaps.md."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from itops.inventory.entities import Entity, Gap, Kind, Place, Value
from itops.sources.vsphere.collector import Holes
from itops.sources.vsphere.soap import Fault

_KIND_OF = {
    "VirtualMachine": Kind.VM,
    "HostSystem": Kind.HOST,
    "Datastore": Kind.DATASTORE,
    "StoragePod": Kind.DATASTORE_CLUSTER,
    "Datacenter": Kind.DATACENTER,
    "ClusterComputeResource": Kind.CLUSTER,
    "ResourcePool": Kind.RESOURCE_POOL,
    "Network": Kind.NETWORK,
    "DistributedVirtualPortgroup": Kind.PORTGROUP,
    "DistributedVirtualSwitch": Kind.SWITCH,
    "LicenseManager": Kind.LICENSE,
}
# Without these a thing is known by another key than before: its old row must not end.
_IDENTITY = frozenset(
    {
        "config.instanceUuid",
        "summary.config.instanceUuid",
        "hardware.systemInfo.uuid",
        "summary.hardware.uuid",
        "summary.url",
        "name",
        "licenses",
    }
)
_NEEDED = {"licenses": "Global.Licenses", "sessionList": "Sessions.TerminateSession"}
_DENIALS = ("NoPermission", "SecurityError", "RestrictedByAdministrator")
_SHOWN = 5
_GRANT_READING = "give the account the Read-only role at the root, propagated"


def of_holes(source: str, username: str, holes: Holes) -> Iterator[Gap]:
    """What was kept back, told once: per property, or per type and reason where nearly everything was."""
    for (managed, fault, privilege), paths in sorted(_alike(holes).items(), key=str):
        for told in [[path] for path in sorted(paths)] if len(paths) <= _SHOWN else [sorted(paths)]:
            count = max(paths[path] for path in told)
            if fault in _DENIALS:
                yield _no_permission(source, username, managed, told, privilege, count)
            else:
                yield Gap(
                    source=source,
                    subject=f"{managed} {_these(told)}",
                    code="property.unreadable",
                    problem=f"the server did not give {_these(told)} of {count} {managed} objects: {fault}",
                    remedy="nothing to do if the server is old; the cells that need it stay empty",
                )
    for managed, path in sorted(holes.refused):
        yield Gap(
            source=source,
            subject=f"{managed} {path}",
            code="property.unsupported",
            problem=f"the server does not know {path}, although its version should have it",
            remedy="nothing to do; the cells that need it stay empty",
        )
    for restart in holes.restarts:
        yield Gap(
            source=source,
            subject="session",
            code="session.restarted",
            problem=f"reading was begun anew: {restart}",
            remedy="nothing to do if it stays rare; else look at session limits and the network",
        )


def _alike(holes: Holes) -> dict[tuple[str, str, str | None], dict[str, int]]:
    """(managed type, fault, privilege) -> path -> of how many objects it was kept back."""
    found: dict[tuple[str, str, str | None], dict[str, int]] = {}
    for (managed, path, fault, privilege), count in holes.missing.items():
        found.setdefault((managed, fault, privilege), {})[path] = count
    return found


def _these(paths: Sequence[str]) -> str:
    shown = ", ".join(paths[:_SHOWN])
    return f"{shown} and {len(paths) - _SHOWN} more properties" if len(paths) > _SHOWN else shown


def _no_permission(
    source: str, username: str, managed: str, paths: Sequence[str], privilege: str | None, count: int
) -> Gap:
    needed = privilege or next((_NEEDED[path] for path in paths if path in _NEEDED), None)
    is_hiding = not _IDENTITY.isdisjoint(paths)
    hidden = {_KIND_OF[managed]} if is_hiding and managed in _KIND_OF else set()
    return Gap(
        source=source,
        subject=f"{managed} {_these(paths)}",
        code="permission.missing",
        problem=f"{username} may not read {_these(paths)} of {count} {managed} objects"
        + (f" (needs {needed})" if needed else ""),
        remedy=_GRANT_READING + (f", and the privilege {needed}" if needed else ""),
        hides=frozenset(hidden),
    )


def manager_refused(source: str, managed: str, fault: Fault) -> Gap:
    """A manager, or objects of a type, that could not be read at all, or not to the end."""
    hides = frozenset({_KIND_OF[managed]} if managed in _KIND_OF else ())
    return Gap(
        source=source,
        subject=managed,
        code="permission.missing" if fault.type == "NoPermission" else "manager.unreadable",
        problem=f"{managed} could not be read: {fault}",
        remedy=_GRANT_READING + (f", and the privilege {fault.name}" if fault.name else ""),
        hides=hides,
    )


def call_refused(source: str, what: str, fault: Exception) -> Gap:
    """A rare call that the server refused."""
    return Gap(
        source=source,
        subject=what,
        code="permission.missing" if type(fault).__name__.endswith("NoPermission") else "call.refused",
        problem=f"{what} could not be read: {type(fault).__name__.rpartition('.')[2]}",
        remedy="give the account the privilege Global.Licenses if this is wanted",
    )


def search_failed(source: str, datastore: str, fault: Exception) -> Gap:
    """A datastore whose files could not be listed."""
    return Gap(
        source=source,
        subject=f"datastore {datastore}",
        code="datastore.search-failed",
        problem=f"its files could not be listed: {type(fault).__name__.rpartition('.')[2]}",
        remedy="give the account the privilege Datastore.Browse, or set browse_datastores: false",
    )


def tags_unavailable(source: str, failure: Exception) -> Gap:
    """No tags this time."""
    return Gap(
        source=source,
        subject="tags",
        code="tags.unavailable",
        problem=f"the tag service did not answer: {failure}",
        remedy="check that the account is a vCenter user (not a local one of a host), or set tags: false",
    )


def hidden_vms(source: str, username: str, refs: Sequence[str]) -> Gap:
    """VMs that hosts run and the account cannot see."""
    return Gap(
        source=source,
        subject=_listed(refs),
        code="vm.hidden",
        problem=f"hosts have {len(refs)} VMs registered that {username} cannot read",
        remedy=f"{_GRANT_READING} to all folders",
        hides=frozenset({Kind.VM}),
    )


def hidden(source: str, username: str, kind: Kind, refs: Sequence[str]) -> Gap:
    """Hosts, datastores or networks that others point at and the account cannot see."""
    return Gap(
        source=source,
        subject=_listed(refs, f"{kind.value}s"),
        code={Kind.HOST: "host.hidden", Kind.DATASTORE: "datastore.hidden", Kind.NETWORK: "network.hidden"}[kind],
        problem=f"VMs or hosts use {len(refs)} {kind.value}s that {username} cannot read",
        remedy=f"{_GRANT_READING} to all folders",
        hides=frozenset({kind, Kind.PORTGROUP} if kind is Kind.NETWORK else {kind}),
    )


def nothing_shown(source: str, username: str) -> Gap:
    """Not one host: the role is not propagated, most often. An empty answer proves nothing about what was there."""
    return Gap(
        source=source,
        subject="all hosts",
        code="inventory.empty",
        problem=f"the server shows {username} no host at all",
        remedy=_GRANT_READING,
        hides=frozenset(Kind) - {Kind.ENDPOINT, Kind.LICENSE},
    )


def vanished_vms(source: str, refs: Sequence[str]) -> Gap:
    """VMs that were removed while we looked."""
    return Gap(
        source=source,
        subject=_listed(refs),
        code="vm.vanished",
        problem=f"{len(refs)} VMs were removed or moved while the scan ran",
        remedy="nothing to do; the next scan shows where they are",
    )


def _listed(refs: Sequence[str], word: str = "VMs") -> str:
    shown = ", ".join(refs[:_SHOWN])
    return f"{word} {shown}" + (f" and {len(refs) - _SHOWN} more" if len(refs) > _SHOWN else "")


def with_files(entity: Entity, files: list[Value]) -> Entity:
    """The datastore with the list of its files."""
    return replace(entity, properties={**entity.properties, Place.FILES: files})
