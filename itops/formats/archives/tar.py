"""The format `tar`: its headers have checksums, what lies between them has none."""

from dataclasses import replace
from typing import ClassVar

from itops.backup.contents import Thing
from itops.backup.copies import Identity
from itops.backup.formats import Effort
from itops.backup.levels import Level
from itops.formats.archives.readers import HoppingReader
from itops.formats.archives.tar_header import BLOCK, first_name, is_tar, read_header
from itops.formats.archives.tar_walk import walk_tar
from itops.formats.postgresql.tar_stream import begins_pg_dump


def is_others(start: bytes) -> bool:
    """Whether a tar that begins so is a format of its own: pg_dump's tar, a virtual appliance."""
    return begins_pg_dump(start) or first_name(start).lower().endswith(".ovf")


class Tar:
    """An uncompressed tar: complete is all it can prove; a flipped bit in a file inside passes."""

    name: ClassVar[str] = "tar"
    is_folder: ClassVar[bool] = False
    highest: ClassVar[Level] = Level.COMPLETE
    suffixes: ClassVar[tuple[str, ...]] = (".tar",)

    def recognises(self, thing: Thing) -> bool:
        """By the first header."""
        return not thing.is_folder and is_tar(thing.head) and not is_others(thing.head)

    def set_of(self, thing: Thing) -> str | None:
        """A tar has no stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """The first header stands."""
        flavour = read_header(thing.file.read_at(0, BLOCK).ljust(BLOCK, b"\0"), "byte 0").flavour
        return Identity(facts={"flavour": flavour})

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """From header to header, reading little else."""
        return replace(identity, facts=walk_tar(HoppingReader(thing.file, effort), effort))

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Never asked: nothing in a tar guards its content."""
        return identity
