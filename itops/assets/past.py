"""The register as it was at a moment, and what became of its items: read off the changes that are remembered.

Only flat fields are remembered (`itops.assets.history`), so that is what can be said of the past: every field of every
entry. Where the memory begins only after the moment, the answer is the oldest state that is known.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from itops.assets.history import Flat, RegisterChange, flat
from itops.assets.records import Asset, AssetStatus
from itops.assets.tables.fields import Unbuildable, built, field_at


def register_then(
    state: Mapping[str, Flat], changes: Iterable[RegisterChange], moment: datetime
) -> dict[str, dict[str, str]]:
    """Every entry at `moment`, by its id, with what happened at that very moment. `changes` newest first."""
    then = {asset_id: dict(fields) for asset_id, fields in state.items()}
    for change in changes:
        if change.at <= moment:
            continue
        fields = then.setdefault(change.asset_id, {})
        if change.before is None:
            fields.pop(change.field, None)
        else:
            fields[change.field] = change.before
    return {asset_id: fields for asset_id, fields in then.items() if "id" in fields}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """Entries of the past as assets. `unreadable`: ids of those that an older itops wrote and this one cannot read."""

    assets: tuple[Asset, ...]
    unreadable: tuple[str, ...] = ()


def rebuilt(entries: Mapping[str, Flat], today: Iterable[Asset]) -> Rebuilt:
    """The assets of flat entries: those that are there today in their order, then what is no more, by id.

    An entry that says what it says today is today's asset. Of others an empty block (`ups: {}`) is not remembered.
    """
    known: dict[str, Asset] = {asset.id: asset for asset in today}
    order = [*(asset_id for asset_id in known if asset_id in entries), *sorted(set(entries) - set(known))]
    found = {asset_id: _asset(entries[asset_id], known.get(asset_id)) for asset_id in order}
    return Rebuilt(
        assets=tuple(asset for asset in found.values() if asset is not None),
        unreadable=tuple(asset_id for asset_id, asset in found.items() if asset is None),
    )


def _asset(entry: Flat, today: Asset | None) -> Asset | None:
    if today is not None and flat(today) == entry:
        return today
    try:
        return built({path: _spelled(path, text) for path, text in entry.items()})
    except (Unbuildable, KeyError, ValueError):  # a field that is a block now was a text once, say
        return None


def _spelled(path: str, text: str) -> str:
    """As the register spells it: no exponent, and not more decimals than it reads."""
    known = field_at(path)
    return f"{float(text):.15f}" if known is not None and known.type is float else text


class Became(StrEnum):
    """What a change means for the item."""

    ADDED = "added"
    REMOVED = "removed"  # its entry is gone
    RETIRED = "retired"  # out of use, or out of the house
    MOVED = "moved"  # to another place, or into other hands
    CHANGED = "changed"


_PLACES = frozenset({"site", "location", "department", "assigned_to", "personnel_code"})
_MOVING_COMMANDS = frozenset({"move", "assign"})
_HERE = frozenset({AssetStatus.IN_USE.value, AssetStatus.STORE.value})


def status_of(text: str | None) -> AssetStatus | None:
    """A status as it is remembered: the usual one is not written down. None for a word that is no status."""
    if text is None:
        return AssetStatus.IN_USE
    return AssetStatus(text) if text in set(AssetStatus) else None


def told_apart(changes: Iterable[RegisterChange]) -> Iterator[tuple[Became, RegisterChange]]:
    """Each change with what it means: oldest first, at one moment asset by asset. `changes` newest first.

    Of an entry that came or went as a whole only its "id" is told. What is written down along with a deed belongs to
    it: the day of a hand-over, the papers of a disposal.
    """
    deeds: dict[tuple[datetime, str, str, str], list[RegisterChange]] = defaultdict(list)
    for change in reversed([*changes]):
        deeds[change.at, change.asset_id, change.how, change.by or ""].append(change)
    for _, deed in sorted(deeds.items(), key=lambda one: one[0][:2]):
        whole = [change for change in deed if change.field == "id"]
        for change in whole or sorted(deed, key=lambda one: one.field):
            yield _became(change, deed), change


def _became(change: RegisterChange, deed: Sequence[RegisterChange]) -> Became:
    if change.field == "id":
        return Became.ADDED if change.before is None else Became.REMOVED
    if _ends(change) or (change.field.startswith("disposal.") and any(map(_ends, deed))):
        return Became.RETIRED
    if _moves(change) or (_goes_along(change) and any(map(_moves, deed))):
        return Became.MOVED
    return Became.CHANGED


def _ends(change: RegisterChange) -> bool:
    before, after = status_of(change.before), status_of(change.after)
    is_over = after is not None and after.is_over
    return change.field == "status" and is_over and not (before is not None and before.is_over)


def _moves(change: RegisterChange) -> bool:
    """A place that is written down for the first time is no move, unless somebody said that it is one."""
    return change.field in _PLACES and (change.before is not None or change.how in _MOVING_COMMANDS)


def _goes_along(change: RegisterChange) -> bool:
    if change.field == "status":
        return {status_of(change.before), status_of(change.after)} <= _HERE
    return change.field in {*_PLACES, "custody_date"}
