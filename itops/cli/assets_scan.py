"""`itops assets scan`: ask every device, and tell what the register should know; it is not touched."""

from collections.abc import Iterator, Sequence
from typing import Any

import click

from itops import clock
from itops.assets.reconciliation import ScanPlan
from itops.assets.reconciliation.plan import Item
from itops.cli.assets_office import AssetsOffice, pass_assets
from itops.cli.columns import moments_in
from itops.cli.output import Column, Format, Listing, Output, Row, jsonable, output_options
from itops.cli.scan_progress import progress_on
from itops.errors import ConfigInvalid, UsageWrong
from itops.tasks.collect_inventory import CollectOutcome, Limits, LookState, collect
from itops.text import counted, plain
from itops.verdict import State

_PARALLEL_SOURCES = 32
_TOLD_ONE_BY_ONE = 6
_NAMED = 3
_WARNING = {"new", "proposals", "suggestions", "elsewhere", "unidentified", "learned_junk", "findings", "ambiguous"}
_CRITICAL = {"conflicts", "replacements", "revenants"}
_FIELDS = ("id", "code", "asset_id", "field", "register", "seen", "source", "address", "seen_at")


@click.command()
@click.argument("names", metavar="[SOURCE]...", nargs=-1)
@click.option("--stored", is_flag=True, help="Ask no device: make the plan from what was last seen.")
@click.option(
    "--check", "is_check", is_flag=True, help="Exit 1 where something waits for a decision, 2 for a conflict."
)
@output_options
@pass_assets
def scan(assets: AssetsOffice, names: tuple[str, ...], output: Output, *, stored: bool, is_check: bool) -> None:
    """Ask all devices of all SOURCEs at once, or of those named, and tell what the register should know.

    The plan is what is told: new devices, empty fields that can be filled, contradictions, what was not seen, what may
    be another device under an old name. `itops assets apply` carries it out; until then the register stands.
    """
    outcome = None if stored else _look(assets, names, output)
    plan = assets.plan()
    output.show(_listing(assets, output, plan), assets.office.now)
    _notes(plan, output)
    failed = [look.error for look in outcome.failures if look.error] if outcome else []
    if failed:
        click.get_current_context().exit(failed[0].exit_code)
    if is_check:
        click.get_current_context().exit(state_of(plan).value)


def state_of(plan: ScanPlan) -> State:
    """CRITICAL where two truths stand against each other, WARNING where something waits to be decided."""
    if any(getattr(plan, name) for name in _CRITICAL):
        return State.CRITICAL
    return State.WARNING if any(getattr(plan, name) for name in _WARNING) else State.OK


def _look(assets: AssetsOffice, names: Sequence[str], output: Output) -> CollectOutcome:
    office = assets.office
    configured = {one.name: one for one in office.settings.sources if getattr(one.plugin, "sees_devices", False)}
    if not configured:
        raise ConfigInvalid(
            "no source of devices is configured",
            remedy="add one to itops.yaml under `sources`: snmp, ssh, redfish, ipmi, agents, sweep",
        )
    for name in names:
        if name not in configured:
            raise UsageWrong(f"there is no source of devices {name!r}", remedy=f"use one of: {', '.join(configured)}")
    chosen = [configured[name] for name in dict.fromkeys(names or configured)]
    live = [one.name for one in office.settings.sources if getattr(one.plugin, "is_live", False)]
    with office.open_store() as store:
        with progress_on(output.stderr, [one.name for one in chosen], {}) as on_progress:
            outcome = collect(
                [one.build() for one in chosen],
                store,
                live_sources=live,
                now=office.now,
                clock=clock.now,
                on_progress=on_progress,
                limits=Limits(parallel=_PARALLEL_SOURCES),
            )
        office.close()  # whoever closes last folds the write-ahead log into itops.db, and a reader may not
    _explain(outcome, output)
    return outcome


def _explain(outcome: CollectOutcome, output: Output) -> None:
    for look in outcome.looks:
        if look.error:
            click.echo(f"error:  {plain(look.source)}: {plain(look.error.problem)}", file=output.stderr)
            click.echo(f"remedy: {plain(look.error.remedy)}", file=output.stderr)
        for gap in look.gaps:
            output.note(f"{gap.source}: {gap.subject}: {gap.problem}; {gap.remedy}")
    seen = [look.summary for look in outcome.looks if look.state is LookState.COMPLETE and look.summary]
    devices = sum(sum(summary.scan.entity_counts.values()) for summary in seen)
    new, changed = sum(summary.new for summary in seen), sum(summary.changed for summary in seen)
    output.note(f"{counted('device', 'devices', devices)} answered: {new:,} for the first time, {changed:,} changed")


def _notes(plan: ScanPlan, output: Output) -> None:
    output.note(f"{counted('asset', 'assets', plan.unchanged)} recognised, with nothing to say of them")
    if plan.silenced:
        output.note(f"{counted('contradiction', 'contradictions', len(plan.silenced))} kept quiet by `lock`")
    if any(item.edits for item in plan.items()):
        output.note(
            "`itops assets apply` fills and adds; `itops assets accept ID` takes one; `lock ID` keeps the register"
        )


def _listing(assets: AssetsOffice, output: Output, plan: ScanPlan) -> Listing:
    when = moments_in(assets.office.calendar, assets.office.zone)
    columns = (
        Column(field="code", title="what", show=lambda code: code.removeprefix("scan.")),
        Column(field="id", title="id"),
        Column(field="asset_id", title="asset", spare=3),
        Column(field="field", title="field", spare=2),
        Column(field="register", title="register", widest=28),
        Column(field="seen", title="seen", widest=36),
        Column(field="address", title="at"),
        Column(field="source", title="by", spare=1),
        Column(field="seen_at", title="on", show=when, spare=4),
    )
    return Listing(
        schema="itops.assets.scan/1",
        rows=_brief(plan) if output.format is Format.TABLE else [item_row(item) for item in plan.items()],
        data=_data(plan),
        columns=columns,
        csv_fields=_FIELDS,
    )


def _brief(plan: ScanPlan) -> list[Row]:
    """What has to be decided line by line; what is only told, and of many, in one line."""
    alike: dict[str, list[Item]] = {}
    for item in plan.items():
        alike.setdefault(item.code, []).append(item)
    rows: list[Row] = []
    for items in alike.values():
        if len(items) > _TOLD_ONE_BY_ONE and not any(item.edits for item in items):
            rows.append(_together(items))
        else:
            rows += [item_row(item) for item in items]
    return rows


def _together(items: Sequence[Item]) -> Row:
    names = [str(row["asset_id"] or row["id"]) for row in map(item_row, items)]
    shown = ", ".join(names[:_NAMED])
    return {
        **dict.fromkeys(_FIELDS),
        "code": items[0].code,
        "id": f"{len(items)} of them",
        "seen": f"{shown} and {len(names) - _NAMED} more",
    }


def _data(plan: ScanPlan) -> dict[str, Any]:
    """Every item with all it knows; `accepts` tells what accepting it would change."""
    return {
        "made_at": jsonable(plan.made_at),
        "digest": plan.digest,
        "state": state_of(plan).name,
        "unchanged": plan.unchanged,
        "silenced": list(plan.silenced),
        "items": [
            {**item_row(item), "details": jsonable(item), "accepts": jsonable(item.edits)} for item in plan.items()
        ],
    }


def item_row(item: Item) -> Row:
    """An item in the columns that all kinds of items share."""
    told: dict[str, Any] = jsonable(item)
    evidence: dict[str, Any] = told.get("evidence") or {}
    device: dict[str, Any] = told.get("device") or {}
    return {
        "id": item.id,
        "code": item.code,
        "asset_id": told.get("asset_id") or ", ".join(told.get("asset_ids", ())) or None,
        "field": told.get("field") or told.get("rule"),
        "register": told.get("register_value") or told.get("register_site") or told.get("status"),
        "seen": _seen(told, device),
        "source": evidence.get("source") or next(iter(device.get("sources", ())), None),
        "address": evidence.get("address") or next(iter(device.get("addresses", ())), None),
        "seen_at": evidence.get("seen_at"),
    }


def _seen(told: dict[str, Any], device: dict[str, Any]) -> str | None:
    for name in ("seen_value", "seen_site", "value"):
        if told.get(name):
            return str(told[name])
    if told.get("days") is not None:
        return f"{told['days']} days ago"
    return " ".join(_words(device)) or None


def _words(device: dict[str, Any]) -> Iterator[str]:
    for name in ("vendor", "model", "serial", "host_name"):
        if device.get(name):
            yield str(device[name])
