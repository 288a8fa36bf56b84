"""The weekly message: the watch is at work and the channel works. Once for each due time, whatever was switched off."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from itops.alerts.quiet import alive_due_at, digest_at
from itops.alerts.records import EventKind, Incident, Notification, Phase
from itops.documents import to_document
from itops.reports.alert_messages import WeekOfWork, alive_message
from itops.schedule.records import OVER, RunState
from itops.tasks.alerting.telling import Telling

_WEEK = timedelta(days=7)


class AliveMessages:
    """Made before a round, as the round writes over what tells whether there was a watch before."""

    def __init__(self, telling: Telling) -> None:
        self._telling = telling
        self._channels = self._wanting()

    def _wanting(self) -> tuple[str, ...]:
        """The channels that have had none since it was due.

        A watch that began after the due time waits for the next one: nobody misses a message of last Saturday.
        """
        telling, policy = self._telling, self._telling.policy
        channels: tuple[str, ...] = policy.alive.channels or tuple(policy.channels)
        if not channels:
            return ()
        due_at = alive_due_at(policy.alive, telling.now, telling.zone)
        told = {row.channel for row in telling.told if row.kind is EventKind.ALIVE and row.made_at >= due_at}
        wanting = tuple(name for name in channels if name not in told)
        if not wanting or not any(one.judged_at < due_at for one in telling.judged_before()):
            return ()
        return wanting

    def rows(self, incidents: Iterable[Incident]) -> list[Notification]:
        """One for each channel that wants it. `incidents`: as they are after the round."""
        if not self._channels:
            return []
        work = self._work(incidents)
        return [self._row(channel, work) for channel in self._channels]

    def _work(self, incidents: Iterable[Incident]) -> WeekOfWork:
        since = self._telling.now - _WEEK
        over = [run for run in self._telling.runs(since) if run.state.value in OVER]
        return WeekOfWork(
            days=_WEEK.days,
            ran=len(over),
            failed=sum(run.state is not RunState.OK for run in over),
            open=Counter(one.state for one in incidents if one.phase is Phase.FIRING),
        )

    def _row(self, channel: str, work: WeekOfWork) -> Notification:
        """After a downtime the message may come up in the channel's quiet hours; there it waits, too."""
        telling = self._telling
        now, quiet = telling.now, telling.policy.quiet.get(channel)
        is_quiet = quiet is not None and quiet.hours.holds(now.astimezone(telling.zone).time())
        message = alive_message(work, telling.words, office=telling.office, channel=channel, now=now)
        return Notification(
            number=0,
            channel=channel,
            kind=message.kind,
            state=message.state,
            keys=(),
            document=to_document(message),
            made_at=now,
            not_before=digest_at(quiet, now, telling.zone) if quiet is not None and is_quiet else now,
        )
