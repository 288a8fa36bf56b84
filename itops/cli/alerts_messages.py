"""`itops alerts messages`: the outbox of notifications, rows before they are messages."""

import json

import click

from itops.alerts.records import Notification
from itops.cli.alerts_list import AlertOffice, name_of, pass_alerts
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.jsonable import jsonable

SCHEMA = "itops.alerts.messages/1"
_FIELDS = (
    "number", "made_at", "channel", "kind", "state", "title", "delivery", "not_before_at", "tries", "sent_at", "error",
    "given_up_at", "objects",
)  # fmt: skip


@click.command()
@click.option("--open", "only_open", is_flag=True, help="Only what is neither sent nor given up.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many, newest first.")
@output_options
@pass_alerts
def messages(alerts: AlertOffice, output: Output, *, only_open: bool, limit: int) -> None:
    """Tell what was written to whom, what waits and until when, what failed and what was given up."""
    found = alerts.reader.notifications(only_open=only_open, limit=limit + 1) if alerts.reader else []
    rows = [message_row(one) for one in found[:limit]]
    output.show(
        Listing(schema=SCHEMA, rows=rows, columns=message_columns(alerts), csv_fields=_FIELDS), alerts.office.now
    )
    if len(found) > limit:
        output.note(f"there are more than these {limit}: --limit NUMBER")
    if not rows:
        output.note("no message waits" if only_open else "nothing was ever written to anybody")


def message_row(one: Notification) -> Row:
    """One message to one channel."""
    return {
        "number": one.number,
        "made_at": jsonable(one.made_at),
        "channel": one.channel,
        "kind": one.kind.value,
        "state": one.state.name,
        "title": title_of(one.document),
        "delivery": delivery(one),
        "not_before_at": jsonable(one.not_before),
        "tries": one.tries,
        "sent_at": jsonable(one.sent_at),
        "error": one.error or None,
        "given_up_at": jsonable(one.given_up_at),
        "objects": [name_of(key) for key in one.keys],
    }


def delivery(one: Notification) -> str:
    """`sent`, `given-up`, `waiting`; `failed`: and will be tried again; `trying`: now, or whoever did has died."""
    if one.sent_at is not None:
        return "sent"
    if one.given_up_at is not None:
        return "given-up"
    if not one.tries:
        return "waiting"
    return "failed" if one.error else "trying"


def title_of(document: str) -> str | None:
    """The first line of a message as it is kept; None of one that cannot be read."""
    try:
        told = json.loads(document)
    except (ValueError, RecursionError):
        return None
    title = told.get("title") if isinstance(told, dict) else None
    return title if isinstance(title, str) else None


def message_columns(alerts: AlertOffice) -> tuple[Column, ...]:
    """Of a table of messages."""
    return (
        Column(field="number", title="no", is_number=True),
        Column(field="made_at", title="made", show=alerts.when),
        Column(field="channel", title="channel"),
        Column(field="kind", title="kind"),
        Column(field="state", title="state"),
        Column(field="title", title="title", show=lambda title: "(cannot be read)" if title is None else str(title)),
        Column(field="delivery", title="delivery"),
        Column(field="not_before_at", title="not before", show=alerts.when, spare=3),
        Column(field="tries", title="tries", is_number=True, spare=4),
        Column(field="sent_at", title="sent", show=alerts.when, spare=2),
        Column(field="error", title="last error", spare=1),
    )
