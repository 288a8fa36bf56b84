"""What happened to servers in the period: observed changes and entries of the change log, as rows."""

from collections.abc import Iterable
from dataclasses import dataclass

from itops.inventory.entities import Kind
from itops.reports.monthly.figures import Evidence
from itops.reports.monthly.parts import ChangeRow, DeedRow, FindingRow, OrderRow
from itops.worklog.entries import Order
from itops.worklog.findings import WorkFinding
from itops.worklog.log import Standing
from itops.worklog.matching import Explained


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A period: what was observed of VMs and hosts, what people wrote down, and what is wrong between the two."""

    changes: tuple[Explained, ...] = ()
    entries: tuple[Standing, ...] = ()
    findings: tuple[WorkFinding, ...] = ()
    no_servers: frozenset[str] = frozenset()  # ids of VMs that are nobody's server: templates, placeholders, agents

    @property
    def of_servers(self) -> tuple[Explained, ...]:
        """The changes of hosts and of VMs that are servers, by moment."""
        return tuple(sorted((one for one in self.changes if self._is_of_server(one)), key=_order))

    def _is_of_server(self, one: Explained) -> bool:
        return one.change.kind is Kind.HOST or (one.change.kind is Kind.VM and one.change.id not in self.no_servers)


def _order(one: Explained) -> tuple[object, ...]:
    change = one.change
    return change.at, change.kind, change.name.casefold(), change.id, change.action, change.field or ""


def change_rows(work: Work) -> tuple[ChangeRow, ...]:
    """A row for each change of a server."""
    return tuple(_change_row(one) for one in work.of_servers)


def _change_row(one: Explained) -> ChangeRow:
    change = one.change
    return ChangeRow(
        code=one.ref.code,
        kind=change.kind.value,
        id=change.id,
        name=change.name,
        action=change.action.value,
        at=change.at,
        field=change.field or "",
        before=_fact(change.before),
        after=_fact(change.after),
        entries=tuple(entry.number for entry in one.entries),
        what=tuple(entry.entry.what for entry in one.entries),
        order=order_row(one.order),
    )


def _fact(value: object) -> str | int | float | bool | None:
    """Facts of an inventory are single values; whatever else came is told as its text."""
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def deed_rows(entries: Iterable[Standing]) -> tuple[DeedRow, ...]:
    """A row for each entry, by moment."""
    return tuple(_deed_row(one) for one in sorted(entries, key=lambda one: (one.entry.at, one.number)))


def _deed_row(one: Standing) -> DeedRow:
    entry = one.entry
    return DeedRow(
        number=one.number,
        kind=entry.kind.value,
        at=entry.at,
        what=entry.what,
        by=entry.by,
        subjects=entry.subjects,
        count=entry.count,
        order=order_row(entry.order),
        note=entry.note,
    )


def order_row(order: Order | None) -> OrderRow | None:
    """On whose word it was done."""
    if order is None:
        return None
    has_attachment = order.attachment is not None
    return OrderRow(issuer=order.issuer, letter_no=order.letter_no, on=order.on, has_attachment=has_attachment)


def change_evidence(one: Explained) -> Evidence:
    """An observed change, as `itops changes list` shows it."""
    return Evidence(kind="change", ref=one.ref.code, at=one.change.at, note=one.change.name)


def log_evidence(one: Standing, note: str = "") -> Evidence:
    """An entry of the change log."""
    return Evidence(kind="log", ref=f"log {one.number}", at=one.entry.at, note=note)


def work_findings(work: Work) -> tuple[FindingRow, ...]:
    """Everything that is wrong between what was observed and what was written, in its order: the worst first."""
    behind = {one.ref.code: change_evidence(one) for one in work.changes}
    behind |= {f"log {one.number}": log_evidence(one) for one in work.entries}
    behind |= {f"log {one.number}": log_evidence(one) for change in work.changes for one in change.entries}
    return tuple(_finding_row(one, behind) for one in work.findings)


def _finding_row(one: WorkFinding, behind: dict[str, Evidence]) -> FindingRow:
    evidence = tuple(behind.get(ref) or _bare(ref) for ref in one.evidence)
    return FindingRow(
        room="changes",
        table="worklog",
        code=one.code,
        subject=one.subject or next(iter(one.evidence), ""),  # a paper that names no server is known by its number
        state=one.state,
        since=evidence[0].at if evidence else None,
        facts=one.facts,
        evidence=evidence,
    )


def _bare(ref: str) -> Evidence:
    """What was not observed, or cannot be read: a link to nothing, a row of the log."""
    return Evidence(kind="log" if ref.startswith("log ") else "change", ref=ref)
