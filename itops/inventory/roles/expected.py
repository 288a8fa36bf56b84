"""What an office expects to have (`expects.roles` in itops.yaml), and what is missing of it.

A template, a powered-off VM, a Site Recovery placeholder and a VM that vCenter cannot reach have their roles, but do
not do their work: they fulfil no expectation, and the finding names them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from itops.inventory.entities import Entity, Kind
from itops.inventory.health.finding import Datum, Finding
from itops.inventory.roles.evidence import RoleVerdict, Sureness
from itops.inventory.roles.judge import has_role
from itops.inventory.roles.standing import Standing, standing_of
from itops.verdict import State

NOBODY = "\u2013"
"""What stands in a finding's data where a list of names is empty."""
ROLE_CODES = ("role.missing", "role.too-few", "role.only-likely")
"""The codes of these findings, which an ignore list may name like those of health rules."""
SOURCE = "expects.roles"
"""The `source` of these findings: no scan found them, the configuration asks for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleHolder:
    """One VM with its roles, as far as an expectation is concerned."""

    vm_id: str
    name: str
    source: str
    seen_at: datetime
    standing: Standing
    verdicts: tuple[RoleVerdict, ...]

    def is_certain_of(self, role: str) -> bool:
        """Is the role declared or sure, not merely likely?"""
        return has_role((verdict for verdict in self.verdicts if verdict.sureness is not Sureness.LIKELY), role)


def role_holder(entity: Entity, verdicts: tuple[RoleVerdict, ...]) -> RoleHolder:
    """The holder for one judged VM."""
    return RoleHolder(
        vm_id=entity.key,
        name=entity.name,
        source=entity.source,
        seen_at=entity.seen_at,
        standing=standing_of(entity),
        verdicts=verdicts,
    )


def missing_roles(expected: Mapping[str, int], holders: Iterable[RoleHolder], now: datetime) -> Iterator[Finding]:
    """A finding for each expected role that too few serving VMs have, or have only by one witness.

    `role.missing` nobody serves · `role.too-few` somebody, not enough · `role.only-likely` enough, if the likely ones
    are what they seem. Where no VM was seen at all nothing is missing for certain: the state is UNKNOWN.
    """
    seen = list({holder.vm_id: holder for holder in sorted(holders, key=_last_is_best)}.values())
    for role, count in expected.items():
        having = sorted((holder for holder in seen if has_role(holder.verdicts, role)), key=lambda found: found.name)
        serving = [holder for holder in having if holder.standing is Standing.SERVING]
        certain = [holder for holder in serving if holder.is_certain_of(role)]
        if len(certain) >= count:
            continue
        code, state = _judge(len(serving), count)
        yield Finding(
            code=code,
            state=state if seen else State.UNKNOWN,
            subject_kind=Kind.VM,
            subject=role,
            subject_id=f"role:{role}",
            source=SOURCE,
            data=_data(role, count, having, now),
        )


def _last_is_best(holder: RoleHolder) -> tuple[bool, datetime]:
    """One VM seen through two sources is one VM: the sight in which it serves counts, then the newest."""
    return holder.standing is Standing.SERVING, holder.seen_at


def _judge(serving: int, count: int) -> tuple[str, State]:
    if serving == 0:
        return "role.missing", State.CRITICAL
    return ("role.too-few", State.WARNING) if serving < count else ("role.only-likely", State.WARNING)


def _data(role: str, count: int, having: Sequence[RoleHolder], now: datetime) -> dict[str, Datum]:
    serving = [holder for holder in having if holder.standing is Standing.SERVING]
    oldest = min((holder.seen_at for holder in serving), default=None)
    return {
        "role": role,
        "expected_count": count,
        "serving_count": len(serving),
        "certain": _listed(holder.name for holder in serving if holder.is_certain_of(role)),
        "likely": _listed(holder.name for holder in serving if not holder.is_certain_of(role)),
        "not_counted": _listed(f"{idle.name} ({idle.standing.value})" for idle in having if idle not in serving),
        "age_days": None if oldest is None else (now - oldest).days,
    }


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or NOBODY
