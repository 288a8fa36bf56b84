"""The mechanical checks of the register: each asks one question and yields findings; words are in reports/text.

Every check is pure: the register, the plan, the calendar, now. `custody_findings` asks all of them.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from itops.backup.custody.content_checks import content_findings
from itops.backup.custody.days import is_open
from itops.backup.custody.findings import View, critical, finding, warning
from itops.backup.custody.records import Moved, Received
from itops.backup.custody.register import Register
from itops.backup.custody.states import MediumState
from itops.backup.judgement.verdicts import BackupFinding
from itops.backup.policy import BackupPlan
from itops.backup.slots import Calendar
from itops.verdict import State, severity

_GRAVE = frozenset({"lost", "unreadable", "wrong-medium", "seal-broken"})


def custody_findings(
    register: Register,
    plan: BackupPlan,
    calendar: Calendar,
    now: datetime,
    databases: Iterable[tuple[str, str]] = (),
) -> tuple[BackupFinding, ...]:
    """Everything that is wrong with the register, its media and what should lie off-site; the worst first.

    `subject` is the id of the medium, the place, or "job object slot". `databases` are the (server, name) pairs that
    servers have, to spell out `sql01/*`.
    """
    view = View(register=register, plan=plan, calendar=calendar, now=now, databases=tuple(databases))
    found = [
        *(one for check in _OF_REGISTER for one in check(view)),
        *(one for state in register.in_use() for check in _OF_MEDIUM for one in check(view, state)),
        *content_findings(view),
    ]
    return tuple(sorted(found, key=lambda one: (-severity(one.state), one.code, one.subject, repr(one.facts))))


def _chain(view: View) -> Iterator[BackupFinding]:
    """A changed, missing or inserted row; one that people have accounted for by an incident is told, not shouted."""
    register = view.register
    if register.broken is not None:
        state = State.WARNING if register.broken.number in register.accepted else State.CRITICAL
        yield finding("register-broken", state, number=register.broken.number, reason=register.broken.reason)
    for invalid in register.invalid:
        state = State.WARNING if invalid.number in register.accepted else State.CRITICAL
        yield finding("entry-invalid", state, number=invalid.number, reason=invalid.code)


def _incidents_of_register(view: View) -> Iterator[BackupFinding]:
    for held in view.register.incidents:
        yield warning(
            "incident-open", number=held.number, what=held.incident.what, age_days=view.days(held.incident.at)
        )


def _spread(view: View) -> Iterator[BackupFinding]:
    """Never all media outside the vaults at once, nor all in them: one fire, or nothing to restore from quickly."""
    media = [state for state in view.register.in_use() if state.written is not None]
    if not media or not any(place.kind == "vault" for place in view.policy.places.values()):
        return
    inside = [state for state in media if view.is_in_vault(state)]
    if not inside:
        yield critical("all-outside", media=len(media))
    elif len(inside) == len(media) and len(media) > 1:
        yield warning("all-inside", media=len(media))


def _counts(view: View) -> Iterator[BackupFinding]:
    """Two persons must have counted each place where media lie."""
    places = {state.place for state in view.register.in_use() if not state.is_in_transit}
    for place in sorted(places & set(view.policy.places)):
        last = view.register.reconciled.get(place)
        since = last.at if last is not None else view.register.began_at
        if since is not None and view.age(since) > view.policy.reconcile_every:
            limit = view.policy.reconcile_every.days
            yield warning("reconcile-overdue", place, age_days=view.days(since), limit_days=limit)
        if last is None:
            continue
        for medium in last.missing:
            state = view.register.media.get(medium)
            if state is not None and state.retired is None and state.last_at <= last.at:
                yield critical("count-missing", medium, place=place, counted_on=view.on(last.at))
        for label in last.unexpected:
            state = view.register.media.get(label)
            if state is None or (state.place != place and state.last_at <= last.at):
                yield warning("count-unexpected", label, place=place, counted_on=view.on(last.at))


def _transit(view: View, state: MediumState) -> Iterator[BackupFinding]:
    """Out without in; a place of kind transit is no place to stay either."""
    is_passing = view.policy.kind_of(state.place) == "transit"
    if not (state.is_in_transit or is_passing) or view.age(state.since) <= view.policy.in_transit:
        return
    sent = state.transit
    yield critical(
        "in-transit",
        state.medium,
        holder=sent.to if sent is not None else state.place,
        place=sent.destination if sent is not None else state.place,
        age_days=view.days(state.since),
        limit_days=view.policy.in_transit.days,
    )


def _whereabouts(view: View, state: MediumState) -> Iterator[BackupFinding]:
    if state.place not in view.policy.places:
        yield warning("place-unknown", state.medium, place=state.place)
    if state.is_elsewhere:
        yield warning("arrived-elsewhere", state.medium, place=state.place)


def _incidents(view: View, state: MediumState) -> Iterator[BackupFinding]:
    for held in state.incidents:
        what = held.incident.what
        grave = State.CRITICAL if what in _GRAVE else State.WARNING
        age = view.days(held.incident.at)
        yield finding("incident-open", grave, state.medium, number=held.number, what=what, age_days=age)
    if state.is_seal_broken:
        yield critical("seal-broken", state.medium, place=state.place)


def _reading(view: View, state: MediumState) -> Iterator[BackupFinding]:
    """What the last test read found, and whether the next one is due."""
    if state.written is None:
        return
    last = state.read_since_written
    if last is not None and last.bad:
        yield critical("read-failed", state.medium, bad=len(last.bad), files=last.files, first=last.bad[0].name)
    if last is not None and last.unlisted_count:
        yield warning("files-unlisted", state.medium, files=last.unlisted_count, first=last.unlisted[0])
    for doubt in last.doubts if last is not None else ():
        yield critical(doubt, state.medium)
    read_at = last.at if last is not None else state.written.at
    if view.age(read_at) > view.policy.test_read_every:
        limit = view.policy.test_read_every.days
        yield warning("test-read-overdue", state.medium, age_days=view.days(read_at), limit_days=limit)


def _age(view: View, state: MediumState) -> Iterator[BackupFinding]:
    """A planned end, else five years of a disk; tapes wear by passes."""
    added = state.added
    if added.kind == "lto":
        if state.passes > view.policy.tape_passes:
            yield warning("tape-worn", state.medium, passes=state.passes, limit=view.policy.tape_passes)
        if added.end_of_life_on is None:
            return
    first = added.first_used_on or view.day(added.at)
    ends_on = added.end_of_life_on or first + view.policy.life_of_disk
    if view.day(view.now) > ends_on:
        yield warning("end-of-life", state.medium, ends_on=ends_on.isoformat())


def _keys(view: View, state: MediumState) -> Iterator[BackupFinding]:
    """A key that lies in the same box opens nothing after a theft and everything for the thief."""
    added = state.added
    if state.written is None:
        return
    if not added.encryption:
        if view.policy.needs_encryption:
            yield warning("unencrypted", state.medium)
        return
    if not added.key_escrow:
        yield critical("escrow-missing", state.medium)
    elif added.key_escrow.strip().casefold() == state.place.casefold() and not state.is_in_transit:
        yield critical("escrow-beside", state.medium, place=state.place)
    proven_at = state.key_proven_at or added.at
    if view.age(proven_at) > view.policy.key_test_every:
        limit = view.policy.key_test_every.days
        yield warning("escrow-untested", state.medium, age_days=view.days(proven_at), limit_days=limit)


def _away(view: View, state: MediumState) -> Iterator[BackupFinding]:
    """A medium that lived in a vault and has been outside too long."""
    left_at: datetime | None = None
    for _, entry in view.register.entries(state.medium):
        if isinstance(entry, Moved) and view.policy.is_vault(entry.origin):
            left_at = entry.at
        elif isinstance(entry, Received) and view.policy.is_vault(entry.place):
            left_at = None
    if left_at is not None and view.age(left_at) > view.policy.away_from_vault:
        limit = view.policy.away_from_vault.days
        yield warning("away-long", state.medium, age_days=view.days(left_at), limit_days=limit)


def _last_movement(view: View, state: MediumState) -> Iterator[BackupFinding]:
    """The row that says where it is: written down in time, on a day when the place was open?"""
    moved = [(row, one) for row, one in view.register.entries(state.medium) if isinstance(one, Moved | Received)]
    if not moved:
        return
    row, last = moved[-1]
    late = timedelta(microseconds=row.recorded_micros) - (last.at - _1970)
    if late > view.policy.record_within:
        limit = view.policy.record_within.days
        yield warning("recorded-late", state.medium, number=row.number, age_days=late.days, limit_days=limit)
    name = last.place if isinstance(last, Received) else last.origin
    place = view.policy.places.get(name)
    if place is not None and place.kind == "vault" and not is_open(place, view.plan.days.holidays, view.day(last.at)):
        yield warning("place-closed", state.medium, place=name, moved_on=view.on(last.at))


_1970 = datetime(1970, 1, 1, tzinfo=UTC)
_OF_REGISTER: tuple[Callable[[View], Iterator[BackupFinding]], ...] = (_chain, _incidents_of_register, _spread, _counts)
_OF_MEDIUM: tuple[Callable[[View, MediumState], Iterator[BackupFinding]], ...] = (
    _transit,
    _whereabouts,
    _incidents,
    _reading,
    _age,
    _keys,
    _away,
    _last_movement,
)
