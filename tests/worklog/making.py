"""Small logs and observed changes for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from itops.inventory.changes import Change
from itops.inventory.entities import EntityKey, Kind
from itops.inventory.facts import Action
from itops.names import Names
from itops.worklog.entries import Entry, LogRow, Record, WorkKind
from itops.worklog.log import WorkLog, log_of

DAY = timedelta(days=1)
BEGIN = datetime(2026, 10, 22, 20, 30, tzinfo=UTC)  # 1405-08-01 in Tehran
END = BEGIN + 30 * DAY
NOW = END + 60 * DAY


def day(number: float) -> datetime:
    """A moment of the month."""
    return BEGIN + number * DAY


def change(name: str, action: Action = Action.REMOVED, at: float = 10, **more: Any) -> Change:
    known: dict[str, Any] = {"kind": Kind.VM, "id": EntityKey(f"uuid-{name}"), "evidence": {}}
    return Change(name=name, action=action, at=day(at), **(known | more))


def entry(kind: WorkKind = WorkKind.REMOVED, *subjects: str, at: float = 9, **more: Any) -> Entry:
    known: dict[str, Any] = {"what": Names(fa="کار", en="work"), "by": "A. Karimi"}
    return Entry(kind=kind, subjects=subjects, at=day(at), **(known | more))


def rows(*records: Record) -> list[LogRow]:
    return [LogRow(number=number, recorded_at=NOW, record=record) for number, record in enumerate(records, start=1)]


def log(*records: Record) -> WorkLog:
    return log_of(rows(*records))


NAMES = st.sampled_from(["kaspersky", "RDC", "test", "Padvish"])
ACTIONS = st.sampled_from([Action.ADDED, Action.REMOVED, Action.UPGRADED, Action.MOVED])
DAYS = st.floats(min_value=0, max_value=29, allow_nan=False)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    name, action = draw(NAMES), draw(ACTIONS)
    field = "guest_os" if action is Action.UPGRADED else "host" if action is Action.MOVED else None
    key = EntityKey(f"uuid-{name}-{draw(st.integers(0, 2))}")
    return change(name, action, draw(DAYS), id=key, field=field)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    kind = draw(st.sampled_from(list(WorkKind)))
    subjects = draw(st.lists(NAMES, max_size=3, unique=True))
    return entry(kind, *subjects, at=draw(DAYS))
