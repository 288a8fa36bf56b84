"""Entities in the making: rows of several sheets put together by who they are about."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from itops.inventory.entities import Kind, Value
from itops.inventory.rvtools.paths import parse, put


@dataclass(slots=True)
class Draft:
    """One entity as far as it was read. `ref` is the id the workbook gives (a moref), "" when it gives none."""

    kind: Kind
    name: str
    ref: str = ""
    server: str = ""
    properties: dict[str, Value] = field(default_factory=dict)

    def set(self, path: str, value: Value) -> None:
        """Put a value at a path of the catalogue; a plain property that is there already stays."""
        parsed = parse(path)
        if not parsed.inner:
            self.properties.setdefault(parsed.key, value)
            return
        whole = self.properties.setdefault(parsed.key, {})
        if isinstance(whole, dict):
            if cast := parsed.steps[parsed.key_length - 1][1]:
                whole["_type"] = cast
            put(whole, parsed.inner, value)

    def list_at(self, key: str) -> list[Value]:
        """The list at a property, made when it is not there."""
        found = self.properties.setdefault(key, [])
        assert isinstance(found, list)
        return found

    def add(self, key: str, item: dict[str, Value]) -> dict[str, Value]:
        """Append an item to the list at a property."""
        self.list_at(key).append(item)
        return item


class Drafts:
    """The drafts of one kind; rows of other sheets find theirs by id, else by UUID, else by name."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self._all: list[Draft] = []
        self._by_id: dict[tuple[str, str], Draft] = {}
        self._by_uuid: dict[tuple[str, str], Draft] = {}
        self._by_name: dict[tuple[str, str], Draft] = {}

    def __iter__(self) -> Iterator[Draft]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def add(self, name: str, ref: str = "", uuid: str = "", server: str = "") -> Draft:
        """A new one."""
        draft = Draft(self.kind, name, ref, server)
        self._all.append(draft)
        for index, label in ((self._by_id, ref), (self._by_uuid, uuid), (self._by_name, name)):
            if label:
                index.setdefault((server, label), draft)
        return draft

    def find(self, name: str, ref: str = "", uuid: str = "", server: str = "") -> Draft:
        """The one a row is about, or a new one. An id that is unknown though others have ids is somebody new."""
        if ref and (found := self._by_id.get((server, ref))):
            return found
        for index, label in ((self._by_uuid, uuid), (self._by_name, name)):
            if label and (found := index.get((server, label))) and not (ref and found.ref):
                return found
        return self.add(name, ref, uuid, server)

    def named(self, name: str, server: str = "") -> Draft | None:
        """The one of this name, if there is one."""
        return self._by_name.get((server, name))
