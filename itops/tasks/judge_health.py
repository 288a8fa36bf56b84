"""Judge the health of everything that is known: the rules, and the roles that the office expects to have."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from itops.config.settings import HealthSettings
from itops.inventory.entities import EntityKey, Kind
from itops.inventory.health import Estate, Ignore, Judgement, Policies, judge, paths_read
from itops.inventory.history import Revision
from itops.inventory.reading import Reader
from itops.inventory.roles.expected import ROLE_CODES, missing_roles, role_holder
from itops.tasks.read_inventory import RoleJudge


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthPolicy:
    """What the office has decided: thresholds, what it ignores, and which roles must be there."""

    policies: Policies
    ignore: Sequence[Ignore]
    expected_roles: Mapping[str, int]


def policy_of(settings: HealthSettings, expected_roles: Mapping[str, int]) -> HealthPolicy:
    """What itops.yaml says about health; raises ConfigInvalid for a threshold that there is not."""
    ignore = [
        Ignore(code=entry.code, subject=entry.subject, reason=entry.reason or "", until=entry.until)
        for entry in settings.ignore
    ]
    return HealthPolicy(policies=Policies.of(settings.thresholds), ignore=ignore, expected_roles=expected_roles)


def check_policy(policy: HealthPolicy, now: datetime) -> None:
    """Raise ConfigInvalid for a code in the ignore list that no finding can have."""
    judge(Estate.of(()), policy.policies, now, policy.ignore, other_codes=ROLE_CODES)


def judge_health(
    reader: Reader, judge_roles: RoleJudge, policy: HealthPolicy, now: datetime, *, configured: Collection[str]
) -> Judgement:
    """Read what is current and judge it; `now` carries the office's zone, in which days are told.

    Gaps of sources that are not `configured` any more are the past's. Raises ConfigInvalid for an unknown code in the
    ignore list.
    """
    estate = Estate.of(
        (entity for kind in Kind for entity in reader.entities(kind)),
        gaps=[recorded.gap for recorded in reader.gaps() if recorded.gap.source in configured],
        powered_off_since=dict(_powered_off_since(reader)),
        keep=paths_read(),
    )
    holders = (role_holder(entity, roles) for entity, roles in judge_roles(reader.entities(Kind.VM)))
    roles = tuple(missing_roles(policy.expected_roles, holders, now)) if policy.expected_roles else ()
    return judge(estate, policy.policies, now, policy.ignore, others=roles, other_codes=ROLE_CODES)


def _powered_off_since(reader: Reader) -> Iterator[tuple[EntityKey, datetime]]:
    """Since when each VM that is off has been seen off; VMs that run are left out."""
    for vm in reader.entities(Kind.VM):
        if vm.get("runtime.powerState") == "poweredOff":
            yield vm.key, _off_since(reader.history(Kind.VM, vm.key), vm.seen_at)


def _off_since(revisions: Sequence[Revision], seen_at: datetime) -> datetime:
    since = seen_at
    for revision in sorted(revisions, key=lambda one: one.valid_from, reverse=True):
        if revision.entity.get("runtime.powerState") != "poweredOff":
            break
        since = min(since, revision.valid_from)
    return since
