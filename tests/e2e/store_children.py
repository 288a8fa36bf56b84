"""What the child processes of the store's e2e tests do. They are forked from a server that has imported this."""

from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path

from itops.inventory.entities import Entity
from itops.secrets import Secret
from itops.store import StoreLocation, open_store, writing  # noqa: F401  `writing`: loaded once, before the forks
from tests.store.building import day, scan, vm

VMS = 150


def children() -> ForkServerContext:
    """Processes of their own that need not import everything again."""
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def location(folder: str, url: str | None, password: str | None) -> StoreLocation:
    """A Secret does not travel between processes, on purpose; its parts do."""
    return StoreLocation(folder=Path(folder), url=url, password=Secret(password) if password else None)


def round_of(number: int, source: str = "vc01") -> list[Entity]:
    """What a scan of this round sees: every VM is changed, and all of them say which round it is."""
    return [vm(f"v{n:03}", source=source, round=number) for n in range(VMS)]


def scan_forever(place: tuple[str, str | None, str | None], first: int, committed: Connection) -> None:
    """Scan round after round, and tell each round once it is committed."""
    number = first
    with open_store(location(*place), day(number)) as store:
        while True:
            scan(store, "vc01", day(number), round_of(number))
            committed.send(number)
            number += 1


def scan_some(place: tuple[str, str | None, str | None], source: str, rounds: int, done: Connection) -> None:
    """A few scans beside somebody else's; tells how many rows each changed."""
    with open_store(location(*place), day(0), lock_wait_seconds=30) as store:
        changed = [scan(store, source, day(n), round_of(n, source)).changed for n in range(rounds)]
    done.send(changed)
