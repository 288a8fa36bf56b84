"""The hardware register: what `itops assets check` finds in it, and that it can be read at all.

Told one by one is what is CRITICAL, but for systems without support: an office has dozens of them, for years, and a
budget ends them, not a visit.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from itops.alerts.records import Evaluation, Key
from itops.assets.ages import Observed
from itops.assets.budget.years import Years
from itops.assets.checking import CODES, AssetFinding, Look, check
from itops.assets.devices import Device
from itops.assets.matching import match
from itops.assets.records import Asset, AssetKind, Register
from itops.assets.selection import begun_on
from itops.assets.support_ends import SupportTable, built_in, extended
from itops.config.register.loading import load
from itops.config.support_ends import read_support_ends
from itops.errors import ConfigInvalid
from itops.schedule.due import INSTANT
from itops.tasks.evaluation.findings import TABLE, Found, end_of_day, not_judged, not_looked, told, unknown
from itops.tasks.evaluation.watched import Watched
from itops.tasks.scan_assets import SEEN_KINDS, devices_of, sources_of_devices
from itops.verdict import State

CHECK = "inventory"
REGISTER = Key(CHECK, "register")
"""That the register was read."""
_AS_ONE = frozenset({"support.ended"})
_NOBODY_LOOKED = "scan.none"
_AGED = frozenset({AssetKind.UPS, AssetKind.BATTERY})  # whose age decides something that is told


def evaluate_register(watched: Watched) -> Iterator[Evaluation]:
    """What is wrong in the register; nothing where there never was one."""
    path = watched.settings.register
    if not path.exists():
        if watched.reader.register.entries():
            yield unknown(watched, REGISTER, "register.gone", {"path": path.name})
            yield from not_looked(watched, REGISTER, _is_finding)
        return
    try:
        look = _look(watched)
    except ConfigInvalid as failure:
        yield from not_judged(watched, REGISTER, failure, _is_finding)
        return
    until = _valid_until(look, watched)
    yield Evaluation(
        key=REGISTER,
        state=State.OK,
        code="register.judged",
        table=TABLE,
        judged_at=watched.now,
        valid_until=until,
        facts={"count": len(look.register.assets)},
    )
    has_scans = bool(sources_of_devices(watched.settings.sources))
    findings = (one for one in check(look) if has_scans or one.code != _NOBODY_LOOKED)
    yield from told(map(_found, findings), CHECK, watched, until)


def _found(finding: AssetFinding) -> Found:
    return Found(
        state=finding.state,
        code=finding.code,
        table="asset",
        subject=finding.asset_id or "",
        facts=finding.facts,
        depends_on=frozenset({REGISTER}),
        is_one_of_many=finding.code in _AS_ONE,
    )


def _is_finding(name: str) -> bool:
    return name.partition(" ")[0] in CODES


def _look(watched: Watched) -> Look:
    """Raises ConfigInvalid for a register, or a table of support ends, that cannot be read."""
    office, policy = watched.settings.office, watched.settings.assets
    register = load(watched.settings.register)
    return Look(
        register=register,
        policy=policy,
        years=Years(calendar=office.calendar, starts=policy.budget.year_starts),
        now=watched.now,
        today=watched.now.astimezone(office.zone).date(),
        observed=_observed(register, watched),
        support=_support(watched),
    )


def _support(watched: Watched) -> SupportTable:
    path = watched.settings.assets.support_ends
    return built_in() if path is None else extended(read_support_ends(path).rows)


def _observed(register: Register, watched: Watched) -> Mapping[str, Observed] | None:
    """What machines say, by asset id; None where nothing was ever seen."""
    policy = watched.settings.assets
    devices = devices_of(watched.reader, policy)
    if not devices:
        return None
    return {
        found.asset.id: Observed.of(found.device, _first_seen(watched, found.asset, found.device))
        for found in match(register.assets, devices, policy).matched
        if found.asset
    }


def _first_seen(watched: Watched, asset: Asset, device: Device) -> date | None:
    """When a thing of unknown age was first seen; looked up only where an age decides: each look costs a query."""
    if asset.kind not in _AGED or begun_on(asset) is not None:
        return None
    moments = (
        revision.valid_from
        for key in {sighting.key for sighting in device.sightings}
        for kind in SEEN_KINDS
        for revision in watched.reader.history(kind, key)
    )
    first = min(moments, default=None)
    return None if first is None else first.astimezone(watched.settings.office.zone).date()


def _valid_until(look: Look, watched: Watched) -> datetime:
    """Most of it goes by days; what was not seen for too long goes by the moment it was seen."""
    limit = look.policy.stale_after
    seen = (one.last_seen_at for one in (look.observed or {}).values() if one.last_seen_at is not None)
    turns = (at + limit + INSTANT for at in seen)
    return min([end_of_day(watched), *(moment for moment in turns if moment > look.now)])
