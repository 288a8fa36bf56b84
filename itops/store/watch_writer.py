"""Writing the watch. What is decided in one round of evaluation is one transaction: decide, record, tell."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, func, insert, select, update
from sqlalchemy.engine import Connection

from itops.alerts.records import Evaluation, Incident, Key, Notification, Silence
from itops.documents import from_document, to_document
from itops.schedule.records import OPEN, OVER, Beat, Run, RunState
from itops.store.encoding import storable
from itops.store.gate import Gate
from itops.store.schema import BEAT, EVALUATION, INCIDENT, NOTIFICATION, RUN, SILENCE
from itops.store.upsert import insert_or_replace

_PRUNED_AT_ONCE = 500


class WatchStore:
    """The watch, for those who tick, evaluate and notify."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def write_beat(self, beat: Beat) -> None:
        """That somebody ticks: written before anything else."""
        with self._gate.writing() as connection:
            said = insert_or_replace(connection, BEAT, ("one",), ("document",))
            connection.execute(said, [{"one": 1, "document": to_document(beat)}])

    def claim(self, run: Run) -> bool:
        """Take a due time; False when it has a row already. Durable: a job that ran must not run again."""
        return self.claim_all([run]) == 1

    def claim_all(self, runs: Iterable[Run]) -> int:
        """Several at once; how many were new."""
        rows = {(row["job"], row["due_at"]): row for row in map(_run_row, runs)}
        with self._gate.writing(is_durable=True) as connection:
            new = [row for row in rows.values() if not _is_claimed(connection, row)]
            _insert(connection, RUN, new)
        return len(new)

    def change(self, run: Run) -> None:
        """What became of a run of our own: of one that we hold nobody else writes the row."""
        with self._gate.writing(is_durable=True) as connection:
            _change_run(connection, run)

    def exchange(self, was: Run, run: Run) -> bool:
        """Begin a run that waited, give it up, note something beside it: only where its row still is what it `was`.

        False, and nothing changed, where somebody else was faster: on another machine with the same database, say.
        """
        with self._gate.writing(is_durable=True) as connection:
            # Records and not texts are compared: what an earlier itops wrote may be spelt differently.
            held = connection.execute(select(RUN.c.document).where(*_of_run(was))).scalar()
            if held is None or from_document(Run, held) != from_document(Run, _run_row(was)["document"]):
                return False
            _change_run(connection, run)
        return True

    def prune_runs(self, before: Mapping[str, datetime]) -> int:
        """Forget rows of jobs that were due before their moment, and are over; how many.

        Kept are each job's newest row, its newest that began, that is over and that ended well, and its oldest: by them
        is known how far anybody has looked.
        """
        gone = 0
        with self._gate.writing() as connection:
            for job, moment in before.items():
                of_job = RUN.c.job == storable(job)
                kept = [
                    select(bound(RUN.c.due_at)).where(of_job, *among).scalar_subquery()
                    for bound, among in (
                        (func.max, ()),
                        (func.min, ()),
                        (func.max, (RUN.c.state.in_(OVER),)),
                        (func.max, (RUN.c.state == RunState.OK.value,)),
                    )
                ]
                kept_due = connection.execute(select(*kept)).one()
                wanted = [RUN.c.due_at != due_at for due_at in set(kept_due) if due_at is not None]
                old = delete(RUN).where(of_job, RUN.c.due_at < moment, RUN.c.state.not_in(OPEN), *wanted)
                gone += connection.execute(old).rowcount
        return gone

    def record_evaluations(self, evaluations: Iterable[Evaluation], checks: Collection[str]) -> None:
        """In the place of all earlier ones of these checks; of another check none may be among them."""
        with self._gate.writing() as connection:
            _record_evaluations(connection, evaluations, checks)

    def play_round(
        self, evaluations: Iterable[Evaluation], checks: Collection[str], play: "Callable[[RoundFacts], RoundRows]"
    ) -> tuple[Notification, ...]:
        """One round: decide, record, tell, in one transaction; the notifications with their numbers.

        `play` is asked inside of it, so that no acknowledgement and no silence of a person is lost in between. When
        this returns, the disk has it.
        """
        with self._gate.writing(is_durable=True) as connection:
            _record_evaluations(connection, evaluations, checks)
            first = (connection.execute(select(func.max(NOTIFICATION.c.number))).scalar() or 0) + 1
            made = play(_round_facts(connection, first))
            _change_incidents(connection, made.changed)
            _forget(connection, made.forgotten)
            for one in made.changed_notifications:
                _change_notification(connection, one)
            if made.replaced:
                connection.execute(delete(NOTIFICATION).where(NOTIFICATION.c.number.in_(made.replaced)))
            numbered = tuple(replace(one, number=first + place) for place, one in enumerate(made.notifications))
            _insert(connection, NOTIFICATION, [_notification_row(one) for one in numbered])
        return numbered

    def change_incident(self, key: Key, step: Callable[[Incident], Incident]) -> Incident | None:
        """What a person does to one as it is now: acknowledges it, say. None where there is none."""
        of_key = (INCIDENT.c.check_name == storable(key.check), INCIDENT.c.object == storable(key.object))
        with self._gate.writing(is_durable=True) as connection:
            held = connection.execute(select(INCIDENT.c.document).where(*of_key)).scalar()
            if held is None:
                return None
            changed = step(from_document(Incident, held))
            _change_incidents(connection, [changed])
        return changed

    def change_notification(self, notification: Notification) -> None:
        """A try: saved before the network is touched, and after."""
        with self._gate.writing(is_durable=True) as connection:
            _change_notification(connection, notification)

    def prune_notifications(self, before: datetime) -> int:
        """Forget those that were sent or given up before that moment, the oldest first; how many.

        So many at once, so that a round stays short. The newest of all is kept: by it the next one gets its number.
        """
        closed = select(NOTIFICATION.c.number, NOTIFICATION.c.document).where(NOTIFICATION.c.is_open == 0)
        with self._gate.writing() as connection:
            newest = connection.execute(select(func.max(NOTIFICATION.c.number))).scalar()
            oldest = connection.execute(closed.order_by(NOTIFICATION.c.number).limit(_PRUNED_AT_ONCE))
            gone = [
                number
                for number, document in oldest
                if number != newest and _is_over(from_document(Notification, document), before)
            ]
            if gone:
                connection.execute(delete(NOTIFICATION).where(NOTIFICATION.c.number.in_(gone)))
        return len(gone)

    def add_silence(self, silence: Silence) -> Silence:
        """One more; with its number."""
        with self._gate.writing(is_durable=True) as connection:
            number = (connection.execute(select(func.max(SILENCE.c.number))).scalar() or 0) + 1
            kept = replace(silence, number=number)
            connection.execute(insert(SILENCE), [{"number": number, "document": to_document(kept)}])
        return kept

    def end_silence(self, number: int, by: str, now: datetime) -> Silence | None:
        """End one before its time; None where there is none of that number."""
        with self._gate.writing(is_durable=True) as connection:
            held = connection.execute(select(SILENCE.c.document).where(SILENCE.c.number == number)).scalar()
            if held is None:
                return None
            ended = replace(from_document(Silence, held), ended_by=by, ended_at=now)
            connection.execute(update(SILENCE).where(SILENCE.c.number == number).values(document=to_document(ended)))
        return ended


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundFacts:
    """What a round is decided by, as it is at that moment."""

    evaluations: tuple[Evaluation, ...]
    incidents: Mapping[Key, Incident]
    silences: tuple[Silence, ...]
    waiting: tuple[Notification, ...]  # neither sent nor given up, by number
    next_number: int = 1  # of the first notification that the round makes


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundRows:
    """What a round writes."""

    changed: Sequence[Incident] = ()
    forgotten: Sequence[Key] = ()  # of things that are evaluated no more and whose end was told
    notifications: Sequence[Notification] = ()  # without numbers
    replaced: Sequence[int] = ()  # rows of notifications that others have taken the place of
    changed_notifications: Sequence[Notification] = ()  # rows that there are, as they are to be


def _round_facts(connection: Connection, next_number: int) -> RoundFacts:
    incidents = (from_document(Incident, row[0]) for row in connection.execute(select(INCIDENT.c.document)))
    waiting = select(NOTIFICATION.c.document).where(NOTIFICATION.c.is_open == 1).order_by(NOTIFICATION.c.number)
    silences = select(SILENCE.c.document).order_by(SILENCE.c.number)
    return RoundFacts(
        evaluations=tuple(
            from_document(Evaluation, row[0]) for row in connection.execute(select(EVALUATION.c.document))
        ),
        incidents={one.key: one for one in incidents},
        silences=tuple(from_document(Silence, row[0]) for row in connection.execute(silences)),
        waiting=tuple(from_document(Notification, row[0]) for row in connection.execute(waiting)),
        next_number=next_number,
    )


def _record_evaluations(connection: Connection, evaluations: Iterable[Evaluation], checks: Collection[str]) -> None:
    connection.execute(delete(EVALUATION).where(EVALUATION.c.check_name.in_([storable(check) for check in checks])))
    _insert(connection, EVALUATION, [_keyed(one.key, one) for one in evaluations])


def _change_notification(connection: Connection, notification: Notification) -> None:
    row = _notification_row(notification)
    of_row = NOTIFICATION.c.number == row["number"]
    connection.execute(update(NOTIFICATION).where(of_row).values(is_open=row["is_open"], document=row["document"]))


def _is_over(notification: Notification, before: datetime) -> bool:
    ended_at = notification.sent_at or notification.given_up_at
    return ended_at is not None and ended_at < before


def _change_incidents(connection: Connection, incidents: Iterable[Incident]) -> None:
    rows = [{**_keyed(one.key, one), "phase": one.phase.value} for one in incidents]
    if rows:
        said = insert_or_replace(connection, INCIDENT, ("check_name", "object"), ("phase", "document"))
        connection.execute(said, rows)


def _forget(connection: Connection, keys: Iterable[Key]) -> None:
    for key in keys:
        of_key = (INCIDENT.c.check_name == storable(key.check), INCIDENT.c.object == storable(key.object))
        connection.execute(delete(INCIDENT).where(*of_key))


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _is_claimed(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Asked inside the one transaction that may write: nobody claims between question and answer."""
    known = select(RUN.c.job).where(RUN.c.job == row["job"], RUN.c.due_at == row["due_at"])
    return connection.execute(known).first() is not None


def _of_run(run: Run) -> tuple[ColumnElement[bool], ...]:
    return RUN.c.job == storable(run.job), RUN.c.due_at == run.due_at


def _change_run(connection: Connection, run: Run) -> None:
    row = _run_row(run)
    connection.execute(update(RUN).where(*_of_run(run)).values(state=row["state"], document=row["document"]))


def _run_row(run: Run) -> dict[str, Any]:
    return {
        "job": storable(run.job),
        "due_at": run.due_at,
        "state": run.state.value,
        "document": storable(to_document(run)),
    }


def _keyed(key: Key, record: Evaluation | Incident) -> dict[str, Any]:
    return {
        "check_name": storable(key.check),
        "object": storable(key.object),
        "document": storable(to_document(record)),
    }


def _notification_row(one: Notification) -> dict[str, Any]:
    is_open = one.sent_at is None and one.given_up_at is None
    return {
        "number": one.number,
        "channel": storable(one.channel),
        "is_open": int(is_open),
        "document": storable(to_document(one)),
    }
