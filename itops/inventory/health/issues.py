"""Rule 20: what vSphere itself holds against a thing's configuration."""

from collections.abc import Iterator
from datetime import datetime

from itops.inventory.entities import Entity, Kind
from itops.inventory.health.estate import Estate
from itops.inventory.health.finding import Code, Finding
from itops.inventory.health.rule import AnyRule, Need, Policy, Rule
from itops.inventory.values import items, text
from itops.verdict import State

ISSUES = "configIssue"
STATUS = "configStatus"
_KINDS = (Kind.HOST, Kind.CLUSTER, Kind.DATASTORE, Kind.VM)
_STATES = {"yellow": State.WARNING, "red": State.CRITICAL}

ISSUE = Code(name="config.issue", state=State.WARNING)
ISSUE_STATUS = Code(name="config.status", state=State.WARNING)


def configuration(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """Each issue in vSphere's own words; only the colour where it gives no words."""
    for kind in _KINDS:
        for entity in estate.by_kind[kind]:
            yield from _judged(entity)


def _judged(entity: Entity) -> Iterator[Finding]:
    colour = text(entity.get(STATUS)) or ""
    events = items(entity.get(ISSUES))  # some servers leave the sentence out and give only the class of the event
    told = {issue for event in events if (issue := text(event.get("fullFormattedMessage")) or text(event.get("_type")))}
    for issue in sorted(told):
        yield ISSUE.about(entity, _STATES.get(colour), issue=issue)
    if not told and colour in _STATES:
        yield ISSUE_STATUS.about(entity, _STATES[colour], colour=colour)


RULES: tuple[AnyRule, ...] = (
    Rule(
        number=20,
        key="configuration",
        area="config",
        policy=Policy(),
        codes=(ISSUE, ISSUE_STATUS),
        needs=(Need(Kind.HOST, (ISSUES, STATUS), is_always_there=True),),
        reads=tuple((kind, path) for kind in _KINDS for path in (ISSUES, STATUS)),
        find=configuration,
    ),
)
