"""What became of each thing during a period: its revisions, of all sources, turned into lines.

A line is one physical occurrence of a thing from its first to its last moment in the period. Sources come and go and
morefs change under it; the line goes on as long as some source shows the thing. A VM that is seen on two hosts at
once has two lines; when the older one ends and the younger stays, the VM has moved, and the two are one. When one
source itself shows the VM on another host than before, it has moved, too: what a source that failed meanwhile still
remembers of the old host is no second VM.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from itops.inventory.entities import Entity, Value
from itops.inventory.facts import facts_of, told_apart_by_source
from itops.inventory.history import Revision
from itops.inventory.merge import by_host, is_same_host, says_host


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One fact along a line: what it was first, what it is last, and when that was first observed."""

    first: Value
    last: Value
    at: datetime
    steps: int = 0  # how often it changed in between

    def followed_by(self, other: "Track", at: datetime) -> "Track":
        """This track and, from `at` on, the other one."""
        met = 1 if other.first != self.last else 0
        changed_at = other.at if other.steps else at if met else self.at
        return Track(first=self.first, last=other.last, at=changed_at, steps=self.steps + met + other.steps)


@dataclass(slots=True, kw_only=True)
class Line:
    """One physical occurrence of a thing in a period. `born_at` is None when it was there before the period."""

    first: Entity
    last: Entity
    home: Entity  # the first view that says its host
    place: Entity  # the last one
    moved_at: datetime
    born_at: datetime | None
    died_at: datetime | None = None
    ended_by: int | None = None
    is_absorbed: bool = False  # it ended because its source shows the thing where another line is: nothing was removed
    beside: Entity | None = None  # it was born while the same identity was also seen there
    absent: tuple[datetime, datetime] | None = None  # seen nowhere in between, and then on another host
    tracks: dict[str, Track] = field(default_factory=dict)

    @classmethod
    def begun(cls, view: Entity, at: datetime, *, born_at: datetime | None, beside: Entity | None = None) -> "Line":
        """A line that shows `view` from `at` on."""
        line = cls(first=view, last=view, home=view, place=view, moved_at=at, born_at=born_at, beside=beside)
        line.see(view, at)
        return line

    def see(self, view: Entity, at: datetime) -> None:
        """Go on with what `view` shows from `at` on."""
        fresh = {name: Track(first=value, last=value, at=at) for name, value in facts_of(view).items()}
        self._follow(fresh, view, at)
        self.last = view
        if not is_same_host(self.place, view):
            self.moved_at = at
        if says_host(view):
            self.home = self.home if says_host(self.home) else view
            self.place = view

    def _follow(self, tracks: dict[str, Track], view: Entity, at: datetime) -> None:
        apart = told_apart_by_source(view.kind) if view.source != self.last.source else frozenset()
        for name, track in tracks.items():
            mine = self.tracks.get(name)
            self.tracks[name] = track if mine is None or name in apart else mine.followed_by(track, at)

    def continued_by(self, younger: "Line") -> None:
        """Become one with a line that outlived this one on another host."""
        born_at = younger.born_at
        assert born_at is not None
        self._follow(younger.tracks, younger.last, born_at)
        if self.died_at and self.died_at < born_at:
            self.absent = (self.died_at, born_at)
        has_moved_on = not is_same_host(younger.home, younger.place)
        self.moved_at = younger.moved_at if has_moved_on else born_at
        self.last, self.place = younger.last, younger.place
        self.died_at, self.ended_by, self.is_absorbed = younger.died_at, younger.ended_by, younger.is_absorbed


def lines_of(revisions: Sequence[Revision], begin: datetime, end: datetime) -> list[Line]:
    """The lines of one thing (one kind and key) in [begin, end)."""
    before = [r.entity for r in revisions if r.valid_from < begin and (r.valid_to is None or r.valid_to >= begin)]
    lines = [Line.begun(views[0], begin, born_at=None) for views in _grouped(before)]
    for at in _moments(revisions, begin, end):
        now = [r for r in revisions if r.valid_from <= at and (r.valid_to is None or r.valid_to > at)]
        views = [group[0] for group in _grouped([r.entity for r in now])]
        remembered = [r.entity for r in now if r.valid_from < at]
        alive = [line for line in lines if line.died_at is None]
        left = _left_over(alive, views, at)
        for line in alive:
            line.is_absorbed = line.died_at is not None and any(line.last.source == r.entity.source for r in now)
        fresh = [view for view in left if not any(view is old for old in remembered)]
        lines += _born(alive, fresh, at)
        _name_enders(lines, revisions, at)
    return [line for line in _joined(lines) if not line.is_absorbed]


def _grouped(views: Sequence[Entity]) -> list[tuple[Entity, ...]]:
    return by_host(views) if views else []


def _moments(revisions: Sequence[Revision], begin: datetime, end: datetime) -> list[datetime]:
    ends = {r.valid_to for r in revisions if r.valid_to is not None}
    return sorted(at for at in ends | {r.valid_from for r in revisions} if begin <= at < end)


def _left_over(alive: list[Line], views: list[Entity], at: datetime) -> list[Entity]:
    """Give each view to the line that its source showed so far, unless another line is on that host already; then to
    the line on its host, then to any that lost both. A line that gets none ends here; return what no line took."""

    def has_moved(line: Line, view: Entity) -> bool:
        others = (other for other in alive if other is not line)
        return line.last.source == view.source and not any(is_same_host(other.place, view) for other in others)

    left = list(views)
    lost = [line for line in alive if not _goes_on(line, left, at, has_moved)]
    lost = [line for line in lost if not _goes_on(line, left, at, lambda line, view: is_same_host(line.place, view))]
    for line in lost:
        if not _goes_on(line, left, at, lambda _line, _view: True):
            line.died_at = at
    return left


def _goes_on(line: Line, views: list[Entity], at: datetime, fits: Callable[[Line, Entity], bool]) -> bool:
    """Go on with the first view that fits, taking it out of `views`."""
    for position, view in enumerate(views):
        if fits(line, view):
            line.see(view, at)
            del views[position]
            return True
    return False


def _born(alive: list[Line], views: list[Entity], at: datetime) -> list[Line]:
    """A line for each view, which stands beside one that is alive already."""
    elsewhere = next((line.last for line in alive if line.died_at is None), views[0] if views else None)
    return [Line.begun(view, at, born_at=at, beside=None if view is elsewhere else elsewhere) for view in views]


def _name_enders(lines: Sequence[Line], revisions: Sequence[Revision], at: datetime) -> None:
    """Remember which scan did not see a line any more."""
    for line in lines:
        if line.died_at == at and line.ended_by is None:
            ended = [r.ended_by for r in revisions if r.valid_to == at and r.entity.source == line.last.source]
            line.ended_by = next((scan for scan in ended if scan is not None), None)


def _joined(lines: list[Line]) -> list[Line]:
    """Lines with each that was outlived on another host joined to the one that outlived it."""
    kept: list[Line] = []
    for line in lines:
        older = next((old for old in kept if _is_outlived(old, line)), None)
        if older is None:
            kept.append(line)
        else:
            older.continued_by(line)
    return kept


def _is_outlived(old: Line, young: Line) -> bool:
    if old.died_at is None or young.born_at is None or is_same_host(old.place, young.home):
        return False
    return young.died_at is None or young.died_at > old.died_at
