"""What a vCenter keeps back, refuses or breaks: always a gap, never a crash, and never a row that ends for it."""

import json
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from itops.errors import SourceUnavailable
from itops.inventory.entities import Entity, Gap, Kind
from itops.secrets import Secret
from itops.sources.vsphere import VsphereSource
from itops.sources.vsphere.settings import VsphereSettings
from itops.sources.vsphere.tags import TagsUnavailable, read_tags
from itops.store import StoreLocation, open_reader, open_store
from itops.tls import Trust
from tests.e2e.simulator import Simulator
from tests.e2e.strict_proxy import StrictProxy
from tests.e2e.test_vsphere_source import NOW, look, of_kind, refs, source
from tests.e2e.tls_server import Reply, TlsServer
from tests.store.building import scan

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def small() -> Iterator[Simulator]:
    with Simulator.start("-vms", "12") as simulator:
        yield simulator


@pytest.fixture
def proxy(small: Simulator) -> Iterator[StrictProxy]:
    with StrictProxy(small.url, small.certificate) as strict:
        yield strict


def hiding(gaps: list[Gap], code: str) -> set[Kind]:
    return {kind for gap in gaps if gap.code == code for kind in gap.hides}


@pytest.mark.parametrize(
    ("managed", "code", "kind"),
    [
        ("HostSystem", "host.hidden", Kind.HOST),
        ("Datastore", "datastore.hidden", Kind.DATASTORE),
        ("Network", "network.hidden", Kind.NETWORK),
        ("DistributedVirtualPortgroup", "network.hidden", Kind.PORTGROUP),
        ("VirtualMachine", "vm.hidden", Kind.VM),
    ],
)
def test_what_others_point_at_and_nobody_shows_is_hidden_and_not_gone(
    small: Simulator, proxy: StrictProxy, managed: str, code: str, kind: Kind
) -> None:
    assert not look(source(proxy, small))[1]
    proxy.hidden = {managed}
    entities, gaps = look(source(proxy, small))
    assert not of_kind(entities, kind)
    assert kind in hiding(gaps, code)


def test_an_account_that_is_shown_nothing_ends_nothing(small: Simulator, proxy: StrictProxy, tmp_path: Path) -> None:
    location = StoreLocation(folder=tmp_path)
    keep(location, 0, look(source(proxy, small)))
    proxy.hidden = {"HostSystem", "VirtualMachine", "Datastore", "Network", "ResourcePool", "Datacenter",
                    "ClusterComputeResource", "DistributedVirtualPortgroup", "Folder", "StoragePod"}  # fmt: skip
    seen = look(source(proxy, small))
    assert "inventory.empty" in {gap.code for gap in seen[1]}
    keep(location, 1, seen)
    with open_reader(location) as reader:
        assert len(list(reader.entities(Kind.VM))) == small.machine_count
        assert list(reader.entities(Kind.DATASTORE))


@pytest.mark.parametrize(
    ("managed", "paths"),
    [
        ("HostSystem", ("hardware.systemInfo.uuid", "summary.hardware.uuid")),
        ("VirtualMachine", ("config.instanceUuid", "summary.config.instanceUuid")),  # the BIOS UUID is still there
    ],
)
def test_things_that_do_not_tell_who_they_are_this_time_keep_their_rows(
    small: Simulator, proxy: StrictProxy, tmp_path: Path, managed: str, paths: tuple[str, ...]
) -> None:
    location = StoreLocation(folder=tmp_path)
    known = look(source(proxy, small))
    keep(location, 0, known)
    proxy.forbidden = {f"{managed}.{path}" for path in paths}
    keep(location, 1, look(source(proxy, small)))
    kind = Kind.HOST if managed == "HostSystem" else Kind.VM
    with open_reader(location) as reader:
        assert {e.key for e in known[0] if e.kind is kind} <= {e.key for e in reader.entities(kind)}


def keep(location: StoreLocation, day: int, seen: tuple[list[Entity], list[Gap]]) -> None:
    at = NOW + timedelta(days=day)
    entities, gaps = seen
    with open_store(location, at) as store:
        scan(store, "vc01", at, [*entities, *gaps], live=("vc01",))


@pytest.mark.parametrize(
    ("managed", "kind", "fault"),
    [
        ("StoragePod", Kind.DATASTORE_CLUSTER, "RuntimeFault"),
        ("VirtualMachine", Kind.VM, "ManagedObjectNotFound"),
        ("HostSystem", Kind.HOST, "NoPermission"),
    ],
)
def test_a_type_that_the_server_refuses_costs_that_type(
    small: Simulator, proxy: StrictProxy, managed: str, kind: Kind, fault: str
) -> None:
    proxy.faults = {managed: fault}
    entities, gaps = look(source(proxy, small))
    assert {entity.kind for entity in entities} == set(Kind) - {kind, Kind.DEVICE}
    assert kind in hiding(gaps, "permission.missing" if fault == "NoPermission" else "manager.unreadable")
    assert not proxy.open_sessions


def test_a_tree_that_the_server_refuses_is_an_unavailable_source(small: Simulator, proxy: StrictProxy) -> None:
    proxy.faults = {"ManagedEntity": "RuntimeFault"}
    with pytest.raises(SourceUnavailable, match="RuntimeFault"):
        look(source(proxy, small))
    assert not proxy.open_sessions


def test_a_rare_call_that_breaks_the_connection_costs_a_gap(small: Simulator, proxy: StrictProxy) -> None:
    proxy.broken_methods = {"QueryAssignedLicenses"}
    entities, gaps = look(source(proxy, small))
    assert len(refs(entities)) == small.machine_count
    assert [gap.code for gap in gaps] == ["call.refused"]


def test_a_view_that_cannot_be_given_back_is_no_restart(small: Simulator, proxy: StrictProxy) -> None:
    proxy.forbidden_methods = {"DestroyView"}
    assert not look(source(proxy, small))[1]


def test_a_connection_that_broke_leaves_no_session_behind(small: Simulator, proxy: StrictProxy) -> None:
    proxy.data_from, proxy.cut_at = 5, 1
    entities, gaps = look(source(proxy, small))
    assert len(refs(entities)) == small.machine_count
    assert proxy.calls["Login"] == 2
    assert [gap.code for gap in gaps] == ["session.restarted"]
    assert not proxy.open_sessions


def test_a_server_that_dies_in_the_middle_is_an_unavailable_source(
    start_simulator: Callable[..., Simulator],
) -> None:
    dying = start_simulator("-vms", "5")
    (observation,) = source(dying, dying).observe(NOW)
    next(observation.seen)
    dying.stop()
    with pytest.raises(SourceUnavailable):
        list(observation.seen)


def test_a_bomb_of_an_answer_is_refused_before_it_fills_the_memory(small: Simulator) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(300)) + packer.flush()

    def answer(*_: object) -> Reply:
        return Reply(200, [("Content-Type", "text/xml"), ("Content-Encoding", "gzip")], bomb)

    with TlsServer("127.0.0.2", answer) as server:
        chosen = source(small, small, host="127.0.0.2", port=server.port, tls=Trust(pin=server.identity.pin))
        with pytest.raises(SourceUnavailable, match="larger than 64 MiB"):
            look(chosen)


def tag_service(attached: object, goodbye: int = 200) -> Callable[[str, str, dict[str, str], bytes], Reply]:
    def answer(method: str, path: str, _headers: dict[str, str], _body: bytes) -> Reply:
        values = {
            "/rest/com/vmware/cis/session": "session-1",
            "/rest/com/vmware/cis/tagging/category": ["c1"],
            "/rest/com/vmware/cis/tagging/category/id:c1": {"name": "role"},
            "/rest/com/vmware/cis/tagging/tag": ["t1"],
            "/rest/com/vmware/cis/tagging/tag/id:t1": {"name": "wsus", "category_id": "c1"},
            "/rest/com/vmware/cis/tagging/tag-association": attached,
        }
        body = json.dumps({"value": values[path.partition("?")[0]]}).encode()
        return Reply(goodbye if method == "DELETE" else 200, [("Content-Type", "application/json")], body)

    return answer


def tags_of(answer: Callable[[str, str, dict[str, str], bytes], Reply]) -> object:
    with TlsServer("127.0.0.2", answer) as server:
        chosen = VsphereSource("vc01", VsphereSettings(
            host="127.0.0.2", port=server.port, username="itops-ro", password=Secret("demo only"),
            tls=Trust(pin=server.identity.pin),
        ))  # fmt: skip
        return read_tags(chosen.client().server, "itops-ro", Secret("demo only"))


def test_tags_that_were_read_survive_a_logout_that_fails() -> None:
    attached = [{"tag_id": "t1", "object_ids": [{"id": "vm-1", "type": "VirtualMachine"}]}]
    assert tags_of(tag_service(attached, goodbye=500)) == {"vm-1": {"role": ["wsus"]}}


@pytest.mark.parametrize("attached", [[{}], ["x"], {"a": 1}, [{"tag_id": "t1", "object_ids": [{}]}]])
def test_a_tag_service_that_answers_nonsense_costs_the_tags_and_nothing_else(attached: object) -> None:
    with pytest.raises(TagsUnavailable):
        tags_of(tag_service(attached))


def test_looking_again_for_hidden_vms_counts_no_host_twice(small: Simulator, proxy: StrictProxy) -> None:
    hosts = of_kind(look(source(proxy, small))[0], Kind.HOST)
    proxy.hidden, proxy.forbidden = {"VirtualMachine"}, {"HostSystem.config.lockdownMode"}
    gaps = look(source(proxy, small))[1]
    (denied,) = [gap for gap in gaps if gap.subject == "HostSystem config.lockdownMode"]
    assert f"of {len(hosts)} HostSystem objects" in denied.problem
