"""What the controls need to know that no scan shows: the `backup.controls` section of itops.yaml."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlsPolicy:
    """Limits and documents."""
