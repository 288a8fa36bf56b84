"""Recording and scanning the simulated vCenter: what is played is what was seen, and redacted it names nobody."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest

from itops.inventory.entities import Entity, Kind, Observation, Seen, Value
from itops.inventory.records import vm_of
from itops.inventory.redaction import Redactor
from itops.secrets import Secret
from itops.sources.recording import RecordingSettings, RecordingSource
from itops.sources.recording.file import read_recording
from itops.sources.vsphere import VsphereSource
from itops.sources.vsphere.settings import VsphereSettings
from itops.store import StoreLocation, open_reader, open_store
from itops.tasks.collect_inventory import LookState, collect
from itops.tasks.record_source import record_source
from itops.tls import Trust
from tests.e2e.simulator import Simulator

pytestmark = pytest.mark.e2e
NOW = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
# Words of the API itself, by which the simulator calls some of its things.
COMMON = {"vm", "host", "network", "datastore", "resources", "inaccessible", "orphaned", "disconnected", "invalid"}


def source(simulator: Simulator, **changes: object) -> VsphereSource:
    chosen = {
        "host": simulator.host,
        "port": simulator.port,
        "username": simulator.username,
        "password": Secret(simulator.password),
        "tls": Trust(pin=simulator.pin),
    }
    return VsphereSource("vc01", VsphereSettings(**{**chosen, **changes}))  # type: ignore[arg-type]


class Kept:
    """A source that shows again what was seen once: the simulator's clocks and counters never stand still."""

    name = "vc01"

    def __init__(self, seen: list[Seen]) -> None:
        self.kept = seen

    def observe(self, now: datetime) -> Iterator[Observation]:
        yield Observation(source=self.name, observed_at=now, seen=iter(self.kept))


@pytest.fixture(scope="module")
def live(vcenter: Simulator) -> Kept:
    (observation,) = source(vcenter).observe(NOW)
    return Kept(list(observation.seen))


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def all_strings(seen: list[Seen]) -> set[str]:
    return {text for thing in seen if isinstance(thing, Entity) for text in strings(dict(thing.properties))}


def test_what_is_played_is_what_was_seen(live: Kept, tmp_path: Path) -> None:
    record_source(live, tmp_path / "vc01.itops", now=NOW, itops_version="0.1.0")
    (played,) = RecordingSource("vc01", RecordingSettings(path=tmp_path / "vc01.itops")).observe(NOW)
    assert list(played.seen) == live.kept
    assert len(live.kept) > 300


def test_a_redacted_recording_of_a_whole_vcenter_names_nobody(live: Kept, tmp_path: Path) -> None:
    file = tmp_path / "vc01.itops"
    record_source(live, file, now=NOW, itops_version="0.1.0", redaction=Redactor(bytes(range(32))))
    shown = all_strings(list(read_recording(file).seen))
    entities = [thing for thing in live.kept if isinstance(thing, Entity)]
    names = {entity.name for entity in entities if entity.kind is not Kind.LICENSE} - {"127.0.0.2"}
    keys = {entity.key for entity in entities}
    notes = {text for vm in map(vm_of, of_kind(entities, Kind.VM)) if (text := vm.annotation)}
    assert notes
    assert {text for text in names | keys | notes if text in shown and text.lower() not in COMMON} == set()
    addresses = {text for text in all_strings(live.kept) if re.fullmatch(r"(?:\d{1,3}\.){3}\d{1,3}", text)}
    kept = {text for text in addresses & shown if not text.startswith(("255.", "0.", "127.", "224.0.0.0"))}
    versions = {str(value) for entity in entities for value in version_values(entity)}
    assert kept - versions == set()


def version_values(entity: Entity) -> list[Value]:
    return [value for path, value in entity.properties.items() if "version" in path.lower()]


def of_kind(entities: list[Entity], kind: Kind) -> list[Entity]:
    return [entity for entity in entities if entity.kind is kind]


def test_a_redacted_vcenter_has_the_same_shape(live: Kept, tmp_path: Path) -> None:
    file = tmp_path / "vc01.itops"
    record_source(live, file, now=NOW, itops_version="0.1.0", redaction=Redactor(bytes(range(32))))
    before = [thing for thing in live.kept if isinstance(thing, Entity)]
    after = [thing for thing in read_recording(file).seen if isinstance(thing, Entity)]
    assert [entity.kind for entity in after] == [entity.kind for entity in before]
    assert len({(entity.kind, entity.key) for entity in after}) == len({(e.kind, e.key) for e in before})
    assert [list(entity.properties) for entity in after] == [list(entity.properties) for entity in before]
    for one, other in zip(map(vm_of, of_kind(before, Kind.VM)), map(vm_of, of_kind(after, Kind.VM)), strict=True):
        assert (one.power_state, one.cpu_count, one.memory_bytes, one.disk_count, one.guest_os, one.boot_at) == (
            other.power_state, other.cpu_count, other.memory_bytes, other.disk_count, other.guest_os, other.boot_at,
        )  # fmt: skip
        assert len(one.ip_addresses) == len(other.ip_addresses)
        assert all(ip_address(address) for address in other.ip_addresses)
    hosts = {host.name for host in of_kind(after, Kind.HOST)}
    assert {vm.host for vm in map(vm_of, of_kind(after, Kind.VM)) if vm.host} <= hosts
    datastores = {datastore.name for datastore in of_kind(after, Kind.DATASTORE)}
    assert {name for vm in map(vm_of, of_kind(after, Kind.VM)) for name in vm.datastores} <= datastores


def test_a_wrong_password_beside_a_good_one_is_recorded_and_costs_nothing(vcenter: Simulator, tmp_path: Path) -> None:
    location = StoreLocation(folder=tmp_path / "state")
    refused = VsphereSource("vc02", source(vcenter, password=Secret("wrong")).settings)
    with open_store(location, NOW) as store:
        outcome = collect([source(vcenter), refused], store, live_sources=["vc01", "vc02"], now=NOW, clock=lambda: NOW)
    assert [look.state for look in outcome.looks] == [LookState.COMPLETE, LookState.FAILED]
    with open_reader(location) as reader:
        assert sum(1 for _ in reader.entities(Kind.VM)) == vcenter.machine_count
        (attempt,) = reader.scans("vc02")
    assert attempt.problem == outcome.failures[0].error.problem  # type: ignore[union-attr]
