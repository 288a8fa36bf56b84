"""Compressed or encrypted SQL Server backups: another container, of which only the magic is known for certain."""

from typing import ClassVar

from itops.backup.contents import Thing
from itops.backup.copies import Identity
from itops.backup.formats import Effort, Unprovable
from itops.backup.levels import Level

_MAGIC = b"MSSQLBAK"


class MssqlCompressedBackup:
    """Recognised and honestly not judged: only the server (RESTORE VERIFYONLY) or a hash can tell more."""

    name: ClassVar[str] = "mssql-backup-compressed"
    is_folder: ClassVar[bool] = False
    highest: ClassVar[Level] = Level.IDENTIFIED  # where `identify` says why nothing is proven above L0
    suffixes: ClassVar[tuple[str, ...]] = ()  # MssqlBackup promises them

    def recognises(self, thing: Thing) -> bool:
        """By its magic."""
        return not thing.is_folder and thing.head.startswith(_MAGIC)

    def set_of(self, thing: Thing) -> str | None:
        """Not known: stripes of a compressed set cannot be told apart offline."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """Always raises Unprovable("compressed")."""
        raise Unprovable("compressed")

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Always raises Unprovable("compressed")."""
        raise Unprovable("compressed")

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Always raises Unprovable("compressed")."""
        raise Unprovable("compressed")
