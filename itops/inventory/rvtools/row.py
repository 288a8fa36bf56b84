"""One row in the making: an entity, the item within it that the row is about, and the estate around it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from itops.inventory.entities import Entity, Value
from itops.inventory.rvtools.estate import Estate
from itops.inventory.rvtools.paths import lookup, parse, walk

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """What a derived column may read."""

    entity: Entity
    estate: Estate
    item: dict[str, Value] = field(default_factory=dict)  # empty on a sheet with one row for each entity

    def get(self, path: str) -> Value:
        """The value at a path of the catalogue, of the entity or (leading dot) of the item."""
        parsed = parse(path)
        return walk(self.item, parsed.steps) if parsed.is_of_item else lookup(self.entity.properties, parsed)

    def number(self, path: str) -> int | float | None:
        """The number at a path, None when there is none there."""
        value = self.get(path)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def mib_of(size_bytes: int | float | None) -> int | None:
    """Bytes in whole MiB."""
    return None if size_bytes is None else round(size_bytes / MIB)


def joined_text(parts: Sequence[str]) -> str | None:
    """A list in one cell; None when it is empty."""
    return ", ".join(parts) or None
