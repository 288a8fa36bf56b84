"""What agents say over HTTP and what they want to hear, as values: no socket, no file, no clock.

Two languages: XML (`PROLOG`, which asks whether an inventory is wanted, then `INVENTORY`), and GLPI's JSON (`contact`,
`inventory`). An answer is packed where the question was, as both agents expect.
"""

import json
import re
import zlib
from dataclasses import dataclass, replace
from typing import Any

from itops.sources.agents.json_text import inventory_of, read_object
from itops.sources.agents.kept import Inventory, clean
from itops.sources.agents.unpacking import is_xml, unpacked
from itops.sources.agents.xml_text import read_xml

NOT_WANTED = "environment,process,local_user,local_group"
"""Categories that a GLPI Agent is told not to gather at all. Older agents cannot be told; theirs are dropped here."""
_HOURS = 24  # until the agent is to come again
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SEND = f"<REPLY><RESPONSE>SEND</RESPONSE><PROLOG_FREQ>{_HOURS}</PROLOG_FREQ></REPLY>"
_THANKS = "<REPLY><RESPONSE>no_account_update</RESPONSE></REPLY>"
_NOTHING = "<REPLY></REPLY>"
_INVENTORIES = {"", "inventory", "netinventory"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What to send back, and the inventory that came, if one did."""

    body: bytes
    content_type: str
    inventory: Inventory | None = None


def answer(body: bytes, agent_id: str | None) -> Answer:
    """To one request; `agent_id` is the header GLPI-Agent-ID. Raises NotTaken."""
    told = unpacked(body)
    known = agent_id.lower() if agent_id and _UUID.fullmatch(agent_id) else None
    said = _to_xml(told, known) if is_xml(told) else _to_json(read_object(told), known)
    is_packed = told is not body
    if is_packed and said.content_type == "application/xml":
        return replace(said, body=zlib.compress(said.body), content_type="application/x-compress-zlib")
    return said


def _to_xml(told: bytes, agent_id: str | None) -> Answer:
    request = read_xml(told)
    if request.query == "PROLOG":
        return _xml(_SEND)
    if request.query == "INVENTORY" and request.inventory.sections:
        return _xml(_THANKS, replace(request.inventory, agent_id=agent_id))
    return _xml(_NOTHING)


def _to_json(told: dict[str, Any], agent_id: str | None) -> Answer:
    action = told.get("action", "")
    if action == "contact":
        inventory = {"server": "glpi", "version": "10.0.0", "no-category": NOT_WANTED}
        return _json({"status": "ok", "expiration": _HOURS, "tasks": {"inventory": inventory}})
    if action in _INVENTORIES:
        return _json({"status": "ok", "expiration": _HOURS}, replace(inventory_of(told), agent_id=agent_id))
    return _json({"status": "error", "message": f"{clean(str(action))[:40]} is not done here", "expiration": _HOURS})


def _xml(text: str, inventory: Inventory | None = None) -> Answer:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()
    return Answer(body=body, content_type="application/xml", inventory=inventory)


def _json(told: dict[str, Any], inventory: Inventory | None = None) -> Answer:
    return Answer(body=json.dumps(told).encode(), content_type="application/json", inventory=inventory)
