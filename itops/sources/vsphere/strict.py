"""The strict reader: a whole XML parse (expat), then the same schema, element by element.

Slow and exact. It is the reference of the fast reader in the differential tests, its fallback for whatever is
unusual, and the reader of small answers (faults, service content).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from itops.inventory.entities import Value
from itops.sources.vsphere.schema import ANY_TYPE, Field, Path, convert_scalar, load_schema

DEEPEST = 300  # a disk on 255 snapshots is the deepest thing there is; further down only recursion would end
# What XML cannot hold, raw or as a reference, and servers send all the same: in names and in notes.
_UNSAYABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|&#(?:(\d+)|x([0-9a-fA-F]+));")


@dataclass(slots=True)
class Element:
    """One XML element; names without their prefix."""

    tag: str
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list)
    text: str = ""

    def child(self, tag: str) -> "Element | None":
        """The first child of that name."""
        return next((child for child in self.children if child.tag == tag), None)

    def value(self, *path: str) -> str | None:
        """The text at the end of a path of children; None when a step is missing."""
        here: Element | None = self
        for tag in path:
            here = here.child(tag) if here is not None else None
        return here.text if here is not None else None

    def walk(self) -> Iterator["Element"]:
        """This element and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def named_type(self) -> str | None:
        """What xsi:type says, without its prefix; a plain `type` attribute (of a reference) is not that."""
        for name, value in self.attributes.items():
            if name.endswith(":type"):
                return value.rpartition(":")[2]
        return None


@dataclass(frozen=True, slots=True)
class StrictObject:
    """One managed object; `missing` holds (path, fault type, privilege)."""

    type: str
    ref: str
    properties: dict[str, Value]
    missing: tuple[tuple[str, str, str | None], ...]


def parse(xml: str | bytes) -> Element:
    """The root element. Raises xml.parsers.expat.ExpatError when it is not XML; entity definitions are refused."""
    parser = expat.ParserCreate()
    root = Element("", {})
    stack = [root]

    def start(name: str, attributes: dict[str, str]) -> None:
        element = Element(name.rpartition(":")[2], attributes)
        if len(stack) > DEEPEST:
            raise expat.ExpatError("elements are nested deeper than anything vSphere sends")
        stack[-1].children.append(element)
        stack.append(element)

    def end(_name: str) -> None:
        stack.pop()

    def data(text: str) -> None:
        stack[-1].text += text

    def refuse(*_: object) -> None:
        raise expat.ExpatError("an entity definition has no place in an answer of vSphere")

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    parser.EntityDeclHandler = refuse
    parser.buffer_text = True
    parser.Parse(xml, True)  # noqa: FBT003  expat's own signature
    return root.children[0]


def read_object(xml: str, paths: Mapping[str, Path]) -> StrictObject:
    """One `<objects>` element with the properties that were asked."""
    inside = xml.rpartition("<objects>")[2].rpartition("</objects>")[0]
    root = parse(f"<x>{_UNSAYABLE.sub(_said, inside)}</x>")
    reference = root.child("obj")
    if reference is None:
        raise expat.ExpatError("an object without a reference")
    properties: dict[str, Value] = {}
    holes = list(_holes(root))
    for entry in root.children:
        value = entry.child("val") if entry.tag == "propSet" else None
        path = paths.get(entry.value("name") or "")
        if value is not None and path is not None:
            try:
                properties[path.name] = _top(path.field, value)
            except (ValueError, OverflowError):  # one wrong value costs that value, not the object or the scan
                holes.append((path.name, "InvalidValue", None))
    type_name = reference.attributes.get("type", "").rpartition(":")[2]
    return StrictObject(type_name, reference.text, properties, tuple(holes))


def _said(found: re.Match[str]) -> str:
    """U+FFFD for a character that XML cannot hold; any other reference as it stood."""
    if not (found[1] or found[2]):
        return "\ufffd"
    character = character_of(found[1], found[2])
    return found[0] if character != "\ufffd" and not _UNSAYABLE.match(character) else "\ufffd"


def character_of(decimal: str | None, hexadecimal: str | None) -> str:
    """What a numeric character reference stands for; U+FFFD where that is no character."""
    number = int(decimal) if decimal else int(hexadecimal or "0", 16)
    is_character = 0 < number < 0xD800 or 0xDFFF < number <= 0x10FFFF
    return chr(number) if is_character else "\ufffd"


def read_missing(xml: str) -> tuple[tuple[str, str, str | None], ...]:
    """The missing set of an object: (path, fault type, privilege)."""
    return tuple(_holes(parse(xml)))


def _holes(root: Element) -> Iterator[tuple[str, str, str | None]]:
    for entry in root.children:
        fault = entry.child("fault")
        if entry.tag == "missingSet" and fault is not None:
            detail = fault.child("fault") or fault
            privilege = detail.value("privilegeId") or detail.value("missingPrivileges", "privilegeIds")
            yield entry.value("path") or "", detail.named_type() or "", privilege


def _top(declared: Field, element: Element) -> Value:
    if not declared.is_list:
        return _one(declared, element)
    if element.text.strip() and not element.children:
        return element.text  # a list of bytes that came as base64
    ignored = load_schema().ignored
    return [_one(declared, child) for child in element.children if child.named_type() not in ignored]


def _one(declared: Field, element: Element) -> Value:
    if declared.convert is not None:
        return declared.convert(element.text)
    named = element.named_type()
    if declared.type_name == "a":
        if not element.children:
            return convert_scalar(ANY_TYPE.get(named or "", "s"), element.text)
        return _fields(load_schema().types.get(named or "", {}), element)
    type_name = named or declared.type_name
    fields = _fields(load_schema().fields_of(type_name, declared), element)
    return {"_type": type_name, **fields} if declared.is_polymorphic else fields


def _fields(known: Mapping[str, Field], element: Element) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for child in element.children:
        declared = known.get(child.tag)
        if declared is None:
            continue
        value = _one(declared, child)
        if declared.is_list:
            listed = found.setdefault(child.tag, [])
            assert isinstance(listed, list)
            listed.append(value)
        else:
            found[child.tag] = value
    return found
