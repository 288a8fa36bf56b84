"""Compressed streams: `tar.gz`, `tar.xz`, `tar.bz2`, `tar.zst`, and `gz`, `xz`, `bz2`, `zst` around anything else.

Walking one means unpacking it to its last byte, and that is where its checksums are: what is complete is intact as
well, in one reading. Only zstandard and xz may leave the checksum out; then complete is all that can be proven.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from itops.backup.contents import Thing
from itops.backup.copies import Identity
from itops.backup.formats import Damaged, Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.facts import Fact
from itops.formats.archives.crlf import explained
from itops.formats.archives.gzip_header import gzip_facts
from itops.formats.archives.paths import is_archive
from itops.formats.archives.readers import StreamReader
from itops.formats.archives.streams import BZ2, GZ, XZ, ZST, Codec, peek, stream_facts, unpacking
from itops.formats.archives.tar_header import BLOCK, is_tar
from itops.formats.archives.tar_walk import joined, walk_tar

_START_BYTES = 1024
_SQL_DUMP = re.compile(
    rb"(?s:.*)--\n-- PostgreSQL database (?:cluster )?dump\n|-- (?:MySQL|MariaDB) dump|/\*M?!999999|/\*!4010[13] SET"
)


class _Compressed(ABC):
    """What all of them share."""

    name: ClassVar[str]
    is_folder: ClassVar[bool] = False
    highest: ClassVar[Level] = Level.INTACT
    suffixes: ClassVar[tuple[str, ...]]
    codec: ClassVar[Codec]

    def set_of(self, thing: Thing) -> str | None:
        """A stream has no stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """What gzip's header tells; the others tell nothing of what they hold."""
        return Identity(facts=gzip_facts(thing.head) if self.codec is GZ else {})

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Unpack everything, under the stream's own checksums."""
        unpacker, blocks = unpacking(self.codec, thing.file, effort, packed=thing.size_bytes)
        try:
            inside = self._inside(blocks, thing, effort)
        except Damaged as damage:
            raise explained(damage, thing.file) from damage
        return replace(identity, facts={**identity.facts, **inside, **stream_facts(unpacker)})

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Nothing is left to be read: the walk read every byte, under a checksum where the stream has one."""
        if identity.facts.get("checksum") == "none":
            raise Unprovable("no-checksums")
        return identity

    @abstractmethod
    def _inside(self, blocks: Iterator[bytes], thing: Thing, effort: Effort) -> dict[str, Fact]:
        """What the unpacked blocks hold; consumes them all."""

    def _start(self, thing: Thing) -> bytes | None:
        """What the first bytes unpack to; None where they do not."""
        return peek(self.codec, thing.file, thing.head, _START_BYTES)

    def _is_tar(self, start: bytes | None, thing: Thing) -> bool:
        """Whether a tar is inside; of a stream that cannot be begun, and of a tar of nothing, its name must tell."""
        if start is None or start[:BLOCK] == bytes(BLOCK):
            return thing.path.lower().endswith(_tar_suffixes(self.codec.name))
        return is_tar(start)

    def _begins(self, thing: Thing) -> bool:
        return not thing.is_folder and self.codec.begins(thing.head)


class _Tar(_Compressed):
    def recognises(self, thing: Thing) -> bool:
        """By the magic and by what the first bytes unpack to."""
        return self._begins(thing) and self._is_tar(self._start(thing), thing)

    def _inside(self, blocks: Iterator[bytes], thing: Thing, effort: Effort) -> dict[str, Fact]:
        reader = StreamReader(blocks)
        try:
            return walk_tar(reader, effort)
        except Damaged as damage:
            raise _with_the_streams(damage, blocks) from damage


class _Lone(_Compressed):
    def recognises(self, thing: Thing) -> bool:
        """The last resort: no tar inside, and no SQL dump, which has a format of its own."""
        if not self._begins(thing):
            return False
        start = self._start(thing)
        return not self._is_tar(start, thing) and (start is None or _SQL_DUMP.match(start) is None)

    def _inside(self, blocks: Iterator[bytes], thing: Thing, effort: Effort) -> dict[str, Fact]:
        unpacked = sum(map(len, blocks))
        if not unpacked:
            raise damaged("nothing-inside")
        bare = thing.path.rpartition(".")[0]
        return {"unpacked_bytes": unpacked, **({"archives_inside": 1} if is_archive(bare) else {})}


def _with_the_streams(damage: Damaged, blocks: Iterator[bytes]) -> Damaged:
    """The tar's damage, after the stream's own: when the stream is broken, that is the cause."""
    if any(fault.code == "bomb" for fault in damage.faults):
        return damage
    try:
        for _ in blocks:
            pass
    except Damaged as cause:
        return joined(cause, damage)
    except Unprovable:  # out of time: what is known is bad enough
        return damage
    return damage


def _tar_suffixes(codec: str) -> tuple[str, ...]:
    short = {"gz": (".tgz",), "xz": (".txz",), "bz2": (".tbz2", ".tbz"), "zst": (".tzst",)}
    return (f".tar.{codec}", *short[codec])


class TarGz(_Tar):
    """A tar in gzip; several members are one stream, as pigz and `cat` make them."""

    name = "tar.gz"
    suffixes = _tar_suffixes("gz")
    codec = GZ


class TarXz(_Tar):
    """A tar in xz."""

    name = "tar.xz"
    suffixes = _tar_suffixes("xz")
    codec = XZ


class TarBz2(_Tar):
    """A tar in bzip2."""

    name = "tar.bz2"
    suffixes = _tar_suffixes("bz2")
    codec = BZ2


class TarZst(_Tar):
    """A tar in zstandard, whose checksum is the writer's choice."""

    name = "tar.zst"
    suffixes = _tar_suffixes("zst")
    codec = ZST


class Gz(_Lone):
    """Anything else in gzip."""

    name = "gz"
    suffixes = (".gz",)
    codec = GZ


class Xz(_Lone):
    """Anything else in xz."""

    name = "xz"
    suffixes = (".xz",)
    codec = XZ


class Bz2(_Lone):
    """Anything else in bzip2."""

    name = "bz2"
    suffixes = (".bz2",)
    codec = BZ2


class Zst(_Lone):
    """Anything else in zstandard."""

    name = "zst"
    suffixes = (".zst",)
    codec = ZST
