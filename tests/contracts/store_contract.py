"""What every store does, whatever engine keeps it. A test class of an engine inherits this and says where it lives."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itops.errors import SourceUnavailable, StoreLocked, StoreUnavailable
from itops.inventory.entities import Entity, EntityKey, Gap, Kind, Observation, Seen
from itops.inventory.history import Answer, ScanState
from itops.store import StoreLocation, open_reader, open_store
from itops.store.records import Range
from tests.contracts.custody_contract import CustodyContract
from tests.contracts.ledger_contract import LedgerContract
from tests.contracts.outbox_contract import OutboxContract
from tests.contracts.register_contract import RegisterContract
from tests.contracts.watch_contract import WatchContract
from tests.store.building import (
    NOW,
    datastore,
    day,
    everything,
    gap,
    host,
    keys,
    life,
    observation,
    scan,
    scan_once,
    vm,
)

KINDS = (Kind.VM, Kind.HOST, Kind.DATASTORE)
UNHURRIED = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}
HOSTILE = (
    "[/]",
    "=cmd|' /C calc'!A0",
    "a\x00b",
    "half \ud800 pair",
    "\x1b[31mred",
    "%2f",
    "'; DROP TABLE scan; --",
    "",
)


class StoreContract(LedgerContract, CustodyContract, RegisterContract, OutboxContract, WatchContract, ABC):
    """Inherit it, and give the two things below."""

    @pytest.fixture
    @abstractmethod
    def new_location(self) -> Callable[[], StoreLocation]:
        """A maker of places where no store is yet."""

    @abstractmethod
    def somebody_writing(self, location: StoreLocation) -> AbstractContextManager[None]:
        """While in it, another writer holds the store."""

    @pytest.fixture
    def location(self, new_location: Callable[[], StoreLocation]) -> StoreLocation:
        return new_location()

    # What is seen is what is read

    def test_what_was_seen_is_read_back_with_its_moving_values(self, location: StoreLocation) -> None:
        seen = vm("a", config__hardware__numCPU=4, summary__storage__committed=7, guest__disk=[{"freeSpace": 1}])
        scan_once(location, "vc01", day(0), [seen])
        with open_reader(location) as reader:
            (found,) = reader.entities(Kind.VM)
        assert (found.kind, found.key, found.ref, found.source) == (seen.kind, seen.key, seen.ref, seen.source)
        assert found.properties == seen.properties
        assert found.seen_at == day(0)

    @pytest.mark.parametrize("text", [*HOSTILE, "سرور پایگاه‌داده", "𝒳 🗄️", "x" * 5000])
    def test_any_text_survives_as_a_name_a_key_a_ref_and_a_gap(self, location: StoreLocation, text: str) -> None:
        entity = vm(f"k{text}", ref=f"r{text}", name=text, annotation=text)
        hole = Gap(source="vc01", subject=text, code="c", problem=text, remedy=text)
        scan_once(location, "vc01", day(0), [entity, hole])
        with open_reader(location) as reader:
            (found,) = reader.entities(Kind.VM)
            (recorded,) = reader.gaps()
            assert found.properties == entity.properties
            assert reader.find(text or entity.ref) == [found]
            assert reader.find(entity.key) == [found]
        assert recorded.gap.problem == text.replace("\0", "\ufffd").replace("\ud800", "\ufffd")
        assert scan_once(location, "vc01", day(1), [entity]).unchanged == 1

    def test_entities_can_be_had_of_one_source_alone(self, location: StoreLocation) -> None:
        scan_once(location, "vc01", day(0), [vm("a")])
        scan_once(location, "esx01", day(0), [vm("b", source="esx01")])
        assert keys(location) == ["a", "b"]
        assert keys(location, source="esx01") == ["b"]
        assert keys(location, source="esx01", as_of=day(0)) == ["b"]

    def test_two_streams_can_be_read_side_by_side(self, location: StoreLocation) -> None:
        scan_once(location, "vc01", day(0), [*(vm(f"v{n:03}") for n in range(450)), host("h1"), host("h2")])
        with open_reader(location) as reader:
            together = zip(reader.entities(Kind.VM), reader.entities(Kind.HOST), strict=False)
            assert [(a.key, b.key) for a, b in together] == [("v000", "h1"), ("v001", "h2")]

    # History

    def test_scanning_twice_without_a_change_writes_no_revision(self, location: StoreLocation) -> None:
        seen = [*(vm(f"v{n}", config__hardware__numCPU=n) for n in range(20)), host("h1")]
        first = scan_once(location, "vc01", day(0), seen)
        second = scan_once(location, "vc01", day(1), reversed(seen))
        assert (first.new, second.new, second.changed, second.ended, second.unchanged) == (21, 0, 0, 0, 21)
        assert life(location, "v3") == [("vc01", 0, None)]

    def test_moving_values_write_no_revision_and_the_latest_is_read(self, location: StoreLocation) -> None:
        for number in range(3):
            seen = vm(
                "a", summary__quickStats__overallCpuUsage=number, runtime__bootTime=f"2026-01-0{number + 1}T00:00:00Z"
            )
            summary = scan_once(location, "vc01", day(number), [seen])
        assert summary.unchanged == 1
        with open_reader(location) as reader:
            (found,) = reader.entities(Kind.VM)
            (past,) = reader.entities(Kind.VM, as_of=day(1))
        assert found.get("summary.quickStats.overallCpuUsage") == 2
        assert past.get("summary.quickStats.overallCpuUsage") is None
        assert (past.seen_at, found.seen_at) == (day(1), day(2))

    def test_a_change_ends_one_row_where_the_next_begins(self, location: StoreLocation) -> None:
        for number, cpus in enumerate((2, 2, 4)):
            scan_once(location, "vc01", day(number), [vm("a", config__hardware__numCPU=cpus)])
        with open_reader(location) as reader:
            before, after = reader.history(Kind.VM, EntityKey("a"))
        assert (before.valid_from, before.valid_to, after.valid_from, after.valid_to) == (day(0), day(2), day(2), None)
        assert (before.ended_by, before.entity.get("config.hardware.numCPU")) == (None, 2)
        assert (before.entity.seen_at, after.entity.get("config.hardware.numCPU")) == (day(1), 4)

    def test_a_new_ref_is_a_new_row_of_the_same_thing(self, location: StoreLocation) -> None:
        scan_once(location, "vc01", day(0), [vm("a", ref="vm-1")])
        assert scan_once(location, "vc01", day(1), [vm("a", ref="vm-2")]).changed == 1
        with open_reader(location) as reader:
            assert [entity.ref for entity in reader.entities(Kind.VM)] == ["vm-2"]

    def test_what_a_whole_scan_does_not_see_ends_by_it(self, location: StoreLocation) -> None:
        scan_once(location, "vc01", day(0), [vm("a"), vm("b")])
        summary = scan_once(location, "vc01", day(1), [vm("b")])
        assert (summary.ended, keys(location), keys(location, as_of=day(0))) == (1, ["b"], ["a", "b"])
        with open_reader(location) as reader:
            (gone,) = reader.history(Kind.VM, EntityKey("a"))
        assert (gone.valid_to, gone.ended_by) == (day(1), summary.scan.id)

    def test_a_failed_scan_changes_no_row_and_says_why(self, location: StoreLocation) -> None:
        scan_once(location, "vc01", day(0), [vm("a"), vm("b")])
        with open_store(location, day(1)) as store, store.begin_scan(observation("vc01", day(1)), day(1)) as writer:
            writer.add(vm("c"))
            writer.gap(gap(Kind.VM))
            writer.fail(day(1), SourceUnavailable("vc01 went away", remedy="try again"))
        assert keys(location) == ["a", "b"]
        with open_reader(location) as reader:
            failed, complete = reader.scans()
            (state,) = reader.last_scans()
            assert [recorded.gap for recorded in reader.gaps()] == [gap(Kind.VM)]
            assert reader.gaps(complete.id) == []
        assert (failed.state, failed.problem, failed.remedy) == (ScanState.FAILED, "vc01 went away", "try again")
        assert (state.last_attempt, state.last_complete) == (failed, complete)

    def test_kinds_a_gap_may_have_hidden_do_not_end(self, location: StoreLocation) -> None:
        scan_once(location, "vc01", day(0), [vm("a"), vm("b"), host("h1"), host("h2")])
        summary = scan_once(location, "vc01", day(1), [vm("b"), host("h1"), gap(Kind.VM)])
        assert (summary.ended, keys(location), keys(location, Kind.HOST)) == (1, ["a", "b"], ["h1"])
        with open_reader(location) as reader:
            assert [entity.seen_at for entity in reader.entities(Kind.VM)] == [day(0), day(1)]
        assert scan_once(location, "vc01", day(2), [vm("b"), host("h1")]).ended == 1

    def test_two_things_with_one_key_are_told_apart_whatever_their_order(self, location: StoreLocation) -> None:
        twins = [vm("a", ref="vm-8", name="original"), vm("a", ref="vm-9", name="copy"), vm("b")]
        summary = scan_once(location, "vc01", day(0), twins)
        assert (summary.new, summary.scan.entity_counts, summary.scan.gap_count) == (3, {Kind.VM: 3}, 1)
        assert keys(location) == ["a", "a@vm-9", "b"]
        with open_reader(location) as reader:
            assert [recorded.gap.code for recorded in reader.gaps()] == ["identity.duplicate"]
            assert [entity.ref for entity in reader.find("copy")] == ["vm-9"]
        again = scan_once(location, "vc01", day(1), reversed(twins))
        assert (again.unchanged, again.new, again.changed) == (3, 0, 0)

    def test_things_come_by_name_in_any_case(self, location: StoreLocation) -> None:
        seen = [vm("a", name="mail"), vm("b", name="Automation"), vm("c", name="MAIL"), vm("d", name="backup")]
        scan_once(location, "vc01", day(0), seen)
        with open_reader(location) as reader:
            for as_of in (None, day(0)):
                found = [entity.name for entity in reader.entities(Kind.VM, as_of=as_of)]
                assert found == ["Automation", "backup", "mail", "MAIL"]

    def test_the_same_thing_on_two_pages_is_one_thing(self, location: StoreLocation) -> None:
        summary = scan_once(location, "vc01", day(0), [vm("a", guest__disk=[]), vm("a", guest__disk=[])])
        assert (summary.new, summary.scan.gap_count) == (1, 0)

    # Out of order

    def test_last_years_workbook_loaded_today_lands_last_year(self, location: StoreLocation) -> None:
        scan_once(location, "vc01", day(0), [vm("a", config__hardware__numCPU=4), vm("new")])
        summary = scan_once(location, "vc01", day(-300), [vm("a", config__hardware__numCPU=2), vm("old")])
        assert (summary.new, summary.changed, summary.ended) == (2, 0, 0)
        assert life(location, "a") == [("vc01", -300, 0), ("vc01", 0, None)]
        assert life(location, "old") == [("vc01", -300, 0)]
        assert keys(location) == ["a", "new"]
        assert keys(location, as_of=day(-200)) == ["a", "old"]

    def test_an_old_look_between_two_splits_a_row(self, location: StoreLocation) -> None:
        for number in (0, 10):
            scan_once(location, "vc01", day(number), [vm("a", summary__storage__committed=number)])
        scan_once(location, "vc01", day(5), [vm("b")])
        assert life(location, "a") == [("vc01", 0, 5), ("vc01", 10, None)]
        assert life(location, "b") == [("vc01", 5, 10)]
        scan_once(location, "vc01", day(7), [vm("a", summary__storage__committed=7)])
        assert life(location, "a") == [("vc01", 0, 5), ("vc01", 7, None)]
        with open_reader(location) as reader:
            (now,) = reader.entities(Kind.VM)
        assert now.get("summary.storage.committed") == 10

    def test_two_looks_of_one_moment_are_both_kept(self, location: StoreLocation) -> None:
        scan_once(location, "vc01", day(0), [vm("a", annotation="first")])
        second = scan_once(location, "vc01", day(0), [vm("a", annotation="second")])
        assert second.scan.observed_at == day(0) + timedelta(microseconds=1)
        with open_reader(location) as reader:
            assert [entity.get("annotation") for entity in reader.entities(Kind.VM)] == ["second"]

    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(data=st.data())
    def test_the_order_of_loading_does_not_matter(
        self, new_location: Callable[[], StoreLocation], data: st.DataObject
    ) -> None:
        load_in_any_order(new_location, data)

    def test_a_file_is_known_once_it_was_loaded_to_the_end(self, location: StoreLocation) -> None:
        with open_store(location, NOW) as store:
            with store.begin_scan(observation("files", day(0), "f1"), day(0)) as writer:
                writer.fail(day(0), SourceUnavailable("broken", remedy="replace it"))
            assert not store.already_loaded("files", "f1")
            scan(store, "files", day(0), [vm("a")], fingerprint="f1")
            assert store.already_loaded("files", "f1")
            assert not store.already_loaded("others", "f1")

    # Superseding

    def test_moving_from_lone_hosts_to_vcenter_keeps_ten_and_ends_five(self, location: StoreLocation) -> None:
        alone = [vm(f"old{n}", source="esx01", host="h1") for n in range(5)]
        kept = [vm(f"kept{n}", source="esx02", host="h2") for n in range(10)]
        scan_once(location, "esx01", day(0), [host("h1", source="esx01"), datastore("d1", source="esx01"), *alone])
        scan_once(location, "esx02", day(0), [host("h2", source="esx02"), *kept])
        moved = [vm(f"kept{n}", host="h2", ref=f"vm-{n}00") for n in range(10)]
        summary = scan_once(location, "vc01", day(1), [host("h1"), host("h2"), *moved], live=["vc01"])
        assert (summary.new, summary.ended) == (12, 5 + 10 + 2 + 1)
        assert keys(location) == [f"kept{n}" for n in range(10)]
        assert life(location, "old3") == [("esx01", 0, 1)]
        assert life(location, "kept3") == [("esx02", 0, 1), ("vc01", 1, None)]
        assert keys(location, Kind.DATASTORE) == []

    def test_a_host_that_the_other_source_does_not_see_keeps_its_vms(self, location: StoreLocation) -> None:
        seen = [host("h1", source="esx01"), host("h2", source="esx01"), datastore("d", source="esx01")]
        seen += [vm("a", source="esx01", host="h1"), vm("b", source="esx01", host="h2")]
        scan_once(location, "esx01", day(0), seen)
        scan_once(location, "vc01", day(1), [host("h1")], live=["vc01"])
        assert (keys(location), keys(location, Kind.DATASTORE)) == (["b"], ["d"])
        scan_once(location, "vc01", day(2), [host("h2")], live=["vc01"])
        assert (keys(location), keys(location, Kind.DATASTORE)) == ([], [])

    def test_a_source_that_is_still_looked_at_is_not_superseded(self, location: StoreLocation) -> None:
        scan_once(location, "esx01", day(0), [host("h1", source="esx01"), vm("a", source="esx01", host="h1")])
        scan_once(location, "vc01", day(1), [host("h1")])
        assert keys(location) == ["a"]

    def test_a_source_without_a_covered_host_is_not_superseded(self, location: StoreLocation) -> None:
        scan_once(location, "esx01", day(0), [vm("a", source="esx01")])
        scan_once(location, "vc01", day(1), [host("h1")], live=["vc01"])
        assert keys(location) == ["a"]

    def test_what_the_other_source_may_have_missed_is_not_superseded(self, location: StoreLocation) -> None:
        alone = [vm("a", source="esx01", host="h1"), vm("b", source="esx01", host="h1")]
        scan_once(location, "esx01", day(0), [host("h1", source="esx01"), *alone])
        scan_once(location, "vc01", day(1), [host("h1"), vm("b", host="h1"), gap(Kind.VM)], live=["vc01"])
        assert life(location, "a") == [("esx01", 0, None)]
        assert life(location, "b") == [("esx01", 0, 1), ("vc01", 1, None)]

    # Reading

    def test_find_takes_a_name_in_any_case_a_key_or_a_ref(self, location: StoreLocation) -> None:
        scan_once(location, "vc01", day(0), [vm("abc-1", ref="vm-7", name="SQL01 Straße"), host("h1")])
        with open_reader(location) as reader:
            for text in ("sql01 STRASSE", "abc-1", "ABC-1", "vm-7"):
                assert [entity.key for entity in reader.find(text)] == ["abc-1"], text
            assert reader.find("sql0") == []

    def test_find_knows_what_is_gone_only_when_nothing_of_that_name_is_there(self, location: StoreLocation) -> None:
        scan_once(location, "vc01", day(0), [vm("a", name="web", config__hardware__numCPU=1)])
        scan_once(location, "vc01", day(1), [vm("a", name="web", config__hardware__numCPU=2)])
        scan_once(location, "vc01", day(2), [vm("b", name="other")])
        with open_reader(location) as reader:
            assert [(entity.key, entity.get("config.hardware.numCPU")) for entity in reader.find("web")] == [("a", 2)]
        scan_once(location, "vc01", day(3), [vm("c", name="web")])
        with open_reader(location) as reader:
            assert [entity.key for entity in reader.find("web")] == ["c"]

    def test_touched_gives_each_thing_that_began_or_ended_with_its_rows_of_all_sources(
        self, location: StoreLocation
    ) -> None:
        scan_once(location, "esx01", day(0), [vm("moved", source="esx01", host="h1"), host("h1", source="esx01")])
        scan_once(location, "vc01", day(1), [vm("still"), vm("gone"), vm("before"), host("h9")])
        scan_once(location, "vc01", day(2), [vm("still"), vm("gone"), host("h9")])
        later = [vm("still"), vm("moved", host="h1"), host("h1"), host("h9")]
        scan_once(location, "vc01", day(5), later, live=["vc01"])
        scan_once(location, "vc01", day(9), [*later, vm("late")], live=["vc01"])
        with open_reader(location) as reader:
            touched = list(reader.touched(day(3), day(9), [Kind.VM]))
        assert [[(row.entity.key, row.entity.source) for row in rows] for rows in touched] == [
            [("gone", "vc01")],
            [("moved", "esx01"), ("moved", "vc01")],
        ]

    def test_gaps_are_those_of_each_sources_newest_scan(self, location: StoreLocation) -> None:
        first = scan_once(location, "vc01", day(0), [gap(Kind.HOST)]).scan
        scan_once(location, "esx01", day(0), [gap(source="esx01")])
        scan_once(location, "vc01", day(1), [vm("a")])
        with open_reader(location) as reader:
            assert [recorded.gap for recorded in reader.gaps()] == [gap(source="esx01")]
            (old,) = reader.gaps(first.id)
        assert (old.gap, old.scan_id, old.observed_at) == (gap(Kind.HOST), first.id, day(0))

    def test_scans_come_newest_first_and_can_be_limited(self, location: StoreLocation) -> None:
        for source, number in (("vc01", 2), ("vc01", 0), ("esx01", 1)):
            scan_once(location, source, day(number), [vm("a", source=source)])
        with open_reader(location) as reader:
            assert [found.observed_at for found in reader.scans()] == [day(2), day(1), day(0)]
            assert [found.observed_at for found in reader.scans("vc01", limit=1)] == [day(2)]
            assert [state.last_complete.observed_at for state in reader.last_scans() if state.last_complete] == [
                day(1),
                day(2),
            ]

    def test_answers_are_remembered_corrected_and_forgotten(self, location: StoreLocation) -> None:
        def answer(role: str, by: str) -> Answer:
            return Answer(vm_id="a", role=role, answered_by=by, answered_at=NOW)

        with open_store(location, NOW) as store:
            for said in (answer("sql", "ali"), answer("dc", "ali"), answer("sql", "sara")):
                store.remember(said)
            with open_reader(location) as reader:
                assert reader.answers() == [answer("dc", "ali"), answer("sql", "sara")]
                assert (store.forget("a", "dc"), store.forget("b")) == (1, 0)
                assert reader.answers() == [answer("sql", "sara")]
                assert (store.forget("a"), reader.answers()) == (1, [])

    def test_a_live_scan_before_an_earlier_one_says_that_the_clock_went_back(self, location: StoreLocation) -> None:
        scan_once(location, "vc01", day(400), [vm("a")])
        for live, codes in (("vc01",), ["clock.backwards"]), ((), []):
            summary = scan_once(location, "vc01", day(1), [vm("b")], live=live)
            with open_reader(location) as reader:
                assert [found.gap.code for found in reader.gaps(summary.scan.id)] == codes

    def test_a_number_larger_than_any_column_does_not_stop_a_scan(self, location: StoreLocation) -> None:
        summary = scan_once(location, "vc01", day(0), [vm("a", summary__storage__committed=10**30)])
        assert summary.new == 1
        with open_reader(location) as reader:
            assert reader.samples(Kind.VM, EntityKey("a"), day(-1), day(1)) == []

    def test_samples_are_kept_of_each_scan_and_condensed_to_months(self, location: StoreLocation) -> None:
        with open_store(location, NOW) as store:
            for number in (0, 1, 2, 12):  # 22, 23 and 24 November, 4 December
                usage = {"summary__storage__committed": number * 10, "summary__quickStats__overallCpuUsage": None}
                scan(store, "vc01", day(number), [vm("a", **usage), vm("quiet")])
            with open_reader(location) as reader:
                raw = reader.samples(Kind.VM, EntityKey("a"), day(1), day(12))
                assert [(sample.begin_at, sample.storage_used_bytes) for sample in raw] == [
                    (day(1), Range(lowest=10, mean=10.0, highest=10)),
                    (day(2), Range(lowest=20, mean=20.0, highest=20)),
                ]
                assert store.condense_samples(day(12)) == 3
                assert store.condense_samples(day(12)) == 0
                month, december = reader.samples(Kind.VM, EntityKey("a"), day(-22), day(13))
                assert reader.samples(Kind.VM, EntityKey("quiet"), day(-22), day(13)) == []
        assert (month.is_month, month.begin_at.day, month.begin_at.month) == (True, 1, 11)
        assert (month.storage_used_bytes, month.cpu_mhz) == (Range(lowest=0, mean=10.0, highest=20), None)
        assert (december.is_month, december.begin_at) == (False, day(12))

    # Opening

    def test_a_place_without_a_store_is_not_an_empty_inventory(self, location: StoreLocation) -> None:
        with pytest.raises(StoreUnavailable) as caught:
            open_reader(location)
        assert "itops inventory scan" in caught.value.remedy

    def test_a_scan_left_open_is_abandoned_at_the_next_opening_and_counts_for_nothing(
        self, location: StoreLocation
    ) -> None:
        with open_store(location, NOW) as store:
            writer = store.begin_scan(observation("vc01", day(0)), day(0))
            writer.add(vm("a"))
            with open_store(location, NOW), open_reader(location) as reader:
                assert [found.state for found in reader.scans()] == [ScanState.RUNNING]
            assert keys(location) == []
        with open_store(location, day(1)), open_reader(location) as reader:
            (found,) = reader.scans()
            assert (found.state, found.ended_at) == (ScanState.ABANDONED, day(1))

    def test_several_scans_are_filled_at_once_and_finished_one_after_the_other(self, location: StoreLocation) -> None:
        with open_store(location, NOW) as store:
            writers = {name: store.begin_scan(observation(name, day(0)), day(0)) for name in ("esx01", "esx02")}
            for number in range(10):
                for name, writer in writers.items():
                    writer.add(vm(f"{name}-{number}", source=name))
            for writer in writers.values():
                assert writer.finish(day(0), list(writers)).new == 10
        assert len(keys(location)) == 20

    def test_another_writer_is_waited_for_a_while_and_then_named(self, location: StoreLocation) -> None:
        scan_once(location, "vc01", day(0), [vm("a")])
        with self.somebody_writing(location):
            with pytest.raises(StoreLocked) as caught:
                open_store(location, NOW, lock_wait_seconds=0.1)
            assert keys(location) == ["a"]
        assert caught.value.exit_code == 75
        assert scan_once(location, "vc01", day(1), [vm("a")]).unchanged == 1

    def test_what_is_told_in_part_is_laid_over_what_was_told_before(
        self, new_location: Callable[[], StoreLocation]
    ) -> None:
        location = new_location()
        scan_once(location, "net", day(0), [vm("a", serial="CZ1", name="old", overallStatus={"pages": 7, "days": 1})])
        scan_once(location, "net", day(1), [vm("a", name="new", overallStatus={"pages": 9}, is_partial=True)])
        with open_reader(location) as reader:
            [told] = reader.entities(Kind.VM)
        assert (told.get("serial"), told.name, told.get("is_partial")) == ("CZ1", "new", None)
        assert told.get("overallStatus") == {"pages": 9, "days": 1}

    def test_a_first_part_is_kept_as_a_part(self, new_location: Callable[[], StoreLocation]) -> None:
        location = new_location()
        scan_once(location, "net", day(0), [vm("a", serial="CZ1", is_partial=True)])
        with open_reader(location) as reader:
            assert [told.get("is_partial") for told in reader.entities(Kind.VM)] == [True]

    def test_what_a_source_never_shows_whole_ends_by_no_absence(
        self, new_location: Callable[[], StoreLocation]
    ) -> None:
        location = new_location()
        with open_store(location, NOW) as store:
            for number, names in ((0, "ab"), (1, "a")):
                seen = iter([vm(name, source="net") for name in names])
                observed = Observation(source="net", observed_at=day(number), seen=seen, hides=frozenset({Kind.VM}))
                with store.begin_scan(observed, day(number)) as writer:
                    for entity in observed.seen:
                        assert isinstance(entity, Entity)
                        writer.add(entity)
                    writer.finish(day(number), {"net"})
        assert keys(location) == ["a", "b"]
        with open_reader(location) as reader:
            assert reader.gaps() == []


def load_in_any_order(new_location: Callable[[], StoreLocation], data: st.DataObject) -> None:
    """Draw looks, load them as drawn and in the order of time, and find the same history."""
    looks = data.draw(st.lists(some_look(), min_size=2, max_size=7, unique_by=lambda look: look[:2]))
    live = data.draw(st.frozensets(st.sampled_from("abc")))
    in_order, shuffled = new_location(), new_location()
    for location, order in ((in_order, sorted(looks, key=lambda look: look[1])), (shuffled, looks)):
        with open_store(location, NOW) as store:
            for source, number, seen in order:
                scan(store, source, day(number), seen, live=live)
    assert list(everything(shuffled, KINDS)) == list(everything(in_order, KINDS))


@st.composite
def some_look(draw: st.DrawFn) -> tuple[str, int, list[Seen]]:
    """A source, a day, and what it saw: few names, few values, so that looks meet each other."""
    source = draw(st.sampled_from("abc"))
    seen: list[Seen] = [host(key, source=source) for key in draw(st.sets(st.sampled_from(("h1", "h2", "h3"))))]
    for key in draw(st.sets(st.sampled_from(("u", "v", "w", "x")))):
        place = draw(st.sampled_from((None, "h1", "h2", "h3")))
        moving = draw(st.integers(0, 9))
        seen.append(vm(key, source=source, host=place, n=draw(st.integers(0, 1)), overallStatus=moving))
    seen += [datastore("d", source=source)] if draw(st.booleans()) else []
    hides = draw(st.sets(st.sampled_from(KINDS), max_size=2))
    seen += [gap(*hides, source=source)] if hides else []
    return source, draw(st.integers(0, 8)), seen
