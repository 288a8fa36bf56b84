"""What the store of the watch must do on either engine: no due time twice, a round whole or not at all."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from itops.alerts.records import Evaluation, EventKind, Incident, Key, Notification, Phase, Silence
from itops.schedule.records import Beat, Run, RunState
from itops.store import StoreLocation, open_reader, open_store
from itops.store.watch_reader import WatchReader
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

    def test_the_beat_is_the_last_one(self, new_location: Callable[[], StoreLocation]) -> None:
        location = new_location()
        first = Beat(at=NOW, pid=1, host="a", version="0.1.0")
        with open_store(location, NOW) as store:
            assert self.read(location).beat() is None
            store.watch.write_beat(first)
            store.watch.write_beat(Beat(at=NOW + HOUR, pid=2, host="b", version="0.1.0"))
        assert self.read(location).beat() == Beat(at=NOW + HOUR, pid=2, host="b", version="0.1.0")

    def test_a_round_replaces_all_evaluations_and_keeps_the_other_incidents(
        self, new_location: Callable[[], StoreLocation]
    ) -> None:
        location = new_location()
        other = Key("inventory", "vc01")
        rich = evaluation(valid_until=NOW + HOUR, facts={"slot_count": 3}, since=NOW, depends_on=(other,))
        with open_store(location, NOW) as store:
            store.watch.record_round([rich, evaluation(other)], {KEY: incident(), other: incident(other, Phase.OK)})
            store.watch.record_round([rich], {KEY: incident(acked_by="R.")})
        reader = self.read(location)
        assert reader.evaluations() == [rich]
        assert reader.incidents() == {KEY: incident(acked_by="R."), other: incident(other, Phase.OK)}
        assert list(reader.incidents(only_open=True)) == [KEY]

    def test_notifications_are_numbered_as_they_are_kept(self, new_location: Callable[[], StoreLocation]) -> None:
        location = new_location()
        with open_store(location, NOW) as store:
            first = store.watch.record_round([], {}, [notification(), notification(channel="sms")])
            (third,) = store.watch.record_round([], {}, [notification()])
            assert [one.number for one in (*first, third)] == [1, 2, 3]
            store.watch.change_notification(notification(1, tries=1, sent_at=NOW))
            store.watch.change_notification(notification(3, tries=9, given_up_at=NOW))
        reader = self.read(location)
        assert [one.number for one in reader.notifications(only_open=True)] == [2]
        assert [one.number for one in reader.notifications(limit=2)] == [3, 2]

    def test_silences_are_numbered_and_can_be_ended(self, new_location: Callable[[], StoreLocation]) -> None:
        location = new_location()
        made = Silence(number=0, check="backup", object="*", begin=NOW, until=NOW + HOUR, by="R.", reason="move")
        with open_store(location, NOW) as store:
            assert store.watch.add_silence(made).number == 1
            assert store.watch.add_silence(made).number == 2
            ended = store.watch.end_silence(1, "S.")
            assert ended is not None
            assert ended.ended_by == "S."
            assert store.watch.end_silence(7, "S.") is None
        assert [one.ended_by for one in self.read(location).silences()] == ["S.", ""]

    def test_incidents_of_things_that_are_no_more_can_be_forgotten(
        self, new_location: Callable[[], StoreLocation]
    ) -> None:
        location = new_location()
        with open_store(location, NOW) as store:
            store.watch.record_round([], {KEY: incident()})
            store.watch.change_incident(incident(ack_note="seen"))
            assert self.read(location).incidents()[KEY].ack_note == "seen"
            store.watch.forget_incidents([KEY])
        assert self.read(location).incidents() == {}

    @staticmethod
    def read(location: StoreLocation) -> WatchReader:
        return open_reader(location).watch
