"""C14 to C17 and C20: the register of media, failures and what became of them, the watchman himself, clocks, chains."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby

from itops.backup.controls.facts import ChainFacts, ControlFacts, hours
from itops.backup.controls.reviews import reviewed
from itops.backup.controls.verdicts import (
    Evidence,
    Found,
    as_bad_as,
    critical,
    not_evaluated,
    ok,
    unknown,
    warning,
)
from itops.backup.judgement.candidates import aware
from itops.backup.judgement.proven import header_of, proofs_of
from itops.backup.ledger import KnownCopy, LookRecord
from itops.facts import Fact
from itops.verdict import severity

_CLOCKS = ("future-dated", "dated-before-2000", "undated", "time-disagrees")
_OF_OTHERS = frozenset({"register-broken", "escrow-missing", "escrow-beside", "escrow-untested"})
"""What the register's own checks say of its chain belongs to C20, of keys to C13."""
_COPIES = 10
_MINUTE = timedelta(minutes=1)


def media_tracked(facts: ControlFacts, now: datetime) -> Iterator[Found]:
    """C14: of every medium it is known where it is, under which seal, and that it can still be read."""
    custody = facts.custody
    if custody is None or not (custody.media or custody.findings):
        yield not_evaluated("no-register")
        return
    found = [held for held in custody.findings if held.code not in _OF_OTHERS]
    if found:
        first = max(found, key=lambda held: severity(held.state))
        yield as_bad_as(
            first.state, "register-wrong", findings=len(found), first=f"{first.subject} {first.code}".strip()
        )
    if custody.media:
        yield ok("register-kept", media=len(custody.media))
    for medium in custody.media:
        told: dict[str, Fact] = {"medium": medium.medium, "place": medium.place}
        where = "medium-carried" if medium.is_in_transit else "medium-lies"
        yield Evidence(code=where, at=medium.since, source="register", facts=told)
        if medium.read_at is not None:
            read = "medium-read" if medium.is_read_good else "medium-read-badly"
            yield Evidence(code=read, at=medium.read_at, source="register", facts=told)


def watch_alive(facts: ControlFacts, now: datetime) -> Iterator[Found]:
    """C16: itops itself ran within two periods, and somebody outside would notice if it did not."""
    names = [held.name for held in facts.repositories]
    if not names:
        yield not_evaluated("no-repositories")
        return
    limit = 2 * facts.policy.run_every
    last: dict[str, LookRecord] = {}
    for look in sorted(facts.looks, key=lambda look: look.looked_at):
        last[look.repository] = look
    seen = [last[name] for name in names if name in last]
    if not seen:
        yield unknown("never-looked")
        return
    silent = [name for name in names if name not in last or now - last[name].looked_at > limit]
    newest = max(look.looked_at for look in seen)
    told: dict[str, Fact] = {"age_hours": hours(now - newest), "limit_hours": hours(limit)}
    if now - newest > limit:
        yield critical("watch-stopped", **told)
    elif silent:
        yield warning("watch-partial", repositories=len(silent), first=silent[0], limit_hours=hours(limit))
    else:
        yield ok("watch-alive", **told)
    for look in seen:
        code = "looked" if look.is_complete else "look-failed"
        yield Evidence(code=code, at=look.looked_at, source=look.repository)
    yield from _watcher(facts, now)


def _watcher(facts: ControlFacts, now: datetime) -> Iterator[Found]:
    """itops keeps no record of heartbeats: that silence is noticed is somebody's word, and a day it was tried."""
    watcher = facts.policy.watcher
    if watcher is None:
        yield not_evaluated("watcher-untold")
        return
    yield reviewed(watcher.name, watcher.tested, facts.policy.review_every, facts.today(now))
    told = {"watcher": watcher.name, "done_on": watcher.tested.isoformat() if watcher.tested else None}
    yield Evidence(code="watcher-told", at=None, source="itops.yaml", facts=told)


def clocks_agree(facts: ControlFacts, now: datetime) -> Iterator[Found]:
    """C17: the servers' clocks and those of the storage agree, and the servers' zones are the office's."""
    offsets = [(one, held) for one in facts.current for held in one.findings if held.code == "clock-offset"]
    odd = [(one, held) for one in facts.current for held in one.findings if held.code in _CLOCKS]
    if offsets:
        one, held = offsets[0]
        told = {name: held.facts.get(name) for name in ("server", "offset_minutes", "expected_minutes")}
        yield warning("zone-differs", objects=len(offsets), first=one.object, **told)
    if odd:
        one, held = odd[0]
        yield warning("moments-disagree", findings=len(odd), first=f"{one.object} {held.code}")
    yield from _measured(facts)
    yield from _zones(facts)


def _zones(facts: ControlFacts) -> Iterator[Found]:
    """The newest copy of each repository that tells the offset of its server's clock."""
    agreeing = 0
    for repository, copies in _by_repository(facts):
        telling = [(at, offset, known) for known in copies for at, offset in _told_offset(known)]
        if not telling:
            continue
        at, offset, known = max(telling, key=lambda one: (one[0], one[2].copy.key))
        expected = (at.astimezone(facts.calendar.zone).utcoffset() or timedelta()) // _MINUTE
        agreeing += offset == expected
        told: dict[str, Fact] = {"copy": known.copy.key, "offset_minutes": offset, "expected_minutes": expected}
        yield Evidence(code="zone-told", at=at, source=repository, facts=told)
    if agreeing:
        yield ok("zones-agree", repositories=agreeing)


def _told_offset(known: KnownCopy) -> Iterator[tuple[datetime, int]]:
    header = header_of(proofs_of(known))
    at = aware(header.started_at) or aware(header.finished_at)
    if at is not None and header.utc_offset_minutes is not None:
        yield at, header.utc_offset_minutes


def _measured(facts: ControlFacts) -> Iterator[Found]:
    """By the newest copies of each repository: what the server calls the end against when the storage last wrote.

    A file may be written long after by somebody who copies it, so the smallest gap counts; one that was written before
    its server says it ended shows that the clocks differ at least by that.
    """
    limit = facts.policy.clock_offset
    agreeing: list[int] = []
    is_measured = False
    for repository, copies in _by_repository(facts):
        gaps = [(gap, known) for known in copies for gap in _gap(known)]
        lately = sorted(gaps, key=lambda one: (one[1].first_seen_at, one[1].copy.key), reverse=True)[:_COPIES]
        gap, known = min(lately, key=lambda one: abs(one[0]), default=(limit * 2, None))
        if known is None or gap > limit:
            continue
        is_measured = True
        seconds = round(gap.total_seconds())
        if gap < -limit:
            yield warning(
                "clocks-differ", repository=repository, gap_seconds=-seconds, limit_seconds=int(limit.total_seconds())
            )
        else:
            agreeing.append(abs(seconds))
        told: dict[str, Fact] = {"copy": known.copy.key, "gap_seconds": seconds, "copies": len(lately)}
        yield Evidence(code="clock-measured", at=known.copy.modified_at, source=repository, facts=told)
    if agreeing:
        yield ok("clocks-agree", repositories=len(agreeing), gap_seconds=max(agreeing))
    if not is_measured:
        yield not_evaluated("clocks-unmeasured")


def _gap(known: KnownCopy) -> Iterator[timedelta]:
    """From the finish in the header to the last write; positive when the storage says later."""
    finished, written = aware(header_of(proofs_of(known)).finished_at), aware(known.copy.modified_at)
    if finished is not None and written is not None:
        yield written - finished


def _by_repository(facts: ControlFacts) -> Iterator[tuple[str, list[KnownCopy]]]:
    here = sorted((known for known in facts.copies if known.is_here), key=lambda known: known.copy.repository)
    for repository, copies in groupby(here, key=lambda known: known.copy.repository):
        yield repository, list(copies)


def evidence_chained(facts: ControlFacts, now: datetime) -> Iterator[Found]:
    """C20: whoever rewrites the past breaks a chain of hashes whose head is written down elsewhere."""
    chains = [*([facts.custody.chain] if facts.custody is not None else []), *facts.chains]
    for chain in chains:
        yield from _chain(chain)
    names = {chain.name for chain in chains}
    if "verdicts" not in names:
        yield warning("history-unchained")
    if "custody" not in names:
        yield not_evaluated("no-register")


def _chain(chain: ChainFacts) -> Iterator[Found]:
    if chain.broken_at is not None:
        yield critical("chain-broken", list=chain.name, number=chain.broken_at)
    elif chain.rows:
        yield ok("chain-whole", list=chain.name, rows=chain.rows)
    else:
        yield not_evaluated("chain-empty", list=chain.name)
    told: dict[str, Fact] = {"list": chain.name, "rows": chain.rows, "head": chain.head}
    yield Evidence(code="chain-head", at=chain.head_at, source=chain.name, facts=told)
