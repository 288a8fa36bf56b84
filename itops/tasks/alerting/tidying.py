"""What is old enough goes: rows of notifications that are over, and of the ledger of runs."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from itops.config.settings import Settings
from itops.schedule.policy import SchedulePolicy

if TYPE_CHECKING:
    from itops.store.watch_writer import WatchStore

OFTEN = timedelta(hours=1)
KEEP_OF_OFTEN = timedelta(days=7)
"""A job of every five minutes has a hundred thousand rows a year that nobody asks for."""


def tidy(watch: "WatchStore", settings: Settings, jobs: Iterable[str], now: datetime) -> None:
    """Forget. `jobs`: every one that the ledger knows."""
    watch.prune_notifications(now - settings.alerts.keep)
    watch.prune_runs(kept_since(settings.schedule, jobs, now))


def kept_since(policy: SchedulePolicy, jobs: Iterable[str], now: datetime) -> Mapping[str, datetime]:
    """From when on the rows of each job are kept; those of a job that itops.yaml knows no more as long as any."""
    return {job: now - (KEEP_OF_OFTEN if _is_often(policy, job) else policy.keep) for job in jobs}


def _is_often(policy: SchedulePolicy, job: str) -> bool:
    known = policy.jobs.get(job)
    return known is not None and known.at.every is not None and known.at.every < OFTEN
