"""VMs, answers and probe results in one line each."""

from datetime import UTC, datetime, timedelta

from itops.inventory.entities import Entity, EntityKey, Kind, Value
from itops.inventory.history import Answer
from itops.inventory.roles.probed import Outcome, ProbeResult
from itops.inventory.roles.rules import RoleRules

NOW = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
RULES = RoleRules()


def vm(name: str, /, *, key: str | None = None, **properties: Value) -> Entity:
    """A powered-on VM; `__` in a keyword stands for the dot of its path."""
    given = {path.replace("__", "."): value for path, value in properties.items()}
    return Entity(
        kind=Kind.VM,
        key=EntityKey(key or f"uuid-{name}"),
        ref="vm-1",
        source="vc01",
        seen_at=NOW,
        properties={"name": name, "runtime.powerState": "poweredOn"} | given,
    )


def answer(entity: Entity, role: str, *, days_ago: int = 0) -> Answer:
    return Answer(vm_id=entity.key, role=role, answered_by="the admin", answered_at=NOW - timedelta(days=days_ago))


def result(
    entity: Entity, *roles: str, probe: str = "tds", days_ago: int = 0, outcome: Outcome | None = None
) -> ProbeResult:
    return ProbeResult(
        vm_id=entity.key,
        probe=probe,
        address="10.1.0.5",
        port=1433,
        outcome=outcome or (Outcome.RECOGNISED if roles else Outcome.NOT_RECOGNISED),
        roles=roles,
        detail="SQL Server 2019 answered",
        observed_at=NOW - timedelta(days=days_ago),
    )
