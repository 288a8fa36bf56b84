"""The one place that asks what time it is. Only doors (cli/) call it; everything below is handed the time."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, UTC."""
    return datetime.now(UTC)  # noqa: TID251  this is the clock
