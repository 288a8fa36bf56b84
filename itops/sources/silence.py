"""Who did not answer: an address that itops.yaml lists by itself is missed by itself, unused ones all in one gap."""

from collections.abc import Iterable, Iterator, Sequence

from itops.errors import SourceUnavailable
from itops.inventory.entities import Entity, Gap, Seen
from itops.sources.addresses import expand
from itops.sources.asking import HIDES
from itops.sources.refusals import Silent
from itops.text import counted

_NAMED = 3


class Silence:
    """Of one look. `protocol`: what devices are asked by, as people call it; nothing where they are only touched."""

    def __init__(self, source: str, entries: Sequence[str], without: Sequence[str] = (), *, protocol: str = "") -> None:
        self._source = source
        self._protocol = protocol
        self.addresses = expand(entries, without)
        alone = {found[0] for entry in entries if len(found := expand((entry,))) == 1}
        self._swept = {address: None for address in self.addresses if address not in alone}

    def expect(self, address: str) -> None:
        """A name that itops.yaml lists leads there."""
        self._swept.pop(address, None)

    def is_expected(self, address: str) -> bool:
        """Whether itops.yaml lists it by itself: somebody knows of a device there."""
        return address not in self._swept

    def heard(self, seen: Iterable[Seen]) -> Iterator[Seen]:
        """All of `seen`, the silence of addresses that nobody expects to answer in one gap at the end.

        Raises SourceUnavailable after that, when not one device told anything.
        """
        silent, told = set(), 0
        for thing in seen:
            if isinstance(thing, Gap) and thing.code == Silent.code and not self.is_expected(thing.subject):
                silent.add(thing.subject)
                continue
            told += isinstance(thing, Entity)
            yield thing
        yield from self.unused(silent)
        if not told:
            several = f"none of the {len(self.addresses):,} addresses could be"
            problem = several if len(self.addresses) > 1 else f"{self.addresses[0]} could not be"
            raise SourceUnavailable(
                f"{problem} read by {self._protocol}",
                remedy=f"see `itops inventory gaps --source {self._source}` for what each of them answered",
            )

    def unused(self, silent: Iterable[str]) -> Iterator[Gap]:
        """One gap for all of them; none where there are none."""
        held = set(silent)
        ordered = [address for address in self._swept if address in held]
        if ordered:
            asked = f"did not answer {self._protocol}".rstrip()
            yield Gap(
                source=self._source,
                subject=counted("address", "addresses", len(ordered)),
                code="sweep.silent",
                problem=f"{len(ordered):,} of {len(self._swept):,} swept addresses {asked}: {named(ordered)}",
                remedy="nothing where they are unused; list by itself what should answer, then it is missed by name",
                hides=HIDES,
            )


def named(addresses: Sequence[str]) -> str:
    """Some of them, and how many more."""
    more = len(addresses) - _NAMED
    return ", ".join(addresses[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
