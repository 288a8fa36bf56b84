"""Walking the tree of a Redfish service: bounded in steps, and a branch that cannot be read loses only itself."""

from collections.abc import Iterator
from typing import Any

from itops.sources.redfish.https import Https
from itops.sources.redfish.session import link_of
from itops.sources.refusals import Refused, Silent, Unreadable

MOST_STEPS = 300
"""Answers of one controller: a chassis with eight nodes of eight ports each needs about a hundred."""
_MOST_MEMBERS = 64
_MOST_PAGES = 8

Node = dict[str, Any]


class Tree:
    """Reads resources; what could not be read is in `missed`, as (path, reason)."""

    def __init__(self, https: Https) -> None:
        self._https = https
        self._steps = 0
        self._known: dict[str, Node] = {}
        self.missed: list[tuple[str, str]] = []
        self.is_denied = False  # some of it because the account may not
        self.silence: Silent | None = None  # some of it because the answer did not come in time

    def at(self, link: Any) -> Node:
        """The resource behind a link; empty where there is none or it cannot be read. Raises Refused."""
        path = link_of(link)
        if path is None:
            return {}
        if path not in self._known:
            self._known[path] = self._read(path)
        return self._known[path]

    def members(self, link: Any) -> Iterator[Node]:
        """The resources of a collection, without those that cannot be read."""
        collection = self.at(link)
        seen: set[str] = set()
        for _ in range(_MOST_PAGES):
            listed = collection.get("Members")
            for member in listed if isinstance(listed, list) else ():
                path = link_of(member)
                if path is None or path in seen:
                    continue
                if len(seen) >= _MOST_MEMBERS:
                    self.missed.append((path, f"more than {_MOST_MEMBERS} members"))
                    return
                seen.add(path)
                if found := self.at(member):
                    yield found
            following = {"@odata.id": collection.get("Members@odata.nextLink")}
            if link_of(following) is None:
                return
            collection = self.at(following)

    def _read(self, path: str) -> Node:
        self._steps += 1
        if self._steps > MOST_STEPS:
            self.missed.append((path, f"more than {MOST_STEPS} resources"))
            return {}
        try:
            reply = self._https.ask("GET", path)
        except (Unreadable, Silent) as failure:
            self.silence = failure if isinstance(failure, Silent) else self.silence
            self.missed.append((path, failure.problem))
            return {}
        if reply.status == 401:
            raise Refused(
                f"{self._https.server} refused the login, or ended the session",
                remedy="check username and password in itops.yaml; if they are right, look for a limit of sessions",
            )
        if reply.status == 200 and isinstance(reply.body, dict):
            return reply.body
        self.is_denied = self.is_denied or reply.status == 403
        self.missed.append((path, "no JSON object" if reply.status == 200 else f"status {reply.status}"))
        return {}
