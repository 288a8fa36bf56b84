"""The hardware register: what `itops assets check` finds in it, and that it can be read at all.

Told one by one is what is CRITICAL, but for systems without support: an office has dozens of them, for years, and a
budget ends them, not a visit.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from itops.alerts.records import Evaluation, Key
from itops.assets.budget.years import Years
from itops.assets.checking import CODES, AssetFinding, Look, check
from itops.assets.records import AssetKind
from itops.config.register.loading import load
from itops.errors import ConfigInvalid
from itops.schedule.due import INSTANT
from itops.tasks.evaluation.findings import TABLE, Found, end_of_day, not_judged, not_looked, told, unknown
from itops.tasks.evaluation.reuse import kept, resting_on
from itops.tasks.evaluation.watched import Watched
from itops.tasks.observe_assets import observed_of, support_table
from itops.tasks.scan_assets import devices_of, sources_of_devices
from itops.verdict import State

CHECK = "inventory"
REGISTER = Key(CHECK, "register")
"""That the register was read."""
_AS_ONE = frozenset({"support.ended"})
_NOBODY_LOOKED = "scan.none"
_DAY = timedelta(days=1)
_AGED = frozenset({AssetKind.UPS, AssetKind.BATTERY})  # whose age decides something that is told


def evaluate_register(watched: Watched) -> Iterator[Evaluation]:
    """What is wrong in the register; nothing where there never was one."""
    path = watched.settings.register
    if not path.exists():
        if watched.reader.register.entries():
            yield unknown(watched, REGISTER, "register.gone", {"path": path.name})
            yield from not_looked(watched, REGISTER, _is_finding)
        return
    if again := kept(watched, REGISTER, _is_finding):
        yield from again
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
        facts={"count": len(look.register.assets), **resting_on(watched, look.register.include)},
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
        observed=observed_of(
            register.assets,
            devices_of(watched.reader, policy),
            watched.reader.history,
            policy,
            office.zone,
            aged=_AGED,
        ),
        support=support_table(policy.support_ends),
    )


def _valid_until(look: Look, watched: Watched) -> datetime:
    """Most of it goes by days; what was not seen for too long, and for how many days, by the moment it was seen."""
    limit = look.policy.stale_after
    seen = {one.last_seen_at for one in (look.observed or {}).values() if one.last_seen_at is not None}
    turns = (at + (limit + INSTANT if look.now - at <= limit else (look.now - at).days * _DAY + _DAY) for at in seen)
    return min([end_of_day(watched), *(moment for moment in turns if moment > look.now)])
