"""A logged-in connection: commands and subsystems, each within its time."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from itops.ssh.host_keys import fingerprint
from itops.ssh.refusals import SshUnreadable, failures, reason
from itops.ssh.server import Server
from itops.ssh.wire import Wire

if TYPE_CHECKING:
    from paramiko import Channel, Transport

_KEEPALIVE_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command printed, stdout alone; `code` None where the server did not tell one."""

    output: bytes
    code: int | None
    is_cut: bool = False  # more came than was wanted
    is_timeout: bool = False


class Connection:
    """A logged-in connection."""

    def __init__(self, transport: "Transport", wire: Wire, server: Server, *, is_legacy: bool) -> None:
        self.is_legacy = is_legacy  # it would not have been reached without the old algorithms
        self.software = str(transport.remote_version)[:200]
        self.host_key = fingerprint(transport.get_remote_server_key().asbytes())
        self._transport = transport
        self._wire = wire
        self._server = server
        self._channels: list[Channel] = []

    @property
    def is_alive(self) -> bool:
        """Whether it still holds."""
        return bool(self._transport.is_active())

    def run(self, command: str, given: bytes, *, seconds: float, most_bytes: int) -> Said:
        """Run a command with `given` as its input. Raises SshUnreadable when the connection breaks or none is run."""
        deadline = time.monotonic() + seconds
        with self._explained("it runs no commands, or broke off"), self._opened() as channel:
            with self._answered_in_time():
                channel.exec_command(command)
            channel.sendall(given)
            channel.shutdown_write()
            return _read(channel, deadline, most_bytes)

    @contextmanager
    def subsystem(self, name: str) -> "Iterator[Channel]":
        """A channel with a subsystem on it, kept alive. Raises SshUnreadable where there is none.

        From here on as much may come as is asked for; only what lies unread is bounded.
        """
        with ExitStack() as open_now:
            with self._explained(f"it has no subsystem {name}, or broke off"):
                channel = open_now.enter_context(self._opened())
                with self._answered_in_time():
                    channel.invoke_subsystem(name)
                self._transport.set_keepalive(_KEEPALIVE_SECONDS)
            self._wire.lift(self._unread)
            yield channel

    @contextmanager
    def _opened(self) -> "Iterator[Channel]":
        channel = self._transport.open_session(timeout=self._server.timeout_seconds)
        channel.settimeout(self._server.timeout_seconds)
        self._channels.append(channel)
        try:
            yield channel
        finally:
            self._channels.remove(channel)
            with suppress(OSError, EOFError):  # the line broke: whoever reads from it is told
                channel.close()

    def _unread(self) -> int:
        return sum(len(channel.in_buffer) + len(channel.in_stderr_buffer) for channel in tuple(self._channels))

    @contextmanager
    def _answered_in_time(self) -> Iterator[None]:
        """paramiko waits for ever for the answer to what is asked of a channel; who gives none is hung up on."""
        is_late = threading.Event()

        def hang_up() -> None:
            is_late.set()
            self._transport.close()

        watch = threading.Timer(self._server.timeout_seconds, hang_up)
        watch.daemon = True
        watch.start()
        try:
            yield
        except failures():
            if is_late.is_set():
                raise TimeoutError from None
            raise
        finally:
            watch.cancel()

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        try:
            yield
        except failures() as failure:
            raise unreadable(self._server, failure, what) from failure


def unreadable(server: Server, failure: Exception, what: str) -> SshUnreadable:
    """It answers, and not as it should."""
    return SshUnreadable(f"{server.host}:{server.port}: {what}: {reason(failure)}", remedy=server.advice.unreadable)


def _read(channel: "Channel", deadline: float, most_bytes: int) -> Said:
    output = bytearray()
    while len(output) <= most_bytes:
        left = deadline - time.monotonic()
        channel.settimeout(max(left, 0.001))
        try:
            got = channel.recv(1 << 16)
        except TimeoutError:
            return Said(output=bytes(output), code=None, is_timeout=True)
        if not got:
            has_code = channel.status_event.wait(max(left, 0.001))
            return Said(output=bytes(output), code=channel.recv_exit_status() if has_code else None)
        output += got
    return Said(output=bytes(output[:most_bytes]), code=None, is_cut=True)
