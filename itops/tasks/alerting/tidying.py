"""What is old enough goes: rows of notifications that are over, and of the ledger of runs."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from itops.config.settings import Settings
from itops.schedule.policy import SchedulePolicy

if TYPE_CHECKING:
    from itops.store.writing import Store

SAMPLES = timedelta(days=400)
"""What servers used is kept scan by scan for a year and a month, then by the month: lowest, mean, highest."""
OFTEN = timedelta(hours=1)
KEEP_OF_OFTEN = timedelta(days=7)
"""A job of every five minutes has a hundred thousand rows a year that nobody asks for."""


def tidy(store: "Store", settings: Settings, jobs: Iterable[str], now: datetime) -> None:
    """Forget. `jobs`: every one that the ledger knows."""
    store.watch.prune_notifications(now - settings.alerts.keep)
    store.watch.prune_runs(kept_since(settings.schedule, jobs, now))
    store.condense_samples(now - SAMPLES)


def kept_since(policy: SchedulePolicy, jobs: Iterable[str], now: datetime) -> Mapping[str, datetime]:
    """From when on the rows of each job are kept; those of a job that itops.yaml knows no more as long as any."""
    return {job: now - (KEEP_OF_OFTEN if _is_often(policy, job) else policy.keep) for job in jobs}


def _is_often(policy: SchedulePolicy, job: str) -> bool:
    known = policy.jobs.get(job)
    return known is not None and known.at.every is not None and known.at.every < OFTEN
