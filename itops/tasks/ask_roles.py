"""Say what each server is for, ask where nothing says it, and remember what people answered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from itops.errors import UsageWrong
from itops.inventory.entities import Entity, Kind
from itops.inventory.health.finding import Finding
from itops.inventory.history import Answer
from itops.inventory.merge import merged
from itops.inventory.reading import Reader
from itops.inventory.records import vm_of
from itops.inventory.roles.evidence import NONE_OF_THESE, RoleVerdict
from itops.inventory.roles.expected import missing_roles, role_holder
from itops.inventory.roles.judge import is_to_be_asked, judge_all
from itops.inventory.roles.probed import ProbeResult
from itops.inventory.roles.rules import RoleRules, known_roles
from itops.text import plain

_LONGEST_NOTE = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedVm:
    """One VM, its roles, and whether a person should be asked."""

    entity: Entity
    verdicts: tuple[RoleVerdict, ...]
    is_to_be_asked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A server nobody knows the purpose of, and what may help a person to remember it. Outside text is made plain."""

    vm_id: str
    name: str
    facts: tuple[tuple[str, str], ...]  # ("system", "Debian GNU/Linux 12"), ("addresses", "10.1.0.5") ...


def judged_vms(reader: Reader, rules: RoleRules, probes: Iterable[ProbeResult]) -> list[JudgedVm]:
    """Every VM there is now, by name, each once."""
    answers = reader.answers()
    entities = {thing.entity.key: thing.entity for thing in merged(reader.entities(Kind.VM))}
    return [
        JudgedVm(
            entity=entity,
            verdicts=verdicts,
            is_to_be_asked=is_to_be_asked(entity, answers, verdicts, rules),
        )
        for entity, verdicts in judge_all(entities.values(), answers, probes, rules)
    ]


def questions(judged: Iterable[JudgedVm]) -> tuple[Question, ...]:
    """One question for each server without any evidence."""
    return tuple(_question(found.entity) for found in judged if found.is_to_be_asked)


def _question(entity: Entity) -> Question:
    vm = vm_of(entity)
    facts = {
        "system": vm.guest_os,
        "guest name": vm.guest_host_name,
        "addresses": ", ".join(vm.ip_addresses),
        "host": vm.host,
        "power": vm.power_state,
        "notes": vm.annotation,
    }
    told = tuple((label, plain(value)[:_LONGEST_NOTE]) for label, value in facts.items() if value)
    return Question(vm_id=vm.id, name=plain(vm.name), facts=told)


def expectations(judged: Iterable[JudgedVm], expected: Mapping[str, int], now: datetime) -> tuple[Finding, ...]:
    """What is missing of `expects.roles`, to stand among the findings of health."""
    return tuple(missing_roles(expected, [role_holder(found.entity, found.verdicts) for found in judged], now))


def find_vm(reader: Reader, wanted: str) -> Entity:
    """The one VM of that name, key or ref. Raises UsageWrong when there is none, or more than one."""
    found = {entity.key: entity for entity in reader.find(wanted) if entity.kind is Kind.VM}
    if not found:
        raise UsageWrong(f"there is no VM {wanted!r}", remedy="run `itops inventory list` to see their names")
    if len(found) > 1:
        raise UsageWrong(f"{len(found)} VMs are called {wanted!r}", remedy=f"name one by its id: {', '.join(found)}")
    return next(iter(found.values()))


def role_answer(vm_id: str, typed: Sequence[str], *, answered_by: str, now: datetime, rules: RoleRules) -> Answer:
    """The answer that says `typed` of a VM: one role, several, or "-" for none of these. Raises UsageWrong."""
    words = [word.strip() for text in typed for word in text.replace("،", ",").split(",") if word.strip()]
    roles = list(dict.fromkeys(rules.typed(word) for word in words))
    if not roles or None in roles or (NONE_OF_THESE in roles and len(roles) > 1):
        raise UsageWrong(
            f"{', '.join(typed)!r} is no role",
            remedy=f"use one of {', '.join(known_roles())}, a short word of your own, or - for none of these",
        )
    if not plain(answered_by).strip():
        raise UsageWrong("nobody gave this answer", remedy='say who: --by "..."')
    role = ", ".join(role for role in roles if role)
    return Answer(vm_id=vm_id, role=role, answered_by=plain(answered_by).strip(), answered_at=now)
