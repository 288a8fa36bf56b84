"""The one place that asks what time it is. Only doors (cli/) call it; everything below is handed the time."""

from datetime import UTC, datetime, timedelta

_behind = timedelta()


def now() -> datetime:
    """The present moment, aware, UTC."""
    return datetime.now(UTC) - _behind  # noqa: TID251  this is the clock


def play_at(moment: datetime) -> None:
    """From here on this process believes that it is `moment`. For the demo alone, which lives through a month."""
    global _behind  # noqa: PLW0603  the clock of a process is one
    _behind = now() + _behind - moment
