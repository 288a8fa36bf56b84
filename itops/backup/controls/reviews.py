"""Days on which somebody says that something was reviewed or tried: too old, to come, or never."""

from datetime import date, timedelta

from itops.backup.controls.verdicts import Reason, not_evaluated, ok, warning


def reviewed(subject: str, on: date | None, limit: timedelta, today: date) -> Reason:
    """How a day stands against its limit; `subject` is what was reviewed or tried: a file, a key, a name."""
    if on is None:
        return not_evaluated("review-unrecorded", subject=subject)
    if on > today:
        return warning("review-to-come", subject=subject, done_on=on.isoformat())
    age = today - on
    if age > limit:
        return warning(
            "review-overdue", subject=subject, done_on=on.isoformat(), age_days=age.days, limit_days=limit.days
        )
    return ok("review-current", subject=subject, done_on=on.isoformat())
