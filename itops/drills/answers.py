"""What a client printed as the answer to a question, as a number; and what a failed restore says."""

import math

from itops.backup.copies import Fault
from itops.backup.drills import DrillOutcome
from itops.errors import SourceUnavailable
from itops.programs import Outcome

_SAID = 500


def number_in(outcome: Outcome) -> float | None:
    """The one number that was printed; None when it is none."""
    try:
        number = float(outcome.text.strip())
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def refused(outcome: Outcome, tool: str, version: str) -> DrillOutcome:
    """A restore that the tool itself gave up."""
    code = "restore-timeout" if outcome.is_timeout else "restore-failed"
    fault = Fault(code=code, facts={"tool": tool, "code": outcome.code, "said": last_words(outcome)})
    return DrillOutcome(is_restored=False, faults=(fault,), tool=tool, tool_version=version)


def last_words(outcome: Outcome) -> str:
    """The end of what it said on stderr, shortened."""
    return outcome.stderr.strip()[-_SAID:]


def not_made(outcome: Outcome, tool: str) -> SourceUnavailable:
    """The throw-away server itself could not be made: that is no word against the copy."""
    return SourceUnavailable(
        f"{tool} could not make a server to try the restore with: {last_words(outcome)}",
        remedy="make room in the folder for temporary files (TMPDIR), and see what the tool says",
    )
