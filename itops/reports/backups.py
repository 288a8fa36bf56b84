"""Copies, their faults and their verdicts in words."""

from collections.abc import Mapping

from itops.backup.copies import Fault
from itops.backup.judgement.verdicts import SlotVerdict
from itops.backup.ledger import KnownCopy
from itops.backup.proofs import Limit
from itops.backup.slots import SlotState
from itops.facts import Fact
from itops.reports.words import Datum, Words, placeholders


def fault_text(fault: Fault, words: Words) -> str:
    """What is wrong with a copy, and where."""
    text = said("fault", fault.code, fault.facts, words)
    return f"{text} ({fault.place})" if fault.place else text


def limit_text(limit: Limit, words: Words) -> str:
    """Why nothing more could be proven."""
    return said("limit", limit.code, limit.facts, words)


def said(table: str, code: str, facts: Mapping[str, Fact], words: Words) -> str:
    """The sentence of a code; the code itself where a plugin of others brought one without words."""
    try:
        template = words.template(table, code)
    except KeyError:
        return code
    data: dict[str, Datum] = {name: _datum(facts.get(name)) for name in placeholders(template)}
    return words.say(table, code, data=data)


def _datum(fact: Fact) -> Datum:
    return {True: "yes", False: "no"}[fact] if isinstance(fact, bool) else fact


def slot_text(slot: SlotVerdict, words: Words) -> str:
    """What became of a slot, and why."""
    text = said("slot", slot.reason, slot.facts, words)
    faults = [fault_text(fault, words) for fault in faults_of(slot.copy)] if slot.state is SlotState.DAMAGED else []
    return f"{text}: {'; '.join(faults)}" if faults else text


def faults_of(known: KnownCopy | None) -> tuple[Fault, ...]:
    """What the newest reading that found anything wrong found, or what the catalogue says."""
    if known is None:
        return ()
    found = (proof.examination.faults for proof in reversed(known.proofs) if proof.examination.faults)
    return next(found, known.copy.faults)
