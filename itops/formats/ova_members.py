"""The members of an .ova: a few headers of a tar, found by hopping from one to the next."""

from dataclasses import dataclass, field
from typing import TypeAlias

from itops.backup.contents import Content
from itops.backup.formats import MIB, Effort, Unprovable, damaged
from itops.formats.archives.paths import leaves_folder, shown
from itops.formats.archives.tar_header import BLOCK, ZEROS, TarHeader, pax_number, read_header, read_pax
from itops.formats.exact import cut, exactly
from itops.formats.ova_manifest import Part

Members: TypeAlias = list[Part]

_MOST_MEMBERS = 100_000  # disks may be cut in pieces; still a few thousand at most
_MOST_RECORDS = 1 << 20


@dataclass(slots=True, kw_only=True)
class TarMembers:
    """In the order of the tar; the OVF is the first."""

    parts: Members = field(default_factory=list)
    newest: int | None = None  # seconds since 1970


def tar_members(content: Content, effort: Effort, *, most: int | None = None) -> TarMembers:
    """All members, to the end of the tar, or the first `most`; raises Damaged."""
    found = TarMembers()
    at, names = 0, set[str]()
    while (block := _header_block(content, effort, at)) is not None:
        part, header, at = _member(content, effort, block, at)
        if header.kind in b"\0" + b"0":
            _accept(found, part, header, names)
        if len(found.parts) == most:
            return found
        if len(found.parts) > _MOST_MEMBERS:
            raise Unprovable("too-many-members", most=_MOST_MEMBERS)
    if not found.parts:
        raise damaged("nothing-inside")
    _only_zeros(content, effort, at)
    return found


def _header_block(content: Content, effort: Effort, at: int) -> bytes | None:
    """The next header; None at the block of zeros that ends a tar."""
    effort.tick()
    if at == content.size_bytes:
        raise damaged("unfinished", size_bytes=at)
    block = exactly(content, at, BLOCK, f"byte {at}")
    return None if block == ZEROS else block


def _member(content: Content, effort: Effort, block: bytes, at: int) -> tuple[Part, TarHeader, int]:
    """A member with the headers that lengthen its name or size, and where the next begins."""
    name, pax = None, dict[str, str]()
    header = read_header(block, f"byte {at}")
    while header.kind in b"xgL":
        effort.tick()
        if header.size_bytes > _MOST_RECORDS:
            raise Unprovable("header-too-long", size_bytes=header.size_bytes, most_bytes=_MOST_RECORDS)
        data = exactly(content, at + BLOCK, header.size_bytes, f"byte {at}")
        if header.kind == b"L":
            name = data.rstrip(b"\0").decode("utf-8", "surrogateescape")
        else:
            pax.update(read_pax(data, f"byte {at}"))
        at += BLOCK + -(-header.size_bytes // BLOCK) * BLOCK
        header = read_header(exactly(content, at, BLOCK, f"byte {at}"), f"byte {at}")
    size = pax_number(pax.get("size"))
    size = header.size_bytes if size is None else size
    name = _readable(pax.get("path") or name or header.name)
    end = at + BLOCK + -(-size // BLOCK) * BLOCK
    if end > content.size_bytes:
        raise cut(content, end, shown(name))
    return Part(name=name, content=content, offset=at + BLOCK, size_bytes=size), header, end


def _readable(name: str) -> str:
    """Bytes that are no UTF-8 as question marks: the name is compared and shown, never opened."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _accept(found: TarMembers, part: Part, header: TarHeader, names: set[str]) -> None:
    if leaves_folder(part.name, backslashes=True):
        raise damaged("path-traversal", shown(part.name))
    if part.name in names:
        raise damaged("structure-damaged", shown(part.name))
    if not found.parts and not part.name.lower().endswith(".ovf"):
        raise damaged("structure-damaged", shown(part.name))
    names.add(part.name)
    found.parts.append(part)
    if header.modified and 0 < header.modified < 1 << 33:
        found.newest = max(found.newest or 0, header.modified)


def _only_zeros(content: Content, effort: Effort, at: int) -> None:
    """Behind the end of the tar; a rest that is no whole block was cut."""
    while at < content.size_bytes:
        effort.tick()
        rest = exactly(content, at, min(MIB, content.size_bytes - at))
        if junk := rest.lstrip(b"\0"):
            raise damaged("junk-appended", extra_bytes=content.size_bytes - at - len(rest) + len(junk))
        at += len(rest)
    if at % BLOCK:
        raise cut(content, -(-at // BLOCK) * BLOCK)
