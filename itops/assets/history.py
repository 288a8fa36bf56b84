"""Who changed what in the register: two states compared, field by field. Known with git and without."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from itops.assets.records import Asset
from itops.documents import to_plain

Flat: TypeAlias = Mapping[str, str]
"""An asset as dotted field -> text: dates in ISO, list positions from 1; what is not said is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterChange:
    """One field of one asset that became another. `before` None: it was not there; `after` None: it is no more."""

    asset_id: str
    field: str  # dotted; "id" for an entry as a whole
    before: str | None = None
    after: str | None = None
    at: datetime  # of the change where itops made it, of the commit in git, else when it was noticed
    by: str | None = None  # None: nobody can tell, it was typed into the file
    how: str  # a command ("set", "apply"), "git", or "by hand"
    reference: str | None = None  # the commit, the file of an import

    @property
    def what(self) -> tuple[str, str, str | None, str | None]:
        """What changed, apart from when and by whom: the same change told twice is one."""
        return self.asset_id, self.field, self.before, self.after


def flat(asset: Asset) -> dict[str, str]:
    """An asset's fields, however deep."""
    return dict(_flattened(to_plain(asset), ""))


def _flattened(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, held in value.items():
            yield from _flattened(held, f"{path}.{key}" if path else key)
    elif isinstance(value, list | tuple):
        for position, held in enumerate(value, start=1):
            yield from _flattened(held, f"{path}.{position}")
    elif isinstance(value, bool):
        yield path, "true" if value else "false"
    elif value is not None:
        yield path, str(value)


def differences(
    before: Mapping[str, Flat], after: Mapping[str, Flat], at: datetime, by: str | None, how: str
) -> Iterator[RegisterChange]:
    """Every field that differs, by asset; of an asset that came or went, its id first and then all it said."""
    for asset_id in sorted({*before, *after}):
        old, new = before.get(asset_id, {}), after.get(asset_id, {})
        for field in sorted({*old, *new}, key=lambda field: (field != "id", field)):
            if old.get(field) != new.get(field):
                yield RegisterChange(
                    asset_id=asset_id, field=field, before=old.get(field), after=new.get(field), at=at, by=by, how=how
                )


def told_once(from_git: list[RegisterChange], noticed: list[RegisterChange]) -> list[RegisterChange]:
    """Newest first; what git tells with its author is not told again as noticed by hand.

    A change may be made, undone and made again: each telling of git takes away one of ours, the nearest before it.
    """
    left = sorted(noticed, key=lambda change: change.at, reverse=True)
    told = []
    for change in sorted(from_git, key=lambda change: change.at, reverse=True):
        twin = next((own for own in left if own.what == change.what), None)
        if twin is not None and twin.how != "by hand":
            told.append(twin)  # itops made it itself and knows more than the commit does
            left.remove(twin)
            continue
        if twin is not None:
            left.remove(twin)
        told.append(change)
    return sorted([*told, *left], key=lambda change: change.at, reverse=True)
