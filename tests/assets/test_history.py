"""Two states of the register, compared; what git and itops both know is told once."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from itops.assets.history import RegisterChange, differences, flat, told_once
from itops.assets.records import Asset, AssetKind, AssetTest, Part, PartKind, Purchase
from itops.names import Identifier, Names

AT = datetime(2026, 11, 22, 5, tzinfo=UTC)
states = st.dictionaries(
    st.sampled_from(["A", "B", "C"]), st.dictionaries(st.sampled_from(["id", "serial", "site"]), st.text(max_size=2))
)


def change(field: str, after: str, days: int, how: str = "by hand", by: str | None = None) -> RegisterChange:
    return RegisterChange(asset_id="A", field=field, after=after, at=AT + timedelta(days=days), by=by, how=how)


def test_an_asset_lies_flat_however_deep_it_is():
    asset = Asset(
        id=Identifier("PC-1"),
        kind=AssetKind.COMPUTER,
        name=Names(fa="ا", en="a"),
        site="head",
        parts=(Part(kind=PartKind.CASE), Part(kind=PartKind.DISK, asset_tag="007")),
        purchase=Purchase(date=date(2024, 1, 2), price=5),
        tests=(AssetTest(on=date(2024, 1, 2), by="x", is_passed=False),),
        lock=("serial",),
    )
    assert flat(asset) == {
        "id": "PC-1", "kind": "computer", "name.fa": "ا", "name.en": "a", "site": "head",
        "parts.1.kind": "case", "parts.2.kind": "disk", "parts.2.asset_tag": "007",
        "purchase.date": "2024-01-02", "purchase.price": "5",
        "tests.1.on": "2024-01-02", "tests.1.by": "x", "tests.1.is_passed": "false", "lock.1": "serial",
    }  # fmt: skip


@given(states, states)
def test_carrying_out_the_differences_gives_the_later_state(before, after):
    state = {asset_id: dict(fields) for asset_id, fields in before.items()}
    for found in differences(before, after, AT, None, "by hand"):
        fields = state.setdefault(found.asset_id, {})
        assert fields.get(found.field) == found.before
        if found.after is None:
            del fields[found.field]
        else:
            fields[found.field] = found.after
    assert {k: v for k, v in state.items() if v} == {k: v for k, v in after.items() if v}


@given(states)
def test_a_state_does_not_differ_from_itself(state):
    assert list(differences(state, state, AT, None, "by hand")) == []


def test_what_git_knows_with_its_author_is_not_told_again_as_noticed():
    by_git, noticed = change("serial", "x", 0, "git", "کارشناس"), change("serial", "x", 1)
    assert told_once([by_git], [noticed]) == [by_git]


def test_what_itops_wrote_itself_is_told_by_itops_though_git_has_it_too():
    by_git, own = change("serial", "x", 1, "git", "a"), change("serial", "x", 0, "set", "b")
    assert told_once([by_git], [own]) == [own]


def test_what_git_does_not_know_yet_is_told_as_noticed():
    assert told_once([], [change("serial", "x", 0), change("site", "y", 3)]) == [
        change("site", "y", 3), change("serial", "x", 0),
    ]  # fmt: skip


def test_a_change_made_twice_is_told_twice():
    twice = [change("serial", "x", 0, "git", "a"), change("serial", "x", 5, "git", "a")]
    assert len(told_once(twice, [change("serial", "x", 6)])) == 2
