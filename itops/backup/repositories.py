"""The interface of a repository: a place where copies lie. Wired by `[project.entry-points."itops.repositories"]`.

A repository returns facts, never verdicts. Its class carries `Settings`, a frozen dataclass of what itops.yaml may
say; it is built as `cls(name, settings, zone)` (the office's zone) and touches nothing before it is asked.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

from itops.backup.contents import Thing
from itops.backup.copies import Copy, Database, Identity, ListedFile, ServerFact
from itops.backup.drills import DrillOutcome
from itops.backup.formats import Effort
from itops.backup.proofs import Examination
from itops.facts import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class LookGap:
    """Something in a repository that could not be seen, why, and what to do about it."""

    subject: str  # "folder /mnt/backup/hr", "snapshot 12f978d0"
    code: str  # stable; docs/reference/gaps.md
    problem: str
    remedy: str
    hides: bool = False
    """Whether copies may be hidden behind it: then absence proves nothing in this look."""


Listed: TypeAlias = ListedFile | Copy | Database | ServerFact | LookGap


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at one repository. `seen` is consumed once; it raises SourceUnavailable when it breaks in the middle."""

    repository: str
    looked_at: datetime
    seen: Iterator[Listed]
    facts: Mapping[str, Fact] = field(default_factory=dict)  # device id, tool and version: compared with the last look


class Repository(Protocol):
    """A place where copies lie, or a server that tells of its copies and databases."""

    @property
    def name(self) -> str:
        """The name it has in itops.yaml."""
        ...

    def look(self, now: datetime, last_facts: Mapping[str, Fact]) -> Look:
        """List what is there. `last_facts`: what the last complete look told (a changed device is an unmounted disk).

        Raises SourceUnavailable when nothing could be seen: a dead server, a wrong password, a lock.
        """
        ...


@runtime_checkable
class HoldsFiles(Protocol):
    """A repository whose copies are files that can be read here."""

    def open(self, copy: Copy) -> AbstractContextManager[Thing]:
        """The copy's bytes; raises SourceUnavailable or OSError when they cannot be had."""
        ...

    def still_same(self, copy: Copy) -> bool:
        """Whether all its files are as they were listed: asked after they were read."""
        ...


@runtime_checkable
class ProvesItself(Protocol):
    """A repository of a product that checks its own content: restic, borg, pgBackRest, Barman."""

    def prove(self, copies: Sequence[Copy], effort: Effort) -> Iterator[tuple[Copy, Examination]]:
        """Examine the copies with the product's own check, which is seen through where it lies."""
        ...


@runtime_checkable
class Fetches(Protocol):
    """A repository that can hand out a copy for a restore test."""

    def fetch(self, copy: Copy, into: Path, effort: Effort) -> Path:
        """Put the copy below `into` and return its file or folder.

        Raises SourceUnavailable when it cannot be had now; Damaged when the repository is well and the copy in it is
        not: then a restore was tried, and failed.
        """
        ...


class StampedVm(NamedTuple):
    """What backup products write on a VM: its name, its key, its custom attributes, its annotation."""

    name: str
    key: str
    attributes: Mapping[str, str]
    annotation: str


@runtime_checkable
class ReadsInventory(Protocol):
    """A repository that finds its copies written on the VMs of the inventory."""

    def read(self, vms: Iterable[StampedVm], now: datetime) -> Look:
        """The copies that the VMs' stamps tell of."""
        ...


@runtime_checkable
class DrillsItself(Protocol):
    """A server that restores are tried on under another name: SQL Server."""

    def drill(
        self,
        copy_path: str | Sequence[str],
        identity: Identity | None,
        question: str | None,
        effort: Effort,
        *,
        verify_only: bool = False,
    ) -> DrillOutcome:
        """Restore the file, or every stripe, as the *server* sees it; ask, and drop what was restored."""
        ...
