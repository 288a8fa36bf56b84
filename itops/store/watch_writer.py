"""Writing the watch. What is decided in one round of evaluation is one transaction: decide, record, tell."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Table, delete, func, insert, select, tuple_, update
from sqlalchemy.engine import Connection

from itops.alerts.records import Evaluation, Incident, Key, Notification, Silence
from itops.documents import from_document, to_document
from itops.schedule.records import Beat, Run
from itops.store.encoding import storable
from itops.store.gate import Gate
from itops.store.schema import BEAT, EVALUATION, INCIDENT, NOTIFICATION, RUN, SILENCE
from itops.store.upsert import insert_or_replace


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
        """What became of a due time."""
        row = _run_row(run)
        of_run = (RUN.c.job == row["job"], RUN.c.due_at == row["due_at"])
        with self._gate.writing(is_durable=True) as connection:
            connection.execute(update(RUN).where(*of_run).values(state=row["state"], document=row["document"]))

    def record_round(
        self,
        evaluations: Sequence[Evaluation],
        incidents: Mapping[Key, Incident],
        notifications: Sequence[Notification] = (),
    ) -> tuple[Notification, ...]:
        """One round: evaluations stand in the place of all earlier ones, incidents of those with their keys.

        Notifications get their numbers here and are returned with them; when this returns, the disk has them.
        """
        with self._gate.writing(is_durable=True) as connection:
            connection.execute(delete(EVALUATION))
            _insert(connection, EVALUATION, [_keyed(one.key, one) for one in evaluations])
            changed = [{**_keyed(one.key, one), "phase": one.phase.value} for one in incidents.values()]
            if changed:
                said = insert_or_replace(connection, INCIDENT, ("check_name", "object"), ("phase", "document"))
                connection.execute(said, changed)
            first = (connection.execute(select(func.max(NOTIFICATION.c.number))).scalar() or 0) + 1
            numbered = tuple(replace(one, number=first + place) for place, one in enumerate(notifications))
            _insert(connection, NOTIFICATION, [_notification_row(one) for one in numbered])
        return numbered

    def forget_incidents(self, keys: Iterable[Key]) -> None:
        """Of things that are evaluated no more and whose end was told."""
        gone = [(storable(key.check), storable(key.object)) for key in keys]
        with self._gate.writing() as connection:
            connection.execute(delete(INCIDENT).where(tuple_(INCIDENT.c.check_name, INCIDENT.c.object).in_(gone)))

    def change_incident(self, incident: Incident) -> None:
        """What a person did to one: acknowledged it, say."""
        with self._gate.writing(is_durable=True) as connection:
            said = insert_or_replace(connection, INCIDENT, ("check_name", "object"), ("phase", "document"))
            connection.execute(said, [{**_keyed(incident.key, incident), "phase": incident.phase.value}])

    def change_notification(self, notification: Notification) -> None:
        """A try: saved before the network is touched, and after."""
        row = _notification_row(notification)
        with self._gate.writing(is_durable=True) as connection:
            of_row = NOTIFICATION.c.number == row["number"]
            connection.execute(
                update(NOTIFICATION).where(of_row).values(is_open=row["is_open"], document=row["document"])
            )

    def add_silence(self, silence: Silence) -> Silence:
        """One more; with its number."""
        with self._gate.writing(is_durable=True) as connection:
            number = (connection.execute(select(func.max(SILENCE.c.number))).scalar() or 0) + 1
            kept = replace(silence, number=number)
            connection.execute(insert(SILENCE), [{"number": number, "document": to_document(kept)}])
        return kept

    def end_silence(self, number: int, by: str) -> Silence | None:
        """End one before its time; None where there is none of that number."""
        with self._gate.writing(is_durable=True) as connection:
            held = connection.execute(select(SILENCE.c.document).where(SILENCE.c.number == number)).scalar()
            if held is None:
                return None
            ended = replace(from_document(Silence, held), ended_by=by)
            connection.execute(update(SILENCE).where(SILENCE.c.number == number).values(document=to_document(ended)))
        return ended


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _is_claimed(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Asked inside the one transaction that may write: nobody claims between question and answer."""
    known = select(RUN.c.job).where(RUN.c.job == row["job"], RUN.c.due_at == row["due_at"])
    return connection.execute(known).first() is not None


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
