"""SNMP by pysnmp 7: v1arch for v2c, v3arch for v3.

Measured with 7.1: it needs the package cryptography for privacy, keeps its time in steps of half a second, and drops
what it cannot decode by an exception inside the event loop, which then shows here as no answer.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

from pyasn1.error import PyAsn1Error
from pyasn1.type import univ
from pysnmp.error import PySnmpError
from pysnmp.hlapi.v1arch import asyncio as v1
from pysnmp.hlapi.v3arch import asyncio as v3
from pysnmp.proto import errind, rfc1902

from itops.sources.snmp.client import NoAnswer, Pair, Refused, Timing, Unreadable, Value
from itops.sources.snmp.settings import AuthProtocol, Credentials, PrivacyProtocol

_Reply: TypeAlias = "tuple[Any, Any, Any, Any]"  # error indication, error status, error index, bindings

_AUTH = {
    AuthProtocol.MD5: v3.USM_AUTH_HMAC96_MD5,
    AuthProtocol.SHA1: v3.USM_AUTH_HMAC96_SHA,
    AuthProtocol.SHA224: v3.USM_AUTH_HMAC128_SHA224,
    AuthProtocol.SHA256: v3.USM_AUTH_HMAC192_SHA256,
    AuthProtocol.SHA384: v3.USM_AUTH_HMAC256_SHA384,
    AuthProtocol.SHA512: v3.USM_AUTH_HMAC384_SHA512,
}
_PRIVACY = {
    PrivacyProtocol.DES: v3.USM_PRIV_CBC56_DES,
    PrivacyProtocol.AES: v3.USM_PRIV_CFB128_AES,
    PrivacyProtocol.AES192: v3.USM_PRIV_CFB192_AES_BLUMENTHAL,
    PrivacyProtocol.AES256: v3.USM_PRIV_CFB256_AES_BLUMENTHAL,
}
_SILENT = (errind.RequestTimedOut,)
_TOO_BIG, _NOT_ALLOWED = 1, 16  # error status
_GRACE_SECONDS = 3.0  # its timer ticks twice a second
_UP_TIME = "1.3.6.1.2.1.1.3.0"


class PysnmpLibrary:
    """One socket for all v2c devices, one engine for each v3 user."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._dispatcher: Any = None
        self._engines: dict[Credentials, Any] = {}
        asyncio.get_running_loop().set_exception_handler(_told_elsewhere)

    async def open(self, address: str, credentials: Credentials) -> "PysnmpClient":
        """As `Library.open`."""
        try:
            return await self._client(address, credentials)
        except PySnmpError as failure:
            raise NoAnswer(str(failure)) from failure

    async def _client(self, address: str, credentials: Credentials) -> "PysnmpClient":
        timing = self._timing
        where, patience = (address, timing.port), {"timeout": timing.timeout_seconds, "retries": timing.retries}
        if credentials.community is not None:
            self._dispatcher = self._dispatcher or v1.SnmpDispatcher()
            community = v1.CommunityData(credentials.community.reveal(), mpModel=1)  # noqa: S508  what most printers speak
            target = await v1.UdpTransportTarget.create(where, **patience)
            return CommunityClient(timing, self._dispatcher, community, target)
        # One engine for each user: it keys what it knows of a user by the name alone.
        engine = self._engines.setdefault(credentials, None) or v3.SnmpEngine()
        self._engines[credentials] = engine
        client = UserClient(timing, engine, _user(credentials), await v3.UdpTransportTarget.create(where, **patience))
        await client.find()
        return client

    def close(self) -> None:
        """Close the sockets and stop the timers."""
        if self._dispatcher is not None:  # its own close() trips over questions that are still open
            transports = self._dispatcher.transport_dispatcher
            transports.unregister_recv_callback()
            transports.unregister_timer_callback()
            transports.close_dispatcher()
        for engine in self._engines.values():
            engine.close_dispatcher()


def _told_elsewhere(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A datagram that cannot be decoded is no answer, and is told as that; everything else is told as usual."""
    if not isinstance(context.get("exception"), PySnmpError | PyAsn1Error):
        loop.default_exception_handler(context)


def _user(credentials: Credentials) -> Any:
    auth, privacy = credentials.keys()
    return v3.UsmUserData(
        credentials.user,
        authKey=auth,
        privKey=privacy,
        authProtocol=_AUTH[credentials.auth_protocol] if auth else v3.USM_AUTH_NONE,
        privProtocol=_PRIVACY[credentials.privacy_protocol] if privacy else v3.USM_PRIV_NONE,
    )


class PysnmpClient(ABC):
    """One device."""

    def __init__(self, timing: Timing, engine: Any, login: Any, target: Any) -> None:
        self._longest = timing.timeout_seconds * (timing.retries + 1) + _GRACE_SECONDS
        self._engine = engine
        self._login = login
        self._target = target

    @abstractmethod
    def _get(self, oids: Sequence[str]) -> Coroutine[Any, Any, _Reply]: ...

    @abstractmethod
    def _bulk(self, after: str, repetitions: int) -> Coroutine[Any, Any, _Reply]: ...

    async def get(self, oids: Sequence[str]) -> dict[str, Value]:
        """As `Client.get`."""
        found = dict(await self._pairs(self._get(oids)))
        return {oid: found[oid] for oid in oids if oid in found}

    async def walk(self, root: str, repetitions: int) -> AsyncGenerator[Pair, None]:
        """As `Client.walk`."""
        after = root
        while pairs := await self._pairs(self._bulk(after, repetitions)):
            for oid, value in pairs:
                if value is None or not oid.startswith(root + "."):
                    return
                yield oid, value
            after = pairs[-1][0]

    async def _pairs(self, question: Coroutine[Any, Any, _Reply]) -> list[Pair]:
        trouble, status, _, bindings = await self._reply(question)
        if isinstance(trouble, _SILENT):
            raise NoAnswer
        if trouble:
            raise Refused(str(trouble))
        if int(status) == _TOO_BIG:
            raise Unreadable("the answer would be too big")
        if int(status) == _NOT_ALLOWED:
            raise Refused("authorization error")
        # With another status the bindings are the question's own, or half an answer: the device has no such thing.
        return [] if int(status) else [(str(oid), _plain(value)) for oid, value in bindings]

    async def _reply(self, question: Coroutine[Any, Any, _Reply]) -> _Reply:
        try:
            return await asyncio.wait_for(question, self._longest)
        except TimeoutError:
            raise NoAnswer from None
        except (PySnmpError, PyAsn1Error) as failure:
            raise Unreadable(type(failure).__name__) from failure


class CommunityClient(PysnmpClient):
    """Asked by v2c."""

    def _get(self, oids: Sequence[str]) -> Coroutine[Any, Any, _Reply]:
        named = [(rfc1902.ObjectName(oid), rfc1902.Null("")) for oid in oids]
        question: Coroutine[Any, Any, _Reply] = v1.get_cmd(
            self._engine, self._login, self._target, *named, lookupMib=False
        )
        return question

    def _bulk(self, after: str, repetitions: int) -> Coroutine[Any, Any, _Reply]:
        begin = (rfc1902.ObjectName(after), rfc1902.Null(""))
        question: Coroutine[Any, Any, _Reply] = v1.bulk_cmd(
            self._engine, self._login, self._target, 0, repetitions, begin, lookupMib=False
        )
        return question


class UserClient(PysnmpClient):
    """Asked by v3."""

    async def find(self) -> None:
        """Whether anything speaks v3 there, then whether it knows the user."""
        stranger = UserClient.__new__(UserClient)
        stranger.__dict__.update(self.__dict__, _login=v3.UsmUserData("itops-asks"))  # noqa: S509  nobody's name
        with suppress(Refused):  # that is an answer
            await stranger.get([_UP_TIME])
        try:
            await self.get([_UP_TIME])
        except NoAnswer:
            raise Refused("it does not answer this user; the privacy key is the likely reason") from None

    def _get(self, oids: Sequence[str]) -> Coroutine[Any, Any, _Reply]:
        named = [v3.ObjectType(v3.ObjectIdentity(oid)) for oid in oids]
        question: Coroutine[Any, Any, _Reply] = v3.get_cmd(
            self._engine, self._login, self._target, v3.ContextData(), *named, lookupMib=False
        )
        return question

    def _bulk(self, after: str, repetitions: int) -> Coroutine[Any, Any, _Reply]:
        begin = v3.ObjectType(v3.ObjectIdentity(after))
        question: Coroutine[Any, Any, _Reply] = v3.bulk_cmd(
            self._engine, self._login, self._target, v3.ContextData(), 0, repetitions, begin, lookupMib=False
        )
        return question


def _plain(value: Any) -> Value:
    """Also a Null, noSuchObject or endOfMibView, which all are one: nothing there."""
    if isinstance(value, univ.Null):  # one of the octet strings, in pyasn1
        return None
    if isinstance(value, rfc1902.IpAddress):
        return ".".join(str(octet) for octet in value.asOctets())
    if isinstance(value, univ.OctetString):
        octets: bytes = value.asOctets()
        return octets
    if isinstance(value, univ.ObjectIdentifier):
        return str(value)
    return int(value) if isinstance(value, univ.Integer) else None
