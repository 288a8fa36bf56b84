"""Which sightings are of one device: by serial, UUID, board, MACs, in this order; the order they come in is nothing.

A value joins its owners only where none of them contradicts another: one of two who have a good value for a better
key, and a different one, is another device, whatever else they share. What several devices have at the same time is
no identity: a serial or UUID is learned as junk, a MAC is shared.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import IntEnum
from ipaddress import ip_address
from itertools import combinations

from itops.assets.devices.device import Device, device_of
from itops.assets.devices.learning import learned_junk
from itops.assets.devices.marks import Marks, is_vm_record, kind_of, kinds_agree, marks_of
from itops.assets.devices.networks import lies_in, networks_of
from itops.assets.identity import normal_serial, uuid_key
from itops.assets.policy import AssetPolicy
from itops.assets.sightings import Sighting, Via

SAME_SCAN = timedelta(hours=12)
"""What was seen so close together was there at the same time; scans are daily."""
_MOST_OWNERS = 500
"""More owners of one value contradict each other or are a flood; neither is joined by it."""


class _Level(IntEnum):
    """By what sightings are joined, the best first."""

    SERIAL = 0
    UUID = 1
    BOARD = 2
    MAC = 3
    PLACE = 4  # the same collector at the same address or of the same agent
    ADDRESS = 5  # two collectors at one address in one scan


@dataclass(frozen=True, slots=True)
class _Seen:
    """A sighting with its marks."""

    number: int  # in the one order in which everything is done
    sighting: Sighting
    marks: Marks


_Group = list[_Seen]


def join(sightings: Iterable[Sighting], policy: AssetPolicy) -> tuple[Device, ...]:
    """The devices behind `sightings`, by key. Each sighting is in exactly one of them, or replaced by a newer one."""
    ordered = sorted(set(sightings), key=lambda one: (one.seen_at, one.source, one.key, repr(one)))
    known = frozenset(filter(None, map(normal_serial, policy.junk_serials)))
    known |= frozenset(filter(None, map(uuid_key, policy.junk_serials)))
    learned = learned_junk([(one, marks_of(one, known)) for one in ordered], SAME_SCAN)
    seen = [_Seen(number, one, marks_of(one, known | learned)) for number, one in enumerate(ordered)]
    groups = _Groups(seen)
    dhcp = networks_of(policy.dhcp)
    for level, owners in (
        (_Level.SERIAL, _by_serial),
        (_Level.UUID, _by_uuid),
        (_Level.BOARD, _by_board),
        (_Level.MAC, _by_mac),
        (_Level.PLACE, _by_place),
    ):
        groups.join(level, owners(seen))
    groups.join(_Level.ADDRESS, _by_address(seen, lambda address: lies_in(address, dhcp)))
    shared = groups.shared_macs()
    return _distinct(device_of((one.sighting for one in group), known | learned, shared) for group in groups.all())


def _distinct(devices: Iterable[Device]) -> tuple[Device, ...]:
    """By key; of two with one key (a machine and its copy) each also carries where it was seen."""
    found = sorted(devices, key=lambda device: (device.key, repr(device.sightings)))
    found = _told_apart(found, [one.sightings[0].slot or one.sightings[0].key for one in found])
    found = _told_apart(found, [str(number) for number in range(len(found))])
    return tuple(sorted(found, key=lambda device: device.key))


def _told_apart(found: list[Device], labels: list[str]) -> list[Device]:
    owners = Counter(device.key for device in found)
    return [
        device if owners[device.key] == 1 else replace(device, key=f"{device.key}@{label}")
        for device, label in zip(found, labels, strict=True)
    ]


class _Groups:
    """Sightings that were found to be of one device; they only ever grow."""

    def __init__(self, seen: Sequence[_Seen]) -> None:
        self._group_of: list[_Group] = [[one] for one in seen]

    def all(self) -> list[_Group]:
        """Every group once."""
        return list({id(group): group for group in self._group_of}.values())

    def join(self, level: _Level, owners: Iterable[tuple[Hashable, list[_Seen]]]) -> None:
        """Join the owners of each value; a value whose owners contradict each other joins none of them.

        Nor does a device join by its second value what contradicts the one that its first value names.
        """
        wanted = [found for _, same in owners if len(found := self._distinct(same)) > 1]
        wanted = [found for found in wanted if len(found) <= _MOST_OWNERS and _may_be_one(level, found)]
        torn = self._torn(level, wanted)
        for found in wanted:
            self._unite(level, [group for group in found if id(group) not in torn])

    def shared_macs(self) -> frozenset[str]:
        """MACs that more than one device has."""
        owners: dict[str, set[int]] = defaultdict(set)
        for group in self.all():
            for one in group:
                for mac in one.marks.macs:
                    owners[mac].add(id(group))
        return frozenset(mac for mac, groups in owners.items() if len(groups) > 1)

    def _distinct(self, same: Iterable[_Seen]) -> list[_Group]:
        return list({id(group): group for one in same for group in (self._group_of[one.number],)}.values())

    def _torn(self, level: _Level, wanted: list[list[_Group]]) -> set[int]:
        """The groups that two contradicting ones claim."""
        beside: dict[int, dict[int, _Group]] = defaultdict(dict)
        for found in wanted:
            for group in found:
                beside[id(group)] |= {id(other): other for other in found}
        return {
            own
            for own, others in beside.items()
            if len(others) > _MOST_OWNERS or not _may_be_one(level, list(others.values()))
        }

    def _unite(self, level: _Level, groups: list[_Group]) -> None:
        groups = self._distinct(one for group in groups for one in group)
        if len(groups) < 2 or not _may_be_one(level, groups):
            return
        united = sorted((one for group in groups for one in group), key=lambda one: one.number)
        for one in united:
            self._group_of[one.number] = united


def _by_serial(seen: Sequence[_Seen]) -> Iterator[tuple[Hashable, list[_Seen]]]:
    """Maker and serial. Where two makers use one serial, a witness who names none belongs to neither."""
    owners = _owners(seen, lambda one: (one.marks.serial,))
    for serial, same in owners:
        makers = {one.marks.vendor for one in same} - {None}
        if len(makers) <= 1:
            yield serial, same
        for maker in sorted(filter(None, makers)) if len(makers) > 1 else ():
            yield (serial, maker), [one for one in same if one.marks.vendor == maker]


def _by_board(seen: Sequence[_Seen]) -> Iterator[tuple[Hashable, list[_Seen]]]:
    return _owners(
        seen, lambda one: [(one.marks.board_vendor, serial) for serial in (one.marks.board_serial,) if serial]
    )


def _by_uuid(seen: Sequence[_Seen]) -> Iterator[tuple[Hashable, list[_Seen]]]:
    return _owners(seen, lambda one: one.marks.uuids)


def _by_mac(seen: Sequence[_Seen]) -> Iterator[tuple[Hashable, list[_Seen]]]:
    return _owners(seen, lambda one: one.marks.macs)


def _by_place(seen: Sequence[_Seen]) -> Iterator[tuple[Hashable, list[_Seen]]]:
    """A partial file tells nothing of identity but whose it is."""
    return _owners(seen, lambda one: ((one.sighting.source, one.sighting.key),))


def _by_address(seen: Sequence[_Seen], is_lent: Callable[[str], bool]) -> Iterator[tuple[Hashable, list[_Seen]]]:
    """Those that answered at one address around the last time anybody did; agents carry theirs from home."""
    for address, same in _owners(seen, lambda one: (one.sighting.address,)):
        if is_lent(str(address)) or not _is_own(str(address)):
            continue
        answering = [one for one in same if one.sighting.via is not Via.AGENT]
        last = max((one.sighting.seen_at for one in answering), default=None)
        if last is not None:
            yield address, [one for one in answering if last - one.sighting.seen_at <= SAME_SCAN]


def _is_own(address: str) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:  # a host name, as typed in itops.yaml
        return True
    return not (parsed.is_loopback or parsed.is_link_local or parsed.is_unspecified)


def _owners(
    seen: Sequence[_Seen], values: Callable[[_Seen], Iterable[Hashable]]
) -> Iterator[tuple[Hashable, list[_Seen]]]:
    found: dict[Hashable, list[_Seen]] = defaultdict(list)
    for one in seen:
        for value in values(one):
            if value is not None:
                found[value].append(one)
    yield from ((value, found[value]) for value in sorted(found, key=repr))


def _may_be_one(level: _Level, groups: Sequence[_Group]) -> bool:
    return not any(_contradict(level, one, other) for one, other in combinations(groups, 2))


def _contradict(level: _Level, one: _Group, other: _Group) -> bool:
    """Whether two groups that share a value of this level cannot be one device all the same."""
    if _is_real_and_not(one, other) or _differ(_instances(one), _instances(other)) or _other_slot(one, other):
        return True
    serials = _differ(_told(one, "serial"), _told(other, "serial"))
    uuids = _differ(_all(one, "uuids"), _all(other, "uuids"))
    macs = _differ(_all(one, "macs"), _all(other, "macs"))
    speaks_for_other = any(seen.marks.is_manager for seen in (*one, *other))
    if level is _Level.SERIAL:
        return (uuids and macs and not speaks_for_other) or (_no_maker(one, other) and not _kinds_agree(one, other))
    if level is _Level.UUID:
        return serials
    if level in {_Level.BOARD, _Level.MAC}:
        return serials or uuids
    if level is _Level.PLACE:
        return serials or uuids or (macs and not _is_one_agent(one, other))
    return serials or uuids or macs or _other_site(one, other)


def _is_real_and_not(one: _Group, other: _Group) -> bool:
    said = {seen.marks.is_virtual for seen in (*one, *other)}
    return {True, False} <= said


def _instances(group: _Group) -> frozenset[tuple[str | None, str | None]]:
    """The virtual machine that vSphere says this is: its instance, and the host that runs it where that is known."""
    return frozenset((seen.sighting.uuid, seen.sighting.slot) for seen in group if is_vm_record(seen.sighting))


def _other_slot(one: _Group, other: _Group) -> bool:
    """Two nodes of a chassis that one collector showed at the same time."""
    return any(
        left.sighting.slot != right.sighting.slot
        and left.sighting.source == right.sighting.source
        and abs(left.sighting.seen_at - right.sighting.seen_at) <= SAME_SCAN
        for left in one
        for right in other
        if left.sighting.slot and right.sighting.slot and left.marks.is_virtual is not True
    )


def _other_site(one: _Group, other: _Group) -> bool:
    return _differ(
        frozenset(seen.sighting.site for seen in one if seen.sighting.site),
        frozenset(seen.sighting.site for seen in other if seen.sighting.site),
    )


def _no_maker(one: _Group, other: _Group) -> bool:
    return not (_told(one, "vendor") and _told(other, "vendor"))


def _kinds_agree(one: _Group, other: _Group) -> bool:
    kinds = [{kind_of(seen.sighting.kind) for seen in group} for group in (one, other)]
    return all(kinds_agree(left, right) for left in kinds[0] for right in kinds[1])


def _is_one_agent(one: _Group, other: _Group) -> bool:
    return all(seen.sighting.via is Via.AGENT for seen in (*one, *other))


def _told(group: _Group, name: str) -> frozenset[str]:
    return frozenset(found for seen in group if (found := getattr(seen.marks, name)))


def _all(group: _Group, name: str) -> frozenset[str]:
    return frozenset().union(*(getattr(seen.marks, name) for seen in group))


def _differ(one: frozenset[object] | frozenset[str], other: frozenset[object] | frozenset[str]) -> bool:
    """Whether both told something, and nothing in common."""
    return bool(one and other and not one & other)
