"""What the messages of a round have in common: the policy, the words, the office, and what was told before."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from itops.alerts.grouping import Draft
from itops.alerts.policy import AlertPolicy
from itops.alerts.records import Evaluation, Notification
from itops.bundles.outbox import State as Delivered
from itops.config.settings import Settings
from itops.documents import from_document, to_document
from itops.reports.alert_messages import message_of, thread_of
from itops.reports.words import Words, load_words
from itops.schedule.records import Run
from itops.tasks.evaluation.watched import Watched

_REMEMBERED = 1000
"""Rows. A conversation that began before them goes on without the mails from before; mail programs join it all the
same, by the mail that each conversation begins with."""
_MOST_REFERENCES = 20
_MOST_RUNS = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """As much of a message as its conversation needs."""

    id: str
    thread: str


def words_of(settings: Settings) -> Words:
    """In the language that the office wants its alerts in."""
    office = settings.office
    return load_words(settings.alerts.language or office.language, calendar=office.calendar, zone=office.zone)


class Telling:
    """An office that tells, at one moment."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self.now = watched.now

    @property
    def policy(self) -> AlertPolicy:
        """The section `alerts` of itops.yaml."""
        return self._watched.settings.alerts

    @property
    def zone(self) -> ZoneInfo:
        """Where the office's days begin."""
        return self._watched.settings.office.zone

    @property
    def office(self) -> str:
        """Its id: the name may be of letters that the head of a syslog record cannot hold."""
        return self._watched.settings.office.id

    @cached_property
    def words(self) -> Words:
        """In the language of alerts."""
        return words_of(self._watched.settings)

    @cached_property
    def report(self) -> str:
        """The period of the newest report that went to headquarters, or waits for it; "" where there is none."""
        rows = self._watched.reader.outbox.rows()
        return max((row.period for row in rows if row.state is not Delivered.REFUSED), default="")

    @cached_property
    def told(self) -> Sequence[Notification]:
        """The newest rows, as they were before this round."""
        return self._watched.reader.watch.notifications(limit=_REMEMBERED)

    def earlier(self, channel: str, thread: str) -> tuple[str, ...]:
        """The ids of the messages of a conversation that went to this channel, or were tried; the oldest first."""
        return tuple(self._threads[channel, thread][-_MOST_REFERENCES:])

    @cached_property
    def _threads(self) -> Mapping[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for row in reversed(self.told):
            if row.sent_at is not None or (row.tries and row.given_up_at is None):
                head = from_document(_Head, row.document)
                found[row.channel, head.thread].append(head.id)
        return found

    def judged_before(self) -> list[Evaluation]:
        """What was judged before this round."""
        return self._watched.reader.watch.evaluations()

    def runs(self, since: datetime) -> list[Run]:
        """The runs of jobs that were due since then."""
        return self._watched.reader.watch.runs(since=since, limit=_MOST_RUNS)

    def row(self, draft: Draft) -> Notification:
        """A draft in words, as a row without its number."""
        message = message_of(
            draft,
            self.words,
            office=self.office,
            report=self.report,
            references=self.earlier(draft.channel, thread_of(draft)),
        )
        return Notification(
            number=0,
            channel=draft.channel,
            kind=draft.kind,
            state=draft.state,
            keys=draft.keys,
            document=to_document(message),
            made_at=draft.made_at,
            not_before=draft.not_before,
        )
