"""A message as JSON, for programs of the office's own: all of it, or fields as another system calls them."""

from collections.abc import Mapping
from typing import Any

from itops.alerts.channels import Message
from itops.jsonable import jsonable
from itops.notify.plain_text import one_line
from itops.notify.wording import as_text, words_of

SCHEMA = "itops.message/1"


def document(message: Message) -> dict[str, Any]:
    """The whole message: moments in UTC, states by name."""
    return {"schema": SCHEMA, **jsonable(message)}


def values(message: Message) -> Mapping[str, str]:
    """What may be filled into a template, by its name in webhook.FIELDS."""
    return {
        "summary": one_line(message.summary),
        "title": one_line(message.title),
        "text": as_text(message, words_of(message)),
        "id": one_line(message.id),
        "thread": one_line(message.thread),
        "kind": message.kind.value,
        "state": message.state.name,
        "office": one_line(message.office),
        "language": message.language,
        "report": one_line(message.report),
        "made_at": str(jsonable(message.made_at)),
    }
