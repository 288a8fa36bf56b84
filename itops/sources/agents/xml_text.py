"""Inventories in XML (FusionInventory, OCS, GLPI Agent for old servers), read as a stream that keeps what is kept.

No document type, no entities of its own, no deep nesting: refused at the first sign. Nothing is built of what is
dropped, so that memory follows what is kept and not what was sent.
"""

from dataclasses import dataclass, field
from xml.parsers import expat

from itops.sources.agents.kept import KEPT, Draft, Inventory, clean
from itops.sources.agents.refusals import Hostile, Unreadable

_MOST_DEPTH = 24
_MOST_ELEMENTS = 2_000_000
_LONGEST = 1200
_ROOT_FIELDS = {"DEVICEID", "QUERY", "ITEMTYPE", "PARTIAL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an agent sent: a question (PROLOG), or an inventory."""

    query: str
    inventory: Inventory


def read_xml(data: bytes) -> Request:
    """The request in it; raises NotTaken."""
    reading = _Reading()
    try:
        reading.parser.Parse(data, True)  # noqa: FBT003  expat names none of its parameters
    except expat.ExpatError as wrong:
        raise Unreadable(f"it is no XML from line {wrong.lineno} on: {expat.ErrorString(wrong.code)}") from None
    except (LookupError, ValueError):  # an encoding that Python does not know, or cannot use here
        raise Unreadable("it is in an unknown encoding") from None
    return reading.request()


@dataclass(slots=True)
class _Reading:
    draft: Draft = field(default_factory=Draft)
    root: dict[str, str] = field(default_factory=dict)
    _path: list[str] = field(default_factory=list)
    _item: dict[str, str] | None = None
    _texts: list[str] | None = None  # of the element being read, where it is kept
    _length: int = 0
    _count: int = 0
    parser: expat.XMLParserType = field(default_factory=expat.ParserCreate)

    def __post_init__(self) -> None:
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def request(self) -> Request:
        device_id = self.root.get("DEVICEID", "")
        if not device_id:
            raise Unreadable("it is XML without a DEVICEID: no inventory of an agent")
        inventory = Inventory(
            device_id=device_id,
            item_type=self.root.get("ITEMTYPE") or None,
            is_partial=self.root.get("PARTIAL", "0").lower() not in {"", "0", "false"},
            sections=self.draft.done(),
            private=frozenset(self.draft.private),
        )
        return Request(query=self.root.get("QUERY", "").upper(), inventory=inventory)

    def _refuse(self, *_: object) -> None:
        raise Hostile("a document type (DOCTYPE)")

    def _start(self, name: str, _: dict[str, str]) -> None:
        self._path.append(name)
        self._count += 1
        depth = len(self._path)
        if depth > _MOST_DEPTH:
            raise Hostile(f"elements nested more than {_MOST_DEPTH} deep")
        if self._count > _MOST_ELEMENTS:
            raise Hostile(f"more than {_MOST_ELEMENTS:,} elements")
        if depth == 1 and name != "REQUEST":
            raise Unreadable(f"it is XML, but no inventory of an agent: it begins with <{clean(name)[:40]}>")
        if depth == 3 and self._path[1] == "CONTENT":
            self._item = self.draft.begin(name.lower())
        self._listen(is_kept=self._is_kept())

    def _is_kept(self) -> bool:
        path = self._path
        if len(path) == 2:
            return path[1] in _ROOT_FIELDS
        return len(path) >= 4 and self._item is not None and self._field() in KEPT[path[2].lower()]

    def _field(self) -> str:
        return ".".join(self._path[3:]).lower()

    def _listen(self, *, is_kept: bool) -> None:
        self._texts, self._length = ([], 0) if is_kept else (None, 0)
        self.parser.CharacterDataHandler = self._text if is_kept else None

    def _text(self, text: str) -> None:
        if self._texts is not None and self._length < _LONGEST:
            self._texts.append(text[:_LONGEST])
            self._length += len(text)

    def _end(self, _: str) -> None:
        if self._texts is not None and (told := clean("".join(self._texts))):
            if len(self._path) == 2:
                self.root.setdefault(self._path[1], told)
            elif self._item is not None:
                self._item.setdefault(self._field(), told)
        if len(self._path) == 3:
            self._item = None
        self._listen(is_kept=False)
        self._path.pop()
