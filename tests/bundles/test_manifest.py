import json
from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.bundles.manifest import NotAManifest, check_name, manifest_bytes, read_manifest
from tests.bundles.made import FILES, NOW, made

MANIFEST, _ = made(previous="ab" * 32, sequence=2)
BYTES = manifest_bytes(MANIFEST)


def test_a_manifest_comes_back_as_it_was_written() -> None:
    assert read_manifest(BYTES) == MANIFEST
    assert MANIFEST.name == f"itops_alborz_1405-08_0002_{MANIFEST.sha256[:12]}"


def test_the_same_content_gives_the_same_bytes_whatever_the_order_and_zone() -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=3, minutes=30)))
    again, _ = made(dict(reversed(FILES.items())), at=elsewhere, previous="ab" * 32, sequence=2)
    assert manifest_bytes(again) == BYTES


@pytest.mark.parametrize(
    "change",
    [
        {"office": "../etc"},
        {"office": 7},
        {"period": "next"},
        {"sequence": 0},
        {"sequence": True},
        {"sequence": 10**30},
        {"made_at": "2026-11-22T08:00:00"},
        {"made_at": "2026-13-22T08:00:00Z"},
        {"previous": "ab"},
        {"files": []},
        {"files": {"a": 1}},
        {"files": [{"name": "../a", "size_bytes": 1, "sha256": "ab" * 32}]},
        {"files": [{"name": "a", "size_bytes": -1, "sha256": "ab" * 32}]},
        {"files": [{"name": "a", "size_bytes": 1, "sha256": "AB" * 32}]},
        {"files": [{"name": "a", "size_bytes": 1, "sha256": "ab" * 32, "mode": 1}]},
        {"files": [{"name": name, "size_bytes": 1, "sha256": "ab" * 32} for name in ("A", "a")]},
        {"files": [{"name": name, "size_bytes": 1, "sha256": "ab" * 32} for name in ("b", "a")]},
        {"files": 5000 * [{"name": "a", "size_bytes": 1, "sha256": "ab" * 32}]},
        {"archive": None},
        {"archive": {"size_bytes": 2**40, "sha256": "ab" * 32}},
        {"schema": "itops.bundle/2"},
        {"more": "than a manifest says"},
    ],
)
def test_what_no_manifest_says_is_refused(change: dict[str, object]) -> None:
    plain = json.loads(BYTES) | change
    with pytest.raises(NotAManifest):
        read_manifest(json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{",
        BYTES[:-1],
        BYTES + b"\n",
        BYTES.replace(b",", b", ", 1),
        b"[" * 100_000,
        b" " * 2_000_000,
        BYTES * 2,
    ],
    ids=range(9),
)
def test_another_spelling_of_a_manifest_is_none(data: bytes) -> None:
    with pytest.raises(NotAManifest):
        read_manifest(data)


@given(st.binary(max_size=300))
def test_garbage_is_no_manifest(garbage: bytes) -> None:
    with pytest.raises(NotAManifest):
        read_manifest(garbage)


@given(place=st.integers(0, len(BYTES) - 1), byte=st.integers(0, 255))
def test_one_other_byte_is_another_bundle_or_none(place: int, byte: int) -> None:
    changed = bytearray(BYTES)
    changed[place] = byte
    try:
        manifest = read_manifest(bytes(changed))
    except NotAManifest:
        return
    assert (manifest.sha256 == MANIFEST.sha256) == (bytes(changed) == BYTES)


@pytest.mark.parametrize(
    "name",
    ["", "/a", "a/", "a//b", "..", "a/../b", ".", "a/.", "a\\b", "c:a", "a\n", "a.", "a ", " a", "NUL", "x/com1.txt",
     "a" * 201, "e\u0301", "\ud800", "a\u202eb", "what?"],
)  # fmt: skip
def test_a_name_that_could_lead_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        check_name(name)


@pytest.mark.parametrize("name", ["a", "گزارش ماه.pdf", "annex/1405-08/table.csv", ".hidden", "a b.c"])
def test_a_plain_name_is_taken(name: str) -> None:
    check_name(name)
