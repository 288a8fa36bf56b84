"""The register walked back through what changed: whatever people did to it, the old state comes out."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.assets.history import RegisterChange, differences, flat
from itops.assets.past import Became, rebuilt, register_then, status_of, told_apart
from itops.assets.records import AssetKind, AssetStatus, Link, Part, PartKind, Ups
from tests.assets.entries import asset, registers

AT = datetime(2026, 11, 1, 5, tzinfo=UTC)
FIELDS = st.dictionaries(st.sampled_from(["status", "site", "parts.1.kind", "note"]), st.text(max_size=2), max_size=4)
STATES = st.dictionaries(st.sampled_from(["A", "B", "C"]), FIELDS)
EDITS = st.lists(st.tuples(st.integers(0, 2), STATES), max_size=6)


def entries(state: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    return {asset_id: {**fields, "id": asset_id} for asset_id, fields in state.items()}


def change(field: str, before: str | None, after: str | None, how: str = "set", asset_id: str = "A") -> RegisterChange:
    return RegisterChange(asset_id=asset_id, field=field, before=before, after=after, at=AT, how=how)


@given(STATES, EDITS)
def test_every_state_there_ever_was_comes_out_again(first, edits):
    """The register edited at random moments, several times at one of them, too."""
    state, at, changes = entries(first), AT, list[RegisterChange]()
    was = {at: state}
    for hours, edited in edits:
        at += timedelta(hours=hours)
        changes = [*reversed([*differences(state, entries(edited), at, None, "set")]), *changes]
        state = entries(edited)
        was[at] = state
    for moment, then in was.items():
        assert register_then(state, changes, moment) == then
        assert register_then(state, changes, moment + timedelta(minutes=59)) == then


def test_what_changed_at_the_very_moment_is_in():
    state, changes = {"A": {"id": "A", "site": "new"}}, [change("site", "old", "new")]
    assert register_then(state, changes, AT)["A"]["site"] == "new"
    assert register_then(state, changes, AT - timedelta(microseconds=1))["A"]["site"] == "old"


def test_walking_back_leaves_todays_state_as_it_is():
    state = {"A": {"id": "A", "site": "new"}}
    register_then(state, [change("site", "old", "new")], AT - timedelta(days=1))
    assert state == {"A": {"id": "A", "site": "new"}}


@settings(max_examples=40)
@given(registers())
def test_assets_are_rebuilt_from_what_is_remembered(assets):
    found = rebuilt({one.id: flat(one) for one in assets}, [])
    assert found.unreadable == ()
    by_id = {one.id: one for one in found.assets}
    for one in assets:  # a number comes back to the fifteenth decimal, everything else as it was
        assert by_id[one.id].useful_life_years == pytest.approx(one.useful_life_years)
        assert replace(by_id.pop(one.id), useful_life_years=None) == replace(one, useful_life_years=None)
    assert by_id == {}


def test_blocks_and_lists_are_rebuilt_too():
    whole = asset(
        "L-1", AssetKind.LINK, link=Link(provider="p", bandwidth_mbps=2.5, shares={"head": 1.5}),
        parts=(Part(kind=PartKind.CASE), Part(kind=PartKind.DISK, asset_tag="007")), verified_on=date(2026, 1, 2),
    )  # fmt: skip
    assert rebuilt({"L-1": flat(whole)}, []).assets == (whole,)


def test_an_entry_that_did_not_change_is_todays_asset_with_its_empty_blocks():
    today = [asset("U-1", AssetKind.UPS, ups=Ups()), asset("B"), asset("A", note="new")]
    then = {"A": {**flat(today[2]), "note": "old"}, "B": flat(today[1]), "U-1": flat(today[0]), "0": flat(asset("0"))}
    found = rebuilt(then, today)
    assert [one.id for one in found.assets] == ["U-1", "B", "A", "0"]
    assert found.assets[0].ups == Ups()
    assert found.assets[2].note == "old"


@pytest.mark.parametrize(
    "entry",
    [
        {"id": "A"},
        {**flat(asset("A")), "kind": "mainframe"},
        {**flat(asset("A")), "purchase": "2020"},
        {**flat(asset("A")), "parts.x.kind": "disk"},
        {**flat(asset("A")), "serial.no": "1"},
    ],
)
def test_an_entry_that_is_no_asset_any_more_is_named(entry):
    assert rebuilt({"A": entry, "B": flat(asset("B"))}, []).unreadable == ("A",)


@pytest.mark.parametrize(
    ("deed", "became"),
    [
        pytest.param([change("id", None, "A"), change("kind", None, "ups")], ["added"], id="an entry"),
        pytest.param([change("id", "A", None), change("status", "lost", None)], ["removed"], id="no entry"),
        pytest.param([change("status", None, "retired")], ["retired"], id="out of use"),
        pytest.param(
            [change("status", "store", "disposed"), change("disposal.date", None, "2026-11-01")],
            ["retired", "retired"],
            id="out of the house with its papers",
        ),
        pytest.param([change("status", "retired", "disposed")], ["changed"], id="was over already"),
        pytest.param([change("disposal.minutes_no", None, "7")], ["changed"], id="papers that came later"),
        pytest.param([change("status", None, "repair")], ["changed"], id="to the repair shop"),
        pytest.param([change("status", "mothballed", None)], ["changed"], id="a word of another version"),
        pytest.param([change("site", "head", "fardis"), change("location", "12", None)], ["moved"] * 2, id="moved"),
        pytest.param([change("location", None, "12")], ["changed"], id="a room written down for the first time"),
        pytest.param([change("location", None, "12", "move")], ["moved"], id="somebody said that it moved"),
        pytest.param(
            [change("assigned_to", "A", "B"), change("custody_date", None, "2026-11-01")], ["moved"] * 2, id="hands"
        ),
        pytest.param(
            [change("assigned_to", "A", None, "assign"), change("status", None, "store", "assign")],
            ["moved"] * 2,
            id="back into the store",
        ),
        pytest.param([change("status", "store", None)], ["changed"], id="out of the store, into nobody's hands"),
        pytest.param([change("custody_date", "2026-01-01", "2026-11-01")], ["changed"], id="a day corrected"),
        pytest.param([change("site", "head", "fardis"), change("serial", "1", "2")], ["changed", "moved"], id="both"),
    ],
)
def test_a_change_is_called_what_it_means(deed, became):
    assert [one.value for one, _ in told_apart(reversed(deed))] == became


def test_changes_are_told_oldest_first_and_by_their_deed():
    later = RegisterChange(asset_id="A", field="site", before="b", after="c", at=AT + timedelta(hours=1), how="set")
    told = list(told_apart([later, change("site", "a", "b"), change("kind", None, "ups"), change("id", None, "A")]))
    assert [(one, found.field) for one, found in told] == [(Became.ADDED, "id"), (Became.MOVED, "site")]


@pytest.mark.parametrize("status", list(AssetStatus))
def test_a_status_is_read_as_it_was_remembered(status):
    assert status_of(flat(asset(status=status)).get("status")) is status


def test_a_word_that_is_no_status_is_none():
    assert status_of("mothballed") is None
