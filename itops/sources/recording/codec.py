"""Lines of a recording and the records they stand for. See docs/reference/recording.md.

A line is one JSON object in ASCII: the header, then an entity or a gap each, then the trailer. The same functions
serve reading and writing, so that the two cannot drift apart. A line that is not what it should be raises Damaged,
which never leaves this folder: `file.py` adds the place and the remedy.
"""

import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from itops.inventory.entities import Entity, EntityKey, Gap, Kind, Seen

FORMAT = "itops-recording"
VERSION = 1


class Damaged(ValueError):
    """A line does not hold what a recording holds there; the text says what is wrong."""


class Newer(ValueError):
    """The recording was written by a later itops; the text is the version of the format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The first line: where and when the observation was made, and by whom it was written."""

    source: str
    observed_at: datetime
    itops_version: str
    is_redacted: bool


@dataclass(slots=True)
class Tally:
    """How many entities of each kind and how many gaps went by."""

    entities: Counter[Kind] = field(default_factory=Counter)
    gap_count: int = 0

    def add(self, seen: Seen) -> None:
        """Count one more."""
        if isinstance(seen, Gap):
            self.gap_count += 1
        else:
            self.entities[seen.kind] += 1


def header_line(header: Header) -> bytes:
    """The header as a line."""
    return _line(
        {
            "format": FORMAT,
            "version": VERSION,
            "source": header.source,
            "observed_at": _written(header.observed_at),
            "itops_version": header.itops_version,
            "redacted": header.is_redacted,
        }
    )


def read_header(line: bytes) -> Header:
    """The header of a line. Raises Damaged, or Newer for a later version of the format."""
    data = parsed(line)
    if data.get("format") != FORMAT:
        raise Damaged("it does not begin with the header of a recording")
    version = data.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise Damaged("its header has no version")
    if version > VERSION:
        raise Newer(str(version))
    return Header(
        source=_text(data, "source"),
        observed_at=_moment(data, "observed_at"),
        itops_version=_text(data, "itops_version"),
        is_redacted=data.get("redacted") is not False,
    )


def seen_line(seen: Seen) -> bytes:
    """An entity or a gap as a line."""
    return _line({"gap": _gap_data(seen)} if isinstance(seen, Gap) else {"entity": _entity_data(seen)})


def read_seen(data: Mapping[str, Any]) -> Seen:
    """The entity or gap of a parsed line. Raises Damaged."""
    entity, gap = data.get("entity"), data.get("gap")
    if isinstance(entity, dict):
        return Entity(
            kind=_kind(entity.get("kind")),
            key=EntityKey(_text(entity, "key")),
            ref=_text(entity, "ref"),
            source=_text(entity, "source"),
            seen_at=_moment(entity, "seen_at"),
            properties=_table(entity, "properties"),
        )
    if isinstance(gap, dict):
        words = {name: _text(gap, name) for name in ("source", "subject", "code", "problem", "remedy")}
        hidden = gap.get("hides")
        if not isinstance(hidden, list):
            raise Damaged("a gap does not say what it hides")
        return Gap(**words, hides=frozenset(_kind(kind) for kind in hidden))
    raise Damaged("the line is neither an entity nor a gap")


def trailer_line(tally: Tally, sha256: str) -> bytes:
    """The last line: what there should be, and the hash of every byte before it."""
    counts = {kind.value: tally.entities[kind] for kind in sorted(tally.entities)}
    return _line({"end": {"entities": counts, "gaps": tally.gap_count, "sha256": sha256}})


def check_trailer(end: object, tally: Tally, sha256: str) -> None:
    """Compare the trailer with what was read; raises Damaged where they differ."""
    if not isinstance(end, dict) or end.get("sha256") != sha256:
        raise Damaged("the content does not have the checksum that stands at its end")
    counts = {kind.value: count for kind, count in tally.entities.items()}
    if end.get("entities") != counts or end.get("gaps") != tally.gap_count:
        raise Damaged("the number of entries is not the one that stands at its end")


def parsed(line: bytes) -> dict[str, Any]:
    """A line as a JSON object. Raises Damaged for anything else, however deep or strange."""
    try:
        data = json.loads(line, parse_constant=_refused, parse_float=_finite)
    except (ValueError, RecursionError) as wrong:
        raise Damaged("the line is not JSON") from wrong
    if not isinstance(data, dict):
        raise Damaged("the line is not an object")
    return data


def _refused(constant: str) -> None:
    raise ValueError(constant)


def _finite(digits: str) -> float:
    number = float(digits)  # "1e999" is JSON, and infinity
    if not math.isfinite(number):
        raise ValueError(digits)
    return number


def _line(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


def _entity_data(entity: Entity) -> dict[str, Any]:
    return {
        "kind": entity.kind.value,
        "key": entity.key,
        "ref": entity.ref,
        "source": entity.source,
        "seen_at": _written(entity.seen_at),
        "properties": dict(entity.properties),
    }


def _gap_data(gap: Gap) -> dict[str, Any]:
    return {
        "source": gap.source,
        "subject": gap.subject,
        "code": gap.code,
        "problem": gap.problem,
        "remedy": gap.remedy,
        "hides": sorted(kind.value for kind in gap.hides),
    }


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise Damaged(f"{name} is missing")
    return value


def _table(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = data.get(name)
    if not isinstance(value, dict):
        raise Damaged(f"{name} are missing")
    return value


def _moment(data: Mapping[str, Any], name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(data, name))
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError) as wrong:
        raise Damaged(f"{name} is not a moment") from wrong
    raise Damaged(f"{name} has no time zone")


def _kind(value: object) -> Kind:
    try:
        return Kind(str(value))
    except ValueError as wrong:
        raise Damaged(f"{str(value)[:40]!r} is not a kind of thing") from wrong
