"""The summary of a message: all that messengers and SMS get, and so all that leaves the office.

It is made of words of ours, counts, periods (which must be periods of a calendar) and days (which must be days that the
office owes something on): no text of an evaluation reaches it. Everything in this file names nothing.
"""

import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta

from itops.alerts.grouping import Draft, state_of
from itops.alerts.machine import GONE, OWN_TABLE
from itops.alerts.records import Event, EventKind
from itops.dates import parse_period
from itops.errors import UsageWrong
from itops.reports.words import Words
from itops.verdict import State

STATES = (State.CRITICAL, State.UNKNOWN, State.WARNING, State.OK)
"""In the order in which they are counted."""
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_PERIODS = 3  # that a summary names: it has to fit into a text message
_OWED = frozenset({"delivery", "custody"})  # whose days are promises of the office, and no property of a thing
_NEAR = timedelta(days=3653)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def summary_of(draft: Draft, periods: Sequence[str], words: Words) -> str:
    """What it is about, how many of which state, which months, and the first day by which something is owed."""
    parts = [filled("summary", "told", words, kind=kind_of(draft, words), counts=counts_of(draft, words))]
    if periods:
        parts.append(words.say("alert", "summary", "report", data={"report": _listed(periods, words)}))
    if days := _due_days(draft):
        parts.append(words.say("alert", "summary", "due", data={"due_on": days[0].isoformat()}))
    return (words.template("alert", "summary", "semicolon") + " ").join(parts)


def kind_of(draft: Draft, words: Words) -> str:
    """Why somebody is told."""
    if draft.is_digest:
        return words.template("alert", "kind", "caught_up" if draft.has_failed else "digest")
    return words.template("alert", "kind", "gone" if any(map(is_gone, draft.events)) else draft.kind.value)


def counts_of(draft: Draft, words: Words) -> str:
    """How many things of each state."""
    counts = Counter(state_of(event) for event in draft.events)
    if set(counts) == {State.OK} and not draft.is_digest:  # the kind has said it
        return words.value("count", counts[State.OK])
    return counted(counts, words)


def counted(counts: Counter[State], words: Words) -> str:
    """ "2 critical, 1 unknown"."""
    told = [
        filled("counted", state.name, words, count=words.value("count", counts[state]))
        for state in STATES
        if counts[state]
    ]
    return (words.template("alert", "summary", "comma") + " ").join(told)


def periods_of(draft: Draft) -> list[str]:
    """The months of deliveries that it is about, as the calendar has them; anything else is a name, and left out."""
    found = set()
    for event in draft.events:
        if event.incident.key.check == "delivery":
            with suppress(UsageWrong):
                period = parse_period(event.incident.key.object)
                if _is_near(period.last, draft):
                    found.add(period.name)
    return sorted(found)


def is_gone(event: Event) -> bool:
    """Whether it was closed because nothing judges it any more."""
    incident = event.incident
    return event.kind is EventKind.RECOVERED and (incident.table, incident.code) == (OWN_TABLE, GONE)


def filled(table: str, name: str, words: Words, **texts: str) -> str:
    """A sentence with texts that are written already: their own marks stay."""
    return _PLACEHOLDER.sub(lambda found: texts[found[1]], words.template("alert", table, name))


def _listed(periods: Sequence[str], words: Words) -> str:
    """The newest of them, and how many more."""
    comma = words.template("alert", "summary", "comma") + " "
    named = comma.join(periods[-_PERIODS:])
    left = len(periods) - _PERIODS
    return f"{named} {filled('line', 'more', words, count=words.value('count', left))}" if left > 0 else named


def _due_days(draft: Draft) -> list[date]:
    """The days by which something open is owed, the first one first; what only could be read as a day is a number."""
    found = set()
    for event in draft.events:
        due_on = event.incident.facts.get("due_on")
        if event.incident.key.check not in _OWED:
            continue
        if state_of(event) is not State.OK and isinstance(due_on, str) and _ISO_DAY.fullmatch(due_on):
            with suppress(ValueError):
                found.add(date.fromisoformat(due_on))
    return sorted(day for day in found if _is_near(day, draft))


def _is_near(day: date, draft: Draft) -> bool:
    """Whether somebody could be told of that day: anything else is a number that happens to look like one."""
    return abs(day - draft.made_at.date()) <= _NEAR
