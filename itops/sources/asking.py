"""Asking many devices at once: what each says is a sighting, what it does not say a gap; one mute device holds up none.

For collectors that block (SSH, Redfish, ipmitool) and so need a thread each; SNMP has its own loop.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from itops.assets.sightings import Sighting, entity_of
from itops.errors import ConfigInvalid, ItopsError
from itops.inventory.entities import Gap, Kind, Seen

HIDES = frozenset({Kind.DEVICE})
"""A device that does not answer is off, or moved: its absence proves nothing, so each gap of ours hides devices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one address gave: its sightings (a chassis has several), and what of it could not be seen."""

    sightings: Sequence[Sighting] = ()
    gaps: Sequence[Gap] = ()


Ask = Callable[[str], Answer]
"""Asks one address; raises an ItopsError when it says nothing of use. Whatever else it raises is a bug, and shows."""


def ask_all(source: str, addresses: Sequence[str], ask: Ask, parallel: int) -> Iterator[Seen]:
    """Every address, `parallel` at once, in the order in which they answer. Raises ConfigInvalid."""
    with ThreadPoolExecutor(max(1, min(parallel, len(addresses) or 1))) as pool:
        running = {pool.submit(ask, address): address for address in addresses}
        try:
            for ended in as_completed(running):
                address = running[ended]
                try:
                    answer = ended.result()
                except ConfigInvalid:  # the file is wrong, not the device: it would be so of every one
                    raise
                except ItopsError as failure:
                    yield gap_of(source, address, failure)
                    continue
                yield from seen_of(answer, address)
        finally:  # also when the reader of this stops: those that have not begun are not begun any more
            pool.shutdown(wait=False, cancel_futures=True)


def seen_of(answer: Answer, address: str) -> Iterable[Seen]:
    """An answer as entities and gaps."""
    yield from (entity_of(sighting, ref=sighting.address or address) for sighting in answer.sightings)
    yield from answer.gaps


def gap_of(source: str, address: str, failure: ItopsError) -> Gap:
    """The gap of a device that told nothing, under the code of the failure where it carries one."""
    return Gap(
        source=source,
        subject=address,
        code=getattr(failure, "code", "device.unreadable"),
        problem=failure.problem,
        remedy=failure.remedy,
        hides=HIDES,
    )
