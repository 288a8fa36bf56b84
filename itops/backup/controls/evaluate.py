"""The controls C01 to C20 over the facts: each one judged, or told why it cannot be."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TypeAlias

from itops.backup.controls.facts import ControlFacts
from itops.backup.controls.failures import failures_handled
from itops.backup.controls.guarding import copies_protected, duties_separate, keys_recoverable
from itops.backup.controls.kept import copies_proven, retention_kept, rpo_met, schedule_met
from itops.backup.controls.places import copies_apart, offline_held, offsite_held
from itops.backup.controls.promises import assets_covered, process_reviewed, schedule_written
from itops.backup.controls.restores import restores_tested, rto_credible
from itops.backup.controls.verdicts import ControlVerdict, Found, decided
from itops.backup.controls.watching import clocks_agree, evidence_chained, media_tracked, watch_alive

Control: TypeAlias = Callable[[ControlFacts, datetime], Iterator[Found]]

CONTROLS: Mapping[str, Control] = {
    "C01": assets_covered,
    "C02": schedule_written,
    "C03": schedule_met,
    "C04": rpo_met,
    "C05": copies_proven,
    "C06": restores_tested,
    "C07": rto_credible,
    "C08": copies_apart,
    "C09": offsite_held,
    "C10": offline_held,
    "C11": retention_kept,
    "C12": copies_protected,
    "C13": keys_recoverable,
    "C14": media_tracked,
    "C15": failures_handled,
    "C16": watch_alive,
    "C17": clocks_agree,
    "C18": duties_separate,
    "C19": process_reviewed,
    "C20": evidence_chained,
}


def evaluate(facts: ControlFacts, now: datetime) -> tuple[ControlVerdict, ...]:
    """Every control, in their order. Never raises, whatever the facts."""
    return tuple(decided(name, control(facts, now)) for name, control in CONTROLS.items())
