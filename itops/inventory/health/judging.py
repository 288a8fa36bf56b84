"""All rules over one estate: policy x facts x now -> judgement, worst first, nothing lost."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import TypeAlias

from itops.errors import ConfigInvalid
from itops.inventory.entities import Kind
from itops.inventory.health.catalogue import RULE_OF_CODE, RULES
from itops.inventory.health.estate import Estate
from itops.inventory.health.finding import Finding, Ignore, Ignored, NotJudged
from itops.inventory.health.policies import Policies, known
from itops.inventory.health.rule import AnyRule, Need
from itops.verdict import State, severity, worst

NO_DATA = "no-data"
NO_SUBJECTS = "no-subjects"
NO_HISTORY = "no-history"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the rules say of an estate."""

    sources: tuple[str, ...]
    findings: tuple[Finding, ...]  # worst first, then by rule
    not_judged: tuple[NotJudged, ...]
    ignored: tuple[Ignored, ...]
    accepted: tuple[NotJudged, ...]  # not judged either, but somebody ignores every code of the rule
    expired: tuple[Ignore, ...]  # entries of the ignore list that do not ignore any more

    @property
    def state(self) -> State:
        """The worst finding; UNKNOWN instead of OK while a rule could not judge, or nothing was seen at all."""
        found = worst(finding.state for finding in self.findings)
        is_blind = bool(self.not_judged) or not self.sources
        return State.UNKNOWN if found is State.OK and is_blind else found


def judge(
    estate: Estate,
    policies: Policies,
    now: datetime,
    ignore: Sequence[Ignore] = (),
    *,
    others: Iterable[Finding] = (),
    other_codes: Collection[str] = (),
) -> Judgement:
    """Run every rule; `others` are findings of other rooms (expected roles, say) that stand among ours.

    Raises ConfigInvalid when the ignore list names a code that is neither ours nor one of `other_codes`.
    """
    _check(ignore, {*RULE_OF_CODE, *other_codes})
    expired = tuple(entry for entry in ignore if entry.is_over(now.date()))
    active = [entry for entry in ignore if entry not in expired]
    not_judged = tuple(_blind_spots(estate))
    findings: list[Finding] = []
    ignored: list[Ignored] = []
    for finding in chain(others, _found(estate, policies, now, not_judged)):
        by = next((entry for entry in active if entry.covers(finding)), None)
        if by is None:
            findings.append(finding)
        else:
            ignored.append(Ignored(finding=finding, by=by))
    everywhere = {entry.code for entry in active if entry.subject is None}
    accepted = tuple(spot for spot in not_judged if everywhere.issuperset(spot.codes))
    return Judgement(
        sources=estate.sources,
        findings=tuple(sorted(findings, key=_order)),
        not_judged=tuple(spot for spot in not_judged if spot not in accepted),
        ignored=tuple(sorted(ignored, key=lambda one: _order(one.finding))),
        accepted=accepted,
        expired=expired,
    )


def _check(ignore: Iterable[Ignore], codes: Collection[str]) -> None:
    problems: list[str] = []
    for position, entry in enumerate(ignore):
        try:
            known(entry.code, codes, "code")
        except ValueError as error:
            problems.append(f"health.ignore[{position}]: {error}")
    if problems:
        raise ConfigInvalid("\n".join(problems), remedy="docs/reference/health-rules.md lists every code")


def _order(finding: Finding) -> tuple[int, int, str, str, str, str]:
    rule = RULE_OF_CODE.get(finding.code)  # None: another room's, before ours
    number = rule.number if rule else 0
    name = finding.subject.casefold()
    return (-severity(finding.state), number, finding.code, name, finding.source, finding.subject_id)


def _found(estate: Estate, policies: Policies, now: datetime, not_judged: Iterable[NotJudged]) -> Iterator[Finding]:
    """The findings of every rule but those of a code and source that had not all of its data: what is absent there
    would read as a fault."""
    blind = {(code, spot.source) for spot in not_judged for code in spot.codes}
    for rule in RULES:
        if blind and blind.issuperset((code.name, source) for code in rule.codes for source in estate.sources):
            continue
        for finding in rule.find(policies.by_rule[rule.number], estate, now):
            if (finding.code, finding.source) not in blind:
                state = policies.states.get(finding.code)
                yield finding if state is None else replace(finding, state=state)


def _blind_spots(estate: Estate) -> Iterator[NotJudged]:
    seen = _seen_paths(estate)
    for source in estate.sources:
        for rule in RULES:
            told: set[str] = set()
            needs = (need for need in rule.needs if not (need.is_of_vcenter and source in estate.lone_hosts))
            for need in needs:
                spot = _blind_spot(rule, need, source, seen)
                if spot is not None and not told.issuperset(spot.codes):
                    told.update(spot.codes)
                    yield spot
            if rule.needs_history and estate.powered_off_since is None and not told:
                yield _spot(rule, source, NO_HISTORY)


_Seen: TypeAlias = Mapping[tuple[str, Kind], set[str]]


def _blind_spot(rule: AnyRule, need: Need, source: str, seen: _Seen) -> NotJudged | None:
    """Why codes of a rule cannot be judged in a source; None when they can, or when there is nothing to judge."""
    present = [kind for kind in (need.kind, *need.other_kinds) if (source, kind) in seen]
    if not present and not need.is_always_there:
        return None
    if any(not seen[source, kind].isdisjoint(need.paths) for kind in present):
        return None
    return _spot(rule, source, NO_DATA if present else NO_SUBJECTS, need)


def _spot(rule: AnyRule, source: str, reason: str, need: Need | None = None) -> NotJudged:
    return NotJudged(
        rule=rule.key,
        number=rule.number,
        codes=need.codes if need and need.codes else tuple(code.name for code in rule.codes),
        source=source,
        reason=reason,
        missing=tuple(dict.fromkeys(f"{kind} {path}" for kind in (need.kind, *need.other_kinds) for path in need.paths))
        if need
        else (),
    )


def _seen_paths(estate: Estate) -> _Seen:
    """The paths that rules need and that at least one entity of a source and kind carries."""
    wanted: dict[Kind, set[str]] = defaultdict(set)
    for need in _needs():
        for kind in (need.kind, *need.other_kinds):
            wanted[kind].update(need.paths)
    found: dict[tuple[str, Kind], set[str]] = defaultdict(set)
    for entity in estate.entities:
        already = found[entity.source, entity.kind]
        if len(already) < len(wanted[entity.kind]):
            already.update(path for path in wanted[entity.kind] - already if entity.get(path) is not None)
    return found


def _needs() -> Iterator[Need]:
    for rule in RULES:
        yield from rule.needs
