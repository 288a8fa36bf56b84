"""Gather the hardware of a period: the register's file walked back to the period's end, and what became of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from itops.assets.ages import Observed
from itops.assets.budget.years import Years
from itops.assets.checking import AssetFinding, Look, check
from itops.assets.history import Flat, RegisterChange, differences, flat
from itops.assets.past import rebuilt, register_then
from itops.assets.records import Asset, Register
from itops.config.register.loading import load_whole
from itops.names import Names
from itops.reports.monthly.hardware import HardwareFacts, hardware_part, is_kept, no_hardware
from itops.reports.monthly.parts import HardwarePart
from itops.tasks.export_assets import load_mapping
from itops.tasks.follow_register import BY_HAND
from itops.tasks.observe_assets import observed_of, support_table
from itops.tasks.report.asking import Asking
from itops.tasks.report.servers_then import Then
from itops.tasks.scan_assets import devices_of
from itops.worklog.exports import Exported
from itops.worklog.periods import months_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRegister:
    """The register's file and what the store remembers of it: read once, however many periods are asked for."""

    register: Register
    entries: Mapping[str, Flat]  # as the file has them
    changes: tuple[RegisterChange, ...]  # newest first; what nobody noticed yet is of now


def read_register(asking: Asking) -> ReadRegister | None:
    """The register as it is now; None where there is no file. Raises ConfigInvalid with every mistake in it."""
    if not asking.settings.register.exists():
        return None
    register = load_whole(asking.settings.register).register
    entries: dict[str, Flat] = {asset.id: flat(asset) for asset in register.assets}
    if asking.reader is None:
        return ReadRegister(register=register, entries=entries, changes=())
    known = asking.reader.register.entries()
    unnoticed = [*differences(known, entries, asking.now, None, BY_HAND)] if known else []
    changes = (*reversed(unnoticed), *asking.reader.register.changes())
    return ReadRegister(register=register, entries=entries, changes=changes)


def gather_hardware(asking: Asking, read: ReadRegister | None = None) -> HardwarePart:
    """The hardware part. `read` spares reading the register for each of several periods. Raises ConfigInvalid."""
    read = read or read_register(asking)
    if read is None:
        return no_hardware()
    policy = asking.settings.assets
    entries = register_then(read.entries, read.changes, asking.as_of)
    then = rebuilt(entries, read.register.assets)
    observed = _observed(asking, then.assets)
    exports = _exports(asking)
    return hardware_part(
        HardwareFacts(
            today=asking.today,
            zone=asking.zone,
            entries=entries,
            sites=read.register.sites,
            head_site=asking.report.head_site,
            register_name=policy.register.name,
            verify_within=policy.verify_within,
            changes=_changes(asking, read.changes),
            seen={key: one.last_seen_at for key, one in (observed or {}).items() if one.last_seen_at is not None},
            judged=_judged(asking, then.assets, read.register.sites, observed),
            unreadable=then.unreadable,
            exported=exports[-1] if exports else None,
            registered_in=tuple(_registered_in(asking, exports, entries)),
        )
    )


def register_at(asking: Asking, read: ReadRegister | None = None) -> dict[str, dict[str, str]] | None:
    """Every entry at the period's end; None where there is no register."""
    read = read or read_register(asking)
    return None if read is None else register_then(read.entries, read.changes, asking.as_of)


def _changes(asking: Asking, changes: Sequence[RegisterChange]) -> tuple[RegisterChange, ...] | None:
    """Those of the period; None where none from before its end is remembered, so that nobody may have been looking."""
    if not any(change.at < asking.end for change in changes):
        return None
    return tuple(change for change in changes if asking.begin <= change.at < asking.end)


def _observed(asking: Asking, assets: Sequence[Asset]) -> dict[str, Observed] | None:
    """What machines had said by the period's end, by asset; None where nothing had been seen yet.

    Without what moves by itself: nobody remembers the page counter of last month.
    """
    if asking.reader is None:
        return None
    then = Then(asking.reader, asking.as_of)
    policy = asking.settings.assets
    return observed_of(assets, devices_of(then, policy), then.history, policy, asking.zone)


def _judged(
    asking: Asking, assets: tuple[Asset, ...], sites: Mapping[str, Names], observed: Mapping[str, Observed] | None
) -> tuple[AssetFinding, ...]:
    policy = asking.settings.assets
    return check(
        Look(
            register=Register(sites=sites, assets=assets),
            policy=policy,
            years=Years(calendar=asking.settings.office.calendar, starts=policy.budget.year_starts),
            now=asking.as_of,
            today=asking.today,
            observed=observed,
            support=support_table(policy.support_ends),
        )
    )


def _exports(asking: Asking) -> list[Exported]:
    """The lists made of the period, or of its months: those of the last month last, there as they were made."""
    order = [month.name for month in months_of(asking.period)]
    order += [name for name in (asking.period.name,) if name not in order]
    return sorted(
        (one for one in asking.memory.exports if one.period in order), key=lambda one: order.index(one.period)
    )


def _registered_in(asking: Asking, exports: Iterable[Exported], entries: Mapping[str, Flat]) -> Iterator[Names]:
    """The systems whose list was made in every month of the period, and of the last one holds all that is kept."""
    made = {(one.profile, one.period): one.items.keys() for one in exports}
    months = [month.name for month in months_of(asking.period)]
    kept = {asset_id for asset_id, entry in entries.items() if is_kept(entry)}
    told: set[str] = set()
    for profile, path in asking.settings.assets.templates.items():
        if all((profile, month) in made for month in months) and kept <= made[profile, months[-1]]:
            system = load_mapping(path).system or ""
            if system in asking.report.systems and system not in told:
                told.add(system)
                yield asking.report.systems[system]
