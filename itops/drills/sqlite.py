"""Restore a SQLite file: open a copy of it, let it check itself, ask."""

import math
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import ClassVar

from itops.backup.copies import Fault, Identity
from itops.backup.drills import DrillOutcome
from itops.backup.formats import Damaged, Effort
from itops.drills.unpacking import unpacked_file

_STEPS = 10_000


class SqliteDrill:
    """A database in a file of its own."""

    name: ClassVar[str] = "sqlite"

    def restore(
        self, copy: Path, identity: Identity | None, question: str | None, scratch: Path, effort: Effort
    ) -> DrillOutcome:
        """See Drill. The copy that was fetched is ours alone: it is opened as an application would, and written to."""
        version = sqlite3.sqlite_version
        try:
            copy = unpacked_file(copy, scratch, effort) if copy.is_file() else copy
        except Damaged as damage:
            return DrillOutcome(is_restored=False, faults=damage.faults, tool="sqlite", tool_version=version)
        if not copy.is_file() or copy.stat().st_size == 0:
            return DrillOutcome(is_restored=False, faults=(Fault(code="empty"),), tool="sqlite", tool_version=version)
        try:
            with closing(sqlite3.connect(copy)) as connection:
                connection.set_progress_handler(effort.tick, _STEPS)
                said = connection.execute("PRAGMA integrity_check").fetchone()[0]
                if said != "ok":
                    fault = Fault(code="restore-failed", facts={"tool": "sqlite", "said": str(said)[:500]})
                    return DrillOutcome(is_restored=False, faults=(fault,), tool="sqlite", tool_version=version)
                answer, said = _answer(connection, question, effort)
        except sqlite3.Error as error:
            effort.tick()
            fault = Fault(code="restore-failed", facts={"tool": "sqlite", "said": str(error)[:500]})
            return DrillOutcome(is_restored=False, faults=(fault,), tool="sqlite", tool_version=version)
        evidence = {} if said is None else {"said": said}
        return DrillOutcome(is_restored=True, answer=answer, tool="sqlite", tool_version=version, evidence=evidence)


def _answer(connection: sqlite3.Connection, question: str | None, effort: Effort) -> tuple[float | None, str | None]:
    """The one number, or None and why: the file was restored, but the application would not find its data."""
    if question is None:
        return None, None
    try:
        row = connection.execute(question).fetchone()
    except (sqlite3.OperationalError, sqlite3.ProgrammingError, sqlite3.Warning) as error:
        effort.tick()  # a question that was stopped for taking too long has no answer, right or wrong
        return None, str(error)[:500]
    if not row or not isinstance(row[0], int | float) or not math.isfinite(row[0]):
        return None, "the answer is no number"
    return float(row[0]), None
