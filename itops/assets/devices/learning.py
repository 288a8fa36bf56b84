"""Fillers that no list knows: a "serial" or UUID that two devices have at the same time is no identity here."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from itops.assets.devices.marks import Marks
from itops.assets.sightings import Sighting

_Witness = tuple[Sighting, Marks]
_MOST_COMPARED = 400


def learned_junk(seen: Sequence[_Witness], same_scan: timedelta) -> frozenset[str]:
    """Serials and UUIDs told by two devices alive in the same scan, with different MACs.

    A server and its management controller have different MACs and one serial by nature, so a controller is compared
    with controllers only; what two collectors tell of one UUID is one machine with two network cards.
    """
    owners: dict[str, list[_Witness]] = defaultdict(list)
    for witness in seen:
        marks = witness[1]
        if marks.macs and marks.is_virtual is not True:
            for value in {marks.serial, marks.board_serial, *marks.uuids} - {None}:
                owners[str(value)].append(witness)
    return frozenset(value for value, same in owners.items() if _is_several(_one_for_each_card(same), same_scan))


def _one_for_each_card(same: Sequence[_Witness]) -> list[_Witness]:
    """The newest witness for each set of MACs of each collector: what repeats tells nothing new."""
    newest = {(one.source, one.slot, marks.is_manager, marks.macs): (one, marks) for one, marks in same}
    return list(newest.values())[:_MOST_COMPARED]


def _is_several(same: Sequence[_Witness], same_scan: timedelta) -> bool:
    return any(_are_two(one, other, same_scan) for position, one in enumerate(same) for other in same[position + 1 :])


def _are_two(one: _Witness, other: _Witness, same_scan: timedelta) -> bool:
    (left, left_marks), (right, right_marks) = one, other
    if left_marks.macs & right_marks.macs or left_marks.is_manager is not right_marks.is_manager:
        return False
    if (left.source, left.key) == (right.source, right.key) or abs(left.seen_at - right.seen_at) > same_scan:
        return False
    if left.slot and right.slot and left.slot != right.slot:  # nodes of one chassis: the slot tells them apart
        return False
    if left_marks.vendor and right_marks.vendor and left_marks.vendor != right_marks.vendor:
        return False
    return left.source == right.source or not left_marks.uuids & right_marks.uuids
