"""SNMP by gufo-snmp.

Measured with 0.13: it holds 4 KB of an answer, panics on some rubbish (a BaseException, and lines of Rust on stderr),
does not try twice, and does not show the error status of an answer: a table that a device breaks off looks short.
"""

import errno
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import TypeVar

from gufo.snmp import (
    Aes128Key,
    Aes192Key,
    Aes256Key,
    DesKey,
    Md5Key,
    Sha1Key,
    Sha224Key,
    Sha256Key,
    Sha384Key,
    Sha512Key,
    SnmpAuthError,
    SnmpError,
    User,
)
from gufo.snmp.aio import SnmpSession

from itops.errors import SourceUnavailable
from itops.sources.snmp.client import NoAnswer, Pair, Refused, Timing, Unreadable, Value
from itops.sources.snmp.settings import AuthProtocol, Credentials, PrivacyProtocol

T = TypeVar("T")

_AUTH = {
    AuthProtocol.MD5: Md5Key,
    AuthProtocol.SHA1: Sha1Key,
    AuthProtocol.SHA224: Sha224Key,
    AuthProtocol.SHA256: Sha256Key,
    AuthProtocol.SHA384: Sha384Key,
    AuthProtocol.SHA512: Sha512Key,
}
_PRIVACY = {
    PrivacyProtocol.DES: DesKey,
    PrivacyProtocol.AES: Aes128Key,
    PrivacyProtocol.AES192: Aes192Key,
    PrivacyProtocol.AES256: Aes256Key,
}
_PANIC = "PanicException"  # pyo3 gives its class no place to import it from


class GufoLibrary:
    """A socket for each device."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing

    async def open(self, address: str, credentials: Credentials) -> "GufoClient":
        """As `Library.open`."""
        timing = self._timing
        try:
            if credentials.community is not None:
                community = credentials.community.reveal()
                session = SnmpSession(address, port=timing.port, community=community, timeout=timing.timeout_seconds)
            else:
                session = SnmpSession(
                    address, port=timing.port, user=_user(credentials), timeout=timing.timeout_seconds
                )
        except OSError as failure:
            if failure.errno in {errno.EMFILE, errno.ENFILE}:
                raise SourceUnavailable(
                    f"this machine opens no more sockets: {failure.strerror}",
                    remedy="lower parallel, or raise the limit of open files (`ulimit -n`)",
                ) from failure
            raise NoAnswer(str(failure)) from failure  # no route
        client = GufoClient(session, timing.retries)
        if credentials.is_v3:
            await client.find()
        return client

    def close(self) -> None:
        """Sockets close with their sessions."""


def _user(credentials: Credentials) -> User:
    auth, privacy = credentials.keys()
    return User(
        credentials.user or "",
        auth_key=_AUTH[credentials.auth_protocol](auth.encode()) if auth else None,
        priv_key=_PRIVACY[credentials.privacy_protocol](privacy.encode()) if privacy else None,
    )


class GufoClient:
    """One device."""

    def __init__(self, session: SnmpSession, retries: int) -> None:
        self._session = session
        self._tries = retries + 1

    async def find(self) -> None:
        """Ask a v3 device for its engine, then for the user's rights."""
        try:
            await self._tried(self._session.refresh)
        except NoAnswer:
            if self._session.get_engine_id():  # it spoke before it was to decipher us
                raise Refused("it does not answer this user; the privacy key is the likely reason") from None
            raise

    async def get(self, oids: Sequence[str]) -> dict[str, Value]:
        """As `Client.get`."""
        found = await self._tried(lambda: self._session.get_many(oids))
        return {oid: _plain(found[oid]) for oid in oids if oid in found}

    async def walk(self, root: str, repetitions: int) -> AsyncGenerator[Pair, None]:
        """As `Client.walk`."""
        rows = self._session.getbulk(root, max_repetitions=repetitions)

        async def one() -> "tuple[str, object] | None":
            return await anext(rows, None)

        while (row := await self._tried(one)) is not None:
            yield row[0], _plain(row[1])

    async def _tried(self, ask: Callable[[], Awaitable[T]]) -> T:
        failure: Exception = NoAnswer()
        for _ in range(self._tries):
            try:
                return await ask()
            except TimeoutError:
                failure = NoAnswer()
            except SnmpAuthError as refused:
                raise Refused(str(refused)) from None
            except OSError as unreached:
                failure = NoAnswer(str(unreached))
            except (SnmpError, RuntimeError, ValueError) as unread:
                failure = Unreadable(str(unread))
            except BaseException as panic:
                if type(panic).__name__ != _PANIC:
                    raise
                failure = Unreadable("no SNMP message")
        raise failure


def _plain(value: object) -> Value:
    if isinstance(value, float):
        return round(value) if abs(value) < 2**63 else None  # also what is no number: every comparison is false
    return value if isinstance(value, bytes | int | str) else None
