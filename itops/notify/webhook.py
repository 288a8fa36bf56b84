"""The channel `webhook`: JSON to a web server: Rocket.Chat, Mattermost, a ticket system, a program of the office's own.

It carries the summary alone, unless `inside: true` says that the server is the office's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from itops.alerts.channels import Message
from itops.notify.answers import refused
from itops.notify.failures import told
from itops.notify.json_text import json_bytes
from itops.notify.plain_text import one_line
from itops.notify.templates import filled, places, refuse_unknown
from itops.notify.urls import Url
from itops.secrets import Secret
from itops.tls import Trust
from itops.wire.addresses import header_safe

if TYPE_CHECKING:
    from itops.wire.web import Reply

FIELDS = ("summary", "title", "text", "id", "thread", "kind", "state", "office", "language", "report", "made_at")
"""What a template may ask for. Only the first names nothing."""
_TOKEN = "token"  # noqa: S105  the name of a place in the address
_OUTSIDE: Mapping[str, Any] = {"text": "{summary}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings:
    """Where to post what."""

    url: str
    """`https://HOST/PATH`; `{token}` in it is where the token stands, else it travels as `Authorization: Bearer`."""
    token: Secret | None = None
    inside: bool = False
    """The server is the office's own: it may be told names."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """What to post, under the names the server wants: `{text: "{title}"}`; without it the whole message inside, and
    `{text: "{summary}"}` outside."""
    tls: Trust = field(default_factory=Trust)
    timeout_seconds: float = field(default=30.0, metadata={"range": (1, 600)})  # for the whole of it

    def __post_init__(self) -> None:
        Url.of(self.url, [_TOKEN])
        if self.token is None and _TOKEN in places(self.url):
            raise ValueError("url holds {token}, and there is no token")
        refuse_unknown("fields", self.fields, FIELDS if self.inside else FIELDS[:1])
        if self.fields and not any(places(self.fields)):
            raise ValueError("fields: nothing of the message is in them; write {summary} where it shall stand")


class WebhookChannel:
    """A web server that takes JSON."""

    Settings: ClassVar[type] = WebhookSettings

    def __init__(self, name: str, settings: WebhookSettings) -> None:
        self.name = name
        self._settings = settings

    @property
    def stays_inside(self) -> bool:
        """See `Channel`: what its settings say."""
        return self._settings.inside

    def send(self, message: Message) -> str:
        """See `Channel`: nothing, as no two servers say it the same way."""
        body = json_bytes(self._posted(message))
        with told():
            reply = self._asked(body)
        if not 200 <= reply.status < 300:
            raise refused(Url.of(self._settings.url, [_TOKEN]).address.place, reply.status)
        return ""

    def _posted(self, message: Message) -> Any:
        settings = self._settings
        if not settings.inside:
            return filled(settings.fields or _OUTSIDE, {"summary": one_line(message.summary)})
        from itops.notify.documents import document, values  # noqa: PLC0415  as below

        return filled(settings.fields, values(message)) if settings.fields else document(message)

    def _asked(self, body: bytes) -> "Reply":
        from itops.notify.web_call import Call, answered  # noqa: PLC0415  settings alone are read far more often

        settings = self._settings
        url = Url.of(settings.url, [_TOKEN])
        token = None if settings.token is None else header_safe(settings.token, "token")
        headers = {"Content-Type": "application/json"}
        if token is not None and _TOKEN not in places(settings.url):
            headers["Authorization"] = f"Bearer {token}"
        call = Call(
            address=url.address,
            method="POST",
            target=url.filled({_TOKEN: token or ""}, slashes=True),
            headers=headers,
            body=body,
        )
        return answered(call, settings.tls, settings.timeout_seconds)
