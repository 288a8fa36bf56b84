"""From raw objects to entities."""

from datetime import UTC, datetime

from itops.inventory.entities import Gap, Value
from itops.sources.vsphere.describe import Describer
from itops.sources.vsphere.places import Places
from itops.sources.vsphere.reader import RawObject

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def described(**properties: Value) -> dict[str, Value]:
    gaps: list[Gap] = []
    describer = Describer(
        source="vc01", server="vc01.example.ir", server_uuid=None, seen_at=NOW, places=Places(), gap=gaps.append,
        attributes={}, tags={}, licenses={},
    )  # fmt: skip
    own: dict[str, Value] = {"name": "web%2f1", "config.instanceUuid": "4b4b3f52-8a28-5176-bb3e-1494fbb91b49"}
    return dict(describer.vm(RawObject("VirtualMachine", "vm-1", {**own, **properties}, ())).properties)


def route(network: str, gateway: str) -> Value:
    return {"network": network, "prefixLength": 0, "gateway": {"ipAddress": gateway}}


def test_adapters_and_routes_that_live_only_inside_the_guest_make_no_history() -> None:
    found = described(
        **{
            "guest.net": [
                {"deviceConfigId": 4000, "network": "crowd-20%2ftest"},
                {"deviceConfigId": -1, "network": "", "ipAddress": ["172.17.0.1"]},
            ],
            "guest.ipStack": [
                {"ipRouteConfig": {"ipRoute": [route("0.0.0.0", "10.0.0.1"), route("172.17.0.0", "172.17.0.1")]}}
            ],
        }
    )
    assert found["guest.net"] == [{"deviceConfigId": 4000, "network": "crowd-20/test"}]
    assert found["guest.ipStack"] == [{"ipRouteConfig": {"ipRoute": [route("0.0.0.0", "10.0.0.1")]}}]
    assert found["name"] == "web/1"


def test_what_the_guest_did_not_report_is_not_reported_as_nothing() -> None:
    assert "guest.net" not in described()
