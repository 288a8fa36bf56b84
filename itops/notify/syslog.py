"""The channel `syslog`: RFC 5424 over TLS (RFC 5425) or TCP, one record for each incident, with structured data.

Octet counting says where a record ends. Syslog knows no receipt; what a line can show at its end is looked at (see
itops/wire/parting.py), so that a collector that refuses us is no success.
"""

import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC
from typing import ClassVar, Literal

from itops.alerts.channels import Message, MessageLine
from itops.errors import SourceUnavailable
from itops.notify.failures import told
from itops.notify.plain_text import bare
from itops.tls import Trust, dial, dial_plain, unavailable
from itops.verdict import State
from itops.wire.limits import break_off, reached, within
from itops.wire.parting import part

Facility = Literal["user", "daemon", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"]
_FACILITIES = {"user": 1, "daemon": 3, **{f"local{number}": 16 + number for number in range(8)}}
_SEVERITIES = {State.OK: 6, State.WARNING: 4, State.CRITICAL: 2, State.UNKNOWN: 3}
_ELEMENT = "itops@32473"
"""The name of our structured data. 32473 is set aside for examples (RFC 5612): we have no number of our own."""
_MOST_RECORD = 8000
"""Bytes. rsyslog cuts at 8 KiB unless told otherwise."""
_MOST_VALUE = 300
_MOST_WORD = 255
_PARTING_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SyslogSettings:
    """A collector of logs."""

    host: str
    security: Literal["tls", "plain"] = "tls"
    port: int = field(default=6514, metadata={"range": (1, 65535)})
    tls: Trust = field(default_factory=Trust)
    facility: Facility = "local0"
    hostname: str | None = None
    """Under which name the collector shall keep it; without it, the office's."""
    timeout_seconds: float = field(default=30.0, metadata={"range": (1, 600)})  # for the whole of it

    def __post_init__(self) -> None:
        if self.hostname is not None and _word(self.hostname) != self.hostname:
            raise ValueError("hostname should be visible ASCII without spaces")


class SyslogChannel:
    """A collector of logs."""

    Settings: ClassVar[type] = SyslogSettings
    stays_inside: ClassVar[bool] = True

    def __init__(self, name: str, settings: SyslogSettings) -> None:
        self.name = name
        self._settings = settings

    def send(self, message: Message) -> str:
        """See `Channel`: nothing, as a collector never says a word."""
        framed = b"".join(b"%d %s" % (len(record), record) for record in records(self._settings, message))
        with told():
            self._carry(framed)
        return ""

    def _carry(self, framed: bytes) -> None:
        settings = self._settings
        place = f"{settings.host}:{settings.port}"
        deadline = time.monotonic() + settings.timeout_seconds
        line = reached(self._dialled, settings.timeout_seconds, place)
        try:
            with within(deadline - time.monotonic(), place, lambda: break_off(line)):
                _hand_over(line, framed, place)
        finally:
            line.close()

    def _dialled(self) -> socket.socket:
        settings = self._settings
        if settings.security == "tls":
            return dial(settings.host, settings.port, settings.tls, settings.timeout_seconds)
        return dial_plain(settings.host, settings.port, settings.timeout_seconds)


def _hand_over(line: socket.socket, framed: bytes, place: str) -> None:
    try:
        line.sendall(framed)
        part(line, _PARTING_SECONDS)
    except ConnectionError as failure:
        raise SourceUnavailable(
            f"the connection to {place} broke", remedy="check the line, and what the collector logs about us"
        ) from failure
    except ssl.SSLError as failure:
        raise SourceUnavailable(
            f"{place} ended the encrypted connection: {failure.reason}",
            remedy="check whether the collector wants a certificate of ours, and what it logs about us",
        ) from failure
    except OSError as failure:
        raise unavailable(failure, *_host_and_port(place)) from failure


def _host_and_port(place: str) -> tuple[str, int]:
    host, _, port = place.rpartition(":")
    return host, int(port)


def records(settings: SyslogSettings, message: Message) -> Iterator[bytes]:
    """One for each incident; where there is none, one for the message."""
    if not message.lines:
        yield _record(settings, message, message.state, {}, message.title)
    for line in message.lines:
        more = {"subject": line.subject, "owner": line.owner, "since": _moment(line)}
        yield _record(settings, message, line.state, more, f"{line.subject}: {line.text}")


def _moment(line: MessageLine) -> str:
    return "" if line.since is None else line.since.astimezone(UTC).isoformat()


def _record(settings: SyslogSettings, message: Message, state: State, more: dict[str, str], text: str) -> bytes:
    priority = _FACILITIES[settings.facility] * 8 + _SEVERITIES[state]
    moment = message.made_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    host = _word(settings.hostname or message.office)
    known = {
        "id": message.id,
        "thread": message.thread,
        "kind": message.kind.value,
        "state": state.name,
        "office": message.office,
        "report": message.report,
        **more,
    }
    data = "".join(f' {name}="{_escaped(value)}"' for name, value in known.items() if value)
    head = f"<{priority}>1 {moment} {host} itops - {message.kind.value} [{_ELEMENT}{data}] "
    # A byte order mark tells that the text is UTF-8, as RFC 5424 wants it.
    return f"{head}\ufeff{bare(text)}".encode()[:_MOST_RECORD].decode("utf-8", "ignore").encode()


def _word(text: str) -> str:
    """As the head of a record takes it: visible ASCII, `-` for nothing."""
    return "".join(letter if "!" <= letter <= "~" else "_" for letter in text)[:_MOST_WORD] or "-"


def _escaped(value: str) -> str:
    short = bare(value)[:_MOST_VALUE]
    return short.replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")
