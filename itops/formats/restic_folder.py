"""A restic repository on a disk or a share, judged without its password: every file is named by its own SHA-256.

What was deleted cannot be seen so: which snapshots there should be, only the ledger or restic's password can tell.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, ClassVar

from itops.backup.contents import Content, Thing
from itops.backup.copies import CopyKind, Fault, Identity
from itops.backup.formats import Damaged, Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.facts import Fact
from itops.formats.exact import exactly
from itops.formats.restic_names import Layout, all_hashed, layout_of, looks_like_restic

_MOST_KEY = 1 << 16
_MOST_KEYS = 1000
_MOST_FAULTS = 100
_LEAST_SEALED = 32  # a nonce and a MAC around nothing
_LEAST_HEADER = 69  # of a pack: nonce, MAC and one entry


class ResticRepository:
    """The folder that holds config, data, index, keys and snapshots."""

    name: ClassVar[str] = "restic-repository"
    is_folder: ClassVar[bool] = True
    highest: ClassVar[Level] = Level.INTACT
    suffixes: ClassVar[tuple[str, ...]] = ()

    def recognises(self, thing: Thing) -> bool:
        """By its folders and the hashes in them."""
        return thing.is_folder and looks_like_restic(thing)

    def set_of(self, thing: Thing) -> str | None:
        """No stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """The config is there, and keys that tell on which machine and when they were made."""
        layout = layout_of(thing)
        if layout.config is None:
            raise damaged("member-missing", "config")
        if layout.config.size_bytes < _LEAST_SEALED:
            raise damaged("cut", "config", size_bytes=layout.config.size_bytes)
        if not layout.hashed["keys"]:
            raise damaged("member-missing", "keys")
        keys = [_key(file) for file, _ in islice(layout.hashed["keys"], _MOST_KEYS)]
        server = keys[0].get("hostname")
        return Identity(
            server=server if isinstance(server, str) else None,
            kind=CopyKind.FULL,
            made_by="restic",
            facts=_facts(thing, layout),
        )

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """No kind of file is missing altogether, none is empty, and every pack ends in a header that fits it."""
        layout = layout_of(thing)
        _raise_some(_shape_faults(layout, effort))
        return identity

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """The hash of every file against its name. `config` has none, and without it restic opens nothing."""
        layout = layout_of(thing)
        _raise_some(_hash_faults(layout, effort))
        hashed = list(all_hashed(layout))
        facts: dict[str, Fact] = {
            "unchecked_bytes": 0 if layout.config is None else layout.config.size_bytes,
            "hashed_files": len(hashed),
            "hashed_bytes": sum(file.size_bytes for file, _ in hashed),
        }
        raise Unprovable("partly-checked", **facts)


def _key(file: Content) -> dict[str, Any]:
    """A key is JSON in the clear around a sealed secret."""
    if file.size_bytes == 0:
        raise damaged("empty", file.name)
    if file.size_bytes > _MOST_KEY:
        raise damaged("structure-damaged", file.name, size_bytes=file.size_bytes)
    try:
        key = json.loads(exactly(file, 0, file.size_bytes, file.name))
    except (ValueError, RecursionError) as error:
        raise damaged("structure-damaged", file.name) from error
    if not isinstance(key, dict) or not {"kdf", "salt", "data"} <= key.keys():
        raise damaged("structure-damaged", file.name)
    return key


def _facts(thing: Thing, layout: Layout) -> dict[str, Fact]:
    snapshots = [file.modified_at for file, _ in layout.hashed["snapshots"] if file.modified_at]
    facts: dict[str, Fact] = {
        "snapshots": len(layout.hashed["snapshots"]),
        "keys": len(layout.hashed["keys"]),
        "indexes": len(layout.hashed["index"]),
        "packs": len(layout.hashed["data"]),
        "bytes": thing.size_bytes,
        "newest_snapshot_file_at": max(snapshots).isoformat() if snapshots else None,
    }
    some = {"locks": layout.locks, "partial_files": layout.partial, "strange_files": layout.strange}
    return facts | {name: count for name, count in some.items() if count}


def _shape_faults(layout: Layout, effort: Effort) -> Iterator[Fault]:
    missing = [folder for folder in ("snapshots", "index", "data") if not layout.hashed[folder]]
    if len(missing) == 3:  # as `restic init` leaves it
        yield Fault(code="nothing-inside")
        return
    yield from (Fault(code="member-missing", place=folder) for folder in missing)
    for name in layout.misplaced:
        yield Fault(code="structure-damaged", place=name)
    for file, _ in all_hashed(layout):
        effort.tick()
        if file.size_bytes == 0:
            yield Fault(code="empty", place=file.name)
        elif file.name.startswith("data/"):
            yield from _pack_faults(file)
        elif file.size_bytes < _LEAST_SEALED:
            yield Fault(code="cut", place=file.name, facts={"size_bytes": file.size_bytes})


def _pack_faults(file: Content) -> Iterator[Fault]:
    """Its last four bytes are the length of the sealed header before them."""
    length = int.from_bytes(file.read_at(max(file.size_bytes - 4, 0), 4), "little")
    if not _LEAST_HEADER <= length <= file.size_bytes - 4:
        yield Fault(code="cut", place=file.name, facts={"size_bytes": file.size_bytes})


def _hash_faults(layout: Layout, effort: Effort) -> Iterator[Fault]:
    for file, hexadecimal in all_hashed(layout):
        effort.tick()
        if file.digest() != hexadecimal:
            yield Fault(code="checksum-mismatch", place=file.name, facts={"algorithm": "sha256"})


def _raise_some(faults: Iterable[Fault]) -> None:
    """The first hundred are enough to fetch another copy."""
    if some := tuple(islice(faults, _MOST_FAULTS)):
        raise Damaged(*some)
