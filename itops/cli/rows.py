"""Records as rows: the field names here are the JSON contract (docs/reference/json.md)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from itops.cli.output import Row
from itops.inventory.entities import Kind
from itops.inventory.freshness import SourceReport
from itops.inventory.roles.evidence import roles_json
from itops.jsonable import jsonable
from itops.tasks.read_inventory import Dossier, Entry, Hole, Step

if TYPE_CHECKING:
    from itops.inventory.changes import Change


def entry_row(entry: Entry) -> Row:
    """One thing of a listing."""
    row: dict[str, Any] = jsonable(entry.record) | {"sources": list(entry.sources), "is_copy": entry.is_copy}
    if "tools_status" in row:  # a VM
        row["roles"] = roles_json(entry.roles)
    return row


def hole_rows(holes: Iterable[Hole]) -> list[Row]:
    """The `gaps` of every JSON object."""
    return [jsonable(hole.gap) | {"observed_at": jsonable(hole.observed_at)} for hole in holes]


def change_row(change: "Change") -> Row:
    """One change; `action` is added, removed, discovered, renamed, moved, resized, upgraded or reconfigured."""
    row: dict[str, Any] = jsonable(change)
    return row


def source_row(report: SourceReport, kind: str | None) -> Row:
    """One source and how fresh it is; `type` is None for one that is no longer configured."""
    last, whole = report.last_attempt, report.last_complete
    return {
        "source": report.source,
        "type": kind,
        "state": report.state.value,
        "last_attempt_at": jsonable(last and last.started_at),
        "last_attempt_state": last.state.value if last else None,
        "last_complete_at": jsonable(whole and whole.observed_at),
        "age_seconds": int(report.age.total_seconds()) if report.age is not None else None,
        "entity_counts": dict(sorted(jsonable(whole.entity_counts).items())) if whole else {},
        "gap_count": last.gap_count if last else 0,
        "problem": last.problem if last else None,
        "remedy": last.remedy if last else None,
    }


def dossier_row(dossier: Dossier) -> Row:
    """All about one thing: its row as in a listing, and what belongs to it."""
    row: dict[str, Any] = {
        "kind": dossier.kind.value,
        **entry_row(dossier.entry),
        "first_seen_at": jsonable(dossier.first_seen_at),
        "gone_at": jsonable(dossier.gone_at),
        "seen_through": [
            {"source": view.source, "ref": view.ref, "name": view.name, "seen_at": jsonable(view.seen_at)}
            for view in dossier.views
        ],
    }
    if dossier.kind is Kind.VM:
        parts = {"disks": dossier.disks, "nics": dossier.nics, "snapshots": dossier.snapshots}
        row |= {name: jsonable(part) for name, part in parts.items()}
    return row


def step_row(step: Step) -> Row:
    """One revision of a thing: from when until when it was so, and what had changed."""
    revision = step.revision
    return {
        "kind": revision.entity.kind.value,
        "id": revision.entity.key,
        "name": revision.entity.name,
        "source": revision.entity.source,
        "ref": revision.entity.ref,
        "valid_from": jsonable(revision.valid_from),
        "valid_to": jsonable(revision.valid_to),
        "ended_by_scan": revision.ended_by,
        "changed": [{"field": name, "before": before, "after": after} for name, before, after in step.facts],
        "changed_paths": list(step.paths),
    }
