"""The register against the devices: every difference becomes one item of the plan."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Protocol, TypeVar

from itops.assets.devices import Device
from itops.assets.matching import Matches, match
from itops.assets.policy import AssetPolicy
from itops.assets.reconciliation.differences import differences, is_locked, revenants
from itops.assets.reconciliation.plan import Conflict, Elsewhere, NotSeen, Proposal, ScanPlan
from itops.assets.reconciliation.seen import Looks, not_seen
from itops.assets.reconciliation.showing import counted
from itops.assets.reconciliation.strangers import ambiguities, findings, learned_junk, strangers
from itops.assets.records import Register


class _Named(Protocol):
    @property
    def id(self) -> str: ...


_T = TypeVar("_T", bound=_Named)


def reconcile(register: Register, devices: Iterable[Device], policy: AssetPolicy, now: datetime) -> ScanPlan:
    """The plan. The order of assets and devices is nothing to it; it deletes nothing and clears nothing.

    A device that nobody saw for `stale_after` is nobody's news: guests of last spring are gone.
    """
    known = tuple(sorted(devices, key=lambda device: device.key))
    matches = match(register.assets, known, policy)
    looks = Looks(known)
    recognised = [(one.asset, one.device) for one in matches.matched if one.asset]
    differing = [(item, is_locked(item, asset)) for asset, device in recognised for item in differences(asset, device)]
    told = [item for item, is_silent in differing if not is_silent]
    back = list(revenants(recognised, looks))
    missed = list(_missed(register, matches, looks, policy, now))
    recent = [one for one in matches.devices if now - one.device.seen_at <= policy.stale_after]
    unknown = strangers(register, [one for one in recent if not one.asset and not one.candidates])
    names: Counter[str] = Counter()
    return ScanPlan(
        made_at=now,
        revenants=_ordered(back, names),
        conflicts=_ordered([item for item in told if isinstance(item, Conflict)], names),
        replacements=_ordered(unknown.replacements, names),
        ambiguous=_ordered(ambiguities(matches), names),
        elsewhere=_ordered([item for item in told if isinstance(item, Elsewhere)], names),
        not_seen=_ordered(missed, names),
        new=_ordered(unknown.new, names),
        proposals=_ordered([item for item in told if isinstance(item, Proposal)], names),
        suggestions=_ordered(unknown.suggestions, names),
        learned_junk=_ordered(learned_junk(known, policy), names),
        findings=_ordered(findings(matches), names),
        unidentified=_ordered(unknown.unidentified, names),
        silenced=tuple(sorted((item.id for item, is_silent in differing if is_silent), key=counted)),
        unchanged=len({asset.id for asset, _ in recognised} - {item.asset_id for item in (*told, *back, *missed)}),
    )


def _missed(
    register: Register, matches: Matches, looks: Looks, policy: AssetPolicy, now: datetime
) -> Iterator[NotSeen]:
    """Of an asset about which a doubt is told, that is told instead."""
    doubted = {asset.id for one in matches.devices for asset in one.candidates}
    doubted |= {told.asset.id for one in matches.devices for told in (*one.replaces, *one.suggestions)}
    found: dict[str, Device] = {one.asset.id: one.device for one in matches.matched if one.asset}
    return not_seen([asset for asset in register.assets if asset.id not in doubted], found, looks, policy, now)


def _ordered(items: Iterable[_T], names: Counter[str]) -> tuple[_T, ...]:
    """By id, as people count; an id that comes again gets a number."""
    return tuple(_numbered(item, names) for item in sorted(items, key=lambda item: (counted(item.id), repr(item))))


def _numbered(item: _T, names: Counter[str]) -> _T:
    names[item.id] += 1
    if names[item.id] == 1:
        return item
    numbered: _T = replace(item, id=f"{item.id}.{names[item.id]}")  # type: ignore[type-var]
    return numbered
