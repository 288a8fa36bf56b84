"""What a rule says: a finding (a code, a subject and numbers), or that it could not judge. Never prose.

Words for the codes live in itops/reports/text/en.toml and fa.toml, table `[health]`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import TypeAlias

from itops.inventory.entities import Entity, Kind
from itops.verdict import State

Datum: TypeAlias = str | int | float | None
"""A number or an outside string that decided. The name wears the unit (`age_days`, `free_bytes`, `free_ratio`,
`idle_hours`, `expires_on`): the words format by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it should be. State.OK marks advice: worth reading, no reason to raise an alarm."""

    code: str
    state: State
    subject_kind: Kind
    subject: str  # the name people know it by
    subject_id: str
    source: str
    data: Mapping[str, Datum]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One kind of finding: its stable name, and its state unless the rule decides otherwise."""

    name: str
    state: State

    def about(self, entity: Entity, state: State | None = None, **data: Datum) -> Finding:
        """The finding that this code holds for `entity`, with the numbers that decided."""
        return Finding(
            code=self.name,
            state=self.state if state is None else state,
            subject_kind=entity.kind,
            subject=entity.name,
            subject_id=entity.key,
            source=entity.source,
            data=data,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotJudged:
    """A rule that had nothing to judge by in one source: not seen is not fine."""

    rule: str  # the rule's key
    number: int
    codes: tuple[str, ...]
    source: str
    reason: str  # a key of the words table `[not_judged]`
    missing: tuple[str, ...]  # "host config.option": any one of these would have been enough


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignore:
    """A finding that somebody decided to live with: `code`, of subjects that match, until the end of a day."""

    code: str
    reason: str
    subject: str | None = None  # a name or a glob over names, in any case; None: every subject
    until: date | None = None  # the last day it holds, on the calendar of the zone that `now` carries

    def is_over(self, today: date) -> bool:
        """Has its last day passed?"""
        return self.until is not None and today > self.until

    def covers(self, finding: Finding) -> bool:
        """Does it speak of this finding?"""
        if self.code != finding.code:
            return False
        if self.subject is None:
            return True
        name, pattern = finding.subject.casefold(), self.subject.casefold()
        return name == pattern or fnmatchcase(name, pattern)  # equality first: a VM may be called "[/]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """A finding that was found and set aside, with the entry that did it."""

    finding: Finding
    by: Ignore
