"""Any number of fictional devices of all families, every third with a trap of its own beside those of its family."""

from collections.abc import Callable, Iterator, Mapping

from itops.demo.devices import network, power, printers, servers
from itops.demo.devices.draft import Draft, MadeDevice
from itops.demo.devices.traps import TRAPS

FAMILIES: Mapping[str, Callable[[Draft], None]] = {
    **printers.FAMILIES,
    **power.FAMILIES,
    **network.FAMILIES,
    **servers.FAMILIES,
}
_TRAPPED = 1 / 3


def make_recordings(count: int, seed: int = 1) -> Iterator[MadeDevice]:
    """So many devices, the families in turn, one at a time in memory. Equal seeds make equal devices."""
    families = list(FAMILIES.values())
    for number in range(count):
        draft = Draft(name=f"DEV-{number:04}", seed=f"{seed}/{number}")
        families[number % len(families)](draft)
        if draft.dice.random() < _TRAPPED:
            trap = draft.dice.choice(list(TRAPS))
            before = dict(draft.values)
            TRAPS[trap](draft)
            draft.traps += [trap] if draft.values != before else []
        yield draft.made()
