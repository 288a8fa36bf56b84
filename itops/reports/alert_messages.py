"""Drafts of the alert engine in the words of a language: title and lines that name things.

The summary, which names none, is made in itops/reports/alert_summary.py.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from itops.alerts.channels import Message, MessageLine
from itops.alerts.grouping import Draft, state_of
from itops.alerts.records import Event, EventKind, Incident
from itops.reports.alert_summary import STATES, counted, counts_of, filled, is_gone, kind_of, periods_of, summary_of
from itops.reports.sentences import sentence
from itops.reports.words import Words
from itops.text import plain
from itops.verdict import State, severity

_SHOWN = 200  # lines of one message; the counts are of all
_LONGEST = 200  # letters of a name in a line
_OF_FINDINGS = ("health", "asset")  # tables of codes that a key may begin with
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekOfWork:
    """What the weekly message tells."""

    days: int = 7
    ran: int  # runs of jobs that ended
    failed: int  # of them, those that did not end well
    open: Mapping[State, int]  # incidents that fire now


def message_of(draft: Draft, words: Words, *, office: str, report: str = "", references: Sequence[str] = ()) -> Message:
    """The message of a draft. `report`: the period whose report tells more, where the draft is of none itself."""
    periods = periods_of(draft)
    events = sorted(draft.events, key=lambda one: (-severity(state_of(one)), one.incident.key))
    lines = [_line(event, words) for event in events[:_SHOWN]]
    if (left := len(events) - _SHOWN) > 0:
        more = filled("line", "more", words, count=words.value("count", left))
        lines.append(MessageLine(state=state_of(events[_SHOWN]), subject="", text=more))
    return Message(
        id=_digest(draft.channel, draft.kind, draft.made_at.isoformat(), *map(_told_as, draft.events)),
        thread=thread_of(draft),
        kind=draft.kind,
        state=draft.state,
        office=office,
        language=_language(words),
        title=_title(draft, words),
        summary=summary_of(draft, periods, words),
        lines=tuple(lines),
        made_at=draft.made_at,
        report=periods[0] if len(periods) == 1 else report,
        references=tuple(references),
    )


def alive_message(work: WeekOfWork, words: Words, *, office: str, channel: str, now: datetime) -> Message:
    """The weekly message: the watch is at work, and this channel works."""
    counts = counted(Counter(dict(work.open)), words) or words.template("alert", "line", "nothing_open")
    kind = words.template("alert", "kind", "alive")
    values = {
        "kind": kind,
        "ran": words.value("count", work.ran),
        "failed": words.value("count", work.failed),
        "days": words.value("days", work.days),
        "open": counts,
    }
    state = next((state for state in STATES if work.open.get(state)), State.OK)
    return _alone(
        EventKind.ALIVE,
        channel,
        words,
        office=office,
        now=now,
        state=state,
        text=filled("line", "alive", words, **values),
        summary=filled("summary", "alive", words, **values),
    )


def trial_message(words: Words, *, office: str, channel: str, now: datetime) -> Message:
    """What is sent to try the channels."""
    kind = words.template("alert", "kind", "test")
    return _alone(
        EventKind.TEST,
        channel,
        words,
        office=office,
        now=now,
        state=State.OK,
        text=words.template("alert", "line", "test"),
        summary=filled("summary", "test", words, kind=kind),
    )


def thread_of(draft: Draft) -> str:
    """The conversation that a message belongs to: that of the incident which opened first."""
    oldest = min(
        (event.incident for event in draft.events),
        key=lambda one: (one.opened_at is None, one.opened_at.isoformat() if one.opened_at else "", one.key),
    )
    opened = oldest.opened_at.isoformat() if oldest.opened_at else ""
    return _digest(*oldest.key, opened)


def incident_text(incident: Incident, words: Words) -> str:
    """What is, or was, wrong: the sentence of its code; the code where a plugin of others brought one without words."""
    return sentence(incident.table, incident.code, incident.facts, words) or _named(incident.code)


def subject_text(incident: Incident, words: Words) -> str:
    """Check and object, for a person: of a finding the title of its code, and what it was found on."""
    check = _check(incident.key.check, words)
    if not incident.key.object:
        return check
    code, _, name = incident.key.object.partition(" ")
    title = _title_of(code, words)
    if title is None:
        return words.say("alert", "subject", data={"check": check, "object": _named(incident.key.object)})
    data = {"check": check, "title": title, "object": _named(name or code)}
    return words.say("alert", "finding" if name else "findings", data=data)


def _title_of(code: str, words: Words) -> str | None:
    """None where it is no code of a finding: the name of a job, a source, a month."""
    for table in _OF_FINDINGS:
        with suppress(KeyError):
            return words.template(table, code, "title")
    return None


def _line(event: Event, words: Words) -> MessageLine:
    incident = event.incident
    return MessageLine(
        state=state_of(event),
        subject=subject_text(incident, words),
        text=filled(
            "line",
            _line_kind(event),
            words,
            text=incident_text(incident, words),
            lasted=_lasted(event, words),
        ),
        owner=_named(incident.owner),
        since=None if state_of(event) is State.OK else incident.opened_at or incident.first_bad_at,
    )


def _line_kind(event: Event) -> str:
    if is_gone(event):
        return "gone"
    is_well = event.kind is EventKind.STEADY and state_of(event) is State.OK
    return "steady_well" if is_well else event.kind.value


def _lasted(event: Event, words: Words) -> str:
    """How long it has been open, or was."""
    end = (event.incident.closed_at if event.kind is EventKind.RECOVERED else None) or event.at
    lasted = max(end - (event.incident.opened_at or end), timedelta())
    if lasted >= 2 * _DAY:
        return filled("lasted", "days", words, count=words.value("count", lasted // _DAY))
    if lasted >= 2 * _HOUR:
        return filled("lasted", "hours", words, count=words.value("count", lasted // _HOUR))
    return filled("lasted", "minutes", words, count=words.value("count", lasted // _MINUTE))


def _title(draft: Draft, words: Words) -> str:
    kind = kind_of(draft, words)
    if len(draft.events) == 1:
        incident = draft.events[0].incident
        if state_of(draft.events[0]) is State.OK:
            return filled("title", "well", words, kind=kind, subject=subject_text(incident, words))
        state = words.template("alert", "state", incident.state.name)
        return filled("title", "one", words, kind=kind, state=state, subject=subject_text(incident, words))
    counts = counts_of(draft, words)
    if not draft.check:
        return filled("title", "mixed", words, kind=kind, counts=counts)
    return filled("title", "many", words, kind=kind, counts=counts, check=_check(draft.check, words))


def _alone(
    kind: EventKind,
    channel: str,
    words: Words,
    *,
    office: str,
    now: datetime,
    state: State,
    text: str,
    summary: str,
) -> Message:
    """A message about no incident."""
    title = words.template("alert", "kind", kind.value)
    identity = _digest(channel, kind, now.isoformat())
    return Message(
        id=identity,
        thread=identity,
        kind=kind,
        state=state,
        office=office,
        language=_language(words),
        title=title,
        summary=summary,
        lines=(MessageLine(state=State.OK, subject=title, text=text),),  # that it came is well, whatever else is open
        made_at=now,
    )


def _check(check: str, words: Words) -> str:
    try:
        return words.template("alert", "check", check)
    except KeyError:
        return _named(check)


def _named(text: str) -> str:
    return plain(text[:_LONGEST])


def _language(words: Words) -> Literal["fa", "en"]:
    return "fa" if words.language == "fa" else "en"


def _told_as(event: Event) -> str:
    return "\0".join((*event.incident.key, event.kind, str(event.incident.notify_count)))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode(errors="backslashreplace")).hexdigest()[:24]
