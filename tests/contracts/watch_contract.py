"""What the store of the watch must do on either engine: no due time twice, a round whole or not at all."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from itops.alerts.records import Evaluation, EventKind, Incident, Key, Notification, Phase, Silence
from itops.schedule.planning import JobMemory
from itops.schedule.records import Beat, Run, RunState
from itops.store import StoreLocation, open_reader, open_store
from itops.store.watch_reader import WatchReader
from itops.store.watch_writer import RoundFacts, RoundRows
from itops.verdict import State

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = Key("backup", "پشتیبان sql01/Insurance")


def run(job: str = "verify", hours: float = 0, **more: object) -> Run:
    told = {"state": RunState.WAITING, **more}
    return Run(job=job, due_at=NOW + hours * HOUR, **told)  # type: ignore[arg-type]


def evaluation(key: Key = KEY, state: State = State.CRITICAL, **more: object) -> Evaluation:
    return Evaluation(key=key, state=state, code="missing", table="slot", judged_at=NOW, **more)  # type: ignore[arg-type]


def incident(key: Key = KEY, phase: Phase = Phase.FIRING, **more: object) -> Incident:
    return Incident(key=key, phase=phase, state=State.CRITICAL, opened_at=NOW, recent=(True, False), **more)  # type: ignore[arg-type]


def notification(number: int = 0, **more: object) -> Notification:
    told = {
        "kind": EventKind.OPENED,
        "state": State.CRITICAL,
        "keys": (KEY,),
        "document": "{}",
        "channel": "mail",
        **more,
    }
    return Notification(number=number, made_at=NOW, not_before=NOW, **told)  # type: ignore[arg-type]


def silence() -> Silence:
    return Silence(number=0, check="backup", object="*", begin=NOW, until=NOW + HOUR, by="R.", reason="move")


class WatchContract:
    """Give `new_location`."""

    def test_a_due_time_is_claimed_once(self, new_location: Callable[[], StoreLocation]) -> None:
        location = new_location()
        with open_store(location, NOW) as store, open_store(location, NOW) as other:
            assert store.watch.claim(run())
            assert not other.watch.claim(run(note="second"))
            assert other.watch.claim_all([run(), run(hours=1), run("scan")]) == 2
        assert [(one.job, one.note) for one in self.read(location).runs()] == [
            ("verify", ""),
            ("scan", ""),
            ("verify", ""),
        ]

    def test_what_became_of_a_run_is_read_back(self, new_location: Callable[[], StoreLocation]) -> None:
        location = new_location()
        ended = run(state=RunState.FAILED, attempt=2, started_at=NOW, ended_at=NOW + HOUR, exit_code=69, output="€")
        with open_store(location, NOW) as store:
            store.watch.claim_all([run(), run(hours=2)])
            store.watch.change(ended)
        reader = self.read(location)
        assert reader.runs("verify", since=NOW, limit=5) == [run(hours=2), ended]
        assert reader.runs("verify", since=NOW + HOUR) == [run(hours=2)]
        assert reader.open_runs() == [run(hours=2)]
        assert reader.last_due() == {"verify": NOW + 2 * HOUR}

    def test_of_two_who_begin_one_run_that_waits_the_first_does(
        self, new_location: Callable[[], StoreLocation]
    ) -> None:
        location = new_location()
        waits = run(note="coalesced 2, \udc80", not_before=NOW + HOUR)
        begins = [replace(waits, state=RunState.RUNNING, started_at=NOW, host=host) for host in ("a", "b")]
        with open_store(location, NOW) as store, open_store(location, NOW) as other:
            store.watch.claim(waits)
            assert other.watch.exchange(waits, begins[1])
            assert not store.watch.exchange(waits, begins[0])
            assert [one.host for one in self.read(location).runs()] == ["b"]
            again = replace(waits, attempt=2)
            other.watch.change(again)
            assert not store.watch.exchange(waits, begins[0])
            assert self.read(location).runs()[0].attempt == 2
            assert store.watch.exchange(again, replace(begins[0], attempt=2))
        assert [(one.host, one.state) for one in self.read(location).runs()] == [("a", RunState.RUNNING)]

    def test_a_run_without_a_row_is_not_begun(self, new_location: Callable[[], StoreLocation]) -> None:
        location = new_location()
        with open_store(location, NOW) as store:
            assert not store.watch.exchange(run(), run(state=RunState.RUNNING))
        assert self.read(location).runs() == []

    def test_the_beat_is_the_last_one(self, new_location: Callable[[], StoreLocation]) -> None:
        location = new_location()
        first = Beat(at=NOW, pid=1, host="a", version="0.1.0")
        with open_store(location, NOW) as store:
            assert self.read(location).beat() is None
            store.watch.write_beat(first)
            store.watch.write_beat(Beat(at=NOW + HOUR, pid=2, host="b", version="0.1.0"))
        assert self.read(location).beat() == Beat(at=NOW + HOUR, pid=2, host="b", version="0.1.0")

    def test_evaluations_of_a_check_stand_in_the_place_of_its_earlier_ones(
        self, new_location: Callable[[], StoreLocation]
    ) -> None:
        location = new_location()
        other = Key("inventory", "vc01")
        rich = evaluation(valid_until=NOW + HOUR, facts={"slot_count": 3}, since=NOW, depends_on=(other,))
        with open_store(location, NOW) as store:
            store.watch.record_evaluations([rich, evaluation(other)], {"backup", "inventory"})
            store.watch.record_evaluations([evaluation(Key("backup", "new"))], {"backup", "delivery"})
            assert {one.key.object for one in self.read(location).evaluations()} == {"new", "vc01"}
            store.watch.record_evaluations([rich], {"backup", "inventory"})
        assert self.read(location).evaluations() == [rich]

    def test_a_round_sees_all_and_keeps_the_incidents_it_does_not_change(
        self, new_location: Callable[[], StoreLocation]
    ) -> None:
        location = new_location()
        other, third = Key("inventory", "vc01"), Key("inventory", "vc02")
        seen = []

        def first(facts: RoundFacts) -> RoundRows:
            seen.append(facts)
            return RoundRows(changed=[incident(), incident(other, Phase.OK), incident(third)])

        def second(facts: RoundFacts) -> RoundRows:
            seen.append(facts)
            return RoundRows(changed=[incident(acked_by="R.")], forgotten=[third])

        with open_store(location, NOW) as store:
            store.watch.add_silence(silence())
            store.watch.play_round([evaluation()], {"backup"}, first)
            store.watch.play_round([evaluation(other)], {"inventory"}, second)
        assert [sorted(one.key.check for one in facts.evaluations) for facts in seen] == [
            ["backup"],
            ["backup", "inventory"],
        ]
        assert [sorted(facts.incidents) for facts in seen] == [[], sorted([KEY, other, third])]
        assert [len(facts.silences) for facts in seen] == [1, 1]
        reader = self.read(location)
        assert reader.incidents() == {KEY: incident(acked_by="R."), other: incident(other, Phase.OK)}
        assert list(reader.incidents(only_open=True)) == [KEY]

    def test_a_round_that_fails_leaves_everything_as_it_was(self, new_location: Callable[[], StoreLocation]) -> None:
        location = new_location()

        def broken(facts: RoundFacts) -> RoundRows:
            raise KeyError(facts.evaluations[0].key)

        with open_store(location, NOW) as store:
            with pytest.raises(KeyError):
                store.watch.play_round([evaluation()], {"backup"}, broken)
            assert self.read(location).evaluations() == []

    def test_notifications_are_numbered_as_they_are_kept(self, new_location: Callable[[], StoreLocation]) -> None:
        location = new_location()
        waiting = []

        def telling(*made: Notification, replaced: tuple[int, ...] = ()) -> Callable[[RoundFacts], RoundRows]:
            def play(facts: RoundFacts) -> RoundRows:
                waiting.append([one.number for one in facts.waiting])
                return RoundRows(notifications=made, replaced=replaced)

            return play

        with open_store(location, NOW) as store:
            first = store.watch.play_round([], (), telling(notification(), notification(channel="sms")))
            (third,) = store.watch.play_round([], (), telling(notification(), replaced=(2,)))
            assert [one.number for one in (*first, third)] == [1, 2, 3]
            (fourth,) = store.watch.play_round([], (), telling(notification(), replaced=(3,)))
            store.watch.change_notification(notification(1, tries=1, sent_at=NOW))
            store.watch.change_notification(notification(fourth.number, tries=9, given_up_at=NOW))
            store.watch.play_round([], (), telling(notification()))
        assert waiting == [[], [1, 2], [1, 3], []]
        reader = self.read(location)
        assert [one.number for one in reader.notifications(only_open=True)] == [5]
        assert [one.number for one in reader.notifications(limit=2)] == [5, 4]

    def test_a_round_knows_its_numbers_and_changes_rows_that_there_are(
        self, new_location: Callable[[], StoreLocation]
    ) -> None:
        location = new_location()
        numbers = []

        def play(facts: RoundFacts) -> RoundRows:
            numbers.append(facts.next_number)
            closed = [replace(one, given_up_at=NOW, error=f"told in {facts.next_number}") for one in facts.waiting]
            return RoundRows(notifications=[notification()], changed_notifications=closed)

        with open_store(location, NOW) as store:
            for _ in range(3):
                store.watch.play_round([], (), play)
        assert numbers == [1, 2, 3]
        rows = self.read(location).notifications()
        assert [(one.number, one.error) for one in rows] == [(3, ""), (2, "told in 3"), (1, "told in 2")]
        assert [one.number for one in self.read(location).notifications(only_open=True)] == [3]

    def test_pruning_notifications_keeps_what_is_open_what_is_young_and_the_last_number(
        self, new_location: Callable[[], StoreLocation]
    ) -> None:
        location = new_location()
        rows = [
            notification(sent_at=NOW - HOUR),
            notification(),
            notification(given_up_at=NOW - HOUR),
            notification(sent_at=NOW),
            notification(sent_at=NOW - HOUR),
        ]
        with open_store(location, NOW) as store:
            store.watch.play_round([], (), lambda facts: RoundRows(notifications=rows))
            assert store.watch.prune_notifications(NOW) == 2
            assert store.watch.prune_notifications(NOW) == 0
            assert [one.number for one in self.read(location).notifications()] == [5, 4, 2]
            (sixth,) = store.watch.play_round([], (), lambda facts: RoundRows(notifications=[notification()]))
        assert sixth.number == 6

    def test_a_person_changes_an_incident_as_it_is_now(self, new_location: Callable[[], StoreLocation]) -> None:
        location = new_location()
        with open_store(location, NOW) as store:
            store.watch.play_round([], (), lambda facts: RoundRows(changed=[incident(bad_count=7)]))
            changed = store.watch.change_incident(KEY, lambda one: replace(one, acked_by="R."))
            assert changed == incident(bad_count=7, acked_by="R.")
            assert store.watch.change_incident(Key("backup", "none"), lambda one: one) is None
        assert self.read(location).incidents() == {KEY: incident(bad_count=7, acked_by="R.")}

    def test_the_memory_of_a_job_is_its_milestones(self, new_location: Callable[[], StoreLocation]) -> None:
        location = new_location()
        first = run(hours=-9, state=RunState.SKIPPED, note="first-sight", ended_at=NOW)
        good = run(hours=-8, state=RunState.OK, started_at=NOW, ended_at=NOW)
        bad = run(hours=-7, state=RunState.FAILED, started_at=NOW, ended_at=NOW)
        again = run(hours=-6, state=RunState.WAITING, started_at=NOW, attempt=2)
        newest = run(hours=-5)
        with open_store(location, NOW) as store:
            store.watch.claim_all([first, good, bad, again, newest, run(hours=1), run("scan", hours=2)])
        reader = self.read(location)
        assert reader.memory(NOW) == {
            "verify": JobMemory(newest=newest, first=first, begun=again, over=bad, good=good),
        }
        assert set(reader.memory(NOW + 2 * HOUR)) == {"scan", "verify"}

    def test_pruning_runs_keeps_what_the_memory_rests_on(self, new_location: Callable[[], StoreLocation]) -> None:
        location = new_location()
        states = [RunState.SKIPPED, RunState.OK, RunState.OK, RunState.FAILED, RunState.FAILED, RunState.WAITING]
        rows = [run(hours=place, state=state, started_at=NOW) for place, state in enumerate(states)]
        with open_store(location, NOW) as store:
            store.watch.claim_all([*rows, run("scan", state=RunState.SKIPPED)])
            before = self.read(location).memory(NOW + 9 * HOUR)
            assert store.watch.prune_runs({"verify": NOW + 9 * HOUR}) == 2
            assert store.watch.prune_runs({"verify": NOW + 9 * HOUR, "gone": NOW}) == 0
        reader = self.read(location)
        assert reader.memory(NOW + 9 * HOUR) == before
        assert [one.due_at for one in reader.runs("verify")] == [NOW + hours * HOUR for hours in (5, 4, 2, 0)]
        assert len(reader.runs("scan")) == 1

    def test_silences_are_numbered_and_can_be_ended(self, new_location: Callable[[], StoreLocation]) -> None:
        location = new_location()
        made = silence()
        with open_store(location, NOW) as store:
            assert store.watch.add_silence(made).number == 1
            assert store.watch.add_silence(made).number == 2
            ended = store.watch.end_silence(1, "S.", NOW + HOUR)
            assert ended is not None
            assert (ended.ended_by, ended.ended_at) == ("S.", NOW + HOUR)
            assert store.watch.end_silence(7, "S.", NOW) is None
        assert [one.ended_by for one in self.read(location).silences()] == ["S.", ""]

    @staticmethod
    def read(location: StoreLocation) -> WatchReader:
        return open_reader(location).watch
