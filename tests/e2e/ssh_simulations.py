"""Simulations of SSH servers that misbehave, on loopback."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import paramiko

from itops.ssh import fingerprint

HOST = "127.0.0.1"
MUTE_SECONDS = 20


@contextmanager
def simulated(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A simulation on a port of its own; every connection is served by `serve` in a thread."""
    with socket.create_server((HOST, 0)) as listener:

        def run() -> None:
            while True:
                try:
                    wire, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=_served, args=(serve, wire), daemon=True).start()

        threading.Thread(target=run, daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)


def _served(serve: Callable[[socket.socket], None], wire: socket.socket) -> None:
    with wire, suppress(OSError):  # the other side left, as it should
        serve(wire)


def _for_ever(block: bytes) -> Callable[[socket.socket], None]:
    def serve(wire: socket.socket) -> None:
        while True:
            wire.sendall(block)

    return serve


def _once(block: bytes) -> Callable[[socket.socket], None]:
    def serve(wire: socket.socket) -> None:
        wire.sendall(block)
        while wire.recv(4096):  # until the other side leaves
            pass

    return serve


def _packet(payload: bytes) -> bytes:
    """As SSH frames it before anything is encrypted."""
    padding = 8 - (len(payload) + 5) % 8 + 8
    return (len(payload) + padding + 1).to_bytes(4, "big") + bytes([padding]) + payload + bytes(padding)


def _kexinit(lists: bytes) -> bytes:
    return b"SSH-2.0-x\r\n" + _packet(b"\x14" + bytes(16) + lists + bytes(5))


def _listed(*names: bytes) -> bytes:
    return b"".join(len(name).to_bytes(4, "big") + name for name in names)


_AGREED = _kexinit(
    _listed(
        *(b"curve25519-sha256@libssh.org,ecdh-sha2-nistp256", b"ssh-ed25519"),
        *(b"aes128-ctr", b"aes128-ctr", b"hmac-sha2-256", b"hmac-sha2-256", b"none", b"none", b"", b""),
    )
)
SILLY = {
    "hangs up": lambda wire: None,
    "says nothing": _once(b""),
    "speaks HTTP": _once(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    "a line without an end": _for_ever(b"x" * 65536),
    "lines without an end": _for_ever(b"hello\r\n" * 1000),
    "a packet of 4 GiB": _for_ever(b"SSH-2.0-x\r\n" + b"\xff" * 65536),
    "garbage after the banner": _once(b"SSH-2.0-x\r\n" + os.urandom(4096)),
    "an empty packet": _once(b"SSH-2.0-x\r\n" + _packet(b"")),
    "a negotiation cut short": _once(_kexinit(b"\x00\x00\xff\xff")),
    "algorithms that are no text": _once(_kexinit((b"\x00\x00\x00\x02\xff\xfe") * 10)),
    "a message of no known kind": _once(b"SSH-2.0-x\r\n" + _packet(b"\xc8garbage") * 3),
    "a key exchange of rubbish": _once(_AGREED + _packet(b"\x1f" + _listed(b"host key", b"abc", b"signature"))),
    "a key exchange of nothing": _once(_AGREED + _packet(b"\x1f")),
    "SSH 1": _once(b"SSH-1.5-old\r\n"),
}


class Doorkeeper(paramiko.ServerInterface):
    """Wants a password, by itself or as an answer to a question; then runs "commands", or gives no answer at all.

    `mute_at`: login, command or subsystem. `subsystem` is called in a thread of its own with the channel.
    """

    def __init__(self, ways: str, mute_at: str, subsystem: Callable[[paramiko.Channel], None] | None) -> None:
        self._ways = ways
        self._mute_at = mute_at
        self._subsystem = subsystem
        self._left = threading.Event()

    def _pause_at(self, place: str) -> None:
        if place == self._mute_at:
            self._left.wait(MUTE_SECONDS)

    def get_allowed_auths(self, username: str) -> str:
        return self._ways

    def check_auth_password(self, username: str, password: str) -> int:
        self._pause_at("login")
        is_right = "password" in self._ways.split(",") and password == "right"
        return paramiko.AUTH_SUCCESSFUL if is_right else paramiko.AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return paramiko.AUTH_SUCCESSFUL if key.get_name() == "ssh-rsa" else paramiko.AUTH_FAILED

    def check_auth_interactive(self, username: str, submethods: str) -> Any:
        return paramiko.InteractiveQuery("", "", ("Password: ", False))

    def check_auth_interactive_response(self, responses: list[str]) -> int:
        return paramiko.AUTH_SUCCESSFUL if responses == ["right"] else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        def answer() -> None:
            with suppress(OSError):  # nobody waits any more
                while channel.recv(4096):
                    pass
                channel.sendall(b"=itops begin kernel\nLinux\n6.1\nx86_64\nby-password\n=itops end kernel 0\n")
                channel.send_exit_status(0)
                channel.close()

        self._pause_at("command")
        threading.Thread(target=answer, daemon=True).start()
        return True

    def check_channel_subsystem_request(self, channel: paramiko.Channel, name: str) -> bool:
        self._pause_at("subsystem")
        if self._subsystem is not None:
            threading.Thread(target=self._subsystem, args=(channel,), daemon=True).start()
        return self._subsystem is not None


@contextmanager
def doorkeeper(
    ways: str, *, mute_at: str = "", subsystem: Callable[[paramiko.Channel], None] | None = None, **more: Any
) -> Iterator[tuple[int, str]]:
    """Its port and the fingerprint of its host key. `more`: of paramiko's Transport."""
    key = paramiko.ECDSAKey.generate()

    def serve(wire: socket.socket) -> None:
        transport = paramiko.Transport(wire, **more)
        transport.add_server_key(key)
        transport.start_server(event=threading.Event(), server=Doorkeeper(ways, mute_at, subsystem))
        transport.join(30)

    with simulated(serve) as port:
        yield port, fingerprint(key.asbytes())
