import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from itops.bundles import outbox
from itops.bundles.outbox import State
from itops.errors import StoreLocked, UsageWrong
from itops.store import open_store
from itops.tasks.deliver_bundles import resend
from tests.bundles.made import NOW, OTHER_KEY, allowed
from tests.delivery.delivering import ClosedWay, Province


@pytest.fixture
def province(tmp_path: Path) -> Province:
    return Province(tmp_path)


def test_a_bundle_is_delivered_only_when_headquarters_signed_for_it(province: Province) -> None:
    province.make()
    assert province.states() == ["queued"]
    province.deliver()
    assert province.states() == ["sent"]
    province.collect()
    assert province.states() == ["sent"]
    (row,) = province.deliver().rows
    assert (row.state, row.target, row.tries) == (State.DELIVERED, "share", 1)
    assert province.deliver().rows == ()


def test_the_same_files_make_no_second_bundle_and_others_make_a_correction(province: Province) -> None:
    first = province.make()
    province.wait(days=1)
    again = province.make()
    assert (first.is_new, again.is_new) == (True, False)
    assert again.row == first.row
    other = province.make("گزارش درست")
    assert (other.row.sequence, other.row.previous) == (2, first.row.sha256)
    other_month = province.make("گزارش درست", period="1405-09")
    assert (other_month.row.sequence, other_month.row.previous) == (1, other.row.sha256)


def test_a_chain_of_bundles_and_corrections_is_accepted_whole(province: Province) -> None:
    for number in range(5):
        province.make(f"{number}", period=f"1405-0{1 + number // 2}")
    province.deliver()
    province.collect()
    province.deliver()
    assert province.states() == ["delivered"] * 5


def test_a_closed_way_is_tried_again_later_and_the_others_are_not_tried_in_vain(province: Province) -> None:
    closed = ClosedWay()
    province.targets = [closed]
    for month in ("1405-07", "1405-08"):
        province.make(period=month)
    done = province.deliver()
    assert closed.asked == 1
    assert [(one.target, one.problem) for one in done.closed] == [("closed", "closed: no line")]
    first, second = province.rows()
    assert (first.state, first.tries, first.problem) == (State.QUEUED, 1, "closed: no line")
    assert (second.tries, second.problem) == (0, None)
    assert first.next_at is not None
    assert first.next_at > NOW


def test_the_first_way_that_is_open_is_taken(province: Province) -> None:
    province.targets = [ClosedWay(), *province.targets]
    province.make()
    (row,) = province.deliver().rows
    assert (row.state, row.target, row.tries) == (State.SENT, "share", 2)


def test_a_bundle_whose_sender_was_killed_is_sent_at_once_and_arrives_once(province: Province) -> None:
    row = province.make().row
    province.change(row.sha256, lambda held: outbox.begun(held, "share"))
    assert province.states() == ["sending"]
    province.deliver()
    assert province.collect() == 1
    province.deliver()
    assert province.states() == ["delivered"]


def test_a_drop_that_somebody_emptied_is_filled_again_after_a_day(province: Province) -> None:
    province.make()
    province.deliver()
    for path in province.drop.iterdir():
        path.unlink()
    province.wait(hours=23)
    province.deliver()
    assert list(province.drop.iterdir()) == []
    province.wait(hours=1)
    province.deliver()
    assert province.collect() == 1


def test_a_rejected_bundle_stays_refused_until_somebody_sends_it_again(tmp_path: Path) -> None:
    province = Province(tmp_path, offices=())  # headquarters does not know the office's key yet
    row = province.make().row
    province.deliver()
    province.collect()
    (refused,) = province.deliver().rows
    assert refused.state is State.REFUSED
    assert "nobody's that is known here" in (refused.problem or "")
    province.wait(days=30)
    assert province.deliver().rows == ()
    with pytest.raises(UsageWrong, match="exactly these files"):
        province.make()
    known = Province(tmp_path, now=province.now)  # now it does
    known.change(row.sha256, outbox.resent)
    known.deliver()
    assert known.states() == ["sent"]  # the old rejection, which still lies there, closes nothing
    for path in (tmp_path / "hub" / "known").glob("*.seen"):
        path.unlink()
    known.collect()
    known.deliver()
    assert known.states() == ["delivered"]


def test_a_receipt_that_headquarters_did_not_sign_closes_nothing(tmp_path: Path) -> None:
    province = Province(tmp_path, keys=(allowed(OTHER_KEY, "headquarters"),))
    row = province.make().row
    province.deliver()
    province.collect()
    done = province.deliver()
    assert province.states() == ["sent"]
    assert {(one.target, one.bundle) for one in done.complaints} == {("share", row.sha256)}
    assert {why.code for one in done.complaints for why in one.objections} == {"receipt.unknown-key"}


def test_a_receipt_of_another_bundle_under_our_name_closes_nothing(province: Province, tmp_path: Path) -> None:
    province.make()
    province.deliver()
    province.collect()
    receipts = tmp_path / "drop" / "receipts"
    accepted = next(receipts.glob("*.accepted")).read_bytes()
    province.deliver()
    other = province.make("other").row
    province.deliver()
    (receipts / f"{other.sha256}.accepted").write_bytes(accepted)
    province.deliver()
    assert province.states() == ["delivered", "sent"]


def test_a_damaged_bundle_does_not_hold_up_the_others(province: Province) -> None:
    first, _ = province.make().row, province.make("second").row
    shutil.rmtree(province.outbox.path / first.name)
    province.deliver()
    rows = province.rows()
    assert [row.state for row in rows] == [State.QUEUED, State.SENT]
    assert "not as it was made" in (rows[0].problem or "")


def test_another_content_at_the_drop_refuses_the_bundle(province: Province) -> None:
    row = province.make().row
    bundle = province.outbox.load(row.name, row.sha256)
    (province.drop / bundle.parts[0].name).write_bytes(b"x" * bundle.parts[0].size_bytes)
    (refused,) = province.deliver().rows
    assert (refused.state, refused.next_at) == (State.REFUSED, None)


def test_two_do_not_deliver_at_once(province: Province) -> None:
    province.make()
    with province.outbox.alone(), pytest.raises(StoreLocked):
        province.deliver()


def test_a_delivered_bundle_is_not_sent_again_by_hand(province: Province) -> None:
    row = province.make().row
    province.deliver()
    with open_store(province.location, NOW) as store:
        assert resend(store.outbox, row.sha256).state is State.QUEUED
        with pytest.raises(UsageWrong, match="no bundle"):
            resend(store.outbox, "f" * 64)
        store.outbox.change(row.sha256, lambda held: replace(held, state=State.DELIVERED))
        with pytest.raises(UsageWrong, match="delivered"):
            resend(store.outbox, row.sha256)
