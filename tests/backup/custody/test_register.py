"""The register replayed: a medium is in one place, under one seal, and nothing impossible is believed."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.backup.custody.labels import label_of
from itops.backup.custody.objections import objection_to, refusal_of
from itops.backup.custody.records import (
    BadFile,
    Entry,
    Incident,
    MediumRead,
    Moved,
    Received,
    Reconciled,
    Retired,
    Row,
    Sealed,
    Written,
)
from itops.backup.custody.register import Invalid, register_of
from itops.backup.custody.states import MediumState
from tests.backup.custody.building import (
    DAY,
    M1,
    M2,
    POLICY,
    START,
    added,
    at,
    deposited,
    file,
    moved,
    read,
    received,
    refusal,
    register,
    rows_of,
    sealed,
    written,
)


def test_a_medium_is_followed_from_new_to_the_box_and_back() -> None:
    entries: list[Entry] = []
    seen = []
    for entry in [
        *deposited(),
        moved(days=40, origin="bank", destination="office"),
        received(days=40.1, place="office"),
        read(days=41, opened_seal="A-100"),
        written(M1, 42, file(slot="1405-07")),
    ]:
        entries.append(entry)
        state = register(*entries).media[M1]
        seen.append((state.condition, state.place, state.seal))
    assert seen == [
        ("blank", "office", ""),
        ("written", "office", ""),
        ("sealed", "office", "A-100"),
        ("in-transit", "office", "A-100"),
        ("sealed", "bank", "A-100"),
        ("in-transit", "bank", "A-100"),
        ("sealed", "office", "A-100"),
        ("written", "office", ""),
        ("written", "office", ""),
    ]
    state = register(*entries).media[M1]
    assert state.passes == 2
    assert [held.slots for held in state.files()] == [("1405-07",)]
    assert state.last_read is not None
    assert state.read_since_written is None


@pytest.mark.parametrize(
    ("before", "entry", "code"),
    [
        pytest.param([], added("M0001-4"), "label-wrong", id="a label that was misread"),
        pytest.param([added()], added(days=1), "already-added", id="one id twice"),
        pytest.param([added(serial="S1")], added(M2, serial="s1 "), "disk-known", id="one disk under two ids"),
        pytest.param(
            [added(file_system_uuid="U")], added(M2, file_system_uuid="u"), "disk-known", id="one file system"
        ),
        pytest.param([], written(), "unknown-medium", id="a medium that was never added"),
        pytest.param([added()], replace(written(), by=" "), "person-missing", id="nobody did it"),
        pytest.param(
            [added()], replace(written(), at=at().replace(tzinfo=None)), "no-zone", id="a moment without zone"
        ),
        pytest.param([added(), written()], sealed(days=0.5), "out-of-order", id="before what is written down"),
        pytest.param([added()], sealed(), "not-written", id="an empty medium sealed"),
        pytest.param([added(), written(), sealed()], sealed(days=2, seal="B"), "is-sealed", id="sealed twice"),
        pytest.param([added(), written()], sealed(seal=" "), "seal-missing", id="a seal without a number"),
        pytest.param([added(), written(), sealed()], written(days=2), "is-sealed", id="written through a seal"),
        pytest.param(
            [added(), written(), sealed()],
            written(M1, 2, opened_seal="A-999"),
            "seal-differs",
            id="another seal opened",
        ),
        pytest.param([added(), written()], written(M1, 2, opened_seal="A-1"), "not-sealed", id="no seal to open"),
        pytest.param([added(), written(), sealed()], moved(origin="bank"), "other-place", id="moved from elsewhere"),
        pytest.param([added(), written(), sealed()], moved(destination="office"), "same-place", id="moved nowhere"),
        pytest.param([added(), written(), sealed()], moved(seal=""), "seal-differs", id="moved under no seal"),
        pytest.param([added(), written(), sealed()], moved(to="R.  karimi"), "one-person", id="handed to oneself"),
        pytest.param([added(), written(), sealed()], moved(to=""), "person-missing", id="handed to nobody"),
        pytest.param(
            [added(), written(), sealed(), moved()], moved(days=2), "in-transit", id="handed out twice: in two places"
        ),
        pytest.param([added(), written(), sealed(), moved()], written(days=2), "in-transit", id="written on the way"),
        pytest.param([added(), written(), sealed(), moved()], read(days=2), "in-transit", id="read on the way"),
        pytest.param([added(), written(), sealed()], received(), "not-in-transit", id="came in without going out"),
        pytest.param(
            [added(), written(), sealed(), moved()], received(seal="A-101"), "seal-differs", id="another seal, intact"
        ),
        pytest.param(
            [added(), written(), sealed(), moved()],
            received(is_seal_intact=None, seal=""),
            "seal-unsaid",
            id="nothing said of the seal",
        ),
        pytest.param([added(), written(), moved(seal="")], received(), "not-sealed", id="a seal from nowhere"),
        pytest.param(
            [added(), written(), sealed(), moved()],
            received(receipt_hash="00000000"),
            "receipt-differs",
            id="the paper of another content",
        ),
        pytest.param(
            [added(), written(), sealed(), moved()],
            received(receipt_hash="ab"),
            "receipt-differs",
            id="too little paper",
        ),
        pytest.param(
            [added(device_serial="S1"), written()], read(device_serial="S2"), "wrong-disk", id="another serial number"
        ),
        pytest.param(
            [added(file_system_uuid="u1")],
            written(M1, 1, file_system_uuid="u2"),
            "wrong-disk",
            id="another file system",
        ),
        pytest.param(
            [added(file_system_uuid="u1", device_serial="S1")],
            written(M1, 1, file_system_uuid="u2", device_serial="S2", is_reformatted=True),
            "wrong-disk",
            id="another disk is not the same one formatted anew",
        ),
        pytest.param(
            [added(file_system_uuid="u1"), added(M2, 0.1)],
            written(M2, 1, file_system_uuid="U1"),
            "disk-known",
            id="the disk of another medium",
        ),
        pytest.param([added()], read(), "not-written", id="nothing to read back"),
        pytest.param(
            [added(), Retired(medium=M1, at=at(1), by="A", witness="B", method="purge")],
            written(days=2),
            "is-retired",
            id="back from the dead",
        ),
        pytest.param(
            [added()], Retired(medium=M1, at=at(1), by="A", method="purge"), "person-missing", id="no witness"
        ),
        pytest.param(
            [added()], Reconciled(at=at(1), by="A", witness="a", place="office"), "one-person", id="one counted"
        ),
        pytest.param(
            [added()],
            Incident(medium=M1, at=at(1), by="A", what="lost", closes=7),
            "nothing-to-close",
            id="no incident",
        ),
        pytest.param([], Sealed(at=at(1), by="A", seal="x"), "unknown-medium", id="a seal on nothing"),
    ],
)
def test_what_cannot_have_happened_is_refused(before: list[Entry], entry: Entry, code: str) -> None:
    assert refusal(before, entry) == code


@pytest.mark.parametrize("label", ["كريمي", "کری\u200cمی", "  کریمی "])
def test_one_person_is_one_person_on_every_keyboard(label: str) -> None:
    same = {"كريمي": "کریمی", "کری\u200cمی": "کریمی", "  کریمی ": "کریمی"}[label]
    assert refusal([added(), written(), sealed()], moved(by=label, to=same)) == "one-person"


def test_a_seal_number_is_never_used_twice_by_any_medium() -> None:
    entries = [*deposited(M1), added(M2, 2), written(M2, 3)]
    assert refusal(entries, sealed(M2, 4, seal="A-100")) == "seal-reused"
    assert refusal(entries, sealed(M2, 4, seal="A-101")) is None


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (moved(destination="cellar"), "place-unknown"),
        (received(days=90), "future"),
        (added(M2, 2, place="nowhere"), "place-unknown"),
    ],
)
def test_what_the_office_does_not_allow_is_refused(entry: Entry, code: str) -> None:
    held = register(added(), written(), sealed())
    objection = refusal_of(held, entry, POLICY, at(60))
    assert objection is not None
    assert objection.code == code


def test_nothing_goes_into_the_box_without_a_seal_or_in_the_open_where_that_is_not_allowed() -> None:
    held = register(added(), written())
    bare = moved(seal="")
    assert refusal_of(held, bare, POLICY, at(60)).code == "unsealed"  # type: ignore[union-attr]
    lax = replace(POLICY, needs_seal=False)
    assert refusal_of(held, bare, lax, at(60)) is None
    strict = replace(lax, needs_encryption=True)
    assert refusal_of(held, bare, strict, at(60)).code == "unencrypted"  # type: ignore[union-attr]
    assert refusal_of(held, replace(bare, destination="van"), strict, at(60)) is None


def test_a_broken_seal_quarantines_a_medium_until_it_was_read_whole() -> None:
    broken = [added(), written(), sealed(), moved(), received(is_seal_intact=False, seal="?")]
    assert register(*broken).media[M1].condition == "quarantined"
    bad = read(days=2, bad=(BadFile("Insurance.bak", "differs"),))
    assert register(*broken, bad).media[M1].condition == "quarantined"
    assert register(*broken, read(days=2)).media[M1].condition == "written"


def test_files_of_a_lost_medium_and_files_that_could_not_be_read_are_not_counted_on() -> None:
    two = (file("a.bak"), file("b.bak"), file("c.bak", faults=("cut",)))
    entries: list[Entry] = [added(), written(M1, 1, *two)]
    names = lambda held: [one.name for one in register(*held).media[M1].sound_files()]  # noqa: E731
    assert names(entries) == ["a.bak", "b.bak"]
    entries.append(read(days=2, bad=(BadFile("a.bak", "unreadable"),)))
    assert names(entries) == ["b.bak"]
    entries.append(Incident(medium=M1, at=at(3), by="A", what="lost"))
    assert names(entries) == []
    entries.append(Incident(medium=M1, at=at(4), by="A", what="lost", closes=4, action="found in the car"))
    assert names(entries) == ["b.bak"]
    assert register(*entries).media[M1].incidents == ()


def test_a_row_that_cannot_have_happened_is_named_and_left_out() -> None:
    rows = rows_of([*deposited(), received(days=3, place="office", to="X")])
    found = register_of(rows)
    assert found.invalid == (Invalid(number=6, code="not-in-transit"),)
    assert found.media[M1].place == "bank"


def test_a_row_that_nobody_can_read_is_named() -> None:
    rows = rows_of(deposited())
    rows[2] = replace(rows[2], entry=None)
    assert register_of(rows).invalid[0] == Invalid(number=3, code="unreadable")


def test_the_next_id_is_never_one_that_was_used() -> None:
    assert register().next_label("M") == M1
    retired = Retired(medium=M1, at=at(1), by="A", witness="B", method="destroy")
    assert register(added(), retired).next_label("M") == M2
    assert register(added(label_of("M", 41))).next_label("M") == label_of("M", 42)


# Any sequence at all: what the register takes never puts a medium in two places.

PLACES = ("office", "bank", "van")
PEOPLE = ("Karimi", "Rahimi", "Sadeghi")
KINDS = ("written", "sealed", "moved", "received", "read", "retired", "incident", "counted")


@st.composite
def attempts(draw: st.DrawFn) -> list[Entry]:
    """Entries that somebody tries to write, each fitting what is so far in most of its parts, wrong in some."""
    tried: list[Entry] = [added(M1), added(M2)]
    taken: list[Entry] = list(tried)
    for number in range(draw(st.integers(0, 40))):
        states = register_of(rows_of(taken)).media
        state = states[draw(st.sampled_from(sorted(states)))]

        def mostly(right: object, others: Sequence[object]) -> object:
            return right if draw(st.integers(0, 9)) else draw(st.sampled_from(others))

        entry = _attempt(draw(st.sampled_from(KINDS)), state, mostly, f"A-{draw(st.integers(1, 12))}")
        entry = replace(entry, medium="" if isinstance(entry, Reconciled) else state.medium, at=at(1 + number / 100))
        tried.append(entry)
        if objection_to(register_of(rows_of(taken)), entry) is None:
            taken.append(entry)
    return tried


def _attempt(kind: str, state: MediumState, mostly: Callable[[object, Sequence[object]], Any], seal: str) -> Entry:
    by, to = mostly("Karimi", PEOPLE), mostly("Rahimi", PEOPLE)
    common = {"at": START, "by": by}
    held = mostly(state.seal, ["", seal])
    is_intact = mostly(True if state.seal else None, [True, False, None])
    sent = state.transit.destination if state.transit else "bank"
    origin = mostly(state.place, PLACES)
    makers: dict[str, Callable[[], Entry]] = {
        "written": lambda: Written(**common, files=(file(),), manifest_hash="ab" * 32, opened_seal=held),
        "sealed": lambda: Sealed(**common, seal=seal),
        "moved": lambda: Moved(
            **common,
            to=to,
            origin=origin,
            destination=mostly("office" if origin == "bank" else "bank", PLACES),
            seal=held,
        ),
        "received": lambda: Received(**common, to=to, place=mostly(sent, PLACES), seal=held, is_seal_intact=is_intact),
        "read": lambda: MediumRead(**common, opened_seal=held),
        "retired": lambda: Retired(**common, witness=to, method=mostly("purge", ["lost"])),
        "incident": lambda: Incident(**common, what="lost", closes=mostly(None, [3, 4, 5])),
        "counted": lambda: Reconciled(**common, witness=to, place=origin),
    }
    return makers["moved" if kind == "retired" and mostly(True, [False]) else kind]()


def _taken(entries: list[Entry]) -> list[Entry]:
    """Those that the register takes."""
    taken: list[Entry] = []
    for entry in entries:
        if objection_to(register_of(rows_of(taken)), entry) is None:
            taken.append(entry)
    return taken


@settings(max_examples=150)
@given(attempts())
def test_no_sequence_of_valid_entries_leaves_a_medium_in_two_places(entries: list[Entry]) -> None:
    taken = _taken(entries)
    found = register_of(rows_of(taken))
    assert found.invalid == ()
    # Counted independently: every hand-out takes a medium out of one place, every arrival puts it into one.
    present: dict[str, dict[str, int]] = {}
    under_way: dict[str, int] = {}
    for entry in taken:
        where = present.setdefault(entry.medium, {})
        if entry.KIND == "added":
            where[entry.place] = 1  # type: ignore[attr-defined]
        elif isinstance(entry, Moved):
            where[entry.origin] = where.get(entry.origin, 0) - 1
            under_way[entry.medium] = under_way.get(entry.medium, 0) + 1
        elif isinstance(entry, Received):
            where[entry.place] = where.get(entry.place, 0) + 1
            under_way[entry.medium] -= 1
        counts = [*where.values(), under_way.get(entry.medium, 0)]
        if entry.medium:
            assert sorted(count for count in counts if count) == [1]
    for state in found.media.values():
        assert state.is_in_transit == bool(under_way.get(state.medium))
        if not state.is_in_transit:
            assert present[state.medium][state.place] == 1


@settings(max_examples=100)
@given(attempts())
def test_no_seal_is_on_two_media_and_none_is_used_twice(entries: list[Entry]) -> None:
    taken = _taken(entries)
    seals = [entry.seal for entry in taken if isinstance(entry, Sealed)]
    assert len(seals) == len(set(seals))
    on = [state.seal for state in register_of(rows_of(taken)).media.values() if state.seal]
    assert len(on) == len(set(on))


@settings(max_examples=100)
@given(attempts(), st.randoms(use_true_random=False))
def test_rows_in_any_disorder_are_read_without_failing(entries: list[Entry], random: object) -> None:
    rows: list[Row] = rows_of([replace(entry, at=START + number * DAY) for number, entry in enumerate(entries)])
    random.shuffle(rows)  # type: ignore[attr-defined]
    found = register_of(rows)
    assert len(found.rows) == len(rows)
    assert {invalid.number for invalid in found.invalid} <= {row.number for row in rows}


def test_the_sequences_that_are_tried_are_worth_trying() -> None:
    """Else the rules above would hold of nothing."""
    kinds: Counter[str] = Counter()

    @settings(max_examples=60, database=None, derandomize=True)
    @given(attempts())
    def count_kinds(entries: list[Entry]) -> None:
        kinds.update({entry.KIND for entry in _taken(entries)})

    count_kinds()
    assert min(kinds[kind] for kind in ("written", "sealed", "moved", "received", "test-read")) > 5
