"""Reading all objects of a type: one container view, named paths, pages by token, nothing lost silently.

* The view and the token are given back even when reading fails.
* A path the server is too old for is left out by its version; one it refuses all the same is dropped with a gap and
  the call repeated, because such a refusal faults the whole call.
* A property the account may not read is missing from the object, not an error: it is counted and becomes one gap.
* A lost session, an answer that breaks off, or a view or page that is gone is begun anew; objects already given are
  not given twice.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape

from itops.errors import SourceUnavailable
from itops.sources.vsphere.reader import Missing, RawObject, cut, read_object, token_of
from itops.sources.vsphere.schema import Schema, version_key
from itops.sources.vsphere.session import Session
from itops.sources.vsphere.soap import Fault, SessionLost, reference

PAGE_SIZE = 250
_ATTEMPTS = 3
_OPENING = re.compile(r"<objects\b[^>]*>")


@dataclass(slots=True)
class Holes:
    """What an account or a server kept back, counted: (managed type, path, fault, privilege) -> objects."""

    missing: Counter[tuple[str, str, str, str | None]] = field(default_factory=Counter)
    refused: set[tuple[str, str]] = field(default_factory=set)  # (managed type, path) that faulted the whole call
    restarts: list[str] = field(default_factory=list)


class Collector:
    """Reads objects of one session."""

    def __init__(self, session: Session, schema: Schema) -> None:
        self.session = session
        self.schema = schema
        self.holes = Holes()

    def paths(self, managed: str) -> list[str]:
        """The paths of a managed type that this server's API version has, less those it refused."""
        version = version_key(self.session.client.api_version)
        return [
            name
            for name, path in self.schema.paths[managed].items()
            if path.since <= version and (managed, name) not in self.holes.refused
        ]

    def all(self, managed: str, view_types: Sequence[str] = (), only: str | None = None) -> Iterator[RawObject]:
        """Every object of a managed type that the account can see, each once.

        `view_types` names the types in the view where `managed` is only their common ancestor; `only` one path to ask
        instead of all.
        """
        given: set[str] = set()
        for attempt in range(_ATTEMPTS):
            try:
                for found in self._in_view(managed, view_types or (managed,), only):
                    if found.ref not in given:
                        given.add(found.ref)
                        yield found
            except SessionLost as lost:
                self._begin_anew(managed, lost, attempt)
            except Fault as fault:
                if attempt == _ATTEMPTS - 1 or not _may_pass(fault):
                    raise
                self._begin_anew(managed, fault, attempt)
            else:
                return

    def some(self, managed: str, refs: Sequence[str]) -> list[RawObject]:
        """Chosen objects by moref, in one call; an object that is gone meanwhile faults the call (Fault)."""
        if not refs:
            return []
        objects = "".join(f"<objectSet>{reference(managed, ref, 'obj')}</objectSet>" for ref in refs)
        for attempt in range(_ATTEMPTS):
            try:
                return list(self._retrieve(managed, objects))
            except SessionLost as lost:
                self._begin_anew(managed, lost, attempt)
        raise AssertionError("the last attempt raises")

    def _begin_anew(self, managed: str, lost: SessionLost | Fault, attempt: int) -> None:
        if attempt == _ATTEMPTS - 1:
            raise SourceUnavailable(
                f"reading {managed} objects broke off {_ATTEMPTS} times; last: {lost}",
                remedy="look at the network and the load of the server; a longer read_timeout_seconds may help",
            ) from lost
        self.holes.restarts.append(f"{managed}: {lost}")
        self.session.again()

    def _in_view(self, managed: str, view_types: Sequence[str], only: str | None) -> Iterator[RawObject]:
        session = self.session
        answer = session.client.call(
            "CreateContainerView",
            session.managers["viewManager"],
            f"{reference(*session.managers['rootFolder'], 'container')}"
            f"{''.join(f'<type>{name}</type>' for name in view_types)}"
            "<recursive>true</recursive>",
        )
        view = answer.value("returnval") or ""
        traversal = (
            f"<objectSet>{reference('ContainerView', view, 'obj')}<skip>true</skip>"
            '<selectSet xsi:type="TraversalSpec"><type>ContainerView</type><path>view</path><skip>false</skip>'
            "</selectSet></objectSet>"
        )
        lost = False
        try:
            yield from self._retrieve(managed, traversal, only)
        except SessionLost:
            lost = True  # the view died with its session
            raise
        finally:
            if not lost:
                self._give_back("DestroyView", ("ContainerView", view))

    def _give_back(self, method: str, this: tuple[str, str], body: str = "") -> None:
        # Where it fails, it is gone already: what we wanted. At the latest the logout takes it.
        with suppress(Fault, SessionLost, SourceUnavailable):
            self.session.client.call(method, this, body)

    def _retrieve(self, managed: str, objects: str, only: str | None = None) -> Iterator[RawObject]:
        """All pages of one question; repeated with fewer paths while the server refuses one of them."""
        while True:
            paths = [path for path in self.paths(managed) if only in {None, path}]
            names = "".join(f"<pathSet>{escape(path)}</pathSet>" for path in paths)
            body = (
                f"<specSet><propSet><type>{managed}</type>{names}</propSet>{objects}</specSet>"
                f"<options><maxObjects>{PAGE_SIZE}</maxObjects></options>"
            )
            try:
                yield from self._pages(managed, body)
            except Fault as fault:
                if fault.type != "InvalidProperty" or not self._drop(managed, paths, fault.name or ""):
                    raise
            else:
                return

    def _drop(self, managed: str, paths: Sequence[str], name: str) -> bool:
        """Leave out the refused path; servers name it whole or by its last step."""
        refused = {(managed, path) for path in paths if name and (path == name or path.endswith(f".{name}"))}
        self.holes.refused |= refused
        return bool(refused)

    def _pages(self, managed: str, body: str) -> Iterator[RawObject]:
        collector = self.session.managers["propertyCollector"]
        method, token = "RetrievePropertiesEx", None
        while True:
            page = _Page()
            try:
                yield from self._objects(managed, page, self.session.client.stream(method, collector, body))
                token = page.token
            except GeneratorExit:
                if page.token is not None:
                    self._give_back("CancelRetrievePropertiesEx", collector, f"<token>{escape(page.token)}</token>")
                raise
            if token is None:
                return
            method, body = "ContinueRetrievePropertiesEx", f"<token>{escape(token)}</token>"

    def _objects(self, managed: str, page: "_Page", chunks: Iterator[bytes]) -> Iterator[RawObject]:
        """The objects of one page, as they arrive."""
        for piece in cut(chunks):
            text = piece.decode("utf-8", "replace")
            head, *parts = text.split("<objects>")
            if len(parts) != text.count("</objects>"):
                head, *parts = _OPENING.split(text)  # some attribute on the element: never lose an object for that
            if page.token is None and "<token>" in head:
                page.token = token_of(head)
            for part in parts:
                if "</objects>" in part:
                    found = self._read(managed, part)
                    self._count(managed, found.missing)
                    yield found
            page.is_whole = page.is_whole or "</RetrievePropertiesExResponse>" in text or "Envelope>" in text
        if not page.is_whole:
            raise SessionLost("the answer ended before its last element")

    def _read(self, managed: str, part: str) -> RawObject:
        try:
            return read_object(part, managed, self.schema)
        except (expat.ExpatError, ValueError) as failure:
            raise SourceUnavailable(
                f"a {managed} object of the answer cannot be read: {failure}",
                remedy="record the answer with `itops inventory record` and report it",
            ) from failure

    def _count(self, managed: str, missing: Sequence[Missing]) -> None:
        for hole in missing:
            if hole.fault == "NotAuthenticated":
                raise SessionLost("a property came back as NotAuthenticated")
            self.holes.missing[(managed, hole.path, hole.fault, hole.privilege)] += 1


def _may_pass(fault: Fault) -> bool:
    """A view, an object or a page that is gone: seen when a session died unnoticed, or something was just removed."""
    is_token_gone = fault.method == "ContinueRetrievePropertiesEx" and fault.type != "InvalidProperty"
    return fault.type == "ManagedObjectNotFound" or is_token_gone


@dataclass(slots=True)
class _Page:
    token: str | None = None
    is_whole: bool = False
