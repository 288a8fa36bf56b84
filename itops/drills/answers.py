"""What a client printed as the answer to a question, as a number; and what a failed restore says."""

from itops.backup.copies import Fault
from itops.backup.drills import DrillOutcome
from itops.programs import Outcome

_SAID = 500


def number_in(outcome: Outcome) -> float | None:
    """The one number that was printed; None when it is none."""
    try:
        return float(outcome.text.strip())
    except ValueError:
        return None


def refused(outcome: Outcome, tool: str, version: str) -> DrillOutcome:
    """A restore that the tool itself gave up."""
    code = "restore-timeout" if outcome.is_timeout else "restore-failed"
    fault = Fault(code=code, facts={"tool": tool, "code": outcome.code, "said": last_words(outcome)})
    return DrillOutcome(is_restored=False, faults=(fault,), tool=tool, tool_version=version)


def last_words(outcome: Outcome) -> str:
    """The end of what it said on stderr, shortened."""
    return outcome.stderr.strip()[-_SAID:]
