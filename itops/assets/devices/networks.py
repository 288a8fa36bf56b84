"""Networks as `assets.dhcp` lists them."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from itops.errors import ConfigInvalid

Network: TypeAlias = "IPv4Network | IPv6Network"


def networks_of(texts: Iterable[str]) -> tuple[Network, ...]:
    """Raises ConfigInvalid for what is none."""
    return tuple(map(_network, texts))


def lies_in(address: str, networks: Iterable[Network]) -> bool:
    """Whether an address is of one of them; a host name is of none."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def _network(text: str) -> Network:
    try:
        return ip_network(text, strict=False)
    except ValueError as failure:
        raise ConfigInvalid(
            f"assets.dhcp: {text!r} is no network", remedy="write 10.1.5.0/24 in itops.yaml"
        ) from failure
