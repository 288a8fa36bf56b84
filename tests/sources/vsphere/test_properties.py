"""What rules, records and roles read is what the source asks for; a path is only text, so this is its type check."""

import pytest

from itops.inventory.entities import Kind
from itops.inventory.health import paths_read
from itops.sources.vsphere.schema import load_schema

MANAGED = {
    Kind.VM: "VirtualMachine",
    Kind.HOST: "HostSystem",
    Kind.DATASTORE: "Datastore",
    Kind.CLUSTER: "ClusterComputeResource",
    Kind.NETWORK: "Network",
    Kind.PORTGROUP: "DistributedVirtualPortgroup",
    Kind.SWITCH: "DistributedVirtualSwitch",
    Kind.RESOURCE_POOL: "ResourcePool",
    Kind.DATACENTER: "Datacenter",
    Kind.DATASTORE_CLUSTER: "StoragePod",
}
# Read once for everything below the root and kept with the endpoint; a certificate is asked as config.certificate.
ELSEWHERE = ("triggeredAlarmState", "certificateInfo.", "at.")


@pytest.mark.parametrize("kind", sorted(MANAGED), ids=str)
def test_every_path_that_a_health_rule_reads_is_asked_for(kind: Kind) -> None:
    asked = load_schema().paths[MANAGED[kind]]
    unasked = [
        path
        for path in paths_read()[kind]
        if not path.startswith(ELSEWHERE) and not any(path == known or path.startswith(f"{known}.") for known in asked)
    ]
    assert not unasked


def test_the_heavy_structures_are_never_asked_for_whole() -> None:
    paths = load_schema().paths
    heavy = {"config", "summary", "runtime", "guest", "capability", "hardware", "config.extraConfig", "summary.runtime"}
    assert not heavy & set(paths["VirtualMachine"])
    assert not heavy & set(paths["HostSystem"])
