"""Which probes go where, and sending them: a few VMs at once, one connection at a time to each."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime

from itops.errors import ConfigInvalid
from itops.inventory.devices import ip_addresses_of
from itops.inventory.entities import Entity
from itops.inventory.roles.probed import Outcome, ProbeResult
from itops.inventory.roles.standing import Standing, standing_of
from itops.inventory.values import text
from itops.sources.probes.addresses import AddressBook
from itops.sources.probes.exchange import NoReply, exchange
from itops.sources.probes.kms import KMS
from itops.sources.probes.ldap import LDAP
from itops.sources.probes.ldap_ping import LDAP_PING
from itops.sources.probes.probe import NotRecognised, Probe
from itops.sources.probes.sql_browser import SQL_BROWSER
from itops.sources.probes.tds import TDS
from itops.sources.probes.web import VSPHERE, WSUS, WSUS_TLS

PROBES: tuple[Probe, ...] = (TDS, SQL_BROWSER, LDAP, LDAP_PING, KMS, WSUS, WSUS_TLS, VSPHERE)
_LONGEST_WAIT_SECONDS = 10
_MOST_AT_ONCE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSettings:
    """How gently to ask."""

    timeout_seconds: float = 2.5
    at_once: int = 8  # VMs
    networks: tuple[str, ...] = ()  # public networks that belong to the office; inside ones need no mention

    def __post_init__(self) -> None:
        if not (0 < self.timeout_seconds <= _LONGEST_WAIT_SECONDS and 1 <= self.at_once <= _MOST_AT_ONCE):
            raise ConfigInvalid(
                f"probes may wait up to {_LONGEST_WAIT_SECONDS} seconds and ask up to {_MOST_AT_ONCE} VMs at once",
                remedy="choose smaller numbers",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeTarget:
    """One question that may be asked."""

    vm_id: str
    vm: str
    address: str
    probe: Probe


@dataclass(frozen=True, slots=True, kw_only=True)
class Unprobed:
    """A VM that is asked nothing, and why."""

    vm_id: str
    vm: str
    reason: str


def plan_probes(
    entities: Iterable[Entity], book: AddressBook, probes: Sequence[Probe] = PROBES
) -> tuple[tuple[ProbeTarget, ...], tuple[Unprobed, ...]]:
    """The questions for serving VMs, each at its first permitted address, and the VMs that are left alone."""
    targets: list[ProbeTarget] = []
    left_alone: list[Unprobed] = []
    for entity in entities:
        address, reason = _address_of(entity, book)
        if address is None:
            left_alone.append(Unprobed(vm_id=entity.key, vm=entity.name, reason=reason))
            continue
        targets += [
            ProbeTarget(vm_id=entity.key, vm=entity.name, address=address, probe=probe)
            for probe in probes
            if not (probe is VSPHERE and _is_esxi(entity))
        ]
    return tuple(targets), tuple(left_alone)


def _address_of(entity: Entity, book: AddressBook) -> tuple[str | None, str]:
    standing = standing_of(entity)
    if standing is not Standing.SERVING:
        return None, standing.value
    reason = "its guest reports no address"
    for address in ip_addresses_of(entity):
        objection = book.objection(entity.key, address)
        if objection is None:
            return address, ""
        reason = objection
    return None, reason


def _is_esxi(entity: Entity) -> bool:
    """An ESXi that runs as a VM serves the vSphere API as well, and is no vCenter."""
    return "esxi" in (text(entity.get("config.guestFullName")) or "").lower()


class Prober:
    """Sends probes; the book is asked before every single one, whoever made the plan."""

    def __init__(self, book: AddressBook, settings: ProbeSettings) -> None:
        self._book = book
        self._settings = settings

    def ask(self, target: ProbeTarget, now: datetime) -> ProbeResult:
        """Ask one question. Raises AddressRefused when it may not be asked."""
        self._book.check(target.vm_id, target.address)
        probe = target.probe
        roles: tuple[str, ...] = ()
        try:
            reply = exchange(probe, target.address, timeout_seconds=self._settings.timeout_seconds)
            recognised = probe.parse(reply)
        except NoReply as silence:
            outcome, detail = silence.outcome, str(silence)
        except NotRecognised as stranger:
            outcome, detail = Outcome.NOT_RECOGNISED, str(stranger)
        else:
            outcome, detail, roles = Outcome.RECOGNISED, recognised.detail, recognised.roles
        return ProbeResult(
            vm_id=target.vm_id,
            probe=probe.name,
            address=target.address,
            port=probe.port,
            outcome=outcome,
            roles=roles,
            detail=detail,
            observed_at=now,
        )

    def ask_all(self, targets: Sequence[ProbeTarget], now: datetime) -> Iterator[ProbeResult]:
        """Ask all questions, results in the order in which VMs are done. Refused as a whole when one is not allowed."""
        by_vm: dict[str, list[ProbeTarget]] = {}
        for target in targets:
            self._book.check(target.vm_id, target.address)
            by_vm.setdefault(target.vm_id, []).append(target)
        with ThreadPoolExecutor(max_workers=self._settings.at_once, thread_name_prefix="probe") as pool:
            futures = [pool.submit(self._ask_vm, questions, now) for questions in by_vm.values()]
            try:
                for future in as_completed(futures):
                    yield from future.result()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def _ask_vm(self, questions: Sequence[ProbeTarget], now: datetime) -> list[ProbeResult]:
        return [self.ask(question, now) for question in questions]
