"""Reading values that may be anything: a rule meets absent, newer and damaged data and must not raise."""

import re
from datetime import datetime

from itops.inventory.entities import Value
from itops.inventory.values import names, text

_LARGEST = 2**63  # the API's longs end here; what is larger is damage and would overflow a float
_DATASTORE_PATH = re.compile(r"\[(?P<datastore>[^\]]*)\]\s*(?P<path>.*)", re.DOTALL)
_SECONDS_PER_DAY = 86400


def number(value: Value) -> float | None:
    """A finite number, else None; True is not a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if -_LARGEST < value < _LARGEST else None


def amount(value: Value) -> int:
    """A positive whole number, 0 for everything else: for sums."""
    found = number(value)
    return int(found) if found is not None and found > 0 else 0


def ratio(part: Value, whole: Value) -> float | None:
    """`part` of `whole`; None unless both are numbers and there is a whole at all."""
    numerator, denominator = number(part), number(whole)
    if numerator is None or denominator is None or denominator <= 0:
        return None
    return numerator / denominator


def days_between(begin: datetime, end: datetime) -> float:
    """Days and fractions of them from `begin` to `end`; negative when they are the wrong way round."""
    return (end - begin).total_seconds() / _SECONDS_PER_DAY


def day_of(moment: datetime, now: datetime) -> str:
    """The day of a moment in the zone that `now` carries: what ends at 22:00 UTC ends tomorrow in Tehran."""
    return moment.astimezone(now.tzinfo).date().isoformat()


def words(value: Value) -> tuple[str, ...]:
    """The strings of a list, or the one string that stands for it."""
    return (value,) if isinstance(value, str) and value else names(value)


def split_path(value: Value) -> tuple[str, str] | None:
    """`[datastore] folder/file` as ("datastore", "folder/file"); None when it is no datastore path."""
    found = _DATASTORE_PATH.fullmatch(text(value) or "")
    return (found["datastore"], found["path"]) if found else None


def folder_of(path: str) -> str | None:
    """The folder of "folder/file"; None for a file in the root of a datastore."""
    folder, slash, _ = path.rpartition("/")
    return folder if slash else None


def version_text(*parts: Value) -> str:
    """Parts of a version in one string, without those that are missing."""
    return " ".join(part for part in map(text, parts) if part)


def hardware_level(value: Value) -> int | None:
    """`vmx-19` as 19."""
    prefix, _, level = (text(value) or "").partition("-")
    return int(level) if prefix == "vmx" and level.isascii() and level.isdigit() and len(level) < 4 else None
