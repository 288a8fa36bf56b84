"""Values as a controller gives them: of any type, padded, missing. What is not of use is None, never an error."""

import math
import re
from datetime import date
from typing import Any

from itops.text import plain

_LONGEST = 300
_SURROGATE = re.compile("[\ud800-\udfff]")
_US_DATE = re.compile(r"\b(\d{2})/(\d{2})/(\d{4})\b", re.ASCII)
GIB = 1024**3


def text(value: Any) -> str | None:
    """A text without padding and control characters, cut at 300; nothing is judged: fillers stay what they are."""
    if not isinstance(value, str):
        return None
    return plain(_SURROGATE.sub("", value[: 4 * _LONGEST])).strip()[:_LONGEST] or None


def count(value: Any) -> int | None:
    """A whole number that can be a count."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 100_000 else None


def gib(value: Any) -> int | None:
    """GiB, whole or not, as bytes."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return round(value * GIB) if math.isfinite(value) and 0 < value < 1 << 20 else None


def date_in(value: str | None) -> date | None:
    """The day that stands in a BIOS version, as HPE writes it: U30 v2.12 (07/22/2019), the month first."""
    found = _US_DATE.search(value or "")
    if found is None:
        return None
    month, day, year = map(int, found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def node(value: Any) -> dict[str, Any]:
    """A nested object; empty where there is none."""
    return value if isinstance(value, dict) else {}


def nodes(value: Any) -> list[dict[str, Any]]:
    """A list of objects."""
    return [held for held in value if isinstance(held, dict)] if isinstance(value, list) else []
