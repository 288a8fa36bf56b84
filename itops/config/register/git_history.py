"""What git tells of the register: who committed which change of which asset. Only reads; works without git, too.

Each commit is compared with its own parents, not with the one before it in time: two people who work on branches take
nothing from each other. A merge tells only what none of its parents says: how a contradiction was decided. What cannot
be read at a commit counts as unchanged there; the next commit in which it can be read tells it.
"""

import glob
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path, PurePosixPath

from itops.assets.history import Flat, RegisterChange, differences, flat
from itops.config.register.entries import build_entries
from itops.config.register.files import LIMITS, Found, RegisterFile
from itops.config.yaml import loads
from itops.errors import ConfigInvalid, SourceUnavailable
from itops.programs import Outcome, run_program

_COMMAND_SECONDS = 60.0
_PATIENCE_SECONDS = 20.0
_MOST_COMMITS = 500
_KEPT_FILES, _KEPT_STATES = 128, 64
_NEWEST, _OLDEST = 253_402_300_799, 0  # seconds: git keeps whatever a broken clock said
_SUFFIXES = (".yaml", ".yml")
_ASKS_NOBODY = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1"}
_AS_WE_READ_IT = ("-c", "log.showSignature=false", "-c", "i18n.logOutputEncoding=UTF-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHistory:
    """The changes, newest first, and what could not be read."""

    changes: tuple[RegisterChange, ...] = ()
    unreadable: tuple[str, ...] = ()  # commits in which not all of the register could be read
    is_cut: bool = False  # there are older commits than were read
    trouble: str | None = None  # why git itself could not be read, in its words


def git_history(
    root: Path, *, most_commits: int = _MOST_COMMITS, patience_seconds: float = _PATIENCE_SECONDS
) -> GitHistory:
    """Every change that was committed, of so many commits, the newest, as far as the patience reaches.

    Empty where the register is in no repository, or no git is installed: whoever keeps no history there needs none.
    """
    root = root.absolute()
    try:
        place = _git(root.parent, "rev-parse", "--show-prefix", "--is-shallow-repository")
    except SourceUnavailable:
        return GitHistory()
    if place.code != 0:
        return GitHistory(trouble=None if "not a git repository" in place.stderr else _complaint(place))
    prefix, _, is_shallow = place.text.removesuffix("\n").rpartition("\n")
    roots = _roots(root.parent, PurePosixPath(prefix + root.name))
    told = _log(root.parent, roots, most_commits)
    if told.code != 0:
        is_new = "does not have any commits yet" in told.stderr
        return GitHistory(trouble=None if is_new else _complaint(told))
    commits = tuple(_commits(told.text))
    walk = _Walk(_Versions(root.parent, roots), commits, is_whole=is_shallow != "true")
    found = walk.history(time.monotonic() + patience_seconds)
    return replace(found, is_cut=found.is_cut or len(commits) == most_commits)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Commit:
    hash: str
    parents: tuple[str, ...]  # the nearest that touched the register, not the next in the repository
    author: str
    at: datetime | None  # None: no clock ever said that


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    include: tuple[str, ...]
    assets: Mapping[str, Flat]
    ids: frozenset[str]  # those of entries that cannot be read, too


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """The register at one commit; of the `unknown` assets only the id can be read."""

    assets: Mapping[str, Flat]
    unknown: frozenset[str] = frozenset()


class _Walk:
    """Over the commits, newest first."""

    def __init__(self, versions: "_Versions", commits: Sequence[_Commit], *, is_whole: bool) -> None:
        self._versions = versions
        self._commits = commits
        self._is_whole = is_whole  # False: a shallow clone, whose oldest commits only seem to be the first
        self._parents = {commit.hash: commit.parents for commit in commits}

    def history(self, until: float) -> GitHistory:
        """As far as the time reaches."""
        changes: list[RegisterChange] = []
        unreadable: list[str] = []
        for commit in self._commits:
            if time.monotonic() > until:
                return GitHistory(changes=_newest_first(changes), unreadable=tuple(unreadable), is_cut=True)
            state = self._versions.at(commit.hash)
            if state is None or state.unknown or commit.at is None:
                unreadable.append(commit.hash[:12])
            if commit.at is not None and (commit.parents or self._is_whole):
                changes += self._changes(commit, commit.at)
        return GitHistory(changes=_newest_first(changes), unreadable=tuple(unreadable), is_cut=not self._is_whole)

    def _changes(self, commit: _Commit, at: datetime) -> Iterator[RegisterChange]:
        """What the commit says and none of its parents."""
        after = self._told(commit.hash)
        sides = [self._told(parent) for parent in commit.parents] or [{}]
        first, *others = [list(_differences(side, after, at, commit.author)) for side in sides]
        elsewhere = [{(change.asset_id, change.field) for change in other} for other in others]
        for change in first:
            if all((change.asset_id, change.field) in other for other in elsewhere):
                yield replace(change, reference=commit.hash[:12])

    def _told(self, commit: str) -> Mapping[str, Flat]:
        """All assets at a commit; of what cannot be read there, what was said before."""
        told: dict[str, Flat] = {}
        missing: frozenset[str] | None = None  # None: of everything
        for before in self._line_of(commit):
            state = self._versions.at(before)
            if state is None:
                continue
            if missing is None:
                told, missing = dict(state.assets), state.unknown
            else:
                told |= {asset_id: state.assets[asset_id] for asset_id in missing & state.assets.keys()}
                missing &= state.unknown  # what is not there at all came with its mistake
            if not missing:
                break
        return told

    def _line_of(self, commit: str) -> Iterator[str]:
        """The commit, its parent, its parent's parent; where two sides met, on the one that took the other in."""
        yield commit
        while parents := self._parents.get(commit, ()):
            commit = parents[0]
            yield commit


class _Versions:
    """What each commit says of the register. Each version of a file is parsed once, however many commits have it."""

    def __init__(self, folder: Path, roots: Sequence[PurePosixPath]) -> None:
        self._folder = folder
        self._roots = roots
        self._file = lru_cache(maxsize=_KEPT_FILES)(self._read_file)
        self.at = lru_cache(maxsize=_KEPT_STATES)(self._read)

    def _read(self, commit: str) -> _State | None:
        """None where the register cannot be read; an empty one before there was one."""
        for root in self._roots:
            blobs = self._blobs(commit, root)
            if blobs is None:
                return None
            if root in blobs:
                return self._joined(root, blobs)
        return _State(assets={})

    def _joined(self, root: PurePosixPath, blobs: Mapping[PurePosixPath, str]) -> _State | None:
        first = self._file(blobs[root])
        if first is None:
            return None
        files = [first]
        for path in sorted(blobs.keys() - {root}):
            if _is_included(path.relative_to(root.parent), first.include):
                file = self._file(blobs[path])
                if file is None:
                    return None
                files.append(file)
        assets = {asset_id: held for file in files for asset_id, held in file.assets.items()}
        return _State(assets=assets, unknown=frozenset().union(*(file.ids for file in files)).difference(assets))

    def _blobs(self, commit: str, root: PurePosixPath) -> dict[PurePosixPath, str] | None:
        """The YAML files at and below the root's folder, as paths in the repository."""
        below = () if root.parent == PurePosixPath() else (f"{root.parent}/",)
        told = _git(self._folder, "ls-tree", "-r", "-z", "--full-tree", commit, "--", *below)
        if told.code != 0:
            return None
        lines = (line.partition("\t") for line in told.text.split("\0") if line)
        return {PurePosixPath(name): about.split()[2] for about, _, name in lines if name.endswith(_SUFFIXES)}

    def _read_file(self, blob: str) -> _File | None:
        told = _git(self._folder, "cat-file", "blob", blob)
        if told.code != 0 or told.is_cut:
            return None
        try:
            document = loads(told.stdout, blob, LIMITS)
        except ConfigInvalid:
            return None
        found: Found = {}
        contents = build_entries([RegisterFile(path=self._folder / blob, document=document)], found)
        if any(not mistake.path.startswith("assets[") for mistake in found[blob]):
            return None  # then not even what is in it, or what it includes, is certain
        assets: dict[str, Flat] = {entry.asset.id: flat(entry.asset) for entry in contents.entries}
        return _File(include=contents.include, assets=assets, ids=contents.ids)


def _roots(folder: Path, root: PurePosixPath) -> tuple[PurePosixPath, ...]:
    """Where the register stands in the repository, and where it stood before it was moved or renamed."""
    shape = ("--follow", "--find-renames", "--diff-filter=R", "--name-status", "-z", "--format=")
    told = _git(folder, "log", *shape, "--", f":(top,literal){root}")
    older = told.text.split("\0")[1::3] if told.code == 0 else []  # R100, the old name, the new one
    return tuple(dict.fromkeys([root, *map(PurePosixPath, older)]))


def _log(folder: Path, roots: Iterable[PurePosixPath], most: int) -> Outcome:
    shape = (f"--max-count={most}", "--parents", "-z", "--format=%H%x00%P%x00%an%x00%at")
    return _git(folder, "log", *shape, "--", *(spec for root in roots for spec in _pathspecs(root)))


def _pathspecs(root: PurePosixPath) -> Iterator[str]:
    yield f":(top,literal){root}"
    folder = "" if root.parent == PurePosixPath() else f"{glob.escape(str(root.parent))}/"
    yield from (f":(top,glob){folder}**/*{suffix}" for suffix in _SUFFIXES)


def _commits(told: str) -> Iterator[_Commit]:
    fields = told.split("\0")
    for name, parents, author, at in zip(fields[0::4], fields[1::4], fields[2::4], fields[3::4], strict=False):
        yield _Commit(hash=name, parents=tuple(parents.split()), author=author, at=_moment(at))


def _moment(seconds: str) -> datetime | None:
    is_sane = seconds.isascii() and seconds.isdigit() and len(seconds) < 13 and _OLDEST < int(seconds) <= _NEWEST
    return datetime.fromtimestamp(int(seconds), UTC) if is_sane else None


def _differences(
    before: Mapping[str, Flat], after: Mapping[str, Flat], at: datetime, author: str
) -> Iterator[RegisterChange]:
    """Of hundreds of assets nearly all are the same: only the others are looked at closely."""
    changed = {asset_id for asset_id in before.keys() | after.keys() if before.get(asset_id) != after.get(asset_id)}
    old, new = ({name: side[name] for name in changed & side.keys()} for side in (before, after))
    return differences(old, new, at, author, "git")


def _is_included(name: PurePosixPath, patterns: Iterable[str]) -> bool:
    """As `glob` takes patterns: part by part, and what begins with a dot only where the pattern does."""
    return any(
        len(name.parts) == len(wanted.parts) and all(map(_fits, name.parts, wanted.parts))
        for wanted in map(PurePosixPath, patterns)
    )


def _fits(part: str, wanted: str) -> bool:
    return fnmatchcase(part, wanted) and (not part.startswith(".") or wanted.startswith("."))


def _newest_first(changes: Iterable[RegisterChange]) -> tuple[RegisterChange, ...]:
    return tuple(sorted(changes, key=lambda change: change.at, reverse=True))


def _complaint(outcome: Outcome) -> str:
    if outcome.is_timeout:
        return f"git took longer than {_COMMAND_SECONDS:g} seconds"
    return next(iter(outcome.stderr.strip().splitlines()), f"git ended with {outcome.code}").removeprefix("fatal: ")


def _git(folder: Path, *words: str) -> Outcome:
    """Only what reads; no hook, pager, prompt, signature check or download is started by these."""
    command: tuple[str | Path, ...] = ("git", "-C", folder, *_AS_WE_READ_IT, *words)
    return run_program(command, seconds=_COMMAND_SECONDS, environment=_ASKS_NOBODY)
