"""Meeting a server: algorithms, host key, login."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from itops.errors import SourceUnavailable
from itops.ssh.connection import Connection, unreadable
from itops.ssh.host_keys import fingerprint, key_type
from itops.ssh.refusals import SshHostKey, SshRefused, SshTooOld, SshUnreadable, failures, reason
from itops.ssh.server import Account, Server
from itops.ssh.wire import dialled

if TYPE_CHECKING:
    from paramiko import Transport

# What OpenSSH no longer offers by itself; paramiko still does.
_LEGACY = {
    "kex": ["diffie-hellman-group-exchange-sha1", "diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1"],
    "keys": ["ssh-rsa"],
    "pubkeys": ["ssh-rsa"],
    "ciphers": ["aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc"],
    "macs": ["hmac-sha1", "hmac-sha1-96", "hmac-md5", "hmac-md5-96"],
}
_SHA2_SIGNATURES = ["rsa-sha2-512", "rsa-sha2-256"]
_MANNERS: tuple[dict[str, list[str]], ...] = (_LEGACY, {}, {"pubkeys": _SHA2_SIGNATURES})
"""What is left out: all that is old; nothing; and, for servers that do not say what they check, new signatures."""


@contextmanager
def connected(server: Server, account: Account) -> Iterator[Connection]:
    """Meet the server and log in; closed afterwards. Raises the errors of `refusals`.

    Where old algorithms are allowed they are tried only after the new ones were refused.
    """
    with ExitStack() as open_now:
        yield _met(server, account, open_now)


def _met(server: Server, account: Account, open_now: ExitStack) -> Connection:
    for manner in range(len(_MANNERS) - 1):
        try:
            return _meet(server, account, open_now, manner)
        except SshTooOld:
            if not server.is_legacy_allowed:
                raise
            open_now.close()  # small devices have room for one session
    return _meet(server, account, open_now, len(_MANNERS) - 1)


def _meet(server: Server, account: Account, open_now: ExitStack, manner: int) -> Connection:
    import paramiko  # noqa: PLC0415  110 ms that only SSH needs

    # It logs every failure with a traceback, which Python prints where nothing else was set; ours have a remedy.
    logging.getLogger("paramiko").setLevel(logging.CRITICAL + 1)
    wire = open_now.enter_context(dialled(server))
    try:
        transport = paramiko.Transport(wire, disabled_algorithms=_MANNERS[manner])
        open_now.callback(transport.close)
        transport.banner_timeout = transport.auth_timeout = transport.channel_timeout = server.timeout_seconds
        _judge(server, transport)
        if not _is_let_in(server, account, transport):
            raise _refused(server, account, transport, manner)
    except paramiko.ssh_exception.IncompatiblePeer as failure:
        if str(transport.remote_version).startswith("SSH-1.") and "1.99" not in transport.remote_version:
            raise unreadable(server, failure, "it speaks SSH 1 alone") from failure
        raise _too_old(server, failure, manner) from failure
    except failures() as failure:
        raise unreadable(server, failure, "no SSH there") from failure
    return Connection(transport, wire, server, is_legacy=manner > 0)


def _judge(server: Server, transport: "Transport") -> None:
    """Agree on algorithms and judge the host key, before anything secret is sent."""
    offers: Any = transport.get_security_options()
    known = [kind for kind in offers.key_types if kind in server.host_keys.types]
    offers.key_types = [*known, *(kind for kind in offers.key_types if kind not in known)]
    transport.start_client(timeout=server.timeout_seconds)
    key = transport.get_remote_server_key().asbytes()
    if server.host_keys.vouch_for(key):
        return
    shown = f"{fingerprint(key)} ({key_type(key)})"
    if key in server.host_keys.revoked:
        problem, why = f"{server.host} shows a revoked host key: {shown}", "make it new host keys: look at them"
    elif server.host_keys:
        problem = f"{server.host} shows another host key than is known: {shown}; nothing was sent to it"
        why = "it was installed anew, has several keys, or somebody stands between: compare the key"
    else:
        problem, why = f"nothing says which host key {server.host} should have; it shows {shown}", "compare it"
    advice = server.advice.pin.format(host=server.host, shown=fingerprint(key))
    raise SshHostKey(problem, remedy=f"{why} with `ssh-keygen -lf` on the device itself, then {advice}")


def _is_let_in(server: Server, account: Account, transport: "Transport") -> bool:
    import paramiko  # noqa: PLC0415  110 ms that only SSH needs

    started = time.monotonic()
    further: list[str] = []
    for way in _ways(account, transport):
        try:
            further = way()
        except paramiko.AuthenticationException as refused:
            if time.monotonic() - started >= server.timeout_seconds:
                raise SshUnreadable(
                    f"{server.host} did not answer the login in time", remedy="give it a longer timeout"
                ) from refused
        if transport.is_authenticated():
            return True
        if not transport.is_active():
            break
    if further:
        raise SshRefused(
            f"{server.host} wants more than the {account.proofs} of {account.username}",
            remedy="give itops an account that needs no second step",
        )
    return False


def _ways(account: Account, transport: "Transport") -> "Iterator[Callable[[], list[str]]]":
    """Each gives what the server wants besides; nothing where that is all."""
    if account.key is not None:
        key = account.key
        yield lambda: transport.auth_publickey(account.username, key)
    if account.password is not None:
        password = account.password
        yield lambda: transport.auth_password(account.username, password.reveal())


def _refused(server: Server, account: Account, transport: "Transport", manner: int) -> SourceUnavailable:
    """It is the account's fault, or that of an RSA key that an old server can check by SHA-1 only."""
    also = ""
    is_rsa = account.key is not None and "rsa" in account.key.get_name()
    allow = server.advice.legacy.format(host=server.host)
    if is_rsa and not _knows_sha2(transport) and manner < len(_MANNERS) - 1:
        if server.is_legacy_allowed or "server-sig-algs" in transport.server_extensions:
            return SshTooOld(
                f"{server.host} knows RSA keys only by SHA-1",
                remedy=f"give the account a key of type ecdsa, or {allow}",
            )
        also = f"; it may be too old for RSA keys: give it one of type ecdsa, or {allow}"
    return SshRefused(
        f"{server.host} refused the {account.proofs} of {account.username}",
        remedy=f"check the user name and its {account.proofs}, and whether it may log in that way{also}",
    )


def _knows_sha2(transport: "Transport") -> bool:
    told = bytes(transport.server_extensions.get("server-sig-algs", b"")).decode("latin-1").split(",")
    return any(name in told for name in _SHA2_SIGNATURES)


def _too_old(server: Server, failure: Exception, manner: int) -> SourceUnavailable:
    if manner > 0:
        return SshUnreadable(
            f"{server.host} and we have no algorithm in common, old ones included: {reason(failure)}",
            remedy="renew its firmware, or read it another way",
        )
    return SshTooOld(
        f"{server.host} speaks only old algorithms (SHA-1, CBC): {reason(failure)}",
        remedy="renew its firmware; where its network can be trusted, " + server.advice.legacy.format(host=server.host),
    )
