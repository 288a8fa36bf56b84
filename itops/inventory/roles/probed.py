"""What the opt-in probes brought home: one result for each question put to one address of one VM."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from itops.inventory.devices import ip_addresses_of
from itops.inventory.entities import Entity
from itops.inventory.roles.evidence import Evidence, EvidenceKind


class Outcome(StrEnum):
    """How a probe ended."""

    RECOGNISED = "recognised"  # the service said who it is
    NOT_RECOGNISED = "not-recognised"  # something else answered
    REFUSED = "refused"  # the server is up, the port is closed
    NO_ANSWER = "no-answer"  # nothing in time: a firewall, or a server that is down. It says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """One question, one address, one outcome."""

    vm_id: str
    probe: str  # "tds", "ldap-ping" ...
    address: str
    port: int
    outcome: Outcome
    roles: tuple[str, ...]  # empty unless recognised
    detail: str  # in English, for people
    observed_at: datetime


def latest(results: Iterable[ProbeResult]) -> tuple[ProbeResult, ...]:
    """The result that counts for each VM, probe, address and port: the newest, but silence erases nothing."""
    kept: dict[tuple[str, str, str, int], ProbeResult] = {}
    for result in sorted(results, key=lambda result: result.observed_at):
        key = (result.vm_id, result.probe, result.address, result.port)
        if result.outcome is not Outcome.NO_ANSWER or key not in kept:
            kept[key] = result
    return tuple(kept.values())


def probe_evidence(entity: Entity, results: Iterable[ProbeResult]) -> Iterator[Evidence]:
    """Evidence for each recognised role. An address that the VM no longer has speaks for somebody else."""
    addresses = ip_addresses_of(entity)
    for result in latest(result for result in results if result.vm_id == entity.key):
        if addresses and result.address not in addresses:
            continue
        for role in result.roles if result.outcome is Outcome.RECOGNISED else ():
            yield Evidence(
                role=role,
                kind=EvidenceKind.PROBE,
                detail=result.detail,
                source=f"{result.probe} {result.address} port {result.port}",
                observed_at=result.observed_at,
            )
