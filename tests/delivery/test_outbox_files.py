from pathlib import Path

import pytest

from itops.bundles.manifest import manifest_bytes
from itops.bundles.targets import Role
from itops.delivery.outbox_files import OutboxFolder
from itops.errors import InputInvalid, StoreLocked, StoreUnavailable
from tests.bundles.made import NOW, OFFICE_KEY, edition
from tests.delivery.delivering import Province


def test_a_kept_bundle_has_its_three_parts_under_its_name(tmp_path: Path) -> None:
    province = Province(tmp_path)
    row = province.make().row
    bundle = province.outbox.load(row.name, row.sha256)
    assert [part.role for part in bundle.parts] == [Role.ARCHIVE, Role.SIGNATURE, Role.MANIFEST]
    assert bundle.parts[2].path.read_bytes() == manifest_bytes(province.outbox.manifest(row.name))
    assert bundle.parts[2].sha256 == bundle.sha256 == row.sha256
    assert {path.name for path in province.outbox.path.iterdir()} == {row.name, "outbox.lock"}


@pytest.mark.parametrize("ending", [".zip", ".json"])
def test_a_bundle_that_is_not_as_it_was_made_is_not_sent(tmp_path: Path, ending: str) -> None:
    province = Province(tmp_path)
    row = province.make().row
    part = province.outbox.path / row.name / f"{row.name}{ending}"
    for content in (part.read_bytes()[:-1], None):
        part.write_bytes(content) if content is not None else part.unlink()
        with pytest.raises(StoreUnavailable, match="not as it was made"):
            province.outbox.load(row.name, row.sha256)


def test_what_a_killed_maker_left_is_swept_and_a_file_that_cannot_be_read_leaves_nothing(tmp_path: Path) -> None:
    outbox = OutboxFolder(tmp_path)
    (tmp_path / "making-old").mkdir()
    with pytest.raises(InputInvalid, match="gone"), outbox.packed({"a": tmp_path / "gone"}):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_cannot_be_sent_is_told(tmp_path: Path) -> None:
    report = tmp_path / "report"
    report.write_text("x")
    outbox = OutboxFolder(tmp_path / "outbox")
    outbox.path.mkdir()
    with pytest.raises(InputInvalid, match="cannot be sent"), outbox.packed({"../a": report}):
        pass
    with outbox.packed({"a": report}) as content, pytest.raises(InputInvalid, match="no bundle"):
        outbox.keep(content, edition(office="no office"), OFFICE_KEY, NOW)


def test_two_do_not_work_in_one_outbox(tmp_path: Path) -> None:
    with OutboxFolder(tmp_path).alone(), pytest.raises(StoreLocked), OutboxFolder(tmp_path).alone():
        pass
