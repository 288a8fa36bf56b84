"""One row of a catalogue as a Copy; ValueError says in words what is wrong with it."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from itops.backup.copies import Copy, CopyKind, Fault, Identity
from itops.dates import latin_digits, parse_day
from itops.errors import UsageWrong
from itops.facts import Fact
from itops.repositories.paths import shown_path

COLUMNS = (
    "object",
    "server",
    "kind",
    "started_at",
    "finished_at",
    "size_bytes",
    "status",
    "id",
    "labels",
    "location",
    "sha256",
    "made_by",
)
_STATUS = ("ok", "warning", "failed")
_KINDS = {**{kind.value: kind for kind in CopyKind}, "": CopyKind.UNKNOWN, "diff": CopyKind.DIFFERENTIAL}
_MOST_TEXT = 1000
_MOMENT = re.compile(
    r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2})[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s*"
    r"(Z|[+-]\d{2}:?\d{2})?",
    re.ASCII | re.IGNORECASE,
)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SIZE = re.compile(r"[0-9]{1,18}")


def copy_of_row(cells: Mapping[str, Any], repository: str, zone: ZoneInfo) -> Copy:
    """The copy that a row tells of. `zone`: of times without an offset. Raises ValueError."""
    texts = {name: _text(cells.get(name), name) for name in COLUMNS if name != "labels"}
    kind = _kind(texts["kind"])
    started, _ = _moment(texts["started_at"], "started_at", zone)
    finished, offset = _moment(texts["finished_at"], "finished_at", zone)
    if not texts["object"]:
        raise ValueError("object is empty")
    if started is None and finished is None:
        raise ValueError("neither started_at nor finished_at tells when it was")
    if started is not None and finished is not None and finished < started:
        raise ValueError("it finished before it started")
    status = _one_of(texts["status"].casefold() or "ok", _STATUS, "status")
    name = "/".join(filter(None, (texts["server"], texts["object"])))
    labels = _labels(cells.get("labels"))
    facts: dict[str, Fact] = {"status": status}
    facts |= {key: text for key in ("location", "sha256") if (text := _checked(key, texts[key]))}
    size = _size(texts["size_bytes"])
    when = finished or started
    assert when is not None
    told = (name, kind.value, started, finished, size, status, sorted(labels), *facts.values(), texts["made_by"])
    return Copy(
        repository=repository,
        key=texts["id"] or f"{name} {kind.value} {when:%Y-%m-%dT%H:%M:%SZ}",
        fingerprint=hashlib.sha256(repr(told).encode()).hexdigest(),
        object=name,
        kind=kind,
        size_bytes=size,
        catalogue=Identity(
            object=texts["object"],
            server=texts["server"] or None,
            kind=kind,
            started_at=started,
            finished_at=finished,
            utc_offset_minutes=offset,
            made_by=texts["made_by"] or None,
            facts=facts,
        ),
        faults=(Fault(code="reported-failed"),) if status == "failed" else (),
        labels=labels,
    )


def _text(value: Any, name: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"{name} should be one text or whole number")  # noqa: TRY004  the row is wrong, not our type
    text = str(value).strip()
    if len(text) > _MOST_TEXT:
        raise ValueError(f"{name} has {len(text)} letters; at most {_MOST_TEXT} are read")
    # A lone half of a UTF-16 pair (JSON can spell it) can be kept nowhere.
    return shown_path(text.encode("utf-8", "replace").decode())


def _kind(text: str) -> CopyKind:
    if text.casefold() not in _KINDS:
        raise ValueError(f"kind {text!r} is none of {', '.join(kind.value for kind in CopyKind)}")
    return _KINDS[text.casefold()]


def _one_of(text: str, choices: tuple[str, ...], name: str) -> str:
    if text not in choices:
        raise ValueError(f"{name} {text!r} is none of {', '.join(choices)}")
    return text


def _moment(text: str, name: str, zone: ZoneInfo) -> tuple[datetime | None, int | None]:
    """UTC, and the offset in minutes where the text carries one; Jalali or Gregorian by its year."""
    if not text:
        return None, None
    found = _MOMENT.fullmatch(latin_digits(text))
    try:
        if not found:
            raise ValueError  # noqa: TRY301  one sentence for all that is no moment
        day = parse_day(found[1])
        hour = time(int(found[2]), int(found[3]), int(found[4] or 0))
        offset = _offset_minutes(found[5])
        shift = zone if offset is None else timezone(timedelta(minutes=offset))
        return datetime.combine(day, hour, shift).astimezone(UTC), offset
    except (ValueError, OverflowError, UsageWrong):
        raise ValueError(
            f"{name} {text[:50]!r} is not a moment; write 2026-11-21T23:30:00+03:30 or 1405-08-30 23:30"
        ) from None


def _offset_minutes(text: str | None) -> int | None:
    if text is None or text.upper() == "Z":
        return None if text is None else 0
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return -minutes if text[0] == "-" else minutes


def _size(text: str) -> int | None:
    digits = latin_digits(text)
    if not digits:
        return None
    if not _SIZE.fullmatch(digits):
        raise ValueError(f"size_bytes {text[:50]!r} is not a whole number of bytes")
    return int(digits)


def _checked(name: str, text: str) -> str:
    if name == "sha256" and text and not _SHA256.fullmatch(text.lower()):
        raise ValueError("sha256 is not 64 hexadecimal digits")
    return text.lower() if name == "sha256" else text


def _labels(value: Any) -> frozenset[str]:
    """A list, or one text with commas, semicolons or bars between."""
    if isinstance(value, list):
        return frozenset(filter(None, (_text(label, "labels") for label in value)))
    return frozenset(filter(None, (label.strip() for label in re.split(r"[,;|]", _text(value, "labels")))))
