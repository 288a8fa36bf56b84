"""What is to be changed in the register: plain instructions, made by commands, imports and accepted proposals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class SetField:
    """One value of one asset. `value` as text in the register's own spelling; None takes the key out."""

    asset_id: str
    field: str  # dotted: serial, purchase.price, parts.2.asset_tag (list positions from 1, as messages count)
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetList:
    """A whole list of texts of one asset: `lock`."""

    asset_id: str
    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAsset:
    """A new entry, inserted where its id sorts, in the file that holds its site's assets."""

    asset_id: str
    fields: Mapping[str, str] = field(default_factory=dict)  # dotted field -> text, in the order of records.Asset


@dataclass(frozen=True, slots=True, kw_only=True)
class AddEntry:
    """One more entry at the end of a list of an asset: a test, a part, a set of batteries."""

    asset_id: str
    field: str
    fields: Mapping[str, str]


Edit: TypeAlias = "SetField | SetList | AddAsset | AddEntry"
