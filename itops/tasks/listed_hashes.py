"""The hash lists of a repository, read once each: what they say of its copies, and which of them say nothing."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

from itops.backup.copies import Copy, Fault, ListedFile
from itops.backup.hash_lists import Hash, HashList, parse_hash_list
from itops.backup.repositories import HoldsFiles
from itops.errors import ItopsError

LONGEST_LIST = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class BadList:
    """A hash list that could not be read, or some lines of which cannot be believed."""

    path: str
    problem: str | None = None  # why it could not be read, which may be otherwise another time
    faults: tuple[Fault, ...] = ()  # its lines that cannot be believed
    is_useless: bool = True  # not one hash of it could be used


class ListedHashes:
    """Of several repositories; asked by several threads."""

    def __init__(self, lists: Mapping[str, Sequence[ListedFile]]) -> None:
        self._lists = lists  # by repository
        self._told: dict[str, Mapping[str, Hash]] = {}
        self._bad: dict[str, list[BadList]] = {}
        self._lock = Lock()

    @property
    def bad(self) -> list[tuple[str, BadList]]:
        """Of all that were read so far, with their repositories."""
        return [(name, one) for name in sorted(self._bad) for one in self._bad[name]]

    def is_unread(self, repository: str) -> bool:
        """Whether a list of it could not be read, so that what the lists say is not all they say."""
        return any(one.problem for one in self._bad.get(repository, ()))

    def of(self, copy: Copy, repository: HoldsFiles) -> Mapping[str, Hash]:
        """Of the copy's files, by their names in its thing: what the repository's lists say."""
        told = self._all(copy.repository, repository)
        if not told or not copy.files:
            return {}
        is_folder, is_set = copy.key.endswith("/"), len(copy.files) > 1
        shared = copy.key if is_folder else os.path.commonpath([file.path.rpartition("/")[0] for file in copy.files])
        start = len(shared) if is_folder or not shared else len(shared) + 1
        begins = {file.path: file.path[start:] if is_folder or is_set else _name(file.path) for file in copy.files}
        return {name: told[path] for path, name in begins.items() if path in told}

    def _all(self, name: str, repository: HoldsFiles) -> Mapping[str, Hash]:
        """Every hash of every list, by the path in the repository."""
        with self._lock:
            if name not in self._told:
                self._bad[name] = []
                self._told[name] = dict(self._read(name, repository))
            return self._told[name]

    def _read(self, name: str, repository: HoldsFiles) -> Iterator[tuple[str, Hash]]:
        for file in self._lists.get(name, ()):
            try:
                content = _content(name, repository, file)
            except ItopsError as failure:
                # The whole place does not answer: the other lists would not, either.
                self._bad[name].append(BadList(path=file.path, problem=failure.problem))
                return
            except OSError as failure:
                problem = f"cannot be read: {failure.strerror or failure}"
                self._bad[name].append(BadList(path=file.path, problem=problem))
                continue
            found = parse_hash_list(content, file.path)
            if bad := bad_list(file.path, found):
                self._bad[name].append(bad)
            folder = file.path[: len(file.path) - len(_name(file.path))]
            yield from ((folder + path, told) for path, told in found.hashes.items())


def _content(name: str, repository: HoldsFiles, file: ListedFile) -> bytes:
    with repository.open(Copy(repository=name, key=file.path, fingerprint="", files=(file,))) as thing:
        return whole_lines(thing.file.read_at(0, min(file.size_bytes, LONGEST_LIST)), file.size_bytes)


def whole_lines(content: bytes, size_bytes: int) -> bytes:
    """Of a list longer than is read, nothing of the line that is cut."""
    return content if len(content) >= size_bytes else content.rpartition(b"\n")[0]


def bad_list(path: str, found: HashList) -> BadList | None:
    """What is to be told of a list that was read; None when every line of it is good."""
    return BadList(path=path, faults=found.problems, is_useless=not found.hashes) if found.problems else None


def _name(path: str) -> str:
    return path.rpartition("/")[2]
