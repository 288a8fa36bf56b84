"""The .mf of an OVF: one hash a file, `SHA256(disk1.vmdk)= 0f...`. Source: DMTF DSP0243, 5.1."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from itops.backup.contents import Content
from itops.backup.copies import Fault
from itops.backup.formats import MIB, Effort, Unprovable, damaged
from itops.formats.archives.readers import StreamReader

MOST_BYTES = 4 * MIB
_LINE = re.compile(r"([A-Za-z0-9-]{1,20})\s*\((.+)\)\s*=\s*([0-9A-Fa-f]+)")
_LENGTHS = {"sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A file of the export: a member of the .ova, or a file of the folder (`offset` 0)."""

    name: str
    content: Content
    offset: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One line of the manifest."""

    name: str
    algorithm: str  # "sha256"
    hexadecimal: str


def parse_manifest(data: bytes, place: str) -> dict[str, Promise]:
    """By file name; raises Damaged for a line that is none, Unprovable for a hash nobody knew."""
    promises: dict[str, Promise] = {}
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise damaged("structure-damaged", f"{place}: line {number}")
        algorithm = match[1].lower().replace("-", "")
        if algorithm not in _LENGTHS:
            raise Unprovable("version-unknown", algorithm=match[1])
        if len(match[3]) != _LENGTHS[algorithm]:
            raise damaged("structure-damaged", f"{place}: line {number}")
        promises[match[2]] = Promise(name=match[2], algorithm=algorithm, hexadecimal=match[3].lower())
    if not promises:
        raise damaged("empty", place)
    return promises


def broken_promises(parts: Iterable[Part], promises: dict[str, Promise], effort: Effort) -> list[Fault]:
    """Every part that is promised, read once in the order in which it lies."""
    faults = []
    reader, content = StreamReader(iter(())), None
    for part in sorted(parts, key=lambda part: (part.content.name, part.offset)):
        promise = promises.get(part.name)
        if promise is None:
            continue
        if part.content is not content:
            content, reader = part.content, StreamReader(part.content.chunks())
        hexadecimal = _hashed(reader, part, promise.algorithm, effort)
        if hexadecimal != promise.hexadecimal:
            faults.append(Fault(code="checksum-mismatch", place=part.name, facts={"algorithm": promise.algorithm}))
    for _ in reader.rest():  # so that the hash of the whole file costs no second reading
        effort.tick()
    return faults


def _hashed(reader: StreamReader, part: Part, algorithm: str, effort: Effort) -> str:
    _passed(reader, part.offset - reader.position, effort)
    digest = hashlib.new(algorithm, usedforsecurity=False)
    left = part.size_bytes
    while left > 0 and (block := reader.read(min(left, MIB))):
        effort.tick()
        digest.update(block)
        left -= len(block)
    if left:
        raise damaged("changed-while-read", part.name, missing_bytes=left)
    return digest.hexdigest()


def _passed(reader: StreamReader, length: int, effort: Effort) -> None:
    while length > 0 and (step := reader.skip(min(length, MIB))):
        effort.tick()
        length -= step
