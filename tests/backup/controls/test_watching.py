"""C14, C16, C17 and C20."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from itops.backup.controls.facts import ChainFacts, CustodyFacts, MediumFacts
from itops.backup.controls.policy import ControlsPolicy, WatcherSetting
from itops.backup.copies import Identity
from itops.backup.judgement.verdicts import BackupFinding
from itops.verdict import State
from tests.backup.controls.office import (
    CRITICAL,
    FULL,
    LOOKS,
    NAS,
    NOT_EVALUATED,
    OK,
    UNKNOWN,
    WARNING,
    codes,
    evidence,
    facts,
    told,
    verdict,
)
from tests.backup.judgement.factory import at, copy, look

CHAIN = ChainFacts(name="custody", rows=4, head="9" * 64, head_at=at("11-21 10:00"))
MEDIUM = MediumFacts(
    medium="M0001-7", kind="hdd", place="bank", since=at("11-01 11:00"), is_in_vault=True,
    read_at=at("11-01 09:00"), is_read_good=True,
)  # fmt: skip
OVERDUE = BackupFinding(code="test-read-overdue", state=State.WARNING, subject="M0001-7")
LOST = BackupFinding(code="in-transit", state=State.CRITICAL, subject="M0002-5")
BROKEN = BackupFinding(code="register-broken", state=State.CRITICAL)
WATCHED = ControlsPolicy(watcher=WatcherSetting(name="monitoring of the province", tested=date(2026, 9, 1)))


def custody(*findings: BackupFinding, media: tuple[MediumFacts, ...] = (MEDIUM,), chain: ChainFacts = CHAIN):
    return CustodyFacts(chain=chain, media=media, findings=findings)


# C14


@pytest.mark.parametrize(
    ("register", "state", "reason"),
    [
        pytest.param(custody(), OK, "register-kept", id="all accounted for"),
        pytest.param(custody(OVERDUE), WARNING, "register-wrong", id="a read is overdue"),
        pytest.param(custody(OVERDUE, LOST), CRITICAL, "register-wrong", id="one is nowhere"),
        pytest.param(custody(BROKEN), OK, "register-kept", id="its chain is another control's matter"),
        pytest.param(custody(media=()), NOT_EVALUATED, "no-register", id="an empty register"),
        pytest.param(
            custody(LOST, media=()), CRITICAL, "register-wrong", id="empty, and the plan wants something in it"
        ),
        pytest.param(None, NOT_EVALUATED, "no-register", id="no register"),
    ],
)
def test_every_medium_is_accounted_for(register, state, reason):
    assert told(verdict("C14", facts(FULL, custody=register))) == (state, reason)


def test_where_each_medium_lies_and_when_it_was_read_is_shown():
    found = verdict(
        "C14", facts(FULL, custody=custody(media=(MEDIUM, replace(MEDIUM, medium="M0002-5", is_in_transit=True))))
    )
    assert evidence(found, "medium-lies") == [{"medium": "M0001-7", "place": "bank"}]
    assert evidence(found, "medium-carried") == [{"medium": "M0002-5", "place": "bank"}]
    assert [row.at for row in found.evidence if row.code == "medium-read"] == [at("11-01 09:00")] * 2


# C16


@pytest.mark.parametrize(
    ("hours", "state", "reason"),
    [(0, OK, "watch-alive"), (47, OK, "watch-alive"), (48, CRITICAL, "watch-stopped")],
)
def test_two_periods_of_silence_are_forgiven_and_no_more(hours, state, reason):
    of = facts(FULL, policy=WATCHED)
    assert told(verdict("C16", of, later=timedelta(hours=hours))) == (state, reason)


def test_a_repository_that_is_left_out_is_told_though_the_others_are_looked_at():
    old = replace(NAS, name="branch", box="branch")
    found = verdict("C16", facts(FULL, policy=WATCHED, repositories=(NAS, old)))
    assert told(found) == (WARNING, "watch-partial")
    assert found.facts["first"] == "branch"


def test_a_look_in_vain_shows_that_somebody_looked():
    failed = look("11-22 08:59", is_complete=False)
    found = verdict("C16", facts(FULL, policy=WATCHED, looks=(*LOOKS, failed)))
    assert told(found) == (OK, "watch-alive")
    assert [row.code for row in found.evidence if row.source == "nas"] == ["look-failed"]


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        pytest.param(ControlsPolicy(), "watcher-untold", id="nobody would notice"),
        pytest.param(ControlsPolicy(watcher=WatcherSetting(name="duty officer")), "review-unrecorded", id="untried"),
        pytest.param(
            ControlsPolicy(watcher=WatcherSetting(name="duty officer", tested=date(2025, 1, 1))), "review-overdue",
            id="tried long ago",
        ),
    ],
)  # fmt: skip
def test_a_watchman_whose_silence_nobody_notices_is_not_green(policy, reason):
    assert told(verdict("C16", facts(FULL, policy=policy))) == (WARNING, reason)


def test_without_repositories_there_is_nothing_to_watch():
    assert told(verdict("C16", facts((), repositories=(), looks=()))) == (NOT_EVALUATED, "no-repositories")


def test_nobody_ever_looked_is_unknown():
    assert told(verdict("C16", facts((), looks=()))) == (UNKNOWN, "never-looked")


# C17


def finished(moment: str, written_after: timedelta, offset: int | None = 210):
    """A copy that its server calls finished ten minutes after it began, and when the storage last wrote it."""
    started = at(moment)
    header = Identity(
        started_at=started, finished_at=started + timedelta(minutes=10), utc_offset_minutes=offset, server="SQL01"
    )
    return copy(moment, header=header, modified_at=started + timedelta(minutes=10) + written_after)


@pytest.mark.parametrize(
    ("gap", "state", "reason"),
    [
        pytest.param(timedelta(seconds=3), OK, "clocks-agree", id="three seconds"),
        pytest.param(timedelta(minutes=5), OK, "clocks-agree", id="five minutes"),
        pytest.param(timedelta(minutes=-5), OK, "clocks-agree", id="five minutes the other way"),
        pytest.param(timedelta(minutes=-6), WARNING, "clocks-differ", id="written before it was finished"),
        pytest.param(timedelta(hours=2), WARNING, "clocks-unmeasured", id="copied two hours later: that shows nothing"),
    ],
)
def test_the_end_in_the_header_against_the_last_write(gap, state, reason):
    assert told(verdict("C17", facts([finished("11-21 20:00", gap)]))) == (state, reason)


def test_the_smallest_gap_of_several_copies_counts():
    copies = [finished("11-20 20:00", timedelta(hours=2)), finished("11-21 20:00", timedelta(seconds=4))]
    found = verdict("C17", facts(copies))
    assert told(found) == (OK, "clocks-agree")
    assert found.facts["gap_seconds"] == 4


def test_a_server_in_another_zone_is_told():
    found = verdict("C17", facts([finished("11-21 20:00", timedelta(), offset=240)]))
    assert told(found) == (WARNING, "zone-differs")
    assert (found.facts["offset_minutes"], found.facts["expected_minutes"]) == (240, 210)


def test_without_any_clock_nothing_is_said():
    assert told(verdict("C17", facts([copy("11-21 23:30")]))) == (NOT_EVALUATED, "clocks-unmeasured")


def test_a_copy_from_the_future_is_told():
    assert "moments-disagree" in codes(verdict("C17", facts([copy("12-21 23:30", seen=at("11-21 10:00"))])))


# C20


@pytest.mark.parametrize(
    ("register", "chains", "state", "reason"),
    [
        pytest.param(None, (), WARNING, "history-unchained", id="no chain at all"),
        pytest.param(custody(), (), WARNING, "history-unchained", id="the register alone"),
        pytest.param(custody(), (replace(CHAIN, name="verdicts"),), OK, "chain-whole", id="register and verdicts"),
        pytest.param(
            custody(chain=replace(CHAIN, broken_at=3)), (replace(CHAIN, name="verdicts"),), CRITICAL, "chain-broken",
            id="a row was changed",
        ),
        pytest.param(None, (replace(CHAIN, name="verdicts"),), WARNING, "no-register", id="verdicts alone"),
    ],
)  # fmt: skip
def test_what_is_chained_and_what_is_not(register, chains, state, reason):
    assert told(verdict("C20", facts(FULL, custody=register, chains=chains))) == (state, reason)


def test_the_head_of_the_chain_is_shown():
    found = verdict("C20", facts(FULL, custody=custody()))
    assert evidence(found, "chain-head") == [{"list": "custody", "rows": 4, "head": "9" * 64}]
