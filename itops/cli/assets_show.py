"""`itops assets show`: all about one asset: the register, what machines say, what belongs to it, what waits."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import click

from itops.assets.history import flat
from itops.assets.matching import match
from itops.assets.operations import peripherals
from itops.assets.reconciliation.plan import Item
from itops.assets.records import Asset
from itops.assets.sightings import Readings, Sighting, Supply
from itops.cli.assets_list import asset_row
from itops.cli.assets_office import AssetsOffice, pass_assets
from itops.cli.assets_scan import item_name, item_row
from itops.cli.columns import moments_in, said
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.config.register.fields import resolve
from itops.dates import show_day
from itops.jsonable import jsonable

if TYPE_CHECKING:
    from itops.assets.devices import Device

_SCHEMA = "itops.assets.show/1"
_FIELDS = (
    "host_name", "vendor", "model", "serial", "uuid", "asset_tag", "os", "os_version", "firmware", "cpu", "cpu_count",
    "core_count", "memory_bytes", "bios_on", "made_on", "battery_replaced_on", "battery_due_on", "description",
    "contact_place",
)  # fmt: skip
_READINGS = ("uptime_seconds", "page_count")


@click.command()
@click.argument("asset_id", metavar="ASSET")
@output_options
@pass_assets
def show(assets: AssetsOffice, asset_id: str, output: Output) -> None:
    """Tell all about one ASSET: its id, property number or serial, or that of a part of it.

    What people wrote comes first, with its line; what machines say stands beside it, with who said it and when.
    """
    asset = assets.asset(asset_id)
    device = _device(assets, asset)
    waiting = [item for item in assets.plan.items() if _is_about(item, asset)]
    row = {
        **asset_row(assets, asset),
        "observed": list(_observed(device)) if device else [],
        "belongs": _belongs(assets, asset),
        "waiting": [item_row(item) for item in waiting],
    }
    output.show(_listing(assets, asset, row), assets.office.now)
    if device is not None:
        when = moments_in(assets.office.calendar, assets.office.zone)(jsonable(device.seen_at))
        output.note(f"last recognised {when} by {', '.join(device.sources)}")


def _device(assets: AssetsOffice, asset: Asset) -> "Device | None":
    matched = match(assets.register.assets, assets.devices(), assets.policy).matched
    return next((one.device for one in matched if one.asset and one.asset.id == asset.id), None)


def _observed(device: "Device") -> Iterator[Row]:
    """What machines say, the best witness of each thing; numbers by which nothing is known again left out."""
    if device.addresses:
        yield _said("addresses", list(device.addresses))
    if device.burnt_macs:
        yield _said("macs", [_mac(mac) for mac in sorted(device.burnt_macs)])
    for field in _FIELDS:
        if (told := device.told(field)) is not None:
            yield _said(field, *told)
    for field in ("drives", "screens"):
        if (told := device.told(field)) is not None:
            yield _said(field, [_in_words(one) for one in told[0]], told[1])
    if (witness := _best_measured(device)) is not None:
        for field, value in _measured(witness.readings):
            yield _said(field, value, witness)


def _best_measured(device: "Device") -> Sighting | None:
    """The witness that measured most: a UPS card tells minutes and load, a ping nothing."""
    telling = [one for one in device.sightings if next(_measured(one.readings), None)]
    return max(telling, key=lambda one: len(list(_measured(one.readings))), default=None)


def _measured(readings: Readings) -> Iterator[tuple[str, Any]]:
    for name in _READINGS:
        if (held := getattr(readings, name)) is not None:
            yield name, held
    for spec in fields(readings.ups) if readings.ups else ():
        if (held := getattr(readings.ups, spec.name)) is not None:
            yield f"ups.{spec.name}", held
    for supply in readings.supplies:
        yield f"supplies.{supply.name}", _level(supply)


def _level(supply: Supply) -> str:
    return f"{supply.level_ratio:.0%}" if supply.level_ratio is not None else supply.state or "unknown"


def _said(field: str, value: Any, sighting: Sighting | None = None) -> Row:
    """`sighting` None: several witnesses together."""
    return {
        "field": field,
        "value": jsonable(value),
        "source": sighting.source if sighting else None,
        "via": sighting.via.value if sighting else None,
        "seen_at": jsonable(sighting.seen_at) if sighting else None,
    }


def _mac(text: str) -> str:
    return ":".join(text[index : index + 2] for index in range(0, len(text), 2))


def _in_words(thing: Any) -> str:
    """A drive or a screen: all that it tells."""
    held = [(spec.name, getattr(thing, spec.name)) for spec in fields(thing)]
    return " ".join(said(value, name) for name, value in held if value is not None)


def _belongs(assets: AssetsOffice, asset: Asset) -> list[Row]:
    found = peripherals(assets.register, asset)
    return [{"id": one.id, "kind": one.kind.value, "name": jsonable(one.name)} for one in found]


def _is_about(item: Item, asset: Asset) -> bool:
    return asset.id in (getattr(item, "asset_id", None), *getattr(item, "asset_ids", ()))


def _shown(value: Any, field: str, assets: AssetsOffice) -> str:
    """What a machine said, as people read it: days as this office writes them, seconds as the time they are."""
    if field.endswith("_on") and isinstance(value, str):
        return show_day(date.fromisoformat(value), assets.office.calendar)
    if field.endswith("_seconds") and isinstance(value, int):
        return _span(timedelta(seconds=value))
    if field.endswith("_ratio") and isinstance(value, float):
        return f"{value:.0%}"
    return said(value, field)


def _span(span: timedelta) -> str:
    if span.days >= 2:
        return f"{span.days:,} days"
    return f"{span // timedelta(minutes=1):,} minutes"


def _label(field: str) -> str:
    """Without the unit, which stands behind the value; a temperature is of nothing else than degrees."""
    for unit in ("_seconds", "_ratio", "_bytes", "_celsius"):
        field = field.removesuffix(unit)
    return field.replace("_", " ").replace(".", " ")


def _listing(assets: AssetsOffice, asset: Asset, row: dict[str, Any]) -> Listing:
    typed: list[Row] = [
        {"field": field, "value": value, "place": assets.whole.shown_place(asset.id, field)}
        for field, value in flat(asset).items()
    ]
    shown: list[Row] = [{**one, "value": _typed(asset, one["field"], one["value"], assets)} for one in typed]
    seen: list[Row] = [{**one, "value": _shown(one["value"], one["field"], assets)} for one in row["observed"]]
    tables = (
        _table(shown, {"field": "field", "value": "value", "place": "line"}),
        _table(seen, {"field": "seen", "value": "value", "source": "by", "via": "via"}, field=_label),
        _table(row["belongs"], {"id": "has", "kind": "kind", "name": "name"}, name=lambda name: name["en"]),
        _table(row["waiting"], {"code": "waits", "id": "id", "register": "register", "seen": "seen"}, code=item_name),
    )
    columns = tables[0].columns
    csv_fields = tuple(column.field for column in columns)
    return Listing(
        schema=_SCHEMA, rows=typed, data=row, columns=columns, csv_fields=csv_fields, tables=tables, is_drawn=False
    )


def _typed(asset: Asset, field: str, value: str, assets: AssetsOffice) -> str:
    """A value of the register: a day as this office writes days; a text that looks like one is left alone."""
    held: Any = asset
    for step in resolve(field):
        held = getattr(held, step.key) if is_dataclass(held) and isinstance(step.key, str) else held[step.key]
    return show_day(held, assets.office.calendar) if isinstance(held, date) else value


def _table(rows: Sequence[Row], titles: dict[str, str], **shows: Callable[[Any], str]) -> Listing:
    columns = (
        Column(field=field, title=title, show=shows[field]) if field in shows else Column(field=field, title=title)
        for field, title in titles.items()
    )
    return Listing(schema=_SCHEMA, rows=rows, columns=tuple(columns), csv_fields=())
