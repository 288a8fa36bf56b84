"""The ping `healthchecks`: a dead-man switch that speaks as Healthchecks does, at whatever address it is.

POST to the address resets the switch, to `/fail` below it lets it go off at once, to `/log` changes nothing. It leaves
the office, so it carries counts alone. A hosted Healthchecks answers 200 even where it takes nothing, and says so in
the body: `OK (not found)`, `OK (rate limited)`. Source: its documentation of the pinging API.
"""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from itops.alerts.channels import ChannelFailed
from itops.bundles.pings import Pulse
from itops.errors import SourceUnavailable
from itops.notify.answers import refused
from itops.notify.failures import told
from itops.notify.templates import places
from itops.notify.urls import Url
from itops.secrets import Secret
from itops.tls import Trust
from itops.wire.addresses import header_safe

if TYPE_CHECKING:
    from itops.notify.web_call import Call
    from itops.wire.web import Reply

_TOKEN = "token"  # noqa: S105  the name of a place in the address
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\]|localhost):[0-9]")
_WORDS = {
    404: ("it knows no such switch", "check `url` and the token: copy the ping address of the switch again"),
    409: ("several switches have that name", "use the address with the unique number (UUID) of the switch"),
}
_NOT_TAKEN = (
    (b"OK (not found)", *_WORDS[404]),
    (b"OK (rate limited)", "it was asked too often", "ping less often; once an hour is plenty"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthchecksSettings:
    """A switch."""

    url: str
    """Its ping address, `https://HOST/PATH`; `{token}` stands where the secret part does. `http://127.0.0.1:PORT/PATH`
    on this machine alone: to a program that forwards it."""
    token: Secret | None = None
    says: Literal["alive", "state"] = "alive"
    """`alive`: itops lives, whatever it sees. `state`: it goes off, too, as long as anything is CRITICAL, and nothing
    resets it while nothing that is known is of now."""
    tls: Trust = field(default_factory=Trust)
    timeout_seconds: float = field(default=30.0, metadata={"range": (1, 600)})  # for the whole of it

    def __post_init__(self) -> None:
        _url(self.url)
        has_place = _TOKEN in places(self.url)
        if self.token is None and has_place:
            raise ValueError("url holds {token}, and there is no token")
        if self.token is not None and not has_place:
            raise ValueError("token is there, and url has no place for it: write {token} where it stands")


class HealthchecksPing:
    """See itops.bundles.pings.Ping."""

    Settings: ClassVar[type] = HealthchecksSettings

    def __init__(self, name: str, settings: HealthchecksSettings) -> None:
        self.name = name
        self._settings = settings

    def ping(self, pulse: Pulse) -> str:
        """See `Ping`."""
        word = _word(pulse) if self._settings.says == "state" else "alive"
        place = _url(self._settings.url)[0].address.place
        try:
            with told():
                reply = self._asked("" if word == "alive" else f"/{word}", pulse.line)
            _must_be_taken(place, reply)
        except ChannelFailed as failure:
            raise SourceUnavailable(failure.problem, remedy=failure.remedy) from None
        return word

    def _asked(self, below: str, line: str) -> "Reply":
        from itops.notify.web_call import Call, answered  # noqa: PLC0415  settings alone are read far more often

        settings = self._settings
        url, is_plain = _url(settings.url)
        token = "" if settings.token is None else header_safe(settings.token, "token")
        path, mark, query = url.filled({_TOKEN: token}, slashes=True).partition("?")
        call = Call(
            address=url.address,
            method="POST",
            target=f"{path.rstrip('/') if below else path}{below}{mark}{query}",
            headers={"Content-Type": "text/plain; charset=utf-8"},
            body=f"{line}\n".encode(),
        )
        if is_plain:
            return _answered_here(call, settings.timeout_seconds)
        return answered(call, settings.tls, settings.timeout_seconds)


def _answered_here(call: "Call", seconds: float) -> "Reply":
    """As `answered`, without TLS: from this machine."""
    from itops.notify.web_call import MOST_ANSWER  # noqa: PLC0415  as above
    from itops.tls import dial_plain  # noqa: PLC0415  as above
    from itops.wire.limits import within  # noqa: PLC0415  as above
    from itops.wire.web import Web  # noqa: PLC0415  as above

    class PlainWeb(Web):
        def _dialled(self) -> Any:
            return dial_plain(self.address.host, self.address.port, seconds)

    web = PlainWeb(call.address, Trust(), seconds, call.headers)
    body = call.body or b""
    try:
        with within(seconds, call.address.place, web.break_off):
            return web.ask(call.method, call.target, blocks=(body,), length=len(body), most_bytes=MOST_ANSWER)
    finally:
        web.close()


def _must_be_taken(place: str, reply: "Reply") -> None:
    """Raises ChannelFailed."""
    if not 200 <= reply.status < 300:
        raise refused(place, reply.status, _WORDS)
    for beginning, problem, remedy in _NOT_TAKEN:
        if reply.body.startswith(beginning):
            raise ChannelFailed(f"{place} answers {reply.status} and says: {problem}", remedy)


def _word(pulse: Pulse) -> str:
    if pulse.critical:
        return "fail"
    return "log" if pulse.is_blind else "alive"


def _url(url: str) -> tuple[Url, bool]:
    """The address, and whether it is spoken to without TLS. Raises ValueError saying what it may not hold."""
    is_plain = _LOOPBACK.match(url) is not None
    found = Url.of(f"https{url[4:]}" if is_plain else url, [_TOKEN])
    return found, is_plain
