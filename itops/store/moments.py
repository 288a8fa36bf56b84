"""Moments as the store keeps them: microseconds since 1970, UTC, as integers; the same on every engine."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Raises ValueError for a naive moment: nobody knows when that was."""
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a zone cannot be kept: {moment!r}")
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Aware, UTC."""
    return _EPOCH + timedelta(microseconds=micros)


def maybe_from_micros(micros: int | None) -> datetime | None:
    """As `from_micros`; None stays None."""
    return None if micros is None else from_micros(micros)
