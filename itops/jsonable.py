"""Records as JSON has them, for people and other programs: every field, nothing left out."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

from itops.verdict import State


def jsonable(value: Any) -> Any:
    """A record as JSON has it: moments in UTC with Z, days as YYYY-MM-DD, enums by value, sets sorted, every field."""
    if is_dataclass(value) and not isinstance(value, type):
        return {part.name: jsonable(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, State):
        return value.name
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(jsonable(key)): jsonable(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(jsonable(item) for item in value)
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    return value
