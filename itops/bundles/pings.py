"""The interface of a ping: a dead-man switch elsewhere. Wired by `[project.entry-points."itops.pings"]`.

Whoever keeps the switch raises the alarm when no ping came for too long. A ping is told counts and nothing else, so
none can give a name away. Its class carries `Settings`, a frozen dataclass of what itops.yaml may say; it is built as
`cls(name, settings)` and touches nothing before it is asked.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """How an office is, in numbers."""

    ok: int = 0
    warning: int = 0
    critical: int = 0
    unknown: int = 0
    stale: int = 0  # counted among the four above, too: judged too long ago to be believed
    runs_ok: int = 0  # jobs that were due in the last 24 hours and ended well
    runs_failed: int = 0  # that ended otherwise: failed, out of time, abandoned, interrupted

    @property
    def total(self) -> int:
        """How many things are watched."""
        return self.ok + self.warning + self.critical + self.unknown

    @property
    def is_blind(self) -> bool:
        """Whether nothing is known of now: nothing was ever judged, or all of it too long ago."""
        return self.stale >= self.total

    @property
    def line(self) -> str:
        """One line of ASCII, for logs of others."""
        return (
            f"{self.total} checked: {self.ok} ok, {self.warning} warning, {self.critical} critical, "
            f"{self.unknown} unknown, {self.stale} of them stale; "
            f"runs in 24 hours: {self.runs_ok} ok, {self.runs_failed} failed"
        )


class Ping(Protocol):
    """A switch. `type` of its entry under `heartbeat.pings` of itops.yaml is the name of its entry point."""

    @property
    def name(self) -> str:
        """The name it has in itops.yaml."""
        ...

    def ping(self, pulse: Pulse) -> str:
        """Reset the switch, or let it go off, once; what was told in one word ("alive", "fail", "log").

        Raises SourceUnavailable when it could not be reached or did not take it, ConfigInvalid for settings that cannot
        be used (a secret that is not there).
        """
        ...
