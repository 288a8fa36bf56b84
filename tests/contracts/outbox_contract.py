"""What every store does with the outbox; the store contract includes it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy.engine import Connection

from itops.bundles import outbox
from itops.bundles.outbox import OutboxRow, State
from itops.bundles.receipts import Receipt, ReceiptState
from itops.errors import StoreLocked
from itops.store import StoreLocation, open_reader, open_store
from itops.store.outbox_writer import enqueue_within
from tests.store.building import NOW, day


def row(number: int, *, period: str = "1405-08", sequence: int = 1, previous: int | None = None) -> OutboxRow:
    return OutboxRow(
        sha256=f"{number:064x}",
        name=f"itops_alborz_{period}_{sequence:04}_{number:012x}",
        office="alborz",
        period=period,
        sequence=sequence,
        size_bytes=3_000_000_000,
        previous=None if previous is None else f"{previous:064x}",
        queued_at=day(number),
    )


def receipt(number: int, state: ReceiptState) -> Receipt:
    return Receipt(
        bundle=f"{number:064x}", office="alborz", period="1405-08", sequence=1, state=state, at=day(9), by="ستاد"
    )


def enqueue_both(connection: Connection, first: OutboxRow, second: OutboxRow) -> None:
    enqueue_within(connection, first)
    enqueue_within(connection, second)


class OutboxContract:
    """Give `new_location`."""

    def test_bundles_stay_in_the_order_in_which_they_were_made(self, new_location: Callable[[], StoreLocation]) -> None:
        location = new_location()
        rows = [row(9), row(3, sequence=2, previous=9), row(5, period="1405-09", previous=3)]
        with open_store(location, NOW) as store:
            for one in rows:
                assert store.outbox.enqueue(one) == one
            assert store.outbox.rows() == rows
        with open_reader(location) as reader:
            assert reader.outbox.rows() == rows
            assert reader.outbox.rows("1405-08") == rows[:2]

    def test_a_bundle_that_is_there_is_not_taken_in_again(self, new_location: Callable[[], StoreLocation]) -> None:
        with open_store(new_location(), NOW) as store:
            store.outbox.enqueue(row(1))
            store.outbox.change(row(1).sha256, lambda held: outbox.begun(held, "hq"))
            assert store.outbox.enqueue(row(1)).state is State.SENDING
            assert len(store.outbox.rows()) == 1

    @pytest.mark.parametrize(
        "wrong",
        [
            pytest.param(row(2), id="it follows nothing"),
            pytest.param(row(2, previous=7, sequence=2), id="it follows a stranger"),
            pytest.param(row(2, previous=1), id="its number is taken"),
        ],
    )
    def test_of_two_made_at_one_moment_the_second_is_told(
        self, new_location: Callable[[], StoreLocation], wrong: OutboxRow
    ) -> None:
        with open_store(new_location(), NOW) as store:
            store.outbox.enqueue(row(1))
            with pytest.raises(StoreLocked):
                store.outbox.enqueue(wrong)
            assert store.outbox.rows() == [row(1)]

    def test_offices_have_chains_of_their_own(self, new_location: Callable[[], StoreLocation]) -> None:
        with open_store(new_location(), NOW) as store:
            store.outbox.enqueue(row(1))
            assert store.outbox.enqueue(replace(row(2), office="qazvin"))

    def test_what_fails_beside_a_bundle_leaves_no_bundle(self, new_location: Callable[[], StoreLocation]) -> None:
        with open_store(new_location(), NOW) as store:
            with pytest.raises(StoreLocked), store._gate.writing() as connection:
                enqueue_both(connection, row(1), row(2))
            assert store.outbox.rows() == []

    def test_a_step_is_kept_and_an_unknown_bundle_takes_none(self, new_location: Callable[[], StoreLocation]) -> None:
        location = new_location()
        with open_store(location, NOW) as store:
            store.outbox.enqueue(row(1))
            begun = store.outbox.change(row(1).sha256, lambda held: outbox.begun(held, "hq"))
            assert begun == replace(row(1), state=State.SENDING, tries=1, target="hq")
            failed = store.outbox.change(row(1).sha256, lambda held: outbox.failed(held, NOW, "no \x00 line", "\ud800"))
            assert failed is not None
            assert failed.state is State.QUEUED
            assert store.outbox.change("f" * 64, lambda held: held) is None
        with open_reader(location) as reader:
            (kept,) = reader.outbox.rows()
            assert (kept.state, kept.tries, kept.next_at) == (State.QUEUED, 1, failed.next_at)

    def test_a_receipt_is_kept_as_it_came_and_closes_its_row_once(
        self, new_location: Callable[[], StoreLocation]
    ) -> None:
        location = new_location()
        came = [(receipt(1, ReceiptState.REJECTED), b"no\x00\xff"), (receipt(1, ReceiptState.ACCEPTED), b"yes")]
        with open_store(location, NOW) as store:
            store.outbox.enqueue(row(1))
            store.outbox.change(row(1).sha256, lambda held: outbox.begun(held, "hq"))
            refused = store.outbox.keep_receipt(*came[0], day(1))
            assert refused is not None
            assert refused.state is State.REFUSED
            store.outbox.change(row(1).sha256, outbox.resent)
            again = store.outbox.keep_receipt(*came[0], day(2))
            assert again is not None
            assert again.state is State.QUEUED
            accepted = store.outbox.keep_receipt(*came[1], day(3))
            assert accepted is not None
            assert accepted.state is State.DELIVERED
            assert store.outbox.keep_receipt(receipt(7, ReceiptState.ACCEPTED), b"of another", day(4)) is None
        with open_reader(location) as reader:
            kept = reader.outbox.receipts(row(1).sha256)
            assert [(one.raw, one.came_at) for one in kept] == [(b"no\x00\xff", day(1)), (b"yes", day(3))]
            assert reader.outbox.receipts() == kept
            assert reader.outbox.receipts("f" * 64) == []
