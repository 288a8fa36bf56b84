"""The servers of the office at the period's end, and what happened to them in it: facts in, one part of the report out.

Which machines there are stands in `servers_machines`, what is shown of each in `servers_rows`, what happened in
`servers_changes`, what is counted in `servers_figures`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from itops.inventory.health import Finding
from itops.reports.monthly.figures import Evidence
from itops.reports.monthly.parts import FindingRow, ServerPart, ServerRow
from itops.reports.monthly.servers_changes import Work, change_rows, deed_rows, work_findings
from itops.reports.monthly.servers_figures import Counted, server_figures, thing_of
from itops.reports.monthly.servers_machines import Doubt, Known, machines_of
from itops.reports.monthly.servers_rows import rows_of
from itops.text import comparable
from itops.verdict import State, severity

INCOMPLETE = "report.server-incomplete"
DOUBTFUL = "report.server-doubtful"
_BADLY_MISSED = frozenset({"serial", "host"})
"""Without these nobody can say which machine is meant; the rest is advice."""
_TOLD = (State.WARNING, State.CRITICAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFacts:
    """What was gathered of servers for one period."""

    known: Known
    work: Work
    health: tuple[Finding, ...] = ()  # by the facts of then
    is_scanned: bool  # whether any inventory had been seen by then
    is_watched: bool = True  # whether one was seen in the period: else nobody knows what happened in it
    language: str = "fa"  # of names that the register alone has


def server_part(facts: ServerFacts) -> ServerPart:
    """The part; the same facts make the same one."""
    machines = machines_of(facts.known)
    rows = rows_of(machines.all, facts.language)
    counted = Counted(rows=rows, work=facts.work, others=_others(facts, rows))
    findings = (*work_findings(facts.work), *_incomplete(rows), *_doubtful(machines.doubts), *_ailing(facts.health))
    return ServerPart(
        rows=rows,
        changes=change_rows(facts.work),
        deeds=deed_rows(facts.work.entries),
        figures=server_figures(counted, is_scanned=facts.is_scanned, is_watched=facts.is_watched),
        findings=tuple(sorted(findings, key=_order)),
    )


def _others(facts: ServerFacts, rows: Iterable[ServerRow]) -> frozenset[str]:
    """What an entry of the change log may name that is no virtual server."""
    names = {text for row in rows if row.kind == "physical" for text in (row.id, row.name)}
    names |= {
        text for one in facts.work.changes if one.change.kind == "host" for text in (one.change.id, one.change.name)
    }
    names |= {asset.id for asset in facts.known.assets}
    return frozenset(map(comparable, names))


def _incomplete(rows: Iterable[ServerRow]) -> Iterator[FindingRow]:
    """What headquarters asks for and nobody told."""
    for row in rows:
        if row.missing:
            yield FindingRow(
                room="servers",
                table="report",
                code=INCOMPLETE,
                subject=row.name,
                state=State.OK if _BADLY_MISSED.isdisjoint(row.missing) else State.WARNING,
                facts={"fields": ", ".join(row.missing)},
                evidence=(thing_of(row),),
            )


def _doubtful(doubts: Iterable[Doubt]) -> Iterator[FindingRow]:
    for doubt in doubts:
        host = doubt.host
        yield FindingRow(
            room="servers",
            table="report",
            code=DOUBTFUL,
            subject=host.name,
            state=State.WARNING,
            facts={"assets": ", ".join(doubt.assets), "asset": doubt.assets[0]},
            evidence=(
                Evidence(kind="thing", ref=host.key, at=host.seen_at, note=host.name),
                *(Evidence(kind="asset", ref=asset) for asset in doubt.assets),
            ),
        )


def _ailing(findings: Iterable[Finding]) -> Iterator[FindingRow]:
    """What is worse than advice."""
    for one in findings:
        if one.state in _TOLD:
            yield FindingRow(
                room="servers",
                table="health",
                code=one.code,
                subject=one.subject,
                state=one.state,
                facts=one.data,
                evidence=(Evidence(kind="thing", ref=one.subject_id, note=one.subject),),
            )


def _order(row: FindingRow) -> tuple[object, ...]:
    """The worst first; of one room, code and subject in the order of what proves them."""
    return -severity(row.state), row.room, row.code, row.subject.casefold(), [one.ref for one in row.evidence]
