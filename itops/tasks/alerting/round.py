"""One round: what was judged becomes incidents and messages, in one transaction. Sending comes afterwards.

Evaluations are kept of each check that was made as a whole. One that could not be made is an incident of its own, and
explains why what it knew before is well no more: five hundred servers that nobody looked at are one message.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from itops import locks
from itops.alerts import engine
from itops.alerts.grouping import drafts
from itops.alerts.machine import is_at_rest
from itops.alerts.records import Evaluation, Event, Incident, Key, Notification
from itops.errors import StoreLocked
from itops.store.encoding import storable
from itops.tasks.alerting.alive import AliveMessages
from itops.tasks.alerting.catching_up import caught_up
from itops.tasks.alerting.telling import Telling
from itops.tasks.evaluation.evaluating import NOT_JUDGED, Evaluated
from itops.tasks.evaluation.watched import Watched
from itops.verdict import State, severity

if TYPE_CHECKING:
    from itops.store.watch_writer import RoundFacts, RoundRows
    from itops.store.writing import Store

_LOCK_FILE = "alerts.lock"
_LOCK_WAIT_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a round made."""

    evaluations: tuple[Evaluation, ...]
    events: tuple[Event, ...]
    notifications: tuple[Notification, ...]  # new rows, with their numbers
    taken_over: tuple[Notification, ...] = ()  # rows that waited too long, and stand in a digest now


@contextmanager
def alone(folder: Path, wait_seconds: float = _LOCK_WAIT_SECONDS) -> Iterator[None]:
    """Judge and send, one process at a time; raises StoreLocked while another one does. `folder`: that of the state."""
    taken = StoreLocked(
        "another itops is judging and sending alerts",
        remedy="wait until it has ended; it does the same work",
    )
    with locks.alone(folder / _LOCK_FILE, wait_seconds, taken):
        yield


def play_round(store: "Store", watched: Watched, evaluated: Evaluated) -> Played:
    """Keep what was judged, and write what is to be told. Played again with the same evaluations it changes nothing.

    Raises what the store raises; then nothing of the round is kept.
    """
    kept = _one_each(one for one in evaluated.evaluations if one.key.check in evaluated.whole)
    player = _Round(watched, evaluated)
    rows = store.watch.play_round(kept, evaluated.whole, player.play)
    return Played(
        evaluations=evaluated.evaluations, events=player.events, notifications=rows, taken_over=player.taken_over
    )


def _one_each(evaluations: Iterable[Evaluation]) -> list[Evaluation]:
    """One for each key as the store can keep it: of several the worst."""
    found: dict[tuple[str, str], Evaluation] = {}
    for one in evaluations:
        place = (storable(one.key.check), storable(one.key.object))
        if place not in found or severity(one.state) > severity(found[place].state):
            found[place] = one
    return list(found.values())


class _Round:
    """Asked by the store, inside of its transaction."""

    def __init__(self, watched: Watched, evaluated: Evaluated) -> None:
        self._telling = Telling(watched)
        self._watched = watched
        self._evaluated = evaluated
        self._alive = AliveMessages(self._telling)
        self.events: tuple[Event, ...] = ()
        self.taken_over: tuple[Notification, ...] = ()

    def play(self, facts: "RoundFacts") -> "RoundRows":
        from itops.store.watch_writer import RoundRows  # noqa: PLC0415  SQLAlchemy: only who writes pays for it

        telling = self._telling
        outcome = engine.play(
            _all_that_counts(facts, self._evaluated, self._watched),
            facts.incidents,
            facts.silences,
            policy=telling.policy,
            zone=telling.zone,
            now=telling.now,
            covered=self._evaluated.whole,
        )
        self.events = outcome.events
        changed = outcome.changed
        if not telling.policy.channels:
            changed = tuple(_unheard(one, facts.incidents.get(one.key)) for one in changed)
        incidents = {**facts.incidents, **{one.key: one for one in changed}}
        made = drafts(
            outcome.events,
            policy=telling.policy,
            zone=telling.zone,
            now=telling.now,
            incidents=incidents,
            waiting=[row for row in facts.waiting if row.keys],
        )
        replaced = [number for draft in made for number in draft.replaces]
        left = [row for row in facts.waiting if row.number not in set(replaced)]
        rows, self.taken_over = caught_up(
            left, [telling.row(draft) for draft in made if draft.events], incidents, telling, facts.next_number
        )
        rows += self._alive.rows(incidents.values())
        return RoundRows(
            changed=changed,
            forgotten=outcome.forgotten,
            notifications=rows,
            replaced=replaced,
            changed_notifications=self.taken_over,
        )


def _all_that_counts(facts: "RoundFacts", evaluated: Evaluated, watched: Watched) -> Iterator[Evaluation]:
    """What is kept, what could not be made, and that what could not be made before could be made now."""
    for one in facts.evaluations:
        if one.key.check in evaluated.whole or one.state is not State.OK:
            yield one
        else:
            yield replace(one, depends_on=(*one.depends_on, Key(one.key.check, "")))
    yield from (one for one in evaluated.evaluations if one.key.check not in evaluated.whole)
    judged = {one.key for one in facts.evaluations}
    for check in evaluated.whole:
        key = Key(check, "")
        before = facts.incidents.get(key)
        if key not in judged and before is not None and before.code == NOT_JUDGED and not is_at_rest(before):
            yield Evaluation(
                key=key, state=State.OK, code="judged", table=before.table, judged_at=watched.now, owner=before.owner
            )


def _unheard(after: Incident, before: Incident | None) -> Incident:
    """As nobody can hear of it, nobody was told: the first channel that there is hears of all that is open."""
    heard = before or Incident(key=after.key)
    return replace(
        after,
        notify_count=heard.notify_count,
        last_notified_at=heard.last_notified_at,
        escalation=heard.escalation,
    )
