"""A thing that two sources see goes into a workbook once."""

from datetime import UTC, datetime

from itops.inventory.entities import Entity, EntityKey, Kind, Place, Value
from itops.tasks.read_inventory import each_once

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def vm(key: str, source: str, name: str, **properties: Value) -> Entity:
    return Entity(
        kind=Kind.VM, key=EntityKey(key), ref=f"{source}-{key}", source=source, seen_at=NOW,
        properties={"name": name, **properties},
    )  # fmt: skip


def test_what_two_sources_see_comes_once_and_the_rest_keeps_its_order() -> None:
    seen = [
        vm("b", "esx01", "automation", **{Place.HOST_UUID: "h"}),
        vm("c", "vc01", "backup"),
        vm("b", "vc01", "Automation", **{Place.HOST_UUID: "h", Place.CLUSTER: "k", Place.SERVER_UUID: "v"}),
        vm("a", "vc01", "zabbix"),
    ]
    found = [(entity.key, entity.source) for entity in each_once(lambda _: iter(seen))(Kind.VM)]
    assert found == [("c", "vc01"), ("b", "vc01"), ("a", "vc01")]


def test_a_copy_on_another_host_is_another_thing() -> None:
    seen = [vm("b", "esx01", "x", **{Place.HOST_UUID: "h1"}), vm("b", "esx02", "x", **{Place.HOST_UUID: "h2"})]
    assert len(list(each_once(lambda _: iter(seen))(Kind.VM))) == 2
