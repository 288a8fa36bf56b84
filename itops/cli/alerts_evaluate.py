"""`itops alerts evaluate`: one round of the watch: judge everything, write down what is new, send what is due."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from itops.alerts.grouping import state_of
from itops.alerts.records import Event, Notification
from itops.cli.columns import moments_in
from itops.cli.office import Office, pass_office
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.jsonable import jsonable
from itops.reports.alert_messages import incident_text
from itops.reports.words import Words, load_words
from itops.store.reader import Reader as StoreReader
from itops.text import counted

if TYPE_CHECKING:
    from itops.alerts.channels import Channel
    from itops.tasks.alerting.round import Played
    from itops.tasks.alerting.sending import SentOut, Tried
    from itops.tasks.evaluation.evaluating import Evaluator

_MOST_ROWS = 100_000
_FIELDS = ("what", "state", "about", "message", "channel", "number", "kind", "next_at", "receipt")


class WatchOffice:
    """Handed to the command; tests hand in one with evaluators and channels of their own."""

    def __init__(
        self,
        office: Office,
        *,
        evaluators: "Mapping[str, Evaluator] | None" = None,
        channels: "Mapping[str, Channel] | None" = None,
    ) -> None:
        self.office = office
        self._evaluators = evaluators
        self._channels = channels

    @property
    def evaluators(self) -> "Mapping[str, Evaluator]":
        """All checks there are."""
        if self._evaluators is not None:
            return self._evaluators
        from itops.tasks.evaluation.all import EVALUATORS  # noqa: PLC0415  every room there is: its help needs none

        return EVALUATORS

    @property
    def channels(self) -> "Mapping[str, Channel]":
        """Those of itops.yaml."""
        if self._channels is not None:
            return self._channels
        from itops.tasks.alerting.sending import built  # noqa: PLC0415  as above

        return built(self.office.settings.alerts)

    def close(self) -> None:
        """Close the store, if it was opened."""
        self.office.close()


def pass_watch(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the WatchOffice of the configuration file."""

    @wraps(command)
    def with_watch(*args: Any, **kwargs: Any) -> Any:
        given = click.get_current_context().obj
        if isinstance(given, WatchOffice):
            return command(given, *args, **kwargs)
        return with_office(*args, **kwargs)

    @pass_office
    def with_office(office: Office, *args: Any, **kwargs: Any) -> Any:
        return command(WatchOffice(office), *args, **kwargs)

    return with_watch


@click.command()
@click.option("--no-send", is_flag=True, help="Write down what is to be told, and send nothing now.")
@output_options
@pass_watch
def evaluate(watch: WatchOffice, *, no_send: bool, output: Output) -> None:
    """Judge everything once, and send what is new.

    The schedule runs it every few minutes. It exits 0 whenever the round was made: what is wrong is told by messages,
    and a message that does not go out is tried again.
    """
    from itops.tasks.alerting.round import alone  # noqa: PLC0415  with the store, which only this writes

    office = watch.office
    with alone(office.state_folder):
        played, sent = _round(watch, is_sending=not no_send)
    rows = [*_event_rows(watch, played), *_message_rows(sent)]
    data = {"changes": rows[: len(played.events)], "messages": rows[len(played.events) :], "waiting": sent.waiting}
    columns = (
        Column(field="what", title="what"),
        Column(field="state", title="state"),
        Column(field="about", title="about"),
        Column(field="message", title="message"),
        Column(field="next_at", title="next try", show=moments_in(office.calendar, office.zone)),
    )
    output.show(
        Listing(schema="itops.alerts.evaluate/1", rows=rows, data=data, columns=columns, csv_fields=_FIELDS), office.now
    )
    _tell(watch, played, sent, output)


def _round(watch: WatchOffice, *, is_sending: bool) -> "tuple[Played, SentOut]":
    from itops.tasks.alerting.round import play_round  # noqa: PLC0415  as above
    from itops.tasks.alerting.sending import Sender, SentOut, send_due  # noqa: PLC0415  as above
    from itops.tasks.alerting.tidying import tidy  # noqa: PLC0415  as above
    from itops.tasks.evaluation.evaluating import evaluate as judged  # noqa: PLC0415  as above
    from itops.tasks.evaluation.watched import Watched  # noqa: PLC0415  as above

    office, settings = watch.office, watch.office.settings
    with office.open_store() as store:  # first: a store that nobody has made yet is made here
        reader = office.reader
        assert isinstance(reader, StoreReader), "the watch is in the store alone"
        watched = Watched(settings=settings, reader=reader, judge_roles=office.judge, now=office.now)
        played = play_round(store, watched, judged(watched, watch.evaluators))
        waiting = reader.watch.notifications(only_open=True, limit=_MOST_ROWS)
        sent = SentOut(tried=(), waiting=len(waiting))
        if is_sending:
            policy, zone = settings.alerts, settings.office.zone
            sender = Sender(store=store.watch, policy=policy, zone=zone, now=office.now, channels=watch.channels)
            sent = send_due(sender, waiting)
        tidy(store, settings, reader.watch.last_due(), office.now)
    return played, sent


def _event_rows(watch: WatchOffice, played: "Played") -> list[Row]:
    office = watch.office
    words = load_words("en", calendar=office.calendar, marks=False, zone=office.zone)
    return [_event_row(event, words) for event in played.events]


def _event_row(event: Event, words: Words) -> Row:
    incident = event.incident
    return {
        "what": event.kind.value,
        "state": state_of(event).name,
        "about": " ".join(filter(None, incident.key)),
        "check": incident.key.check,
        "object": incident.key.object,
        "code": incident.code,
        "message": incident_text(incident, words) if incident.code else "",
    }


def _message_rows(sent: "SentOut") -> list[Row]:
    return [_message_row(one) for one in sent.tried]


def _message_row(one: "Tried") -> Row:
    row = one.row
    what = "given up" if row.given_up_at else "sent" if row.sent_at else "not sent"
    return {
        "what": what,
        "state": row.state.name,
        "about": f"message {row.number} ({row.kind.value}) by {row.channel}",
        "message": row.error,
        "channel": row.channel,
        "number": row.number,
        "kind": row.kind.value,
        "tries": row.tries,
        "next_at": jsonable(row.not_before) if what == "not sent" else None,
        "receipt": one.receipt or None,
    }


def _tell(watch: WatchOffice, played: "Played", sent: "SentOut", output: Output) -> None:
    judged = counted("thing was", "things were", len(played.evaluations))
    output.note(f"{judged} judged{'' if played.events else '; nothing changed that people have to hear of'}")
    if not watch.office.settings.alerts.channels:
        output.note("itops.yaml has no alerts.channels: nobody is told of anything")
    if played.taken_over:
        told = counted("message", "messages", len(played.taken_over))
        output.note(f"{told} that waited for a channel that does not work stand in one digest now")
    for one in sent.tried:
        if not one.row.sent_at:
            output.note(f"{one.row.channel}: {_short(one.row)}")
    if sent.waiting:
        waits = counted("message waits", "messages wait", sent.waiting)
        output.note(f"{waits} for the time to be sent: `itops alerts messages --open`")


def _short(row: Notification) -> str:
    state = "was given up" if row.given_up_at else "did not go out"
    return f"message {row.number} {state}: {row.error}"
