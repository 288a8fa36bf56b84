"""The channel `sms`: whatever gateway takes a text over HTTPS: itops.yaml describes its address, body and success.

It leaves the office, so it carries the summary alone. `{to}` and `{text}` say where things go; `{once}` is a number
that is the same in every try, for gateways that know a text again; each entry of `secrets` is a place of its name. A
value is written as the place demands: percent-encoded in an address, as JSON or form data in a body.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from urllib.parse import urlencode

from itops.alerts.channels import ChannelFailed, Message
from itops.notify.answers import refused, unreadable
from itops.notify.failures import told
from itops.notify.json_text import json_bytes, read_json
from itops.notify.plain_text import bare, cut
from itops.notify.templates import filled, places, refuse_unknown, without_places
from itops.notify.urls import Url
from itops.secrets import Secret
from itops.tls import Trust
from itops.wire.addresses import header_safe

if TYPE_CHECKING:
    from itops.wire.web import Reply

_OWN = ("to", "text", "once")
_TO = re.compile(r"[+0-9][0-9 ,;+]{0,199}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")
_HEADER_TEXT = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_OF_HTTP = frozenset({"host", "content-length", "content-type", "transfer-encoding", "connection"})
_PATH = re.compile(r"[^.]{1,60}(?:\.[^.]{1,60}){0,9}")
_TELLING = re.compile(r"-?[0-9]{1,6}")
_ONCE_DIGITS = 9
_MOST_ID = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsSettings:
    """A gateway, and one number: each has a delivery of its own."""

    url: str
    """`https://HOST/PATH?QUERY` with `{places}`."""
    to: str
    """A number as the gateway wants it; several, where the gateway takes them in one text."""
    method: Literal["POST", "GET"] = "POST"
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """Constant, or with the places of `secrets`."""
    body: Mapping[str, Any] = field(default_factory=dict)
    format: Literal["form", "json"] = "form"
    answer_path: str | None = None
    """Where in a JSON answer the result stands: `return.status`, `entries.0.status`."""
    answer_is: tuple[str, ...] = ()
    """What must stand there."""
    answer_has: str | None = None
    """What must occur in the answer, where that is no JSON."""
    answer_id: str | None = None
    """Where in a JSON answer the number of the text stands."""
    most_characters: int = field(default=335, metadata={"range": (60, 1_000)})
    """Of one text: a Persian SMS has 70, each of several joined ones 67."""
    tls: Trust = field(default_factory=Trust)
    timeout_seconds: float = field(default=30.0, metadata={"range": (1, 600)})  # for the whole of it

    def __post_init__(self) -> None:
        if not _TO.fullmatch(self.to):
            raise ValueError("to should be a number: digits, and + before them")
        for name in self.secrets:
            if not _NAME.fullmatch(name) or name in _OWN:
                raise ValueError("secrets: names are small letters, digits and _, and none of to, text, once")
        known = (*_OWN, *self.secrets)
        Url.of(self.url, known)
        refuse_unknown("body", self.body, known)
        self._judge_headers()
        self._judge_body()
        self._judge_answer()

    def _judge_headers(self) -> None:
        for name, text in self.headers.items():
            refuse_unknown(f"headers.{name}", text, tuple(self.secrets))
            if not _HEADER.fullmatch(name) or name.lower() in _OF_HTTP:
                raise ValueError(f"headers.{name} is no header to be set here")
            if not _HEADER_TEXT.fullmatch(without_places(text)):
                raise ValueError(f"headers.{name} may hold visible ASCII alone")

    def _judge_body(self) -> None:
        if self.method == "GET" and self.body:
            raise ValueError("body: a GET has none; write its fields into the query of url")
        if self.format == "form" and not all(isinstance(held, str | int) for held in self.body.values()):
            raise ValueError("body: a form has plain values; for sections and lists write format: json")
        if "text" not in {*places(self.url), *places(self.body)}:
            raise ValueError("{text} stands neither in url nor in body: what would be sent?")

    def _judge_answer(self) -> None:
        if (self.answer_path is None) is not (not self.answer_is):
            raise ValueError("answer_path and answer_is belong together: where to look, and what must stand there")
        for path in (self.answer_path, self.answer_id):
            if path is not None and not _PATH.fullmatch(path):
                raise ValueError("answer_path and answer_id are names and numbers with dots between: return.status")


class SmsChannel:
    """A gateway to telephones."""

    Settings: ClassVar[type] = SmsSettings
    stays_inside: ClassVar[bool] = False

    def __init__(self, name: str, settings: SmsSettings) -> None:
        self.name = name
        self._settings = settings

    def send(self, message: Message) -> str:
        """See `Channel`: the number of the text, where `answer_id` says where it stands."""
        settings = self._settings
        place = Url.of(settings.url, (*_OWN, *settings.secrets)).address.place
        own = {
            "to": settings.to,
            "text": cut(bare(message.summary), settings.most_characters),
            "once": _once(f"{self.name} {message.id}"),
        }
        with told():
            reply = self._asked(own)
        if not 200 <= reply.status < 300:
            raise refused(place, reply.status)
        return judged(settings, place, reply.body)

    def _asked(self, own: Mapping[str, str]) -> "Reply":
        from itops.notify.web_call import Call, answered  # noqa: PLC0415  settings alone are read far more often

        settings = self._settings
        secrets = {name: header_safe(secret, f"secrets.{name}") for name, secret in settings.secrets.items()}
        values = {**own, **secrets}
        url = Url.of(settings.url, values)
        headers = {name: str(filled(text, secrets)) for name, text in settings.headers.items()}
        body = None
        if settings.method == "POST":
            told_fields = filled(settings.body, values)
            is_form = settings.format == "form"
            headers["Content-Type"] = "application/x-www-form-urlencoded" if is_form else "application/json"
            body = urlencode(told_fields).encode("ascii") if is_form else json_bytes(told_fields)
        call = Call(address=url.address, method=settings.method, target=url.filled(values), headers=headers, body=body)
        return answered(call, settings.tls, settings.timeout_seconds)


def _once(id_: str) -> str:
    digest = sha256(id_.encode("utf-8", "surrogatepass")).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**_ONCE_DIGITS:0{_ONCE_DIGITS}d}"


def judged(settings: SmsSettings, place: str, body: bytes) -> str:
    """The number of the text. Raises ChannelFailed when the answer is none that means success.

    Not for good: a gateway says so, too, when there is no credit or the operator's line is down.
    """
    if settings.answer_has is not None and settings.answer_has not in body.decode("utf-8", "replace"):
        raise ChannelFailed(
            f"{place} answers without what `answer_has` wants",
            "see in the gateway's panel what became of the text; it may say why",
        )
    if settings.answer_path is None and settings.answer_id is None:
        return ""
    try:
        said = read_json(body)
    except ValueError:
        raise unreadable(place) from None
    if settings.answer_path is not None:
        found = _at(said, settings.answer_path)
        if found not in settings.answer_is:
            shown = found if found is not None and _TELLING.fullmatch(found) else "something else"
            raise ChannelFailed(
                f"{place} answers {shown} at {settings.answer_path}, not {' or '.join(settings.answer_is)}",
                "look the number up in the gateway's description; see in its panel whether there is credit",
            )
    return (_at(said, settings.answer_id) or "")[:_MOST_ID] if settings.answer_id else ""


def _at(said: Any, path: str) -> str | None:
    """What stands at a path, as text; None when there is nothing, or a section or list."""
    for step in path.split("."):
        if isinstance(said, dict):
            said = said.get(step)
        elif isinstance(said, list) and step.isdecimal() and int(step) < len(said):
            said = said[int(step)]
        else:
            return None
    if isinstance(said, bool):
        return "true" if said else "false"
    return bare(str(said)) if isinstance(said, str | int | float) else None
