"""Files of agents in a folder: what they tell, what is left out, what is refused."""

import gzip
import json
import os
import zlib
from collections import deque
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.assets.sightings import Sighting, Via, entity_of, sighting_of
from itops.errors import SourceUnavailable
from itops.inventory.entities import Entity, EntityKey, Gap, Kind
from itops.sources.agents import AgentsSource, Settings
from itops.sources.agents.describe import Place, day, sighting
from itops.sources.agents.folder import inventory_in
from itops.sources.agents.json_text import written
from itops.sources.agents.kept import KEPT, PRIVATE, Inventory
from itops.sources.agents.moments import CLOCK_WRONG, Made, changed_at
from itops.sources.agents.refusals import NotTaken
from itops.sources.agents.unpacking import MOST_BYTES
from tests.contracts.source_contract import MakeSource, SourceContract
from tests.sources.agents.samples import CANARIES, as_json, as_xml, notebook, prolog, with_private

NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
CHANGED = datetime(2026, 11, 21, 12, tzinfo=UTC)


def put(folder: Path, name: str, content: bytes, changed_at: datetime = CHANGED) -> Path:
    path = folder / name
    path.write_bytes(content)
    os.utime(path, (changed_at.timestamp(), changed_at.timestamp()))
    return path


def look(folder: Path, **more: Any) -> tuple[list[Entity], list[Gap]]:
    """All that is seen; that a computer without a file is not gone, every look says."""
    (observation,) = AgentsSource("pcs", Settings(folder=folder, **more)).observe(NOW)
    things = list(observation.seen)
    gaps = [thing for thing in things if isinstance(thing, Gap)]
    assert observation.hides == {Kind.DEVICE}
    return [thing for thing in things if isinstance(thing, Entity)], gaps


def seen(folder: Path, **more: Any) -> list[Sighting]:
    return [sighting_of(entity) for entity in look(folder, **more)[0]]


def refusal(folder: Path, name: str, content: bytes) -> Gap:
    """What is said of one file beside a good one."""
    put(folder, "good.json", as_json(notebook()))
    put(folder, name, content)
    entities, gaps = look(folder)
    assert len(entities) == 1
    (gap,) = gaps
    assert (gap.subject, gap.hides) == (name, {Kind.DEVICE})
    return gap


class TestContract(SourceContract):
    @pytest.fixture
    def make_source(self, tmp_path) -> MakeSource:
        put(tmp_path, "a.json", as_json(notebook()))
        put(tmp_path, "b.xml", as_xml(notebook(), device_id="pc-015"))
        return lambda name: AgentsSource(name, Settings(folder=tmp_path))

    @pytest.fixture
    def make_broken(self, tmp_path) -> MakeSource:
        return lambda name: AgentsSource(name, Settings(folder=tmp_path / "not-there"))


# -- what is told


def test_a_notebook_is_described_by_its_agent(tmp_path):
    put(tmp_path, "pc-014.json", as_json(notebook()))
    (told,) = seen(tmp_path, site="county-1")
    assert (told.key, told.via, told.site) == ("pcs/pc-014-2026-01-02-03-04-05", Via.AGENT, "county-1")
    assert (told.host_name, told.address, told.kind, told.is_virtual) == ("pc-014", "10.1.0.96", "notebook", False)
    assert (told.vendor, told.model, told.serial, told.asset_tag) == (
        "Contoso Ltd.",
        "Book 13 9350",
        "640HP72",
        "000123",
    )
    assert (told.board_vendor, told.board_model) == ("Contoso Ltd.", "07TYC2")
    assert (told.firmware, told.bios_on) == ("1.4.3", date(2016, 2, 6))
    assert (told.os, told.os_version) == ("Example OS 11 Pro", "24H2")
    assert (told.cpu, told.cpu_count, told.core_count) == ("Example CPU i5 @ 2.30GHz", 1, 2)
    assert told.memory_bytes == 8192 * 1024**2
    assert not told.is_partial


def test_serials_and_letters_stay_as_they_were_told(tmp_path):
    put(tmp_path, "pc-014.json", as_json(notebook()))
    (told,) = seen(tmp_path)
    assert told.board_serial == "/640HP72/CE129536461378/"
    assert told.uuid == "4C4C4544-0034-3010-8048-B6C04F503732"
    assert [screen.serial for screen in told.screens] == ["00000000"]


def test_every_card_is_told_once_with_what_it_is(tmp_path):
    put(tmp_path, "pc-014.json", as_json(notebook()))
    (told,) = seen(tmp_path)
    assert [(card.name, card.mac, card.medium) for card in told.cards] == [
        ("eth0", "b86b23e05c81", "ethernet"),
        ("wlan0", "303a64ee6588", "wifi"),
        ("Gigabit dock", "303a64ee6501", "dock"),
        ("USB LAN", "303a64ee6502", "usb"),
        ("Host-Only", "0a0027000010", "virtual"),
    ]
    assert told.cards[0].addresses == ("10.1.0.96",)


def test_sticks_and_discs_are_no_parts_of_a_computer(tmp_path):
    put(tmp_path, "pc-014.json", as_json(notebook()))
    (told,) = seen(tmp_path)
    assert [(drive.serial, drive.size_bytes, drive.medium) for drive in told.drives] == [
        ("D-1", 256_060_000_000, "ssd")
    ]


@pytest.mark.parametrize(
    ("chassis", "os_name", "vm", "kind", "is_virtual"),
    [
        ("Notebook", "x", "Physical", "notebook", False),
        ("Mini Tower", "x", "Physical", "computer", False),
        ("Tower", "Windows Server 2022", "Physical", "server", False),
        ("Rack Mount Chassis", "x", "Physical", "server", False),
        ("Other", "x", "Physical", None, False),
        ("Other", "x", "VMware", None, True),
        ("Mini Tower", "x", "Hyper-V", None, True),
        ("Desktop", "x", "", "computer", None),
    ],
)
def test_the_kind_is_said_only_where_the_box_leaves_no_doubt(tmp_path, chassis, os_name, vm, kind, is_virtual):
    hardware = {"chassis_type": chassis, "name": "a", "vmsystem": vm}
    put(tmp_path, "a.json", as_json(notebook(hardware=hardware, operatingsystem={"full_name": os_name})))
    (told,) = seen(tmp_path)
    assert (told.kind, told.is_virtual) == (kind, is_virtual)


def test_a_printer_that_an_agent_asked_is_told_too(tmp_path):
    content = {
        "network_device": {
            "type": "Printer", "manufacturer": "Contoso", "model": "LaserBox 5", "serial": "PH191TG", "name": "NPI1",
            "mac": "00:68:EB:F2:BE:10", "ips": ["10.1.0.75"], "firmware": "2409", "location": "Room 3",
        },
        "pagecounters": {"total": 1802},
        "cartridges": [{"tonerblack": "71", "drumblack": "OK"}],
    }  # fmt: skip
    put(tmp_path, "printer.json", as_json(content, "NPI1-2026", action="netinventory", itemtype="Printer"))
    (told,) = seen(tmp_path)
    assert (told.kind, told.serial, told.address, told.contact_place) == ("printer", "PH191TG", "10.1.0.75", "Room 3")
    assert [(card.mac, card.addresses) for card in told.cards] == [("0068ebf2be10", ("10.1.0.75",))]
    assert told.readings.page_count == 1802
    assert [(one.name, one.level_ratio, one.state) for one in told.readings.supplies] == [
        ("drumblack", None, "OK"),
        ("tonerblack", 0.71, None),
    ]


# -- in whatever it is written


PACKINGS = {
    "plain": bytes,
    "zlib": zlib.compress,
    "fast zlib": lambda data: zlib.compress(data, 1),
    "gzip": gzip.compress,
}


@pytest.mark.parametrize("pack", PACKINGS.values(), ids=PACKINGS)
@pytest.mark.parametrize("write", [as_json, as_xml])
def test_both_languages_packed_or_not_tell_the_same(tmp_path, write, pack):
    put(tmp_path, "one.ocs", pack(write(notebook())))
    (told,) = seen(tmp_path)
    (tmp_path / "one.ocs").unlink()
    put(tmp_path, "two.json", as_json(notebook()))
    assert [told] == seen(tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "windows-1256"])
def test_xml_of_windows_in_other_encodings_is_read(tmp_path, encoding):
    told = as_xml(notebook(hardware={"name": "سرور"})).decode().replace("UTF-8", encoding.removesuffix("-sig"))
    put(tmp_path, "one.xml", told.encode(encoding))
    assert [one.host_name for one in seen(tmp_path)] == ["سرور"]


def test_only_files_of_agents_are_looked_at(tmp_path):
    for name in ("notes.txt", ".hidden.xml", "~one.json", "one.json.new", "inventory.csv"):
        put(tmp_path, name, b"nonsense")
    (tmp_path / "folder").mkdir()
    put(tmp_path, "PC.XML", as_xml(notebook()))
    entities, gaps = look(tmp_path)
    assert (len(entities), gaps) == (1, [])


def test_a_cleaned_file_reads_as_what_it_was_made_from():
    told = inventory_in(as_json(notebook(), agentid="6E8A1B50-0000-4000-8000-000000000001", itemtype="Computer"))
    assert inventory_in(written(told)) == told


# -- nobody's business


@pytest.mark.parametrize("write", [as_json, as_xml])
def test_nothing_private_is_kept_and_that_it_came_is_told(tmp_path, write):
    put(tmp_path, "one.xml", write(with_private()))
    entities, (gap,) = look(tmp_path)
    held = repr(entities) + repr(gap)
    assert [word for word in CANARIES if word in held] == []
    assert (gap.code, gap.subject, gap.hides) == ("agents.private-sections", "1 file", frozenset())
    assert "environment variables, licence keys, local groups, local users, processes" in gap.problem
    assert "--no-category=environment,process,local_user,local_group" in gap.remedy


@pytest.mark.parametrize("write", [as_json, as_xml])
def test_a_cleaned_file_has_nothing_private(write):
    cleaned = written(inventory_in(write(with_private()))).decode()
    assert [word for word in CANARIES if word in cleaned] == []


def test_no_private_section_is_among_those_that_are_kept():
    assert set(PRIVATE) & set(KEPT) == set()


# -- partial files


def test_a_partial_file_updates_what_it_carries_and_clears_nothing(tmp_path):
    put(tmp_path, "whole.json", as_json(notebook()))
    partial = {
        "accesslog": {"logdate": "2026-11-21 10:00:00"},
        "bios": {"ssn": "640HP72", "bversion": "1.5.0"},
        "memories": [{"capacity": 16384}],
    }
    put(tmp_path, "part.json", as_json(partial, partial=True))
    (told,) = seen(tmp_path)
    assert (told.firmware, told.model, told.memory_bytes) == ("1.5.0", "Book 13 9350", 16384 * 1024**2)
    assert (told.is_partial, len(told.cards)) == (False, 5)
    assert told.seen_at == datetime(2026, 11, 21, 6, 30, tzinfo=UTC)


def test_a_partial_file_that_is_older_than_a_whole_one_changes_nothing(tmp_path):
    put(
        tmp_path,
        "a.json",
        as_json({"accesslog": {"logdate": "2026-01-01 00:00:00"}, "bios": {"bversion": "0.9"}}, partial=True),
    )
    put(tmp_path, "b.json", as_json(notebook()))
    assert [(told.firmware, told.is_partial) for told in seen(tmp_path)] == [("1.4.3", False)]


def test_a_partial_file_alone_is_told_as_partial(tmp_path):
    put(tmp_path, "part.json", as_json({"bios": {"ssn": "640HP72"}}, partial=True))
    assert [(told.serial, told.is_partial) for told in seen(tmp_path)] == [("640HP72", True)]


def test_of_several_whole_files_of_one_computer_the_newest_counts(tmp_path):
    for day_of, memory in ((18, 1024), (20, 4096), (19, 2048)):
        log = {"logdate": f"2026-11-{day_of} 08:00:00"}
        put(tmp_path, f"{day_of}.json", as_json(notebook(accesslog=log, memories=[{"capacity": memory}])))
    assert [told.memory_bytes for told in seen(tmp_path)] == [4096 * 1024**2]


# -- whose it is


def clone(serial: str) -> dict[str, Any]:
    return notebook(bios={"ssn": serial}, hardware={"name": "clone", "uuid": f"uuid-of-{serial}"})


@pytest.mark.parametrize("newest", [1, 2])
def test_clones_that_share_an_agents_id_stay_two_computers_with_the_same_keys(tmp_path, newest):
    for number in (1, 2):
        changed = datetime(2026, 11, 20 + (number == newest), tzinfo=UTC)
        put(tmp_path, f"{number}.json", as_json({**clone(f"S{number}"), "accesslog": {}}, "clone-2026"), changed)
    entities, (gap,) = look(tmp_path)
    assert {entity.key: sighting_of(entity).serial for entity in entities} == {
        "pcs/clone-2026": "S1",
        "pcs/clone-2026@2": "S2",
    }
    assert (gap.code, gap.subject) == ("agents.shared-id", "clone-2026")


def test_an_inventory_without_serial_or_uuid_is_of_the_computer_with_that_agent(tmp_path):
    put(tmp_path, "1.json", as_json(clone("S1"), "clone-2026"))
    put(tmp_path, "2.json", as_json({"hardware": {"name": "clone"}}, "CLONE-2026"))
    entities, gaps = look(tmp_path)
    assert (len(entities), gaps) == (1, [])


def test_the_id_of_the_agent_comes_before_that_of_the_device(tmp_path):
    put(tmp_path, "1.json", as_json(notebook(), agentid="6E8A1B50-0000-4000-8000-000000000001"))
    (told,) = seen(tmp_path)
    assert told.key == "pcs/6e8a1b50-0000-4000-8000-000000000001"


# -- when it was made


@pytest.mark.parametrize(
    ("content", "root", "made_at", "findings"),
    [
        pytest.param({}, {}, datetime(2026, 11, 20, 5, 0, tzinfo=UTC), (), id="its own clock in its own zone"),
        pytest.param(
            {"operatingsystem": {}}, {}, datetime(2026, 11, 20, 6, 30, tzinfo=UTC), (), id="in the zone of the source"
        ),
        pytest.param({"accesslog": None}, {}, CHANGED, (), id="the time of the file"),
        pytest.param({"accesslog": {"logdate": "yesterday"}}, {}, CHANGED, (), id="a time that is none"),
        pytest.param({"accesslog": {"logdate": "2026-99-20 08:30:00"}}, {}, CHANGED, (), id="a day that is none"),
        pytest.param({"accesslog": {"logdate": "1998-01-01 00:00:00"}}, {}, CHANGED, (), id="an empty battery"),
        pytest.param(
            {"accesslog": {"logdate": "2031-01-01 00:00:00"}}, {}, CHANGED, (CLOCK_WRONG,), id="a time to come"
        ),
        pytest.param(
            {"accesslog": {"logdate": "2026-11-22 09:00:00"}}, {}, NOW, (), id="a clock that is a little ahead"
        ),
        pytest.param(
            {}, {"received_at": "2026-11-19T00:00:00+00:00"}, datetime(2026, 11, 19, tzinfo=UTC), (), id="when received"
        ),
        pytest.param({}, {"received_at": "2040-11-19T00:00:00+00:00"}, NOW, (), id="received in a time to come"),
        pytest.param(
            {}, {"received_at": "0001-01-01T00:00:00+05:00"}, datetime(2026, 11, 20, 5, tzinfo=UTC), (), id="year one"
        ),
    ],
)
def test_an_inventory_is_as_old_as_it_is(tmp_path, content, root, made_at, findings):
    from zoneinfo import ZoneInfo  # noqa: PLC0415  beside its one use

    put(tmp_path, "one.json", as_json(notebook(**content), **root))
    (entity,), _ = look(tmp_path, timezone=ZoneInfo("Etc/GMT-2"))
    told = sighting_of(entity)
    assert (told.seen_at, told.findings) == (made_at, findings)
    assert entity.properties["readings"]["told_at"] == made_at.isoformat()  # type: ignore[index, call-overload]


@given(st.floats(min_value=-(2.0**63), max_value=2.0**63))
def test_whatever_time_a_file_claims_to_be_changed_at_is_a_time(seconds):
    """A file system of 64 bits keeps years that no calendar has; the share is anybody's."""
    assert changed_at(seconds) >= datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("2016-02-06", date(2016, 2, 6)),
        ("02/06/2016", date(2016, 2, 6)),
        ("13/06/2016", None),
        ("2016-02-31", None),
        ("1979-01-01", None),
        ("", None),
    ],
)
def test_the_day_of_a_bios(told, expected):
    assert day(told) == expected


# -- what is refused


def test_an_xml_of_thirty_megabytes_is_refused_with_its_name_its_size_and_what_to_do(tmp_path):
    gap = refusal(tmp_path, "huge.xml", b"<REQUEST>" + b" " * (30 * 1024**2) + b"</REQUEST>")
    assert gap.code == "agents.too-big"
    assert "31,457,299 bytes" in gap.problem
    assert "--no-category" in gap.remedy


def bomb(size_bytes: int) -> bytes:
    packing = zlib.compressobj(9)
    return b"".join(packing.compress(bytes(1 << 20)) for _ in range(size_bytes >> 20)) + packing.flush()


HOSTILE = {
    "a zlib bomb": (lambda: bomb(64 << 20), "agents.too-big"),
    "a gzip bomb": (lambda: gzip.compress(bytes(64 << 20)), "agents.too-big"),
    "a bomb in a bomb": (lambda: zlib.compress(bomb(64 << 20)), "agents.hostile"),
    "a document type": (lambda: b'<?xml version="1.0"?><!DOCTYPE a><REQUEST/>', "agents.hostile"),
    "laughs": (
        lambda: b'<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><REQUEST><DEVICEID>&b;</DEVICEID></REQUEST>',
        "agents.hostile",
    ),
    "somebody else's file": (
        lambda: b'<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]><REQUEST><DEVICEID>&f;</DEVICEID></REQUEST>',
        "agents.hostile",
    ),
    "deep XML": (lambda: b"<REQUEST>" + b"<a>" * 100_000, "agents.hostile"),
    "deep JSON": (lambda: b'{"deviceid": "a", "content": ' + b"[" * 100_000, "agents.hostile"),
    "wide JSON": (lambda: b'{"a": [' + b"[]," * 500_000 + b"[]]}", "agents.hostile"),
    "long JSON": (lambda: b'{"a": [' + b"1," * 4_000_000 + b"1]}", "agents.hostile"),
    "cut XML": (lambda: as_xml(notebook())[:-30], "agents.unreadable"),
    "cut JSON": (lambda: as_json(notebook())[:-30], "agents.unreadable"),
    "cut zlib": (lambda: zlib.compress(as_xml(notebook()))[:-9], "agents.unreadable"),
    "damaged zlib": (lambda: b"\x78\x9c" + b"\xff" * 100, "agents.unreadable"),
    "nothing": (lambda: b"", "agents.unreadable"),
    "zeroes": (lambda: bytes(4096), "agents.unreadable"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(100), "agents.unreadable"),
    "a web page": (lambda: b"<html><body>404</body></html>", "agents.unreadable"),
    "another XML": (lambda: b"<?xml version='1.0'?><invoice/>", "agents.unreadable"),
    "an encoding of nobody": (lambda: b"<?xml version='1.0' encoding='x-nobody'?><REQUEST/>", "agents.unreadable"),
    "an encoding that is none": (lambda: b"<?xml version='1.0' encoding='base64'?><REQUEST/>", "agents.unreadable"),
    "a prolog": (prolog, "agents.unreadable"),
    "XML without a device": (lambda: as_xml(notebook(), device_id=""), "agents.unreadable"),
    "JSON without a device": (lambda: as_json(notebook(), device_id=""), "agents.unreadable"),
    "JSON without content": (lambda: b'{"deviceid": "a"}', "agents.unreadable"),
    "JSON with NaN": (lambda: b'{"deviceid": "a", "content": {"bios": {"ssn": NaN}}}', "agents.unreadable"),
    "JSON with a number of 5,000 digits": (lambda: b'{"deviceid": ' + b"9" * 5000 + b"}", "agents.unreadable"),
    "bytes that are no UTF-8": (lambda: b'{"deviceid": "\xff\xfe"}', "agents.unreadable"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "code"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_honest_inventory_is_a_gap_and_the_others_are_read(tmp_path, make, code):
    gap = refusal(tmp_path, "bad.xml", make())
    assert gap.code == code
    assert gap.problem
    assert gap.remedy


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    (tmp_path / "share").mkdir()
    put(tmp_path, "secret.json", as_json(notebook()))
    (tmp_path / "share" / "link.json").symlink_to(tmp_path / "secret.json")
    put(tmp_path / "share", "good.json", as_json(notebook(), "other"))
    entities, (gap,) = look(tmp_path / "share")
    assert [entity.key for entity in entities] == ["pcs/other"]
    assert (gap.subject, gap.code) == ("link.json", "agents.unreadable")


def test_a_pipe_in_the_folder_holds_nothing_up(tmp_path):
    os.mkfifo(tmp_path / "pipe.xml")
    assert look_gap(tmp_path).subject == "pipe.xml"


def look_gap(folder: Path) -> Gap:
    put(folder, "good.json", as_json(notebook()))
    _, (gap,) = look(folder)
    return gap


def test_a_folder_of_which_nothing_can_be_read_is_a_failure_with_its_gaps(tmp_path):
    put(tmp_path, "bad.json", b"{")
    (observation,) = AgentsSource("pcs", Settings(folder=tmp_path)).observe(NOW)
    things: list[Any] = []
    with pytest.raises(SourceUnavailable, match="none of 1 file"):
        deque(map(things.append, observation.seen))
    assert [thing.code for thing in things] == ["agents.unreadable"]


def test_an_empty_folder_proves_nothing(tmp_path):
    assert look(tmp_path) == ([], [])


def test_a_folder_of_too_many_files_is_read_to_its_bound(tmp_path):
    content = as_json({"hardware": {"name": "a"}})
    for number in range(5003):
        (tmp_path / f"{number:05}.json").write_bytes(content)
    entities, (gap,) = look(tmp_path)
    assert (len(entities), gap.code) == (1, "agents.too-many-files")


# -- rules


@given(st.binary(max_size=300) | st.sampled_from([as_json(notebook()), as_xml(notebook())]), st.data())
def test_no_bytes_do_more_than_be_refused(content, data):
    at = data.draw(st.integers(0, len(content)))
    inserted = data.draw(st.binary(max_size=8))
    outcome = taken(content[:at] + inserted + content[at + len(inserted) :])
    assert outcome.device_id if isinstance(outcome, Inventory) else outcome.code.startswith("agents.")


def taken(content: bytes) -> Inventory | NotTaken:
    try:
        return inventory_in(content)
    except NotTaken as refused:
        return refused


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
sections = st.dictionaries(
    st.sampled_from([*KEPT, *PRIVATE, "other"]),
    st.lists(
        st.dictionaries(st.sampled_from(sorted(set().union(*KEPT.values()))) | st.text(max_size=5), json_values),
        max_size=3,
    )
    | json_values,
)


@given(sections)
def test_an_inventory_of_any_shape_becomes_a_sighting_that_can_be_kept(content):
    inventory = inventory_in(json.dumps({"deviceid": "a", "content": content}).encode())
    told = sighting(inventory, Made(NOW), Place(source="pcs", site=None), EntityKey("pcs/a"))
    entity = entity_of(told, ref="a.json")
    assert json.loads(json.dumps(entity.properties, ensure_ascii=False).encode()) == entity.properties
    assert sighting_of(entity) == told
    assert inventory_in(written(inventory)).sections == inventory.sections


@given(sections, sections)
def test_a_partial_inventory_clears_no_section(whole, part):
    from itops.sources.agents.kept import overlaid  # noqa: PLC0415  beside what it is about

    base, partial = (inventory_in(json.dumps({"deviceid": "a", "content": told}).encode()) for told in (whole, part))
    joined: Inventory = overlaid(base, partial)
    assert set(joined.sections) == set(base.sections) | set(partial.sections)


def test_the_bound_of_a_file_is_that_of_its_content():
    just = b'{"deviceid": "a", "content": {}}'
    assert inventory_in(just + b" " * (MOST_BYTES - len(just))).device_id == "a"
    with pytest.raises(NotTaken):
        inventory_in(just + b" " * (MOST_BYTES - len(just) + 1))
