"""Places and limits of off-site custody: the `backup.custody` section of itops.yaml."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyPolicy:
    """Places and limits."""
