"""A line to a mail server: encrypted or not used, in time, its answers read up to a bound, its refusals told apart."""

import re
import smtplib
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from ssl import SSLError, SSLSocket
from typing import Any

from itops.errors import ConfigInvalid, DeliveryRefused, SourceUnavailable
from itops.secrets import Secret
from itops.text import counted, plain
from itops.tls import Trust, check_pin, context_of, dial, dial_plain, unavailable
from itops.wire.addresses import Security
from itops.wire.limits import break_off, reached, within
from itops.wire.refusals import LoginRefused

_PIECE = 64 * 1024
_MOST_SAID = 1 << 20  # by a server, in all
_NUMBER = re.compile(r"[0-9]{1,18}")
_READY, _DONE, _FORWARDED, _NO_ROOM, _FOR_GOOD, _MAILBOX_FULL = 220, 250, 251, 452, 500, 552
_TOO_LONG = re.compile(r"5\.(?:3\.4|2\.3)\b")  # 552 stands for both; enhanced codes of RFC 3463 tell them apart
_LINE = "check the line, and whether a mail program can send over that server"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A server that takes mail, from an account where it wants one."""

    host: str
    port: int
    security: Security
    tls: Trust
    timeout_seconds: float  # for one answer
    username: str | None = None
    password: Secret | None = field(default=None, repr=False)

    @property
    def place(self) -> str:
        """As people write it."""
        return f"{self.host}:{self.port}"


@contextmanager
def mail_line(server: MailServer, seconds: float) -> Iterator["MailLine"]:
    """A line to the server that is encrypted and logged in, for so many seconds in all.

    Raises ConfigInvalid, SourceUnavailable and, of it, LoginRefused.
    """
    account = _account(server)
    deadline = time.monotonic() + seconds
    with ExitStack() as open_now:
        client = _Client(reached(lambda: _dialled(server), seconds, server.place), server.host)
        open_now.callback(client.close)
        open_now.enter_context(within(deadline - time.monotonic(), server.place, client.break_off))
        with _explained(server, "it does not greet us"):
            client.greet()
        if server.security == "starttls":
            _start_tls(client, server)
        if account is not None:
            _log_in(client, server, account)
        yield MailLine(server, client)
        with suppress(smtplib.SMTPException, OSError):  # all was acknowledged before
            client.quit()


class MailLine:
    """A mail server that let us in."""

    def __init__(self, server: MailServer, client: "_Client") -> None:
        self._server = server
        self._client = client

    @property
    def most_bytes(self) -> int | None:
        """Of one mail, as the server says; None: it says nothing."""
        told = self._client.esmtp_features.get("size", "").strip()
        return int(told) or None if _NUMBER.fullmatch(told) else None

    def post(self, sender: str, recipients: Sequence[str], mail: bytes, what: str) -> str:
        """Send one mail, which the errors call `what`; the server's last word, which often names it.

        Raises SourceUnavailable and DeliveryRefused. Where only some recipients are refused the others have it.
        """
        with _explained(self._server, f"{what} is not taken", is_mail=True):
            _answered(self._client.mail(sender, [f"size={len(mail)}"] if self.most_bytes else []))
            refused = self._refused(recipients)
            if len(refused) == len(recipients):
                raise smtplib.SMTPRecipientsRefused(refused)
            said = _answered(self._client.data(mail))
        if refused:
            code, why = min(refused.values())  # one that may be tried again decides
            some = f"{len(refused)} of {counted('recipient', 'recipients', len(recipients))}"
            raise _refusal(f"{self._server.place}: it refuses {some}, the others have it", code, why)
        return plain(said.decode("utf-8", "replace"))[:200]

    def _refused(self, recipients: Sequence[str]) -> dict[str, tuple[int, bytes]]:
        answers = {recipient: self._client.rcpt(recipient) for recipient in recipients}
        return {recipient: answer for recipient, answer in answers.items() if answer[0] not in {_DONE, _FORWARDED}}


def _answered(answer: tuple[int, bytes]) -> bytes:
    code, said = answer
    if code != _DONE:
        raise smtplib.SMTPResponseException(code, said)
    return said


def _account(server: MailServer) -> tuple[str, Secret] | None:
    if server.username is None or server.password is None:
        return None
    if not (server.username.isascii() and server.password.reveal().isascii()):
        raise ConfigInvalid(
            f"username or password for {server.place} is not ASCII",
            remedy="mail logins are ASCII here: give another password",
        )
    return server.username, server.password


def _log_in(client: "_Client", server: MailServer, account: tuple[str, Secret]) -> None:
    username, password = account
    with _explained(server, f"no login for {username}"):
        client.login(username, password.reveal())


def _dialled(server: MailServer) -> socket.socket:
    if server.security == "tls":
        return dial(server.host, server.port, server.tls, server.timeout_seconds)
    return dial_plain(server.host, server.port, server.timeout_seconds)


def _start_tls(client: "_Client", server: MailServer) -> None:
    with _explained(server, "it begins no encryption; nothing was sent"):
        try:
            client.starttls(context=context_of(server.tls))
        except (SSLError, UnicodeError) as failure:
            raise unavailable(failure, server.host, server.port) from failure
    secured = client.sock
    assert isinstance(secured, SSLSocket)
    check_pin(secured, server.tls, server.host, server.port)


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
        """From another thread."""
        if self.sock is not None:
            break_off(self.sock)


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
def _explained(server: MailServer, what: str, *, is_mail: bool = False) -> Iterator[None]:
    """`is_mail`: what is refused is the mail itself, and may be so for good."""
    place = server.place
    try:
        yield
    except smtplib.SMTPAuthenticationError as failure:
        kind = LoginRefused if failure.smtp_code >= _FOR_GOOD else SourceUnavailable
        raise kind(
            f"{place}: {what}: it refuses the account ({failure.smtp_code})", remedy="check username and password"
        ) from None  # what it says may repeat them
    except smtplib.SMTPRecipientsRefused as failure:
        code, said = min(failure.recipients.values(), default=(0, b""))
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
        raise unavailable(failure, server.host, server.port) from failure


def _refusal(begun: str, code: int, said: bytes | str) -> SourceUnavailable | DeliveryRefused:
    """By the rule of RFC 5321: 4xx may be tried again, 5xx not; but a full mailbox is emptied some day."""
    text = plain(said.decode("utf-8", "replace") if isinstance(said, bytes) else said)[:150]
    problem = f"{begun}: {code} {text}"
    if code == _NO_ROOM or (code == _MAILBOX_FULL and not _TOO_LONG.search(text)):
        return SourceUnavailable(problem, remedy="the mailbox or its server is full: tell whoever keeps it")
    if code >= _FOR_GOOD:
        return DeliveryRefused(problem, remedy="ask whoever keeps the mailbox about the address and the longest mail")
    return SourceUnavailable(problem, remedy="try again later")
