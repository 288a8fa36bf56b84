"""Addresses of web servers, as itops.yaml gives them."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from itops.notify.templates import filled, refuse_unknown, without_places
from itops.wire.addresses import Address, address_of

_URL = re.compile(r"(https://[^/?#{}]+)([/?].*)?")
_TARGET = re.compile(r"[A-Za-z0-9/._~!$&'()*+,;=:@%?-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Url:
    """An https address; what follows the host may hold places to fill."""

    address: Address  # host and port alone
    target: str  # path and query

    @classmethod
    def of(cls, url: str, known: Collection[str] = ()) -> "Url":
        """Raises ValueError saying what it may not hold."""
        refuse_unknown("url", url, known)
        found = _URL.fullmatch(url)
        if not found:
            raise ValueError("url should be https://HOST/PATH, and may hold {places} after the host only")
        target = found[2] or "/"
        try:
            address = address_of(found[1])
        except ValueError as wrong:
            raise ValueError(f"url {wrong}") from None
        if not _TARGET.fullmatch(without_places(target)):
            raise ValueError("url may hold ASCII letters alone; write others as %D8%A7")
        return cls(address=address, target=target if target.startswith("/") else f"/{target}")

    def filled(self, values: Mapping[str, str], *, slashes: bool = False) -> str:
        """Path and query, as they are asked for. `slashes`: a value may hold some, as tokens of Rocket.Chat do."""
        written: str = filled(self.target, values, lambda value: quote(value, safe="/" if slashes else ""))
        return written


def percent(value: str) -> str:
    """As part of a path or of a query: no value can end the part it stands in."""
    return quote(value, safe="")
