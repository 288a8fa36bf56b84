"""What is wrong between what was observed and what was written down; one published year as the oracle."""

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.inventory.changes import Change
from itops.inventory.facts import Action
from itops.reports.words import load_words, placeholders
from itops.verdict import State, severity
from itops.worklog.entries import Attachment, Order, Record, WorkKind
from itops.worklog.findings import CHANGE_CODES
from itops.worklog.judging import Question, counts_of, judge_changes, window_of
from itops.worklog.matching import match
from itops.worklog.policy import ChangePolicy
from tests.worklog.making import BEGIN, DAY, END, NOW, change, changes, day, entries, entry, log

POLICY = ChangePolicy()
WORDS = [load_words("en"), load_words("fa")]
LETTER = Attachment(path="letters/12.pdf", sha256="a" * 64, size_bytes=1)
ORDER = Order(issuer="HQ infrastructure", letter_no="4012", on=date(2026, 10, 25), attachment=LETTER)

REMOVED = ["kaspersky", "RDC", "Citrix", "DFSR", "SCCM"]
CREATED = ["WSUS", "SQL", "PDC", "VCSA", "DC", "KMS"]
UPGRADED = ["Padvish", "Backup Server", "FileServer"]


def judged(seen: list[Change], *records: Record, **more: Any) -> list[tuple[str, str]]:
    return [(one.code, one.subject) for one in judge_changes(asked(seen, *records, **more))]


def asked(seen: list[Change], *records: Record, **more: Any) -> Question:
    written = log(*records)
    known: dict[str, Any] = {"begin": BEGIN, "end": END, "now": NOW, "zone": ZoneInfo("Asia/Tehran"), "policy": POLICY}
    return Question(matched=match(seen, written, POLICY), log=written, **(known | more))


def year() -> list[Change]:
    """What two exports of the published year would show; a level of patches is in none."""
    return [
        *(change(name, Action.REMOVED, at=10) for name in REMOVED),
        *(change(name, Action.ADDED, at=11) for name in CREATED),
        change("FileServer", Action.UPGRADED, at=12, field="guest_os"),
    ]


def test_a_year_that_nobody_wrote_down_is_five_six_and_one_finding():
    counts = Counter(code for code, _ in judged(year()))
    assert counts == {
        "change.removed-unexplained": 5,
        "change.created-unexplained": 6,
        "change.upgraded-unexplained": 1,
    }


def test_a_published_year_needs_only_the_letter_that_the_report_does_not_name():
    unnamed = Order(issuer="اداره کل زیرساخت سازمان")  # order_letter: null in the source
    told = judged(
        year(),
        entry(WorkKind.REMOVED, *REMOVED, order=unnamed),
        entry(WorkKind.CREATED, *CREATED),
        entry(WorkKind.UPGRADED, *UPGRADED),
    )
    assert Counter(code for code, _ in told) == {
        "change.order-no-letter": 1, "change.order-no-date": 1, "change.order-no-attachment": 1,
    }  # fmt: skip


def test_the_numbers_of_the_published_year_add_up_from_the_log():
    written = log(
        entry(WorkKind.REMOVED, *REMOVED),
        entry(WorkKind.CREATED, *CREATED),
        entry(WorkKind.UPGRADED, *UPGRADED),
        *(entry(WorkKind.LETTERS, count=36) for _ in range(12)),
        *(entry(WorkKind.MEETING, count=9) for _ in range(12)),
    )
    counts = counts_of(written.standing)
    assert [counts[kind] for kind in (WorkKind.REMOVED, WorkKind.CREATED, WorkKind.UPGRADED)] == [5, 6, 3]
    assert counts[WorkKind.LETTERS] > 400
    assert counts[WorkKind.MEETING] > 100


def test_a_removal_that_somebody_did_without_an_order_is_an_exception():
    assert judged([change("RDC")], entry(WorkKind.REMOVED, "RDC")) == [("change.no-order", "RDC")]
    assert judged([change("RDC")], entry(WorkKind.REMOVED, "RDC", order=ORDER)) == []
    assert judged([change("RDC")], entry(WorkKind.ORDER, "RDC", order=ORDER)) == []


def test_an_order_that_came_after_the_deed_is_told_with_both_days():
    late = replace(ORDER, on=date(2026, 11, 9))
    (finding,) = judge_changes(asked([change("RDC")], entry(WorkKind.REMOVED, "RDC", order=late)))
    assert finding.code == "change.order-late"
    assert finding.facts == {"order_on": "2026-11-09", "seen_on": "2026-11-02", "late_days": 7}


def test_a_patch_needs_no_observed_change():
    assert judged([], entry(WorkKind.PATCHED, "Padvish"), entry(WorkKind.MEETING), entry(WorkKind.LETTERS)) == []


def test_a_removal_that_no_scan_has_shown_is_told_only_when_all_scans_that_could_are_over():
    gone = entry(WorkKind.REMOVED, "RDC", at=9)
    assert judged([], gone, now=day(9) + POLICY.match_within) == []
    assert judged([], gone, now=day(9.1) + POLICY.match_within) == [("change.not-observed", "RDC")]


def test_a_move_by_the_cluster_itself_needs_no_entry_unless_the_office_wants_one():
    moved = [change("RDC", Action.MOVED, field="host")]
    assert judged(moved) == []
    strict = ChangePolicy(explain=tuple(Action))
    assert judged(moved, policy=strict) == [("change.unexplained", "RDC")]


@pytest.mark.parametrize(
    ("now", "codes"),
    [
        ({}, []),  # not looked at
        ({LETTER.path: LETTER.sha256}, []),
        ({LETTER.path: None}, ["change.attachment-gone"]),
        ({LETTER.path: "b" * 64}, ["change.attachment-differs"]),
    ],
)
def test_a_letter_that_is_no_longer_what_it_was_is_told(now, codes):
    told = judged([change("RDC")], entry(WorkKind.REMOVED, "RDC", order=ORDER), attachments=now)
    assert [code for code, _ in told] == codes


def test_what_happened_outside_the_period_is_not_judged_in_it():
    assert judged([change("RDC", at=-1), change("DC", at=30)]) == []


def test_a_deed_of_the_last_days_may_be_seen_in_the_next_month():
    begin, end = window_of(BEGIN, END, POLICY, NOW)
    assert (begin, end) == (BEGIN - 35 * DAY, END + 35 * DAY)
    assert window_of(BEGIN, END, POLICY, day(3))[1] == END


@given(st.lists(changes(), max_size=6), st.lists(entries(), max_size=6))
def test_findings_have_known_codes_and_the_worst_come_first(seen, written):
    found = judge_changes(asked(seen, *written, policy=ChangePolicy(explain=tuple(Action))))
    for one in found:
        for words in WORDS:
            assert placeholders(words.template("worklog", one.code)) <= set(one.facts), one.code
    assert {one.code for one in found} <= set(CHANGE_CODES)
    assert [severity(one.state) for one in found] == sorted((severity(one.state) for one in found), reverse=True)


@given(st.lists(changes(), max_size=6), st.lists(entries(), max_size=6))
def test_every_coming_and_going_is_explained_or_an_exception(seen, written):
    question = asked(seen, *written)
    told = {evidence for one in judge_changes(question) for evidence in one.evidence}
    for one in question.matched.changes:
        if one.change.action in POLICY.explain:
            assert bool(one.entries) or one.ref.code in told
        if one.change.action is Action.REMOVED and one.order is None:
            assert one.ref.code in told


def test_a_server_that_is_gone_without_a_word_is_critical():
    (finding,) = judge_changes(asked([change("RDC")]))
    assert finding.state is State.CRITICAL
