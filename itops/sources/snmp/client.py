"""How a device is asked, whichever library does it: `get` and `walk`, raw OIDs, plain values.

Two libraries stand behind it: gufo-snmp, ten times as fast but not there for Windows and musl, and pysnmp, which runs
everywhere. Neither loads a MIB. What a hostile device sends ends in one of the three failures below, never in another.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Protocol, TypeAlias

from itops.errors import SourceUnavailable
from itops.sources.snmp.settings import Credentials

Value: TypeAlias = "bytes | int | str | None"
"""Octets, a number, an OID or an IP address as text; None where the device has no such thing."""
Answers: TypeAlias = Mapping[str, Value]
"""OID -> value: everything that one device said."""
Pair: TypeAlias = "tuple[str, Value]"


class NoAnswer(Exception):
    """Nothing came back in time."""


class Refused(Exception):
    """It answers, but not to these credentials."""


class Unreadable(Exception):
    """What came back is no SNMP, or more than fits; a smaller question may help."""


class Client(Protocol):
    """One device, one pair of credentials."""

    async def get(self, oids: Sequence[str]) -> dict[str, Value]:
        """One question for some OIDs; those that the device has not are left out, or None. Raises the failures."""
        ...

    def walk(self, root: str, repetitions: int) -> "AsyncGenerator[Pair, None]":
        """All below `root` as it comes, `repetitions` rows a question; it may never end, or run in circles."""
        ...


class Library(Protocol):
    """One of the libraries, inside one event loop."""

    async def open(self, address: str, credentials: Credentials) -> Client:
        """A client for an IP address; for v3 the device was found already. Raises NoAnswer, Refused, Unreadable."""
        ...

    def close(self) -> None:
        """Let go of sockets and timers."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How devices are asked."""

    port: int
    timeout_seconds: float
    retries: int


MakeLibrary: TypeAlias = Callable[[Timing], Library]


def library_name() -> str:
    """gufo or pysnmp, whichever is there; raises SourceUnavailable when neither is."""
    for name, package in (("gufo", "gufo.snmp"), ("pysnmp", "pysnmp")):
        if _is_installed(package):
            return name
    raise SourceUnavailable(
        "no SNMP library is installed: neither gufo-snmp nor pysnmp",
        remedy="install itops with its extra `snmp` (where there is no wheel for it: `snmp-portable`)",
    )


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:  # the package above it is not there
        return False


def make_library(timing: Timing) -> Library:
    """The best library there is; call it inside the event loop that is to use it."""
    if library_name() == "gufo":
        from itops.sources.snmp.gufo_client import GufoLibrary  # noqa: PLC0415  may not be installed

        return GufoLibrary(timing)
    from itops.sources.snmp.pysnmp_client import PysnmpLibrary  # noqa: PLC0415  as above

    return PysnmpLibrary(timing)
