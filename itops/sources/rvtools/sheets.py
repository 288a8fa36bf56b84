"""One sheet of a workbook into drafts: the catalogue read backwards."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from itops.inventory.entities import Kind, Place, Value
from itops.inventory.rvtools.catalogue import Column, Derived, Sheet
from itops.inventory.rvtools.paths import Path, put
from itops.inventory.rvtools.row import MIB
from itops.sources.rvtools.attach import ATTACH
from itops.sources.rvtools.backwards import BACKWARDS
from itops.sources.rvtools.drafts import Draft, Drafts
from itops.sources.rvtools.headers import Match, match
from itops.sources.rvtools.tables import RawRow, Table
from itops.sources.rvtools.values import RawCell, Unreadable, as_text, is_blank, value_of

_ID_HEADERS = {Kind.VM: "VM ID"}
_UUID_HEADERS = {"vHost": "UUID"}
_NO_ID = {"vMultiPath", "vFileInfo"}
_DATASTORE = re.compile(r"\[([^\]]+)\]")


@dataclass(slots=True)
class Trouble:
    """Cells that could not be read, counted so that one gap tells of all."""

    count: int = 0
    first: str = ""
    headers: set[str] = field(default_factory=set)

    def note(self, sheet: str, header: str, cell: RawCell) -> None:
        """Count one; the first is kept to be shown."""
        self.count += 1
        self.headers.add(f"{sheet} {header!r}")
        self.first = self.first or f"{str(cell)[:60]!r} in {sheet} {header!r}"


@dataclass(frozen=True, slots=True)
class SheetReader:
    """Reads the rows of one table into drafts."""

    sheet: Sheet
    matched: Match
    zone: ZoneInfo
    trouble: Trouble
    by_server: bool  # several servers in one workbook: ids are only told apart together with theirs

    def read(self, table: Table, drafts: Drafts) -> None:
        """Every row finds or makes its draft and adds what it says."""
        names = self._named_columns()
        plan = tuple((position, column, _way(column)) for position, column in self.matched.columns)
        attach = ATTACH.get(self.sheet.name)
        for row in table.rows:
            draft = self._draft(row, names, drafts)
            if draft is None:
                continue
            item: dict[str, Value] = {}
            said = self._apply(row, plan, draft, item)
            _FINISH.get(self.sheet.name, _nothing)(draft, item, said)
            self._custom(row, draft)
            if attach is not None:
                attach(draft, item)

    def servers(self, table: Table) -> set[str]:
        """The servers a table names."""
        names = self._named_columns()
        return {server for row in table.rows if (server := self._server(row, names))}

    def _named_columns(self) -> dict[str, int]:
        return {column.header: position for position, column in self.matched.columns}

    def _draft(self, row: RawRow, names: dict[str, int], drafts: Drafts) -> Draft | None:
        subject = self.sheet.columns[0].header
        id_header = "" if self.sheet.name in _NO_ID else _ID_HEADERS.get(drafts.kind, "Object ID")
        uuid_header = "VM UUID" if drafts.kind is Kind.VM else _UUID_HEADERS.get(self.sheet.name, "")
        if self.sheet.name == "vFileInfo":
            found = _DATASTORE.match(_text(row, names, "Path"))
            name, ref, uuid = found[1] if found else "", "", ""
        else:
            name, ref, uuid = (_text(row, names, header) for header in (subject, id_header, uuid_header))
        if drafts.kind is Kind.ENDPOINT:  # every other sheet knows a server by its address and UUID only
            name, uuid = (_text(row, names, header) for header in ("VI SDK Server", "VI SDK UUID"))
        if not (name or ref or uuid):
            return None
        server = self._server(row, names) if self.by_server else ""
        return drafts.find(name or ref or uuid, ref, uuid.lower(), server)

    def _server(self, row: RawRow, names: dict[str, int]) -> str:
        return _text(row, names, "VI SDK UUID") or _text(row, names, "VI SDK Server")

    def _apply(
        self, row: RawRow, plan: "tuple[tuple[int, Column, Way], ...]", draft: Draft, item: dict[str, Value]
    ) -> dict[str, Value]:
        """Put each cell where it belongs; gives the values by header for what only makes sense together."""
        said: dict[str, Value] = {}
        for position, column, way in plan:
            cell = row[position] if position < len(row) else None
            if is_blank(cell):
                continue
            try:
                value = value_of(column.type, cell, self.zone)
                said[column.header] = value
                way(draft, item, value)
            except (Unreadable, ValueError, OverflowError, TypeError):
                self.trouble.note(self.sheet.name, column.header, cell)
        return said

    def _custom(self, row: RawRow, draft: Draft) -> None:
        for position, name in self.matched.custom:
            text = as_text(row[position]) if position < len(row) else None
            if text is not None:
                attributes = draft.properties.setdefault(Place.CUSTOM_ATTRIBUTES, {})
                if isinstance(attributes, dict):
                    attributes.setdefault(name, text)


def reader_of(sheet: Sheet, table: Table, zone: ZoneInfo, trouble: Trouble, *, by_server: bool) -> SheetReader:
    """A reader for this table's headers."""
    return SheetReader(sheet, match(sheet, table.headers), zone, trouble, by_server)


def _text(row: RawRow, names: dict[str, int], header: str) -> str:
    position = names.get(header)
    return ((as_text(row[position]) or "") if position is not None and position < len(row) else "").strip()


Way = Callable[[Draft, dict[str, Value], Any], None]


def _way(column: Column) -> Way:
    """How a cell of this column is put back."""
    source = column.source
    if isinstance(source, Path):
        if source.is_of_item:
            return lambda draft, item, value: put(item, source.steps, value)
        if not source.inner:
            return lambda draft, item, value: _set_plain(draft, source.key, value)
        return lambda draft, item, value: draft.set(source.text, value)
    if isinstance(source, Derived) and (backwards := BACKWARDS.get(source.function)) is not None:
        return lambda draft, item, value: backwards(draft, item, value, *source.arguments)
    return _nothing


def _set_plain(draft: Draft, key: str, value: Value) -> None:
    draft.properties.setdefault(key, value)


def _nothing(draft: Draft, item: dict[str, Value], said: Any) -> None:
    pass


def _finish_vm(draft: Draft, item: dict[str, Value], said: dict[str, Any]) -> None:
    provisioned, used = said.get("Provisioned MiB"), said.get("In Use MiB")
    if provisioned is not None and used is not None:
        draft.set("summary.storage.uncommitted", round((provisioned - used) * MIB))


def _finish_datastore(draft: Draft, item: dict[str, Value], said: dict[str, Any]) -> None:
    provisioned, used = said.get("Provisioned MiB"), said.get("In Use MiB")
    if provisioned is not None and used is not None:
        draft.set("summary.uncommitted", round((provisioned - used) * MIB))


def _finish_partition(draft: Draft, item: dict[str, Value], said: dict[str, Any]) -> None:
    capacity, consumed = said.get("Capacity MiB"), said.get("Consumed MiB")
    if "freeSpace" not in item and capacity is not None and consumed is not None:
        item["freeSpace"] = round((capacity - consumed) * MIB)


_FINISH: dict[str, Way] = {"vInfo": _finish_vm, "vDatastore": _finish_datastore, "vPartition": _finish_partition}


def kinds_behind(sheet: Sheet) -> Iterator[Kind]:
    """The kinds that nobody can see whole when this sheet is missing."""
    yield from _WHOLE.get(sheet.name, ())


_WHOLE: dict[str, tuple[Kind, ...]] = {
    "vInfo": (Kind.VM,),
    "vHost": (Kind.HOST,),
    "vCluster": (Kind.CLUSTER,),
    "vRP": (Kind.RESOURCE_POOL,),
    "dvSwitch": (Kind.SWITCH,),
    "dvPort": (Kind.PORTGROUP,),
    "vPort": (Kind.NETWORK,),
    "vDatastore": (Kind.DATASTORE, Kind.DATASTORE_CLUSTER),
    "vLicense": (Kind.LICENSE,),
    "vSource": (Kind.ENDPOINT,),
}
