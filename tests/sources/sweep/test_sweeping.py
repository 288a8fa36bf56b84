"""How a sweep concludes from touches, the neighbour table and open ports who is there. The world is played here."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.errors import SourceUnavailable
from itops.sources.macs import MOST_OF_ONE_MAC
from itops.sources.sweep.neighbours import Neighbour, Standing, Table
from itops.sources.sweep.sweeping import SETTLE_SECONDS, SUSPICIOUSLY_ALL, Sweeper, Swept

A, B, C = "10.1.0.1", "10.1.0.2", "10.1.0.3"
MAC, OTHER = "020000000001", "020000000002"
REACHABLE = Neighbour(mac=MAC, standing=Standing.ANSWERS)
STALE = Neighbour(mac=MAC, standing=Standing.UNSURE)
FAILED = Neighbour(mac=None, standing=Standing.SILENT)


class World:
    """A kernel whose table follows a script, and devices that refuse or accept."""

    def __init__(
        self,
        *tables: dict[str, Neighbour],
        refusing: Sequence[str] = (),
        unsent: dict[str, str] | None = None,
        accepting: Sequence[str] = (),
        tells_age: bool = True,
    ) -> None:
        self.tables = list(tables) or [{}]  # the last one stays
        self.refusing, self.unsent, self.accepting = set(refusing), unsent or {}, set(accepting)
        self.tells_age = tells_age
        self.touched: list[list[str]] = []
        self.knocked: list[str] = []
        self.paused = 0.0

    def touch(self, addresses: Sequence[str], seconds: float) -> tuple[set[str], dict[str, str]]:
        self.touched.append(list(addresses))
        return self.refusing & set(addresses), {a: why for a, why in self.unsent.items() if a in addresses}

    def read_table(self) -> Table:
        table = self.tables.pop(0) if len(self.tables) > 1 else self.tables[0]
        return Table(neighbours=table, tells_age=self.tells_age)

    def knock(self, addresses: Sequence[str], ports: Sequence[int], *, seconds: float, parallel: int) -> set[str]:
        self.knocked += addresses
        return self.accepting & set(addresses)

    def pause(self, seconds: float) -> None:
        self.paused += seconds

    def sweep(self, *addresses: str, ports: tuple[int, ...] = (), parallel: int = 256) -> Swept:
        sweeper = Sweeper(
            touch=self,
            read_table=self.read_table,
            knock=self.knock,
            ports=ports,
            parallel=parallel,
            pause=self.pause,
        )
        return sweeper.sweep(addresses)


def test_an_answer_to_arp_is_a_device_and_its_mac():
    swept = World({}, {A: REACHABLE, B: FAILED}).sweep(A, B)
    assert swept == Swept(answering={A: MAC}, silent=(B,))


def test_nobody_waits_when_the_kernel_is_sure():
    world = World({}, {A: REACHABLE, B: FAILED})
    world.sweep(A, B)
    assert world.paused == 0
    assert world.touched == [[A, B]]


def test_a_refusal_proves_a_device_behind_a_router_of_which_no_mac_is_known():
    assert World({}, refusing=[A]).sweep(A) == Swept(answering={A: None})


def test_an_address_of_which_the_kernel_has_never_heard_is_behind_a_router():
    assert World({}, {A: FAILED}).sweep(A, B) == Swept(silent=(A,), elsewhere=(B,))


def test_who_answered_long_ago_counts_once_the_kernel_has_asked_again():
    world = World({A: STALE}, {A: STALE}, {A: STALE}, {A: REACHABLE})
    assert world.sweep(A) == Swept(answering={A: MAC})
    assert 0 < world.paused < SETTLE_SECONDS


def test_who_answered_long_ago_and_is_gone_is_silent():
    world = World({A: STALE}, {A: STALE}, {A: FAILED})
    assert world.sweep(A) == Swept(silent=(A,))


def test_who_answered_long_ago_and_was_forgotten_meanwhile_is_silent():
    assert World({A: STALE}, {A: STALE}, {}).sweep(A) == Swept(silent=(A,))


def test_a_new_device_at_an_old_address_is_found_by_a_second_touch():
    new = Neighbour(mac=OTHER, standing=Standing.ANSWERS)
    world = World({A: STALE}, {A: STALE}, {A: FAILED}, {A: new})
    assert world.sweep(A) == Swept(answering={A: OTHER})
    assert world.touched == [[A], [A]]


def test_what_stays_unsure_for_ever_is_silent_and_the_wait_ends():
    world = World({A: STALE})
    assert world.sweep(A) == Swept(silent=(A,))
    assert world.paused == SETTLE_SECONDS


def test_an_answer_from_before_the_touch_does_not_count_by_itself():
    world = World({A: REACHABLE}, {A: FAILED})
    assert world.sweep(A) == Swept(silent=(A,))


def test_an_answer_that_the_kernel_thinks_old_by_the_last_round_stays_one():
    world = World({}, {A: REACHABLE}, {A: STALE, B: REACHABLE})
    assert world.sweep(A, B, parallel=1).answering == {A: MAC, B: MAC}
    assert world.paused == 0


def test_an_entry_written_by_hand_proves_nothing():
    fixed = Neighbour(mac=MAC, standing=Standing.FIXED)
    assert World({A: fixed}).sweep(A) == Swept(silent=(A,))
    assert World({A: fixed}, refusing=[A]).sweep(A) == Swept(answering={A: MAC})


def test_without_ages_what_came_with_the_touch_answers_at_once():
    world = World({}, {A: STALE, B: FAILED}, tells_age=False)
    assert world.sweep(A, B) == Swept(answering={A: MAC}, silent=(B,))
    assert world.paused == 0


def test_without_ages_what_was_there_before_counts_if_the_kernel_keeps_it():
    world = World({A: STALE, B: STALE}, {A: STALE, B: STALE}, {A: STALE, B: FAILED}, tells_age=False)
    assert world.sweep(A, B) == Swept(answering={A: MAC}, silent=(B,))
    assert world.paused == SETTLE_SECONDS


def test_other_machines_neighbours_are_not_swept():
    assert World({C: STALE}, {A: REACHABLE, C: STALE}).sweep(A) == Swept(answering={A: MAC})


def test_one_mac_at_many_addresses_is_a_router_that_answers_for_others():
    many = [f"10.1.1.{n}" for n in range(MOST_OF_ONE_MAC + 1)]
    swept = World({}, dict.fromkeys(many, REACHABLE), refusing=[many[0]]).sweep(*many)
    assert swept.answering == {many[0]: None}
    assert swept.answered_for == {MAC: tuple(many[1:])}


def test_a_server_may_have_some_addresses():
    some = [f"10.1.1.{n}" for n in range(MOST_OF_ONE_MAC)]
    assert World({}, dict.fromkeys(some, REACHABLE)).sweep(*some).answering == dict.fromkeys(some, MAC)


def test_only_who_was_silent_is_knocked_at_and_only_if_there_are_ports():
    world = World({}, {A: REACHABLE}, accepting=[B])
    assert world.sweep(A, B, C, ports=(22,)) == Swept(answering={A: MAC, B: None}, elsewhere=(C,))
    assert world.knocked == [B, C]
    quiet = World({}, accepting=[B])
    quiet.sweep(A, B)
    assert quiet.knocked == []


def test_a_firewall_that_accepts_for_everybody_is_not_believed():
    many = [f"10.1.1.{n}" for n in range(SUSPICIOUSLY_ALL)]
    assert World({}, accepting=many).sweep(*many, ports=(80,)) == Swept(answered_for={"": tuple(many)})


def test_one_that_is_silent_among_them_makes_the_others_believed():
    many = [f"10.1.1.{n}" for n in range(SUSPICIOUSLY_ALL)]
    swept = World({}, accepting=many[1:]).sweep(*many, ports=(80,))
    assert set(swept.answering) == set(many[1:])


def test_what_cannot_be_sent_says_why():
    assert World({}, unsent={A: "no route"}).sweep(A, B) == Swept(unsent={A: "no route"}, elsewhere=(B,))


def test_without_a_table_refusals_still_count_and_the_failure_is_told():
    failure = SourceUnavailable("no table", remedy="install it")

    class Blind(World):
        def read_table(self) -> Table:
            raise failure

    assert Blind(refusing=[A]).sweep(A, B) == Swept(answering={A: None}, silent=(B,), no_table=failure)


ADDRESSES = [f"10.1.0.{n}" for n in range(1, 9)]
NEIGHBOURS = st.builds(Neighbour, mac=st.sampled_from([None, MAC, OTHER]), standing=st.sampled_from(Standing))
TABLES = st.lists(st.dictionaries(st.sampled_from(ADDRESSES), NEIGHBOURS), min_size=1, max_size=6)
SOME = st.lists(st.sampled_from(ADDRESSES), unique=True)


@given(TABLES, SOME, SOME, SOME, st.booleans(), st.integers(1, 8))
def test_every_address_stands_in_exactly_one_place(tables, refusing, accepting, unsent, tells_age, parallel):
    reasons = dict.fromkeys(set(unsent) - set(refusing), "no route")
    world = World(*tables, refusing=refusing, accepting=accepting, unsent=reasons, tells_age=tells_age)
    swept = world.sweep(*ADDRESSES, ports=(22,), parallel=parallel)
    places = [*swept.answering, *swept.silent, *swept.elsewhere, *swept.unsent]
    places += [address for addresses in swept.answered_for.values() for address in addresses]
    assert sorted(places) == sorted(ADDRESSES)
    assert set(refusing) | set(accepting) <= set(swept.answering)


@pytest.mark.parametrize("parallel", [1, 3, 256])
def test_every_address_is_touched_in_rounds_of_the_given_size(parallel):
    world = World({})
    world.sweep(*ADDRESSES, parallel=parallel)
    assert [address for round_ in world.touched for address in round_] == ADDRESSES
    assert all(len(round_) <= parallel for round_ in world.touched)
