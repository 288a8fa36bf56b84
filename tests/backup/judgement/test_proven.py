"""How far a copy is proven, and which faults stand."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from itops.backup.copies import ListedFile
from itops.backup.levels import Level
from itops.verdict import State
from tests.backup.judgement.factory import NOW, at, codes, copy, daily, job, judged, look, proof, tier_of

L1, L2, L3 = Level.IDENTIFIED, Level.COMPLETE, Level.INTACT
FIRST, SECOND = at("11-22 01:00"), at("11-22 02:00")


def last_slot(known, **facts):
    slots = tier_of(judged([known], job(since=date(2026, 11, 19), daily=daily()), **facts)).slots
    return next(slot for slot in slots if slot.slot.first_day == date(2026, 11, 21))


@pytest.mark.parametrize(
    ("proofs", "state"),
    [
        pytest.param([proof(FIRST, level=L2)], "OK", id="proven"),
        pytest.param([proof(FIRST, level=L1)], "WEAK", id="proven too little"),
        pytest.param([proof(FIRST, level=L3), proof(SECOND, level=L1)], "OK", id="a shallow look takes nothing back"),
        pytest.param([proof(FIRST, level=L2, attempted=L3, faults=("page-checksum",))], "DAMAGED", id="a fault stands"),
        pytest.param(
            [proof(FIRST, level=L3), proof(SECOND, level=L1, attempted=L3, faults=("cut",))],
            "DAMAGED",
            id="rotten since",
        ),
        pytest.param(
            [proof(FIRST, level=L2, attempted=L3, faults=("page-checksum",)), proof(SECOND, level=L3)],
            "OK",
            id="cleared by one as deep that found nothing",
        ),
        pytest.param(
            [proof(FIRST, level=L2, attempted=L3, faults=("page-checksum",)), proof(SECOND, level=L2, attempted=L2)],
            "DAMAGED",
            id="not cleared by a shallower one",
        ),
        pytest.param(
            [
                proof(FIRST, level=L2, attempted=L3, faults=("page-checksum",)),
                proof(SECOND, level=L1, attempted=L3, limits=("out-of-time",)),
            ],
            "DAMAGED",
            id="not cleared by one that ran out of time",
        ),
        pytest.param(
            [proof(FIRST, level=L1, attempted=L3, faults=("cut",)), proof(SECOND, level=L2, attempted=L2)],
            "DAMAGED",
            id="not cleared by one that was asked for less",
        ),
        pytest.param(
            [
                proof(FIRST, level=L2, attempted=L3, faults=("page-checksum",)),
                proof(FIRST, level=L3),
            ],
            "DAMAGED",
            id="not cleared by one of the same moment",
        ),
        pytest.param(
            [proof(FIRST, level=L1, attempted=L2, faults=("cut",), fingerprint="other"), proof(FIRST, level=L2)],
            "OK",
            id="a fault of another content",
        ),
    ],
)
def test_the_proofs_of_a_copy_are_joined(proofs, state):
    assert last_slot(copy("11-21 23:30", proofs=tuple(proofs), named_at=at("11-21 23:30"))).state.value == state
    turned = copy("11-21 23:30", proofs=tuple(proofs[::-1]), named_at=at("11-21 23:30"))
    assert last_slot(turned).state.value == state


@pytest.mark.parametrize(
    ("last_seen", "modified", "files", "is_copy"),
    [
        pytest.param("11-22 08:00", "11-22 07:55", True, False, id="seen once, minutes after it was written"),
        pytest.param("11-22 08:01", "11-22 07:55", True, True, id="seen twice in the same state"),
        pytest.param("11-22 08:00", "11-22 07:49", True, True, id="last written eleven minutes before"),
        pytest.param("11-22 08:00", "11-22 07:50", True, False, id="last written just ten minutes before"),
        pytest.param("11-22 08:00", "11-22 09:00", True, False, id="written by a clock that runs ahead"),
        pytest.param("11-22 08:00", None, True, False, id="files nobody knows the age of"),
        pytest.param("11-22 08:00", None, False, True, id="an entry of a catalogue"),
    ],
)
def test_a_copy_counts_as_seen_when_it_no_longer_grows(last_seen, modified, files, is_copy):
    known = copy("11-21 23:30", level=None, named_at=at("11-21 23:30"))
    held = replace(
        known.copy,
        modified_at=None if modified is None else at(modified),
        files=(ListedFile("x", 1, 0),) if files else (),
    )
    known = replace(known, copy=held, first_seen_at=at("11-22 08:00"), last_seen_at=at(last_seen))
    slot = last_slot(known)
    assert (slot.state.value, slot.level) == (("WEAK", Level.SEEN) if is_copy else ("UNKNOWN", None))


def test_what_was_only_seen_growing_and_written_over_was_never_a_copy():
    growing = copy("11-21 23:30", level=None, seen=at("11-21 23:51"), gone=at("11-22 08:00"))
    growing = replace(growing, last_seen_at=growing.first_seen_at)
    done = copy("11-21 23:30", level=L2, seen=at("11-22 08:00"))
    assert last_slot(growing).state.value == "MISSING"
    slot = tier_of(judged([growing, replace(done, copy=replace(done.copy, fingerprint="g"), proofs=())])).slots[-2]
    assert (slot.state.value, slot.others) == ("WEAK", ())


def test_a_state_that_was_written_over_is_not_here_even_if_looks_cannot_see_absence():
    old = replace(copy("11-20 23:30", key="Insurance.bak"), last_seen_at=at("11-21 08:00"))
    new = copy("11-21 23:30", key="Insurance.bak")
    new = replace(new, copy=replace(new.copy, fingerprint="g"), proofs=(replace(new.proofs[0], fingerprint="g"),))
    tier = tier_of(judged([old, new], job(since=date(2026, 11, 14), daily=daily(on=("friday", "saturday"), keep=2))))
    kept = {f"{slot.slot.first_day:%m-%d}": (slot.state.value, slot.is_kept) for slot in tier.slots if slot.copy}
    assert kept == {"11-20": ("OK", False), "11-21": ("OK", True)}


def test_a_damaged_copy_is_told_with_its_faults():
    old, new = copy("11-19 23:30", faults=("cut",)), copy("11-21 23:30", faults=("all-zero", "cut"))
    verdict = judged([old, new])
    found = [finding for finding in verdict.findings if finding.code == "damaged"]
    assert [(finding.state, finding.subject, finding.facts["faults"]) for finding in found] == [
        (State.CRITICAL, new.copy.key, "all-zero, cut"),
        (State.WARNING, old.copy.key, "cut"),
    ]


def test_a_damaged_copy_that_is_gone_alarms_no_more():
    assert "damaged" not in codes(judged([copy("11-19 23:30", faults=("cut",), gone=at("11-21 08:00"))]))


# Reading again


@pytest.mark.parametrize(("days", "is_due"), [(90, False), (91, True)])
def test_a_proof_that_is_too_old_asks_to_be_made_again(days, is_due):
    known = copy("11-21 23:30", proofs=(proof(NOW - timedelta(days=days), level=L2),), named_at=at("11-21 23:30"))
    assert ("reread-due" in codes(judged([known]))) is is_due


def test_a_shallow_look_does_not_renew_a_proof():
    old, shallow = proof(NOW - timedelta(days=91), level=L2), proof(NOW - timedelta(days=1), level=L1)
    known = copy("11-21 23:30", proofs=(old, shallow), named_at=at("11-21 23:30"))
    verdict = judged([known])
    (finding,) = [finding for finding in verdict.findings if finding.code == "reread-due"]
    assert (finding.state, finding.facts["age_days"], finding.facts["copies"]) == (State.WARNING, 91, 1)


def test_only_copies_that_are_here_and_whole_are_read_again():
    old = (proof(NOW - timedelta(days=200), level=L2),)
    gone = copy("11-19 23:30", proofs=old, gone=at("11-21 08:00"), named_at=at("11-19 23:30"))
    never = copy("11-20 23:30", level=None)
    assert "reread-due" not in codes(judged([gone, never], looks=(look("11-22 08:55"),)))
