"""The channel `snmp_trap`: one SNMP notification for each message, to a monitoring system of the office.

A number and an ASCII line come first: receivers show Persian text as hexadecimal digits. By default it is an inform,
which the receiver confirms; a trap (`inform: false`) is lost without a word when nobody listens. With a v3 user it is
always an inform: of a v3 trap the receiver would have to know our engine and our clock.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, ClassVar, Literal

from itops.alerts.channels import ChannelFailed, Message, MessageLine
from itops.notify.plain_text import bare
from itops.secrets import Secret

AuthProtocol = Literal["sha1", "sha224", "sha256", "sha384", "sha512"]
PrivacyProtocol = Literal["aes", "aes192", "aes256"]
EXAMPLE_ENTERPRISE = "1.3.6.1.4.1.32473.1"
"""32473 is set aside for examples (RFC 5612): an office that has a number of its own writes that."""
_ENTERPRISE = re.compile(r"1\.3\.6\.1\.4\.1(?:\.(?:0|[1-9][0-9]{0,8})){1,10}")
_SHORTEST_KEY = 8  # RFC 3414: every agent refuses a shorter pass phrase
_MOST_VALUE = 300
_MOST_TEXT = 4000
"""Bytes. More than one packet of a network, and far from what a datagram holds."""
_GRACE_SECONDS = 3.0  # pysnmp's timer ticks twice a second
_TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0"
_INSTALL = "run: pip install 'itops[snmp-portable]'"
_AUTH = {
    "sha1": "USM_AUTH_HMAC96_SHA",
    "sha224": "USM_AUTH_HMAC128_SHA224",
    "sha256": "USM_AUTH_HMAC192_SHA256",
    "sha384": "USM_AUTH_HMAC256_SHA384",
    "sha512": "USM_AUTH_HMAC384_SHA512",
}
_PRIVACY = {
    "aes": "USM_PRIV_CFB128_AES",
    "aes192": "USM_PRIV_CFB192_AES_BLUMENTHAL",
    "aes256": "USM_PRIV_CFB256_AES_BLUMENTHAL",
}
_SILENT, _UNKNOWN_HOST = "RequestTimedOut", "unknown host"
_TROUBLES = {
    _SILENT: (
        "does not confirm that it got it",
        "check that a receiver listens there, takes informs, and knows the community or the user with these keys",
    ),
    _UNKNOWN_HOST: ("cannot be resolved", "check host, and the name service of this machine"),
    "UnknownUserName": ("does not know the user", "have it added there, or correct user"),
    "WrongDigest": ("refuses the auth_key", "correct auth_key and auth_protocol"),
    "auth_key": (f"was not asked: auth_key is shorter than {_SHORTEST_KEY} characters", "correct the secret"),
    "privacy_key": (f"was not asked: privacy_key is shorter than {_SHORTEST_KEY} characters", "correct the secret"),
}
_FOR_GOOD = frozenset({"UnknownUserName", "WrongDigest"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpTrapSettings:
    """A receiver of SNMP notifications: with a community (v2c), or a user with both keys (v3)."""

    host: str
    port: int = field(default=162, metadata={"range": (1, 65535)})
    community: Secret | None = None
    user: str | None = None
    auth_key: Secret | None = None
    auth_protocol: AuthProtocol = "sha256"
    privacy_key: Secret | None = None
    privacy_protocol: PrivacyProtocol = "aes"
    inform: bool = True
    enterprise: str = EXAMPLE_ENTERPRISE
    """Under which number our values stand: `.0.1` is the notification, `.1.1` and so on are its values."""
    timeout_seconds: float = field(default=5.0, metadata={"range": (1, 60)})  # of one try
    retries: int = field(default=2, metadata={"range": (0, 5)})

    def __post_init__(self) -> None:
        if (self.community is None) == (self.user is None):
            raise ValueError("needs either community (v2c) or user with auth_key and privacy_key (v3)")
        has_keys = (self.auth_key is not None, self.privacy_key is not None)
        if self.user is None and any(has_keys):
            raise ValueError("auth_key and privacy_key belong to a user; a community has none")
        if self.user is not None and not all(has_keys):
            raise ValueError("user needs auth_key and privacy_key: nothing is sent that others could read or forge")
        if self.user is not None and not self.inform:
            raise ValueError("inform: false is for a community; a v3 user is always asked to confirm")
        if not _ENTERPRISE.fullmatch(self.enterprise):
            raise ValueError(f"enterprise should be numbers under 1.3.6.1.4.1: {EXAMPLE_ENTERPRISE}")


class SnmpTrapChannel:
    """A receiver of SNMP notifications."""

    Settings: ClassVar[type] = SnmpTrapSettings
    stays_inside: ClassVar[bool] = True

    def __init__(self, name: str, settings: SnmpTrapSettings) -> None:
        self.name = name
        self._settings = settings

    def send(self, message: Message) -> str:
        """See `Channel`: nothing, as a receiver only says that it has it."""
        import asyncio  # noqa: PLC0415  settings alone are read far more often

        if find_spec("pysnmp") is None:
            raise ChannelFailed("the channel snmp_trap needs pysnmp, which is not installed", _INSTALL)
        trouble = asyncio.run(self._trouble(message))
        if trouble is not None:
            problem, remedy = _TROUBLES.get(trouble, (f"does not take it: {trouble}", "see what the receiver logs"))
            place = f"{bare(self._settings.host)}:{self._settings.port}"
            raise ChannelFailed(f"{place} {problem}", remedy, is_final=trouble in _FOR_GOOD)
        return ""

    async def _trouble(self, message: Message) -> str | None:
        """The name of what went wrong: raised elsewhere, where nothing secret is at hand."""
        import asyncio  # noqa: PLC0415  as above

        from pyasn1.error import PyAsn1Error  # noqa: PLC0415  an extra
        from pysnmp.error import PySnmpError  # noqa: PLC0415
        from pysnmp.hlapi.v3arch import asyncio as v3  # noqa: PLC0415

        settings = self._settings
        engine = v3.SnmpEngine()
        longest = settings.timeout_seconds * (settings.retries + 1) + _GRACE_SECONDS
        asyncio.get_running_loop().set_exception_handler(_unheard)
        try:
            sending = self._send(engine, _login(settings, v3), message)
            said, status, *_ = await asyncio.wait_for(sending, longest)
        except TimeoutError:
            return _SILENT
        except _KeyTooShort as short:
            return str(short)
        except UnicodeError:  # a name that no name service could be asked
            return _UNKNOWN_HOST
        except (PySnmpError, PyAsn1Error) as failure:
            return _UNKNOWN_HOST if "address" in str(failure) else type(failure).__name__
        finally:
            engine.close_dispatcher()
        if said is not None:
            return type(said).__name__
        return f"error {int(status)}" if int(status) else None

    async def _send(self, engine: Any, login: Any, message: Message) -> Any:
        """What pysnmp says of it: an indication, a status, and more."""
        from pysnmp.hlapi.v3arch import asyncio as v3  # noqa: PLC0415  as above

        settings = self._settings
        transport = v3.Udp6TransportTarget if ":" in settings.host else v3.UdpTransportTarget
        target = await transport.create((settings.host, settings.port), settings.timeout_seconds, settings.retries)
        kind = "inform" if settings.inform else "trap"
        bindings = [v3.ObjectType(v3.ObjectIdentity(oid), value) for oid, value in _bindings(settings, message)]
        return await v3.send_notification(engine, login, target, v3.ContextData(), kind, *bindings, lookupMib=False)


def _unheard(loop: object, context: object) -> None:
    """A datagram that cannot be read is no confirmation; pysnmp lets its exception end in the event loop."""


class _KeyTooShort(Exception):
    """Which one."""


def _login(settings: SnmpTrapSettings, v3: Any) -> Any:
    if settings.community is not None:
        return v3.CommunityData(settings.community.reveal(), mpModel=1)
    for name, secret in (("auth_key", settings.auth_key), ("privacy_key", settings.privacy_key)):
        if secret is None or len(secret.reveal()) < _SHORTEST_KEY:
            raise _KeyTooShort(name)
    return v3.UsmUserData(
        settings.user,
        authKey=settings.auth_key.reveal() if settings.auth_key else None,
        privKey=settings.privacy_key.reveal() if settings.privacy_key else None,
        authProtocol=getattr(v3, _AUTH[settings.auth_protocol]),
        privProtocol=getattr(v3, _PRIVACY[settings.privacy_protocol]),
    )


def _bindings(settings: SnmpTrapSettings, message: Message) -> Iterator[tuple[str, Any]]:
    """What is sent, in its order: the notification's own name, then our values."""
    from pysnmp.proto import rfc1902  # noqa: PLC0415  an extra

    yield _TRAP_OID, rfc1902.ObjectIdentifier(f"{settings.enterprise}.0.1")
    yield f"{settings.enterprise}.1.1.0", rfc1902.Integer32(int(message.state))
    for number, text in enumerate(_texts(message), 2):
        yield f"{settings.enterprise}.1.{number}.0", rfc1902.OctetString(text.encode()[:_MOST_TEXT])


def _texts(message: Message) -> Iterator[str]:
    """An ASCII line; then kind, office, title, summary, each incident, id, thread, period: all as UTF-8."""
    count = len(message.lines)
    yield _ascii(f"itops {message.state.name} {message.kind.value}: {count} {'object' if count == 1 else 'objects'}")
    for text in (message.kind.value, message.office, message.title, message.summary):
        yield bare(text)[:_MOST_VALUE]
    yield _shortened("\n".join(f"{one.state.name}: {_line(one)}" for one in message.lines))
    for text in (message.id, message.thread, message.report):
        yield bare(text)[:_MOST_VALUE]


def _line(one: MessageLine) -> str:
    owner = f" ({bare(one.owner)[:_MOST_VALUE]})" if one.owner else ""
    return f"{bare(one.subject)[:_MOST_VALUE]}: {bare(one.text)[:_MOST_VALUE]}{owner}"


def _shortened(text: str) -> str:
    """As many bytes as are sent, and no half letter."""
    return text.encode()[:_MOST_TEXT].decode("utf-8", "ignore")


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode()
