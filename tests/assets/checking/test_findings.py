"""What `check` names: each code when it is so, not when it is not; waiting never makes things better."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.assets.ages import Observed
from itops.assets.budget import Years
from itops.assets.checking import CODES, Look, check, verdict
from itops.assets.policy import AssetPolicy, BudgetPolicy
from itops.assets.records import (
    Asset,
    AssetKind,
    AssetStatus,
    AssetTest,
    Batteries,
    Disposal,
    Fire,
    Link,
    Part,
    PartKind,
    Purchase,
    Register,
    Service,
    Ups,
    VmLink,
)
from itops.names import Count, Names
from itops.verdict import State, severity
from tests.assets.entries import NOW, TODAY, asset, registers

POLICY = AssetPolicy(tag_pattern=r"\d{4}", budget=BudgetPolicy(page_limits={"M404": 100}))
COMPLETE: dict[str, Any] = {
    "serial": "ABC12345",
    "asset_tag": "0012",
    "vendor": "Dell",
    "model": "OptiPlex 7050",
    "location": "اتاق ۴",
    "assigned_to": "کارشناس",
    "custody_date": date(2026, 1, 1),
    "purchase": Purchase(date=date(2025, 1, 1), price=5),
    "verified_on": date(2026, 10, 1),
}
SEEN = Observed(last_seen_at=NOW - timedelta(days=1), last_seen_by="sweep", os="Debian GNU/Linux 13", page_count=1)


def complete(asset_id: str = "PC-1", kind: AssetKind = AssetKind.COMPUTER, **fields: Any) -> Asset:
    return asset(asset_id, kind, **{**COMPLETE, **fields})


def look(*assets: Asset, seen: dict[str, Observed] | None = None, policy: AssetPolicy = POLICY) -> Look:
    names = {site: Names(fa=site, en=site) for site in ("head", "fardis")}
    observed = {one.id: SEEN for one in assets} | (seen or {})
    return Look(
        register=Register(sites=names, assets=assets),
        policy=policy,
        years=Years(calendar="gregorian"),
        now=NOW,
        today=TODAY,
        observed=observed,
    )


def codes(*assets: Asset, seen: dict[str, Observed] | None = None, policy: AssetPolicy = POLICY) -> list[str]:
    found = check(look(*assets, seen=seen, policy=policy))
    return sorted(one.code for one in found if one.code != "support.not-known")


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


FIRE = complete("FIRE-1", AssetKind.FIRE_SYSTEM, serial=None, vendor=None)
PASSED = AssetTest(on=ago(10), by="شرکت ایمن", is_passed=True, document="1405/12")
UPS = complete("UPS-1", AssetKind.UPS)
VM = asset("VM-1", AssetKind.VIRTUAL_SERVER, vm=VmLink(uuid="42210f9a-1111-2222-3333-444455556666"))


def test_an_asset_of_which_all_is_known_and_in_order_is_not_named():
    assert codes(complete()) == []
    assert verdict(()) is State.OK


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"serial": None}, "asset.no-serial"),
        ({"serial": "To be filled by O.E.M."}, "asset.no-serial"),
        ({"serial": "OptiPlex 7050"}, "asset.no-serial"),
        ({"asset_tag": None}, "asset.no-tag"),
        ({"location": None}, "asset.no-place"),
        ({"model": None}, "asset.no-model"),
        ({"assigned_to": None, "custody_date": None}, "asset.no-holder"),
        ({"custody_date": None}, "custody.undated"),
        ({"purchase": Purchase(date=date(2025, 1, 1))}, "asset.no-price"),
        ({"purchase": None}, "asset.no-date"),
        ({"verified_on": None}, "asset.never-verified"),
        ({"parts": (Part(kind=PartKind.MONITOR),)}, "part.no-number"),
        ({"verified_on": ago(366)}, "asset.verify-overdue"),
        ({"asset_tag": "12"}, "asset.tag-pattern"),
        ({"parts": (Part(kind=PartKind.MONITOR, asset_tag="x-1"),)}, "asset.tag-pattern"),
        ({"in_service": date(2024, 12, 31)}, "asset.dates-disagree"),
        ({"in_service": date(2627, 1, 1)}, "asset.date-in-future"),
        ({"disposal": Disposal(date=ago(5), minutes_no="1")}, "asset.disposal-disagrees"),
        ({"status": AssetStatus.DISPOSED}, "disposal.no-papers"),
        ({"status": AssetStatus.DISPOSED, "disposal": Disposal(date=ago(5))}, "disposal.no-papers"),
        ({"warranty_end": ago(1)}, "warranty.ended"),
        ({"warranty_end": TODAY}, "warranty.soon"),
        ({"warranty_end": ago(-60)}, "warranty.soon"),
        ({"service": Service(next=ago(1))}, "service.overdue"),
        ({"service": Service(next=ago(-1))}, "service.soon"),
        ({"service": Service(contract_end=ago(1))}, "service.contract-ended"),
        ({"service": Service(contract_end=ago(-1))}, "service.contract-soon"),
    ],
)
def test_what_is_missing_contradictory_or_due_is_named_once(fields, code):
    found = codes(complete(**fields))
    if fields.get("status") is AssetStatus.DISPOSED:
        found = [one for one in found if one != "asset.gone-but-seen"]
    assert found == [code]


@pytest.mark.parametrize(
    "fields",
    [
        {"warranty_end": ago(-61)},
        {"service": Service(next=ago(-61), contract_end=ago(-61))},
        {"verified_on": ago(365)},
        {"asset_tag": "۰۰۱۲"},
        {"parts": (Part(kind=PartKind.CASE, asset_tag="0012"),)},
        {"status": AssetStatus.RETIRED, "serial": None, "warranty_end": ago(9)},
    ],
)
def test_at_the_limit_nothing_is_named_yet(fields):
    seen = {"PC-1": Observed()} if "status" in fields else None
    assert codes(complete(**fields), seen=seen) == []


def test_of_a_virtual_server_and_a_line_nobody_wants_a_serial_or_a_room():
    line = asset("L-1", AssetKind.LINK, link=Link(provider="مخابرات", contract_end=ago(-100)))
    assert codes(VM, line) == []


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (replace(VM, vm=VmLink(name="sql01")), "vm.weak-link"),
        (replace(VM, vm=None), "vm.not-linked"),
        (asset("L-1", AssetKind.LINK, link=Link(provider="x")), "link.no-contract-end"),
        (asset("L-1", AssetKind.LINK, link=Link(provider="x", contract_end=ago(1))), "link.contract-ended"),
        (asset("L-1", AssetKind.LINK, link=Link(provider="x", contract_end=ago(-9))), "link.contract-ends"),
        (complete("BAT-1", AssetKind.BATTERY), "battery.no-ups"),
        (UPS, "ups.no-batteries"),
    ],
)
def test_each_kind_has_gaps_of_its_own(entry, code):
    assert codes(entry) == [code]


# Fire


@pytest.mark.parametrize(
    ("fire", "tests", "expected"),
    [
        (None, (PASSED,), []),
        (None, (), ["fire.never-tested"]),
        (None, (replace(PASSED, on=ago(366)),), ["fire.test-overdue"]),
        (None, (replace(PASSED, on=ago(365)),), ["fire.test-due-soon"]),
        (None, (replace(PASSED, on=ago(400)), PASSED), []),
        (Fire(test_due=ago(1)), (), ["fire.never-tested", "fire.test-overdue"]),
        (Fire(test_due=ago(1)), (PASSED,), []),  # tested shortly before its day
        (Fire(test_due=ago(1)), (replace(PASSED, on=ago(200)),), ["fire.test-overdue"]),
        (Fire(test_due=TODAY), (replace(PASSED, on=ago(200)),), ["fire.test-due-soon"]),
        (None, (replace(PASSED, is_passed=False),), ["fire.test-failed"]),
        (None, (replace(PASSED, is_passed=False, on=ago(20)), PASSED), []),
        (None, (replace(PASSED, document=None),), ["test.no-document"]),
        (Fire(pressure_check_due=ago(1)), (PASSED,), ["fire.pressure-overdue"]),
        (Fire(pressure_check_due=ago(-1)), (PASSED,), ["fire.pressure-due-soon"]),
        (Fire(recharge_due=ago(1)), (PASSED,), ["fire.recharge-overdue"]),
        (Fire(recharge_due=ago(-1)), (PASSED,), ["fire.recharge-due-soon"]),
    ],
)
def test_a_fire_system_is_tested_in_time_with_success_and_on_paper(fire, tests, expected):
    assert codes(replace(FIRE, fire=fire, tests=tests)) == expected


# Batteries and UPSes


def with_battery(installed: date) -> Asset:
    return replace(UPS, ups=Ups(batteries=(Batteries(installed=installed, count=Count(16)),)))


@pytest.mark.parametrize(
    ("entry", "seen", "expected"),
    [
        (with_battery(ago(30)), Observed(), []),
        (with_battery(date(2023, 11, 21)), Observed(), ["battery.old"]),
        (with_battery(date(2023, 11, 22)), Observed(), ["battery.soon"]),
        (with_battery(ago(30)), Observed(needs_new_battery=True), ["ups.asks-for-battery"]),
        (with_battery(ago(900)), Observed(battery_due_on=ago(1)), ["battery.due-by-ups"]),
        (with_battery(ago(30)), Observed(battery_due_on=ago(60)), []),
        (UPS, Observed(battery_replaced_on=ago(10)), []),
    ],
)
def test_an_old_battery_is_named_and_a_ups_that_asks_is_heard(entry, seen, expected):
    seen = replace(seen, last_seen_at=SEEN.last_seen_at)
    assert codes(entry, seen={"UPS-1": seen}) == expected


def test_a_battery_that_is_an_asset_is_judged_once():
    inside = complete("BAT-1", AssetKind.BATTERY, part_of="UPS-1", purchase=Purchase(date=ago(1500), price=1))
    assert codes(with_battery(ago(1500)), replace(inside, serial="XYZ98765")) == ["battery.old"]


def test_a_printer_past_its_pages_is_named():
    printer = complete("PRN-1", AssetKind.PRINTER, model="m404")
    assert codes(printer, seen={"PRN-1": replace(SEEN, page_count=100)}) == ["printer.pages-over"]
    assert codes(printer, seen={"PRN-1": replace(SEEN, page_count=99)}) == []


# Twice


def test_one_host_name_at_one_site_is_named_at_both_and_at_two_sites_at_none():
    first, second = (
        complete("PC-1", host_name="pc14"),
        complete("PC-2", host_name="PC14.office.example", serial="Q1W2E3"),
    )
    found = [one for one in check(look(first, second)) if one.code == "asset.host-name-duplicate"]
    assert [(one.asset_id, one.facts["others"]) for one in found] == [("PC-1", "PC-2"), ("PC-2", "PC-1")]
    assert codes(first, replace(second, site="fardis")) == []


@pytest.mark.parametrize(
    ("vendor", "other", "is_named"),
    [("Dell", None, True), (None, None, True), ("HP", "Hewlett-Packard", True), ("Dell", "HP", False)],
)
def test_one_serial_is_named_unless_every_owner_has_another_maker(vendor, other, is_named):
    assets = (complete("PC-1", vendor=vendor), complete("PRN-1", AssetKind.PRINTER, vendor=other, asset_tag="0013"))
    assert ("asset.serial-duplicate" in codes(*assets)) is is_named


def test_a_filler_and_what_was_learned_to_be_one_are_no_serials():
    assets = (complete("PC-1", vendor=None), complete("PC-2", vendor=None, asset_tag="0013"))
    assert "asset.serial-duplicate" not in codes(*assets, policy=replace(POLICY, junk_serials=("abc12345",)))
    fillers = [replace(one, serial="Default string") for one in assets]
    assert "asset.serial-duplicate" not in codes(*fillers)


def test_a_case_may_carry_the_serial_of_its_computer():
    assert codes(complete(parts=(Part(kind=PartKind.CASE, serial="ABC12345"),))) == []


def test_two_entries_of_one_virtual_machine_are_named():
    assert codes(VM, replace(VM, id="VM-2")) == ["vm.linked-twice", "vm.linked-twice"]


# Belonging and whereabouts


@pytest.mark.parametrize(
    ("fields", "owner", "expected"),
    [
        ({}, {}, []),
        ({}, {"site": "fardis"}, ["asset.left-behind"]),
        ({}, {"status": AssetStatus.RETIRED}, ["asset.belongs-to-gone"]),
        ({"status": AssetStatus.RETIRED}, {"site": "fardis"}, []),
    ],
)
def test_what_was_left_behind_by_its_computer_is_named(fields, owner, expected):
    keyboard = complete("PER-1", AssetKind.PERIPHERAL, part_of="PC-1", serial="KB12345", **fields)
    seen = {"PC-1": SEEN if "status" not in owner else Observed(), "PER-1": Observed()}
    assert codes(complete(**owner), keyboard, seen=seen) == expected


@pytest.mark.parametrize(
    ("status", "days", "expected"),
    [
        (AssetStatus.IN_USE, 45, []),
        (AssetStatus.IN_USE, 46, ["scan.not-seen"]),
        (AssetStatus.IN_USE, None, ["scan.never-seen"]),
        (AssetStatus.STORE, 46, []),
        (AssetStatus.STORE, None, []),
        (AssetStatus.RETIRED, 2, ["asset.retired-but-seen"]),
        (AssetStatus.RETIRED, 46, []),
        (AssetStatus.LOST, 2, ["asset.lost-but-seen"]),
        (AssetStatus.DISPOSED, 2, ["asset.gone-but-seen"]),
        (AssetStatus.DISPOSED, 30, []),
    ],
)
def test_when_a_thing_was_seen_is_held_against_its_status(status, days, expected):
    gone = Disposal(date=ago(10), minutes_no="7") if status is AssetStatus.DISPOSED else None
    seen = Observed() if days is None else Observed(last_seen_at=NOW - timedelta(days=days), last_seen_by="sweep")
    assert codes(complete(status=status, disposal=gone), seen={"PC-1": seen}) == expected


def test_before_the_first_scan_nobody_knows_what_is_still_there():
    never = replace(look(complete()), observed=None)
    assert [(one.code, one.state) for one in check(never)] == [("scan.none", State.UNKNOWN)]
    assert check(replace(look(complete(status=AssetStatus.STORE)), observed=None)) == ()


@pytest.mark.parametrize(
    ("os", "code"),
    [
        ("Microsoft Windows 7 Professional", "support.ended"),
        ("Microsoft Windows 10 Pro 22H2", "support.extended-only"),
        ("Microsoft Windows Server 2016", "support.soon"),  # 2027-01-12
        ("Microsoft Windows Server 2019", None),
        ("Gentoo", "support.not-known"),
        (None, None),
    ],
)
def test_a_system_without_support_is_named(os, code):
    found = check(look(complete(), seen={"PC-1": replace(SEEN, os=os)}))
    assert [one.code for one in found] == ([code] if code else [])


def test_what_a_scan_noticed_is_passed_on():
    found = check(look(complete(), seen={"PC-1": replace(SEEN, os=None, findings=("ssh.sha1-only",))}))
    assert [(one.code, one.facts["noticed"]) for one in found] == [("device.noticed", "ssh.sha1-only")]


# All of them


def test_what_the_office_ignores_is_not_named():
    assert codes(complete(serial=None), policy=replace(POLICY, ignore=("asset.no-serial",))) == []


def test_the_worst_stands_first():
    found = check(
        look(complete(serial=None, warranty_end=ago(9)), replace(FIRE, tests=(replace(PASSED, is_passed=False),)))
    )
    order = [severity(one.state) for one in found]
    assert order == sorted(order, reverse=True)
    assert verdict(found) is State.CRITICAL


@given(registers(), st.integers(0, 4000))
def test_every_finding_has_a_known_code_its_state_and_an_asset_that_exists(assets, later):
    today = TODAY + timedelta(days=later)
    found = check(replace(look(*assets), now=NOW + timedelta(days=later), today=today))
    ids = {one.id for one in assets}
    for one in found:
        assert one.state is CODES[one.code]
        assert one.asset_id in ids
        assert all(isinstance(fact, str | int | float | bool | None) for fact in one.facts.values())


@given(st.integers(-200, 3000), st.integers(0, 3000))
def test_waiting_never_makes_anything_better(first, more):
    assets = (
        complete(warranty_end=TODAY, service=Service(next=TODAY, contract_end=TODAY)),
        asset("L-1", AssetKind.LINK, link=Link(provider="x", contract_end=TODAY)),
        replace(FIRE, fire=Fire(test_due=TODAY, pressure_check_due=TODAY, recharge_due=TODAY)),
        with_battery(TODAY),
    )
    seen = {"PC-1": replace(SEEN, os="Debian GNU/Linux 12"), "UPS-1": SEEN}

    def at(days: int) -> dict[tuple[str | None, str], int]:
        then = replace(look(*assets, seen=seen), today=TODAY + timedelta(days=days), now=NOW + timedelta(days=days))
        worst: dict[tuple[str | None, str], int] = {}
        for one in check(then):
            topic = (one.asset_id, one.evidence[0])
            worst[topic] = max(worst.get(topic, 0), severity(one.state))
        return worst

    before, after = at(first), at(first + more)
    future = {topic for topic in before if topic not in after}
    assert all(after[topic] >= state for topic, state in before.items() if topic in after)
    # A battery put in "in the future" is named until that day comes; nothing else goes away by itself.
    assert {field for _, field in future} <= {
        "ups.batteries.1.installed",
        "custody_date",
        "verified_on",
        "purchase.date",
    }
