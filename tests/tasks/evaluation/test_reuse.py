"""A register that is judged again only when something it rests on is another: nobody can tell from what is said."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from itops.alerts.records import Evaluation, Key
from itops.inventory.entities import Entity, EntityKey, Kind
from itops.tasks.evaluation.hardware import REGISTER, evaluate_register
from itops.tasks.evaluation.reuse import kept
from tests.tasks.evaluation.offices import DAY, HOUR, INSTANT, MINUTE, NOW, WatchedOffice
from tests.tasks.evaluation.test_inventory import LINK, PHONE, SITES, office, saw

SEEN = "id: h-1, kind: server, name: esx01, site: head, status: in_use, serial: SN0001"


def write(path: Path, *entries: str, head: str = SITES) -> None:
    path.write_text(head + "".join(f"  - {{{entry}}}\n" for entry in entries), encoding="utf-8")
    os.utime(path, times=(0, (NOW - DAY).timestamp()))


def watched_office(folder: Path, *entries: str) -> WatchedOffice:
    made = office(folder)
    os.utime(folder / "itops.yaml", times=(0, (NOW - DAY).timestamp()))
    write(folder / "inventory.yaml", *(entries or (LINK, PHONE.format(1), SEEN)))
    return made


def host(serial: str = "SN0001") -> Entity:
    properties = {"name": "esx01", "hardware.systemInfo.serialNumber": serial}
    return Entity(
        kind=Kind.HOST, key=EntityKey(f"vc01/{serial}"), ref="host-1", source="vc01", seen_at=NOW, properties=properties
    )


def keep(made: WatchedOffice, now: datetime) -> dict[str, Evaluation]:
    """Judge and keep it, as a round does."""
    found = made.judged(evaluate_register, now)
    with made.store(now) as store:
        store.watch.record_evaluations(found.values(), {"inventory"})
    return found


def is_kept(made: WatchedOffice, now: datetime) -> bool:
    with made.watched(now) as watched:
        return bool(kept(watched, REGISTER, lambda _: True))


def anew(made: WatchedOffice, now: datetime) -> dict[str, Evaluation]:
    with made.store(now) as store:
        store.watch.record_evaluations([], {"inventory"})
    return made.judged(evaluate_register, now)


def test_what_nothing_changed_is_not_judged_again_until_the_day_is_over(tmp_path):
    made = watched_office(tmp_path)
    found = keep(made, NOW)
    until = found["register"].valid_until
    assert until is not None
    assert is_kept(made, NOW + 5 * MINUTE)
    assert is_kept(made, until - INSTANT)
    assert not is_kept(made, until)
    assert not is_kept(made, NOW - MINUTE), "the clock was set back"


@pytest.mark.parametrize("change", ["register", "settings", "scan", "hidden", "gone", "unsettled"])
def test_whatever_it_rests_on_is_another_it_is_judged_anew(tmp_path, change):
    made = watched_office(tmp_path)
    keep(made, NOW)
    assert is_kept(made, NOW + HOUR)
    register, config = tmp_path / "inventory.yaml", tmp_path / "itops.yaml"
    if change == "register":
        write(register, LINK)
    elif change == "settings":
        config.write_text(config.read_text() + "assets: {stale_after: 40d}\n")
        os.utime(config, times=(0, (NOW - DAY).timestamp()))
    elif change == "scan":
        saw(made, NOW + MINUTE, host())
    elif change == "hidden":  # as large and as old as before
        register.write_text(register.read_text().replace("link-1", "link-2"))
        os.utime(register, times=(0, (NOW - DAY).timestamp()))
    elif change == "gone":
        register.unlink()
    else:
        os.utime(register, times=(0, (NOW + HOUR).timestamp()))
    assert not is_kept(made, NOW + HOUR)


def test_what_the_register_includes_counts_and_so_does_a_file_that_is_new(tmp_path):
    made = watched_office(tmp_path)
    (tmp_path / "counties").mkdir()
    write(tmp_path / "counties" / "a.yaml", PHONE.format(2), head="assets:\n")
    write(tmp_path / "inventory.yaml", LINK, head=f"include: [counties/*.yaml]\n{SITES}")
    assert {"link.contract-ended link-1", "warranty.ended"} <= keep(made, NOW).keys()
    assert is_kept(made, NOW + HOUR)
    write(tmp_path / "counties" / "b.yaml", PHONE.format(3), head="assets:\n")
    assert not is_kept(made, NOW + HOUR)
    keep(made, NOW + HOUR)
    assert is_kept(made, NOW + HOUR)
    write(tmp_path / "counties" / "a.yaml", PHONE.format(4), head="assets:\n")
    assert not is_kept(made, NOW + HOUR)


def test_a_register_that_cannot_be_read_is_looked_at_each_time(tmp_path):
    made = watched_office(tmp_path)
    (tmp_path / "inventory.yaml").write_text("nonsense")
    assert keep(made, NOW)["register"].code == "not-judged"
    assert not is_kept(made, NOW + MINUTE)


def test_findings_of_servers_are_not_its_own(tmp_path):
    made = watched_office(tmp_path)
    found = keep(made, NOW)
    other = Evaluation(
        key=Key("inventory", "snapshot.old"), state=found["register"].state, code="x", table="health", judged_at=NOW
    )
    with made.store() as store:
        store.watch.record_evaluations([*found.values(), other], {"inventory"})
    assert made.judged(evaluate_register, NOW + MINUTE).keys() == found.keys()


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    seen_hours_ago=st.integers(0, 24 * 60),
    steps=st.lists(
        st.tuples(st.integers(1, 30 * 60), st.sampled_from(["", "", "scan", "edit"])), min_size=1, max_size=4
    ),
)
@example(seen_hours_ago=46 * 24 - 1, steps=[(90, "")])  # of how many days it is turns within the day
@example(seen_hours_ago=45 * 24 - 1, steps=[(90, "")])
def test_with_and_without_it_a_round_says_the_same(tmp_path_factory, seen_hours_ago, steps):
    made = watched_office(tmp_path_factory.mktemp("office"))
    saw(made, NOW - timedelta(hours=seen_hours_ago), host())
    keep(made, NOW)
    now = NOW
    for minutes, change in steps:
        now += minutes * MINUTE
        if change == "scan":
            saw(made, now, host(f"SN{minutes:04}"))
        elif change == "edit":
            write(made.folder / "inventory.yaml", LINK, SEEN, PHONE.format(minutes))
        said = keep(made, now)
        assert said == anew(made, now)
        keep(made, now)
