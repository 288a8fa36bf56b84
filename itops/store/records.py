"""What the store says about usage over time."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """One number over a span of time; of a single sample all three are the same."""

    lowest: int
    mean: float
    highest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a VM used: at one scan, or over one month whose samples were condensed. None: it was not reported."""

    source: str
    begin_at: datetime  # the scan, or the first moment of the month (UTC)
    is_month: bool
    storage_used_bytes: Range | None
    cpu_mhz: Range | None
    memory_mib: Range | None
