from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.bundles import outbox
from itops.bundles.objections import Objection
from itops.bundles.outbox import OutboxRow, State
from itops.bundles.receipts import Receipt, ReceiptState
from tests.bundles.made import NOW, later

ROW = OutboxRow(
    sha256="ab" * 32,
    name="itops_alborz_1405-08_0001_abababababab",
    office="alborz",
    period="1405-08",
    sequence=1,
    size_bytes=10,
    previous=None,
    queued_at=NOW,
)


def receipt(state: ReceiptState, *reasons: Objection) -> Receipt:
    return Receipt(
        bundle=ROW.sha256,
        office="alborz",
        period="1405-08",
        sequence=1,
        state=state,
        at=later(hours=1),
        by="hq",
        reasons=reasons,
    )


@given(tries=st.integers(0, 10_000), seed=st.text(max_size=10))
def test_a_try_waits_between_four_fifths_and_the_whole_of_its_doubled_time(tries: int, seed: str) -> None:
    whole = min(timedelta(seconds=30 * 2 ** min(max(tries - 1, 0), 16)), timedelta(hours=1))
    assert whole * 0.8 <= outbox.delay(tries, seed) <= whole
    assert outbox.delay(tries, seed) == outbox.delay(tries, seed)


def test_offices_that_failed_together_do_not_return_together() -> None:
    assert len({outbox.delay(9, f"{number}") for number in range(100)}) > 90


def test_a_bundle_that_was_begun_and_never_ended_is_due_at_once() -> None:
    killed = outbox.begun(ROW, "hq")
    assert killed.state is State.SENDING
    assert outbox.due([killed], NOW) == (killed,)
    assert outbox.waiting([killed]) == (killed,)
    assert outbox.waiting([ROW]) == ()


def test_a_failed_one_waits_and_is_then_due_again() -> None:
    row = outbox.failed(outbox.begun(ROW, "hq"), NOW, "no line", "try later")
    assert (row.state, row.tries, row.problem) == (State.QUEUED, 1, "no line")
    assert outbox.due([row], NOW) == ()
    assert outbox.due([row], later(seconds=30)) == (row,)


def test_what_was_sent_and_never_signed_for_is_sent_again_after_a_day() -> None:
    row = outbox.sent(outbox.begun(ROW, "hq"), NOW)
    assert outbox.due([row], later(hours=23)) == ()
    assert outbox.due([row], later(days=1)) == (row,)


def test_bundles_are_due_in_the_order_of_making() -> None:
    rows = [replace(ROW, sequence=number, queued_at=later(hours=number)) for number in (3, 1, 2)]
    assert [row.sequence for row in outbox.due(rows, later(days=1))] == [1, 2, 3]


SENT = outbox.sent(outbox.begun(ROW, "hq"), NOW)


@pytest.mark.parametrize("start", [outbox.begun(ROW, "hq"), SENT, outbox.refused(SENT, NOW, "no", "ask")])
def test_an_accepted_receipt_delivers_from_wherever_it_is(start: OutboxRow) -> None:
    row = outbox.judged(start, receipt(ReceiptState.ACCEPTED), later(hours=2))
    assert (row.state, row.closed_at, row.received_at) == (State.DELIVERED, later(hours=2), later(hours=1))
    assert row.problem is None
    assert outbox.due([row], later(days=9)) == ()


def test_received_is_not_delivered() -> None:
    row = outbox.judged(SENT, receipt(ReceiptState.RECEIVED), NOW)
    assert (row.state, row.received_at) == (State.SENT, later(hours=1))
    assert outbox.judged(row, receipt(ReceiptState.RECEIVED), later(days=1)) == row


def test_a_rejection_tells_its_reasons_and_is_never_tried_again_by_itself() -> None:
    reasons = (Objection("bundle.file-differs", {"file": "a"}),)
    row = outbox.judged(SENT, receipt(ReceiptState.REJECTED, *reasons), NOW)
    assert row.state is State.REFUSED
    assert row.problem == "hq rejected it: the file a is not the one that the manifest names"
    assert outbox.due([row], later(days=99)) == ()
    assert outbox.due([outbox.resent(row)], NOW)


def test_nothing_undoes_a_delivery() -> None:
    row = outbox.judged(SENT, receipt(ReceiptState.ACCEPTED), NOW)
    for state in ReceiptState:
        assert outbox.judged(row, receipt(state), later(days=1)) == row


def test_late_is_what_was_not_delivered_in_time() -> None:
    limit = timedelta(days=3)
    assert not SENT.is_late(later(days=3), limit)
    assert SENT.is_late(later(days=3, seconds=1), limit)
    assert not outbox.judged(SENT, receipt(ReceiptState.ACCEPTED), NOW).is_late(later(days=9), limit)
