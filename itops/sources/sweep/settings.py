"""What itops.yaml may say about a sweep."""

from dataclasses import dataclass, field
from datetime import timedelta

from itops.names import Count
from itops.sources.addresses import Addresses, some

MOST_ADDRESSES = 16_384
_MOST_PORTS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepSettings:
    """The keys of one source of type sweep."""

    addresses: tuple[Addresses, ...]
    without: tuple[Addresses, ...] = ()
    site: str | None = None
    ports: tuple[int, ...] = ()
    """TCP ports that are opened and closed again where the byte was not answered: the only way behind a router."""
    parallel: Count = field(default=Count(256), metadata={"range": (1, 256)})
    """Addresses at once. The kernel remembers about a thousand neighbours, and each round for three seconds."""
    timeout: timedelta = field(
        default=timedelta(seconds=1), metadata={"range": (timedelta(seconds=1), timedelta(minutes=1))}
    )
    """For an answer of one round of `parallel` addresses."""

    def __post_init__(self) -> None:
        some(self.addresses, self.without, most=MOST_ADDRESSES)
        if len(self.ports) > _MOST_PORTS or not all(1 <= port <= 65_535 for port in self.ports):
            raise ValueError(f"ports should be at most {_MOST_PORTS} numbers from 1 to 65535")
