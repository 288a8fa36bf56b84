"""Values as people write them in itops.yaml: 2h, 90d, 1h30m, 500 MiB, 06:30, and names for machines."""

import re
from datetime import time, timedelta
from typing import Final, NewType

from itops.config.mistakes import quoted
from itops.dates import latin_digits, time_of_day
from itops.names import Count, Identifier

ByteCount = NewType("ByteCount", int)
"""A settings field of this type is written as 500 MB or 2 GiB."""

_UNIT_SECONDS: Final = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?", re.ASCII)
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,3})?) ?(B|[kKMGTP]B|[KMGTP]iB)", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
_MOST = 10_000


def parse_duration(text: str) -> timedelta:
    """Weeks, days, hours, minutes, seconds, big units first: 90d, 1h30m. Raises ValueError with an example."""
    found = _DURATION.fullmatch(latin_digits(text).replace(" ", ""))
    if not found or not any(found.groups()):
        raise ValueError(f"{quoted(text)} is not a duration; write 24h, 30m or 90d")
    seconds = sum(int(count or 0) * unit for count, unit in zip(found.groups(), _UNIT_SECONDS.values(), strict=True))
    return timedelta(seconds=seconds)


def parse_size(text: str) -> ByteCount:
    """A size with its unit, decimal (MB) or binary (MiB), as bytes. Raises ValueError with an example."""
    found = _SIZE.fullmatch(latin_digits(text).strip())
    if not found:
        raise ValueError(f"{quoted(text)} is not a size; write 500 MB or 2 GiB")
    unit = found[2]
    factor = 1 if unit == "B" else (1024 if "i" in unit else 1000) ** ("KMGTP".index(unit[0].upper()) + 1)
    return ByteCount(round(float(found[1]) * factor) if "." in found[1] else int(found[1]) * factor)


def parse_time(text: str) -> time:
    """An hour and minute of the office's day: 06:30. Raises ValueError with an example."""
    at = time_of_day(text)
    if at is None:
        raise ValueError(f'{quoted(text)} is not a time of day; write "06:30"')
    return at


def parse_count(number: int) -> Count:
    """How many of something; raises ValueError when that cannot be meant."""
    if not 0 <= number <= _MOST:
        raise ValueError(f"{number} is not between 0 and {_MOST:,}")
    return Count(number)


def parse_identifier(text: str) -> Identifier:
    """A name for machines: letters, digits, - _ and dot. Raises ValueError."""
    if not _NAME.fullmatch(text):
        raise ValueError(
            f"{quoted(text)} should be letters, digits, - _ and . (at most 63): it becomes part of file names"
        )
    return Identifier(text)
