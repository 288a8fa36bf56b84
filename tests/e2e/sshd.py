"""A throw-away OpenSSH server for tests: own host key, own user key, loopback only, gone afterwards."""

import base64
import hashlib
import os
import pwd
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.child import listens, until_the_end, wait_until

_SSHD = "/usr/sbin/sshd"
_SFTP_SERVER = "/usr/lib/openssh/sftp-server"
_PRIVILEGE_SEPARATION = Path("/run/sshd")  # compiled into Debian's sshd, which wants it when root starts it


@dataclass(frozen=True, kw_only=True)
class Sshd:
    """A running server that lets in the account of the tests, by key."""

    port: int
    username: str
    key_file: Path  # the private key of the user
    host_key: str  # a line as in known_hosts
    log: Path

    @property
    def fingerprint(self) -> str:
        """Of the host key, as `ssh-keygen -l` prints it."""
        digest = hashlib.sha256(base64.b64decode(self.host_key.split()[-1])).digest()
        return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


@contextmanager
def running_sshd(
    folder: Path | None = None, *, only_sftp: bool = False, host_key_type: str = "ed25519", extra: tuple[str, ...] = ()
) -> Iterator[Sshd]:
    """Start one; its keys and its log lie in `folder`. `only_sftp`: no commands. `extra`: lines of sshd_config."""
    with tempfile.TemporaryDirectory(prefix="itops-sshd-") as made:
        home = Path(made) if folder is None else folder
        host_key = _new_key(home / "host_key", host_key_type)
        user_key = _new_key(home / "user_key", "ed25519")
        port = _free_port()
        config = home / "sshd_config"
        lines = (*_config(home, port), *(("ForceCommand internal-sftp",) if only_sftp else ()), *extra)
        config.write_text("\n".join(lines) + "\n", encoding="utf-8")
        if os.getuid() == 0:
            _PRIVILEGE_SEPARATION.mkdir(mode=0o755, exist_ok=True)
        with _serving(config, home / "log", port):
            yield Sshd(
                port=port,
                username=pwd.getpwuid(os.getuid()).pw_name,
                key_file=user_key,
                host_key="127.0.0.1 " + " ".join(host_key.with_suffix(".pub").read_text().split()[:2]),
                log=home / "log",
            )


def _config(home: Path, port: int) -> tuple[str, ...]:
    return (
        f"Port {port}",
        "ListenAddress 127.0.0.1",
        f"HostKey {home / 'host_key'}",
        f"AuthorizedKeysFile {home / 'user_key.pub'}",
        f"PidFile {home / 'pid'}",
        "StrictModes no",
        "UsePAM no",
        "PermitRootLogin yes",
        "PasswordAuthentication yes",
        "PubkeyAuthentication yes",
        "MaxStartups 100",
        f"Subsystem sftp {_SFTP_SERVER}",
    )


def _new_key(path: Path, kind: str) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "test", "-f", str(path)], check=True)
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _serving(config: Path, log: Path, port: int) -> Iterator[None]:
    if not Path(_SSHD).exists():
        raise FileNotFoundError(f"no {_SSHD}: install the package openssh-server")
    with log.open("wb") as kept:
        process = subprocess.Popen(
            [_SSHD, "-D", "-e", "-f", str(config)], stdout=kept, stderr=kept, start_new_session=True
        )
        with until_the_end(process):
            wait_until(listens(port), process, log, "sshd")
            yield
