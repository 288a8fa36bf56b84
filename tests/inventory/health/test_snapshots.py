import pytest

from itops.verdict import State
from tests.inventory.health.estates import GIB, agent, disk, fires, found, snapshot, template, vm

TREE, FILES, CHAINS = "snapshot.rootSnapshotList", "layoutEx.file", "layoutEx.disk"


def with_tree(*nodes: dict) -> dict:
    return {TREE: list(nodes), FILES: []}


@pytest.mark.parametrize(
    ("days", "code"),
    [
        pytest.param(14, "snapshot.present", id="exactly two weeks"),
        pytest.param(14.01, "snapshot.old", id="past two weeks"),
        pytest.param(-1, "snapshot.present", id="made in the future by a wrong clock"),
        pytest.param(None, "snapshot.present", id="without a date"),
    ],
)
def test_a_snapshot_is_old_after_two_weeks(days: float | None, code: str) -> None:
    server = vm(with_tree(snapshot("before-patch", days)))
    other = "snapshot.old" if code == "snapshot.present" else "snapshot.present"
    (finding,) = found(code, server)
    assert finding.data == {"snapshot": "before-patch", "age_days": None if days is None else int(days)}
    assert not fires(other, server)


def test_an_existing_snapshot_is_advice_and_an_old_one_a_warning() -> None:
    server = vm(with_tree(snapshot("young", 1, snapshot("old", 30))))
    assert found("snapshot.present", server)[0].state is State.OK
    assert found("snapshot.old", server)[0].state is State.WARNING


def test_children_of_a_snapshot_are_judged_too() -> None:
    assert len(found("snapshot.old", vm(with_tree(snapshot("a", 40, snapshot("b", 30, snapshot("c", 20))))))) == 3


def test_templates_have_snapshots_and_agents_are_left_alone() -> None:
    assert fires("snapshot.old", template(with_tree(snapshot("x", 30))))
    assert not fires("snapshot.old", agent(with_tree(snapshot("x", 30))))


def layout(delta_bytes: int) -> dict:
    return {
        FILES: [{"key": 1, "size": 100 * GIB}, {"key": 2, "size": delta_bytes}, {"key": 3, "size": 0}],
        CHAINS: [{"key": 2000, "chain": [{"fileKey": [1]}, {"fileKey": [2]}]}],
        "layoutEx.snapshot": [{"key": "snapshot-x", "dataKey": 3, "disk": []}],
        "config.hardware.device": [disk(100 * GIB)],
    }


@pytest.mark.parametrize(("delta", "expected"), [(25 * GIB, False), (25 * GIB + 1, True)])
def test_snapshots_are_large_beyond_a_quarter_of_the_disks(delta: int, expected: bool) -> None:
    server = vm({TREE: [snapshot("x", 1)], **layout(delta)})
    assert fires("snapshot.large", server) is expected


def test_delta_files_without_a_snapshot_are_not_large_snapshots() -> None:
    assert not fires("snapshot.large", vm(layout(90 * GIB)))


@pytest.mark.parametrize(("count", "expected"), [(3, False), (4, True)])
def test_many_snapshots(count: int, expected: bool) -> None:
    assert fires("snapshot.many", vm(with_tree(*(snapshot(str(n), 1) for n in range(count))))) is expected


def test_a_delta_without_a_snapshot_is_a_phantom() -> None:
    assert fires("disk.phantom-delta", vm(layout(GIB)))
    assert not fires("disk.phantom-delta", vm({TREE: [snapshot("x", 1)], **layout(GIB)}))


def test_a_disk_with_a_parent_is_a_phantom_even_without_a_layout() -> None:
    assert fires(
        "disk.phantom-delta", vm({FILES: [], "config.hardware.device": [disk(parent={"fileName": "[ds] base"})]})
    )


@pytest.mark.parametrize(("value", "expected"), [(True, True), (False, False), (None, False), ("true", False)])
def test_consolidation(value: object, expected: bool) -> None:
    assert fires("vm.consolidation-needed", vm({"runtime.consolidationNeeded": value})) is expected


@pytest.mark.parametrize(
    ("name", "days", "expected"),
    [
        pytest.param("VEEAM BACKUP TEMPORARY SNAPSHOT", 2, True, id="any case"),
        pytest.param("Consolidate Helper- 0", 1.5, True, id="consolidate helper"),
        pytest.param("VEEAM BACKUP TEMPORARY SNAPSHOT", 1, False, id="a backup that may still run"),
        pytest.param("before patch", 90, False, id="a person's own"),
        pytest.param("VCB-1", None, True, id="without a date"),
    ],
)
def test_backup_leftovers(name: str, days: float | None, expected: bool) -> None:
    assert fires("snapshot.backup-leftover", vm(with_tree(snapshot(name, days)))) is expected
