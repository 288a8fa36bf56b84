"""A restic repository judged by its file names alone; a simulation here, restic's own in tests/e2e."""

import hashlib
import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.levels import Level
from itops.formats.restic_folder import ResticRepository
from tests.formats.disks.looking import codes, folder, looked
from tests.makers.damages import DAMAGES

KEY = json.dumps({"hostname": "db1", "username": "root", "kdf": "scrypt", "salt": "c2FsdA==", "data": "eA=="}).encode()
PACK = b"sealed" * 900 + bytes(range(100)) + struct.pack("<I", 100)


def named(place: str, data: bytes) -> tuple[str, bytes]:
    name = hashlib.sha256(data).hexdigest()
    return (f"data/{name[:2]}/{name}" if place == "data" else f"{place}/{name}"), data


def repository() -> dict[str, bytes]:
    files = [named("keys", KEY), named("snapshots", b"s" * 200), named("index", b"i" * 300), named("data", PACK)]
    return {"config": b"c" * 155, **dict(files)}


def in_folder(place: str) -> str:
    return next(name for name in repository() if name.startswith(place))


def changed(place: str, data: bytes | None) -> dict[str, bytes]:
    files = repository()
    del files[in_folder(place)]
    return files if data is None else {**files, in_folder(place): data}


def test_a_whole_repository_is_checked_without_its_password_but_for_its_config() -> None:
    found = looked(folder(repository()), ResticRepository())
    assert (found.format, found.level, codes(found)) == ("restic-repository", Level.COMPLETE, ["partly-checked"])
    assert {"hashed_files": 4, "unchecked_bytes": 155}.items() <= found.limits[0].facts.items()
    assert found.identity is not None
    assert found.identity.server == "db1"
    facts = {"snapshots": 1, "keys": 1, "indexes": 1, "packs": 1}
    assert facts.items() <= found.identity.facts.items()
    assert found.identity.facts["newest_snapshot_file_at"] == "2026-11-21T20:30:00+00:00"


@pytest.mark.parametrize(
    ("files", "code", "place"),
    [
        pytest.param(changed("config", None), "member-missing", "config", id="no config"),
        pytest.param(changed("config", b""), "cut", "config", id="an empty config"),
        pytest.param(changed("keys", None), "member-missing", "keys", id="no key"),
        pytest.param(changed("keys", b"{}"), "structure-damaged", in_folder("keys"), id="a key that is none"),
        pytest.param(changed("keys", b""), "empty", in_folder("keys"), id="an empty key"),
        pytest.param(changed("snapshots", None), "member-missing", "snapshots", id="no snapshot"),
        pytest.param(changed("index", None), "member-missing", "index", id="no index"),
        pytest.param(changed("data", None), "member-missing", "data", id="no pack"),
        pytest.param(changed("snapshots", b""), "empty", in_folder("snapshots"), id="an empty snapshot"),
        pytest.param(changed("index", b"i" * 20), "cut", in_folder("index"), id="an index too short to be sealed"),
        pytest.param(changed("data", PACK[:-2]), "cut", in_folder("data"), id="a cut pack"),
        pytest.param(changed("data", b"!" + PACK[1:]), "checksum-mismatch", in_folder("data"), id="a flipped pack"),
        pytest.param(changed("index", b"!" * 300), "checksum-mismatch", in_folder("index"), id="a flipped index"),
        pytest.param({"config": b"c" * 155, **dict([named("keys", KEY)])}, "nothing-inside", "", id="only initialised"),
    ],
)
def test_what_is_wrong(files: dict[str, bytes], code: str, place: str) -> None:
    found = looked(folder(files), ResticRepository())
    assert [(fault.code, fault.place) for fault in found.faults] == [(code, place)]


def test_a_pack_under_another_prefix_is_never_found_by_restic() -> None:
    name = in_folder("data")
    files = changed("data", None) | {f"data/zz/{name[8:]}".replace("zz", "00" if name[5:7] != "00" else "01"): PACK}
    assert codes(looked(folder(files), ResticRepository())) == ["structure-damaged"]


def test_stray_and_unfinished_files_are_facts() -> None:
    files = {**repository(), "data/ab/x.partial": b"", "locks/" + "a" * 64: b"l", "readme.txt": b"r"}
    found = looked(folder(files), ResticRepository())
    assert not found.faults
    assert found.identity is not None
    facts = {"partial_files": 1, "locks": 1, "strange_files": 1}
    assert facts.items() <= found.identity.facts.items()


def test_the_first_hundred_faults_are_enough() -> None:
    files = repository() | {f"data/{n:02x}/{n:02x}{'0' * 62}": PACK for n in range(256)}
    assert len(looked(folder(files), ResticRepository()).faults) == 100


HIT = [
    pytest.param(place, damage, id=f"{place}: {damage}")
    for place in ("keys", "snapshots", "index", "data")
    for damage, damaged in DAMAGES.items()
    if damaged(repository()[in_folder(place)]) != repository()[in_folder(place)]  # no line feed: nothing to mangle
]


@pytest.mark.parametrize(("place", "damage"), HIT)
def test_every_damage_of_every_file_is_noticed(place: str, damage: str) -> None:
    damaged = DAMAGES[damage](repository()[in_folder(place)])
    assert looked(folder(changed(place, damaged)), ResticRepository()).faults


def test_another_folder_with_a_config_is_not_ours() -> None:
    assert not ResticRepository().recognises(folder({"config": b"x", "data/segment": b"y", "keys/admin": b"z"}))


@given(st.dictionaries(st.sampled_from([*repository(), "keys/" + "0" * 64, "data/00/x"]), st.binary(max_size=200)))
def test_garbage_is_damage(changes: dict[str, bytes]) -> None:
    looked(folder({**repository(), **changes}), ResticRepository())
