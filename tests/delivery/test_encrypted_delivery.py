"""An office whose drop anybody may read, and a simulated headquarters that alone can open what lies there."""

import hashlib
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from itops.bundles import outbox
from itops.bundles.archive import check_archive
from itops.bundles.manifest import read_manifest
from itops.bundles.outbox import State
from itops.bundles.receipts import ReceiptState, check_receipt
from itops.bundles.recipients import Recipients
from itops.bundles.targets import Role
from itops.delivery.age import NO_IDENTITIES, Identities
from itops.delivery.folder import FolderTarget, FolderTargetSettings
from itops.delivery.hub import Hub
from itops.delivery.hub_http import serve
from itops.delivery.sealing import sealed
from tests.bundles.made import HEADQUARTERS, NOW, OFFICE
from tests.delivery.age_keys import KNOWN_TEXT, new_key
from tests.delivery.delivering import Province, hub_in
from tests.delivery.http_target import HttpTarget

KEY, NEXT, STRANGER = new_key(), new_key(), new_key()
REPORT = KNOWN_TEXT.decode() * 20_000
TOKEN = "a-token-of-the-office"


def province_in(
    folder: Path, encrypt_to: Recipients | None = KEY.recipients, identities: Identities = KEY.identities
) -> Province:
    return Province(folder, encrypt_to=encrypt_to, identities=identities)


def lying(drop: Path) -> set[str]:
    """What the office put there, by its endings."""
    return {path.name.rpartition("_")[2].partition(".")[2] for path in drop.iterdir()}


def archive_in(drop: Path) -> Path:
    return next(drop.glob("*.zip.age"))


def reasons(hub: Hub, bundle: str) -> list[str]:
    raw = hub.receipt(bundle)
    assert raw is not None
    receipt, objections = check_receipt(raw, (HEADQUARTERS,), NOW)
    assert objections == ()
    assert receipt is not None
    return [reason.code for reason in receipt.reasons]


def test_an_encrypted_bundle_is_delivered_and_stored_opened(tmp_path: Path) -> None:
    province = province_in(tmp_path)
    row = province.make(REPORT).row
    province.deliver()
    sent = archive_in(province.drop).read_bytes()
    digest = hashlib.sha256(sent).hexdigest()
    assert lying(province.drop) == {"json", "sig", f"{digest[:12]}.zip.age"}
    assert province.collect() == 1
    assert province.hub.state_of(row.sha256) is ReceiptState.ACCEPTED
    province.deliver()
    assert province.states() == ["delivered"]
    stored = tmp_path / "hub" / "bundles" / row.sha256
    manifest = read_manifest((stored / "manifest").read_bytes())
    with (stored / "archive").open("rb") as archive:
        assert list(check_archive(archive, manifest.archive, manifest.files)) == []
    assert KNOWN_TEXT in (stored / "archive").read_bytes()
    assert (stored / "sealed").read_bytes() == sent
    assert list((tmp_path / "hub" / "incoming").iterdir()) == []


def test_nothing_of_the_files_lies_in_the_drop(tmp_path: Path) -> None:
    province = province_in(tmp_path)
    row = province.make(REPORT).row
    assert KNOWN_TEXT in (province.outbox.path / row.name / f"{row.name}.zip").read_bytes()  # or nothing is proven
    province.deliver()
    province.collect()
    for path in province.drop.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert KNOWN_TEXT not in content, path.name
            assert not any(KNOWN_TEXT[place : place + 8] in content for place in range(len(KNOWN_TEXT) - 8)), path.name
            assert b"PK\x03\x04" not in content[:4], path.name


def test_sending_again_sends_nothing_and_one_receipt_is_as_good_as_two(tmp_path: Path) -> None:
    province = province_in(tmp_path)
    row = province.make(REPORT).row
    province.deliver()
    before = {path.name: path.stat().st_mtime_ns for path in province.drop.iterdir()}
    province.change(row.sha256, outbox.resent)
    province.deliver()
    assert {path.name: path.stat().st_mtime_ns for path in province.drop.iterdir()} == before
    assert [province.collect(), province.collect()] == [1, 0]


def test_a_sender_killed_on_the_way_is_gone_on_with(tmp_path: Path) -> None:
    province = province_in(tmp_path)
    row = province.make(REPORT).row
    bundle = sealed(province.outbox.load(row.name, row.sha256), KEY.recipients)
    archive = bundle.parts[0]
    (province.drop / f"{archive.name}.part").write_bytes(archive.path.read_bytes()[: archive.size_bytes // 2])
    province.change(row.sha256, lambda held: outbox.begun(held, "share"))
    province.deliver()
    assert archive_in(province.drop).name == archive.name
    assert not list(province.drop.glob("*.part"))
    assert province.collect() == 1
    province.deliver()
    assert province.states() == ["delivered"]


def test_who_lost_the_encrypted_copy_makes_another_that_counts_as_well(tmp_path: Path) -> None:
    province = province_in(tmp_path)
    row = province.make(REPORT).row
    province.deliver()
    shutil.rmtree(province.outbox.path / row.name / f"sealed-{KEY.recipients.mark}")
    province.change(row.sha256, outbox.resent)
    province.deliver()
    assert len(list(province.drop.glob("*.zip.age"))) == 2
    province.collect()
    province.deliver()
    assert province.states() == ["delivered"]


def test_a_new_key_of_headquarters_opens_what_is_sent_again_to_it(tmp_path: Path) -> None:
    province = province_in(tmp_path, identities=NEXT.identities)
    row = province.make(REPORT).row
    province.deliver()
    province.collect()
    province.deliver()
    assert province.states() == ["refused"]
    assert reasons(province.hub, row.sha256) == ["bundle.archive-other-key"]
    province.targets = [FolderTarget("share", FolderTargetSettings(path=province.drop, encrypt_to=NEXT.recipients))]
    province.change(row.sha256, outbox.resent)
    province.deliver()
    assert province.collect() == 1
    province.deliver()
    assert province.states() == ["delivered"]


def tampered(archive: Path) -> None:
    data = bytearray(archive.read_bytes())
    data[len(data) // 2] ^= 1
    archive.write_bytes(data)


def cut(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:-1])


def exchanged(archive: Path) -> None:
    """Anybody can encrypt to a public key."""
    folder = archive.parent.parent / "other"
    folder.mkdir()
    other = province_in(folder)
    other.make("something else")
    other.deliver()
    archive.write_bytes(archive_in(other.drop).read_bytes())


def plain(archive: Path) -> None:
    state = archive.parent.parent / "state" / "outbox"
    archive.write_bytes(next(state.glob("*/*.zip")).read_bytes())


def removed(archive: Path) -> None:
    archive.unlink()


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        (tampered, "bundle.archive-damaged"),
        (cut, "bundle.archive-damaged"),
        (exchanged, "bundle.archive-differs"),
        (plain, "bundle.archive-not-encrypted"),
        (removed, "bundle.archive-missing"),
    ],
)
def test_what_somebody_did_to_the_archive_is_refused_by_name(
    tmp_path: Path, deed: Callable[[Path], None], code: str
) -> None:
    province = province_in(tmp_path)
    row = province.make(REPORT).row
    province.deliver()
    deed(archive_in(province.drop))
    province.collect()
    assert province.hub.stored() == ()
    assert code in reasons(province.hub, row.sha256)
    (refused,) = province.deliver().rows
    assert refused.state is State.REFUSED
    assert list((tmp_path / "hub" / "incoming").iterdir()) == []


@pytest.mark.parametrize(
    ("identities", "code"),
    [(NO_IDENTITIES, "bundle.archive-encrypted"), (STRANGER.identities, "bundle.archive-other-key")],
)
def test_a_headquarters_that_cannot_open_it_says_why(tmp_path: Path, identities: Identities, code: str) -> None:
    province = province_in(tmp_path, identities=identities)
    row = province.make(REPORT).row
    province.deliver()
    province.collect()
    assert reasons(province.hub, row.sha256) == [code]
    (refused,) = province.deliver().rows
    assert "the archive is encrypted" in (refused.problem or "")


def test_rubbish_beside_a_good_archive_does_no_harm(tmp_path: Path) -> None:
    province = province_in(tmp_path)
    row = province.make(REPORT).row
    province.deliver()
    (province.drop / f"{row.name}.zip").write_bytes(b"PK\x03\x04 something")
    (province.drop / f"{row.name}.{'0' * 12}.zip.age").write_bytes(b"age-encryption.org/v1\n--- x")
    (province.drop / f"{row.name}.{'1' * 12}.zip.age").mkdir()
    (province.drop / f"{row.name}.{'2' * 12}.zip.age").symlink_to("/nowhere")
    province.collect()
    assert province.hub.state_of(row.sha256) is ReceiptState.ACCEPTED


def test_plain_bundles_are_taken_as_before_by_a_headquarters_with_a_key(tmp_path: Path) -> None:
    province = province_in(tmp_path, encrypt_to=None)
    row = province.make(REPORT).row
    province.deliver()
    province.collect()
    assert province.hub.state_of(row.sha256) is ReceiptState.ACCEPTED
    assert not (tmp_path / "hub" / "bundles" / row.sha256 / "sealed").exists()


def test_a_way_that_cannot_encrypt_is_closed_and_sends_nothing_and_the_next_one_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    province = province_in(tmp_path)
    province.make(REPORT)
    monkeypatch.setitem(sys.modules, "pyrage", None)  # as where it is not installed
    done = province.deliver()
    assert [(one.target, "itops[age]" in one.remedy) for one in done.closed] == [("share", True)]
    assert province.states() == ["queued"]
    assert list(province.drop.iterdir()) == []
    other = tmp_path / "safe"
    other.mkdir()
    province.targets.append(FolderTarget("safe", FolderTargetSettings(path=other)))
    province.wait(hours=1)
    (row,) = province.deliver().rows
    assert (row.state, row.target) == (State.SENT, "safe")
    assert list(province.drop.iterdir()) == []


@contextmanager
def served(hub: Hub) -> Iterator[HttpTarget]:
    server = serve(hub, lambda: NOW)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield HttpTarget(server.server_address[1], TOKEN)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def hub_with(folder: Path, identities: Identities) -> Hub:
    return hub_in(folder, (OFFICE,), tokens={TOKEN: "alborz"}, identities=identities)


def test_over_http_it_is_opened_and_a_repeat_sends_nothing_again(tmp_path: Path) -> None:
    province = province_in(tmp_path)
    row = province.make(REPORT).row
    bundle = sealed(province.outbox.load(row.name, row.sha256), KEY.recipients)
    hub = hub_with(tmp_path / "other-hub", KEY.identities)
    with served(hub) as way:
        (receipt,) = way.put(bundle, lambda there, whole: None).receipts
        assert hub.receipt(row.sha256) == receipt
        archive = bundle.parts[0]
        there = way.ask("HEAD", f"/bundles/{row.sha256}/{Role.ARCHIVE.value}/{archive.sha256}")
        assert (there.offset, there.is_whole) == (archive.size_bytes, True)
        assert way.put(bundle, lambda there, whole: None).receipts == ()  # whole already
    assert hub.state_of(row.sha256) is ReceiptState.ACCEPTED


@pytest.mark.parametrize("first", ["sealed", "plain"])
def test_over_http_a_plain_archive_beside_an_encrypted_one_does_no_harm(tmp_path: Path, first: str) -> None:
    province = province_in(tmp_path)
    row = province.make(REPORT).row
    held = province.outbox.load(row.name, row.sha256)
    bundle = sealed(held, KEY.recipients)
    hub = hub_with(tmp_path / "other-hub", KEY.identities)
    forged = b"PK\x03\x04 forged"
    archives = [(bundle.parts[0].sha256, bundle.parts[0].path.read_bytes())]
    archives.append((hashlib.sha256(forged).hexdigest(), forged))
    with served(hub) as way:
        for sha256, data in archives if first == "sealed" else reversed(archives):
            assert way.send(row.sha256, Role.ARCHIVE, sha256, data, 0).status == 204
        way.put(bundle, lambda there, whole: None)
    assert hub.state_of(row.sha256) is ReceiptState.ACCEPTED


def test_over_http_a_headquarters_without_a_key_says_why(tmp_path: Path) -> None:
    province = province_in(tmp_path)
    row = province.make(REPORT).row
    bundle = sealed(province.outbox.load(row.name, row.sha256), KEY.recipients)
    hub = hub_with(tmp_path / "other-hub", NO_IDENTITIES)
    with served(hub) as way:
        way.put(bundle, lambda there, whole: None)
    assert reasons(hub, row.sha256) == ["bundle.archive-encrypted"]


def test_a_hub_killed_while_it_opened_one_leaves_nothing_behind_in_the_end(tmp_path: Path) -> None:
    province = province_in(tmp_path)
    row = province.make(REPORT).row
    province.deliver()
    left = tmp_path / "hub" / "incoming" / f"{row.sha256}.opened"
    left.write_bytes(b"half" * 1_000_000)
    province.collect()
    assert province.hub.state_of(row.sha256) is ReceiptState.ACCEPTED
    assert not left.exists()
