"""Findings of other rooms as evaluations: few enough to be mailed, and none that fades away without a word.

* What is CRITICAL or UNKNOWN is told one by one, by code and subject: somebody must go there.
* Warnings of one code are one evaluation: the sentence of the worst, how many are like it, and some of their names. An
  office has hundreds of old snapshots, and nobody reads hundreds of mails; one more of the same is no news, a first
  one is.
* What nobody finds any more is well again (`Evaluation.is_finding`). Where nobody could look, each key with an open
  incident is UNKNOWN.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from itops.alerts.records import Evaluation, Key
from itops.dates import start_of
from itops.errors import ItopsError
from itops.facts import Fact
from itops.tasks.evaluation.evaluating import NOT_JUDGED
from itops.tasks.evaluation.watched import Watched
from itops.verdict import State, severity

TABLE = "evaluation"
"""The table of words for codes of this folder."""
NOT_LOOKED = "not-looked"
_NAMED = 5  # subjects, beside the first, that are named
_LONGEST = 60  # letters of a name in a list
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One finding, whoever's it is."""

    state: State
    code: str
    table: str  # of the words of its code
    subject: str  # "" where it is about everything
    facts: Mapping[str, Fact] = field(default_factory=dict)
    depends_on: frozenset[Key] = frozenset()
    is_one_of_many: bool = False  # told with others of its code, however bad: none of them came today


def told(findings: Iterable[Found], check: str, watched: Watched, valid_until: datetime | None) -> Iterator[Evaluation]:
    """The evaluations of findings; advice (OK) is none. `valid_until` is that of all of them."""
    groups: dict[Key, list[Found]] = defaultdict(list)
    for one in findings:
        if one.state is not State.OK:
            is_alone = severity(one.state) >= severity(State.UNKNOWN) and not one.is_one_of_many
            groups[Key(check, f"{one.code} {one.subject}".strip() if is_alone else one.code)].append(one)
    for key, same in groups.items():
        worst = min(same, key=lambda one: (-severity(one.state), one.subject.casefold()))
        yield Evaluation(
            key=key,
            state=worst.state,
            code=worst.code,
            table=worst.table,
            judged_at=watched.now,
            valid_until=valid_until,
            facts={**worst.facts, **(_about(worst, same) if key.object == worst.code else {})},
            depends_on=_explaining(same),
            is_finding=True,
        )


def _about(worst: Found, same: Collection[Found]) -> dict[str, Fact]:
    """Whom the key does not name: the one whose sentence is told, and what else has the same code."""
    if not worst.subject:
        return {}
    others = {one.subject for one in same} - {worst.subject}
    return {"about": worst.subject, **({"alike": len(others), "alike_names": named(others)} if others else {})}


def named(subjects: Iterable[str]) -> str:
    """The first few names."""
    names = sorted(set(subjects), key=str.casefold)
    return ", ".join(name[:_LONGEST] for name in names[:_NAMED]) + (" …" if len(names) > _NAMED else "")


def _explaining(same: Iterable[Found]) -> tuple[Key, ...]:
    """What explains each of them: what explains some must not hide the others."""
    first, *others = [one.depends_on for one in same]
    return tuple(sorted(first.intersection(*others)))


def not_judged(
    watched: Watched, part: Key, failure: ItopsError, is_ours: Callable[[str], bool]
) -> Iterator[Evaluation]:
    """A part of a check that could not be made, and with it every key of it that is open."""
    yield unknown(watched, part, NOT_JUDGED, {"problem": failure.problem, "remedy": failure.remedy})
    yield from not_looked(watched, part, is_ours)


def not_looked(watched: Watched, part: Key, is_ours: Callable[[str], bool]) -> Iterator[Evaluation]:
    """That nobody knows how it is with each key that has an open incident; `part` is why."""
    for key in _open(watched, part.check, is_ours):
        yield unknown(watched, key, NOT_LOOKED, depends_on=(part,))


def unknown(
    watched: Watched,
    key: Key,
    code: str,
    facts: Mapping[str, Fact] | None = None,
    *,
    depends_on: tuple[Key, ...] = (),
) -> Evaluation:
    """That nobody knows."""
    return Evaluation(
        key=key,
        state=State.UNKNOWN,
        code=code,
        table=TABLE,
        judged_at=watched.now,
        facts=facts or {},
        depends_on=depends_on,
    )


def _open(watched: Watched, check: str, is_ours: Callable[[str], bool]) -> list[Key]:
    incidents = watched.reader.watch.incidents(only_open=True)
    return sorted(key for key in incidents if key.check == check and is_ours(key.object))


def end_of_day(watched: Watched) -> datetime:
    """When the office's next day begins: rules that count days may say something else then."""
    zone = watched.settings.office.zone
    return start_of(watched.now.astimezone(zone).date() + _DAY, zone)
