"""Backups in several files: all there, each once, all of one run."""

from dataclasses import replace
from datetime import timedelta

import pytest

from itops.backup.levels import Level
from tests.formats.mssql.tapes import DIFFERENTIAL, FULL, LOG, changed, codes, examined, flipped, payload_of, stripes_of

COMPLETE = Level.COMPLETE


@pytest.mark.parametrize("backup", [FULL, DIFFERENTIAL, LOG], ids=["full", "diff", "log"])
@pytest.mark.parametrize("stripes", [2, 3, 5])
def test_all_stripes_together_are_intact(backup, stripes):
    examination = examined(*stripes_of(backup, stripes=stripes))
    assert (examination.level, examination.faults) == (Level.INTACT, ())
    facts = examination.identity.facts
    assert facts["stripes"] == facts["stripes_present"] == stripes


def test_the_order_of_the_files_is_of_no_account():
    assert examined(*reversed(stripes_of(FULL, stripes=3))).level is Level.INTACT


def test_a_lone_stripe_is_useless_and_says_so():
    examination = examined(stripes_of(FULL, stripes=2)[0])
    (fault,) = examination.faults
    assert (fault.code, fault.facts) == ("stripe-missing", {"present": 1, "expected": 2})
    assert examination.level is Level.IDENTIFIED


def test_the_same_stripe_twice_is_not_two_stripes():
    one, _ = stripes_of(FULL, stripes=2)
    (fault,) = examined(one, one).faults
    assert (fault.code, fault.facts) == ("stripe-missing", {"present": 1, "expected": 2})


def test_a_stripe_copied_twice_beside_the_whole_set_harms_nobody():
    one, two = stripes_of(FULL, stripes=2)
    examination = examined(one, one, two)
    assert examination.faults == ()
    assert examination.identity.facts["stripes_present"] == 3


def test_mirrored_media_are_whole_with_one_mirror():
    assert examined(*stripes_of(FULL, stripes=2, mirrors=2)).level is Level.INTACT


def test_stripes_of_two_sets_are_no_backup():
    payroll = stripes_of(replace(FULL, database="Payroll"), stripes=2)
    assert codes(stripes_of(FULL, stripes=2)[0], payroll[1]) == {"stripe-of-another-set", "stripe-missing"}


def test_stripes_of_two_nights_on_the_same_media_are_no_backup():
    one, _ = stripes_of(FULL, stripes=2)
    day = timedelta(days=1)
    tomorrow = replace(FULL, started_at=FULL.started_at + day, finished_at=FULL.finished_at + day)
    _, two = stripes_of(tomorrow, stripes=2)
    guid = one.index(b"RAID") + 22
    two = changed(two, guid, one[guid : guid + 16])
    assert codes(one, two) == {"stripe-of-another-set", "stripe-missing"}


@pytest.mark.parametrize("broken", [0, 1, 2])
@pytest.mark.parametrize("lost", [1, 512, 20_000])
def test_a_cut_in_any_stripe_is_noticed_and_no_other_stripe_is_blamed(broken, lost):
    stripes = list(stripes_of(FULL, stripes=3))
    stripes[broken] = stripes[broken][:-lost]
    faults = examined(*stripes).faults
    assert [fault.code for fault in faults] in (["cut"], ["unfinished"])
    assert faults[0].place.startswith(f"Insurance_{broken + 1}.bak")


def test_a_cut_stripe_and_a_missing_one_are_both_told():
    one, two, _ = stripes_of(FULL, stripes=3)
    assert codes(one, two[:-1]) == {"cut", "stripe-missing"}


def test_a_stripe_of_zeros_or_nothing_is_blamed_itself():
    one, two = stripes_of(FULL, stripes=2)
    assert codes(one, bytes(len(two))) == {"header-damaged"}
    assert codes(one, b"") == {"empty"}


@pytest.mark.parametrize("broken", [0, 1])
def test_a_flipped_bit_in_any_stripe_is_noticed(broken):
    stripes = list(stripes_of(FULL, stripes=2))
    begin, _ = payload_of(stripes[broken])
    stripes[broken] = flipped(stripes[broken], begin + 5000)
    faults = examined(*stripes).faults
    assert {fault.code for fault in faults} == {"page-checksum", "stream-checksum"}
    assert all(fault.place.startswith(f"Insurance_{broken + 1}.bak") for fault in faults)


def test_stripes_may_be_of_any_media_number():
    stripes = []
    for number, data in enumerate(stripes_of(FULL, stripes=2)):
        stripes.append(changed(data, data.index(b"RAID") + 22 + 24, bytes([number, 0])))  # from 0 instead of from 1
    assert examined(*stripes).level is Level.INTACT
