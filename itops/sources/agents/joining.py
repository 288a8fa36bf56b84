"""Several files of one agent become one inventory; several computers that share one agent's id stay several."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from itops.sources.agents.folder import Found
from itops.sources.agents.kept import Inventory, overlaid
from itops.sources.agents.moments import Made


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """An inventory and when it was made."""

    found: Found
    made: Made

    @property
    def inventory(self) -> Inventory:
        """What it tells."""
        return self.found.inventory


@dataclass(frozen=True, slots=True, kw_only=True)
class Computer:
    """All that is known of one computer. `number` is 1, or more where others go by the same agent's id."""

    id: str
    number: int
    inventory: Inventory
    made: Made
    names: tuple[str, ...]  # of its files


def computers(files: Iterable[Dated]) -> Iterator[Computer]:
    """Each computer once, in the order of their ids."""
    by_id: dict[str, list[Dated]] = {}
    for dated in files:
        by_id.setdefault(dated.inventory.id.casefold(), []).append(dated)
    for agent_id in sorted(by_id):
        boxes = sorted(_boxes(by_id[agent_id]), key=lambda box: box[0].hardware_id())
        for number, (inventory, held) in enumerate(boxes, start=1):
            yield Computer(
                id=agent_id,
                number=number,
                inventory=inventory,
                made=held[-1].made,
                names=tuple(dated.found.name for dated in held),
            )


def _boxes(files: Sequence[Dated]) -> list[tuple[Inventory, list[Dated]]]:
    """The files sorted into boxes of one hardware each, and joined there, oldest first."""
    boxes: list[tuple[Inventory, list[Dated]]] = []
    for dated in sorted(files, key=lambda dated: (dated.made.at, dated.found.name)):
        place = next(
            (at for at, (known, _) in enumerate(boxes) if not known.is_of_other_hardware(dated.inventory)), None
        )
        if place is None:
            boxes.append((dated.inventory, [dated]))
        else:
            known, held = boxes[place]
            boxes[place] = (_newer(known, dated.inventory), [*held, dated])
    return boxes


def _newer(known: Inventory, told: Inventory) -> Inventory:
    """A whole one replaces what was known; a partial one changes what it carries."""
    return replace(overlaid(known, told), is_partial=known.is_partial) if told.is_partial else told
