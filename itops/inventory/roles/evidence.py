"""What speaks for a role, and what follows from it.

A role is one small word: one of ours (`patterns.toml`) or the office's own. Every piece of evidence says exactly what
was seen, where and when, so that a person can check it in a minute.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from itops.inventory.entities import Value

NONE_OF_THESE = "-"
"""The answer, or declaration, of somebody who says that a server has none of the roles anybody counts."""


class EvidenceKind(StrEnum):
    """Where a piece of evidence comes from, strongest first. Two of different kinds are two witnesses."""

    DECLARED = "declared"  # a custom attribute, a tag, a line in the notes
    ANSWER = "answer"  # a person was asked
    PROBE = "probe"  # a service answered on the network
    GUEST = "guest"  # the guest or the appliance says so itself
    NAME = "name"  # the VM is called so


DECISIVE = frozenset({EvidenceKind.DECLARED, EvidenceKind.ANSWER})


class Sureness(StrEnum):
    """How far a role may be believed."""

    DECLARED = "declared"  # a person said so
    SURE = "sure"  # two witnesses of different kinds agree
    LIKELY = "likely"  # one witness


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One thing that speaks for one role."""

    role: str
    kind: EvidenceKind
    detail: str  # what exactly was seen, e.g. 'the name "SQL01" holds "sql"'; outside text, so `plain` it on screens
    source: str  # the source of the scan, the person who answered, or the address that was probed
    observed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleVerdict:
    """One role of one VM. `evidence` starts with what speaks for it; a piece with another role contradicts it."""

    vm_id: str
    role: str
    sureness: Sureness
    evidence: tuple[Evidence, ...]

    @property
    def contradictions(self) -> tuple[Evidence, ...]:
        """What speaks for another role instead."""
        return tuple(piece for piece in self.evidence if piece.role != self.role)


def roles_json(verdicts: Iterable[RoleVerdict]) -> list[Value]:
    """The `roles` field of a VM in `itops inventory list --output json` (docs/reference/roles.md)."""
    return [
        {
            "role": verdict.role,
            "sureness": verdict.sureness.value,
            "evidence": [_evidence_json(piece) for piece in verdict.evidence],
        }
        for verdict in verdicts
    ]


def _evidence_json(piece: Evidence) -> dict[str, Value]:
    seen_at = piece.observed_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return {
        "role": piece.role,
        "kind": piece.kind.value,
        "detail": piece.detail,
        "source": piece.source,
        "observed_at": seen_at,
    }
