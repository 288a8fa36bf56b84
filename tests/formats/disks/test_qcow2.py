"""qcow2: tables, reference counts and marks."""

import struct

import pytest

from itops.backup.copies import CopyKind
from itops.backup.levels import Level
from itops.formats.disks.qcow2 import Qcow2
from tests.formats.disks.looking import codes, lone, looked
from tests.formats.disks.written import qcow2

CLUSTER = 1 << 16


def changed(place: int, value: bytes, **settings: int) -> bytes:
    data = bytearray(qcow2(**settings))  # type: ignore[arg-type]
    data[place : place + len(value)] = value
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(qcow2(references=0), "structure-damaged", id="a cluster in use counts for nothing"),
        pytest.param(qcow2(references=2), "structure-damaged", id="a cluster of its own that counts for two"),
        pytest.param(changed(4 * CLUSTER + 15, b"\4"), "structure-damaged", id="a reserved bit of a table"),
        pytest.param(qcow2()[:-1], "cut", id="the last byte"),
        pytest.param(qcow2(offset=4 * CLUSTER), "structure-damaged", id="data upon a table"),
        pytest.param(qcow2(offset=9 * CLUSTER), "cut", id="data behind the end"),
        pytest.param(qcow2(offset=5 * CLUSTER + 512), "structure-damaged", id="data beside a cluster's border"),
        pytest.param(qcow2(features=2), "marked-corrupt", id="QEMU itself found it corrupt"),
        pytest.param(qcow2(features=1), "not-closed", id="dirty"),
        pytest.param(qcow2(features=4), "data-elsewhere", id="its data lie in another file"),
        pytest.param(qcow2(features=1 << 20), "version-unknown", id="a feature from the future"),
        pytest.param(changed(4, b"\0\0\0\4"), "version-unknown", id="version 4"),
        pytest.param(changed(3 * CLUSTER, struct.pack(">Q", 77 << 16)), "cut", id="a table behind the end"),
        pytest.param(changed(CLUSTER, struct.pack(">Q", 77 << 16)), "cut", id="counts behind the end"),
        pytest.param(changed(36, struct.pack(">I", 1 << 30)), "header-damaged", id="a table of gigabytes"),
        pytest.param(changed(24, b"\x80"), "header-damaged", id="a disk of 8 EiB"),
        pytest.param(changed(60, struct.pack(">I", 60_000)), "cut", id="snapshots that are none"),
    ],
)
def test_what_is_found(data: bytes, code: str) -> None:
    assert codes(looked(lone(data), Qcow2())) == [code]


def test_a_cluster_that_nobody_refers_to_is_a_fact() -> None:
    leaked = changed(2 * CLUSTER + 12, b"\0\1") + b"l" * CLUSTER
    found = looked(lone(leaked), Qcow2())
    assert found.level is Level.COMPLETE
    assert found.identity is not None
    assert found.identity.facts["leaked_clusters"] == 1


def test_an_overlay_names_its_backing_file() -> None:
    found = looked(lone(qcow2(backing="base.qcow2")), Qcow2())
    assert found.identity is not None
    assert (found.identity.kind, found.identity.facts["parent"]) == (CopyKind.DIFFERENTIAL, "base.qcow2")
