"""Inventories in JSON: the format of GLPI (`inventory_format`), and our own cleaned files, which are the same and less.

JSON is read whole, so its size, its brackets and its commas are counted first: ten bytes of `[` can cost a kilobyte.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from itops.sources.agents.kept import KEPT, Draft, Inventory, clean
from itops.sources.agents.refusals import Hostile, Unreadable

SCHEMA = "itops.agents.inventory/1"
_MOST_BRACKETS = 400_000
_MOST_COMMAS = 3_000_000
_MOST_JOINED = 16


def read_json(data: bytes) -> Inventory:
    """The inventory in it; raises NotTaken."""
    return inventory_of(read_object(data))


def read_object(data: bytes) -> dict[str, Any]:
    """The object in it, bounded; raises NotTaken."""
    if data.count(b"[") + data.count(b"{") > _MOST_BRACKETS or data.count(b",") > _MOST_COMMAS:
        raise Hostile(f"more than {_MOST_BRACKETS:,} lists and objects or {_MOST_COMMAS:,} values")
    try:
        told = json.loads(data, parse_constant=_refused)
    except RecursionError:
        raise Hostile("lists and objects nested without end") from None
    except ValueError as wrong:  # UnicodeDecodeError, too
        raise Unreadable(f"it is no JSON: {clean(str(wrong))[:80]}") from None
    if not isinstance(told, dict):
        raise Unreadable("it is JSON, but no object")
    return told


def inventory_of(told: Mapping[str, Any]) -> Inventory:
    """The inventory in an object; raises NotTaken."""
    content, device_id = told.get("content"), _text(told.get("deviceid"))
    if not isinstance(content, dict) or not device_id:
        raise Unreadable("it is JSON without `deviceid` and `content`: no inventory of an agent")
    draft = Draft()
    for name, held in content.items():
        for entry in held if isinstance(held, list) else [held]:
            _gather(draft, name.lower(), entry)
    return Inventory(
        device_id=device_id,
        agent_id=_text(told.get("agentid")) or None,
        item_type=_text(told.get("itemtype")) or None,
        is_partial=told.get("partial") is True,
        received_at=_moment(told.get("received_at")),
        sections=draft.done(),
        private=frozenset(draft.private),
    )


def written(inventory: Inventory) -> bytes:
    """A cleaned file: what is kept, in the format it came in; `read_json` reads it back."""
    content = {name: dict(items[0]) if len(items) == 1 else list(items) for name, items in inventory.sections.items()}
    told = {
        "schema": SCHEMA,
        "deviceid": inventory.device_id,
        "agentid": inventory.agent_id,
        "itemtype": inventory.item_type,
        "partial": inventory.is_partial,
        "received_at": inventory.received_at.isoformat() if inventory.received_at else None,
        "content": content,
    }
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _gather(draft: Draft, section: str, entry: Any) -> None:
    item = draft.begin(section)
    if item is None or not isinstance(entry, dict):
        return
    for name, value in entry.items():
        key = name.lower()
        nested = value if isinstance(value, dict) else {}
        for full, held in ((key, value), *((f"{key}.{inner}".lower(), told) for inner, told in nested.items())):
            if full in KEPT[section] and (told := _text(held)):
                item.setdefault(full, told)


def _text(value: Any) -> str:
    """Texts, numbers and yes or no as text, lists of texts joined; anything else is nothing."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        return str(value)[:40] if not isinstance(value, int) or abs(value) < 1 << 64 else ""
    if isinstance(value, list):
        return clean(" ".join(one for one in value[:_MOST_JOINED] if isinstance(one, str)))
    return clean(value) if isinstance(value, str) else ""


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
