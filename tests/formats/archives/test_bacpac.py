"""Bacpacs, all of them simulations: who they say they are, and their schema's own hash."""

import zipfile
from datetime import UTC, datetime

import pytest

from itops.backup.copies import CopyKind
from itops.backup.levels import Level
from tests.formats.archives.made import codes, examined, limits
from tests.makers.bacpac_file import written
from tests.makers.damages import DAMAGES


@pytest.fixture
def package(tmp_path):
    return written(tmp_path / "a.bacpac", "Insurance")


def without(path, name: str, instead: bytes | None = None) -> bytes:
    """The package without one member, or with another content in it."""
    with zipfile.ZipFile(path) as package:
        members = {member: package.read(member) for member in package.namelist()}
    if instead is None:
        del members[name]
    else:
        members[name] = instead
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for member, data in members.items():
            package.writestr(member, data)
    return path.read_bytes()


def test_it_says_which_database_when_and_by_what(package):
    identity = examined(package.read_bytes(), "a.bacpac", Level.IDENTIFIED).identity
    assert (identity.object, identity.server, identity.kind) == ("Insurance", None, CopyKind.FULL)
    assert identity.started_at == datetime(2026, 11, 21, 20, 0, 4, 123456, UTC)
    assert identity.finished_at == datetime(2026, 11, 21, 20, 1, 40, 765432, UTC)
    assert (identity.utc_offset_minutes, identity.made_by) == (210, "DacFx 162.5.57.1")
    assert (identity.facts["rows"], identity.facts["database_bytes"]) == (300, 10 << 20)


def test_a_good_one_is_intact(package):
    found = examined(package.read_bytes(), "a.bacpac")
    assert (found.format, found.level, codes(found)) == ("bacpac", Level.INTACT, [])
    assert found.identity.facts["data_parts"] == 3


def test_a_schema_changed_afterwards_is_noticed(tmp_path):
    data = written(tmp_path / "a.bacpac", "Insurance", sha256="AB" * 32).read_bytes()
    (fault,) = examined(data, "a.bacpac").faults
    assert (fault.code, fault.place) == ("checksum-mismatch", "model.xml")


def test_a_package_without_rows_is_a_partial_copy(tmp_path):
    data = written(tmp_path / "a.bacpac", "Insurance", has_data=False).read_bytes()
    assert examined(data, "a.bacpac").identity.kind is CopyKind.PARTIAL


@pytest.mark.parametrize("name", ["model.xml", "Origin.xml"])
def test_a_missing_member_is_named(package, name):
    (fault,) = examined(without(package, name), "a.bacpac").faults
    assert (fault.code, fault.place) == ("member-missing", name)


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        pytest.param(b"<DacOrigin><Operation>", "unfinished", id="ends early"),
        pytest.param(b"not xml", "structure-damaged", id="no XML"),
        pytest.param(
            b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><DacOrigin>&c;</DacOrigin>',
            "document-type",
            id="entities",
        ),
    ],
)
def test_hostile_xml_is_refused(package, xml, code):
    assert codes(examined(without(package, "Origin.xml", xml), "a.bacpac")) == [code]


@pytest.mark.parametrize("time", ["", "yesterday", "0001-01-01T00:00:00+14:00", "2026-11-21T23:30:04"])
def test_a_time_that_is_none_is_left_out(package, time):
    xml = f"<DacOrigin><Operation><Start>{time}</Start></Operation></DacOrigin>".encode()
    found = examined(without(package, "Origin.xml", xml), "a.bacpac")
    assert (found.identity.started_at, found.identity.finished_at, codes(found)) == (None, None, [])


@pytest.mark.parametrize(("method", "limit"), [(9, "unknown-method"), (8, "encrypted")])
def test_a_package_that_cannot_be_opened_is_a_limit(package, method, limit):
    data = bytearray(package.read_bytes())
    at = data.rindex(b"Origin.xml", 0, data.rindex(b"[Content_Types].xml")) - 46  # its entry in the directory
    data[at + 8] |= limit == "encrypted"
    data[at + 10] = method
    assert limits(examined(bytes(data), "a.bacpac")) == [limit]


@pytest.mark.parametrize("damage", DAMAGES)
def test_each_damage_is_found(package, damage):
    assert codes(examined(DAMAGES[damage](package.read_bytes()), "a.bacpac"))
