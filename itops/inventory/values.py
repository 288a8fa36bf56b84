"""Reading values out of property maps: absent is None, wrong types are absent, and units are converted once."""

from datetime import datetime

from itops.inventory.entities import Value

KIB = 1024
MIB = 1024 * KIB


def moment(value: Value) -> datetime | None:
    """An ISO 8601 string as an aware moment; None for anything else, and for one that does not say its offset."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.utcoffset() is not None else None


def text(value: Value) -> str | None:
    """A non-empty string, else None."""
    return value if isinstance(value, str) and value else None


def whole(value: Value) -> int | None:
    """An integer, else None (True is not a number)."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def truth(value: Value) -> bool | None:
    """A boolean, else None: absent is not false."""
    return value if isinstance(value, bool) else None


def items(value: Value) -> list[dict[str, Value]]:
    """The dicts of a list; empty for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def dig(value: Value, *path: str) -> Value:
    """`value[path[0]][path[1]]...`, None as soon as a step is missing."""
    for step in path:
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value


def names(value: Value) -> tuple[str, ...]:
    """The strings of a list; empty for anything else."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def scaled(value: Value, unit: int) -> int | None:
    """An API number times its unit, None when it was absent."""
    number = whole(value)
    return None if number is None else number * unit
