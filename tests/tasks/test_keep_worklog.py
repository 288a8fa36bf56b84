"""The log kept: judged, written, told; and put beside the history of a store."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from itops.errors import InputInvalid, UsageWrong
from itops.inventory.facts import Action
from itops.names import Names
from itops.tasks.keep_worklog import Keeper, Looking, attached, change_named, hash_now, read_period
from itops.worklog.entries import Linked, LogRow, Order, Record, Withdrawn, WorkKind, ref_of
from itops.worklog.policy import ChangePolicy
from tests.contracts.memory_reader import MemoryReader
from tests.inventory.sightings import DAY1, host, vm
from tests.worklog.making import NOW, change, entry

DAY = timedelta(days=1)
MONTH = DAY1 + DAY, DAY1 + 31 * DAY
OLD = ["kaspersky", "RDC", "Citrix", "DFSR", "SCCM"]
NEW = ["WSUS", "SQL", "PDC", "VCSA", "DC", "KMS"]


class MemoryLog:
    """A log that forgets."""

    def __init__(self) -> None:
        self.kept: list[LogRow] = []

    def rows(self) -> list[LogRow]:
        return self.kept

    def append(self, record: Record, recorded_at: object, *, after: int) -> LogRow:
        assert after == len(self.kept)
        row = LogRow(number=after + 1, recorded_at=NOW, record=record)
        self.kept = [*self.kept, row]
        return row


def looking(folder: Path) -> Looking:
    return Looking(policy=ChangePolicy(), now=MONTH[1] + 60 * DAY, zone=ZoneInfo("Asia/Tehran"), folder=folder)


def year() -> MemoryReader:
    """Two looks, a month apart: five servers went, six came, one has another system."""
    kept = vm("keep", "FileServer", guest__guestFullName="Microsoft Windows Server 2012")
    later = vm("keep", "FileServer", guest__guestFullName="Microsoft Windows Server 2022")
    reader = MemoryReader()
    reader.scan("vc01", DAY1, [host(), kept, *(vm(f"old{name}", name) for name in OLD)])
    reader.scan("vc01", DAY1 + 30 * DAY, [host(), later, *(vm(f"new{name}", name) for name in NEW)])
    return reader


def test_a_record_that_speaks_against_the_log_is_refused_and_not_written():
    log = MemoryLog()
    keeper = Keeper(store=log, now=NOW)
    keeper.take(entry())
    for wrong in (
        entry(corrects=9),
        Withdrawn(entry=9, at=NOW, by="B", reason="x"),
        entry(by=" "),
        entry(count=0),
        entry(what=Names(fa="", en=" ")),
        replace(entry(), at=NOW + timedelta(minutes=11)),
    ):
        with pytest.raises(UsageWrong):
            keeper.take(wrong)
    assert len(log.rows()) == 1


def test_a_correction_is_a_row_of_its_own():
    log = MemoryLog()
    keeper = Keeper(store=log, now=NOW)
    keeper.take(entry(WorkKind.REMOVED, "RCD"))
    kept = keeper.take(entry(WorkKind.REMOVED, "RDC", corrects=1))
    assert [one.entry.subjects for one in kept.log.standing] == [("RDC",)]
    assert len(log.rows()) == 2
    with pytest.raises(UsageWrong, match="corrected"):
        keeper.take(entry(corrects=1))


def test_two_exports_give_exactly_five_removed_and_six_created_and_all_are_explained(tmp_path):
    order = Order(issuer="HQ infrastructure", letter_no="4012")
    done = DAY1 + 20 * DAY
    written = [
        replace(entry(WorkKind.REMOVED, *OLD, order=order), at=done),
        replace(entry(WorkKind.CREATED, *NEW), at=done),
        replace(entry(WorkKind.UPGRADED, "Padvish", "Backup Server", "FileServer"), at=done),
    ]
    rows = [LogRow(number=number, recorded_at=NOW, record=one) for number, one in enumerate(written, start=1)]
    work = read_period(year(), rows, *MONTH, looking(tmp_path))
    names = {
        action: sorted(one.change.name for one in work.changes if one.change.action is action) for action in Action
    }
    assert names[Action.REMOVED] == sorted(OLD)
    assert names[Action.ADDED] == sorted(NEW)
    assert all(one.entries for one in work.changes)
    assert {one.code for one in work.findings} == {"change.order-no-date", "change.order-no-attachment"}


def test_what_nobody_wrote_down_is_told_by_name(tmp_path):
    work = read_period(year(), [], *MONTH, looking(tmp_path))
    gone = sorted(one.subject for one in work.findings if one.code == "change.removed-unexplained")
    assert gone == sorted(OLD)


def test_before_the_first_scan_there_is_still_a_log(tmp_path):
    work = read_period(None, [LogRow(number=1, recorded_at=NOW, record=entry(at=5))], *MONTH, looking(tmp_path))
    assert work.changes == ()
    assert len(work.entries) == 1


def test_an_entry_of_one_month_is_not_used_again_for_a_server_of_that_name_in_the_next(tmp_path):
    reader = MemoryReader()
    reader.scan("vc01", DAY1, [vm("a", "test"), vm("b", "test")])
    reader.scan("vc01", DAY1 + 28 * DAY, [vm("b", "test")])
    reader.scan("vc01", DAY1 + 35 * DAY, [])
    gone = replace(entry(WorkKind.REMOVED, "test", order=Order(issuer="HQ")), at=DAY1 + 27 * DAY)
    rows = [LogRow(number=1, recorded_at=NOW, record=gone)]
    assert [bool(one.entries) for one in read_period(reader, rows, *MONTH, looking(tmp_path)).changes] == [True]
    later = read_period(reader, rows, MONTH[1], MONTH[1] + 30 * DAY, looking(tmp_path))
    assert [bool(one.entries) for one in later.changes] == [False]


def test_a_letter_is_kept_by_its_hash_and_a_change_of_it_is_told(tmp_path):
    letter = tmp_path / "letters" / "12.pdf"
    letter.parent.mkdir()
    letter.write_bytes(b"letter")
    found = attached(letter, tmp_path)
    assert (found.path, found.size_bytes) == ("letters/12.pdf", 6)
    assert hash_now(letter) == found.sha256
    order = Order(issuer="HQ", letter_no="1", on=DAY1.date(), attachment=found)
    rows = [LogRow(number=1, recorded_at=NOW, record=replace(entry(WorkKind.ORDER, order=order), at=MONTH[0]))]
    assert read_period(None, rows, *MONTH, looking(tmp_path)).findings == ()
    letter.write_bytes(b"Letter")
    changed = read_period(None, rows, *MONTH, looking(tmp_path)).findings
    assert [one.code for one in changed] == ["change.attachment-differs"]
    letter.unlink()
    assert [one.code for one in read_period(None, rows, *MONTH, looking(tmp_path)).findings] == [
        "change.attachment-gone"
    ]


def test_what_is_no_readable_file_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(InputInvalid):
            attached(path, tmp_path)
        assert hash_now(path) is None


def test_a_change_is_found_by_its_code_and_only_by_it(tmp_path):
    changes = read_period(year(), [], *MONTH, looking(tmp_path)).changes
    wanted = changes[0].ref
    assert change_named(changes, f" {wanted.code.upper()} ") == wanted
    with pytest.raises(UsageWrong, match="no change"):
        change_named(changes, "removed-00000000")


def test_a_link_is_written_and_explains(tmp_path):
    log = MemoryLog()
    keeper = Keeper(store=log, now=NOW)
    keeper.take(replace(entry(WorkKind.OTHER, order=Order(issuer="HQ", letter_no="1")), at=DAY1))
    ref = next(one.ref for one in read_period(year(), [], *MONTH, looking(tmp_path)).changes)
    keeper.take(Linked(entry=1, changes=(ref,), at=NOW, by="B"))
    explained = [one for one in read_period(year(), log.rows(), *MONTH, looking(tmp_path)).changes if one.entries]
    assert [one.ref for one in explained] == [ref]
    assert ref != ref_of(change("x"))
