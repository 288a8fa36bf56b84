"""`itops alerts show`: all about one incident."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click

from itops.alerts.checking import CheckedObject
from itops.alerts.policy import Pending, Rule
from itops.alerts.records import Evaluation, Incident, Key, Phase
from itops.cli.alerts_list import EVALUATE, AlertOffice, name_of, pass_alerts, span
from itops.cli.alerts_messages import message_columns, message_row
from itops.cli.alerts_silence import silence_columns, silence_row
from itops.cli.columns import said
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.errors import UsageWrong
from itops.jsonable import jsonable
from itops.tasks.alerting.handling import Standing, find_key, known_check
from itops.verdict import State

SCHEMA = "itops.alerts.show/1"
_SEARCHED = 10_000  # newest messages that are looked through
_PAIR = (Column(field="field", title="field"), Column(field="value", title="value"))
_FACT = (Column(field="field", title="fact"), Column(field="value", title="value"))
_APART = frozenset({"facts", "evaluation", "rule", "messages", "silences", "explains"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One incident with what belongs to it."""

    standing: Standing
    evaluation: Evaluation | None
    messages: Sequence[Row]
    silences: Sequence[Row]
    explains: Sequence[Key]


@click.command()
@click.argument("check")
@click.argument("thing", metavar="[OBJECT]", required=False)
@output_options
@pass_alerts
def show(alerts: AlertOffice, output: Output, *, check: str, thing: str | None) -> int:
    """Tell all about one object of a check: how it is, what people were told, who looks after it, what holds it.

    OBJECT: its name, or a part of it that no other has; without it, the check as a whole. Exits with its state: 0 OK,
    1 WARNING, 2 CRITICAL, 3 UNKNOWN.
    """
    known = alerts.known
    if not known.keys:
        raise UsageWrong("nothing was ever judged", remedy=f"run {EVALUATE}")
    key = find_key(known.keys, known_check(known, check), thing)
    asked = _asked(alerts, key)
    row = _row(alerts, asked)
    output.show(
        Listing(
            schema=SCHEMA,
            rows=[row],
            columns=_PAIR,
            csv_fields=tuple(row),
            tables=tuple(_tables(alerts, asked, row)),
            data=row,
            is_drawn=False,
        ),
        alerts.office.now,
    )
    if asked.standing.incident.phase is Phase.OK and asked.standing.state not in {None, State.OK}:
        output.note(f"no round has taken it up yet: run {EVALUATE}")
    state = State.UNKNOWN if asked.standing.state is None else asked.standing.state
    output.note(f"verdict: {state.name}")
    return state.value


def _asked(alerts: AlertOffice, key: Key) -> _Asked:
    known = alerts.known
    (standing,) = alerts.standing([known.incidents.get(key, Incident(key=key))])
    told = alerts.reader.notifications(limit=_SEARCHED) if alerts.reader else []
    return _Asked(
        standing=standing,
        evaluation=known.evaluations.get(key),
        messages=[message_row(one) for one in told if key in one.keys],
        silences=[silence_row(alerts, one) for one in standing.silences],
        explains=sorted(one.key for one in known.incidents.values() if one.explained_by == key),
    )


def _row(alerts: AlertOffice, asked: _Asked) -> dict[str, Any]:
    standing = asked.standing
    return {
        **alerts.row(standing),
        "escalation_step": standing.incident.escalation,
        "evaluation": _evaluation_row(alerts, asked.evaluation, standing.checked),
        "rule": _rule_row(standing.rule),
        "silences": list(asked.silences),
        "explains": [key._asdict() for key in asked.explains],
        "messages": list(asked.messages),
    }


def _evaluation_row(alerts: AlertOffice, one: Evaluation | None, checked: CheckedObject | None) -> Row | None:
    if one is None:
        return None
    said_now = Incident(key=one.key, code=one.code, table=one.table, facts=one.facts)
    return {
        "state": one.state.name,
        "is_stale": checked is not None and checked.is_stale,
        "code": one.code,
        "message": alerts.text(said_now),
        "facts": jsonable(one.facts),
        "judged_at": jsonable(one.judged_at),
        "valid_until_at": jsonable(one.valid_until),
        "since_at": jsonable(one.since),
        "last_good_at": jsonable(one.last_good_at),
        "owner": one.owner or None,
        "depends_on": [key._asdict() for key in one.depends_on],
    }


def _rule_row(rule: Rule) -> Row:
    return {
        "pending": _pending(rule.pending),
        "pending_unknown": _pending(rule.pending_unknown),
        "clear": rule.clear,
        "remind_every_seconds": int(rule.remind_every.total_seconds()),
        "rest_seconds": int(rule.rest.total_seconds()),
        "escalate_after_seconds": [int(one.total_seconds()) for one in rule.escalate_after],
        "escalates": sorted(state.name for state in rule.escalates),
    }


def _pending(pending: Pending) -> str:
    return f"{pending.count} evaluations" if pending.lasting is None else span(pending.lasting)


def _tables(alerts: AlertOffice, asked: _Asked, row: Row) -> list[Listing]:
    """For people: what is empty is left out."""
    pairs = [
        _pair(alerts, name, value) for name, value in row.items() if name not in _APART and value not in (None, [])
    ]
    now = row["evaluation"] or {}
    pairs += [
        _pair(alerts, f"now: {name}", value)
        for name, value in now.items()
        if name not in _APART and value not in (None, [])
    ]
    facts = {**row["facts"], **now.get("facts", {})}
    rule = asked.standing.rule
    pairs.append({"field": "rule", "value": _rule_text(rule)})
    explains = [{"field": "explains", "value": name_of(key)} for key in asked.explains]
    return [
        _table([*pairs, *explains], _PAIR),
        _table([_pair(alerts, name, value) for name, value in sorted(facts.items())], _FACT),
        _table(asked.silences, silence_columns(alerts)),
        _table(asked.messages, message_columns(alerts)),
    ]


def _rule_text(rule: Rule) -> str:
    steps = ", ".join(span(one) for one in rule.escalate_after) or "never"
    return (
        f"told after {_pending(rule.pending)} (unknown: {_pending(rule.pending_unknown)}), well after {rule.clear} "
        f"good ones; reminder every {span(rule.remind_every)}; escalation after: {steps}"
    )


def _pair(alerts: AlertOffice, name: str, value: Any) -> Row:
    if isinstance(value, dict):
        value = name_of(Key(value["check"], value["object"])) if set(value) == set(Key._fields) else str(value)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        value = ", ".join(name_of(Key(one["check"], one["object"])) for one in value)
    elif name.endswith("_seconds") and isinstance(value, int):
        name, value = name.removesuffix("_seconds"), span(value)
    elif name.endswith("_at") and isinstance(value, str):
        name, value = name.removesuffix("_at"), _moment(alerts, value)
    return {"field": name.replace("_", " "), "value": said(value, name)}


def _moment(alerts: AlertOffice, value: str) -> str:
    try:
        return alerts.when(value)
    except ValueError:  # a fact may be called so and hold anything
        return value


def _table(rows: Sequence[Row], columns: tuple[Column, ...]) -> Listing:
    return Listing(schema=SCHEMA, rows=rows, columns=columns, csv_fields=())
