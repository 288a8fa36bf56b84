"""The channel `bot`: a messenger that speaks the Bot API of Telegram, at whatever address it is: Bale is one.

It leaves the office, so it carries the summary alone. The text has no markup: nothing in it is read as a command.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from itops.alerts.channels import ChannelFailed, Message
from itops.notify.answers import refused, unreadable
from itops.notify.failures import told
from itops.notify.json_text import json_bytes, read_json
from itops.notify.plain_text import cut, one_line
from itops.notify.urls import Url, percent
from itops.secrets import Secret
from itops.tls import Trust
from itops.wire.addresses import header_safe

if TYPE_CHECKING:
    from itops.wire.web import Reply

_OK = 200
_MOST_TEXT = 4096
_WORDS = {
    400: ("it does not know the chat, or does not take the text", "check `chat`; write to the bot there once"),
    401: ("it does not know the token", "check the token, or have the messenger make a new one"),
    403: ("the bot may not write to the chat", "let it into the group, or have the person start it"),
    404: ("it does not know the token, or there is no such service", "check the token and `url`"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BotSettings:
    """A bot, and the chat it writes to: one, so that each has a delivery of its own."""

    url: str
    """`https://HOST`, what stands before `/botTOKEN/sendMessage`."""
    token: Secret
    chat: str
    """A number, or the @name of a channel."""
    tls: Trust = field(default_factory=Trust)
    timeout_seconds: float = field(default=30.0, metadata={"range": (1, 600)})  # for the whole of it

    def __post_init__(self) -> None:
        if "?" in self.url:
            raise ValueError("url should be https://HOST, what stands before /botTOKEN/sendMessage")
        Url.of(self.url)


class BotChannel:
    """A messenger."""

    Settings: ClassVar[type] = BotSettings
    stays_inside: ClassVar[bool] = False

    def __init__(self, name: str, settings: BotSettings) -> None:
        self.name = name
        self._settings = settings

    def send(self, message: Message) -> str:
        """See `Channel`: the number of the message in its chat."""
        place = Url.of(self._settings.url).address.place
        with told():
            reply = self._asked(cut(one_line(message.summary), _MOST_TEXT))
        return _number(place, reply)

    def _asked(self, text: str) -> "Reply":
        from itops.notify.web_call import Call, answered  # noqa: PLC0415  settings alone are read far more often

        settings = self._settings
        url = Url.of(settings.url)
        token = percent(header_safe(settings.token, "token")).replace("%3A", ":")
        call = Call(
            address=url.address,
            method="POST",
            target=f"{url.target.rstrip('/')}/bot{token}/sendMessage",
            headers={"Content-Type": "application/json"},
            body=json_bytes({"chat_id": settings.chat, "text": text}),
        )
        return answered(call, settings.tls, settings.timeout_seconds)


def _number(place: str, reply: "Reply") -> str:
    if reply.status != _OK:
        raise refused(place, reply.status, _WORDS)
    try:
        said = read_json(reply.body)
    except ValueError:
        raise unreadable(place) from None
    if not isinstance(said, dict) or not isinstance(said.get("ok"), bool):
        raise unreadable(place)
    if not said["ok"]:
        raise _not_ok(place, said)
    result = said.get("result")
    number = result.get("message_id") if isinstance(result, dict) else None
    return str(number) if isinstance(number, int) else ""


def _not_ok(place: str, said: dict[str, Any]) -> ChannelFailed:
    """200 and yet a refusal: the number of it tells more."""
    code = said.get("error_code")
    if isinstance(code, int) and 300 <= code < 600:
        return refused(place, code, _WORDS)
    return ChannelFailed(f"{place} does not take the message, and does not say why", "see `chat` and the token")
