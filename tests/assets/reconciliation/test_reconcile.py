"""The register against the devices: the plan."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from itops.assets.devices import join
from itops.assets.edits import AddAsset, SetField, SetList
from itops.assets.policy import AssetPolicy
from itops.assets.reconciliation import Item, ScanPlan, outdated, reconcile
from itops.assets.records import Asset, AssetKind, AssetStatus, Disposal, Match, Part, PartKind, Register, VmLink
from itops.assets.sightings import NetworkCard, Readings, Sighting, UpsReading, Via
from itops.documents import from_document, to_document
from tests.assets.witnesses import DAY, MAC_1, MAC_2, NOW, POLICY, SITES, UUID_1, asset, register, seen

A, B, C = "10.1.0.1", "10.1.0.2", "10.1.0.3"
PC = {"serial": "5CG0000001", "vendor": "HP", "model": "EliteDesk 800", "host_name": "pc-1"}
TOLD = {
    "serial": "5CG0000001",
    "vendor": "HP Inc.",
    "model": "HP EliteDesk 800",
    "host_name": "PC-1.office.example",
    "kind": "computer",
}


def plan(
    assets: list[Asset], *sightings: Sighting, policy: AssetPolicy = POLICY, later: timedelta = timedelta()
) -> ScanPlan:
    return reconcile(register(*assets), join(sightings, policy), policy, NOW + later)


def told(found: ScanPlan) -> list[tuple[str, str]]:
    return [(item.id, item.code) for item in found.items()]


def test_what_is_equal_after_normalising_is_silent() -> None:
    found = plan([asset(**PC)], seen(A, site="head", **TOLD))
    assert told(found) == []
    assert found.unchanged == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("serial", "5CG0000001"), ("vendor", "HP"), ("model", "EliteDesk 800"), ("host_name", "PC-1")],
)
def test_an_empty_shared_field_is_proposed(field: str, value: str) -> None:
    entry = asset(**{**PC, field: None}, asset_tag="1402001")
    found = plan([entry], seen(A, asset_tag="1402001", **TOLD))
    [item] = found.proposals
    assert (item.id, item.value, item.evidence.source) == (f"PC-001.{field}", value, "net")
    assert item.edits == (SetField(asset_id="PC-001", field=field, value=value),)
    assert found.unchanged == 0


@pytest.mark.parametrize(
    ("field", "ours", "theirs", "shown"),
    [
        ("serial", "N/A", "5CG0000001", "5CG0000001"),
        ("vendor", "Dell", "HP Inc.", "HP"),
        ("model", "EliteDesk 705", "HP EliteDesk 800", "EliteDesk 800"),
        ("host_name", "pc-2", "PC-1.office.example", "PC-1"),
    ],
)
def test_a_different_shared_field_is_a_conflict_and_the_register_stands(
    field: str, ours: str, theirs: str, shown: str
) -> None:
    entry = asset(**{**PC, field: ours}, match=Match(ip=A), lock=("model",) if field != "model" else ())
    [item] = plan([entry], seen(A, **{**TOLD, field: theirs})).conflicts
    assert (item.id, item.code, item.register_value, item.seen_value) == (
        f"PC-001.{field}",
        "scan.conflict",
        ours,
        shown,
    )
    assert (item.evidence.source, item.evidence.via, item.evidence.seen_at, item.evidence.address) == (
        "net",
        Via.SNMP,
        NOW,
        A,
    )
    assert item.edits == (SetField(asset_id="PC-001", field=field, value=shown),)
    assert item.lock_edits == (SetList(asset_id="PC-001", field="lock", values=(*entry.lock, field)),)


def test_a_lock_silences_and_is_counted() -> None:
    entry = asset(**{**PC, "model": "EliteDesk 705", "host_name": None}, lock=("model", "host_name", "site"))
    found = plan([entry], seen(A, site="fardis", **TOLD))
    assert told(found) == []
    assert found.silenced == ("PC-001.host_name", "PC-001.model", "PC-001.site")


def test_a_boards_maker_fills_a_hole_and_contradicts_nobody() -> None:
    said = {
        "asset_tag": "1402001",
        "vendor": "System manufacturer",
        "board_vendor": "ASUSTeK",
        "board_model": "PRIME H310M",
    }
    assert [(item.field, item.value) for item in plan([asset(asset_tag="1402001")], seen(A, **said)).proposals] == [
        ("model", "PRIME H310M"),
        ("vendor", "ASUS"),
    ]
    assert told(plan([asset(asset_tag="1402001", vendor="Green", model="Z+")], seen(A, **said))) == []


def test_a_serial_that_stands_at_the_case_is_not_proposed_again() -> None:
    entry = asset(**{**PC, "serial": None}, parts=(Part(kind=PartKind.CASE, serial="5cg0000001"),))
    assert told(plan([entry], seen(A, **TOLD))) == []


def test_people_s_own_fields_are_never_asked_about() -> None:
    entry = asset(**PC, asset_tag="1402009", status=AssetStatus.STORE, location="room 1", assigned_to="archive")
    said = seen(A, asset_tag="1402001", contact_place="room 2", **TOLD)
    assert told(plan([entry], said)) == []


def test_an_asset_at_another_site_is_told() -> None:
    [item] = plan([asset(**PC)], seen(A, site="fardis", **TOLD)).elsewhere
    assert (item.id, item.register_site, item.seen_site) == ("PC-001.site", "head", "fardis")
    assert item.edits == (SetField(asset_id="PC-001", field="site", value="fardis"),)


@pytest.mark.parametrize(
    ("status", "disposal", "seen_at", "is_back"),
    [
        (AssetStatus.DISPOSED, Disposal(date=date(2026, 11, 1)), NOW, True),
        (AssetStatus.DISPOSED, Disposal(date=date(2026, 11, 1)), NOW - 30 * DAY, False),
        (AssetStatus.RETIRED, None, NOW, True),
        (AssetStatus.LOST, None, NOW, True),
        (AssetStatus.RETIRED, None, NOW - 3 * DAY, False),  # not there any more in the last scan
        (AssetStatus.STORE, None, NOW, False),
    ],
)
def test_what_was_gone_and_answers_is_an_alarm(
    status: AssetStatus, disposal: Disposal | None, seen_at: Any, is_back: bool
) -> None:
    entry = asset(**{**PC, "model": None}, status=status, disposal=disposal)
    found = plan([entry], seen(A, at=seen_at, **TOLD), seen(B, macs=[MAC_2]))
    assert [(item.id, item.status) for item in found.revenants] == (
        [("PC-001.status", status.value)] if is_back else []
    )
    assert bool(found.proposals) is (status is AssetStatus.STORE)
    assert found.edits_of([item.id for item in found.revenants]) == ()


@pytest.mark.parametrize(
    ("age", "others", "code"),
    [
        pytest.param(45 * DAY, True, None, id="exactly as long as allowed"),
        pytest.param(46 * DAY, True, "scan.not-seen", id="longer"),
        pytest.param(46 * DAY, False, "scan.not-looked", id="nobody saw anything for as long"),
    ],
)
def test_an_asset_that_was_not_seen_is_told_and_nothing_is_deleted(
    age: timedelta, others: bool, code: str | None
) -> None:
    sightings = [seen(A, at=NOW - age, **TOLD)] + ([seen(B, serial="5CG0000009")] if others else [])
    found = plan([asset(**PC)], *sightings)
    assert [(item.code, item.days) for item in found.not_seen] == ([(code, age.days)] if code else [])
    assert found.edits_of([item.id for item in found.not_seen]) == ()


@pytest.mark.parametrize(
    ("kind", "site", "code"),
    [
        (AssetKind.COMPUTER, "head", "scan.never-seen"),
        (AssetKind.NOTEBOOK, "head", "scan.never-seen"),  # whoever sees computers sees notebooks
        (AssetKind.PRINTER, "head", "scan.not-covered"),
        (AssetKind.COMPUTER, "fardis", "scan.not-covered"),
        (AssetKind.BATTERY, "head", None),
        (AssetKind.SCANNER, "head", None),
        (AssetKind.LINK, "head", None),
    ],
)
def test_an_asset_never_seen_is_told_apart_from_one_that_nothing_looks_for(
    kind: AssetKind, site: str, code: str | None
) -> None:
    found = plan([asset("X-1", kind, site=site, serial="5CG0000002")], seen(A, site="head", **TOLD))
    assert [item.code for item in found.not_seen] == ([code] if code else [])


@pytest.mark.parametrize("status", [status for status in AssetStatus if status is not AssetStatus.IN_USE])
def test_only_what_is_in_use_is_missed(status: AssetStatus) -> None:
    assert plan([asset(serial="5CG0000002", status=status)], seen(A, site="head", **TOLD)).not_seen == ()


def test_a_ping_is_not_a_sighting() -> None:
    was = seen(A, at=NOW - 60 * DAY, **TOLD)
    found = plan([asset(**PC)], was, seen(A, source="sweep", via=Via.SWEEP), policy=AssetPolicy(dhcp=("10.1.0.0/24",)))
    assert [item.code for item in found.not_seen] == ["scan.not-looked"]
    assert [item.code for item in found.unidentified] == ["scan.unidentified"]


def test_a_new_device_is_proposed_whole() -> None:
    entries = [
        asset("PC-130"),
        asset("PC-007", AssetKind.NOTEBOOK),
        asset("NB-3", AssetKind.NOTEBOOK),
        asset("NB-4", AssetKind.NOTEBOOK),
    ]
    [item] = plan(entries, seen(A, site="fardis", **TOLD)).new
    assert (item.id, item.code, item.asset_id, item.missing) == ("new.5CG0000001", "scan.new", "PC-131", ())
    expected = {
        "kind": "computer", "name": "PC-1", "serial": "5CG0000001", "vendor": "HP", "model": "EliteDesk 800",
        "host_name": "PC-1", "site": "fardis",
    }  # fmt: skip
    assert item.edits == (AddAsset(asset_id="PC-131", fields=expected),)
    assert list(item.fields) == list(expected)


@pytest.mark.parametrize(
    ("said", "pin"),
    [
        ({"uuid": UUID_1.upper(), "macs": [MAC_1]}, {"match.uuid": UUID_1}),
        ({"macs": [MAC_2, MAC_1]}, {"match.mac": "3c:1a:20:00:00:01"}),
        ({"serial": "Default string", "macs": [MAC_1]}, {"match.mac": "3c:1a:20:00:00:01"}),
    ],
)
def test_a_new_device_without_a_serial_is_pinned_so_that_the_next_scan_knows_it(
    said: dict[str, Any], pin: dict[str, str]
) -> None:
    [item] = plan([], seen(A, site="head", **said)).new
    assert {name: value for name, value in item.fields.items() if name.startswith("match.")} == pin


def test_a_new_virtual_machine_is_linked() -> None:
    record = seen(
        None, source="vc01", via=Via.VSPHERE, is_virtual=True, kind="virtual_server", uuid=UUID_1, host_name="sql01"
    )
    [item] = plan([], record).new
    assert item.asset_id == "VM-001"
    assert item.fields == {"kind": "virtual_server", "name": "sql01", "host_name": "sql01", "vm.uuid": UUID_1}
    assert (item.missing, item.edits) == (("site",), ())
    assert item.completed({"site": "head"}).edits == (
        AddAsset(asset_id="VM-001", fields={**item.fields, "site": "head"}),
    )


def test_in_a_register_of_one_site_a_new_device_stands_there() -> None:
    one_site = Register(sites={"head": SITES["head"]})
    [item] = reconcile(one_site, join([seen(A, serial="5CG0000001")], POLICY), POLICY, NOW).new
    assert item.fields["site"] == "head"


def test_a_site_that_the_register_does_not_know_is_not_written_into_it() -> None:
    [item] = plan([], seen(A, serial="5CG0000001", site="elsewhere")).new
    assert item.missing == ("site",)


@pytest.mark.parametrize(
    ("said", "kind", "asset_id"),
    [
        ({"kind": "network_device"}, "network_device", "NET-001"),
        ({"readings": Readings(ups=UpsReading(charge_ratio=1.0))}, "ups", "UPS-001"),
        ({"readings": Readings(page_count=0)}, "printer", "PRN-001"),
        ({"via": Via.IPMI}, "server", "SRV-001"),
        ({"via": Via.AGENT}, "computer", "PC-001"),
        ({}, "other", "OTH-001"),
    ],
)
def test_what_a_new_device_is_is_guessed_from_what_it_tells(said: dict[str, Any], kind: str, asset_id: str) -> None:
    [item] = plan([], seen(A, serial="5CG0000001", **said)).new
    assert (item.fields["kind"], item.asset_id) == (kind, asset_id)


def test_ids_of_new_assets_are_free_and_never_twice() -> None:
    sightings = [seen(f"10.1.0.{number}", serial=f"5CG00000{number:02}", kind="computer") for number in range(1, 13)]
    found = plan([asset("PC-0009"), asset("PC-0004", AssetKind.SERVER)], *sightings)
    assert [item.asset_id for item in found.new] == [f"PC-{number:04}" for number in range(10, 22)]


def test_a_stranger_of_last_spring_is_nobody_s_news() -> None:
    assert told(plan([], seen(A, serial="5CG0000001", at=NOW - 46 * DAY))) == []


def test_a_possible_replacement_can_be_taken_as_the_old_asset_or_as_a_new_one() -> None:
    found = plan([asset(**PC)], seen(A, site="head", **{**TOLD, "serial": "5CG0000002"}))
    [item] = found.replacements
    assert (item.id, item.rule, item.field, item.register_value, item.seen_value) == (
        "PC-001.replacement", "host-name", "serial", "5CG0000001", "5CG0000002",
    )  # fmt: skip
    assert item.edits == (SetField(asset_id="PC-001", field="serial", value="5CG0000002"),)
    assert (found.new, found.not_seen) == ((), ())
    [added] = found.edits_of(["new.5CG0000002"])
    assert isinstance(added, AddAsset)
    assert added.asset_id == "PC-002"


def test_a_replacement_without_any_serial_changes_the_pin() -> None:
    entry = asset(host_name="pc-1", match=Match(mac=MAC_1))
    [item] = plan([entry], seen(A, site="head", host_name="pc-1", macs=[MAC_2])).replacements
    assert item.edits == (SetField(asset_id="PC-001", field="match.mac", value="3c:1a:20:00:00:02"),)


@pytest.mark.parametrize(
    ("entry", "said", "edit"),
    [
        ({"host_name": "pc-1"}, TOLD, ("serial", "5CG0000001")),
        ({"host_name": "pc-1"}, {"host_name": "pc-1", "macs": [MAC_1]}, ("match.mac", "3c:1a:20:00:00:01")),
        ({"serial": "5CG0000001", "vendor": "Dell"}, TOLD, ("match.serial", "5CG0000001")),
    ],
)
def test_an_accepted_suggestion_is_known_by_the_next_scan(
    entry: dict[str, Any], said: dict[str, Any], edit: tuple[str, str]
) -> None:
    [item] = plan([asset(**entry)], seen(A, site="head", **said)).suggestions
    assert (item.id, item.code) == ("PC-001.match", "scan.suggestion")
    assert item.edits == (SetField(asset_id="PC-001", field=edit[0], value=edit[1]),)


def test_an_ambiguity_is_listed_with_both_and_writes_nothing() -> None:
    sightings = seen(A, asset_tag="1402001", macs=[MAC_1]), seen(B, asset_tag="1402001", macs=[MAC_2])
    found = plan([asset(asset_tag="1402001")], *sightings)
    [item] = found.ambiguous
    assert (item.id, item.asset_ids, [device.addresses for device in item.devices]) == (
        "PC-001.ambiguous",
        ("PC-001",),
        [(A,), (B,)],
    )
    assert (item.edits, found.not_seen, found.new, found.proposals) == ((), (), (), ())


def test_learned_junk_is_told_until_the_office_writes_it_down() -> None:
    sightings = seen(A, serial="FILLER77", macs=[MAC_1]), seen(B, serial="FILLER77", macs=[MAC_2])
    [item] = plan([], *sightings).learned_junk
    assert (item.id, item.value, len(item.devices)) == ("junk.FILLER77", "FILLER77", 2)
    assert plan([], *sightings, policy=AssetPolicy(junk_serials=("filler77",))).learned_junk == ()


def test_what_collectors_noticed_is_told_of_the_asset() -> None:
    found = plan(
        [asset(**PC)], seen(A, findings=("ssh.sha1-only",), **TOLD), seen(B, serial="5CG0000009", findings=("x.y",))
    )
    assert [(item.id, item.code, item.asset_id) for item in found.findings] == [
        ("PC-001.ssh.sha1-only", "ssh.sha1-only", "PC-001"),
        ("device.5CG0000009.x.y", "x.y", None),
    ]


def test_a_machine_named_only_by_name_is_offered_its_uuid() -> None:
    entry = asset("VM-1", AssetKind.VIRTUAL_SERVER, vm=VmLink(name="sql01"), host_name="sql01")
    record = seen(
        None,
        source="vc01",
        via=Via.VSPHERE,
        is_virtual=True,
        kind="virtual_server",
        uuid=UUID_1,
        description="sql01",
        host_name="sql01",
    )
    [item] = plan([entry], record).proposals
    assert item.edits == (SetField(asset_id="VM-1", field="vm.uuid", value=UUID_1),)


def every_kind_of_item() -> ScanPlan:
    return plan(
        [
            asset("PC-001", **{**PC, "model": "EliteDesk 705", "vendor": None}),
            asset("PC-002", serial="5CG0000002", host_name="pc-2"),
            asset("PC-003", serial="5CG0000003", status=AssetStatus.RETIRED),
            asset("PC-004", host_name="pc-4"),
            asset("PC-005", asset_tag="1402005"),
            asset("PC-006", serial="5CG0000006"),
        ],
        seen(A, site="fardis", findings=("ssh.sha1-only",), **TOLD),
        seen(B, serial="5CG0000012", host_name="pc-2", site="head"),
        seen(C, serial="5CG0000003", kind="computer", site="head"),
        seen("10.1.0.4", host_name="pc-4", site="head", macs=["3c1a20000004"]),
        seen("10.1.0.5", asset_tag="1402005", macs=["3c1a20000005"]),
        seen("10.1.0.6", asset_tag="1402005", macs=["3c1a20000006"]),
        seen("10.1.0.7", serial="FILLER77", macs=["3c1a20000007"]),
        seen("10.1.0.8", serial="FILLER77", macs=["3c1a20000008"]),
        seen("10.1.0.9"),
    )


def test_a_plan_is_kept_as_a_document_and_comes_back_with_its_edits() -> None:
    found = every_kind_of_item()
    lists = {
        name: getattr(found, name)
        for name in ScanPlan.__dataclass_fields__
        if name not in {"made_at", "silenced", "unchanged"}
    }
    assert all(lists.values()), "the plan of this test has every kind of item"
    again = from_document(ScanPlan, to_document(found))
    assert (again, again.digest) == (found, found.digest)
    ids = [item.id for item in found.items()]
    assert len(set(ids)) == len(ids)
    assert all(_is_in(again, item) for item in found.items())


def _is_in(found: ScanPlan, item: Item) -> bool:
    again = found.item(item.id)
    return again is not None and (again.code, again.edits) == (item.code, item.edits)


def test_an_id_that_is_in_no_plan_is_no_item() -> None:
    assert every_kind_of_item().item("PC-999.serial") is None


def test_the_digest_is_of_what_would_be_done_not_of_when() -> None:
    entry, sighting = asset(**{**PC, "model": None}), seen(A, **TOLD)
    assert plan([entry], sighting).digest == plan([entry], sighting, later=DAY).digest
    assert plan([entry], sighting).digest != plan([replace(entry, vendor=None)], sighting).digest


def test_items_that_were_shown_over_another_register_are_named() -> None:
    found = every_kind_of_item()
    mended = asset("PC-001", **{**PC, "vendor": "HP", "site": "fardis"})
    swapped_board = asset("PC-002", serial="5CG0000012", host_name="pc-2")
    changed = register(mended, swapped_board, *(asset(item.asset_id) for item in found.new))
    assert set(outdated(found, changed)) >= {
        "PC-001.model",
        "PC-001.vendor",
        "PC-001.site",
        "PC-002.replacement",
        "PC-004.match",
    }
    assert set(outdated(found, changed)) >= {item.id for item in found.new}


def test_over_the_same_register_nothing_is_outdated() -> None:
    entry = asset(**{**PC, "model": "EliteDesk 705", "vendor": None})
    found = plan([entry], seen(A, site="fardis", **TOLD), seen(B, serial="5CG0000009"))
    assert outdated(found, register(entry)) == ()
    assert len(list(found.items())) == 4


def test_two_sightings_of_one_dock_change_nothing() -> None:
    dock = NetworkCard(mac="3c1a20000099", medium="dock")
    entries = [asset("PC-001", serial="5CG0000001"), asset("PC-002", serial="5CG0000002")]
    was = seen(A, source="agents", serial="5CG0000001", cards=[dock], at=NOW - DAY, site="head")
    now = seen(B, source="agents", serial="5CG0000002", cards=[dock], site="head")
    found = plan(entries, was, now)
    assert (told(found), found.unchanged) == ([], 2)


def test_that_something_answers_with_a_mac_is_told_and_not_proposed_as_an_asset() -> None:
    found = plan([], seen(A, via=Via.SWEEP, macs=[MAC_1], site="head"))
    assert (list(found.new), [item.code for item in found.unidentified]) == ([], ["scan.unidentified"])
    known = plan([], seen(A, via=Via.SWEEP, macs=[MAC_1]), seen(A, source="pcs", via=Via.AGENT, macs=[MAC_1], **TOLD))
    assert [item.device.serial for item in known.new] == ["5CG0000001"]


def test_an_asset_that_is_pinned_by_its_mac_is_seen_when_it_only_answers() -> None:
    pinned = asset(match=Match(mac="3c:1a:20:00:00:01"))
    found = plan([pinned], seen(A, via=Via.SWEEP, macs=[MAC_1], site="head"))
    assert told(found) == []
