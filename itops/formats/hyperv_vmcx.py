"""The configuration of a Hyper-V machine: its name and its disks, from a .vmcx or from the older .xml.

A .vmcx is a store of keys: an object table at 0x2000 tells where key tables lie, whose entries name their parent. The
layout is known from public research only (dissect.hypervisor); its checksums are not, so they are not judged.
"""

import struct
from dataclasses import dataclass, field
from typing import NamedTuple

from itops.backup.contents import Content
from itops.backup.formats import MIB, Effort, Unprovable, damaged
from itops.formats.exact import exactly
from itops.formats.hardened_xml import elements

_MOST_BYTES = 32 * MIB
_MOST_ENTRIES = 1_000_000
_HEADERS = (0, 0x1000)
_STORE, _OBJECTS, _KEYS = 0x01282014, 0x01110001, 0x0002
_OBJECT_TABLE = 0x2000
_OBJECT = struct.Struct("<BIQIB")  # type, checksum, offset, size, is allocated
_ENTRY = struct.Struct("<HIHIIIB")  # type, size, parent table, parent offset, checksum, sequence, offset of the value
_KEY_TABLE_HEADER = 10
_KEY_TABLE_OBJECT = 2
_TEXT, _NODE = 6, 9
_ELSEWHERE = 0x100  # the value is a file object: texts of 2 KiB and more, never a name or a path
_DEEPEST = 32


@dataclass(slots=True, kw_only=True)
class Machine:
    """What one configuration tells."""

    name: str | None = None
    disks: list[str] = field(default_factory=list)  # file names without their folders


class _Entry(NamedTuple):
    key: str
    parent: tuple[int, int]  # (table, offset); table 0: none
    text: str | None


def read_machine(content: Content, effort: Effort) -> Machine:
    """Raises Damaged, or Unprovable("too-big")."""
    if content.size_bytes > _MOST_BYTES:
        raise Unprovable("too-big", size_bytes=content.size_bytes, most_bytes=_MOST_BYTES)
    if content.size_bytes == 0:
        raise damaged("empty", content.name)
    if content.name.lower().endswith(".vmcx"):
        return _from_store(exactly(content, 0, content.size_bytes, content.name), effort, content.name)
    return _from_xml(content, effort)


def _from_xml(content: Content, effort: Effort) -> Machine:
    """Hyper-V of 2008 to 2012 R2."""
    machine = Machine()
    for element in elements(content.chunks(), effort, place=content.name, most_bytes=_MOST_BYTES):
        if element.path[-2:] == ("properties", "name"):
            machine.name = machine.name or element.text
        elif element.path[-1] == "pathname":
            _add_disk(machine, element.text)
    return machine


def _add_disk(machine: Machine, path: str) -> None:
    name = path.replace("/", "\\").rpartition("\\")[2]
    if name.lower().endswith((".vhdx", ".avhdx", ".vhd", ".avhd")) and name not in machine.disks:
        machine.disks.append(name)


def _from_store(data: bytes, effort: Effort, place: str) -> Machine:
    signatures = [int.from_bytes(data[at : at + 4], "little") for at in _HEADERS]
    if _STORE not in signatures:
        raise damaged("header-damaged", place)
    entries = _entries(data, effort, place)
    machine = Machine()
    for entry in entries.values():
        if entry.text is None or entry.key not in {"name", "pathname"}:
            continue
        if entry.key == "pathname":
            _add_disk(machine, entry.text)
        elif _path(entries, entry) == ("configuration", "properties"):
            machine.name = entry.text
    if machine.name is None:
        raise damaged("structure-damaged", place)
    return machine


def _entries(data: bytes, effort: Effort, place: str) -> dict[tuple[int, int], _Entry]:
    signature, count = struct.unpack("<II", data[_OBJECT_TABLE : _OBJECT_TABLE + 8].ljust(8, b"\0"))
    if signature != _OBJECTS:
        raise damaged("structure-damaged", f"{place}: object table")
    found: dict[tuple[int, int], _Entry] = {}
    for number in range(min(count, len(data) // _OBJECT.size)):
        effort.tick()
        at = _OBJECT_TABLE + 8 + number * _OBJECT.size
        if at + _OBJECT.size > len(data):
            break
        kind, _, offset, size, is_allocated = _OBJECT.unpack_from(data, at)
        if kind == _KEY_TABLE_OBJECT and is_allocated:
            if offset + size > len(data):
                raise damaged("cut", place, missing_bytes=offset + size - len(data), size_bytes=len(data))
            _key_table(data[offset : offset + size], found, f"{place}: byte {offset}")
    return found


def _key_table(table: bytes, found: dict[tuple[int, int], _Entry], place: str) -> None:
    signature, index = struct.unpack("<HH", table[:4].ljust(4, b"\0"))
    if signature != _KEYS:
        raise damaged("structure-damaged", place)
    at = _KEY_TABLE_HEADER
    while at + _ENTRY.size <= len(table):
        kind, size, parent_table, parent, _, _, value_at = _ENTRY.unpack_from(table, at)
        if size == 0:
            return
        body = table[at + _ENTRY.size : at + size]
        if size < _ENTRY.size or len(found) >= _MOST_ENTRIES or at + size > len(table):
            raise damaged("structure-damaged", place)
        if kind & 0xFF in {_TEXT, _NODE} and 0 < value_at <= len(body):
            key = body[: value_at - 1].decode("utf-8", "replace")
            text = _text(body[value_at:]) if kind == _TEXT else None
            found[index, at] = _Entry(key, (parent_table, parent), text)
        at += size


def _text(value: bytes) -> str:
    length = int.from_bytes(value[:4], "little")
    return value[4 : 4 + length].decode("utf-16-le", "replace").rstrip("\0")


def _path(entries: dict[tuple[int, int], _Entry], entry: _Entry) -> tuple[str, ...]:
    """The keys above one."""
    keys: list[str] = []
    for _ in range(_DEEPEST):
        above = entries.get(entry.parent)
        if above is None:
            break
        keys.insert(0, above.key)
        entry = above
    return tuple(keys)
