"""A rule: one declarative record around one pure function.

`needs` is how a rule tells "nothing wrong" from "nothing seen": vSphere leaves out what is unset, so a VM without
snapshots and a source that never asked for snapshots look alike. Each need names a kind and paths of which at least
one must have been seen in a source, else the rule reports itself as not judged there.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeAlias, TypeVar

from itops.inventory.entities import Kind
from itops.inventory.health.estate import Estate
from itops.inventory.health.finding import Code, Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The thresholds of one rule; a rule without any has this one."""


P = TypeVar("P", bound=Policy)


@dataclass(frozen=True, slots=True)
class Need:
    """At least one entity of `kind` must carry one of `paths`."""

    kind: Kind
    paths: tuple[str, ...]
    is_always_there: bool = False
    """Every source has such a thing: to see none means that we were not shown them."""
    codes: tuple[str, ...] = ()
    """The codes that need it; all of the rule's when empty."""
    is_of_vcenter: bool = False
    """A lone ESXi host has no such thing at all."""
    other_kinds: tuple[Kind, ...] = ()
    """Kinds that serve as well: an alarm is told by the thing it is about or by all above it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[P]):
    """One line of docs/reference/health-rules.md."""

    number: int  # 1-48 as in the table of RVTools, vCheck and AsBuiltReport; ours from 49 on
    key: str  # of its summary in the words table `[health_rule]`
    area: str  # first part of its settings: `AREA.FIELD` for each field of the policy
    policy: P
    codes: tuple[Code, ...]
    needs: tuple[Need, ...]
    reads: tuple[tuple[Kind, str], ...]  # every path that `find` looks at: a source that serves the rule asks for them
    find: Callable[[P, Estate, datetime], Iterator[Finding]]
    needs_history: bool = False  # Estate.powered_off_since


AnyRule: TypeAlias = Rule[Any]


def paths(kind: Kind, *names: str) -> tuple[tuple[Kind, str], ...]:
    """Paths of one kind, for `reads`."""
    return tuple((kind, name) for name in names)
