"""`itops assets show`: all about one asset: the register, what machines say, what belongs to it, what is wrong."""

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from itops.assets.history import flat
from itops.assets.matching import match
from itops.assets.operations import peripherals
from itops.assets.records import Asset
from itops.cli.assets_list import asset_row
from itops.cli.assets_office import AssetsOffice, pass_assets
from itops.cli.assets_scan import item_row
from itops.cli.columns import moments_in, said
from itops.cli.output import Column, Listing, Output, Row, jsonable, output_options
from itops.dates import show_day

if TYPE_CHECKING:
    from itops.assets.devices import Device

_PAIR = (
    Column(field="field", title="field"),
    Column(field="value", title="value"),
    Column(field="place", title="line"),
)
_OBSERVED = (
    Column(field="field", title="seen", show=lambda field: field.replace("_", " ")),
    Column(field="value", title="value"),
    Column(field="source", title="by"),
    Column(field="via", title="via", spare=1),
)
_FIELDS = (
    "host_name", "vendor", "model", "serial", "uuid", "asset_tag", "os", "os_version", "firmware", "cpu", "cpu_count",
    "core_count", "memory_bytes", "bios_on", "made_on", "battery_replaced_on", "battery_due_on", "description",
    "contact_place",
)  # fmt: skip
_DAY = re.compile(r"[12]\d{3}-\d\d-\d\d")
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
    row = {**asset_row(assets, asset), "observed": _observed(device), "belongs": _belongs(assets, asset)}
    row["waiting"] = [item_row(item) for item in assets.plan().items() if _is_about(item, asset)]
    output.show(_listing(assets, asset, row), assets.office.now)
    if device is None:
        output.note("no collector has recognised it")
    else:
        when = moments_in(assets.office.calendar, assets.office.zone)(jsonable(device.seen_at))
        output.note(f"last recognised {when} by {', '.join(device.sources)}")


def _device(assets: AssetsOffice, asset: Asset) -> "Device | None":
    matched = match(assets.register.assets, assets.devices(), assets.policy).matched
    return next((one.device for one in matched if one.asset and one.asset.id == asset.id), None)


def _observed(device: "Device | None") -> list[Row]:
    if device is None:
        return []
    rows: list[Row] = [{"field": "addresses", "value": list(device.addresses), "source": None, "via": None}]
    rows += [_said(field, *told) for field in _FIELDS if (told := device.told(field)) is not None]
    if (told := device.told("readings")) is not None:
        readings = jsonable(told[0])
        named = {name: readings[name] for name in _READINGS if readings.get(name) is not None}
        named |= {f"ups {name}": held for name, held in (readings.get("ups") or {}).items() if held is not None}
        named |= {f"supply {one['name']}": _level(one) for one in readings.get("supplies") or ()}
        rows += [_said(name, held, told[1]) for name, held in named.items()]
    return rows


def _said(field: str, value: Any, sighting: Any) -> Row:
    return {
        "field": field,
        "value": jsonable(value),
        "source": sighting.source,
        "via": sighting.via.value,
        "seen_at": jsonable(sighting.seen_at),
    }


def _level(supply: Row) -> str:
    ratio = supply.get("level_ratio")
    return f"{ratio:.0%}" if ratio is not None else supply.get("state") or "unknown"


def _belongs(assets: AssetsOffice, asset: Asset) -> list[Row]:
    found = peripherals(assets.register, asset)
    return [{"id": one.id, "kind": one.kind.value, "name": jsonable(one.name)} for one in found]


def _is_about(item: Any, asset: Asset) -> bool:
    return asset.id in (getattr(item, "asset_id", None), *getattr(item, "asset_ids", ()))


def _shown(assets: AssetsOffice, value: str) -> str:
    """A day as this office writes days."""
    return show_day(date.fromisoformat(value), assets.office.calendar) if _DAY.fullmatch(value) else value


def _listing(assets: AssetsOffice, asset: Asset, row: dict[str, Any]) -> Listing:
    pairs = [
        {"field": field, "value": _shown(assets, value), "place": assets.whole.shown_place(asset.id, field)}
        for field, value in flat(asset).items()
    ]
    shown = [{**one, "value": said(one["value"], one["field"])} for one in row["observed"]]
    schema = "itops.assets.show/1"
    tables = [Listing(schema=schema, rows=shown, columns=_OBSERVED, csv_fields=())] if shown else []
    if row["belongs"]:
        named = [{**one, "name": one["name"]["en"]} for one in row["belongs"]]
        columns = tuple(
            Column(field=name, title=title) for name, title in (("id", "has"), ("kind", "kind"), ("name", "name"))
        )
        tables.append(Listing(schema=schema, rows=named, columns=columns, csv_fields=()))
    if row["waiting"]:
        names = (("code", "waits"), ("id", "id"), ("register", "register"), ("seen", "seen"))
        columns = tuple(Column(field=name, title=title) for name, title in names)
        tables.append(Listing(schema=schema, rows=row["waiting"], columns=columns, csv_fields=()))
    return Listing(
        schema=schema, rows=pairs, data=row, columns=_PAIR, csv_fields=("field", "value", "place"), tables=tuple(tables)
    )
