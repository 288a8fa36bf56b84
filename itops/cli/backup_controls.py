"""`itops backup controls`: the controls C01 to C20, each with its evidence, or why it is not evaluated."""

from collections.abc import Mapping, Sequence

import click

from itops.backup.controls.verdicts import ControlState, ControlVerdict, Evidence, Reason
from itops.backup.coverage import KnownVm
from itops.backup.custody.register import Register, register_of
from itops.cli.backup_office import BackupOffice, pass_backups
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.facts import Fact
from itops.inventory.entities import Kind
from itops.jsonable import jsonable
from itops.reports.backups import said
from itops.reports.words import Words, load_words
from itops.store.reader import Reader as StoreReader
from itops.tasks.evaluate_controls import Gathering, evaluate_controls
from itops.verdict import State, worst

_FIELDS = ("id", "state", "control", "reason", "message", "also", "facts", "evidence")
_SHOWN = 2  # rows of evidence in a cell; JSON and CSV have all


@click.command("controls")
@output_options
@pass_backups
def controls(backups: BackupOffice, output: Output) -> int:
    """Evaluate the controls C01 to C20 from what the store remembers, itops.yaml and the rights of the folders.

    Only reads. Exits as the worst control that was evaluated: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN; 3 as well when
    none could be.
    """
    verdicts = evaluate_controls(_gathering(backups))
    words = load_words("en", calendar=backups.office.calendar, marks=False)
    output.show(_listing([_row(one, words) for one in verdicts], backups), backups.office.now)
    blind = [one.id for one in verdicts if one.state is ControlState.NOT_EVALUATED]
    if blind:
        output.note(
            f"{len(blind)} of {len(verdicts)} not evaluated: {', '.join(blind)}; the reason says what is wanted"
        )
    state = _state(verdicts)
    output.note(f"verdict: {state.name}")
    return state.value


def _gathering(backups: BackupOffice) -> Gathering:
    reader = backups.office.any_reader
    vms = {vm.name: KnownVm(name=vm.name, seen_at=vm.seen_at) for vm in reader.entities(Kind.VM)} if reader else {}
    return Gathering(
        plan=backups.plan,
        calendar=backups.calendar,
        now=backups.office.now,
        config=backups.office.settings.path,
        ledger=backups.ledger if reader else None,
        vms=tuple(vms.values()),
        register=_register(reader),
    )


def _register(reader: object) -> Register | None:
    """Of off-site media; the office of a test may read from elsewhere than a store."""
    return register_of(reader.custody.rows()) if isinstance(reader, StoreReader) else None


def _state(verdicts: Sequence[ControlVerdict]) -> State:
    """The worst of those evaluated; UNKNOWN when none was: silence is not fine."""
    states = [verdict for one in verdicts if (verdict := one.state.verdict) is not None]
    return worst(states) if states else State.UNKNOWN


def _row(one: ControlVerdict, words: Words) -> Row:
    return {
        "id": one.id,
        "state": one.state.value,
        "control": said("control", one.id, {}, words),
        "reason": one.reason,
        "message": _told("control_reason", one.reason, one.facts, words),
        "also": [_reason_row(held, words) for held in one.also],
        "facts": jsonable(one.facts),
        "evidence": [_evidence_row(held, words) for held in one.evidence],
    }


def _reason_row(held: Reason, words: Words) -> Row:
    return {
        "state": held.state.value,
        "reason": held.code,
        "message": _told("control_reason", held.code, held.facts, words),
        "facts": jsonable(held.facts),
    }


def _evidence_row(held: Evidence, words: Words) -> Row:
    return {
        "what": _told("control_evidence", held.code, held.facts, words),
        "code": held.code,
        "at": jsonable(held.at),
        "source": held.source,
        "facts": jsonable(held.facts),
    }


def _told(table: str, code: str, facts: Mapping[str, Fact], words: Words) -> str:
    """In words; for a code without any, the code and its facts."""
    text = said(table, code, facts, words)
    if text != code:
        return text
    return " ".join([code, *(f"{name}={value}" for name, value in facts.items() if value is not None)])


def _listing(rows: Sequence[Row], backups: BackupOffice) -> Listing:
    when = backups.when

    def shown(evidence: Sequence[Row]) -> str:
        told = [f"{held['what']} [{', '.join(filter(None, (held['source'], when(held['at']))))}]" for held in evidence]
        more = f"; and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
        return "; ".join(told[:_SHOWN]) + more

    columns = (
        Column(field="id", title="id"),
        Column(field="state", title="state"),
        Column(field="control", title="control", spare=1),
        Column(field="_reasons", title="reason"),
        Column(field="evidence", title="evidence", show=shown, spare=2),
    )
    drawn = [
        {**row, "_reasons": "; ".join([row["message"], *(held["message"] for held in row["also"])])} for row in rows
    ]
    return Listing(schema="itops.backup.controls/1", rows=drawn, data=rows, columns=columns, csv_fields=_FIELDS)
