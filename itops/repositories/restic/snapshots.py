"""What `restic snapshots --json` tells: copies, and gaps for what it drops."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from itops.backup.copies import Copy, CopyKind, Identity
from itops.backup.repositories import LookGap
from itops.facts import Fact

_DROPPED = re.compile(r"could not load snapshot ([0-9a-f]+)", re.IGNORECASE)
_ID = re.compile(r"[0-9a-f]{64}")


def copies_of(answer: Any, repository: str, objects: Mapping[str, str]) -> Iterator[Copy | LookGap]:
    """A copy for each snapshot; an entry that cannot be read is a gap. `answer` is null for an empty repository."""
    for entry in [] if answer is None else answer:
        try:
            yield _copy(entry, repository, objects)
        except (KeyError, TypeError, ValueError, AttributeError) as failure:
            yield _gap("an entry", f"restic lists something that cannot be read as a snapshot ({failure!r})")


def _copy(entry: Mapping[str, Any], repository: str, objects: Mapping[str, str]) -> Copy:
    key = entry["id"]
    if not _ID.fullmatch(key):
        raise ValueError("no id")
    paths = [str(path) for path in entry.get("paths") or ()]
    host = str(entry.get("hostname") or "") or None
    return Copy(
        repository=repository,
        key=key,
        fingerprint=key,
        object=objects.get(f"{host}:{','.join(paths)}", objects.get(str(host))),
        kind=CopyKind.FULL,  # every snapshot is whole; what they share is stored once
        size_bytes=(entry.get("summary") or {}).get("total_bytes_processed"),
        catalogue=_identity(entry, paths, host),
        labels=frozenset(map(str, entry.get("tags") or ())),
    )


def _identity(entry: Mapping[str, Any], paths: list[str], host: str | None) -> Identity:
    summary = entry.get("summary") or {}  # of restic 0.17 and newer
    started = datetime.fromisoformat(entry["time"])
    offset = started.utcoffset()
    finished = summary.get("backup_end")
    facts: dict[str, Fact] = {"paths": len(paths), "tree": entry.get("tree"), "user": entry.get("username")}
    return Identity(
        object=",".join(paths) or None,
        server=host,
        kind=CopyKind.FULL,
        started_at=started.astimezone(UTC),
        finished_at=None if finished is None else datetime.fromisoformat(finished).astimezone(UTC),
        utc_offset_minutes=None if offset is None else round(offset.total_seconds() / 60),
        made_by=entry.get("program_version"),
        facts={name: fact for name, fact in facts.items() if fact is not None},
    )


def gaps_of(stderr: str) -> Iterator[LookGap]:
    """restic ends with 0 while it drops what it cannot read; it only says so on stderr."""
    for line in filter(None, map(str.strip, stderr.splitlines())):
        dropped = _DROPPED.search(line)
        yield _gap(f"snapshot {dropped[1]}" if dropped else "restic snapshots", line[:500])


def _gap(subject: str, problem: str) -> LookGap:
    return LookGap(
        subject=subject,
        code="snapshot.unreadable",
        problem=problem,
        remedy="run `restic check` on the repository and follow what it advises",
        hides=True,
    )
