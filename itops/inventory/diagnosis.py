"""What `itops doctor` finds out: one check, one state, one sentence, and what to do when it is not well.

A source that can examine itself (log in, ask what the account may do) says so by having `diagnose`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from itops.verdict import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was examined. `remedy` is empty only when the state is OK."""

    state: State
    subject: str  # "itops.yaml", "source vc01", "state folder"
    code: str  # stable: "tls.pin-changed"
    finding: str
    remedy: str = ""


@runtime_checkable
class Diagnosable(Protocol):
    """A source that can say whether it would work: the login, and whether the account may do more than read."""

    def diagnose(self, now: datetime) -> Iterator[Check]:
        """Examine login and rights; a failure is a Check, or an ItopsError that ends the examination of this source."""
        ...
