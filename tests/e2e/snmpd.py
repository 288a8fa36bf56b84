"""A throw-away net-snmp daemon for tests: loopback, a port and an engine of its own, gone afterwards."""

import os
import secrets
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.child import until_the_end, wait_until

_SNMPD = "/usr/sbin/snmpd"


@dataclass(frozen=True, kw_only=True)
class Snmpd:
    """A running daemon: one community, and one v3 user for each pair of protocols in `users`."""

    port: int
    community: str = "for-tests"
    auth_key: str = "an auth key of tests"
    privacy_key: str = "a privacy key of tests"
    name: str = "printsrv"
    place: str = "server room"
    process_id: int = 0


USERS = (
    ("sha256aes", "SHA-256", "AES"),
    ("sha512aes256", "SHA-512", "AES-256"),
    ("shaaes", "SHA", "AES"),
    ("md5des", "MD5", "DES"),
    ("sha256only", "SHA-256", None),
)
"""Name, auth protocol, privacy protocol, as createUser spells them."""


@contextmanager
def running_snmpd(folder: Path | None = None, *, extra: tuple[str, ...] = ()) -> Iterator[Snmpd]:
    """Start one; its state and log lie in `folder`. `extra`: lines of snmpd.conf."""
    with tempfile.TemporaryDirectory(prefix="itops-snmpd-") as made:
        home = Path(made) if folder is None else folder
        daemon = Snmpd(port=_free_port())
        config = home / "snmpd.conf"
        config.write_text("\n".join((*_config(daemon), *extra)) + "\n", encoding="utf-8")
        with _serving(config, home, daemon.port) as process_id:
            yield Snmpd(port=daemon.port, process_id=process_id)


def _config(daemon: Snmpd) -> Iterator[str]:
    yield f"agentAddress udp:127.0.0.1:{daemon.port}"
    yield f"engineID {secrets.token_hex(6)}"
    yield f"rocommunity {daemon.community} 127.0.0.1"
    yield f"sysName {daemon.name}"
    yield f'sysLocation "{daemon.place}"'  # snmpd keeps the quotes
    for name, auth, privacy in USERS:
        key = f' {privacy} "{daemon.privacy_key}"' if privacy else ""
        yield f'createUser {name} {auth} "{daemon.auth_key}"{key}'
        yield f"rouser {name} {'priv' if privacy else 'auth'}"


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _serving(config: Path, home: Path, port: int) -> Iterator[int]:
    if not Path(_SNMPD).exists():
        raise FileNotFoundError(f"no {_SNMPD}: install the package snmpd")
    log = home / "log"
    state = home / "state"
    state.mkdir()
    with log.open("wb") as kept:
        process = subprocess.Popen(
            [_SNMPD, "-f", "-C", "-c", str(config), "-Lo", "-p", str(home / "pid"), "-I", "-smux,-swrun"],
            stdout=kept,
            stderr=kept,
            env={**os.environ, "SNMP_PERSISTENT_DIR": str(state), "MIBS": ""},
            start_new_session=True,
        )
        with until_the_end(process):
            # UDP has no handshake to try: it says so itself.
            wait_until(lambda: b"NET-SNMP version" in log.read_bytes(), process, log, f"snmpd on {port}")
            yield process.pid
