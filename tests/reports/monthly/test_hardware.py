"""Hardware counted: by kind and by place it is the same number, and nobody who was lost or retired is in it."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.assets.checking import AssetFinding
from itops.assets.history import RegisterChange, flat
from itops.assets.records import Asset, AssetKind, AssetStatus, Purchase
from itops.names import Names
from itops.reports.monthly.figures import Figure, FigureBook
from itops.reports.monthly.hardware import HardwareFacts, hardware_part, no_hardware, since_of
from itops.reports.monthly.parts import HardwarePart
from itops.verdict import State
from itops.worklog.exports import Exported
from tests.assets.entries import asset

TODAY = date(2026, 11, 21)
TEHRAN = ZoneInfo("Asia/Tehran")
AT = datetime(2026, 11, 1, 5, tzinfo=UTC)
SITES = {"head": Names(fa="اداره کل", en="Head office"), "fardis": Names(fa="فردیس", en="Fardis")}


def facts(*assets: Asset, **more: Any) -> HardwareFacts:
    entries = more.pop("entries", {one.id: flat(one) for one in assets})
    return HardwareFacts(**{"today": TODAY, "zone": TEHRAN, "entries": entries, "sites": SITES, **more})


def figures(part: HardwarePart) -> dict[str, Figure]:
    return dict(FigureBook.of(part.figures).figures)


def values(part: HardwarePart) -> dict[str, float | None]:
    return {name.removeprefix("hardware."): one.value for name, one in figures(part).items()}


def change(asset_id: str, field: str, before: str | None, after: str | None, **more: Any) -> RegisterChange:
    told = {"at": AT, "how": "set", **more}
    return RegisterChange(asset_id=asset_id, field=field, before=before, after=after, **told)


@pytest.mark.parametrize("count", [0, 1, 300, 347])
def test_as_many_items_are_counted_as_there_are(count):
    kinds = list(AssetKind)
    part = hardware_part(facts(*(asset(f"A-{number:03}", kinds[number % len(kinds)]) for number in range(count))))
    total = figures(part)["hardware.total"]
    assert total.value == len(total.evidence) == len(part.items) == count


@st.composite
def offices(draw: st.DrawFn) -> list[Asset]:
    """Items of any kind and status at a place that the register knows, or knows no more."""
    made = st.builds(
        lambda number, kind, site, status: asset(f"A-{number}", kind, site=site, status=status),
        st.integers(0, 40), st.sampled_from(AssetKind), st.sampled_from(["head", "fardis", "old-house"]),
        st.sampled_from(AssetStatus),
    )  # fmt: skip
    return draw(st.lists(made, max_size=15, unique_by=lambda one: one.id))


@given(offices())
def test_kinds_and_places_each_add_up_to_the_total(assets):
    part = hardware_part(facts(*assets))
    told = figures(part)
    for axis in ("hardware.kind.", "hardware.site."):
        parts = [one for name, one in told.items() if name.startswith(axis)]
        assert sum(one.value or 0 for one in parts) == told["hardware.total"].value
        assert sorted(each.ref for one in parts for each in one.evidence) == sorted(
            each.ref for each in told["hardware.total"].evidence
        )
    assert sum(sum(at.values()) for at in part.counts.values()) == told["hardware.total"].value
    assert sum(part.statuses.values()) == len(assets)


@given(offices())
def test_only_what_is_in_keeping_is_counted_and_what_is_lost_is_counted_apart(assets):
    found = values(hardware_part(facts(*assets)))
    statuses = Counter(one.status for one in assets)
    over = statuses[AssetStatus.RETIRED] + statuses[AssetStatus.DISPOSED]
    assert found["lost"] == statuses[AssetStatus.LOST]
    assert found["in_repair"] == statuses[AssetStatus.REPAIR]
    assert found["total"] == len(assets) - over - statuses[AssetStatus.LOST]


@given(offices(), st.randoms())
def test_the_order_of_the_register_changes_nothing(assets, random):
    shuffled = random.sample(assets, len(assets))
    assert hardware_part(facts(*assets)) == hardware_part(facts(*shuffled))


def test_a_virtual_server_and_a_link_count_once_each():
    part = hardware_part(facts(asset("VM-1", AssetKind.VIRTUAL_SERVER), asset("LINK-1", AssetKind.LINK)))
    assert part.counts == {"virtual_server": {"head": 1}, "link": {"head": 1}}
    assert values(part)["total"] == 2


def test_a_lost_item_stands_in_the_list_and_a_retired_one_does_not():
    lost, retired = asset("A", status=AssetStatus.LOST), asset("B", status=AssetStatus.RETIRED)
    assert [(row.id, row.status) for row in hardware_part(facts(lost, retired)).items] == [("A", "lost")]


def test_items_stand_place_by_place_there_by_kind_then_by_id():
    part = hardware_part(facts(
        asset("D", AssetKind.PRINTER, site="gone"), asset("C", site="fardis"), asset("A", AssetKind.UPS),
        asset("Z"), asset("B"),
    ))  # fmt: skip
    assert [row.id for row in part.items] == ["B", "Z", "A", "C", "D"]
    assert [(site.id, site.name is None) for site in part.sites] == [("head", False), ("fardis", False), ("gone", True)]


def test_an_item_shows_what_the_register_says_of_it():
    whole = asset(
        "P-1", AssetKind.PRINTER, location="طبقه ۲، اتاق ۱۲", vendor="HP", model="M402", serial="X1", asset_tag="0014",
        assigned_to="دبیرخانه", purchase=Purchase(date=date(2020, 1, 2)), warranty_end=date(2027, 1, 2),
        verified_on=date(2026, 1, 2),
    )  # fmt: skip
    (row,) = hardware_part(facts(whole, seen={"P-1": AT})).items
    assert (row.place, row.vendor, row.model, row.serial) == ("طبقه ۲، اتاق ۱۲", "HP", "M402", "X1")
    assert (row.asset_tag, row.holder, row.bought_on) == ("0014", "دبیرخانه", date(2020, 1, 2))
    assert (row.warranty_until, row.verified_on, row.seen_at) == (date(2027, 1, 2), date(2026, 1, 2), AT)


@pytest.mark.parametrize(
    ("sites", "configured", "heads"),
    [
        (SITES, None, []),
        (SITES, "fardis", ["fardis"]),
        ({"head": SITES["head"]}, None, ["head"]),
        (SITES, "moon", []),
        ({}, None, []),
    ],
)
def test_no_place_is_the_head_office_by_guess(sites, configured, heads):
    part = hardware_part(facts(asset(), sites=sites, head_site=configured))
    assert [site.id for site in part.sites if site.is_head] == heads
    assert [one.code for one in part.findings] == (["report.head-site-unknown"] if configured == "moon" else [])


def test_what_a_damaged_memory_holds_is_counted_without_a_place_and_named():
    part = hardware_part(facts(entries={"A": {"id": "A", "verified_on": "soon"}}, unreadable=("A",)))
    assert part.counts == {"other": {"": 1}}
    assert values(part)["site.none"] == 1
    assert part.items[0].verified_on is None
    assert [(one.code, one.subject, one.state) for one in part.findings] == [
        ("report.register-entry-unreadable", "A", State.UNKNOWN)
    ]


@pytest.mark.parametrize(
    ("verified_on", "share"),
    [(None, 0), (TODAY, 1), (TODAY - timedelta(days=365), 1), (TODAY - timedelta(days=366), 0),
     (TODAY + timedelta(days=1), 0)],
)  # fmt: skip
def test_verified_is_what_somebody_stood_before_lately_enough(verified_on, share):
    told = figures(hardware_part(facts(asset(verified_on=verified_on))))["hardware.verified"]
    assert (told.value, told.part, told.of) == (share, share, 1)


def test_nobody_can_stand_before_a_virtual_server_or_a_link():
    assets = [asset("VM", AssetKind.VIRTUAL_SERVER), asset("L", AssetKind.LINK)]
    told = figures(hardware_part(facts(*assets)))["hardware.verified"]
    assert (told.value, told.reason) == (None, "nothing")


def test_registered_is_what_the_last_list_held_with_the_list_as_evidence():
    exported = Exported(
        profile="budget", period="1405-08", at=AT, by="A", path="x.xlsx", sha256="f" * 64, items={"B": "1", "A": "2"}
    )
    told = figures(hardware_part(facts(asset("A"), exported=exported)))["hardware.registered"]
    assert told.value == 2
    assert [one.ref for one in told.evidence] == ["budget 1405-08", "A", "B"]


def test_what_was_never_exported_or_remembered_is_unknown_and_not_nothing():
    told = figures(hardware_part(facts(asset())))
    assert (told["hardware.registered"].value, told["hardware.registered"].reason) == (None, "not-exported")
    for became in ("added", "removed", "retired", "moved", "changed"):
        assert (told[f"hardware.{became}"].value, told[f"hardware.{became}"].reason) == (None, "not-remembered")


def test_without_a_register_every_figure_is_unknown():
    part = no_hardware()
    with_one = {name for name in figures(hardware_part(facts())) if not name.startswith("hardware.site.")}
    assert set(figures(part)) == with_one
    assert {(one.value, one.reason) for one in part.figures} == {(None, "no-register")}


def test_changes_are_told_one_by_one_and_items_counted_once():
    moved = [change("A", "site", "fardis", "head"), change("A", "location", "12", "14")]
    again = [change("A", "site", "head", "fardis", at=AT + timedelta(days=1), by="operator")]
    came = [change("B", "kind", None, "ups"), change("B", "id", None, "B")]
    went = [change("C", "kind", "printer", None), change("C", "id", "C", None)]
    ended = [change("D", "status", None, "retired")]
    part = hardware_part(facts(asset("A"), asset("B", AssetKind.UPS), changes=(*again, *ended, *went, *came, *moved)))
    assert [(row.asset, row.what, row.field, row.before, row.after) for row in part.changes] == [
        ("A", "moved", "location", "12", "14"),
        ("A", "moved", "site", "fardis", "head"),
        ("B", "added", "", "", ""),
        ("C", "removed", "", "", ""),
        ("D", "retired", "status", "in_use", "retired"),
        ("A", "moved", "site", "head", "fardis"),
    ]
    assert part.changes[-1].by == "operator"
    told = figures(part)
    assert {name: told[f"hardware.{name}"].value for name in ("added", "removed", "retired", "moved", "changed")} == {
        "added": 1, "removed": 1, "retired": 1, "moved": 1, "changed": 0,
    }  # fmt: skip
    (gone,) = told["hardware.removed"].evidence
    assert (gone.ref, gone.note, gone.at) == ("C", "printer", AT)
    assert told["hardware.moved"].evidence[0].at == AT


def test_a_personnel_code_is_not_printed():
    part = hardware_part(facts(asset("A"), changes=(change("A", "personnel_code", "111", "222"),)))
    assert [(row.field, row.before, row.after) for row in part.changes] == [("personnel_code", "", "")]


def test_findings_worse_than_advice_become_rows_with_their_facts():
    judged = (
        AssetFinding(code="scan.none", state=State.UNKNOWN, facts={"count": 3}),
        AssetFinding(code="warranty.ended", state=State.WARNING, asset_id="A", facts={"late_days": 1}, evidence=("w",)),
        AssetFinding(code="asset.no-tag", state=State.OK, asset_id="A"),
    )
    part = hardware_part(facts(asset("A"), judged=judged))
    assert [(one.code, one.subject, one.table, one.room) for one in part.findings] == [
        ("scan.none", "inventory.yaml", "asset", "hardware"), ("warranty.ended", "A", "asset", "hardware"),
    ]  # fmt: skip
    assert part.findings[1].since == datetime(2026, 11, 20, 20, 30, tzinfo=UTC)
    assert [(one.ref, one.note) for one in part.findings[1].evidence] == [("A", "w")]


@pytest.mark.parametrize(
    ("told", "first_day"),
    [
        ({"late_days": 1}, TODAY),
        ({"late_days": 21}, date(2026, 11, 1)),
        ({"age_days": 366, "limit_days": 365}, TODAY),
        ({"age_days": 45, "limit_days": 45}, TODAY),
        ({"due_on": "2026-11-19", "limit_years": 3.0}, date(2026, 11, 20)),
        ({"ended_on": "2025-10-14"}, date(2025, 10, 15)),
        ({"due_on": "2026-11-21"}, None),
        ({"due_on": "2026-12-01", "left_days": 10}, None),
        ({"late_days": 0, "due_on": None}, None),
        ({}, None),
    ],
)
def test_what_is_late_began_on_its_first_late_day(told, first_day):
    wanted = None if first_day is None else datetime.combine(first_day, datetime.min.time(), TEHRAN)
    assert since_of(told, TODAY, TEHRAN) == wanted


def test_a_restore_that_was_not_enough_began_when_it_was_tested():
    assert since_of({"tested_at": AT.isoformat(), "took_seconds": 9}, TODAY, TEHRAN) == AT


@pytest.mark.parametrize(
    ("more", "is_held"),
    [({}, False), ({"assigned_to": "دبیرخانه"}, True), ({"personnel_code": "1"}, True), ({"part_of": "PC-9"}, True)],
)
def test_who_has_an_item_is_known_by_any_of_the_ways_that_the_register_says_it(more: dict[str, str], is_held: bool):
    (row,) = hardware_part(facts(asset("PC-1", **more))).items
    assert row.is_held is is_held
