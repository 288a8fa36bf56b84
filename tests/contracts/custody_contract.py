"""What every store does with the register of custody; the store contract includes it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from threading import Thread

import pytest

from itops.backup.custody.chain import GENESIS, first_break, head_of
from itops.backup.custody.records import (
    Added,
    BadFile,
    Entry,
    Incident,
    ManifestFile,
    MediumRead,
    Moved,
    Received,
    Reconciled,
    Retired,
    Row,
    Sealed,
    Written,
)
from itops.backup.levels import Level
from itops.errors import StoreLocked
from itops.store import StoreLocation, open_reader, open_store
from itops.store.writing import Store
from tests.store.building import NOW

TEHRAN = timezone(timedelta(hours=3, minutes=30))
FILE = ManifestFile(
    name="بیمه/Insurance \\ 1.bak",
    size_bytes=2**41,
    sha256="ab" * 32,
    job="insurance",
    object="sql01/بیمه",
    slots=("1405-08", "w1405-08-23"),
    made_at=datetime(2026, 11, 20, 23, 30, tzinfo=TEHRAN),
    level=Level.INTACT,
    matched_by="sha256",
    faults=("cut",),
)
ENTRIES: tuple[Entry, ...] = (
    Added(
        medium="M0001-3",
        at=NOW,
        by="ر. کریمی",
        kind="lto",
        place="office",
        capacity_bytes=2**43,
        first_used_on=date(2026, 1, 2),
        end_of_life_on=date(2031, 1, 2),
        encryption="LUKS",
    ),
    Written(medium="M0001-3", at=NOW, by="A", files=(FILE, replace(FILE, name="b")), manifest_hash="cd" * 32),
    Sealed(medium="M0001-3", at=NOW, by="A", seal="'; DROP TABLE custody;", witness="half \ud800 pair", note="a\x00b"),
    Moved(medium="M0001-3", at=NOW.astimezone(TEHRAN), by="A", origin="office", destination="bank", to="B"),
    Received(medium="M0001-3", at=NOW, by="B", place="bank", to="C", is_seal_intact=False),
    MediumRead(
        medium="M0001-3", at=NOW, by="A", bad=(BadFile("b", "differs"),), counters={"x": 1}, seconds=1.5, files=2
    ),
    Reconciled(at=NOW, by="A", witness="B", place="bank", found=("M0001-3",)),
    Retired(medium="M0001-3", at=NOW, by="A", witness="B", method="destroy"),
    Incident(at=NOW, by="A", what="other", facts={"broken_row": 3}, closes=2),
)


def kept(store: Store, *entries: Entry) -> list[Row]:
    """Appended, each behind the one before."""
    for entry in entries:
        store.custody.append(entry, NOW, after=head_of(store.custody.rows())[1])
    return store.custody.rows()


class CustodyContract:
    """A part of StoreContract, which gives `new_location`."""

    def test_entries_of_every_kind_come_back_as_they_were_written(
        self, new_location: Callable[[], StoreLocation]
    ) -> None:
        location = new_location()
        with open_store(location, NOW) as store:
            written = kept(store, *ENTRIES)
        with open_reader(location) as reader:
            read = reader.custody.rows()
        assert read == written
        assert first_break(read) is None
        assert [row.number for row in read] == list(range(1, len(ENTRIES) + 1))
        assert {row.recorded_at for row in read} == {NOW}
        for row, entry in zip(read, ENTRIES, strict=True):
            told = replace(entry, witness=entry.witness.replace("\ud800", "\ufffd"))
            assert row.entry == told
            assert type(row.entry) is type(entry)
        assert read[3].entry is not None
        assert read[3].entry.at.utcoffset() == timedelta(hours=3, minutes=30)

    def test_a_new_register_is_empty(self, new_location: Callable[[], StoreLocation]) -> None:
        location = new_location()
        with open_store(location, NOW) as store, open_reader(location) as reader:
            assert store.custody.rows() == reader.custody.rows() == []

    def test_an_entry_behind_another_row_than_the_last_is_refused(
        self, new_location: Callable[[], StoreLocation]
    ) -> None:
        with open_store(new_location(), NOW) as store:
            first = store.custody.append(ENTRIES[0], NOW, after=GENESIS)
            with pytest.raises(StoreLocked, match="at the same moment"):
                store.custody.append(ENTRIES[1], NOW, after=GENESIS)
            store.custody.append(ENTRIES[1], NOW, after=first.hash)
            assert [row.number for row in store.custody.rows()] == [1, 2]

    def test_of_two_who_write_at_once_one_wins_and_the_chain_holds(
        self, new_location: Callable[[], StoreLocation]
    ) -> None:
        location = new_location()
        results: list[str] = []

        def write() -> None:
            with open_store(location, NOW) as store:
                for _ in range(5):
                    try:
                        store.custody.append(ENTRIES[0], NOW, after=head_of(store.custody.rows())[1])
                        results.append("taken")
                    except StoreLocked:
                        results.append("refused")

        threads = [Thread(target=write) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with open_reader(location) as reader:
            rows = reader.custody.rows()
        assert len(results) == 15
        assert len(rows) == results.count("taken") > 0
        assert first_break(rows) is None

    def test_a_moment_without_a_zone_is_refused(self, new_location: Callable[[], StoreLocation]) -> None:
        with open_store(new_location(), NOW) as store:
            with pytest.raises(ValueError, match="zone"):
                store.custody.append(ENTRIES[0], NOW.replace(tzinfo=None), after=GENESIS)
            assert store.custody.rows() == []
            assert store.custody.append(ENTRIES[0], NOW.astimezone(UTC), after=GENESIS).number == 1
