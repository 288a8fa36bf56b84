"""General laws of joining, matching and reconciling."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from itops.assets.devices import join
from itops.assets.devices.marks import marks_of
from itops.assets.edits import AddAsset, SetField
from itops.assets.identity import good_serial, junk_rules, swapped
from itops.assets.matching import Rule, match
from itops.assets.policy import AssetPolicy
from itops.assets.reconciliation import outdated, reconcile
from itops.assets.records import Asset, AssetKind, AssetStatus, Match, VmLink
from itops.assets.sightings import NetworkCard, Sighting, Via
from tests.assets.witnesses import DAY, NOW, UUID_1, UUID_2, asset, register, seen

POLICY = AssetPolicy(tag_pattern=r"\d{7}", dhcp=("10.9.0.0/24",))
ASKED = {"serial", "vendor", "model", "host_name", "site", "vm.uuid"}
PINS = {"match.uuid", "match.mac", "match.serial", "match.agent_id", "match.ip"}

FILLERS = [
    "Default string",
    "To be filled by O.E.M.",
    "N/A",
    "0000000000",
    "FFFFFFFF",
    "0123456789AB",
    "FILLER77",
    "FILLER78",
    "",
]
FILLER_UUIDS = ["03000200-0400-0500-0006-000700080009", "ffffffff-ffff-ffff-ffff-ffffffffffff", None]
FILLER_MACS = ["000000000000", "00005e00010a", "00000c07ac01", "020000000001", "005056c00008", "505054503030"]
serials = st.sampled_from(["5CG0000001", "5cg0000002 ", "CZ00000KX0", "FILLER77", "N/A", None])
uuids = st.sampled_from([UUID_1, UUID_2, swapped(UUID_1), FILLER_UUIDS[0], None])
macs = st.sampled_from(["3c1a20000001", "3c1a20000002", "3c1a20000003", "005056aabbcc", *FILLER_MACS[:2]])
vendors = st.sampled_from(["HP", "Hewlett-Packard", "Dell Inc.", "O.E.M.", None])
kinds = st.sampled_from(["computer", "notebook", "server", "virtual_server", "printer", None])
sites = st.sampled_from(["head", "fardis", None])
names = st.sampled_from(["pc-1", "PC-1.office.example", "pc-2", "localhost", None])
tags = st.sampled_from(["1402001", "1402002", "No Asset Tag", None])


@st.composite
def sightings(draw: st.DrawFn) -> Sighting:
    """Anything from anywhere, out of a few values, so that they meet."""
    source = draw(st.sampled_from(["net", "bmc", "agents", "vc01"]))
    return seen(
        draw(st.sampled_from(["10.1.0.1", "10.1.0.2", "10.9.0.1"])),
        source=source,
        via=draw(st.sampled_from(list(Via))),
        at=NOW - draw(st.sampled_from([timedelta(), timedelta(hours=1), DAY, 60 * DAY])),
        macs=draw(st.lists(macs, max_size=2, unique=True)),
        serial=draw(serials),
        uuid=draw(uuids),
        vendor=draw(vendors),
        kind=draw(kinds),
        site=draw(sites),
        host_name=draw(names),
        asset_tag=draw(tags),
        slot=draw(st.sampled_from(["1", "2", None, None])),
        board_serial=draw(st.sampled_from(["BRD0417", "FILLER78", None])),
        is_virtual=draw(st.sampled_from([True, False, None, None])),
        is_partial=draw(st.booleans()),
        model=draw(st.sampled_from(["EliteDesk 800", "HP EliteDesk 800", None])),
    )


@st.composite
def assets(draw: st.DrawFn) -> list[Asset]:
    """Entries of a register as it may be loaded: ids and property numbers stand once."""
    found = []
    free_tags = ["1402001", "1402002", None, None, None]
    for number in range(draw(st.integers(0, 4))):
        kind = draw(
            st.sampled_from([AssetKind.COMPUTER, AssetKind.SERVER, AssetKind.PRINTER, AssetKind.VIRTUAL_SERVER])
        )
        found.append(
            asset(
                f"PC-{number:03}",
                kind,
                serial=draw(serials),
                vendor=draw(vendors),
                host_name=draw(names),
                site=draw(st.sampled_from(["head", "fardis"])),
                status=draw(st.sampled_from(list(AssetStatus))),
                asset_tag=free_tags.pop(draw(st.integers(0, len(free_tags) - 1))),
                lock=draw(st.sampled_from([(), ("serial",), ("model", "site")])),
                match=draw(
                    st.sampled_from([None, None, Match(ip="10.1.0.1"), Match(mac="3c1a20000001"), Match(uuid=UUID_1)])
                ),
                vm=VmLink(uuid=UUID_1) if kind is AssetKind.VIRTUAL_SERVER else None,
            )
        )
    return found


seen_ones = st.lists(sightings(), max_size=7)


@given(seen_ones, st.randoms(use_true_random=False))
def test_the_order_of_sightings_changes_no_device(seen_by_all: list[Sighting], random: Random) -> None:
    shuffled = seen_by_all.copy()
    random.shuffle(shuffled)
    assert join(shuffled, POLICY) == join(seen_by_all, POLICY)


@given(assets(), seen_ones, st.randoms(use_true_random=False))
def test_the_order_of_devices_and_assets_changes_nothing(
    entries: list[Asset], said: list[Sighting], random: Random
) -> None:
    devices, shuffled = list(join(said, POLICY)), entries.copy()
    before = match(entries, devices, POLICY), reconcile(register(*entries), devices, POLICY, NOW)
    random.shuffle(devices)
    random.shuffle(shuffled)
    assert (match(shuffled, devices, POLICY), reconcile(register(*shuffled), devices, POLICY, NOW)) == before


@given(seen_ones)
def test_every_sighting_is_in_one_device_or_replaced_there_by_a_newer_one(said: list[Sighting]) -> None:
    devices = join(said, POLICY)
    kept = [sighting for device in devices for sighting in device.sightings]
    assert len(kept) == len(set(kept))
    latest = {(one.source, one.key): one.seen_at for one in sorted(kept, key=lambda one: one.seen_at)}
    for one in set(said) - set(kept):
        assert one.seen_at < latest[one.source, one.key]
    assert len({device.key for device in devices}) == len(devices)


@given(seen_ones)
def test_no_device_contradicts_itself(said: list[Sighting]) -> None:
    for device in join(said, POLICY):
        marks = [marks_of(one, device.learned) for one in device.sightings]
        assert len({mark.serial for mark in marks} - {None}) <= 1
        assert not {True, False} <= {mark.is_virtual for mark in marks}


@st.composite
def machines(draw: st.DrawFn) -> list[tuple[int, Sighting]]:
    """Machines with identities of their own, or none, and every filler there is; several sightings of each."""
    said = []
    for number in range(draw(st.integers(2, 5))):
        own: dict[str, Any] = {
            "serial": draw(st.sampled_from([f"5CG000000{number}", *FILLERS])),
            "uuid": draw(st.sampled_from([f"4c4c4544-0034-4d10-8051-b4c04f4e000{number}", *FILLER_UUIDS])),
            "board_serial": draw(st.sampled_from(FILLERS)),
            "macs": [f"3c1a2000000{number}", *draw(st.lists(st.sampled_from(FILLER_MACS), max_size=2))],
            "host_name": draw(st.sampled_from(["pc-1", "localhost"])),
            "asset_tag": draw(st.sampled_from(["No Asset Tag", "0000000", "Asset-1234567890"])),
            "cards": draw(st.lists(st.just(NetworkCard(mac="3c1a20ffffff", medium="dock")), max_size=1)),
        }
        for source in draw(st.lists(st.sampled_from(["net", "agents", "ssh"]), min_size=1, unique=True)):
            via = {"net": Via.SNMP, "agents": Via.AGENT, "ssh": Via.SSH}[source]
            said.append((number, seen(f"10.1.0.{number}", source=source, via=via, **own)))
    return said


@given(machines(), st.randoms(use_true_random=False))
def test_no_two_machines_ever_merge_on_junk(said: list[tuple[int, Sighting]], random: Random) -> None:
    random.shuffle(said)
    owner = {sighting: number for number, sighting in said}
    devices = join(owner, POLICY)
    assert [len({owner[one] for one in device.sightings}) for device in devices] == [1] * len(devices)


@given(machines(), st.lists(st.sampled_from(FILLERS), min_size=2, max_size=5))
def test_no_two_assets_ever_merge_on_junk(said: list[tuple[int, Sighting]], typed: list[str]) -> None:
    """What is a filler to the scan is one in the register: it neither matches nor contradicts."""
    entries = [asset(f"PC-{number:03}", serial=text, asset_tag="0000000") for number, text in enumerate(typed)]
    devices = join(
        [sighting for _, sighting in said], AssetPolicy(junk_serials=("FILLER77", "FILLER78"), tag_pattern=".*")
    )
    found = match(entries, devices, AssetPolicy(junk_serials=("FILLER77", "FILLER78"), tag_pattern=".*"))
    assert [(one.asset, one.candidates, one.replaces) for one in found.devices] == [(None, (), ())] * len(devices)


@given(st.sampled_from(sorted(junk_rules().texts)), st.sampled_from([str.upper, str.title, " {} ".format]))
def test_every_filler_of_the_list_is_one_in_every_spelling(filler: str, spelt: Any) -> None:
    assert good_serial(spelt(filler)) is None


@given(assets(), seen_ones)
def test_a_match_is_one_to_one_and_contradicts_no_serial(entries: list[Asset], said: list[Sighting]) -> None:
    found = match(entries, join(said, POLICY), POLICY)
    ids = [one.asset.id for one in found.matched if one.asset]
    assert len(set(ids)) == len(ids)
    for one in found.matched:
        assert one.asset is not None
        ours = good_serial(
            one.asset.serial, model=one.asset.model, host_name=one.asset.host_name, learned=one.device.learned
        )
        if one.rule not in {Rule.PIN, Rule.VM} and ours and one.device.serial:
            assert ours == one.device.serial
        if one.rule is not Rule.PIN and one.device.is_virtual is not None:
            assert one.device.is_virtual is (one.asset.kind is AssetKind.VIRTUAL_SERVER)


@given(assets(), seen_ones)
def test_a_device_is_one_thing_at_most(entries: list[Asset], said: list[Sighting]) -> None:
    for one in match(entries, join(said, POLICY), POLICY).devices:
        assert sum(map(bool, (one.asset, one.candidates, one.replaces, one.suggestions, one.is_unmatched))) == 1


@given(assets(), seen_ones)
def test_a_plan_asks_only_about_shared_fields_and_clears_nothing(entries: list[Asset], said: list[Sighting]) -> None:
    held = register(*entries)
    plan = reconcile(held, join(said, POLICY), POLICY, NOW)
    ids = [item.id for item in plan.items()]
    assert len(set(ids)) == len(ids)
    assert outdated(plan, held) == ()
    for edit in plan.edits_of(ids):
        if isinstance(edit, SetField):
            assert edit.field in ASKED | PINS
            assert edit.value
        else:
            assert isinstance(edit, AddAsset)
            assert edit.asset_id not in {entry.id for entry in entries}
            assert set(edit.fields) <= ASKED | PINS | {"kind", "name"}


def _applied(entry: Asset, edits: dict[str, str]) -> Asset:
    changed: dict[str, Any] = {}
    for field, value in edits.items():
        block, _, name = field.partition(".")
        if block == "vm":
            changed["vm"] = VmLink(uuid=value)
        elif block == "match":
            changed["match"] = replace(entry.match or Match(), **{name: value})
        else:
            changed[field] = value
    return replace(entry, **changed)


@given(assets(), seen_ones)
def test_what_was_accepted_is_not_asked_again(entries: list[Asset], said: list[Sighting]) -> None:
    devices = join(said, POLICY)
    plan = reconcile(register(*entries), devices, POLICY, NOW)
    accepted = [
        item for item in (*plan.proposals, *plan.conflicts) if item.field not in {"serial", "host_name", "vendor"}
    ]
    by_asset: dict[str, dict[str, str]] = {}
    for item in accepted:
        for edit in item.edits:
            assert isinstance(edit, SetField)
            assert edit.value is not None
            by_asset.setdefault(edit.asset_id, {})[edit.field] = edit.value
    changed = [_applied(entry, by_asset.get(entry.id, {})) for entry in entries]
    again = {item.id for item in reconcile(register(*changed), devices, POLICY, NOW).items()}
    assert not {item.id for item in accepted} & again


@given(assets(), seen_ones)
def test_what_is_locked_is_not_asked_again(entries: list[Asset], said: list[Sighting]) -> None:
    devices = join(said, POLICY)
    plan = reconcile(register(*entries), devices, POLICY, NOW)
    locks = {item.asset_id: item.locked for item in plan.conflicts}
    for item in plan.conflicts:
        locks[item.asset_id] = (*locks[item.asset_id], item.field)
    changed = [replace(entry, lock=locks.get(entry.id, entry.lock)) for entry in entries]
    again = reconcile(register(*changed), devices, POLICY, NOW)
    assert again.conflicts == ()
    assert {item.id for item in plan.conflicts} <= set(again.silenced)


@given(machines(), st.booleans())
def test_a_new_asset_that_was_accepted_is_known_by_the_next_scan(
    said: list[tuple[int, Sighting]], is_virtual: bool
) -> None:
    devices = join((replace(sighting, is_virtual=is_virtual) for _, sighting in said), POLICY)
    plan = reconcile(register(), devices, POLICY, NOW)
    assert len(plan.new) + len(plan.unidentified) == len(devices)
    entries = [_entry(item.completed({"site": "head"}).edits[0]) for item in plan.new]
    found = match(entries, devices, POLICY)
    recognised = {one.device.key: one.asset.id for one in found.matched if one.asset}
    assert recognised == {item.device.key: item.asset_id for item in plan.new}


def _entry(edit: Any) -> Asset:
    plain = {name: value for name, value in edit.fields.items() if "." not in name and name not in {"kind", "name"}}
    dotted = {name: value for name, value in edit.fields.items() if "." in name}
    return _applied(asset(edit.asset_id, AssetKind(edit.fields["kind"]), **plain), dotted)


@given(assets(), seen_ones)
def test_waiting_a_day_changes_nothing_but_who_is_missed(entries: list[Asset], said: list[Sighting]) -> None:
    fresh = [one for one in said if NOW - one.seen_at <= DAY]
    devices = join(fresh, POLICY)
    today, tomorrow = (reconcile(register(*entries), devices, POLICY, NOW + later) for later in (timedelta(), DAY))
    assert replace(today, made_at=tomorrow.made_at) == tomorrow
    assert today.digest == tomorrow.digest
