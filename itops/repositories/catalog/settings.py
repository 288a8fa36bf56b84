"""What itops.yaml says about a catalogue file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogSettings:
    """A file in which another product tells of its copies: docs/reference/backup-catalog.md."""

    path: Path
    format: Literal["auto", "csv", "json"] = "auto"
    """`auto`: by the suffix of the file."""
    timezone: ZoneInfo | None = None
    """Of the times in it that carry no offset; the office's without it."""
