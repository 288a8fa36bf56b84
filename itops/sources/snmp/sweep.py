"""All addresses of a source in one event loop, hundreds in flight; what each gives comes out as soon as it is there.

The loop runs inside the generator, between two `next`: no thread, and a generator that is closed leaves nothing behind.
"""

import asyncio
import socket
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any, TypeAlias, TypeVar

from itops.sources.snmp.client import Client, Library, MakeLibrary, NoAnswer, Refused, Timing, Unreadable
from itops.sources.snmp.conversation import BrokeOff, Conversation, Trouble
from itops.sources.snmp.places import PLACES, Places
from itops.sources.snmp.questions import interview, introduce
from itops.sources.snmp.settings import Credentials, SnmpSettings

T = TypeVar("T")
_NAME_SECONDS = 5.0
_OTHERS_SECONDS = 0.1  # until places of other sweeps are looked for again


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One address that answered."""

    name: str  # as itops.yaml has it
    address: str
    credentials: Credentials
    talk: Conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """One address that gave nothing, and why: NoAnswer, Refused, Unreadable, or socket.gaierror for a name."""

    name: str
    failure: Exception


Outcome: TypeAlias = "Seen | Unseen"


def sweep(
    settings: SnmpSettings,
    names: Sequence[str],
    make_library: MakeLibrary,
    *,
    only_introduce: bool = False,
    places: Places = PLACES,
) -> Generator[Outcome, None, None]:
    """One outcome for each name, in the order in which they are there."""
    asker = _Asker(settings=settings, only_introduce=only_introduce)
    yield from _driven(lambda: _all(asker, names, make_library, places))


def _driven(work: Callable[[], AsyncGenerator[T, None]]) -> Generator[T, None, None]:
    """An asynchronous generator, run step by step in a loop of its own."""
    loop = asyncio.new_event_loop()
    steps = work()
    try:
        while (step := loop.run_until_complete(_next(steps))) is not None:
            yield step
    finally:
        try:
            _finish(loop)  # first: Ctrl-C leaves a step half done, and such a generator cannot be closed
            loop.run_until_complete(_close(steps))
            _finish(loop)
        finally:
            loop.close()


async def _next(steps: AsyncIterator[T]) -> T | None:
    return await anext(steps, None)


async def _close(steps: AsyncGenerator[Any, None]) -> None:
    await steps.aclose()


def _finish(loop: asyncio.AbstractEventLoop) -> None:
    """What still runs is told to end: devices half asked, timers of a library."""
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left, timeout=1))


async def _all(
    asker: "_Asker", names: Sequence[str], make_library: MakeLibrary, places: Places
) -> AsyncGenerator[Outcome, None]:
    settings = asker.settings
    timing = Timing(port=settings.port, timeout_seconds=settings.timeout.total_seconds(), retries=settings.retries)
    library = make_library(timing)
    waiting = deque(names)
    running: set[asyncio.Task[Outcome]] = set()
    try:
        while waiting or running:
            for _ in range(places.take(min(len(waiting), settings.parallel - len(running)))):
                running.add(asyncio.create_task(asker.ask(library, waiting.popleft())))
            if not running:
                await asyncio.sleep(_OTHERS_SECONDS)  # other sweeps have all places
                continue
            ended, running = await asyncio.wait(running, timeout=_OTHERS_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            places.give_back(len(ended))
            for task in ended:
                yield task.result()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        places.give_back(len(running))
        library.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asker:
    settings: SnmpSettings
    only_introduce: bool

    async def ask(self, library: Library, name: str) -> Outcome:
        """One address, with each of the credentials until one opens it."""
        try:
            address = await _resolved(name)
        except OSError as unknown:
            return Unseen(name=name, failure=unknown)
        failure: Exception = NoAnswer()
        for credentials in self.settings.credentials:
            try:
                client = await library.open(address, credentials)
                talk = await self._talk(client)
            except (NoAnswer, Refused, Unreadable) as failed:
                failure = _worse(failure, failed)
                continue
            return Seen(name=name, address=address, credentials=credentials, talk=talk)
        return Unseen(name=name, failure=failure)

    async def _talk(self, client: Client) -> Conversation:
        talk = Conversation(client=client, table_rows=self.settings.table_rows)
        try:
            async with asyncio.timeout(self.settings.device_timeout.total_seconds()):
                await introduce(talk)
                if talk.answers and not self.only_introduce:
                    await interview(talk, arp=self.settings.arp, arp_types=bool(self.settings.arp_networks))
        except BrokeOff:
            if not talk.answers:
                raise NoAnswer from None
        except TimeoutError:
            talk.troubles[Trouble.TOO_SLOW] = []
        if not talk.answers:
            raise Unreadable
        return talk


def _worse(before: Exception, failed: Exception) -> Exception:
    """What says most: a device that refuses one of our credentials is there, whatever the others did."""
    order = (NoAnswer, Unreadable, Refused)
    return max(before, failed, key=lambda failure: order.index(type(failure)))


async def _resolved(name: str) -> str:
    try:
        return str(IPv4Address(name))
    except ValueError:
        pass
    loop = asyncio.get_running_loop()
    try:
        found = await asyncio.wait_for(
            loop.getaddrinfo(name, None, family=socket.AF_INET, type=socket.SOCK_DGRAM), _NAME_SECONDS
        )
    except (TimeoutError, UnicodeError) as failure:
        raise socket.gaierror(str(failure)) from failure
    return str(found[0][4][0])
