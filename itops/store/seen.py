"""What one scan has seen so far: an index of things and hashes, small enough for memory, and who is who in it."""

from collections import Counter
from collections.abc import Iterator, Mapping

from itops.inventory.entities import Gap
from itops.store.timeline import Thing, Version


class Seen:
    """Things by identity. Two with one key are told apart: the lowest ref keeps the key, whatever the order."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._versions: dict[Thing, Version] = {}
        self._twins: dict[Thing, dict[str, Version]] = {}

    def add(self, thing: Thing, version: Version) -> None:
        """The same ref again is the same thing seen twice (it moved between two pages): the later word counts."""
        known = self._versions.get(thing)
        if known is None or (known.ref == version.ref and thing not in self._twins):
            self._versions[thing] = version
            return
        self._twins.setdefault(thing, {known.ref: known})[version.ref] = version

    def settled(self) -> Mapping[Thing, Version]:
        """Each thing under the key it will have in the history."""
        settled = dict(self._versions)
        for thing, twins in self._twins.items():
            for ref, version in twins.items():
                settled[self.name_of(thing, ref)] = version
        return settled

    def name_of(self, thing: Thing, ref: str) -> Thing:
        """The thing that `ref` stands for: `KEY@ref` where another one has the better right to the key."""
        twins = self._twins.get(thing)
        if twins is None or ref == min(twins):
            return thing
        return Thing(thing.kind, f"{thing.key}@{ref}")

    def counts(self) -> dict[str, int]:
        """How many things of each kind."""
        return dict(Counter(thing.kind for thing in self.settled()))

    def gaps(self) -> Iterator[Gap]:
        """One for each thing that had to be told apart."""
        for thing, twins in self._twins.items():
            first, *others = sorted(twins)
            for ref in others:
                yield Gap(
                    source=self._source,
                    subject=f"{thing.kind} {twins[ref].name_folded} ({ref})",
                    code="identity.duplicate",
                    problem=f"it has the same identity as {first}, {thing.key}, and is kept as {thing.key}@{ref}",
                    remedy="give one an identity of its own: for a copied VM, remove vc.uuid from its .vmx",
                )
