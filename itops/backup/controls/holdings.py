"""Where the copies of an object lie: in repositories and on media of the register, by content and by medium.

One content on two media is two copies; two files on one medium are one. Contents are the same when their SHA-256 is;
where nobody took one, when they say that their making began at the same second.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from itops.backup.controls.facts import ControlFacts, MediumFacts
from itops.backup.controls.proofs import is_proven, is_sound, made_at, sha256_of, started_at
from itops.backup.judgement.verdicts import ObjectVerdict
from itops.backup.policy import Protected

_AHEAD = timedelta(days=1)
"""A copy from farther in the future is dated by a wrong clock."""
_KINDS = {"lto": "tape", "hdd": "removable", "ssd": "removable", "flash": "removable"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One sound copy of one object, and where it lies."""

    source: str  # the repository, or "register"
    key: str
    box: str  # the medium: equal for two files on one
    medium: str  # its kind: disk, nas, tape, cloud, removable
    site: str  # of the repository; the place of custody
    made_at: datetime
    sha256: str | None = None
    began_at: datetime | None = None
    content: str = ""  # equal for the same content
    is_proven: bool = True  # as far as the job asks
    is_offsite: bool = False
    is_offline: bool = False  # said to be switched off or taken away
    is_immutable: bool = False  # said to be unchangeable
    is_registered: bool = False  # the register of media tells how it came there
    arrived_at: datetime | None = None  # in its place, as the register tells


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One content, wherever it lies."""

    made_at: datetime
    holdings: tuple[Holding, ...]

    @property
    def boxes(self) -> frozenset[str]:
        """The media it lies on."""
        return frozenset(held.box for held in self.holdings)

    @property
    def media(self) -> frozenset[str]:
        """Their kinds."""
        return frozenset(held.medium for held in self.holdings)


def holdings(verdicts: Sequence[ObjectVerdict], facts: ControlFacts, now: datetime) -> tuple[Holding, ...]:
    """Every sound copy of one object, in whichever of its jobs; `verdicts` are those on the object."""
    found = [held for one in verdicts for held in (*_in_repositories(one, facts), *_in_register(one, facts))]
    dated = [held for held in found if held.made_at - now <= _AHEAD]
    return tuple(_with_content(dated))


def _in_repositories(one: ObjectVerdict, facts: ControlFacts) -> Iterator[Holding]:
    places = {held.name: held for held in facts.repositories if held.holds_copies}
    job, protected = facts.plan.jobs[one.job], Protected.parse(one.object)
    for known in facts.copies_of(one):
        where, at = places.get(known.copy.repository), made_at(known)
        if where is None or at is None or not is_sound(known, protected, job):
            continue
        yield Holding(
            source=where.name,
            key=known.copy.key,
            box=where.box,
            medium=where.place.medium,
            site=where.place.site,
            made_at=at,
            sha256=sha256_of(known),
            began_at=started_at(known),
            is_proven=is_proven(known, job),
            is_offsite=where.place.site != facts.policy.home,
            is_offline=where.place.offline,
            is_immutable=where.place.immutable,
        )


def _in_register(one: ObjectVerdict, facts: ControlFacts) -> Iterator[Holding]:
    """Files of the register; one on a medium that is being carried is on its way and is counted nowhere."""
    if facts.custody is None:
        return
    media: Mapping[str, MediumFacts] = {held.medium: held for held in facts.custody.media}
    boxes = {held.box for held in facts.repositories}
    text = one.object.casefold()
    for file in facts.custody.copies:
        medium = media.get(file.medium)
        if medium is None or medium.is_in_transit or file.made_at is None or file.job != one.job:
            continue
        if file.object and file.object.casefold() != text:
            continue
        yield Holding(
            source="register",
            key=f"{file.medium}: {file.name}",
            box=_box(medium, boxes),
            medium=_KINDS.get(medium.kind, "removable"),
            site=medium.place,
            made_at=file.made_at,
            sha256=file.sha256 or None,
            is_proven=file.level is not None and file.level >= facts.plan.jobs[one.job].level,
            is_offsite=medium.is_in_vault,
            is_offline=True,
            is_registered=True,
            arrived_at=medium.since,
        )


def _box(medium: MediumFacts, boxes: Collection[str]) -> str:
    """The medium itself; a repository whose file system is on it is the same medium, mounted."""
    uuid = medium.file_system_uuid.lower()
    return uuid if uuid in boxes else f"medium {medium.medium}"


def _with_content(found: Sequence[Holding]) -> Iterator[Holding]:
    hashed = {held.began_at: held.sha256 for held in reversed(found) if held.sha256 and held.began_at}
    for held in found:
        known = held.sha256 or (hashed.get(held.began_at) if held.began_at else None)
        if known:
            yield replace(held, content=known)
        elif held.began_at:
            yield replace(held, content=held.began_at.replace(microsecond=0).isoformat())
        else:
            yield replace(held, content=f"{held.source} {held.key}")


def generations(found: Sequence[Holding]) -> list[Generation]:
    """By content, the newest first."""
    by_content: dict[str, list[Holding]] = {}
    for held in found:
        by_content.setdefault(held.content, []).append(held)
    made = [
        Generation(made_at=max(held.made_at for held in group), holdings=tuple(group)) for group in by_content.values()
    ]
    return sorted(made, key=lambda one: (one.made_at, sorted(one.boxes)), reverse=True)


def proven(found: Sequence[Holding]) -> list[Holding]:
    """Those that count: nobody knows what the others are worth."""
    return [held for held in found if held.is_proven]


def newest(found: Sequence[Holding]) -> Holding | None:
    """The youngest copy; among equals the first by name."""
    return max(found, key=lambda held: (held.made_at, held.source, held.key), default=None)
