"""What is written into the change log: entries, links to observed changes, withdrawals. Nothing is ever rewritten.

An API shows that a server is gone, never who ordered it; it shows no patch at all. So people write that down. A
mistake is put right by a later record: an entry that corrects another one stands in its place, a withdrawal ends it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import ClassVar, TypeAlias

from itops.inventory.changes import Change
from itops.names import Names

_SHOWN_DIGITS = 8


class WorkKind(StrEnum):
    """What sort of thing was done. The values are the words of `itops changes log --kind`."""

    CREATED = "created"
    REMOVED = "removed"
    UPGRADED = "upgraded"
    PATCHED = "patched"  # the level of patches is in no export: only people know
    RECONFIGURED = "reconfigured"
    MOVED = "moved"
    ORDER = "order"  # the paper itself, where it came before the deed
    MEETING = "meeting"
    LETTERS = "letters"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file beside an entry, and what it was when it was attached. itops keeps no copy of it."""

    path: str  # relative to the folder of itops.yaml where it lies below it
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """On whose word it was done. An empty letter number is told as a finding, never guessed."""

    issuer: str
    letter_no: str = ""
    on: date | None = None  # of the letter
    attachment: Attachment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRef:
    """Which observed change is meant: the same thing, the same action, the same field, first observed then."""

    kind: str  # an itops.inventory.entities.Kind
    id: str
    action: str  # an itops.inventory.facts.Action
    at: datetime
    field: str | None = None

    @property
    def code(self) -> str:
        """As people type it: `removed-3f9a1c2b`."""
        told = "\0".join((self.kind, self.id, self.action, self.field or "", self.at.isoformat()))
        return f"{self.action}-{sha256(told.encode('utf-8', 'surrogatepass')).hexdigest()[:_SHOWN_DIGITS]}"


def ref_of(change: Change) -> ChangeRef:
    """The reference to an observed change."""
    return ChangeRef(
        kind=change.kind.value, id=str(change.id), action=change.action.value, at=change.at, field=change.field
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that was done, received or held, as somebody told it."""

    TYPE: ClassVar[str] = "entry"

    kind: WorkKind
    at: datetime  # when it happened, aware
    what: Names
    by: str  # who did it
    subjects: tuple[str, ...] = ()  # names or keys of VMs and hosts, ids of assets
    count: int = 1  # how many meetings or letters one entry stands for
    order: Order | None = None
    note: str = ""
    links: tuple[ChangeRef, ...] = ()
    corrects: int | None = None  # the number of the entry that this one stands in the place of


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """Somebody said which observed changes an entry explains; with `is_undone`, that it does not."""

    TYPE: ClassVar[str] = "linked"

    entry: int
    changes: tuple[ChangeRef, ...]
    at: datetime
    by: str
    is_undone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """An entry that should never have been written."""

    TYPE: ClassVar[str] = "withdrawn"

    entry: int
    at: datetime
    by: str
    reason: str


Record: TypeAlias = Entry | Linked | Withdrawn
RECORDS: Mapping[str, type[Record]] = {cls.TYPE: cls for cls in (Entry, Linked, Withdrawn)}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """One row of the log as it is kept."""

    number: int  # 1, 2, 3 ...
    recorded_at: datetime
    record: Record | None  # None: not readable, or of a kind that a newer itops wrote
