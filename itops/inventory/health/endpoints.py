"""Rules 46, 47, 48: licences, alarms and sessions of a vCenter or a lone ESXi host."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from itops.inventory.entities import Entity, Kind, Value
from itops.inventory.health.estate import Estate
from itops.inventory.health.finding import Code, Finding
from itops.inventory.health.reading import amount, day_of, days_between, number
from itops.inventory.health.rule import AnyRule, Need, Policy, Rule, paths
from itops.inventory.records import license_of
from itops.inventory.values import items, moment, text
from itops.verdict import State

LICENSE = ("editionKey", "properties", "total", "used", "licenseKey")
TRIGGERED = "triggeredAlarmState"
ACTIONS = "alarmActionsEnabled"
SESSIONS = "sessionList"
_ALARMED = (Kind.ENDPOINT, Kind.CLUSTER, Kind.HOST, Kind.DATASTORE, Kind.VM)
_SECONDS_PER_HOUR = 3600

LICENSE_EVALUATION = Code(name="license.evaluation", state=State.WARNING)
LICENSE_EXPIRING = Code(name="license.expiring", state=State.WARNING)
LICENSE_EXPIRED = Code(name="license.expired", state=State.CRITICAL)
LICENSE_OVERUSED = Code(name="license.overused", state=State.WARNING)
ALARM_ACTIONS_OFF = Code(name="alarm.actions-off", state=State.WARNING)
ALARM_OPEN = Code(name="alarm.open", state=State.WARNING)
SESSION_IDLE = Code(name="session.idle", state=State.OK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Licences(Policy):
    """The tools show the date and set no limit; 90 days, as for certificates: buying takes a quarter."""

    min_valid_days: float = 90


def licences(policy: Licences, estate: Estate, now: datetime) -> Iterator[Finding]:
    """Evaluation in use, end near or past, more in use than bought. A capacity of 0 means no limit, not no licence."""
    for licence in estate.by_kind[Kind.LICENSE]:
        record = license_of(licence)
        used, total = amount(licence.get("used")), amount(licence.get("total"))
        if total and used > total:
            yield LICENSE_OVERUSED.about(licence, used_count=used, total_count=total)
        if (record.edition or "").casefold().startswith("eval"):
            if not _is_spare(estate, licence):
                yield LICENSE_EVALUATION.about(licence)
            else:
                continue  # vSphere lists the evaluation for ever, used or not
        if record.expires_at is None:
            continue
        left = days_between(now, record.expires_at)
        day = day_of(record.expires_at, now)
        if left <= 0:
            yield LICENSE_EXPIRED.about(licence, expires_on=day)
        elif left < policy.min_valid_days:
            yield LICENSE_EXPIRING.about(licence, expires_on=day, left_days=int(left))


def _is_spare(estate: Estate, evaluation: Entity) -> bool:
    """Is the evaluation licence merely listed? It is in use when it says so, or when there is no other to use."""
    used = number(evaluation.get("used"))
    others = (other for other in estate.by_kind[Kind.LICENSE] if other.source == evaluation.source)
    bought = any(not (text(other.get("editionKey")) or "").casefold().startswith("eval") for other in others)
    return used == 0 or (used is None and bought)


_ALARM_STATE = {"yellow": State.WARNING, "red": State.CRITICAL}


def alarms(_policy: Policy, estate: Estate, now: datetime) -> Iterator[Finding]:
    """Alarms that stand open, each once though everything above its object repeats it; and alarms switched off.

    An acknowledged alarm is advice: somebody knows.
    """
    told: set[tuple[str, str, str]] = set()
    for kind in reversed(_ALARMED):  # the thing itself first, so that the alarm is told of it and not of its parents
        for entity in estate.by_kind[kind]:
            if entity.get(ACTIONS) is False:
                yield ALARM_ACTIONS_OFF.about(entity)
            for alarm in items(entity.get(TRIGGERED)):
                about = estate.by_ref(entity.source, alarm.get("entity")) or entity
                identity = (entity.source, text(alarm.get("entity")) or entity.ref, _alarm_name(alarm))
                colour = text(alarm.get("overallStatus"))
                if colour in _ALARM_STATE and identity not in told:
                    told.add(identity)
                    yield _open_alarm(about, alarm, colour, now)


def _alarm_name(alarm: dict[str, Value]) -> str:
    return next((name for key in ("alarmName", "name", "alarm") if (name := text(alarm.get(key)))), "?")


def _open_alarm(about: Entity, alarm: dict[str, Value], colour: str, now: datetime) -> Finding:
    is_known = alarm.get("acknowledged") is True
    since = moment(alarm.get("time"))
    return ALARM_OPEN.about(
        about,
        State.OK if is_known else _ALARM_STATE[colour],
        alarm=_alarm_name(alarm),
        colour=colour,
        since_on=None if since is None else day_of(since, now),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions(Policy):
    """vCheck's 48 hours."""

    max_idle_hours: float = 48


def sessions(policy: Sessions, estate: Estate, now: datetime) -> Iterator[Finding]:
    """A session that nobody uses and nobody closed. Those of extensions live as long as their service."""
    for endpoint in estate.by_kind[Kind.ENDPOINT]:
        for session in items(endpoint.get(SESSIONS)):
            active = moment(session.get("lastActiveTime"))
            if active is None or session.get("extensionSession") is True:
                continue
            idle = (now - active).total_seconds() / _SECONDS_PER_HOUR
            if idle > policy.max_idle_hours:
                user, address = text(session.get("userName")), text(session.get("ipAddress"))
                yield SESSION_IDLE.about(endpoint, user=user, address=address, idle_hours=int(idle))


def _license_needed(path: str, *codes: Code) -> tuple[Need, ...]:
    return (Need(Kind.LICENSE, (path,), is_always_there=True, codes=tuple(code.name for code in codes)),)


RULES: tuple[AnyRule, ...] = (
    Rule(
        number=46,
        key="licenses",
        area="license",
        policy=Licences(),
        codes=(LICENSE_EVALUATION, LICENSE_EXPIRING, LICENSE_EXPIRED, LICENSE_OVERUSED),
        needs=(
            *_license_needed("editionKey", LICENSE_EVALUATION),
            *_license_needed("properties", LICENSE_EXPIRING, LICENSE_EXPIRED),
            *_license_needed("total", LICENSE_OVERUSED),
        ),
        reads=paths(Kind.LICENSE, *LICENSE),
        find=licences,
    ),
    Rule(
        number=47,
        key="alarms",
        area="alarm",
        policy=Policy(),
        codes=(ALARM_ACTIONS_OFF, ALARM_OPEN),
        needs=(
            Need(Kind.HOST, (ACTIONS,), codes=(ALARM_ACTIONS_OFF.name,), other_kinds=_ALARMED, is_of_vcenter=True),
            Need(Kind.HOST, (TRIGGERED,), codes=(ALARM_OPEN.name,), other_kinds=_ALARMED, is_of_vcenter=True),
        ),
        reads=tuple((kind, path) for kind in _ALARMED for path in (TRIGGERED, ACTIONS)),
        find=alarms,
    ),
    Rule(
        number=48,
        key="sessions",
        area="session",
        policy=Sessions(),
        codes=(SESSION_IDLE,),
        needs=(Need(Kind.ENDPOINT, (SESSIONS,), is_always_there=True),),
        reads=paths(Kind.ENDPOINT, SESSIONS),
        find=sessions,
    ),
)
