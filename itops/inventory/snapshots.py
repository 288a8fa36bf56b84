"""The snapshots of a VM and what each of them costs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from itops.inventory.entities import Entity, Value
from itops.inventory.values import items, moment, text, truth, whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One node of a VM's snapshot tree. Source: snapshot.rootSnapshotList and layoutEx."""

    id: str  # VM key and the snapshot's moref
    source: str
    name: str
    vm: str
    vm_id: str
    description: str | None
    created_at: datetime | None
    depth: int  # 0 for a root
    is_quiesced: bool | None
    size_bytes: int | None  # of the files that belong to this snapshot; None without layoutEx
    seen_at: datetime


def snapshots_of(entity: Entity) -> tuple[Snapshot, ...]:
    """The snapshot tree of a VM, parents before children."""
    sizes = _snapshot_sizes(entity)
    return tuple(_walk(entity, items(entity.get("snapshot.rootSnapshotList")), sizes, depth=0))


def _walk(entity: Entity, nodes: list[dict[str, Value]], sizes: dict[str, int], depth: int) -> Iterator[Snapshot]:
    for node in nodes:
        ref = str(node.get("snapshot"))
        yield Snapshot(
            id=f"{entity.key}/{ref}",
            source=entity.source,
            name=text(node.get("name")) or ref,
            vm=entity.name,
            vm_id=entity.key,
            description=text(node.get("description")),
            created_at=moment(node.get("createTime")),
            depth=depth,
            is_quiesced=truth(node.get("quiesced")),
            size_bytes=sizes.get(ref),
            seen_at=entity.seen_at,
        )
        yield from _walk(entity, items(node.get("childSnapshotList")), sizes, depth + 1)


def _snapshot_sizes(entity: Entity) -> dict[str, int]:
    """Bytes by snapshot moref: its memory and state files, and the delta files written since it was taken.

    The API has no such property. layoutEx gives for each snapshot the chain of disk files below it, and for the VM the
    chain it runs on. The link that a longer chain adds right after a snapshot's own is the delta that exists because of
    that snapshot: what deleting it would merge. So each delta counts for one snapshot, and none is left out.
    """
    sizes = {whole(file.get("key")): whole(file.get("size")) or 0 for file in items(entity.get("layoutEx.file"))}
    layouts = items(entity.get("layoutEx.snapshot")) if sizes else []  # without the files nothing is known, not 0
    chains = [
        chain for owner in (*layouts, {"disk": entity.get("layoutEx.disk")}) for chain in _chains(owner.get("disk"))
    ]
    found: dict[str, int] = {}
    for layout in layouts:
        files = {whole(layout.get("dataKey")), whole(layout.get("memoryKey"))}
        for own in _chains(layout.get("disk")):
            files.update(*(chain[len(own)] for chain in chains if len(chain) > len(own) and chain[: len(own)] == own))
        found[str(layout.get("key"))] = sum(sizes.get(file, 0) for file in files)
    return found


def _chains(disks: Value) -> Iterator[list[tuple[int | None, ...]]]:
    """For each disk its chain of links, base first; a link is the keys of its files."""
    for disk in items(disks):
        links = [link.get("fileKey") for link in items(disk.get("chain"))]
        yield [tuple(map(whole, keys)) if isinstance(keys, list) else (whole(keys),) for keys in links]
