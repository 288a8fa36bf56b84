"""From evidence to roles.

1. What is declared, or was answered by a person, decides. The newest answer counts.
2. Otherwise two witnesses of different kinds make a role sure, one makes it likely, none means: ask.
3. A VM may have several roles. Beside a decision, only a service that was seen running is a further role; a name or a
   guest that suggests another one is shown as a contradiction.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from itops.inventory.entities import Entity
from itops.inventory.history import Answer
from itops.inventory.roles.declared import declared_evidence
from itops.inventory.roles.evidence import DECISIVE, NONE_OF_THESE, Evidence, EvidenceKind, RoleVerdict, Sureness
from itops.inventory.roles.hints import hint_evidence
from itops.inventory.roles.probed import ProbeResult, probe_evidence
from itops.inventory.roles.rules import RoleRules, implied_by
from itops.inventory.roles.standing import standing_of

_STRENGTH = tuple(EvidenceKind)
_ORDER = tuple(Sureness)


def roles_of(
    entity: Entity, answers: Iterable[Answer], probes: Iterable[ProbeResult], rules: RoleRules
) -> tuple[RoleVerdict, ...]:
    """The roles of one VM, the surest first, each with all that speaks for and against it."""
    pieces = evidence_of(entity, answers, probes, rules)
    decided = {piece.role for piece in pieces if piece.kind in DECISIVE}
    counted = {
        piece.role for piece in pieces if not decided or piece.kind in DECISIVE or piece.kind is EvidenceKind.PROBE
    }
    verdicts = [_verdict(entity, role, pieces, decided, counted) for role in sorted(counted - {NONE_OF_THESE})]
    return tuple(sorted(verdicts, key=lambda verdict: _ORDER.index(verdict.sureness)))


def evidence_of(
    entity: Entity, answers: Iterable[Answer], probes: Iterable[ProbeResult], rules: RoleRules
) -> tuple[Evidence, ...]:
    """Every piece of evidence about one VM, the strongest kind first, none twice."""
    pieces = [
        *declared_evidence(entity, rules),
        *_answered(entity, answers, rules),
        *probe_evidence(entity, probes),
        *hint_evidence(entity, rules),
    ]
    return tuple(sorted(dict.fromkeys(pieces), key=lambda piece: _STRENGTH.index(piece.kind)))


def _answered(entity: Entity, answers: Iterable[Answer], rules: RoleRules) -> Iterator[Evidence]:
    given = [answer for answer in answers if answer.vm_id == entity.key]
    newest = max((answer.answered_at for answer in given), default=None)
    for answer in given:
        for typed in answer.role.split(",") if answer.answered_at == newest else ():
            if (role := rules.typed(typed)) is not None:
                yield Evidence(
                    role=role,
                    kind=EvidenceKind.ANSWER,
                    detail=f'{answer.answered_by} answered "{answer.role}"',
                    source=answer.answered_by,
                    observed_at=answer.answered_at,
                )


def _verdict(
    entity: Entity, role: str, pieces: Sequence[Evidence], decided: set[str], counted: set[str]
) -> RoleVerdict:
    # What speaks for a PDC also speaks for its being a domain controller.
    own = [replace(piece, role=role) for piece in pieces if role in implied_by(piece.role)]
    against = [piece for piece in pieces if _contradicts(piece, role, decided, counted)]
    return RoleVerdict(vm_id=entity.key, role=role, sureness=_sureness(role, own, decided), evidence=(*own, *against))


def _contradicts(piece: Evidence, role: str, decided: set[str], counted: set[str]) -> bool:
    """Once somebody decided: hints at roles that were not counted stand against the decision, and the decision
    against a service that was seen nevertheless. Undecided roles live side by side."""
    if not decided or piece.role in implied_by(role) or role in implied_by(piece.role):
        return False
    return piece.role not in counted if role in decided else piece.kind in DECISIVE


def _sureness(role: str, own: Sequence[Evidence], decided: set[str]) -> Sureness:
    if role in decided:
        return Sureness.DECLARED
    return Sureness.SURE if len({piece.kind for piece in own}) > 1 else Sureness.LIKELY


def has_role(verdicts: Iterable[RoleVerdict], wanted: str) -> bool:
    """Is `wanted` among these roles, or implied by one of them? A PDC is a domain controller."""
    return any(wanted in implied_by(verdict.role) for verdict in verdicts)


def judge_all(
    entities: Iterable[Entity], answers: Iterable[Answer], probes: Iterable[ProbeResult], rules: RoleRules
) -> Iterator[tuple[Entity, tuple[RoleVerdict, ...]]]:
    """Every VM with its roles, in one pass over answers and results whatever their number."""
    answers_of: defaultdict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        answers_of[answer.vm_id].append(answer)
    results_of: defaultdict[str, list[ProbeResult]] = defaultdict(list)
    for result in probes:
        results_of[result.vm_id].append(result)
    for entity in entities:
        yield entity, roles_of(entity, answers_of.get(entity.key, ()), results_of.get(entity.key, ()), rules)


def is_to_be_asked(
    entity: Entity, answers: Iterable[Answer], verdicts: Sequence[RoleVerdict], rules: RoleRules
) -> bool:
    """Does nothing at all say what this server is for? Nobody is asked about templates, placeholders and agents, and
    nobody who said "none of these" is asked again."""
    if verdicts or not standing_of(entity).is_server:
        return False
    spoken = (*declared_evidence(entity, rules), *_answered(entity, answers, rules))
    return not any(piece.role == NONE_OF_THESE for piece in spoken)
