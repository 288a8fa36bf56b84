"""What `pgbackrest info --output=json` tells. It ends with 0 whatever it found: the truth is in `status`."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from itops.backup.copies import Copy, CopyKind, Fault, Identity
from itops.backup.repositories import LookGap
from itops.errors import SourceUnavailable
from itops.facts import Fact

_KINDS: Mapping[str, CopyKind] = {
    "full": CopyKind.FULL,
    "diff": CopyKind.DIFFERENTIAL,
    "incr": CopyKind.INCREMENTAL,
}
_MALFORMED = (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError)
_FINE = 0
_NO_STANZA = 1
_NO_BACKUP = 2


def stanza_of(answer: Any, stanza: str, repo: int) -> Mapping[str, Any]:
    """The part about our stanza; raises SourceUnavailable when its repository cannot be read."""
    try:
        told = next(it for it in answer if it["name"] == stanza)
        status = next((it["status"] for it in told.get("repo") or () if it["key"] == repo), told["status"])
        code, message = int(status["code"]), str(status["message"])
    except (KeyError, TypeError, ValueError, StopIteration, AttributeError):
        raise SourceUnavailable(
            f"pgBackRest tells nothing of the stanza {stanza}", remedy="check `stanza`; `pgbackrest info` lists them"
        ) from None
    if code == _NO_STANZA:
        raise SourceUnavailable(
            f"pgBackRest has no stanza {stanza} there: {message}",
            remedy="check `stanza`, `config`, `repo` and `path`, and whether the disk is mounted",
        )
    if code not in {_FINE, _NO_BACKUP}:
        raise SourceUnavailable(
            f"pgBackRest cannot read the repository of {stanza} (status {code}): {message[:1000]}",
            remedy="restore backup.info or archive.info from their .copy or from another copy of the repository",
        )
    return dict(told)


def copies_of(told: Mapping[str, Any], repository: str, repo: int) -> Iterator[Copy | LookGap]:
    """A copy for each backup in our repository."""
    try:
        archives = {entry["database"]["id"]: entry["id"] for entry in told.get("archive") or ()}
        systems = {entry["id"]: entry for entry in told.get("db") or ()}
    except _MALFORMED as failure:
        problem = f"pgBackRest tells of its archives in a way that cannot be read ({failure!r})"
        raise SourceUnavailable(problem, remedy="run `pgbackrest info` by hand") from failure
    for entry in told.get("backup") or ():
        try:
            if int(entry["database"].get("repo-key", repo)) == repo:
                database = entry["database"]["id"]
                yield _copy(entry, str(told["name"]), repository, archives.get(database), systems.get(database) or {})
        except _MALFORMED as failure:
            yield LookGap(
                subject="an entry",
                code="backup.unreadable",
                problem=f"pgBackRest lists something that cannot be read as a backup ({failure!r})",
                remedy="run `pgbackrest info` by hand",
                hides=True,
            )


def _copy(
    entry: Mapping[str, Any], stanza: str, repository: str, archive: str | None, system: Mapping[str, Any]
) -> Copy:
    label, stop = str(entry["label"]), int(entry["timestamp"]["stop"])
    kind = _KINDS.get(entry["type"], CopyKind.UNKNOWN)
    facts: dict[str, Fact] = {
        "archive": archive,
        "wal_start": (entry.get("archive") or {}).get("start"),
        "wal_stop": (entry.get("archive") or {}).get("stop"),
        "base": entry.get("prior"),
        "needs": ",".join(entry.get("reference") or ()) or None,
        "postgresql": system.get("version"),
        "system_id": str(system["system-id"]) if "system-id" in system else None,  # too long for a JSON number
    }
    made_by = (entry.get("backrest") or {}).get("version")
    return Copy(
        repository=repository,
        key=label,
        fingerprint=f"{label} {stop}",
        kind=kind,
        size_bytes=(entry.get("info") or {}).get("size"),
        catalogue=Identity(
            server=stanza,
            kind=kind,
            started_at=datetime.fromtimestamp(int(entry["timestamp"]["start"]), UTC),
            finished_at=datetime.fromtimestamp(stop, UTC),
            made_by=f"pgBackRest {made_by}" if made_by else None,
            facts={name: fact for name, fact in facts.items() if fact is not None},
        ),
        # While it copied, pages of the database itself had wrong checksums; pgBackRest tells of it only here.
        faults=(Fault(code="page-checksum"),) if entry.get("error") is True else (),
    )
