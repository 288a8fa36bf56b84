"""qcow2, the disk of KVM and Proxmox: every table inside the file, and its reference counts true."""

from typing import ClassVar

from itops.backup.contents import Thing
from itops.backup.copies import CopyKind, Identity
from itops.backup.formats import Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.facts import Fact
from itops.formats.disks.qcow2_counts import References
from itops.formats.disks.qcow2_layout import CORRUPT, DIRTY, EXTERNAL_DATA, Layout, read_layout
from itops.formats.disks.tables import zero_tail


class Qcow2:
    """A lone .qcow2."""

    name: ClassVar[str] = "qcow2"
    is_folder: ClassVar[bool] = False
    highest: ClassVar[Level] = Level.COMPLETE
    suffixes: ClassVar[tuple[str, ...]] = (".qcow2",)

    def recognises(self, thing: Thing) -> bool:
        """By its magic, and a version that was ever used."""
        is_qcow2 = thing.head.startswith(b"QFI\xfb\0\0\0") and thing.head[7:8] != b"\1"
        return not thing.is_folder and len(thing.files) == 1 and is_qcow2

    def set_of(self, thing: Thing) -> str | None:
        """No stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """The header; an image that calls itself corrupt is believed."""
        layout = read_layout(thing.file)
        if layout.features & CORRUPT:
            raise damaged("marked-corrupt", "header")
        return _identity(layout)

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """All tables of the disk and of its snapshots, and the reference counts of all clusters."""
        layout = read_layout(thing.file)
        references = References(thing.file, effort, layout)
        references.count()
        leaked = references.compare()
        if layout.features & DIRTY:
            raise Unprovable("not-closed")
        if layout.features & EXTERNAL_DATA:
            raise Unprovable("data-elsewhere", files=1)
        counts: dict[str, Fact] = {
            "clusters": references.data_clusters,
            "compressed_clusters": references.compressed_clusters,
            "leaked_clusters": leaked if references.is_counted else None,
            "zero_tail_bytes": zero_tail(thing.file, effort),
        }
        return Identity(kind=identity.kind, facts={**identity.facts, **counts})

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Never reached."""
        raise Unprovable("no-checksums")


def _identity(layout: Layout) -> Identity:
    kind = CopyKind.DIFFERENTIAL if layout.backing else CopyKind.FULL
    return Identity(kind=kind, facts=layout.facts)
