"""How old a thing is: what was typed, else the first estimate that can be true, marked as one."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.assets.ages import NOTHING, AgeSource, Bound, Observed, age_of, serial_date
from itops.assets.devices import device_of
from itops.assets.records import AssetKind, Purchase
from itops.assets.sightings import Readings, Sighting, UpsReading, Via
from itops.inventory.entities import EntityKey
from tests.assets.entries import NOW, TODAY, asset, days

FULL = Observed(
    made_on=date(2019, 3, 1),
    vendor="APC",
    serial="AS1710123456",
    battery_replaced_on=date(2021, 5, 1),
    bios_on=date(2018, 2, 2),
    first_seen_on=date(2024, 1, 1),
)
UPS = asset("UPS-1", AssetKind.UPS)
BOUGHT = replace(UPS, purchase=Purchase(date=date(2019, 1, 1)))


@pytest.mark.parametrize(
    ("entry", "seen", "begun_on", "source"),
    [
        (replace(BOUGHT, in_service=date(2020, 1, 1)), FULL, date(2020, 1, 1), "in_service"),
        (BOUGHT, FULL, date(2019, 1, 1), "purchase"),
        (UPS, FULL, date(2019, 3, 1), "board"),
        (UPS, replace(FULL, made_on=None), date(2017, 3, 6), "serial"),
        (UPS, replace(FULL, made_on=None, serial=None), date(2021, 5, 1), "battery"),
        (asset(), replace(FULL, made_on=None, serial=None), date(2018, 2, 2), "bios"),
        (UPS, Observed(first_seen_on=date(2024, 1, 1)), date(2024, 1, 1), "first_seen"),
    ],
)  # fmt: skip
def test_the_best_source_that_is_there_decides(entry, seen, begun_on, source):
    age = age_of(entry, seen, TODAY)
    assert (age.begun_on, age.source) == (begun_on, AgeSource(source))
    assert age.is_estimated == (source not in {"in_service", "purchase"})


def test_nothing_told_is_no_age():
    assert age_of(asset(), NOTHING, TODAY) is None


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param({"bios_on": date(2024, 6, 1)}, id="a BIOS that was renewed after the first sighting"),
        pytest.param({"made_on": date(2027, 1, 1)}, id="a day to come"),
        pytest.param({"made_on": date(1996, 1, 1)}, id="a FRU in which nobody wrote a day"),
        pytest.param({"made_on": date(1970, 1, 1)}, id="a clock that was never set"),
    ],
)
def test_what_cannot_be_a_beginning_is_passed_over(seen):
    age = age_of(asset(), Observed(first_seen_on=date(2024, 1, 1), **seen), TODAY)
    assert age.source is AgeSource.FIRST_SEEN


def test_a_bios_only_says_that_a_machine_is_not_older_and_a_battery_that_it_is_not_younger():
    assert age_of(asset(), Observed(bios_on=date(2020, 1, 1)), TODAY).bound is Bound.NOT_OLDER
    assert age_of(UPS, Observed(battery_replaced_on=date(2020, 1, 1)), TODAY).bound is Bound.NOT_YOUNGER
    assert age_of(asset(), Observed(made_on=date(2020, 1, 2)), TODAY).bound is Bound.MADE


@given(st.none() | days(), st.none() | days(), st.none() | days(), st.none() | days(), days())
def test_an_estimate_lies_never_after_today_nor_after_the_first_sighting(made, bios, battery, first, today):
    seen = Observed(made_on=made, bios_on=bios, battery_replaced_on=battery, first_seen_on=first)
    age = age_of(UPS, seen, today)
    if age is not None:
        assert age.begun_on <= today
        assert first is None or age.begun_on <= first
        assert age.years(today) >= 0


@pytest.mark.parametrize(
    ("vendor", "serial", "day"),
    [
        ("APC", "AS1710123456", date(2017, 3, 6)),
        ("American Power Conversion", "as 0552 123456", date(2005, 12, 26)),
        ("APC", "3B1601X12345", date(2016, 1, 4)),
        ("APC", "AS1754123456", None),  # no week 54
        ("APC", "AS1700123456", None),
        ("APC", "12345678", None),
        ("Eaton", "AS1710123456", None),
        (None, "AS1710123456", None),
        ("APC", None, None),
    ],
)
def test_apc_writes_year_and_week_into_its_serials(vendor, serial, day):
    assert serial_date(vendor, serial) == day


@given(st.text(max_size=20))
def test_no_serial_breaks_anything(serial):
    day = serial_date("APC", serial)
    assert day is None or day.weekday() == 0


def sighting(source: str, via: Via, hours_ago: int, **fields) -> Sighting:
    key, at = EntityKey(f"{source}/1"), datetime(2026, 11, 22, tzinfo=UTC) - timedelta(hours=hours_ago)
    return Sighting(source=source, key=key, seen_at=at, via=via, serial="ABC12345", **fields)


def test_of_a_joined_device_each_field_comes_from_the_witness_to_believe():
    asks = Readings(page_count=7, ups=UpsReading(needs_new_battery=True))
    device = device_of(
        [
            sighting("bmc", Via.IPMI, 5, made_on=date(2019, 3, 1), os_version="iLO 2.1", findings=("ipmi.cipher-3",)),
            sighting("ssh", Via.SSH, 1, os="Debian GNU/Linux", findings=("ssh.sha1-only",), readings=asks),
        ]
    )
    seen = Observed.of(device, date(2020, 1, 1))
    assert (seen.made_on, seen.os, seen.page_count, seen.needs_new_battery) == (
        date(2019, 3, 1), "Debian GNU/Linux", 7, True,
    )  # fmt: skip
    assert seen.os_version is None  # the controller's version says nothing of the server's system
    assert seen.last_seen_at == NOW.replace(hour=23, minute=0, day=21)
    assert (seen.last_seen_by, seen.first_seen_on) == ("ssh", date(2020, 1, 1))
    assert set(seen.findings) == {"ipmi.cipher-3", "ssh.sha1-only"}
