"""What `borg list --json` tells."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from itops.backup.copies import Copy, CopyKind, Fault, Identity
from itops.backup.repositories import LookGap

_CHECKPOINT = re.compile(r"\.checkpoint(?:\.\d+)?$")


def copies_of(answer: Any, repository: str) -> Iterator[Copy | LookGap]:
    """A copy for each archive; raises KeyError or TypeError when this is no list of borg's."""
    for entry in answer["archives"]:
        try:
            yield _copy(entry, repository)
        except (KeyError, TypeError, ValueError, AttributeError) as failure:
            yield LookGap(
                subject="an entry",
                code="archive.unreadable",
                problem=f"borg lists something that cannot be read as an archive ({failure!r})",
                remedy="run `borg list` and `borg check` by hand",
                hides=True,
            )


def _copy(entry: Mapping[str, Any], repository: str) -> Copy:
    name = str(entry["name"])
    # An interrupted run leaves what it had so far under a name of this form; borg itself never counts it.
    is_checkpoint = _CHECKPOINT.search(name) is not None
    return Copy(
        repository=repository,
        key=name,
        fingerprint=str(entry["id"]),
        kind=CopyKind.PARTIAL if is_checkpoint else CopyKind.FULL,
        catalogue=Identity(
            server=entry.get("hostname") or None,
            kind=CopyKind.PARTIAL if is_checkpoint else CopyKind.FULL,
            started_at=moment(entry.get("start") or entry["time"]),
            finished_at=moment(entry.get("end")),
        ),
        faults=(Fault(code="unfinished", facts={"checkpoint": name}),) if is_checkpoint else (),
    )


def moment(text: str | None) -> datetime | None:
    """Borg 1.2 prints a time without a zone, which TZ=UTC makes UTC; newer ones print the offset."""
    if not text:
        return None
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
