"""Whom a probe may speak to: addresses that exactly one VM of the inventory says are its own.

A guest reports its addresses itself, so they are outside text like any other: a public one, or one that two VMs
claim, is not asked.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from ipaddress import ip_address, ip_network

from itops.errors import UsageWrong
from itops.inventory.devices import ip_addresses_of
from itops.inventory.entities import Entity


class AddressRefused(UsageWrong):
    """A probe was to be sent where none may go."""


class AddressBook:
    """Address -> the keys of the VMs that claim it; `networks` are public ones that belong to the office."""

    def __init__(self, claims: Mapping[str, frozenset[str]], networks: Iterable[str] = ()) -> None:
        self._claims = claims
        self._networks = tuple(ip_network(network) for network in networks)

    @classmethod
    def of(cls, entities: Iterable[Entity], networks: Iterable[str] = ()) -> "AddressBook":
        """The book of these VMs."""
        claims: defaultdict[str, set[str]] = defaultdict(set)
        for entity in entities:
            for address in ip_addresses_of(entity):
                claims[address].add(entity.key)
        return cls({address: frozenset(keys) for address, keys in claims.items()}, networks)

    def objection(self, vm_id: str, address: str) -> str | None:
        """Why this address may not be asked for this VM; None when it may."""
        claimed_by = self._claims.get(address, frozenset())
        if vm_id not in claimed_by:
            return f"{address} is no address of this VM in the inventory"
        if len(claimed_by) > 1:
            return f"{address} is claimed by {len(claimed_by)} VMs"
        return None if self._is_inside(address) else f"{address} is no address inside the office"

    def check(self, vm_id: str, address: str) -> None:
        """Raise AddressRefused unless the address may be asked."""
        reason = self.objection(vm_id, address)
        if reason:
            raise AddressRefused(
                f"no probe is sent there: {reason}",
                remedy="scan again, so that the inventory knows which VM has the address now",
            )

    def _is_inside(self, address: str) -> bool:
        parsed = ip_address(address)
        if any(parsed in network for network in self._networks):
            return True
        is_special = parsed.is_multicast or parsed.is_unspecified or parsed.is_loopback or parsed.is_link_local
        return not (is_special or parsed.is_global)
