"""Who backs up what: the protected set taken away from what there really is. "All databases" is a claim."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from fnmatch import fnmatchcase

from itops.backup.ledger import KnownDatabase
from itops.backup.policy import BackupPlan, Exemption, Job, Protected
from itops.verdict import State, worst

_NEVER_BACKED_UP = frozenset(
    {"tempdb", "model", "template0", "template1", "information_schema", "performance_schema", "sys"}
)
"""Of the server's own: made anew at each start, or a mould without data; nobody misses a copy of them."""


class Cover(StrEnum):
    """How an object stands."""

    PROTECTED = "protected"
    UNPROTECTED = "unprotected"
    EXEMPT = "exempt"
    EXPIRED = "exemption expired"  # unprotected, and the exemption that covered it is over
    ABSENT = "protects nothing"  # a job protects it, and the server does not have it
    UNKNOWN = "never listed"  # a job protects it, and nobody has asked the server what it has


_STATES = {
    Cover.PROTECTED: State.OK,
    Cover.EXEMPT: State.OK,
    Cover.UNPROTECTED: State.CRITICAL,
    Cover.EXPIRED: State.CRITICAL,
    Cover.ABSENT: State.WARNING,
    Cover.UNKNOWN: State.UNKNOWN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverRow:
    """One object: who protects it, or why nobody does."""

    object: str
    kind: str  # database, vm
    cover: Cover
    state: State
    jobs: tuple[str, ...] = ()
    exemption: Exemption | None = None
    is_system: bool = False
    seen_at: datetime | None = None  # when the object was last listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Everything there is and everything that is promised, side by side; the worst first."""

    rows: tuple[CoverRow, ...]

    @property
    def state(self) -> State:
        """The worst of the rows; UNKNOWN when there is nothing to cover: nobody looked."""
        return worst(row.state for row in self.rows) if self.rows else State.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownVm:
    """A VM of the inventory, by the name it has now."""

    name: str
    seen_at: datetime


def coverage(plan: BackupPlan, databases: Sequence[KnownDatabase], vms: Iterable[KnownVm], today: date) -> Coverage:
    """Compare. VMs and databases that are gone are not in question."""
    here = [known for known in databases if known.gone_at is None]
    vms = tuple(vms)
    rows = [*_databases(plan, here, today), *_vms(plan, vms, today), *_promises(plan, here, vms)]
    order = list(_STATES)
    return Coverage(
        rows=tuple(sorted(rows, key=lambda row: (-order.index(row.cover), row.kind, row.object.casefold())))
    )


def _databases(plan: BackupPlan, here: Sequence[KnownDatabase], today: date) -> Iterable[CoverRow]:
    for known in here:
        database = known.database
        if database.is_system and database.name.casefold() in _NEVER_BACKED_UP:
            continue
        text = f"{database.server}/{database.name}"
        yield _row(plan, text, "database", known.last_seen_at, today, is_system=database.is_system)


def _vms(plan: BackupPlan, vms: Sequence[KnownVm], today: date) -> Iterable[CoverRow]:
    for vm in vms:
        yield _row(plan, f"vm/{vm.name}", "vm", vm.seen_at, today)


def _row(
    plan: BackupPlan, text: str, kind: str, seen_at: datetime, today: date, *, is_system: bool = False
) -> CoverRow:
    jobs = tuple(name for name, job in plan.jobs.items() if _protects(job, text, is_system=is_system))
    exemptions = [held for held in plan.exempt if held.object and _fits(text.casefold(), held.object.casefold())]
    begun = [held for held in exemptions if held.since is None or held.since <= today]
    valid = next((held for held in begun if today <= held.until), None)
    cover = Cover.PROTECTED if jobs else _uncovered(valid, begun)
    state = _STATES[cover]
    if is_system and state is State.CRITICAL:
        state = State.WARNING  # a server can be rebuilt without them, with pain
    return CoverRow(
        object=text,
        kind=kind,
        cover=cover,
        state=state,
        jobs=jobs,
        exemption=None if jobs else valid or next(iter(begun), None),
        is_system=is_system,
        seen_at=seen_at,
    )


def _uncovered(valid: Exemption | None, exemptions: Sequence[Exemption]) -> Cover:
    if valid:
        return Cover.EXEMPT
    return Cover.EXPIRED if exemptions else Cover.UNPROTECTED


def _fits(text: str, pattern: str) -> bool:
    """A name with brackets in it is no pattern of itself."""
    return text == pattern or fnmatchcase(text, pattern)


def _protects(job: Job, text: str, *, is_system: bool) -> bool:
    """`sql01/*` are the databases that people made: those of the server itself are judged where a job names them."""
    folded = text.casefold()
    server = folded.partition("/")[0]
    return any(
        held.text.casefold() == folded or (held.is_all and not is_system and held.server.casefold() == server)
        for held in job.protects
    )


def _promises(plan: BackupPlan, here: Sequence[KnownDatabase], vms: Sequence[KnownVm]) -> Iterable[CoverRow]:
    """Promised things that are not there, and promises about servers and an inventory that nobody has asked."""
    has = {f"{known.database.server}/{known.database.name}".casefold() for known in here}
    asked = {known.database.server.casefold() for known in here}
    has |= {f"vm/{vm.name}".casefold() for vm in vms}
    promised: dict[Protected, list[str]] = {}
    for name, job in plan.jobs.items():
        for held in job.protects:
            promised.setdefault(held, []).append(name)
    for held, jobs in promised.items():
        if held.kind == "files":
            continue  # nothing lists the file sets there are
        is_asked = bool(vms) if held.kind == "vm" else held.server.casefold() in asked
        if not is_asked:
            yield _promise(held, Cover.UNKNOWN, jobs)
        elif not held.is_all and held.text.casefold() not in has:
            yield _promise(held, Cover.ABSENT, jobs)


def _promise(held: Protected, cover: Cover, jobs: Sequence[str]) -> CoverRow:
    return CoverRow(object=held.text, kind=held.kind, cover=cover, state=_STATES[cover], jobs=tuple(jobs))
