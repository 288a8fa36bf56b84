"""Since when a thing is there: what somebody wrote down, else what its own dates allow to estimate.

An estimate is always marked, and says what it is worth: a board was made about then; a machine is not older than its
BIOS (unless that was renewed); a UPS is not younger than its battery, and nothing is younger than its first sighting.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from itops.assets.identity import vendor_name
from itops.assets.records import Asset, AssetKind
from itops.dates import latin_digits

_DAYS_A_YEAR = 365.2425
_EARLIEST = date(1985, 1, 1)
"""No thing in an office is older; dates before it are clocks that were never set."""
_EPOCHS = frozenset({date(1996, 1, 1), date(2000, 1, 1)})
"""Day 0 of a FRU and of many clocks: what stands there when nobody wrote anything."""
_APC_SERIAL = re.compile(r"[0-9A-Z][A-Z]([0-9]{2})([0-9]{2})[0-9A-Z]{4,}")


class AgeSource(StrEnum):
    """Where a beginning comes from, the best first."""

    IN_SERVICE = "in_service"
    PURCHASE = "purchase"
    BOARD = "board"  # the manufacturing date in a FRU
    SERIAL = "serial"  # APC writes year and week into it
    BATTERY = "battery"
    BIOS = "bios"
    FIRST_SEEN = "first_seen"


class Bound(StrEnum):
    """What a beginning says."""

    TYPED = "typed"
    MADE = "made"  # made about then; it came into the office later
    NOT_OLDER = "not_older"
    NOT_YOUNGER = "not_younger"


_BOUNDS = {
    AgeSource.IN_SERVICE: Bound.TYPED,
    AgeSource.PURCHASE: Bound.TYPED,
    AgeSource.BOARD: Bound.MADE,
    AgeSource.SERIAL: Bound.MADE,
    AgeSource.BATTERY: Bound.NOT_YOUNGER,
    AgeSource.BIOS: Bound.NOT_OLDER,
    AgeSource.FIRST_SEEN: Bound.NOT_YOUNGER,
}


class Telling(Protocol):
    """What is needed of a joined device (`itops.assets.devices.Device`)."""

    @property
    def sightings(self) -> tuple[Any, ...]:
        """The best witness first."""
        ...

    def told(self, field: str) -> tuple[Any, Any] | None:
        """The value to believe of a field, and who said it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What machines say of one asset, as far as its age, its battery, its support and its whereabouts go."""

    serial: str | None = None
    vendor: str | None = None
    made_on: date | None = None
    bios_on: date | None = None
    battery_replaced_on: date | None = None
    battery_due_on: date | None = None
    first_seen_on: date | None = None
    last_seen_at: datetime | None = None  # aware, UTC
    last_seen_by: str | None = None  # a source
    os: str | None = None
    os_version: str | None = None
    page_count: int | None = None
    needs_new_battery: bool | None = None
    findings: tuple[str, ...] = ()  # codes of what was noticed while asking

    @classmethod
    def of(cls, device: Telling, first_seen_on: date | None = None) -> "Observed":
        """Of a device that is known to be the asset; when it was first seen is for the history to say."""
        newest = sorted(device.sightings, key=lambda one: one.seen_at, reverse=True)
        pages = [one.readings.page_count for one in newest]
        asks = [one.readings.ups.needs_new_battery for one in newest if one.readings.ups]
        system = device.told("os")
        version = device.told("os_version")
        names = ("serial", "vendor", "made_on", "bios_on", "battery_replaced_on", "battery_due_on")
        told = {name: found[0] for name in names if (found := device.told(name))}
        return cls(
            **told,
            first_seen_on=first_seen_on,
            last_seen_at=newest[0].seen_at if newest else None,
            last_seen_by=newest[0].source if newest else None,
            os=system[0] if system else None,
            # Another witness's version may be of another system: a controller's, or of before the upgrade.
            os_version=version[0] if system and version and version[1] is system[1] else None,
            page_count=_first(pages),
            needs_new_battery=_first(asks),
            findings=tuple(dict.fromkeys(code for one in newest for code in one.findings)),
        )


def _first(values: Iterable[Any]) -> Any:
    return next((value for value in values if value is not None), None)


NOTHING = Observed()
"""Of an asset that no machine ever spoke of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """Since when, and who says so."""

    begun_on: date
    source: AgeSource

    @property
    def bound(self) -> Bound:
        """What `begun_on` says of the true beginning."""
        return _BOUNDS[self.source]

    @property
    def is_estimated(self) -> bool:
        """Whether nobody wrote it down."""
        return self.bound is not Bound.TYPED

    def years(self, on: date) -> float:
        """How old on that day; never negative."""
        return max(0.0, (on - self.begun_on).days / _DAYS_A_YEAR)


def age_of(asset: Asset, observed: Observed, today: date) -> Age | None:
    """The first beginning that is told and that can be; None where nothing tells any.

    What machines say is passed over where it cannot be a beginning: a clock never set, a day to come, a day after the
    first sighting (then the BIOS was renewed, or the battery).
    """
    if asset.in_service is not None:
        return Age(begun_on=asset.in_service, source=AgeSource.IN_SERVICE)
    if asset.purchase is not None:
        return Age(begun_on=asset.purchase.date, source=AgeSource.PURCHASE)
    last = min(today, observed.first_seen_on or today)
    found = (Age(begun_on=day, source=source) for source, day in _estimates(asset, observed) if _may_be(day, last))
    return next(found, None)


def _estimates(asset: Asset, observed: Observed) -> Iterator[tuple[AgeSource, date]]:
    told = (
        (AgeSource.BOARD, observed.made_on),
        (AgeSource.SERIAL, serial_date(asset.vendor or observed.vendor, asset.serial or observed.serial)),
        (AgeSource.BATTERY, observed.battery_replaced_on if asset.kind is AssetKind.UPS else None),
        (AgeSource.BIOS, observed.bios_on),
        (AgeSource.FIRST_SEEN, observed.first_seen_on),
    )
    return ((source, day) for source, day in told if day is not None)


def _may_be(day: date, last: date) -> bool:
    return _EARLIEST <= day <= last and day not in _EPOCHS


def serial_date(vendor: str | None, serial: str | None) -> date | None:
    """The Monday of the week in which APC made a thing with this serial; None for other makers and other forms."""
    if vendor_name(vendor) != "APC":
        return None
    found = _APC_SERIAL.fullmatch("".join(latin_digits(serial or "").split()).upper())
    week = int(found[2]) if found else 0
    if found is None or not 1 <= week <= 53:
        return None
    return date.fromisocalendar(2000 + int(found[1]), 1, 1) + timedelta(weeks=week - 1)
