"""Gather what is known of the servers at a period's end, and of what happened to them in it."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from itops.assets.devices import Device, join, sightings_of
from itops.assets.past import rebuilt, register_then
from itops.assets.records import Asset
from itops.inventory.entities import EntityKey, Kind
from itops.inventory.health import Finding
from itops.inventory.history import Scan, ScanState
from itops.inventory.merge import merged
from itops.inventory.reading import Reader
from itops.inventory.roles.evidence import EvidenceKind, RoleVerdict
from itops.inventory.roles.rules import RoleRules, RoleSettings
from itops.inventory.roles.standing import standing_of
from itops.reports.monthly.parts import ServerPart
from itops.reports.monthly.servers import ServerFacts, server_part
from itops.reports.monthly.servers_changes import Work
from itops.reports.monthly.servers_machines import Known, SeenVm
from itops.tasks.judge_health import judge_health, policy_of
from itops.tasks.keep_worklog import Looking, PeriodWork, read_period
from itops.tasks.read_inventory import RoleJudge, role_judge
from itops.tasks.report.asking import Asking
from itops.tasks.report.hardware import ReadRegister, read_register
from itops.tasks.report.servers_then import Then
from itops.tasks.scan_assets import SEEN_KINDS, sources_of_devices


def gather_servers(asking: Asking, read: ReadRegister | None = None) -> ServerPart:
    """Servers, changes, figures and findings of one period. `read` spares reading the register for each of several.

    Raises ConfigInvalid for mistakes in the register, and for an unknown code in `health.ignore`.
    """
    then = Then(asking.reader, asking.as_of) if asking.reader else None
    scans = [*_shows_servers(then.scans(), asking)] if then else []
    is_scanned = bool(scans)
    return server_part(
        ServerFacts(
            known=_known(asking, then, read or read_register(asking)),
            work=_work(asking),
            health=_health(asking, then) if then and is_scanned else (),
            is_scanned=is_scanned,
            is_watched=any(scan.observed_at >= asking.begin for scan in scans),
            language=asking.settings.office.language,
        )
    )


def _shows_servers(scans: Iterable[Scan], asking: Asking) -> Iterator[Scan]:
    """The complete scans of virtualisation; that devices were asked says nothing of virtual servers."""
    asks_devices = sources_of_devices(asking.settings.sources)
    for scan in scans:
        of_devices = scan.source in asks_devices or scan.entity_counts.keys() == {Kind.DEVICE}
        if scan.state is ScanState.COMPLETE and not of_devices:
            yield scan


def _known(asking: Asking, then: Then | None, read: ReadRegister | None) -> Known:
    return Known(
        vms=tuple(_vms(asking, then)) if then else (),
        hosts=tuple(then.entities(Kind.HOST)) if then else (),
        devices=_devices(asking, then) if then else (),
        assets=_register(asking, read),
        policy=asking.settings.assets,
        today=asking.today,
    )


def _vms(asking: Asking, then: Then) -> Iterator[SeenVm]:
    """Each virtual server once, with its roles. Templates, placeholders and agents are nobody's servers."""
    things = [thing for thing in merged(then.entities(Kind.VM)) if standing_of(thing.entity).is_server]
    judged = _roles(asking, then)(thing.entity for thing in things)
    for thing, (_, verdicts) in zip(things, judged, strict=True):
        yield SeenVm(thing=thing, roles=tuple(one.role for one in verdicts if _is_told(one)))


def _roles(asking: Asking, then: Then) -> RoleJudge:
    settings = asking.settings.roles
    return role_judge(then, RoleRules(RoleSettings(names=settings.patterns, attributes=settings.attributes)))


def _is_told(verdict: RoleVerdict) -> bool:
    """Whether more than the name of the VM speaks for the role: a report guesses nothing from a name."""
    return any(one.kind is not EvidenceKind.NAME for one in verdict.evidence if one.role == verdict.role)


def _devices(asking: Asking, then: Then) -> tuple[Device, ...]:
    entities = (entity for kind in SEEN_KINDS for entity in then.entities(kind))
    return join(sightings_of(entities), asking.settings.assets)


def _register(asking: Asking, read: ReadRegister | None) -> tuple[Asset, ...]:
    """The register as it was; where there is no file, nothing is known of hardware that no source sees."""
    if read is None:
        return ()
    return rebuilt(register_then(read.entries, read.changes, asking.as_of), read.register.assets).assets


def _work(asking: Asking) -> Work:
    reader = Then(asking.reader, asking.judged_at) if asking.reader else None
    looking = Looking(policy=asking.report.changes, now=asking.judged_at, zone=asking.zone, folder=asking.folder)
    found = read_period(reader, asking.memory.log, asking.begin, asking.end, looking)
    return Work(
        changes=found.changes,
        entries=found.entries,
        findings=found.findings,
        no_servers=frozenset(_no_servers(reader, found, asking.end)) if reader else frozenset(),
    )


def _no_servers(reader: Reader, found: PeriodWork, end: datetime) -> Iterator[str]:
    """VMs that changed and were, when they were last seen in the period, no servers."""
    for key in sorted({one.change.id for one in found.changes if one.change.kind is Kind.VM}):
        history = [one for one in reader.history(Kind.VM, EntityKey(key)) if one.valid_from < end]
        newest = max(history, key=lambda one: one.valid_from, default=None)
        if newest is not None and not standing_of(newest.entity).is_server:
            yield key


def _health(asking: Asking, then: Then) -> tuple[Finding, ...]:
    """By the facts of then. Rules that need what only moves (usage, free space) cannot judge the past, and do not."""
    policy = policy_of(asking.settings.health, asking.settings.expects.roles)
    configured = {source.name for source in asking.settings.sources}
    now = asking.as_of.astimezone(asking.zone)
    return judge_health(then, _roles(asking, then), policy, now, configured=configured).findings
