"""The interface of a verifier: one format of backup file. Wired by `[project.entry-points."itops.formats"]`.

A format is a ladder of rungs; `itops.formats.ladder.climb` climbs it as far as it is asked and as the file bears. A
rung raises Damaged with what is wrong, or Unprovable with why nothing can be said above the rung below; it must never
raise anything else for any bytes whatsoever, never write outside `effort.scratch`, and tick `effort` as it reads.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

from itops.backup.contents import Thing
from itops.backup.copies import Fault, Identity
from itops.backup.levels import Level
from itops.backup.proofs import Limit
from itops.facts import Fact

MIB = 1 << 20


class Damaged(Exception):
    """The copy is wrong, and this is how."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(", ".join(fault.code for fault in faults))
        self.faults = faults


class Unprovable(Exception):
    """Nothing wrong was found, but this rung and those above cannot be climbed here."""

    def __init__(self, code: str, **facts: Fact) -> None:
        super().__init__(code)
        self.limit = Limit(code=code, facts=facts)


def damaged(code: str, place: str = "", **facts: Fact) -> Damaged:
    """The usual way to say it: `raise damaged("cut", missing_bytes=512)`."""
    return Damaged(Fault(code=code, place=place, facts=facts))


class Effort(Protocol):
    """The bounds of one examination; every loop over content calls `tick` or `unpacked`."""

    level: Level
    scratch: Path  # an empty folder of its own, deleted afterwards
    max_members: int
    max_depth: int

    def tick(self) -> None:
        """Raise Unprovable("out-of-time") when the time for this copy is used up."""
        ...

    def unpacked(self, length: int, *, packed: int) -> None:
        """Count unpacked bytes out of `packed` ones; raise Damaged("bomb") past the ratio or the total allowed."""
        ...

    @property
    def seconds_left(self) -> float:
        """For the time limit of a program."""
        ...


class Format(Protocol):
    """One format of backup file or folder. `name` is its word in JSON and in itops.yaml."""

    name: ClassVar[str]
    is_folder: ClassVar[bool]  # a folder of files is one backup
    highest: ClassVar[Level]  # what its own structure can prove at best: COMPLETE or INTACT
    suffixes: ClassVar[tuple[str, ...]]  # (".bak",): a file so called that no format recognises is damaged

    def recognises(self, thing: Thing) -> bool:
        """Whether it looks like one, by magic, never by name alone; cheap, total, and strict about `is_folder`."""
        ...

    def set_of(self, thing: Thing) -> str | None:
        """What stripes of one set have in common (a media set GUID); None for a format without stripes."""
        ...

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """L1: a few small reads."""
        ...

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """L2: to the end of the structure; the identity, refined by what the end tells."""
        ...

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """L3: every byte under the format's own checksums; the identity with counts of what was checked."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrecognised:
    """What `recognise` says of bytes that no format knows: the reasons people need."""

    code: str  # "empty", "all-zero", "html-page", "not-its-format", "unknown-format"
    facts: dict[str, Fact] = field(default_factory=dict)
