"""Checks of what lies off-site: is every slot there that the plan wants there, sound, proven, and often enough?"""

from collections.abc import Iterator
from datetime import timedelta

from itops.backup.custody.days import open_day
from itops.backup.custody.deposits import DemandedSlot, Holdings, demanded_slots, deposits, midnight
from itops.backup.custody.findings import View, critical, finding, warning
from itops.backup.judgement.verdicts import BackupFinding
from itops.backup.levels import Level
from itops.backup.policy import Tier
from itops.verdict import State

_PERIOD_DAYS = {Tier.DAILY: 1, Tier.WEEKLY: 7, Tier.MONTHLY: 31}


def content_findings(view: View) -> Iterator[BackupFinding]:
    """All of them."""
    yield from _plan(view)
    yield from _slots(view)
    yield from _newest(view)
    yield from _damaged(view)


def _plan(view: View) -> Iterator[BackupFinding]:
    """A tier that names a place which is not in custody.places can never be fulfilled."""
    for name, job in view.plan.jobs.items():
        for tier, policy in job.tiers().items():
            if policy.offsite is not None and policy.offsite not in view.policy.places:
                yield critical("offsite-place-unknown", name, tier=tier.value, place=policy.offsite)


def _slots(view: View) -> Iterator[BackupFinding]:
    holdings = Holdings(view.register)
    for demanded in demanded_slots(view.register, view.plan, view.calendar, view.now, view.databases):
        yield from _slot(view, demanded, holdings)


def _slot(view: View, demanded: DemandedSlot, holdings: Holdings) -> Iterator[BackupFinding]:
    subject = " ".join(filter(None, (demanded.job, demanded.object, demanded.slot.name)))
    held = tuple(holdings.of(demanded))
    there = [(state, file) for state, file in held if state.place == demanded.place and not state.is_in_transit]
    if not there:
        yield from _absent(view, demanded, subject, sorted({state.medium for state, _ in held}))
        return
    media = {state.medium for state, _ in there}
    if len(media) < view.policy.copies:
        yield warning("offsite-too-few", subject, media=len(media), wanted=view.policy.copies, place=demanded.place)
    level = max((file.level for _, file in there if file.level is not None), default=None)
    if level is None or level < demanded.needed:
        yield warning(
            "offsite-weak",
            subject,
            level=Level.SEEN.title if level is None else level.title,
            needed=demanded.needed.title,
            media=", ".join(sorted(media)),
        )


def _absent(view: View, demanded: DemandedSlot, subject: str, media: list[str]) -> Iterator[BackupFinding]:
    """Late: CRITICAL; from the morning after the first day it could have been carried there: WARNING."""
    is_late = demanded.is_late(view.calendar, view.now)
    if not is_late and view.now < midnight(demanded.due_on + timedelta(days=1), view.calendar):
        return
    yield finding(
        "offsite-missing" if is_late else "offsite-due",
        State.CRITICAL if is_late else State.WARNING,
        subject,
        place=demanded.place,
        due_on=demanded.due_on.isoformat(),
        last_on=demanded.last_on.isoformat(),
        media=", ".join(media) or "-",
    )


def _newest(view: View) -> Iterator[BackupFinding]:
    """The newest generation in each place may not be older than one period, and the grace and days to carry it."""
    for place, limit in sorted(_limits(view).items()):
        made = [held.made_at for held in deposits(view.register, place) if held.made_at is not None]
        since = max(made, default=view.register.began_at)
        if since is None:
            continue
        last_on = open_day(view.policy.places[place], view.plan.days.holidays, view.day(since + limit))
        if view.now >= midnight(last_on + timedelta(days=1), view.calendar):
            yield critical("deposit-overdue", place, age_days=view.days(since), limit_days=limit.days)


def _limits(view: View) -> dict[str, timedelta]:
    """How old the newest deposit of each demanded place may be: the shortest period of the tiers that name it."""
    limits: dict[str, timedelta] = {}
    for job in view.plan.jobs.values():
        for tier, policy in job.tiers().items():
            if policy.offsite in view.policy.places and policy.offsite is not None:
                limit = timedelta(days=_PERIOD_DAYS[tier]) + policy.grace + view.policy.deposit_grace
                limits[policy.offsite] = min(limit, limits.get(policy.offsite, limit))
    return limits


def _damaged(view: View) -> Iterator[BackupFinding]:
    """Content that was known to be bad when it was written down."""
    for state in view.register.in_use():
        bad = [file for file in state.files() if file.faults]
        if bad:
            faults = ", ".join(sorted({code for file in bad for code in file.faults}))
            yield critical("content-damaged", state.medium, files=len(bad), first=bad[0].name, faults=faults)
