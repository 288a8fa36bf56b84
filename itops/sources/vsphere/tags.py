"""Tags: another API of the same vCenter, with a session of its own.

Asked tag by tag, not VM by VM: an office has a dozen tags and hundreds of VMs.
"""

import base64
import http.client
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from itops.inventory.entities import Value
from itops.secrets import Secret
from itops.sources.vsphere.soap import LARGEST_ANSWER_BYTES, Server

_TAGGING = "/rest/com/vmware/cis/tagging"


class TagsUnavailable(Exception):
    """The tag service did not answer as expected; everything else is unharmed."""


class _Rest:
    """One connection to the vCenter's REST endpoint."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._connection: http.client.HTTPSConnection | None = None
        self.headers = {"Accept": "application/json", "Content-Type": "application/json", "User-Agent": "itops"}

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """The `value` of an answer. Raises TagsUnavailable for anything but 200 and JSON."""
        try:
            self._connection = self._connection or self._server.connect()
            self._connection.request(method, path, None if body is None else json.dumps(body), self.headers)
            response = self._connection.getresponse()
            raw = bytearray()
            for piece in self._server.pieces(response):
                raw += piece
                if len(raw) > LARGEST_ANSWER_BYTES:
                    raise TagsUnavailable(f"{path}: the answer is too large")
        except (OSError, http.client.HTTPException) as failure:
            raise TagsUnavailable(f"{path}: {failure or type(failure).__name__}") from failure
        if response.status != http.client.OK:
            raise TagsUnavailable(f"{path}: HTTP status {response.status}")
        try:
            return json.loads(raw).get("value") if raw else None
        except (ValueError, AttributeError, RecursionError) as failure:
            raise TagsUnavailable(f"{path}: the answer is not the JSON that was expected") from failure

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


@contextmanager
def _logged_in(server: Server, username: str, password: Secret) -> Iterator[_Rest]:
    rest = _Rest(server)
    token = base64.b64encode(f"{username}:{password.reveal()}".encode()).decode()
    try:
        rest.headers["Authorization"] = f"Basic {token}"
        session = rest.ask("POST", "/rest/com/vmware/cis/session")
        del rest.headers["Authorization"]
        rest.headers["vmware-api-session-id"] = str(session)
        try:
            yield rest
        finally:
            with suppress(TagsUnavailable):  # what was read stays read; a session left behind ends by itself
                rest.ask("DELETE", "/rest/com/vmware/cis/session")
    finally:
        rest.close()


def read_tags(server: Server, username: str, password: Secret) -> dict[str, dict[str, Value]]:
    """Moref -> category -> sorted tag names. Raises TagsUnavailable."""
    with _logged_in(server, username, password) as rest:
        categories = {key: _named(rest, "category", key) for key in rest.ask("GET", f"{_TAGGING}/category") or []}
        tags = {key: _named(rest, "tag", key) for key in rest.ask("GET", f"{_TAGGING}/tag") or []}
        attached = rest.ask(
            "POST",
            f"{_TAGGING}/tag-association?~action=list-attached-objects-on-tags",
            {"tag_ids": list(tags)},
        )
    try:
        return _by_object(attached or [], tags, categories)
    except (KeyError, TypeError, AttributeError) as failure:
        raise TagsUnavailable("the list of tagged objects is not what was expected") from failure


def _named(rest: _Rest, kind: str, key: str) -> Mapping[str, Any]:
    found = rest.ask("GET", f"{_TAGGING}/{kind}/id:{key}")
    if not isinstance(found, dict):
        raise TagsUnavailable(f"the {kind} {key} has no description")
    return found


def _by_object(
    attached: Sequence[Mapping[str, Any]], tags: Mapping[str, Any], categories: Mapping[str, Any]
) -> dict[str, dict[str, Value]]:
    found: dict[str, dict[str, list[str]]] = {}
    for entry in attached:
        tag = tags.get(entry["tag_id"], {})
        category = str(categories.get(tag.get("category_id"), {}).get("name", ""))
        for member in entry.get("object_ids", []):
            found.setdefault(str(member["id"]), {}).setdefault(category, []).append(str(tag.get("name", "")))
    return {
        ref: {category: [*sorted(listed)] for category, listed in by_category.items()}
        for ref, by_category in found.items()
    }
