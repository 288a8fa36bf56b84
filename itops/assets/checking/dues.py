"""What falls due, or fell: warranties, services, contracts, fire tests, batteries, pages."""

from collections.abc import Iterator
from datetime import date, timedelta

from itops.assets.budget.items import Item, battery_sets, items_of
from itops.assets.budget.rules import life_of
from itops.assets.checking.findings import AssetFinding, Look, found
from itops.assets.records import Asset, AssetKind
from itops.text import comparable

_DAYS_A_YEAR = 365.2425


def dues(asset: Asset, look: Look) -> Iterator[AssetFinding]:
    """Everything of one asset in use, in the store, at repair or lent that has a day."""
    if asset.status.is_over:
        return
    service = asset.service
    yield from _due(asset, look, "warranty_end", asset.warranty_end, "warranty.ended", "warranty.soon")
    if service:
        end = service.contract_end
        yield from _due(asset, look, "service.next", service.next, "service.overdue", "service.soon")
        yield from _due(asset, look, "service.contract_end", end, "service.contract-ended", "service.contract-soon")
    if asset.link:
        end = asset.link.contract_end
        yield from _due(asset, look, "link.contract_end", end, "link.contract-ended", "link.contract-ends")
    if asset.kind is AssetKind.FIRE_SYSTEM:
        yield from _of_fire_system(asset, look)
    if asset.verified_on and look.today - asset.verified_on > look.policy.verify_within:
        yield found(
            "asset.verify-overdue",
            asset,
            "verified_on",
            verified_on=asset.verified_on.isoformat(),
            age_days=(look.today - asset.verified_on).days,
            limit_days=look.policy.verify_within.days,
        )
    yield from _pages(asset, look)


def _due(asset: Asset, look: Look, field: str, due: date | None, late: str, soon: str) -> Iterator[AssetFinding]:
    """On the day itself nothing is late yet."""
    if due is None:
        return
    if due < look.today:
        yield found(late, asset, field, due_on=due.isoformat(), late_days=(look.today - due).days)
    elif due - look.today <= look.policy.warn_before:
        yield found(soon, asset, field, due_on=due.isoformat(), left_days=(due - look.today).days)


def _of_fire_system(asset: Asset, look: Look) -> Iterator[AssetFinding]:
    """A system whose last test failed is named for that, whenever the next one is due."""
    tests = [test for test in asset.tests if test.on <= look.today]
    last = max(tests, key=lambda test: test.on, default=None)
    if last is not None and not last.is_passed:
        position = asset.tests.index(last) + 1
        yield found("fire.test-failed", asset, f"tests.{position}", tested_on=last.on.isoformat(), by=last.by)
    field, due = _test_due(asset, look, last.on if last else None)
    yield from _due(asset, look, field, due, "fire.test-overdue", "fire.test-due-soon")
    if asset.fire:
        checked, refilled = asset.fire.pressure_check_due, asset.fire.recharge_due
        yield from _due(
            asset, look, "fire.pressure_check_due", checked, "fire.pressure-overdue", "fire.pressure-due-soon"
        )
        yield from _due(asset, look, "fire.recharge_due", refilled, "fire.recharge-overdue", "fire.recharge-due-soon")


def _test_due(asset: Asset, look: Look, tested_on: date | None) -> tuple[str, date | None]:
    """The day that is written down, as long as no test met it; else a while after the last test.

    A test shortly before its day meets it: nobody tests on the day itself.
    """
    written = asset.fire.test_due if asset.fire else None
    if written and not (tested_on and tested_on >= written - look.policy.warn_before):
        return "fire.test_due", written
    if tested_on is None:
        return "tests", None
    return f"tests.{_position(asset, tested_on)}.on", tested_on + look.policy.fire_test_within


def _position(asset: Asset, tested_on: date) -> int:
    return next(position for position, test in enumerate(asset.tests, start=1) if test.on == tested_on)


def _pages(asset: Asset, look: Look) -> Iterator[AssetFinding]:
    pages = look.seen(asset).page_count
    limits = {comparable(model): limit for model, limit in look.policy.budget.page_limits.items()}
    limit = limits.get(comparable(asset.model or ""))
    if pages is not None and limit is not None and pages >= limit:
        yield found("printer.pages-over", asset, "observed.page_count", pages=pages, limit_pages=limit)


def batteries(look: Look) -> Iterator[AssetFinding]:
    """The age of every battery, once, whether it is an asset or a set of its UPS; and what UPSes say themselves."""
    for item in items_of(look.register.assets, look.observed or {}, look.policy.budget, look.today):
        if item.name == AssetKind.BATTERY:
            yield from _aged(item, look)
    for asset in look.register.assets:
        if not asset.status.is_over:
            yield from _told_by_ups(asset, look)


def _aged(item: Item, look: Look) -> Iterator[AssetFinding]:
    life = life_of(item, look.policy.budget)
    if item.age is None or life is None:
        return
    end = look.years.later(item.age.begun_on, life)
    code = "battery.old" if end < look.today else "battery.soon"
    if end - look.today <= look.policy.warn_before:
        yield found(
            code,
            item.asset,
            item.part or "in_service",
            begun_on=item.age.begun_on.isoformat(),
            age_years=round((look.today - item.age.begun_on).days / _DAYS_A_YEAR, 1),
            limit_years=life,
            count=item.quantity,
            source=item.age.source.value,
            due_on=end.isoformat(),
        )


def _told_by_ups(asset: Asset, look: Look) -> Iterator[AssetFinding]:
    seen = look.seen(asset)
    if seen.needs_new_battery:
        yield found(
            "ups.asks-for-battery", asset, "observed.needs_new_battery", replaced_on=_iso(seen.battery_replaced_on)
        )
    due = seen.battery_due_on
    put_in = max((item.age.begun_on for item in battery_sets(asset, seen) if item.age), default=None)
    # A day before these batteries were put in was meant for the ones before them.
    if due and due - look.today <= timedelta(0) and not (put_in and due <= put_in):
        yield found(
            "battery.due-by-ups",
            asset,
            "observed.battery_due_on",
            due_on=due.isoformat(),
            late_days=(look.today - due).days,
            is_asking=seen.needs_new_battery,
        )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
