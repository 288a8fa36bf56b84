"""Judge files and folders on the spot, configured or not: the disk that came back from the bank."""

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from itops.backup.contents import Content, Thing, Wrapped
from itops.backup.formats import Format
from itops.backup.hash_lists import is_hash_list
from itops.backup.levels import Level
from itops.backup.proofs import Examination
from itops.errors import InputInvalid
from itops.formats.recognition import HEAD_BYTES, recognise
from itops.repositories.local import file_thing, folder_thing
from itops.repositories.paths import SKIPPED, shown_path
from itops.tasks.examine_things import Examiner
from itops.tasks.hashes_beside import HashesBeside
from itops.tasks.listed_hashes import BadList
from itops.verdict import State

_Set: TypeAlias = tuple[str, str]
_MAY_IT = "look whether the account that runs itops may read it, and whether the disk is sound"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """One restorable thing, examined; or a file, a folder or a list of hashes that could not be read."""

    path: str
    level: Level  # that was asked for
    examination: Examination | None = None
    size_bytes: int = 0
    files: int = 0
    problem: str | None = None
    remedy: str | None = None
    bad_list: BadList | None = None  # it is a list of hashes, and not to be relied on

    @property
    def state(self) -> State:
        """Damaged is CRITICAL, less than was asked WARNING, unreadable and unknown formats UNKNOWN."""
        found = self.examination
        if self.bad_list and not self.bad_list.is_useless:
            return State.WARNING
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


_Found: TypeAlias = Thing | _Unreadable


def inspect_paths(paths: Sequence[Path], level: Level, examiner: Examiner) -> Iterator[Inspected]:
    """Every restorable thing at or below the paths, one by one as each is known.

    A folder that is one backup is one thing, stripes of one set are one thing, hash lists belong to the files beside
    them; a file that two of the paths lead to is one. Raises InputInvalid for a path that is not there.
    """
    kinds = [(path, _kind(path)) for path in paths]
    lost: list[_Unreadable] = []
    lists = HashesBeside(paths)
    for held in _joined(_readable(kinds, examiner.formats, lost), examiner.formats):
        yield _inspected(held, level, examiner, lists)
    for one in lost:
        yield Inspected(path=one.path, level=level, problem=one.problem, remedy=_MAY_IT)
    for bad in lists.bad:
        yield Inspected(path=bad.path, level=level, problem=bad.problem, remedy=_MAY_IT, bad_list=bad)


def _kind(path: Path) -> int | OSError:
    """Of what it leads to, as `stat` has it; why it cannot be told. Raises InputInvalid where there is nothing."""
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as nothing:
        raise InputInvalid(f"there is no {path}", remedy="check the path, and that the disk is mounted") from nothing
    except OSError as failure:
        return failure


def _readable(
    kinds: Iterable[tuple[Path, int | OSError]], formats: Sequence[Format], lost: list[_Unreadable]
) -> Iterator[Thing]:
    """What can be read, each file once; what cannot goes to `lost`."""
    seen: set[str] = set()
    for path, kind in kinds:
        for found in _things(path, kind, formats):
            if isinstance(found, _Unreadable):
                lost.append(found)
            elif not (known := {os.path.realpath(file.local_path) for file in found.files if file.local_path}) <= seen:
                seen |= known
                yield found


def _things(path: Path, kind: int | OSError, formats: Sequence[Format]) -> Iterator[_Found]:
    if isinstance(kind, OSError):
        yield _unreadable(kind, path)
    elif stat.S_ISDIR(kind):
        lost: list[OSError] = []
        whole = folder_thing(path, skip=SKIPPED, on_error=lost.append)
        yield from _below(whole, formats, {shown_path(str(error.filename)): error for error in lost})
    else:
        yield _file(path)


def _unreadable(failure: OSError, path: Path | str) -> _Unreadable:
    return _Unreadable(shown_path(str(failure.filename or path)), f"cannot be read: {failure.strerror or failure}")


def _below(whole: Thing, formats: Sequence[Format], lost: dict[str, OSError]) -> Iterator[_Found]:
    """The folder itself where it is one backup; else what lies in it, and so on. `lost`: what could not be read."""
    pending = [("", list(whole.files))]
    while pending:
        inside, contents = pending.pop()
        path = f"{whole.path}/{inside}".rstrip("/")
        named = tuple(Wrapped(content, content.name[len(inside) :]) for content in contents)
        folder = Thing(path=path, files=named, is_folder=True)
        if recognise(folder, formats) is not None:
            missed = [name for name in lost if name == path or name.startswith(f"{path}/")]
            yield _unreadable(lost[missed[0]], missed[0]) if missed else folder
            for name in missed:
                del lost[name]
            continue
        inner: dict[str, list[Content]] = {}
        for content in contents:
            head, slash, _ = content.name[len(inside) :].partition("/")
            if slash:
                inner.setdefault(f"{inside}{head}/", []).append(content)
            elif not is_hash_list(content.name):
                yield _lone(content, f"{whole.path}/{content.name}")
        pending += reversed(inner.items())
    yield from (_unreadable(error, name) for name, error in lost.items())


def _lone(content: Content, path: str) -> _Found:
    named = Wrapped(content, content.name.rpartition("/")[2])
    try:
        return Thing(path=path, files=(named,), head=content.read_at(0, HEAD_BYTES))
    except OSError as failure:
        return _Unreadable(path, f"cannot be read: {failure.strerror or failure}")


def _file(path: Path) -> _Found:
    try:
        return file_thing(path)
    except OSError as failure:
        return _unreadable(failure, path)


def _joined(things: Iterable[Thing], formats: Sequence[Format]) -> Iterator[Thing]:
    """With the stripes of each set, wherever they lie, as one thing in the place of the first."""
    sets: dict[_Set, list[Thing]] = {}
    order: list[Thing | _Set] = []
    for thing in things:
        key = None if thing.is_folder else _set_of(thing, formats)
        if key is None:
            order.append(replace(thing, head=b""))  # a disk of 200,000 files would hold 800 MB of heads
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


def _inspected(thing: Thing, level: Level, examiner: Examiner, lists: HashesBeside) -> Inspected:
    size, files = thing.size_bytes, len(thing.files)
    try:
        if not thing.is_folder and not thing.head:
            thing = replace(thing, head=thing.file.read_at(0, HEAD_BYTES))
        examination = examiner.examine(thing, level, listed={} if thing.is_folder else lists.of(thing))
    except OSError as failure:
        problem = f"cannot be read: {failure.strerror or failure}"
        remedy = "copy what can be read to a sound disk, then inspect the copy"
        return Inspected(path=thing.path, level=level, size_bytes=size, files=files, problem=problem, remedy=remedy)
    return Inspected(path=thing.path, level=level, examination=examination, size_bytes=size, files=files)
