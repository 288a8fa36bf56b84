"""What keeps keys from being told at a moment: maintenance of itops.yaml, silences of people, and what ended lately."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from itops.alerts.patterns import area
from itops.alerts.policy import AlertPolicy, Maintenance
from itops.alerts.records import Key, Silence

T = TypeVar("T", Maintenance, Silence, datetime)
_Area: TypeAlias = Callable[[Key], bool]


@dataclass(frozen=True, slots=True)
class _Held(Generic[T]):
    """Something, and the keys that it is about."""

    what: T
    covers: _Area


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """All that holds any key now, and when what held some lately ended."""

    maintenance: tuple[_Held[Maintenance], ...]
    silences: tuple[_Held[Silence], ...]
    ended: tuple[_Held[datetime], ...]

    def maintenance_of(self, key: Key) -> Maintenance | None:
        """The maintenance in which the key is."""
        return _first(self.maintenance, key)

    def silence_of(self, key: Key) -> Silence | None:
        """The silence that somebody laid on the key."""
        return _first(self.silences, key)

    def resumed_at(self, key: Key) -> datetime | None:
        """When the last thing that held the key ended."""
        return max((one.what for one in self.ended if one.covers(key)), default=None)


def _first(held: tuple[_Held[T], ...], key: Key) -> T | None:
    for one in held:
        if one.covers(key):
            return one.what
    return None


def is_active(silence: Silence, now: datetime) -> bool:
    """Whether it holds now. One that was ended before its time holds no more, whatever its end says."""
    return silence.begin <= now < silence.until and not silence.ended_by


def holdings(
    policy: AlertPolicy, silences: Sequence[Silence], now: datetime, zone: ZoneInfo, memory: timedelta
) -> Holdings:
    """What holds at `now`, and what ended within `memory` before it."""
    works = [
        (_Held(one, area(one.checks, one.objects)), one.begin.moment(zone), one.until.moment(zone))
        for one in policy.maintenance
    ]
    laid = [_Held(one, area((one.check,), (one.object,))) for one in silences]
    over = [
        *(_Held(until, one.covers) for one, _, until in works),
        *(_Held(one.what.ended_at or one.what.until, one.covers) for one in laid if not is_active(one.what, now)),
    ]
    return Holdings(
        maintenance=tuple(one for one, begin, until in works if begin <= now < until),
        silences=tuple(one for one in laid if is_active(one.what, now)),
        ended=tuple(one for one in over if now - memory < one.what <= now),
    )
