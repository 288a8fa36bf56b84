"""Real servers on loopback that take bundles: Samba, nginx with WebDAV, an SMTP sink, and a hub behind TLS.

Each with its own configuration and folder, on a free port, gone afterwards. The hub is a simulation of headquarters.
"""

import os
import pwd
import socket
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from itops.delivery.hub import Hub
from itops.delivery.hub_http import serve
from tests.e2e.child import listens, until_the_end, wait_until
from tests.e2e.self_signed import SelfSigned, self_signed

_START_SECONDS = 60.0  # of the mail sink
HOST = "127.0.0.1"
PASSWORD = "canary-Passw0rd-7361"
WRONG = "wrong-canary-Passw0rd-2290"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], port: int, log: Path, environment: dict[str, str] | None = None) -> Iterator[None]:
    """A server in the foreground that listens on `port` while the block runs; its whole process group ends with it."""
    with log.open("wb") as kept:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=kept, stderr=kept, start_new_session=True, env=environment
        )
    with until_the_end(process):
        wait_until(listens(port, HOST), process, log, "the server")
        yield


class Cutter:
    """A line to a server that breaks once `after` bytes went to it; without `after` it holds."""

    def __init__(self, port: int, after: int | None = None) -> None:
        self._server = port
        self._left = after
        self._listener = socket.create_server((HOST, 0))
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> "Cutter":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if self._left == 0:
                    near.close()
                    continue
                far = socket.create_connection((HOST, self._server))
                for one, other, is_counted in ((near, far, True), (far, near, False)):
                    threading.Thread(target=self._pump, args=(one, other, is_counted), daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket, is_counted: bool) -> None:
        with suppress(OSError):
            while got := one.recv(16_384):
                if is_counted and self._left is not None:
                    got = got[: self._left]
                    self._left -= len(got)
                other.sendall(got)
                if is_counted and self._left == 0:
                    break
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def silent_server() -> Iterator[int]:
    """Somebody who picks up and says nothing."""
    with socket.create_server((HOST, 0)) as listener:
        yield int(listener.getsockname()[1])


@contextmanager
def small_disk(folder: Path, size: str = "2m") -> Iterator[Path]:
    """A file system of so many bytes; raises PermissionError where this account may mount none."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=777", "none", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        raise PermissionError(done.stderr.decode(errors="replace"))
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@dataclass(frozen=True, kw_only=True)
class Samba:
    """A running smbd with one share, `drop`."""

    port: int
    username: str


@contextmanager
def running_samba(share: Path, *extra: str) -> Iterator[Samba]:
    """`extra`: lines of the section [global]. Raises PermissionError: only root may fill Samba's list of accounts."""
    if os.getuid() != 0:
        raise PermissionError("smbpasswd -L is root's")
    # A short path: Samba puts sockets there, whose names the system limits to 108 bytes.
    with tempfile.TemporaryDirectory(prefix="itops-smbd-") as home:
        port, username = free_port(), pwd.getpwuid(os.getuid()).pw_name
        config = _samba_config(Path(home), port, share, extra)
        subprocess.run(
            ["smbpasswd", "-c", str(config), "-L", "-a", "-s", username],
            input=f"{PASSWORD}\n{PASSWORD}\n".encode(),
            check=True,
            capture_output=True,
        )
        command = ["/usr/sbin/smbd", "--foreground", "--no-process-group", "--debug-stdout", f"--configfile={config}"]
        with running(command, port, Path(home) / "log"):
            yield Samba(port=port, username=username)


def _samba_config(home: Path, port: int, share: Path, extra: tuple[str, ...]) -> Path:
    own = ("private dir", "lock directory", "state directory", "cache directory", "pid directory", "ncalrpc dir")
    folders = {name: home / name.replace(" ", "-") for name in own}
    for folder in folders.values():
        folder.mkdir(mode=0o755)
    lines = [
        "[global]",
        f"smb ports = {port}",
        "interfaces = 127.0.0.1",
        "bind interfaces only = yes",
        "server role = standalone server",
        "passdb backend = tdbsam",
        "map to guest = never",
        "smb encrypt = required",
        "load printers = no",
        "disable spoolss = yes",
        *(f"{name} = {folder}" for name, folder in folders.items()),
        *extra,
        "[drop]",
        f"path = {share}",
        "read only = no",
    ]
    config = home / "smb.conf"
    config.write_text("\n".join(lines) + "\n")
    return config


@dataclass(frozen=True, kw_only=True)
class Dav:
    """A running nginx with WebDAV on /drop/."""

    port: int
    identity: SelfSigned


@contextmanager
def running_dav(home: Path, root: Path, *extra: str) -> Iterator[Dav]:
    """`extra`: lines of the location."""
    port = free_port()
    home.mkdir(parents=True, exist_ok=True)
    identity = self_signed(HOST)
    both = identity.write(home)
    (home / "users").write_text(f"office:{{PLAIN}}{PASSWORD}\n")
    user = "user root;" if os.getuid() == 0 else ""
    kept = "".join(f"{kind}_temp_path {home}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    config = home / "nginx.conf"
    config.write_text(
        f"""{user} daemon off; pid {home}/pid; error_log {home}/error.log; worker_processes 1;
load_module /usr/lib/nginx/modules/ngx_http_dav_ext_module.so;
events {{}}
http {{
  {kept} access_log {home}/access.log;
  server {{
    listen {HOST}:{port} ssl; ssl_certificate {both}; ssl_certificate_key {both};
    client_max_body_size 60m;
    location /drop/ {{
      alias {root}/;
      auth_basic drop; auth_basic_user_file {home}/users;
      dav_methods PUT DELETE MKCOL COPY MOVE; dav_ext_methods PROPFIND OPTIONS;
      {" ".join(extra)}
    }}
  }}
}}
"""
    )
    with running(["/usr/sbin/nginx", "-c", str(config), "-p", str(home)], port, home / "log"):
        yield Dav(port=port, identity=identity)


@dataclass(frozen=True, kw_only=True)
class HubServer:
    """A simulated headquarters behind TLS."""

    port: int
    identity: SelfSigned
    hub: Hub


@contextmanager
def running_hub(hub: Hub, folder: Path, clock: Callable[[], datetime]) -> Iterator[HubServer]:
    folder.mkdir(parents=True, exist_ok=True)
    server = serve(hub, clock)
    identity = self_signed(HOST)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.write(folder))
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # cut lines are what is tested here
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield HubServer(port=int(server.server_address[1]), identity=identity, hub=hub)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@dataclass
class Sink:
    """A mail server that keeps what it gets. `refuses`: what it answers to a recipient or to a mail in place of 250."""

    port: int = 0
    identity: SelfSigned = field(default_factory=lambda: self_signed(HOST))
    mails: list[EmailMessage] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if "rcpt" in self.refuses:
            return self.refuses["rcpt"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if "data" in self.refuses:
            return self.refuses["data"]
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


@contextmanager
def running_smtp(folder: Path, *, security: str = "starttls", size_limit: int = 10_000_000) -> Iterator[Sink]:
    """aiosmtpd; `security`: starttls, tls, or plain for a server that encrypts nothing."""
    sink = Sink()
    folder.mkdir(parents=True, exist_ok=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sink.identity.write(folder))

    def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        is_right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"office", PASSWORD.encode())
        return AuthResult(success=is_right, handled=is_right)

    how: dict[str, Any] = {"authenticator": authenticate, "auth_required": True, "data_size_limit": size_limit}
    if security == "starttls":
        how |= {"tls_context": context, "require_starttls": True}
    elif security == "tls":
        how |= {"ssl_context": context, "auth_require_tls": False}
    else:
        how |= {"auth_require_tls": False}
    controller = Controller(sink, hostname=HOST, port=free_port(), ready_timeout=_START_SECONDS, **how)
    controller.start()
    try:
        sink.port = controller.port
        yield sink
    finally:
        controller.stop()
