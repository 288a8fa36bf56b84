"""Which job a file or a catalogue entry belongs to: by its name, its folder, its stripe, its tags, its object."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from itops.backup.copies import Copy, ListedFile
from itops.backup.hash_lists import is_hash_list
from itops.backup.policy import Job, Protected
from itops.dates import latin_digits, parse_day
from itops.errors import ItopsError

_EXAMPLES = 5
_1970 = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What of a listing belongs to jobs, and what to none."""

    copies: tuple[Copy, ...]
    unclaimed: int  # files and entries that no job claims
    examples: tuple[str, ...] = ()  # a few of them
    hash_lists: tuple[ListedFile, ...] = ()  # SHA256SUMS and the like, which belong to the copies beside them


@dataclass(slots=True)
class _Gathering:
    """Files of one copy as they come in: a lone file, the stripes of a set, a folder."""

    parts: Mapping[str, str | None]
    files: list[ListedFile] = field(default_factory=list)


class Claimer:
    """Takes a repository's listing in, file by file, and gives the copies out."""

    def __init__(self, repository: str, jobs: Sequence[tuple[str, Job]], zone: ZoneInfo) -> None:
        self._repository = repository
        self._zone = zone
        self._jobs = tuple(jobs)
        self._patterns = [(name, job, job.files) for name, job in jobs if job.files]
        self._gathered: dict[tuple[str, str], _Gathering] = {}
        self._catalogued: list[Copy] = []
        self._unclaimed = 0
        self._examples: list[str] = []
        self._hash_lists: list[ListedFile] = []

    def take_file(self, file: ListedFile) -> None:
        """A file of the repository; the first job in itops.yaml whose pattern fits has it."""
        for name, job, pattern in self._patterns:
            found = pattern.match(file.path)
            if found is not None and not pattern.is_folder and is_hash_list(file.path):
                continue  # `Insurance_*` fits Insurance_1.bak.sha256, too
            if found is not None and _object_of(job, found.groupdict()) is not _NOT_OURS:
                key = found.group() + "/" if pattern.is_folder else _set_key(file.path, found)
                held = self._gathered.setdefault((name, key), _Gathering(found.groupdict()))
                held.files.append(file)
                return
        if is_hash_list(file.path):
            self._hash_lists.append(file)
            return
        self._leave(file.path)

    def take_copy(self, copy: Copy) -> None:
        """An entry of a catalogue; several jobs may claim one (a cluster's backup holds all its databases)."""
        is_claimed = False
        for name, job in self._jobs:
            claimed = _claimed_entry(name, job, copy, self._zone)
            if claimed is not None:
                self._catalogued.append(claimed)
                is_claimed = True
        if not is_claimed:
            self._leave(copy.key)

    def claims(self) -> Claims:
        """Everything taken in so far, in a fixed order."""
        jobs = dict(self._jobs)
        files = [self._copy(name, jobs[name], key, held) for (name, key), held in self._gathered.items()]
        copies = sorted([*files, *self._catalogued], key=lambda copy: (copy.job, copy.key))
        return Claims(
            copies=tuple(copies),
            unclaimed=self._unclaimed,
            examples=tuple(self._examples),
            hash_lists=tuple(self._hash_lists),
        )

    def _leave(self, path: str) -> None:
        self._unclaimed += 1
        if len(self._examples) < _EXAMPLES:
            self._examples.append(path)

    def _copy(self, job_name: str, job: Job, key: str, held: _Gathering) -> Copy:
        files = tuple(sorted(held.files))
        return Copy(
            repository=self._repository,
            key=key,
            fingerprint=fingerprint(files),
            job=job_name,
            object=_object_of(job, held.parts),
            size_bytes=sum(file.size_bytes for file in files),
            files=files,
            modified_at=_moment(max(file.modified_ns for file in files)),
            named_at=named_at(held.parts, self._zone),
        )


def _moment(nanoseconds: int) -> datetime | None:
    """A file's time; None for one that no calendar has."""
    try:
        return _1970 + timedelta(microseconds=nanoseconds // 1000)
    except OverflowError:
        return None


def fingerprint(files: Sequence[ListedFile]) -> str:
    """Changes when a name, a size or a time of writing does."""
    if len(files) == 1:
        return f"{files[0].size_bytes}-{files[0].modified_ns}"
    told = "\n".join(f"{file.path}\0{file.size_bytes}\0{file.modified_ns}" for file in files)
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def named_at(parts: Mapping[str, str | None], zone: ZoneInfo) -> datetime | None:
    """The moment a name tells, aware; None without a day or with one that does not exist. Below 1700 it is Jalali."""
    year, month, day = (parts.get(part) for part in ("year", "month", "day"))
    if not (year and month and day):
        return None
    try:
        named = _day(latin_digits(f"{year}-{month}-{day}"))
        hour, minute, second = (int(latin_digits(parts.get(part) or "0")) for part in ("hour", "minute", "second"))
        return datetime.combine(named, time(hour, minute, second), zone).astimezone(UTC)
    except (ItopsError, ValueError, OverflowError):
        return None


@cache
def _day(text: str) -> date:
    return parse_day(text)


_NOT_OURS = "\0"
"""An object that the job does not protect."""


def _object_of(job: Job, parts: Mapping[str, str | None]) -> str | None:
    """The object a name tells of; None when it tells none, _NOT_OURS when it is none of the job's."""
    told = parts.get("object")
    if told is None:
        only = job.protects[0]
        return only.text if len(job.protects) == 1 and not only.is_all else None
    return _protected_as(job.protects, parts.get("server"), told)


def _protected_as(protects: Iterable[Protected], server: str | None, name: str) -> str:
    for protected in protects:
        is_server = server is None or protected.server.casefold() == server.casefold()
        if protected.is_all and is_server:
            return f"{protected.server}/{name}"
        if is_server and protected.name.casefold() == name.casefold():
            return protected.text
    return _NOT_OURS


def _claimed_entry(name: str, job: Job, copy: Copy, zone: ZoneInfo) -> Copy | None:
    """The entry as a copy of this job, or None."""
    parts: Mapping[str, str | None] = {}
    if job.files:
        found = job.files.match(copy.key)
        if found is None:
            return None
        parts = found.groupdict()
    if not frozenset(job.labels) <= copy.labels:
        return None
    claimed = _object_of(job, parts) if copy.object is None else _own_object(job.protects, copy.object)
    if claimed is _NOT_OURS:
        return None
    return replace(copy, job=name, object=claimed, named_at=copy.named_at or named_at(parts, zone))


def _own_object(protects: Iterable[Protected], told: str) -> str:
    """The catalogue's "server/name" as this job writes it."""
    server, _, name = told.partition("/")
    for protected in protects:
        if protected.text.casefold() == told.casefold():
            return protected.text
        if protected.is_all and protected.server.casefold() == server.casefold():
            return f"{protected.server}/{name}"
    return _NOT_OURS


def _set_key(path: str, found: re.Match[str]) -> str:
    """The path; for a stripe, with the number taken out, so that all stripes share it."""
    if found.groupdict().get("stripe") is None:
        return path
    begin, end = found.span("stripe")
    return f"{path[:begin]}*{path[end:]}"


def claim_of(name: str, job: Job) -> str:
    """A job's name and what it claims: another text whenever other files or entries may be its copies."""
    claim = [held.text for held in job.protects], job.files and job.files.text, sorted(job.labels)
    return f"{name} {hashlib.blake2b(repr(claim).encode('utf-8', 'surrogatepass'), digest_size=8).hexdigest()}"


def objects_of(job: Job, databases: Iterable[tuple[str, str]]) -> Iterator[Protected]:
    """The objects a job protects, each once; `sql01/*` by the (server, name) of databases that servers have."""
    known = tuple(databases)
    told: dict[str, Protected] = {held.text.casefold(): held for held in job.protects if not held.is_all}
    for protected in job.protects:
        server = protected.server.casefold()
        names = [name for held, name in known if held.casefold() == server] if protected.is_all else []
        for name in names:
            told.setdefault(f"{server}/{name}".casefold(), Protected("database", protected.server, name))
    yield from told.values()
