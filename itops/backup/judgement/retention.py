"""Kept: copies that were made and are gone too soon, and the good ones that go next while only bad ones come."""

from collections.abc import Iterator

from itops.backup.judgement.candidates import told
from itops.backup.judgement.verdicts import BackupFinding, SlotVerdict, TierVerdict
from itops.backup.slots import SlotState
from itops.facts import Fact
from itops.verdict import State

_FILLED = (SlotState.OK, SlotState.OK_LATE)
_WITH_COPIES = (*_FILLED, SlotState.WEAK, SlotState.DAMAGED)


def retention_findings(verdict: TierVerdict, keep: int) -> Iterator[BackupFinding]:
    """What is wrong with how long a tier's copies are kept; `keep` slots of them should be."""
    yield from _pruned_early(verdict)
    yield from _last_good_expiring(verdict, keep)


def _pruned_early(verdict: TierVerdict) -> Iterator[BackupFinding]:
    """Slots that were filled and whose copies are gone.

    A copy that came tonight and waits for its proof has already made the oldest one go, as it should.
    """
    demanded = [slot for slot in verdict.slots if slot.state is not SlotState.EXEMPT and slot.reason != "anyway"]
    waiting = sum(slot.state is SlotState.WEAK and not slot.is_over for slot in demanded)
    lost = [slot for slot in demanded[waiting:] if slot.state in _FILLED and not slot.is_kept]
    if lost:
        facts: dict[str, Fact] = {
            "tier": verdict.tier.value,
            "held": verdict.held,
            "required": verdict.required,
            "slots": ", ".join(slot.slot.name for slot in lost),
        }
        state = State.WARNING if verdict.held else State.CRITICAL
        yield BackupFinding(code="pruned-early", state=state, subject=_key_of(lost[-1]), facts=facts)


def _last_good_expiring(verdict: TierVerdict, keep: int) -> Iterator[BackupFinding]:
    """The newest copy is bad, and the next run would push the newest good one out of the last `keep`."""
    present = [slot for slot in reversed(verdict.slots) if slot.state in _WITH_COPIES]
    if not present or present[0].state is not SlotState.DAMAGED:
        return
    rank = next((rank for rank, slot in enumerate(present) if slot.is_kept), None)
    if rank is None or rank + 1 < keep:
        return
    facts: dict[str, Fact] = {
        "tier": verdict.tier.value,
        "bad_slots": rank,
        "keep": keep,
        "good_at": told(present[rank].reference_at),
        "good": _key_of(present[rank]),
    }
    code = "newest-damaged-last-good-expiring"
    yield BackupFinding(code=code, state=State.CRITICAL, subject=_key_of(present[0]), facts=facts)


def _key_of(slot: SlotVerdict) -> str:
    return slot.copy.copy.key if slot.copy is not None else ""
