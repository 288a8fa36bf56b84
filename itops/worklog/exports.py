"""What of the register was sent to headquarters: the items of each export, so that the next can name the new ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """One export that was made under a profile. Nothing is ever rewritten."""

    TYPE: ClassVar[str] = "exported"

    profile: str  # of `assets.templates`
    period: str  # 1405-08: whose list it is
    at: datetime
    by: str
    path: str  # relative to the folder of itops.yaml where it lies below it
    sha256: str
    items: Mapping[str, str] = field(default_factory=dict)  # asset id -> SHA-256 of its row without the running number
    headers: tuple[str, ...] = ()  # of the columns of `rows`
    rows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # asset id -> its cells as they were written
