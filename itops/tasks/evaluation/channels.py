"""Whether people can be told: what became of the messages of each channel. Grouping tells it by the other channels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from itops.alerts.records import Evaluation, Key, Notification
from itops.alerts.sending import is_lost, is_open
from itops.tasks.evaluation.watched import Watched
from itops.verdict import State

CHECK, TABLE = "channel", "channel_health"
FAILS_AFTER = timedelta(hours=24)
"""A channel may be down for a night; nobody should have to wait longer for what it did not bring."""
_REMEMBERED = 1000
_MOST_OPEN = 100_000
_MOST_ERROR = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ways:
    """The rows of one channel."""

    failing: Sequence[Notification]  # open, and the last try failed; the oldest first
    last_sent: Notification | None
    lost: Sequence[Notification]  # given up after the last one that was sent; the oldest first


def evaluate_channels(watched: Watched) -> Iterator[Evaluation]:
    """One for each channel of itops.yaml; one of the check itself where there is none, as then nobody is told."""
    names = tuple(watched.settings.alerts.channels)
    if not names:
        yield _evaluation("", State.WARNING, "channel.none", watched)
        return
    watch = watched.reader.watch
    rows = {row.number: row for row in watch.notifications(limit=_REMEMBERED)}
    rows |= {row.number: row for row in watch.notifications(only_open=True, limit=_MOST_OPEN)}
    for name in names:
        yield _of_channel(
            name, _ways([rows[number] for number in sorted(rows) if rows[number].channel == name]), watched
        )


def _ways(rows: Sequence[Notification]) -> _Ways:
    sent = [row for row in rows if row.sent_at is not None]
    last = max(sent, key=lambda row: (row.sent_at, row.number), default=None)
    return _Ways(
        failing=[row for row in rows if is_open(row) and row.failed_at is not None],
        last_sent=last,
        lost=[row for row in rows if is_lost(row) and (last is None or _is_after(row, last))],
    )


def _is_after(lost: Notification, sent: Notification) -> bool:
    return lost.given_up_at is not None and sent.sent_at is not None and lost.given_up_at > sent.sent_at


def _of_channel(name: str, ways: _Ways, watched: Watched) -> Evaluation:
    last = ways.last_sent
    good_at = last.sent_at if last is not None else None
    if ways.failing:
        return _failing(name, ways.failing, good_at, watched)
    if ways.lost:
        return _lost(name, ways.lost, good_at, watched)
    if good_at is None:
        return _evaluation(name, State.OK, "channel.untried", watched)
    return _evaluation(
        name, State.OK, "channel.works", watched, good_at=good_at, facts={"sent_at": good_at.isoformat()}
    )


def _failing(name: str, rows: Sequence[Notification], good_at: datetime | None, watched: Watched) -> Evaluation:
    """CRITICAL after a day, a warning before that where another try alone cannot help."""
    since = min(row.failing_since_at for row in rows if row.failing_since_at is not None)
    newest = max(rows, key=lambda row: (row.failed_at, row.number))
    critical_at = since + FAILS_AFTER
    if watched.now >= critical_at:
        state, code = State.CRITICAL, "channel.failing"
    elif newest.is_final:
        state, code = State.WARNING, "channel.refused"
    else:
        state, code = State.OK, "channel.retrying"
    facts: dict[str, str | int] = {
        "failing_since_at": since.isoformat(),
        "waiting_count": len(rows),
        "error": newest.error[:_MOST_ERROR],
    }
    until = critical_at if state is not State.CRITICAL else None
    return _evaluation(name, state, code, watched, since=since, good_at=good_at, until=until, facts=facts)


def _lost(name: str, rows: Sequence[Notification], good_at: datetime | None, watched: Watched) -> Evaluation:
    """Until the channel brings something again."""
    newest = rows[-1]
    assert newest.given_up_at is not None
    facts: dict[str, str | int] = {
        "lost_count": len(rows),
        "given_up_at": newest.given_up_at.isoformat(),
        "error": newest.error[:_MOST_ERROR],
    }
    return _evaluation(
        name, State.CRITICAL, "channel.lost", watched, since=rows[0].failing_since_at, good_at=good_at, facts=facts
    )


def _evaluation(
    name: str,
    state: State,
    code: str,
    watched: Watched,
    *,
    since: datetime | None = None,
    good_at: datetime | None = None,
    until: datetime | None = None,
    facts: dict[str, str | int] | None = None,
) -> Evaluation:
    return Evaluation(
        key=Key(CHECK, name),
        state=state,
        code=code,
        table=TABLE,
        judged_at=watched.now,
        valid_until=until,
        facts=facts or {},
        since=since if state is not State.OK else None,
        owner="",
        last_good_at=good_at,
    )
