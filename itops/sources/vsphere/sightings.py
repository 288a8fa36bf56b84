"""What objects point at, and what was read: what is only pointed at is hidden from the account, not gone.

A vCenter does not say "you may not see this": an object without rights is simply not in the view. But the hosts that
VMs run on, and the datastores and networks they use, are named by those who may be seen.
"""

from collections import defaultdict
from collections.abc import Iterator

from itops.inventory.entities import Kind
from itops.inventory.values import names, text
from itops.sources.vsphere.reader import RawObject

_POINTERS = {
    Kind.VM: (("runtime.host", Kind.HOST), ("datastore", Kind.DATASTORE), ("network", Kind.NETWORK)),
    Kind.HOST: (("vm", Kind.VM), ("datastore", Kind.DATASTORE), ("network", Kind.NETWORK)),
}


class Sightings:
    """Morefs by kind. Distributed port groups count as networks, because that is what points at them."""

    def __init__(self) -> None:
        self._read: defaultdict[Kind, set[str]] = defaultdict(set)
        self._named: defaultdict[Kind, set[str]] = defaultdict(set)

    def note(self, kind: Kind, raw: RawObject) -> None:
        """An object was read; call it before its properties are changed."""
        self._read[kind].add(raw.ref)
        for path, target in _POINTERS.get(kind, ()):
            value = raw.properties.get(path)
            one = text(value)
            self._named[target].update([one] if one else names(value))

    def has(self, kind: Kind) -> bool:
        """Was anything of this kind read?"""
        return bool(self._read[kind])

    def unread(self, kind: Kind) -> set[str]:
        """What was pointed at and not read."""
        return self._named[kind] - self._read[kind]

    def hidden(self) -> Iterator[tuple[Kind, list[str]]]:
        """The same for everything but VMs, which come and go while one looks."""
        for kind in (Kind.HOST, Kind.DATASTORE, Kind.NETWORK):
            if refs := self.unread(kind):
                yield kind, sorted(refs)
