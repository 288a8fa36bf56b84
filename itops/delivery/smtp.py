"""The target `smtp`: a bundle by mail, in pieces. The last resort: nothing can be resumed, and no receipt is read here.

It is off unless somebody writes it into itops.yaml, and then the archive is encrypted to headquarters, as mail passes
through servers that keep copies; who wants it plain says so. The connection is encrypted or not used. A piece names its
bundle, its part and its place in it; headquarters puts the pieces together and throws away what comes twice by
`Message-ID`, which is the same in every try.
"""

import re
import smtplib
import socket
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from ssl import SSLError, SSLSocket
from typing import Any, ClassVar, Literal

from itops.bundles.targets import BundleOnDisk, Part, Progress, Put
from itops.delivery.limits import seconds_for, within
from itops.delivery.parts import opened, read
from itops.delivery.sealing import Way, WaySettings
from itops.errors import ConfigInvalid, DeliveryRefused, SourceUnavailable
from itops.secrets import Secret
from itops.text import plain
from itops.tls import Trust, check_pin, context_of, dial, dial_plain, unavailable

MOST_MESSAGE_BYTES = 8_000_000
"""Of one mail. What is longer many servers do not take."""
_HEADERS_BYTES = 4_000
_SMALLEST_MESSAGE = 200_000
_PIECE = 64 * 1024
_ENCODED = 78 / 57
"""Bytes of Base64, line ends included, for one byte of a file."""
_MOST_SAID = 1 << 20  # by a server, in all
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")
_NUMBER = re.compile(r"[0-9]{1,18}")
_READY, _NO_ROOM, _FOR_GOOD, _MAILBOX_FULL = 220, 452, 500, 552
_TOO_LONG = re.compile(r"5\.(?:3\.4|2\.3)\b")  # 552 stands for both; enhanced codes of RFC 3463 tell them apart
_LONGEST_LINE = 998  # nothing is folded
_LINE = "check the line, and whether a mail program can send over that server"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings(WaySettings):
    """A mail server that takes mail from this account, and who gets it."""

    host: str
    sender: str
    recipient: str
    username: str
    password: Secret
    security: Literal["starttls", "tls"] = "starttls"
    """`tls`: encrypted from the first byte, as on port 465."""
    port: int = field(default=587, metadata={"range": (1, 65535)})
    tls: Trust = field(default_factory=Trust)
    most_message_bytes: int = field(
        default=MOST_MESSAGE_BYTES, metadata={"range": (_SMALLEST_MESSAGE, MOST_MESSAGE_BYTES)}
    )
    timeout_seconds: float = field(default=60.0, metadata={"range": (1, 3_600)})  # for one answer
    unencrypted: bool = False
    """Send the archive as it is: every mail server on the way can read it, and may keep it."""

    def __post_init__(self) -> None:
        if self.encrypt_to is None and not self.unencrypted:
            raise ValueError(
                "encrypt_to is missing: mail servers keep copies, and a bundle maps the whole network; "
                "write the age public key of headquarters, age1..., or unencrypted: true"
            )
        if self.encrypt_to is not None and self.unencrypted:
            raise ValueError("encrypt_to and unencrypted: true contradict each other: take one away")
        for key in ("sender", "recipient"):
            if not _ADDRESS.fullmatch(getattr(self, key)):
                raise ValueError(f"{key} should be an address, NAME@DOMAIN")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What one mail carries."""

    part: Part
    offset: int
    length: int


class SmtpTarget(Way[SmtpSettings]):
    """A mailbox at headquarters."""

    Settings: ClassVar[type] = SmtpSettings

    def _carry(self, bundle: BundleOnDisk, progress: Progress) -> Put:
        """See `Target`. Asked twice it sends twice: nobody here can see what arrived."""
        progress(0, bundle.size_bytes)
        with _opened(self._settings, bundle.size_bytes) as line:
            sent = 0
            pieces = line.pieces(bundle)
            for number, piece in enumerate(pieces, 1):
                line.send(bundle, piece, f"{number}/{len(pieces)}")
                sent += piece.length
                progress(sent, bundle.size_bytes)
        return Put(sent_bytes=bundle.size_bytes)

    def receipts(self, sha256s: Collection[str]) -> tuple[bytes, ...]:
        """None: a mailbox is not read here. They are imported by hand."""
        return ()


def split(bundle: BundleOnDisk, most_message_bytes: int) -> tuple[Piece, ...]:
    """The mails to send, in order; none longer than so many bytes. A part of no bytes is a mail, too."""
    most = int((most_message_bytes - _HEADERS_BYTES) / _ENCODED)
    return tuple(
        Piece(part=part, offset=offset, length=min(most, part.size_bytes - offset))
        for part in bundle.parts
        for offset in range(0, max(part.size_bytes, 1), most)
    )


def message(settings: SmtpSettings, bundle: BundleOnDisk, piece: Piece, numbered: str, content: bytes) -> EmailMessage:
    """One mail. It has no date, so that it is the same in every try: the server that takes it writes one."""
    part = piece.part
    mail = EmailMessage(policy=SMTP.clone(max_line_length=_LONGEST_LINE))
    mail["From"], mail["To"] = settings.sender, settings.recipient
    mail["Subject"] = f"[itops] {bundle.name} {numbered}"
    domain = settings.sender.rpartition("@")[2]
    content_id = f"{bundle.sha256}.{part.role.value}.{part.sha256[:12]}"  # encrypted anew, it is another mail
    mail["Message-ID"] = f"<{content_id}.{piece.offset}.{piece.length}@{domain}>"
    mail["X-Itops-Bundle"] = bundle.sha256
    mail["X-Itops-Part"] = f"{part.role.value}; name={part.name}; size={part.size_bytes}; offset={piece.offset}"
    mail["X-Itops-Sha256"] = part.sha256
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(f"Mail {numbered} of the bundle {bundle.name}. It is read by itops at headquarters.\n")
    name = part.name if piece.length == part.size_bytes else f"{part.name}.{piece.offset:012d}"
    mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail


@contextmanager
def _opened(settings: SmtpSettings, size_bytes: int) -> Iterator["_Line"]:
    place = f"{settings.host}:{settings.port}"
    password = settings.password.reveal()
    if not (password.isascii() and settings.username.isascii()):
        raise ConfigInvalid(
            f"username or password for {place} is not ASCII", remedy="mail logins are ASCII here: give another password"
        )
    with ExitStack() as open_now:
        client = _Client(_dialled(settings), settings.host)
        open_now.callback(client.close)
        open_now.enter_context(within(seconds_for(size_bytes * 2), place, client.break_off))
        with _explained(settings, "it does not greet us"):
            client.greet()
        if settings.security == "starttls":
            _start_tls(client, settings)
        with _explained(settings, f"no login for {settings.username}"):
            client.login(settings.username, password)
        yield _Line(settings, client)
        with suppress(smtplib.SMTPException, OSError):  # all was acknowledged before
            client.quit()


def _dialled(settings: SmtpSettings) -> socket.socket:
    if settings.security == "tls":
        return dial(settings.host, settings.port, settings.tls, settings.timeout_seconds)
    return dial_plain(settings.host, settings.port, settings.timeout_seconds)


def _start_tls(client: "_Client", settings: SmtpSettings) -> None:
    with _explained(settings, "it begins no encryption; nothing was sent"):
        try:
            client.starttls(context=context_of(settings.tls))
        except (SSLError, UnicodeError) as failure:
            raise unavailable(failure, settings.host, settings.port) from failure
    secured = client.sock
    assert isinstance(secured, SSLSocket)
    check_pin(secured, settings.tls, settings.host, settings.port)


class _Line:
    """A mail server that let us in."""

    def __init__(self, settings: SmtpSettings, client: "_Client") -> None:
        self._settings = settings
        self._client = client

    def pieces(self, bundle: BundleOnDisk) -> tuple[Piece, ...]:
        """The mails to send, as long as the server takes them. Raises DeliveryRefused."""
        told = self._client.esmtp_features.get("size", "").strip()
        limit = int(told) if _NUMBER.fullmatch(told) else 0
        if 0 < limit < _SMALLEST_MESSAGE:
            raise DeliveryRefused(
                f"{self._settings.host} takes mails of {limit:,} bytes at most",
                remedy="have the limit raised for this account, or deliver another way",
            )
        return split(bundle, min(self._settings.most_message_bytes, limit or MOST_MESSAGE_BYTES))

    def send(self, bundle: BundleOnDisk, piece: Piece, numbered: str) -> None:
        """One mail. Raises SourceUnavailable, DeliveryRefused."""
        with opened(piece.part) as file:
            file.seek(piece.offset)
            content = read(file, piece.part, piece.length)
        mail = message(self._settings, bundle, piece, numbered, content).as_bytes()
        with _explained(self._settings, f"mail {numbered} is not taken", is_mail=True):
            self._client.sendmail(self._settings.sender, [self._settings.recipient], mail)


class _Client(smtplib.SMTP):
    """An SMTP client on a line that is there already, and that reads only so much."""

    def __init__(self, line: socket.socket, host: str) -> None:
        family, own = line.family, line.getsockname()[0]
        # As RFC 5321 writes addresses; the name of this machine is nobody's business, and DNS may not know it.
        super().__init__(local_hostname=f"[IPv6:{own}]" if family == socket.AF_INET6 else f"[{own}]")
        self.sock = line
        self._host = host  # what starttls() expects the certificate to name

    def greet(self) -> None:
        """Read the greeting, say ours."""
        code, said = self.getreply()
        if code != _READY:
            raise smtplib.SMTPConnectError(code, said)
        self.ehlo_or_helo_if_needed()

    def getreply(self) -> tuple[int, bytes]:
        """As smtplib's, which gathers the lines of an answer without end."""
        if self.file is None:
            assert self.sock is not None
            self.file = _Lines(self.sock.makefile("rb"))
        return super().getreply()

    def send(self, s: Any) -> None:
        """As smtplib's, in pieces: a socket's timeout is for all that is given to it at once."""
        data = s.encode(self.command_encoding) if isinstance(s, str) else s
        for offset in range(0, len(data), _PIECE):
            super().send(data[offset : offset + _PIECE])

    def break_off(self) -> None:
        """From another thread. Not SSLSocket.shutdown, which would let what is sent meanwhile out in plain."""
        if self.sock is not None:
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


class _Lines:
    """The answers of a server up to a bound; then it seems to have hung up."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._left = _MOST_SAID

    def readline(self, most: int) -> bytes:
        """As a file's."""
        line: bytes = self._file.readline(min(most, self._left))
        self._left -= len(line)
        return line

    def close(self) -> None:
        """As a file's."""
        self._file.close()


@contextmanager
def _explained(settings: SmtpSettings, what: str, *, is_mail: bool = False) -> Iterator[None]:
    """`is_mail`: what is refused is the mail itself, and may be so for good."""
    place = f"{settings.host}:{settings.port}"
    try:
        yield
    except smtplib.SMTPAuthenticationError as failure:
        raise SourceUnavailable(
            f"{place}: {what}: it refuses the account ({failure.smtp_code})", remedy="check username and password"
        ) from None  # what it says may repeat them
    except smtplib.SMTPRecipientsRefused as failure:
        code, said = next(iter(failure.recipients.values()), (0, b""))
        raise _refusal(f"{place}: {what}: the recipient is refused", code, said) from failure
    except smtplib.SMTPServerDisconnected as failure:
        raise SourceUnavailable(f"{place}: {what}: the connection broke", remedy=_LINE) from failure
    except smtplib.SMTPResponseException as failure:
        refusal = _refusal(f"{place}: {what}", failure.smtp_code, failure.smtp_error)
        if not is_mail:
            refusal = SourceUnavailable(refusal.problem, remedy=_LINE)
        raise refusal from failure
    except smtplib.SMTPException as failure:
        raise SourceUnavailable(
            f"{place}: {what}: {plain(str(failure))[:150]}",
            remedy="check port and security: 587 with starttls, 465 with tls; and whether the account may log in",
        ) from failure
    except ConnectionError as failure:
        raise SourceUnavailable(f"{place}: {what}: the connection broke", remedy=_LINE) from failure
    except OSError as failure:
        raise unavailable(failure, settings.host, settings.port) from failure


def _refusal(begun: str, code: int, said: bytes | str) -> SourceUnavailable | DeliveryRefused:
    """By the rule of RFC 5321: 4xx may be tried again, 5xx not; but a full mailbox is emptied some day."""
    text = plain(said.decode("utf-8", "replace") if isinstance(said, bytes) else said)[:150]
    problem = f"{begun}: {code} {text}"
    if code == _NO_ROOM or (code == _MAILBOX_FULL and not _TOO_LONG.search(text)):
        return SourceUnavailable(problem, remedy="the mailbox or its server is full: tell headquarters")
    if code >= _FOR_GOOD:
        return DeliveryRefused(problem, remedy="ask headquarters about the address and the longest mail it takes")
    return SourceUnavailable(problem, remedy="try again later")
