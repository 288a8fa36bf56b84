"""How one value of itops.yaml is read, by the type of its settings field; a ValueError says what to write instead."""

import re
from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from itops.config.mistakes import did_you_mean, quoted
from itops.config.scalars import (
    ByteCount,
    parse_count,
    parse_duration,
    parse_identifier,
    parse_size,
    parse_time,
)
from itops.config.secrets import ReferencedSecret
from itops.config.yaml import typed
from itops.dates import latin_digits, parse_day
from itops.names import Count, Identifier
from itops.secrets import Secret

_DECIMAL = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")

Reader: TypeAlias = Callable[[Any, Path], Any]
"""Takes the text (or list, or mapping) and the folder of the file; paths and secrets are relative to it."""


def choice(choices: Mapping[str, Any]) -> Reader:
    """A reader of one of some words; `choices` gives what each stands for."""

    def read(value: Any, folder: Path) -> Any:
        text = read_text(value, folder)
        if text not in choices:
            raise ValueError(f"{quoted(text)} is not one of {', '.join(choices)}{did_you_mean(text, choices)}")
        return choices[text]

    return read


def read_text(value: Any, folder: Path) -> str:
    """One value, not empty."""
    if not isinstance(value, str):
        raise ValueError("should be one value, not a list or section")  # noqa: TRY004  pydantic gathers ValueErrors
    if not value:
        raise ValueError("is empty")
    return value


def _whole(value: Any, folder: Path) -> int:
    text = read_text(value, folder)
    number = typed(latin_digits(text).strip())
    if isinstance(number, bool) or not isinstance(number, int):
        raise ValueError(f"{quoted(text)} is not a whole number")  # noqa: TRY004  as above
    return number


def _decimal(value: Any, folder: Path) -> float:
    text = read_text(value, folder)
    digits = latin_digits(text).strip()
    if not _DECIMAL.fullmatch(digits):
        raise ValueError(f"{quoted(text)} is not a number")
    return float(digits)


def _yes_or_no(value: Any, folder: Path) -> bool:
    text = read_text(value, folder)
    if text not in {"true", "false"}:
        raise ValueError(f"{quoted(text)} is neither true nor false")
    return text == "true"


def _zone(value: Any, folder: Path) -> ZoneInfo:
    text = read_text(value, folder)
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # ValueError: ../etc/passwd; OSError: a folder, Asia
        pass
    raise ValueError(f"{quoted(text)} is not a time zone{did_you_mean(text, available_timezones())}")


def _anything(value: Any, folder: Path) -> Any:
    """Values of a shape that only its reader knows: scalars are typed as the loader would."""
    if isinstance(value, dict):
        return {key: _anything(held, folder) for key, held in value.items()}
    if isinstance(value, list):
        return tuple(_anything(held, folder) for held in value)
    return typed(value) if isinstance(value, str) else value


READERS: Mapping[Any, Reader] = {
    Any: _anything,
    object: _anything,
    str: read_text,
    bool: _yes_or_no,
    int: _whole,
    float: _decimal,
    Count: lambda value, folder: parse_count(_whole(value, folder)),
    Identifier: lambda value, folder: parse_identifier(read_text(value, folder)),
    ByteCount: lambda value, folder: parse_size(read_text(value, folder)),
    timedelta: lambda value, folder: parse_duration(read_text(value, folder)),
    time: lambda value, folder: parse_time(read_text(value, folder)),
    date: lambda value, folder: parse_day(read_text(value, folder)),
    ZoneInfo: _zone,
    Path: lambda value, folder: folder / Path(read_text(value, folder)).expanduser(),
    Secret: lambda value, folder: ReferencedSecret(read_text(value, folder), folder),
}
