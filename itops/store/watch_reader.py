"""Reading the watch: runs, the beat, evaluations, incidents, silences, notifications. Plain SQL, no SQLAlchemy."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from itops.alerts.records import Evaluation, Incident, Key, Notification, Silence
from itops.documents import from_document
from itops.schedule.records import OPEN, OVER, Beat, Run, RunState
from itops.store.encoding import storable
from itops.store.moments import from_micros, to_micros

if TYPE_CHECKING:
    from itops.schedule.planning import JobMemory
    from itops.store.connections import Connection, Parameter

_RUNS = "SELECT document FROM run WHERE due_at >= ? /*job*/ ORDER BY due_at DESC, job LIMIT ?"
_LAST_DUE = "SELECT job, max(due_at) FROM run GROUP BY job"
_JOBS = "SELECT DISTINCT job FROM run WHERE due_at <= ? ORDER BY job"
_ONE_RUN = "SELECT document FROM run WHERE job = ? AND due_at <= ? /*states*/ ORDER BY due_at /*order*/ LIMIT 1"
_OPEN_RUNS = "SELECT document FROM run WHERE state IN (?, ?) ORDER BY due_at, job"
_BEAT = "SELECT document FROM beat"
_EVALUATIONS = "SELECT document FROM evaluation ORDER BY check_name, object"
_INCIDENTS = "SELECT document FROM incident /*where*/ ORDER BY check_name, object"
_SILENCES = "SELECT document FROM silence ORDER BY number"
_NOTIFICATIONS = "SELECT document FROM notification /*where*/ ORDER BY number DESC LIMIT ?"
_LONG_AGO = -(1 << 62)


class WatchReader:
    """The watch, for those who only look."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    def runs(self, job: str | None = None, since: datetime | None = None, limit: int = 1000) -> list[Run]:
        """Newest due time first."""
        query = _RUNS.replace("/*job*/", "AND job = ?") if job is not None else _RUNS
        parameters: list[Parameter] = [_LONG_AGO if since is None else to_micros(since)]
        parameters += [storable(job)] if job is not None else []
        return [from_document(Run, row[0]) for row in self._connection.rows(query, [*parameters, limit])]

    def open_runs(self) -> list[Run]:
        """Those that wait or run, the oldest due time first."""
        return [from_document(Run, row[0]) for row in self._connection.rows(_OPEN_RUNS, OPEN)]

    def last_due(self) -> Mapping[str, datetime]:
        """The newest due time of each job that has a row."""
        return {job: from_micros(due_at) for job, due_at in self._connection.rows(_LAST_DUE)}

    def memory(self, until: datetime) -> "Mapping[str, JobMemory]":
        """What the ledger knows of each job that has a row due no later than `until`."""
        from itops.schedule.planning import JobMemory  # noqa: PLC0415  checks need none of it

        jobs = [job for (job,) in self._connection.rows(_JOBS, [to_micros(until)])]
        begun = [run for run in self.open_runs() if run.started_at is not None and run.due_at <= until]
        return {
            job: JobMemory.of([*self._milestones(job, until), *(run for run in begun if run.job == job)])
            for job in jobs
        }

    def _milestones(self, job: str, until: datetime) -> Iterator[Run]:
        """The newest and the oldest row, the newest that is over and the newest that ended well."""
        for states, order in (((), "DESC"), ((), "ASC"), (OVER, "DESC"), ((RunState.OK.value,), "DESC")):
            among = f"AND state IN ({', '.join('?' * len(states))})" if states else ""
            query = _ONE_RUN.replace("/*states*/", among).replace("/*order*/", order)
            for (document,) in self._connection.rows(query, [job, to_micros(until), *states]):
                yield from_document(Run, document)

    def beat(self) -> Beat | None:
        """The last one; None: nobody ever ticked."""
        return next((from_document(Beat, row[0]) for row in self._connection.rows(_BEAT)), None)

    def evaluations(self) -> list[Evaluation]:
        """Each check of each object as it was last judged."""
        return [from_document(Evaluation, row[0]) for row in self._connection.rows(_EVALUATIONS)]

    def incidents(self, *, only_open: bool = False) -> dict[Key, Incident]:
        """All, or those that are not OK."""
        query = _INCIDENTS.replace("/*where*/", "WHERE phase <> 'ok'" if only_open else "")
        found = (from_document(Incident, row[0]) for row in self._connection.rows(query))
        return {one.key: one for one in found}

    def silences(self) -> list[Silence]:
        """All that were ever made, in the order of making."""
        return [from_document(Silence, row[0]) for row in self._connection.rows(_SILENCES)]

    def notifications(self, *, only_open: bool = False, limit: int = 1000) -> list[Notification]:
        """Newest first; `only_open`: those that are neither sent nor given up."""
        query = _NOTIFICATIONS.replace("/*where*/", "WHERE is_open = 1" if only_open else "")
        return [from_document(Notification, row[0]) for row in self._connection.rows(query, [limit])]
