"""The redfish source: every management controller of the list is asked for the servers it looks after."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from ssl import SSLContext
from time import monotonic
from typing import ClassVar

from itops.inventory.entities import Gap, Observation, Seen
from itops.names import Count
from itops.secrets import Secret
from itops.sources.addresses import Addresses, some
from itops.sources.asking import HIDES, Answer, ask_all
from itops.sources.redfish.describe import Place, sightings
from itops.sources.redfish.https import Https
from itops.sources.redfish.session import logged_in
from itops.sources.redfish.tree import Tree
from itops.sources.refusals import Unreadable
from itops.sources.silence import Silence
from itops.tls import Trust, context_for

_MOST_NAMED = 3
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedfishSettings:
    """What itops.yaml says about management controllers."""

    addresses: tuple[Addresses, ...]
    username: str
    password: Secret
    without: tuple[Addresses, ...] = ()
    site: str | None = None
    port: int = field(default=443, metadata={"range": (1, 65_535)})
    tls: Trust = field(default_factory=Trust)  # of all that are not in `pins`
    pins: Mapping[str, Trust] = field(default_factory=dict)  # by address: each controller signs for itself
    parallel: Count = field(default=Count(8), metadata={"range": (1, 64)})
    timeout: timedelta = field(default=timedelta(seconds=15), metadata={"range": (_SECOND, timedelta(minutes=10))})
    """For one answer; old controllers think long."""
    visit: timedelta = field(default=timedelta(minutes=5), metadata={"range": (_SECOND, timedelta(hours=1))})
    """For one controller with all its answers."""

    def __post_init__(self) -> None:
        some(self.addresses, self.without)
        if self.timeout <= timedelta() or self.visit <= timedelta():
            raise ValueError("timeout and visit: should be longer than nothing")


class RedfishSource:
    """Servers as their management controllers describe them; nothing is changed there, and no session stays open."""

    Settings = RedfishSettings
    is_live: ClassVar = True
    sees_devices: ClassVar = True

    def __init__(self, name: str, settings: RedfishSettings) -> None:
        self.name = name
        self._settings = settings

    def observe(self, now: datetime) -> Iterator[Observation]:
        """One look at all of them."""
        yield Observation(source=self.name, observed_at=now, seen=self._seen(now), hides=HIDES)

    def _seen(self, now: datetime) -> Iterator[Seen]:
        """Raises SourceUnavailable when not one controller told anything, ConfigInvalid for a CA file of no use."""
        settings = self._settings
        silence = Silence(self.name, settings.addresses, settings.without, protocol="Redfish")
        ask = partial(self._ask, now, self._contexts())
        yield from silence.heard(ask_all(self.name, silence.addresses, ask, settings.parallel))

    def _contexts(self) -> Callable[[str], SSLContext]:
        """Contexts by address. Only a pinned one has to ask its server first; the others are made here, once."""
        shared = {trust: context_for(trust, "", 0) for trust in self._trusts() if not trust.pin}
        seconds = self._settings.timeout.total_seconds()

        def context(address: str) -> SSLContext:
            trust = self._settings.pins.get(address, self._settings.tls)
            return shared.get(trust) or context_for(trust, address, self._settings.port, timeout_seconds=seconds)

        return context

    def _trusts(self) -> set[Trust]:
        return {self._settings.tls, *self._settings.pins.values()}

    def _ask(self, now: datetime, make_context: Callable[[str], SSLContext], address: str) -> Answer:
        settings = self._settings
        https = Https(
            host=address,
            port=settings.port,
            make_context=partial(make_context, address),
            timeout_seconds=settings.timeout.total_seconds(),
            ends_at=monotonic() + settings.visit.total_seconds(),
        )
        place = Place(source=self.name, address=address, site=settings.site, seen_at=now)
        with logged_in(https, settings.username, settings.password) as root:
            tree = Tree(https)
            found = sightings(tree, root or tree.at({"@odata.id": "/redfish/v1/"}), place)
        if not found and tree.silence:
            raise tree.silence
        if not found:
            raise Unreadable(
                f"{https.server} has a Redfish service that shows no system and no chassis",
                remedy="give the account the role ReadOnly; if it has it, look at the controller's own pages",
            )
        whole = [replace(sighting, is_partial=bool(tree.missed)) for sighting in found]
        return Answer(sightings=whole, gaps=self._missed(address, tree))

    def _missed(self, address: str, tree: Tree) -> tuple[Gap, ...]:
        if not tree.missed:
            return ()
        named = "; ".join(f"{path} ({reason})" for path, reason in tree.missed[:_MOST_NAMED])
        more = len(tree.missed) - _MOST_NAMED
        return (
            Gap(
                source=self.name,
                subject=address,
                code="device.partly-read",
                problem=f"part of what it has could not be read: {named}" + (f" and {more} more" if more > 0 else ""),
                remedy="give the account the role ReadOnly"
                if tree.is_denied
                else "look whether the controller has newer firmware; what could be read was kept",
            ),
        )
