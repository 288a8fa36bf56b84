"""One question to a web server of others: https alone, no redirects, in time, the answer read up to a bound."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from itops.tls import Trust
from itops.wire.addresses import Address
from itops.wire.limits import within
from itops.wire.web import Reply, Web

MOST_ANSWER = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A question. It holds what is secret, so it shows nothing."""

    address: Address
    method: str
    target: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)


def answered(call: Call, trust: Trust, seconds: float) -> Reply:
    """Ask once. Raises SourceUnavailable, ConfigInvalid; what a status means is for the caller."""
    web = Web(call.address, trust, seconds, call.headers)
    body = () if call.body is None else (call.body,)
    length = None if call.body is None else len(call.body)
    try:
        with within(seconds, call.address.place, web.break_off):
            return web.ask(call.method, call.target, blocks=body, length=length, most_bytes=MOST_ANSWER)
    finally:
        web.close()
