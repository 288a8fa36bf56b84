"""`backup_label`: what a base backup says of itself."""

import re
from datetime import UTC, datetime, timedelta, timezone

from itops.backup.copies import CopyKind, Identity
from itops.facts import Fact

_LINE = re.compile(r"^([A-Z ]+): (.*)$", re.MULTILINE)
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d+)? ?(\S{0,40})")
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)?")
LONGEST = 4096


def label_identity(label: bytes, version: bytes, control: bytes) -> Identity:
    """From `backup_label`, `PG_VERSION` and the first bytes of `global/pg_control`; any may be b"".

    The zone of START TIME is what the server's log shows: UTC, an offset, or letters that name no zone for certain;
    then the moment is kept as `local_started_at`.
    """
    lines = dict(_LINE.findall(label.decode("utf-8", "replace")))
    facts: dict[str, Fact] = {}
    for key, line in (("start_wal", "START WAL LOCATION"), ("label", "LABEL"), ("from", "BACKUP FROM")):
        if line in lines:
            facts[key] = lines[line].strip()[:200]
    number = version.decode("ascii", "replace").strip()[:10]
    if number:
        facts["server_version"] = number
    if len(control) >= 8:
        facts["system_identifier"] = str(int.from_bytes(control[:8], "little"))
    started_at, offset_minutes = None, None
    if found := _MOMENT.fullmatch(lines.get("START TIME", "").strip()):
        started_at, offset_minutes = _moment(found[1], found[2])
        if started_at is None and _is_moment(found[1]):
            facts["local_started_at"] = found[1].replace(" ", "T")
    return Identity(
        kind=CopyKind.INCREMENTAL if "INCREMENTAL FROM LSN" in lines else CopyKind.FULL,
        started_at=started_at,
        utc_offset_minutes=offset_minutes,
        made_by=f"PostgreSQL {number}" if number else None,
        facts=facts,
    )


def _is_moment(text: str) -> bool:
    return _moment(text, "UTC")[0] is not None


def _moment(text: str, zone: str) -> tuple[datetime | None, int | None]:
    """The moment in UTC and the server's offset in minutes; (None, None) where the zone is not known."""
    minutes: int | None = None
    if zone in {"UTC", "GMT", "Z"}:
        minutes = 0
    elif offset := _OFFSET.fullmatch(zone):
        minutes = (60 * int(offset[2]) + int(offset[3] or 0)) * (-1 if offset[1] == "-" else 1)
    if minutes is None:
        return None, None
    try:
        aware = datetime.fromisoformat(text).replace(tzinfo=timezone(timedelta(minutes=minutes)))
        return aware.astimezone(UTC), minutes
    except (ValueError, OverflowError):
        return None, None
