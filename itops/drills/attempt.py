"""One restore into a throw-away server: what is restored, and what with."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from itops.backup.copies import Fault, Identity
from itops.backup.drills import DrillOutcome
from itops.backup.formats import Effort
from itops.drills.running import NotStarted, must_reach
from itops.programs import Outcome, run_program


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What a drill is asked for (see Drill), and the server it found for that."""

    copy: Path
    identity: Identity | None
    question: str | None
    scratch: Path
    effort: Effort
    tool: str  # the server's program, by name
    place: Path  # where that program, or all of its programs, lie
    version: str
    user: str | None  # whom it runs as

    def let_in(self) -> None:
        """Open the folders of this restore to the server's account; raises SourceUnavailable where it stays outside."""
        self.scratch.chmod(0o755)
        self.scratch.parent.chmod(0o755)
        must_reach(self.scratch, self.user, self.effort.seconds_left)

    def run(self, arguments: Sequence[str | Path], *, stdin: Path | None = None) -> Outcome:
        """Run a program as the server's account."""
        return run_program(arguments, seconds=self.effort.seconds_left, user=self.user, stdin=stdin)

    def broken(self, *faults: Fault) -> DrillOutcome:
        """Not restored."""
        return DrillOutcome(is_restored=False, faults=faults, tool=self.tool, tool_version=self.version)

    def dead(self, failure: NotStarted) -> DrillOutcome:
        """Not restored: the server does not start on what the copy gave it."""
        return self.broken(Fault(code="restore-failed", facts={"tool": self.tool, "said": failure.problem[-500:]}))

    def restored(self, answer: float | None = None, *, said: str = "") -> DrillOutcome:
        """Restored; `said` tells why a question has no answer."""
        return DrillOutcome(
            is_restored=True,
            answer=answer,
            tool=self.tool,
            tool_version=self.version,
            evidence={"said": said} if said else {},
        )
