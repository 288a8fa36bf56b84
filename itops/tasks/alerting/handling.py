"""What people do with incidents: see how they stand, acknowledge them, keep them quiet for a while.

Looking reads plain records, so that it stays light; writing is one step of the store, judged again inside of it.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from itops.alerts.checking import CheckedObject, check_results
from itops.alerts.holding import Holdings, holdings, is_active
from itops.alerts.machine import acknowledged, is_told, next_escalation_at, next_reminder_at, rests_until
from itops.alerts.patterns import area, matches
from itops.alerts.policy import CHECKS, AlertPolicy, LocalMoment, Maintenance, Rule, rule_of
from itops.alerts.records import Evaluation, EventKind, Incident, Key, Phase, Silence
from itops.dates import latin_digits, parse_day, start_of
from itops.errors import UsageWrong
from itops.text import comparable, plain
from itops.verdict import State, severity, worst

if TYPE_CHECKING:
    from itops.store.writing import Store

LONGEST_SILENCE = timedelta(days=90)
_MOST_TEXT = 500
_CANDIDATES = 10
_LASTING = re.compile(r"(\d{1,4}) ?(m|h|d|w)", re.ASCII)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_DAY = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?: .*)?", re.ASCII)
_HELP = "`itops alerts list` shows what is open, with --all what was"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store says of the watch, at one look."""

    evaluations: Mapping[Key, Evaluation]
    incidents: Mapping[Key, Incident]
    silences: Sequence[Silence]

    @property
    def keys(self) -> frozenset[Key]:
        """Everything that is, or was, judged."""
        return frozenset(self.evaluations) | frozenset(self.incidents)

    @property
    def open(self) -> frozenset[Key]:
        """The keys of the open incidents, pending ones too."""
        return frozenset(key for key, one in self.incidents.items() if one.phase is not Phase.OK)

    @property
    def checks(self) -> tuple[str, ...]:
        """Those of itops, and others that the store knows."""
        return tuple(dict.fromkeys((*CHECKS, *sorted(key.check for key in self.keys))))


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What people hear next of an incident when nothing changes, and the first moment at which a round tells it."""

    kind: EventKind
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One incident as it stands now."""

    incident: Incident
    checked: CheckedObject | None  # its newest evaluation, as it counts now
    state: State | None  # never better than what was told nor than what is; None: closed, and judged no more
    rule: Rule
    silences: tuple[Silence, ...]  # that hold it now
    maintenance: Maintenance | None
    held_until: datetime | None  # when the last silence or maintenance that holds it ends
    reminder_at: datetime | None
    escalation_at: datetime | None
    next: News | None

    @property
    def is_held(self) -> bool:
        """Whether something keeps it from being told."""
        return bool(self.silences or self.maintenance or self.incident.explained_by)

    @property
    def since(self) -> datetime | None:
        """Since when it is, or was, open; before that, since when it is bad."""
        found = self.incident.opened_at if self.incident.phase is not Phase.PENDING else None
        return found or self.incident.first_bad_at or (self.checked.since if self.checked else None)


def standings(
    known: Known, incidents: Iterable[Incident], *, policy: AlertPolicy, zone: ZoneInfo, now: datetime
) -> list[Standing]:
    """Each of the incidents, in their order."""
    checked = checked_now(known, now)
    rules = {check: rule_of(check, policy) for check in known.checks}
    memory = max(rule.memory for rule in rules.values())
    held = holdings(policy, known.silences, now, zone, memory)
    return [_standing(one, checked.get(one.key), rules[one.key.check], held, zone) for one in incidents]


def checked_now(known: Known, now: datetime) -> dict[Key, CheckedObject]:
    """Every evaluation as it counts now: what is too old is not well."""
    results = check_results(known.evaluations.values(), now)
    return {one.key: one for result in results for one in result.objects}


def _standing(one: Incident, checked: CheckedObject | None, rule: Rule, held: Holdings, zone: ZoneInfo) -> Standing:
    key = one.key
    silences = tuple(each.what for each in held.silences if each.covers(key))
    works = [each.what for each in held.maintenance if each.covers(key)]
    ends = [*(each.until for each in silences), *(each.until.moment(zone) for each in works)]
    until = max(ends, default=None)
    resumed_at = until or held.resumed_at(key)
    is_judged_away = one.explained_by is not None  # nobody knows when what explains it ends
    reminder = None if is_judged_away else next_reminder_at(one, rule, resumed_at)
    escalation = None if is_judged_away else next_escalation_at(one, rule, resumed_at)
    return Standing(
        incident=one,
        checked=checked,
        state=_state(one, checked),
        rule=rule,
        silences=silences,
        maintenance=works[0] if works else None,
        held_until=until,
        reminder_at=reminder,
        escalation_at=escalation,
        next=None if is_judged_away else _next(one, checked, rule, until, reminder, escalation),
    )


def _state(one: Incident, checked: CheckedObject | None) -> State | None:
    """What is silenced may have become worse than anybody was told."""
    if one.phase is Phase.OK:
        return None if checked is None else checked.state
    return one.state if checked is None else worst([one.state, checked.state])


def _next(
    one: Incident,
    checked: CheckedObject | None,
    rule: Rule,
    until: datetime | None,
    reminder: datetime | None,
    escalation: datetime | None,
) -> News | None:
    if one.phase is not Phase.FIRING:
        return None
    is_worse = checked is not None and severity(checked.state) > severity(one.state)
    if is_told(one) and is_worse and until is not None:
        return News(kind=EventKind.WORSENED, at=until)
    if one.is_flapping:
        return None
    if not is_told(one):
        waits = [moment for moment in (until, rests_until(one, rule)) if moment is not None]
        return News(kind=EventKind.OPENED, at=max(waits)) if waits else None
    kinds = ((EventKind.ESCALATED, escalation), (EventKind.REMINDER, reminder))
    found = [News(kind=kind, at=at) for kind, at in kinds if at is not None]
    return min(found, key=lambda news: news.at, default=None)


# Which one is meant.


def fits(typed: str, text: str) -> bool:
    """A pattern with `*` fits the whole text, anything else a part of it, as a person sees it and might type it."""
    return matches(typed, plain(text)) if "*" in typed else _seen(typed) in _seen(text)


def known_check(known: Known, typed: str) -> str:
    """The check of that name; raises UsageWrong."""
    found = [check for check in known.checks if _seen(check) == _seen(typed)]
    if not found:
        names = ", ".join(map(plain, known.checks[: len(CHECKS) + _CANDIDATES]))
        raise UsageWrong(f"there is no check {_quoted(typed)}", remedy=f"use one of: {names}")
    return found[0]


def find_key(keys: Collection[Key], check: str, typed: str | None, among: Collection[Key] | None = None) -> Key:
    """The object of a check that is called so, or else the one of which that is a part; raises UsageWrong.

    `among`: those that a part may mean; a name in full is always that thing, whatever others hold it in theirs.
    """
    own = sorted(key for key in keys if key.check == check)
    for is_it in (lambda key: key.object == (typed or ""), lambda key: _seen(key.object) == _seen(typed or "")):
        if exact := [key for key in own if is_it(key)]:
            return _only(exact, check, typed)
    meant = own if among is None else sorted(key for key in among if key.check == check)
    return _only([key for key in meant if typed is None or fits(typed, key.object)], check, typed)


def _only(found: Sequence[Key], check: str, typed: str | None) -> Key:
    if len(found) == 1:
        return found[0]
    what = f"{plain(check)} {_quoted(typed)}" if typed is not None else plain(check)
    if not found:
        raise UsageWrong(f"there is nothing that {what} could mean", remedy=_HELP)
    names = ", ".join(_quoted(key.object) for key in found[:_CANDIDATES])
    more = f" and {len(found) - _CANDIDATES} more" if len(found) > _CANDIDATES else ""
    raise UsageWrong(f"{what} could mean {len(found)} things: {names}{more}", remedy="write more of the name")


def _seen(text: str) -> str:
    return comparable(plain(text))


def _quoted(text: str) -> str:
    return f'"{plain(text)[:200]}"'


# What is done.


def acknowledge(store: "Store", key: Key, *, by: str, note: str, now: datetime) -> Incident:
    """Somebody looks after it; as it is then. Raises UsageWrong for one that is not open (any more)."""
    by, note = words_of("--by", by), words_of("--note", note)

    def taken(one: Incident) -> Incident:
        if one.phase is Phase.OK:
            raise _not_open(key)
        return acknowledged(one, by=by, note=note, now=now)

    changed = store.watch.change_incident(key, taken)
    if changed is None:
        raise _not_open(key)
    return changed


def _not_open(key: Key) -> UsageWrong:
    name = " ".join(filter(None, (plain(key.check), plain(key.object))))
    return UsageWrong(
        f"{name} is not open: there is nothing to acknowledge", remedy="`itops alerts list` shows the open"
    )


def words_of(option: str, typed: str) -> str:
    """What a person wrote, as every store keeps it; raises UsageWrong for nothing, and for a novel."""
    text = typed.strip().encode("utf-8", "replace").decode()
    if not plain(text).strip():
        raise UsageWrong(f"{option} is empty", remedy=f"write {option} TEXT")
    if len(text) > _MOST_TEXT:
        raise UsageWrong(f"{option} has {len(text)} letters", remedy=f"write at most {_MOST_TEXT}")
    return text


def silence_until(typed: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The end of a silence: `2h`, a day (to its last moment), a day and an hour; raises UsageWrong.

    Never endless: what nobody hears of for ever might as well not be judged.
    """
    until = _moment(latin_digits(typed).strip(), typed, now, zone)
    if until <= now:
        raise UsageWrong(f"{_quoted(typed)} is over already", remedy="write a moment to come, or a time such as 2h")
    if until - now > LONGEST_SILENCE:
        raise UsageWrong(
            f"{_quoted(typed)} is {(until - now).days} days away, and a silence holds for at most "
            f"{LONGEST_SILENCE.days}",
            remedy="write an earlier end, and silence it again if it is still true then",
        )
    return until


def _moment(text: str, typed: str, now: datetime, zone: ZoneInfo) -> datetime:
    if found := _LASTING.fullmatch(text):
        return now + int(found[1]) * _UNITS[found[2]]
    if _DAY.fullmatch(text):
        with suppress(ValueError):  # no time of day
            is_day = " " not in text
            return start_of(parse_day(text) + timedelta(days=1), zone) if is_day else _local(text, zone)
    raise UsageWrong(
        f"{_quoted(typed)} is neither a time nor a moment",
        remedy='write 30m, 2h, 3d, 1w, 1405-09-03, "1405-09-03 08:00" or 2026-11-24',
    )


def _local(text: str, zone: ZoneInfo) -> datetime:
    return LocalMoment.from_setting(text, Path()).moment(zone)


def new_silence(
    known: Known, check: str, objects: str, *, until: datetime, by: str, reason: str, now: datetime
) -> Silence:
    """A silence, not yet written; raises UsageWrong for a check that there is not."""
    pattern = words_of("CHECK", check)
    if "*" not in pattern:
        pattern = known_check(known, pattern)
    return Silence(
        number=0,
        check=pattern,
        object=objects.strip().encode("utf-8", "replace").decode()[:_MOST_TEXT],
        begin=now,
        until=until,
        by=words_of("--by", by),
        reason=words_of("--reason", reason),
    )


def covered(silence: Silence, keys: Iterable[Key]) -> list[Key]:
    """Those that it covers, sorted."""
    covers = area((silence.check,), (silence.object,))
    return sorted(key for key in keys if covers(key))


def is_total(silence: Silence) -> bool:
    """Whether it covers whatever there is, and whatever will come."""
    return all(pattern and not pattern.strip("*") for pattern in (silence.check, silence.object))


def end_silence(store: "Store", silences: Iterable[Silence], number: int, *, by: str, now: datetime) -> Silence:
    """End one before its time; raises UsageWrong for one that there is not, or that holds no more."""
    one = next((each for each in silences if each.number == number), None)
    if one is None:
        raise UsageWrong(f"there is no silence {number}", remedy="`itops alerts silences` shows those that hold")
    if not is_active(one, now):
        how = f"{plain(one.ended_by)} ended it" if one.ended_by else "its time is over"
        raise UsageWrong(f"silence {number} holds no more: {how}", remedy="`itops alerts silences` shows those that do")
    return store.watch.end_silence(number, words_of("--by", by), now) or replace(one, ended_by=by, ended_at=now)
