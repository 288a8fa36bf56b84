"""MACs as programs, controllers and agents write them, and those that answer for others."""

import re
from collections import Counter
from collections.abc import Iterable

MOST_OF_ONE_MAC = 16
"""A server may have some addresses; one MAC at more of them is a router that answers for others (proxy ARP)."""
_MAC = re.compile(r"(?:[0-9a-fA-F]{2}[:-]?){5}[0-9a-fA-F]{2}")
_NOBODY = {"0" * 12, "f" * 12}


def mac(value: object) -> str | None:
    """As 12 lower-case hex digits; None for what is none ("Not Available"), for nobody's and for everybody's."""
    text = value.strip() if isinstance(value, str) else ""
    found = re.sub("[:-]", "", text).lower() if _MAC.fullmatch(text) else None
    return None if found in _NOBODY else found


def crowded(macs: Iterable[str]) -> frozenset[str]:
    """Those that stand at more addresses than a device has. `macs`: one for each address."""
    return frozenset(found for found, count in Counter(macs).items() if count > MOST_OF_ONE_MAC)
