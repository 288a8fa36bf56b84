"""C08, C09, C10: three copies on two kinds of media, one of them elsewhere, one of them out of reach."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from itops.backup.controls.facts import ControlFacts, days
from itops.backup.controls.holdings import Generation, Holding, generations, holdings, newest, proven
from itops.backup.controls.verdicts import Evidence, Found, critical, not_evaluated, ok, together, warning
from itops.backup.coverage import Cover
from itops.backup.judgement.verdicts import ObjectVerdict
from itops.facts import Fact

_Judge: TypeAlias = Callable[[str, list[ObjectVerdict], ControlFacts, datetime], Iterator[Found]]


def copies_apart(facts: ControlFacts, now: datetime) -> Iterator[Found]:
    """C08: one content on enough media, and these of more than one kind."""
    yield from _by_object(facts, now, _copies_of)


def _by_object(facts: ControlFacts, now: datetime, judge: _Judge) -> Iterator[Found]:
    unready = facts.not_ready()
    if unready is not None:
        yield unready
        return
    by_object = facts.of_objects().values()
    yield from together(found for held in by_object for found in judge(held[0].object, held, facts, now))


def _copies_of(name: str, verdicts: list[ObjectVerdict], facts: ControlFacts, now: datetime) -> Iterator[Found]:
    policy = facts.policy
    found = holdings(verdicts, facts, now)
    original = int(policy.with_original and _is_original_there(name, facts))
    made = generations(proven(found))
    good = next((one for one in made if _is_enough(one, original, facts)), None)
    if good is not None:
        age = now - good.made_at
        told: dict[str, Fact] = {"object": name, "copies": len(good.boxes) + original, "media": len(good.media)}
        yield ok("copies-enough", **told)
        if age > policy.generation_within:
            yield warning("copies-old", object=name, age_days=days(age), limit_days=policy.generation_within.days)
        yield _shown(name, good, original)
        return
    yield from _too_few(name, found, original, facts, now)


def _too_few(name: str, found: Sequence[Holding], original: int, facts: ControlFacts, now: datetime) -> Iterator[Found]:
    policy = facts.policy
    made = generations(proven(found))
    best = max(made, key=lambda one: (len(one.boxes), len(one.media), one.made_at), default=None)
    count = original + (len(best.boxes) if best else 0)
    media = len(best.media) if best else 0
    told: dict[str, Fact] = {
        "object": name,
        "copies": count,
        "wanted": policy.copies,
        "media": media,
        "wanted_media": policy.media,
    }
    young = [held for held in proven(found) if now - held.made_at <= policy.generation_within]
    everywhere = Generation(made_at=now, holdings=tuple(young))
    if any(_is_enough(one, original, facts) for one in generations(found)):
        yield warning("copies-unproven", **told)
    elif young and _is_enough(everywhere, original, facts):
        # Enough copies, but of different days: after a fire one would go back farther than the newest one.
        yield warning("copies-differ", **told)
    else:
        yield critical("copies-too-few", **told)
    if best is not None:
        yield _shown(name, best, original)


def _is_enough(one: Generation, original: int, facts: ControlFacts) -> bool:
    return len(one.boxes) + original >= facts.policy.copies and len(one.media) >= facts.policy.media


def _is_original_there(name: str, facts: ControlFacts) -> bool:
    """Whether a server or the inventory tells of the object now; no list tells of files, the plan does."""
    if name.startswith("files/"):
        return True
    return any(
        row.object.casefold() == name.casefold() and row.cover is Cover.PROTECTED and row.seen_at is not None
        for row in facts.coverage.rows
    )


def _shown(name: str, one: Generation, original: int) -> Evidence:
    places = sorted({f"{_named(held)} ({held.medium}, {held.site})" for held in one.holdings})
    sha256 = next((held.sha256 for held in one.holdings if held.sha256), None)
    told: dict[str, Fact] = {
        "object": name,
        "places": ", ".join(places),
        "copies": len(one.boxes) + original,
        "original": original,
        "same_by": "sha256" if sha256 else "header",
        "sha256": sha256,
    }
    sources = ", ".join(sorted({held.source for held in one.holdings}))
    return Evidence(code="copies", at=one.made_at, source=sources, facts=told)


def _known(name: str, found: Sequence[Holding]) -> Iterator[Evidence]:
    """Where the copies are of which none is where one should be."""
    held = newest(found)
    if held is not None:
        places = sorted({f"{_named(one)} ({one.medium}, {one.site})" for one in found})
        told: dict[str, Fact] = {"object": name, "copies": len(found), "places": ", ".join(places)}
        yield Evidence(code="copies-known", at=held.made_at, source=held.source, facts=told)


def _named(held: Holding) -> str:
    return held.key.partition(":")[0] if held.is_registered else held.source


def offsite_held(facts: ControlFacts, now: datetime) -> Iterator[Found]:
    """C09: a young enough copy on another site, and that site far enough away."""
    yield from _by_object(facts, now, _offsite_of)


def _offsite_of(name: str, verdicts: list[ObjectVerdict], facts: ControlFacts, now: datetime) -> Iterator[Found]:
    everywhere = holdings(verdicts, facts, now)
    found = [held for held in everywhere if held.is_offsite]
    far = [one for one in found if _distance(one, facts) != "building"]
    held = newest(proven(far))
    if held is None:
        yield _none_elsewhere(name, newest(far), newest(found))
        yield from _known(name, everywhere)
        return
    yield ok("offsite-held", object=name, site=held.site)
    age = now - held.made_at
    if age > facts.policy.generation_within:
        yield warning("offsite-old", object=name, site=held.site, age_days=days(age), limit_days=_limit(facts))
    distance = _distance(held, facts)
    if distance is None:
        yield not_evaluated("distance-untold", object=name, site=held.site)
    yield _lies(name, held, distance, facts)


def _none_elsewhere(name: str, unread: Holding | None, near: Holding | None) -> Found:
    if unread is not None:
        return warning("offsite-unproven", object=name, site=unread.site)
    if near is not None:
        return critical("offsite-near", object=name, site=near.site)
    return critical("offsite-none", object=name)


def _distance(held: Holding, facts: ControlFacts) -> str | None:
    """The class that itops.yaml gives the site; None for none."""
    site = facts.policy.sites.get(held.site)
    return None if site is None else site.distance


def _limit(facts: ControlFacts) -> int:
    return facts.policy.generation_within.days


def _lies(name: str, held: Holding, distance: str | None, facts: ControlFacts) -> Evidence:
    told: dict[str, Fact] = {
        "object": name,
        "copy": held.key,
        "site": held.site,
        "distance": distance,
        "made_on": facts.today(held.made_at).isoformat(),
    }
    return Evidence(code="copy-elsewhere", at=held.arrived_at or held.made_at, source=held.source, facts=told)


def offline_held(facts: ControlFacts, now: datetime) -> Iterator[Found]:
    """C10: a young enough copy that nobody in the network can delete, and something that shows it."""
    yield from _by_object(facts, now, _offline_of)


def _offline_of(name: str, verdicts: list[ObjectVerdict], facts: ControlFacts, now: datetime) -> Iterator[Found]:
    everywhere = holdings(verdicts, facts, now)
    found = [held for held in everywhere if held.is_offline or held.is_immutable]
    usable = proven(found)
    shown = [held for held in usable if held.is_registered or _was_away(held, facts, now)]
    held = newest(shown) or newest(usable)
    if held is None:
        unread = newest(found)
        if unread is None:
            yield critical("offline-none", object=name)
        else:
            yield warning("offline-unproven", object=name, place=unread.source)
        yield from _known(name, everywhere)
        return
    if shown:
        yield ok("offline-held", object=name, place=held.source)
    elif held.is_offline:
        yield warning("offline-unshown", object=name, place=held.source)
    else:
        yield warning("immutable-unread", object=name, place=held.source)
    age = now - held.made_at
    if age > facts.policy.generation_within:
        yield warning("offline-old", object=name, place=held.source, age_days=days(age), limit_days=_limit(facts))
    why = "register" if held.is_registered else "away" if held in shown else "declared"
    told: dict[str, Fact] = {"object": name, "copy": held.key, "place": held.site, "shown_by": why}
    yield Evidence(code="copy-out-of-reach", at=held.arrived_at or held.made_at, source=held.source, facts=told)


def _was_away(held: Holding, facts: ControlFacts, now: datetime) -> bool:
    """A place said to be offline must have been out of reach at some look lately: what always answers is online."""
    if not held.is_offline:
        return False
    since: timedelta = facts.policy.generation_within
    lately = [look for look in facts.looks if look.repository == held.source and now - look.looked_at <= since]
    return any(not look.is_complete for look in lately) and any(look.is_complete for look in lately)
