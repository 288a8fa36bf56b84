"""Judge files and folders on the spot, configured or not: the disk that came back from the bank."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from itops.backup.contents import Content, Thing, Wrapped
from itops.backup.formats import Format
from itops.backup.hash_lists import Hash, is_hash_list, parse_hash_list
from itops.backup.levels import Level
from itops.backup.proofs import Examination
from itops.errors import InputInvalid
from itops.formats.recognition import HEAD_BYTES, recognise
from itops.repositories.local import file_thing, folder_thing
from itops.tasks.examine_things import Examiner
from itops.verdict import State

_Set: TypeAlias = tuple[str, str]
_LONGEST_LIST = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """One restorable thing, examined; or a file that could not be read."""

    path: str
    level: Level  # that was asked for
    examination: Examination | None = None
    size_bytes: int = 0
    files: int = 0
    problem: str | None = None
    remedy: str | None = None

    @property
    def state(self) -> State:
        """Damaged is CRITICAL, less than was asked WARNING, unreadable and unknown formats UNKNOWN."""
        found = self.examination
        if found is None:
            return State.UNKNOWN
        if found.faults:
            return State.CRITICAL
        if found.format is None and found.level is not Level.SAME:
            return State.UNKNOWN
        return State.OK if found.level is not None and found.level >= self.level else State.WARNING


@dataclass(frozen=True, slots=True)
class _Unreadable:
    path: str
    problem: str


def inspect_paths(paths: Sequence[Path], level: Level, examiner: Examiner) -> Iterator[Inspected]:
    """Every restorable thing at or below the paths, one by one as each is known.

    A folder that is one backup is one thing, stripes of one set are one thing, hash lists belong to the files beside
    them. Raises InputInvalid for a path that is not there.
    """
    for path in paths:
        if not path.exists():
            raise InputInvalid(f"there is no {path}", remedy="check the path, and that the disk is mounted")
    found = [held for path in paths for held in _things(path, examiner.formats)]
    lists = _HashLists(paths)
    for held in _joined([thing for thing in found if isinstance(thing, Thing)], examiner.formats):
        yield _inspected(held, level, examiner, lists)
    for lost in found:
        if isinstance(lost, _Unreadable):
            remedy = "look whether the account that runs itops may read it, and whether the disk is sound"
            yield Inspected(path=lost.path, level=level, problem=lost.problem, remedy=remedy)


def _inspected(thing: Thing, level: Level, examiner: Examiner, lists: "_HashLists") -> Inspected:
    size, files = thing.size_bytes, len(thing.files)
    try:
        examination = examiner.examine(thing, level, listed={} if thing.is_folder else lists.of(thing))
    except OSError as failure:
        problem = f"cannot be read: {failure.strerror or failure}"
        remedy = "copy what can be read to a sound disk, then inspect the copy"
        return Inspected(path=thing.path, level=level, size_bytes=size, files=files, problem=problem, remedy=remedy)
    return Inspected(path=thing.path, level=level, examination=examination, size_bytes=size, files=files)


def _things(path: Path, formats: Sequence[Format]) -> Iterator[Thing | _Unreadable]:
    if not path.is_dir():
        yield _file(path)
        return
    try:
        whole = folder_thing(path)
    except OSError as failure:
        yield _Unreadable(str(failure.filename or path), f"cannot be read: {failure.strerror or failure}")
        return
    yield from _below(whole, formats)


def _below(folder: Thing, formats: Sequence[Format]) -> Iterator[Thing | _Unreadable]:
    """The folder itself where it is one backup; else what lies in it."""
    if recognise(folder, formats) is not None:
        yield folder
        return
    inner: dict[str, list[Content]] = {}
    for content in folder.files:
        head, slash, rest = content.name.partition("/")
        if slash:
            inner.setdefault(head, []).append(Wrapped(content, rest))
        elif not is_hash_list(content.name):
            yield _lone(content, f"{folder.path}/{content.name}")
    for name, contents in inner.items():
        yield from _below(Thing(path=f"{folder.path}/{name}", files=tuple(contents), is_folder=True), formats)


def _lone(content: Content, path: str) -> Thing | _Unreadable:
    named = Wrapped(content, content.name.rpartition("/")[2])
    try:
        return Thing(path=path, files=(named,), head=content.read_at(0, HEAD_BYTES))
    except OSError as failure:
        return _Unreadable(path, f"cannot be read: {failure.strerror or failure}")


def _file(path: Path) -> Thing | _Unreadable:
    try:
        return file_thing(path)
    except OSError as failure:
        return _Unreadable(str(path), f"cannot be read: {failure.strerror or failure}")


def _joined(things: Iterable[Thing], formats: Sequence[Format]) -> Iterator[Thing]:
    """With the stripes of each set, wherever they lie, as one thing in the place of the first."""
    sets: dict[_Set, list[Thing]] = {}
    order: list[Thing | _Set] = []
    for thing in things:
        key = None if thing.is_folder else _set_of(thing, formats)
        if key is None:
            order.append(thing)
        elif key in sets:
            sets[key].append(thing)
        else:
            sets[key] = [thing]
            order.append(key)
    for held in order:
        yield held if isinstance(held, Thing) else _set_thing(sets[held])


def _set_of(thing: Thing, formats: Sequence[Format]) -> _Set | None:
    known = recognise(thing, formats)
    together = known.set_of(thing) if known else None
    return (known.name, together) if known and together else None


def _set_thing(things: Sequence[Thing]) -> Thing:
    if len(things) == 1:
        return things[0]
    first = things[0]
    return replace(first, path=" + ".join(thing.path for thing in things), files=tuple(t.files[0] for t in things))


class _HashLists:
    """What hash lists say of the files beside and below them; each is read once."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._roots = frozenset(path if path.is_dir() else path.parent for path in paths)
        self._folders: dict[Path, Mapping[Path, Hash]] = {}

    def of(self, thing: Thing) -> Mapping[str, Hash]:
        """By the names of the thing's files."""
        found: dict[str, Hash] = {}
        for content in thing.files:
            path = content.local_path
            told = None if path is None else self._told(path)
            if told is not None:
                found[content.name] = told
        return found

    def _told(self, path: Path) -> Hash | None:
        """By the list nearest to the file."""
        for folder in path.parents:
            if (told := self._in(folder).get(path)) is not None:
                return told
            if folder in self._roots:
                return None
        return None

    def _in(self, folder: Path) -> Mapping[Path, Hash]:
        if folder not in self._folders:
            lists = (beside for beside in sorted(folder.iterdir()) if is_hash_list(beside.name) and beside.is_file())
            told: dict[Path, Hash] = {}
            for beside in lists:
                with beside.open("rb") as file:
                    hashes = parse_hash_list(file.read(_LONGEST_LIST), beside.name).hashes
                told |= {folder / path: held for path, held in hashes.items()}
            self._folders[folder] = told
        return self._folders[folder]
