"""A simulation of many devices behind UDP: each at an address of its own, or all at one, told apart by community.

    with Simulator({"127.0.10.5": recording, "127.0.10.6": other}) as devices:
        ...ask 127.0.10.5 at devices.port...

Every address of 127.0.0.0/8 is this machine's on Linux. An address at which no device is simulated refuses at once,
which no real empty address does: give it a recording and Fault.SILENT.
"""

import asyncio
import errno
import socket
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from types import MappingProxyType, TracebackType
from typing import Self

from itops.demo.devices.answering import Fault, answers
from itops.demo.devices.ber import Malformed
from itops.demo.devices.messages import read_question
from itops.demo.devices.recording import Recording

_TRIES = 20  # ports, until one is free at every address
_JOIN_SECONDS = 10
_MOST_BYTES = 65_535  # of a datagram


class Simulator:
    """Plays recordings from a thread of its own while its context lasts.

    `devices`: address -> what it answers; `faults`: address -> how it misbehaves. With `one_address`, all of them are
    there, and what `devices` and `faults` name are communities.
    """

    def __init__(
        self,
        devices: Mapping[str, Recording],
        *,
        port: int = 0,
        community: str = "public",
        faults: Mapping[str, Fault] = MappingProxyType({}),
        slow_seconds: float = 2.0,
        one_address: str | None = None,
    ) -> None:
        self.port = port  # a free one is chosen when the context begins and this is 0
        self._devices = dict(devices)
        self._community = community.encode()
        self._faults = dict(faults)
        self._slow_seconds = slow_seconds
        self._one_address = one_address
        self._asked: Counter[str] = Counter()
        self._sockets: dict[str, socket.socket] = {}
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None

    def asked(self, device: str) -> int:
        """How many readable questions reached it so far."""
        return self._asked[device]

    def __enter__(self) -> Self:
        """Take the addresses, here: what cannot be bound is the caller's OSError."""
        self._sockets, self.port = _bound([self._one_address] if self._one_address else list(self._devices), self.port)
        is_ready = threading.Event()
        self._thread = threading.Thread(target=asyncio.run, args=(self._serve(is_ready),), daemon=True)
        self._thread.start()
        is_ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop answering and give the addresses back."""
        if self._loop and self._stopping and self._thread:
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(_JOIN_SECONDS)

    async def _serve(self, is_ready: threading.Event) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        for address, line in self._sockets.items():
            self._loop.add_reader(line, self._answer, address, line)
        is_ready.set()
        await self._stopping.wait()
        for line in self._sockets.values():
            self._loop.remove_reader(line)
            line.close()

    def _answer(self, address: str, line: socket.socket) -> None:
        """Read one question that has come, and answer it now or later."""
        try:
            datagram, asker = line.recvfrom(_MOST_BYTES)
        except BlockingIOError:  # it was announced, and then found damaged
            return
        delay, datagrams = self.replies(address, datagram)
        if delay:
            asyncio.get_running_loop().call_later(delay, _send, line, datagrams, asker)
        else:
            _send(line, datagrams, asker)

    def replies(self, address: str, datagram: bytes) -> tuple[float, tuple[bytes, ...]]:
        """After how many seconds to send which datagrams; a stranger and a wrong community hear nothing."""
        try:
            question = read_question(datagram)
        except Malformed:
            return 0, ()
        device = question.community.decode("utf-8", "replace") if self._one_address else address
        if device not in self._devices or (not self._one_address and question.community != self._community):
            return 0, ()
        self._asked[device] += 1
        fault = self._faults.get(device)
        return self._slow_seconds if fault is Fault.SLOW else 0, answers(self._devices[device], question, fault)


def _send(line: socket.socket, datagrams: tuple[bytes, ...], asker: tuple[str, int]) -> None:
    if line.fileno() < 0:  # a late answer, and the simulation is over
        return
    for datagram in datagrams:
        with suppress(BlockingIOError):  # a full buffer loses datagrams, as networks do
            line.sendto(datagram, asker)


def _bound(addresses: list[str], port: int) -> tuple[dict[str, socket.socket], int]:
    """A UDP socket for each address, all at one port: this one, or with 0 whichever is free everywhere."""
    for attempt in range(1, _TRIES + 1):
        with ExitStack() as half_done:
            try:
                found, chosen = {}, port
                for address in addresses:
                    found[address] = half_done.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                    found[address].settimeout(0)
                    found[address].bind((address, chosen))
                    chosen = found[address].getsockname()[1]
            except OSError as failure:
                if failure.errno != errno.EADDRINUSE or port or attempt == _TRIES:
                    raise
                continue
            half_done.pop_all()
            return found, chosen
    raise AssertionError("the last attempt raises")
