"""What `itops doctor` wants to know of an SNMP source: which library asks, who answers, who refuses."""

from collections.abc import Iterator
from contextlib import closing

from itops.inventory.diagnosis import Check
from itops.sources.snmp.client import MakeLibrary, NoAnswer, library_name
from itops.sources.snmp.observe import gap_of, silence_of
from itops.sources.snmp.settings import SnmpSettings
from itops.sources.snmp.sweep import Seen, sweep
from itops.verdict import State


def diagnose(source: str, settings: SnmpSettings, make_library: MakeLibrary) -> Iterator[Check]:
    """One question to each address. Raises SourceUnavailable without a library, ConfigInvalid for a short key."""
    subject = f"source {source}"
    name = library_name()
    yield Check(state=State.OK, subject=subject, code="snmp.library", finding=f"SNMP is asked by the library {name}")
    silence = silence_of(source, settings)
    answered = 0
    with closing(sweep(settings, silence.addresses, make_library, only_introduce=True)) as outcomes:
        for outcome in outcomes:
            if isinstance(outcome, Seen):
                answered += 1
            elif silence.is_expected(outcome.name) or not isinstance(outcome.failure, NoAnswer):
                gap = gap_of(source, outcome)
                finding, remedy = gap.problem, gap.remedy
                yield Check(state=State.WARNING, subject=subject, code=gap.code, finding=finding, remedy=remedy)
    yield _answered(subject, answered, len(silence.addresses))


def _answered(subject: str, answered: int, count: int) -> Check:
    finding = f"{answered} of {count} addresses answer SNMP"
    if answered:
        return Check(state=State.OK, subject=subject, code="snmp.answered", finding=finding)
    return Check(
        state=State.CRITICAL,
        subject=subject,
        code="snmp.answered",
        finding=finding,
        remedy="check addresses, community or keys, and whether this machine may reach the devices by UDP",
    )
