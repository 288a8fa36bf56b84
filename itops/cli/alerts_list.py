"""`itops alerts list`: what is open, the worst first; and what all commands about incidents share."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any

import click

from itops.alerts.policy import AlertPolicy
from itops.alerts.records import EventKind, Incident, Key, Notification, Phase
from itops.cli.columns import moments_in
from itops.cli.office import Office, author, pass_office
from itops.cli.output import Column, Listing, Output, output_options, without_cells
from itops.errors import UsageWrong
from itops.jsonable import jsonable
from itops.reports.alert_messages import incident_text
from itops.reports.words import load_words
from itops.store.reader import Reader as StoreReader
from itops.tasks.alerting.handling import Known, Standing, checked_now, fits, known_check, standings
from itops.text import counted
from itops.verdict import State, severity, worst

if TYPE_CHECKING:
    from itops.store.watch_reader import WatchReader

EVALUATE = "`itops alerts evaluate`"
_FIELDS = (
    "state", "phase", "check", "object", "code", "message", "since_at", "open_seconds", "closed_at", "owner",
    "told_count", "told_state", "told_at", "next", "next_at", "reminder_at", "escalation_at", "held", "held_until_at",
    "acked_by", "acked_at", "ack_note", "is_flapping", "explained_by", "judged_at",
)  # fmt: skip
_NEWS = {EventKind.ESCALATED: "escalation", EventKind.REMINDER: "reminder", EventKind.OPENED: "first message",
         EventKind.WORSENED: "that it got worse"}  # fmt: skip
_ORDER = (Phase.FIRING, Phase.RECOVERING, Phase.PENDING, Phase.OK)
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_NAMED = 3


class AlertOffice:
    """Handed to every command about incidents."""

    def __init__(self, office: Office) -> None:
        self.office = office

    @cached_property
    def reader(self) -> "WatchReader | None":
        """The watch; None before the store is made."""
        reader = self.office.any_reader
        if reader is None:
            return None
        assert isinstance(reader, StoreReader), "the watch is in the store alone"
        return reader.watch

    @cached_property
    def known(self) -> Known:
        """What is judged, open and silenced; nothing before the first round."""
        if self.reader is None:
            return Known(evaluations={}, incidents={}, silences=())
        evaluations = {one.key: one for one in self.reader.evaluations()}
        return Known(evaluations=evaluations, incidents=self.reader.incidents(), silences=self.reader.silences())

    def let_go(self) -> None:
        """Before writing: whoever closes last folds the write-ahead log into itops.db, and a reader may not."""
        self.office.close()

    @property
    def policy(self) -> AlertPolicy:
        """The section `alerts` of itops.yaml."""
        return self.office.settings.alerts

    @property
    def when(self) -> Callable[[Any], str]:
        """A cell that shows an ISO moment as the office writes it."""
        return moments_in(self.office.calendar, self.office.zone)

    def moment(self, moment: datetime) -> str:
        """A moment as the office writes it."""
        return self.when(moment.isoformat())

    def standing(self, incidents: Iterable[Incident]) -> list[Standing]:
        """How they stand."""
        office = self.office
        return standings(self.known, incidents, policy=self.policy, zone=office.zone, now=office.now)

    def text(self, incident: Incident) -> str:
        """What is wrong, in English."""
        office = self.office
        words = load_words("en", calendar=office.calendar, marks=False, zone=office.zone)
        return incident_text(incident, words) if incident.code else ""

    def row(self, one: Standing) -> dict[str, Any]:
        """One incident, as JSON has it."""
        incident, now = one.incident, self.office.now
        end = incident.closed_at if incident.phase is Phase.OK else now
        is_lasting = one.since is not None and end is not None
        return {
            "state": one.state.name if one.state is not None else None,
            "phase": incident.phase.value,
            "check": incident.key.check,
            "object": incident.key.object,
            "code": incident.code,
            "message": self.text(incident),
            "facts": jsonable(incident.facts),
            "since_at": jsonable(one.since),
            "open_seconds": max(int((end - one.since).total_seconds()), 0) if is_lasting else None,  # type: ignore[operator]
            "closed_at": jsonable(incident.closed_at) if incident.phase is Phase.OK else None,
            "owner": incident.owner or None,
            "told_count": incident.notify_count,
            "told_state": incident.state.name,
            "told_at": jsonable(incident.last_notified_at),
            "next": one.next.kind.value if one.next else None,
            "next_at": jsonable(one.next.at) if one.next else None,
            "reminder_at": jsonable(one.reminder_at),
            "escalation_at": jsonable(one.escalation_at),
            "held": holds(one),
            "held_until_at": jsonable(one.held_until),
            "acked_by": incident.acked_by or None,
            "acked_at": jsonable(incident.acked_at),
            "ack_note": incident.ack_note or None,
            "is_flapping": incident.is_flapping,
            "explained_by": incident.explained_by._asdict() if incident.explained_by else None,
            "judged_at": jsonable(one.checked.judged_at) if one.checked else None,
        }

    def shown(self, one: Standing) -> dict[str, Any]:
        """The same with the cells that only people read."""
        incident, row = one.incident, self.row(one)
        told = f"{incident.notify_count}, last {self.when(row['told_at'])}" if incident.notify_count else "not yet"
        news = f"{_NEWS[one.next.kind]} {self.moment(one.next.at)}" if one.next else ""
        is_closed = incident.phase is Phase.OK
        state = f"closed, was {incident.state.name}" if is_closed else row["state"]
        return {
            **row,
            "_state": f"{state} (pending)" if incident.phase is Phase.PENDING else state,
            "_told": "" if is_closed else told,
            "_next": news,
            "_held": ", ".join(row["held"]),
            "_marks": "; ".join(self._marks(one)),
        }

    def _marks(self, one: Standing) -> Iterable[str]:
        incident, rule = one.incident, one.rule
        if incident.phase is Phase.PENDING and incident.bad_count:  # in maintenance nothing is counted
            pending = rule.pending_unknown if incident.state is State.UNKNOWN else rule.pending
            yield (
                f"bad {incident.bad_count} of {pending.count} times"
                if pending.lasting is None
                else f"told when bad for {span(pending.lasting)}"
            )
        if incident.phase is Phase.RECOVERING:
            yield f"good {incident.good_count} of {rule.clear} times"
        if incident.acked_by:
            yield f"acked by {incident.acked_by}"
        if one.silences:
            yield f"silenced until {self.moment(max(silence.until for silence in one.silences))}"
        if one.maintenance is not None:
            yield f"in maintenance until {self.moment(one.maintenance.until.moment(self.office.zone))}"
        if incident.is_flapping:
            yield "flapping"
        if incident.explained_by is not None:
            yield f"explained by {name_of(incident.explained_by)}"

    def columns(self) -> tuple[Column, ...]:
        """Of a table of incidents."""
        return (
            Column(field="_state", title="state"),
            Column(field="check", title="check"),
            Column(field="object", title="object", folds=20),
            Column(field="message", title="what is wrong", folds=30),
            Column(field="since_at", title="since", show=self.when, spare=5),
            Column(field="open_seconds", title="for", show=lambda seconds: "" if seconds is None else span(seconds)),
            Column(field="owner", title="owner", widest=16, spare=3),
            Column(field="_told", title="told", spare=4),
            Column(field="_next", title="next", spare=6),
            Column(field="_held", title="held", spare=1),
            Column(field="_marks", title="marks", folds=14, spare=2),
        )

    def confess_messages(self, output: Output) -> None:
        """Say what keeps people from hearing: no channel, messages that fail."""
        if not self.policy.channels:
            output.note("itops.yaml has no alerts.channels: nobody is told of anything")
        waiting: list[Notification] = self.reader.notifications(only_open=True) if self.reader else []
        failing = sum(1 for one in waiting if one.error)
        if waiting:
            failed = f", {failing} failed at the last try" if failing else ""
            wait = counted("message waits", "messages wait", len(waiting))
            output.note(f"{wait} to be sent{failed}: `itops alerts messages --open`")


def pass_alerts(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the AlertOffice of the configuration file."""

    @wraps(command)
    @pass_office
    def with_alerts(office: Office, *args: Any, **kwargs: Any) -> Any:
        return command(AlertOffice(office), *args, **kwargs)

    return with_alerts


def holds(one: Standing) -> list[str]:
    """What keeps it from being told: maintenance, silence, explained."""
    found = (
        ("maintenance", one.maintenance is not None),
        ("silence", bool(one.silences)),
        ("explained", one.incident.explained_by is not None),
    )
    return [name for name, is_so in found if is_so]


def name_of(key: Key) -> str:
    """Check and object, as they are typed."""
    return " ".join(filter(None, key))


def person(by: str | None) -> str:
    """Who does something: as typed, else the account; raises UsageWrong where neither is known."""
    found = by if by is not None else author()
    if not found:
        raise UsageWrong("this machine does not know who you are", remedy="say it: --by NAME")
    return found


def span(lasting: timedelta | int) -> str:
    """A time, or its seconds, in the two units that matter."""
    seconds = int(lasting.total_seconds()) if isinstance(lasting, timedelta) else lasting
    if seconds >= _DAY:
        days, hours = seconds // _DAY, seconds % _DAY // _HOUR
        return f"{days} d {hours} h" if hours else f"{days} d"
    if seconds >= _HOUR:
        hours, minutes = seconds // _HOUR, seconds % _HOUR // _MINUTE
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{seconds // _MINUTE} min"


@click.command("list")
@click.argument("pattern", required=False)
@click.option("--all", "is_all", is_flag=True, help="Those that are closed, too: of each object the last.")
@click.option("--check", metavar="CHECK", help="Only of this check: backup, inventory, delivery ...")
@output_options
@pass_alerts
def list_alerts(alerts: AlertOffice, output: Output, *, pattern: str | None, is_all: bool, check: str | None) -> int:
    """Tell what is open, the worst first, held ones too; with PATTERN, of objects that hold it, or fit it with `*`.

    Exits with the worst of it: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN, which is also: nothing was ever judged.
    """
    known, now = alerts.known, alerts.office.now
    name = None if check is None else known_check(known, check)

    def is_wanted(key: Key) -> bool:
        return (name is None or key.check == name) and (pattern is None or fits(pattern, key.object))

    wanted = [one for key, one in known.incidents.items() if is_wanted(key)]
    found = [one for one in alerts.standing(wanted) if _is_listed(one.incident, is_all=is_all)]
    found.sort(key=_rank)
    output.show(_listing(alerts, found), now)
    is_open = known.open
    missed = [one for key, one in checked_now(known, now).items() if key not in is_open and is_wanted(key)]
    bad = sorted((one for one in missed if one.state is not State.OK), key=lambda one: (-severity(one.state), one.key))
    judged = [key for key in known.evaluations if is_wanted(key)]
    states = [one.state for one in found if one.incident.phase is not Phase.OK and one.state is not None]
    verdict = worst([*states, *(one.state for one in bad), *(() if judged else (State.UNKNOWN,))])
    _tell(alerts, output, states, judged=len(judged), bad=[name_of(one.key) for one in bad])
    alerts.confess_messages(output)
    output.note(f"verdict: {verdict.name}")
    return verdict.value


def _is_listed(one: Incident, *, is_all: bool) -> bool:
    """A thing that was bad for a moment and never opened is nobody's news."""
    return one.phase is not Phase.OK or (is_all and one.closed_at is not None)


def _rank(one: Standing) -> tuple[bool, int, bool, int, float, Key]:
    """Open before closed; the worst first, held ones after the others; of equals the oldest, of closed the newest."""
    is_closed = one.incident.phase is Phase.OK
    moment = one.incident.closed_at if is_closed else one.since
    at = 0.0 if moment is None else moment.timestamp()
    weight = 0 if is_closed or one.state is None else -severity(one.state)
    phase = _ORDER.index(one.incident.phase)
    return is_closed, weight, one.is_held, phase, -at if is_closed else at, one.incident.key


def _listing(alerts: AlertOffice, found: Sequence[Standing]) -> Listing:
    shown = [alerts.shown(one) for one in found]
    rows = [without_cells(row) for row in shown]
    return Listing(schema="itops.alerts.list/1", rows=shown, data=rows, columns=alerts.columns(), csv_fields=_FIELDS)


def _tell(alerts: AlertOffice, output: Output, states: Sequence[State], *, judged: int, bad: Sequence[str]) -> None:
    evaluations = alerts.known.evaluations.values()
    if not evaluations:
        output.note(f"nothing was ever judged: run {EVALUATE}, or let the schedule run it")
        return
    if not judged:
        output.note("nothing of what is judged fits: look at the spelling")
    elif states:
        counts = Counter(states)
        told = [f"{counts[state]} {state.name.lower()}" for state in sorted(counts, key=severity, reverse=True)]
        output.note(f"open: {', '.join(told)}")
    elif not bad:
        output.note(f"nothing is open: {counted('thing is', 'things are', judged)} judged, and all well")
    if bad:
        more = f" and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
        output.note(
            f"not well, or judged too long ago, and taken up by no round yet: {', '.join(bad[:_NAMED])}{more}; "
            f"run {EVALUATE}"
        )
    last = max(one.judged_at for one in evaluations)
    age = max(alerts.office.now - last, timedelta())
    output.note(f"last judged {alerts.moment(last)}, {span(age)} ago")
