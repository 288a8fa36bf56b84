"""`itops assets scan`: ask every device, and tell what the register should know; it is not touched."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from itops import clock
from itops.assets.reconciliation import Replacement, ScanPlan, SuggestedMatch
from itops.assets.reconciliation.plan import Item, SeenDevice
from itops.cli.assets_office import AssetsOffice, pass_assets
from itops.cli.columns import moments_in
from itops.cli.output import Column, Format, Listing, Output, Row, output_options
from itops.cli.rows import hole_rows
from itops.cli.scan_progress import progress_on
from itops.config.mistakes import refuse
from itops.errors import ConfigInvalid, SourceUnavailable, UsageWrong
from itops.jsonable import jsonable
from itops.tasks.collect_inventory import CollectOutcome, Limits, LookState, collect
from itops.tasks.read_inventory import holes
from itops.tasks.scan_assets import sources_of_devices, state_of, unknown_sites
from itops.text import counted, plain

if TYPE_CHECKING:
    from itops.config.settings import PluginSettings

_PARALLEL_SOURCES = 32
_TOLD_ONE_BY_ONE = 6
_NAMED = 3
_ORDINARY_GAPS = {"sweep.silent"}  # every swept network has unused addresses
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
    if stored and names:
        raise UsageWrong("--stored asks no SOURCE", remedy="leave out --stored, or the names")
    outcome = None if stored else _look(assets, names, output)
    output.show(_listing(assets, output), assets.office.now)
    _tell_plan(assets, output)
    failed = _failure_code(outcome) if outcome else 0
    click.get_current_context().exit(failed or (state_of(assets.plan).value if is_check else 0))


def _look(assets: AssetsOffice, names: Sequence[str], output: Output) -> CollectOutcome:
    office = assets.office
    chosen = _chosen(assets, names)
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
    _tell_look(outcome, output)
    return outcome


def _chosen(assets: AssetsOffice, names: Sequence[str]) -> "list[PluginSettings]":
    """The sources to ask. What would spoil the plan is told before anybody is asked; an invalid register, too."""
    settings = assets.office.settings
    known = sources_of_devices(settings.sources)
    if not known:
        raise ConfigInvalid(
            "no source of devices is configured",
            remedy="add one to itops.yaml under `sources`: snmp, ssh, redfish, ipmi, agents, sweep",
        )
    for name in names:
        if name not in known:
            raise UsageWrong(f"there is no source of devices {name!r}", remedy=f"use one of: {', '.join(known)}")
    if mistakes := [*unknown_sites(known.values(), assets.register)]:
        refuse(settings.path.name, mistakes)
    return [known[name] for name in dict.fromkeys(names or known)]


def _failure_code(outcome: CollectOutcome) -> int:
    """0 when every source was seen; the failures' own code when they agree on one, else that of an absent source."""
    codes = {look.error.exit_code for look in outcome.failures if look.error}
    return codes.pop() if len(codes) == 1 else SourceUnavailable.exit_code if codes else 0


def _tell_look(outcome: CollectOutcome, output: Output) -> None:
    for look in outcome.failures:
        assert look.error is not None
        click.echo(f"error:  {plain(look.source)}: {plain(look.error.problem)}", file=output.stderr)
        click.echo(f"remedy: {plain(look.error.remedy)}", file=output.stderr)
    _tell_gaps(outcome, output)
    seen = [look.summary for look in outcome.looks if look.state is LookState.COMPLETE and look.summary]
    devices = sum(sum(summary.scan.entity_counts.values()) for summary in seen)
    new, changed = sum(summary.new for summary in seen), sum(summary.changed for summary in seen)
    output.note(f"{counted('device', 'devices', devices)} answered: {new:,} for the first time, {changed:,} changed")
    if 0 < len(outcome.failures) < len(outcome.looks):
        output.note("what the other sources showed was kept")


def _tell_gaps(outcome: CollectOutcome, output: Output) -> None:
    """A few of each sort: three hundred PCs that are off at night are one piece of news."""
    alike = defaultdict(list)
    for gap in (gap for look in outcome.looks for gap in look.gaps):
        alike[gap.source, gap.code].append(gap)
    for (source, code), gaps in alike.items():
        shown = [] if code in _ORDINARY_GAPS else gaps[:_NAMED]
        for gap in shown:
            output.note(f"{source}: {gap.subject}: {gap.problem}; {gap.remedy}")
        if shown and len(gaps) > len(shown):
            output.note(
                f"{source}: {len(gaps) - len(shown):,} more like that: `itops inventory gaps --source {source}`"
            )
    if any(code in _ORDINARY_GAPS for _, code in alike):
        output.note("where nothing answers in a swept network, `itops inventory gaps` tells; most will be unused")


def _tell_plan(assets: AssetsOffice, output: Output) -> None:
    plan = assets.plan
    if not assets.devices():
        output.note("no device was seen yet")
    output.note(f"{counted('asset', 'assets', plan.unchanged)} recognised, with nothing to say of them")
    if plan.silenced:
        output.note(f"{counted('difference', 'differences', len(plan.silenced))} kept quiet by `lock`")
    doubts: tuple[Replacement | SuggestedMatch, ...] = (*plan.replacements, *plan.suggestions)
    for doubt in doubts[:_TOLD_ONE_BY_ONE]:
        output.note(_choice(doubt))
    if plan.proposals or any(item.edits for item in plan.new):
        output.note("`itops assets apply` fills and adds")
    if plan.conflicts:
        output.note("`itops assets accept ID` takes what was seen; `itops assets lock ID` keeps the register's word")


def _choice(doubt: Replacement | SuggestedMatch) -> str:
    """What to accept for each of the two things that may be so."""
    same = f"`itops assets accept {doubt.id}` if it is {doubt.asset_id}" if doubt.edits else ""
    other = f"`itops assets accept {doubt.as_new.id}` if it is another" if doubt.as_new else ""
    return f"{doubt.device.host_name or doubt.device.key}: {', '.join(filter(None, (same, other)))}"


def _listing(assets: AssetsOffice, output: Output) -> Listing:
    plan, office = assets.plan, assets.office
    when = moments_in(office.calendar, office.zone)
    columns = (
        Column(field="code", title="what", show=item_name),
        Column(field="id", title="id"),
        Column(field="asset_id", title="asset", spare=3),
        Column(field="field", title="field", spare=2),
        Column(field="register", title="register", widest=28),
        Column(field="seen", title="seen", widest=36),
        Column(field="address", title="at"),
        Column(field="source", title="by", spare=1),
        Column(field="seen_at", title="on", show=when, spare=4),
    )
    unseen = [
        hole
        for name in sources_of_devices(office.settings.sources)
        for hole in holes(office.any_reader, office.source_reports, source=name)
    ]
    return Listing(
        schema="itops.assets.scan/1",
        rows=_brief(plan) if output.format is Format.TABLE else [item_row(item) for item in plan.items()],
        data=_data(plan),
        columns=columns,
        csv_fields=_FIELDS,
        gaps=hole_rows(unseen),
    )


def _brief(plan: ScanPlan) -> list[Row]:
    """What has to be decided line by line; below it what is only told, and of many in one line."""
    alike: dict[str, list[Item]] = defaultdict(list)
    for item in plan.items():
        alike[item.code].append(item)
    many = {code for code, items in alike.items() if len(items) > _TOLD_ONE_BY_ONE and not any(map(_edits, items))}
    rows = [item_row(item) for code, items in alike.items() if code not in many for item in items]
    return [*rows, *(_together(alike[code]) for code in alike if code in many)]


def _edits(item: Item) -> bool:
    return bool(item.edits)


def _together(items: Sequence[Item]) -> Row:
    names = [str(row["asset_id"] or row["id"]) for row in map(item_row, items[:_NAMED])]
    return {
        **dict.fromkeys(_FIELDS),
        "code": items[0].code,
        "id": f"{len(items):,} of them",
        "seen": f"{', '.join(names)} and {len(items) - len(names):,} more",
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
    device: SeenDevice | None = _first(item, "device") or next(iter(getattr(item, "devices", ())), None)
    witness = _first(item, "evidence")
    return {
        "id": item.id,
        "code": item.code,
        "asset_id": _first(item, "asset_id") or ", ".join(getattr(item, "asset_ids", ())) or None,
        "field": _first(item, "field", "rule"),
        "register": _first(item, "register_value", "register_site", "status"),
        "seen": _seen(item, device),
        "source": witness.source if witness else next(iter(device.sources), None) if device else None,
        "address": (witness and witness.address) or (next(iter(device.addresses), None) if device else None),
        "seen_at": jsonable(witness.seen_at) if witness else None,
    }


def item_name(code: str) -> str:
    """A code as tables show it; a collector's own are told whole."""
    return code.removeprefix("scan.")


def _first(item: Item, *names: str) -> Any:
    """Of fields that some kinds of items have and others do not."""
    return next((held for name in names if (held := getattr(item, name, None)) is not None), None)


def _seen(item: Item, device: SeenDevice | None) -> str | None:
    value = _first(item, "seen_value", "seen_site", "value")
    days = _first(item, "days")
    if value is None and days is not None:
        return f"{days:,} days ago"
    return value or " ".join(_words(device)) or None


def _words(device: SeenDevice | None) -> Iterator[str]:
    told = (device.vendor, device.model, device.serial, device.host_name) if device else ()
    yield from filter(None, told)
