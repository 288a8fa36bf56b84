"""Clocks: moments that disagree about a copy, moments that cannot be, a server whose offset is not the office's."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

from itops.backup.judgement.candidates import BY_AGE, Candidate, Times, told
from itops.backup.judgement.question import Question
from itops.backup.judgement.verdicts import BackupFinding
from itops.facts import Fact
from itops.verdict import State

SLACK = timedelta(minutes=10)
_LONGEST = timedelta(days=1)
"""No backup runs longer: where only its start or only its finish is told, the other is within a day of it."""
_MINUTE = timedelta(minutes=1)


def clock_findings(question: Question, candidates: Sequence[Candidate]) -> Iterator[BackupFinding]:
    """Everything the clocks of those who made and named the copies give away; one finding a code."""
    here = [candidate for candidate in candidates if candidate.is_here]
    for code in ("undated", "dated-before-2000", "future-dated"):
        quarantined = [candidate for candidate in here if candidate.reference.quarantine == code]
        if quarantined:
            yield _of_several(code, quarantined)
    yield from _told_apart(here)
    yield from _offset(question, here)


def _told_apart(here: Sequence[Candidate]) -> Iterator[BackupFinding]:
    """The copies whose moments disagree, told by the newest of them."""
    apart = [candidate for candidate in here if candidate.is_dated and disagree(candidate.times)]
    if not apart:
        return
    newest = max(apart, key=BY_AGE)
    finding = _of_several("time-disagrees", apart)
    facts = {**finding.facts, **_as_facts(newest.times), "evidence": newest.reference.evidence}
    yield replace(finding, facts=facts)


def _of_several(code: str, candidates: Sequence[Candidate]) -> BackupFinding:
    newest = max(candidates, key=BY_AGE)
    facts: dict[str, Fact] = {
        "copies": len(candidates),
        "repository": newest.known.copy.repository,
        "reference_at": told(newest.reference.at),
    }
    return BackupFinding(code=code, state=State.WARNING, subject=newest.known.copy.key, facts=facts)


def _as_facts(times: Times) -> dict[str, Fact]:
    return {
        "header_at": told(times.header[0] or times.header[1]),
        "catalogue_at": told(times.catalogue[0] or times.catalogue[1]),
        "named_at": told(times.named_at),
        "modified_at": told(times.modified_at),
    }


def disagree(times: Times) -> bool:
    """Whether two moments of a copy differ by more than ten minutes and nothing but an error explains it.

    A name may tell the start, the finish or a moment between. A file written later than it says was copied; one
    written before its backup began is strange, but only asked where nothing better agrees: FAT disks keep local time.
    """
    said = [pair for pair in (times.header, times.catalogue) if pair != (None, None)]
    if len(said) == 2 and _apart(*said):
        return True
    if said and times.named_at is not None:
        return _outside(times.named_at, said[0], times.named_for)
    if len(said) == 2 or times.modified_at is None:
        return False
    begun_at = (said[0][0] or said[0][1]) if said else times.named_at
    return begun_at is not None and begun_at - times.modified_at > SLACK


_Pair: TypeAlias = tuple[datetime | None, datetime | None]


def _apart(one: _Pair, other: _Pair) -> bool:
    """Whether two starts or two finishes differ; where they have neither in common, one must lie within the other."""
    alike = [
        abs(ours - theirs) for ours, theirs in zip(one, other, strict=True) if ours is not None and theirs is not None
    ]
    if alike:
        return max(alike) > SLACK
    moment = one[0] or one[1]
    return moment is not None and _outside(moment, other)


def _outside(moment: datetime, pair: _Pair, lasts: timedelta = timedelta()) -> bool:
    """Whether something that lasts from `moment` on lies wholly before the start or after the finish."""
    start, finish = pair
    is_late = finish is not None and moment - finish > SLACK
    is_early = start is not None and start - moment > SLACK + lasts
    if finish is None and start is not None:
        is_late = moment - start > _LONGEST
    if start is None and finish is not None:
        is_early = finish - moment > _LONGEST + lasts
    return is_late or is_early


def _offset(question: Question, here: Sequence[Candidate]) -> Iterator[BackupFinding]:
    """The server's own offset against the office's at that instant, by the newest copy that tells one."""
    telling = [candidate for candidate in here if candidate.is_dated and _offset_of(candidate) is not None]
    if not telling:
        return
    newest = max(telling, key=BY_AGE)
    expected = newest.at.astimezone(question.calendar.zone).utcoffset() or timedelta()
    if _offset_of(newest) == expected // _MINUTE:
        return
    yield BackupFinding(
        code="clock-offset",
        state=State.WARNING,
        subject=newest.known.copy.key,
        facts={
            "repository": newest.known.copy.repository,
            "server": newest.identity.server,
            "offset_minutes": _offset_of(newest),
            "expected_minutes": expected // _MINUTE,
        },
    )


def _offset_of(candidate: Candidate) -> int | None:
    """As the header tells it, else as the catalogue does."""
    if candidate.identity.utc_offset_minutes is not None:
        return candidate.identity.utc_offset_minutes
    catalogue = candidate.known.copy.catalogue
    return None if catalogue is None else catalogue.utc_offset_minutes
