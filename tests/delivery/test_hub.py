import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from itops.bundles import outbox
from itops.bundles.manifest import manifest_bytes
from itops.bundles.receipts import ReceiptState, check_receipt, read_receipt
from itops.bundles.targets import Role
from itops.delivery.hub_heartbeats import Heartbeats
from itops.delivery.hub_http import serve
from tests.bundles.beating import BEATS, beat
from tests.bundles.made import FILES, HEADQUARTERS, NOW, OFFICE, OTHER_KEY, allowed, later, made, packed, signed
from tests.delivery.delivering import Province, hub_in
from tests.delivery.http_target import HttpTarget

TOKEN = "a-token-of-the-office"


def lay(drop: Path, name: str, manifest: bytes, signature: bytes | None, archive: bytes | None) -> None:
    parts = ((".zip", archive), (".sig", signature), (".json", manifest))
    for ending, data in parts:
        if data is not None:
            (drop / f"{name}{ending}").write_bytes(data)


def reasons(province: Province, bundle: str) -> list[str]:
    raw = (province.drop / "receipts" / f"{bundle}.rejected").read_bytes()
    receipt, objections = check_receipt(raw, (HEADQUARTERS,), NOW)
    assert objections == ()
    assert receipt is not None
    return [reason.code for reason in receipt.reasons]


def test_a_bundle_is_stored_once_and_signed_for_twice(tmp_path: Path) -> None:
    province = Province(tmp_path)
    row = province.make().row
    province.deliver()
    assert [province.collect() for _ in range(3)] == [1, 0, 0]
    assert province.hub.stored() == (row.sha256,)
    assert sorted(path.name for path in (province.drop / "receipts").iterdir()) == [
        f"{row.sha256}.accepted",
        f"{row.sha256}.received",
    ]


MANIFEST, ARCHIVE = made()
DATA, SIGNATURE = manifest_bytes(MANIFEST), signed(MANIFEST)


@pytest.mark.parametrize(
    ("name", "manifest", "signature", "archive", "code"),
    [
        pytest.param(MANIFEST.name, DATA, SIGNATURE, ARCHIVE[:-1], "bundle.archive-differs", id="cut"),
        pytest.param(
            MANIFEST.name, DATA, SIGNATURE, packed(FILES | {"empty": b"x"}), "bundle.archive-differs", id="swapped file"
        ),
        pytest.param(MANIFEST.name, DATA, SIGNATURE, None, "bundle.archive-missing", id="no archive"),
        pytest.param(MANIFEST.name, DATA, None, ARCHIVE, "bundle.signature-missing", id="no signature"),
        pytest.param(MANIFEST.name, DATA, signed(MANIFEST, OTHER_KEY), ARCHIVE, "bundle.unknown-key", id="a stranger"),
        pytest.param(
            MANIFEST.name.replace("1405-08", "1405-09"), DATA, SIGNATURE, ARCHIVE, "bundle.other-period", id="replayed"
        ),
        pytest.param(
            MANIFEST.name.replace("alborz", "qazvin"), DATA, SIGNATURE, ARCHIVE, "bundle.other-office", id="as another"
        ),
        pytest.param("x", b"{}", SIGNATURE, ARCHIVE, "bundle.manifest-unreadable", id="no manifest"),
    ],
)
def test_what_is_not_the_offices_bundle_is_refused_with_reasons(
    tmp_path: Path, name: str, manifest: bytes, signature: bytes | None, archive: bytes | None, code: str
) -> None:
    province = Province(tmp_path)
    lay(province.drop, name, manifest, signature, archive)
    assert [province.collect() for _ in range(2)] == [1, 0]
    assert province.hub.stored() == ()
    assert code in reasons(province, hashlib.sha256(manifest).hexdigest())


def test_a_drop_of_one_office_takes_no_bundle_of_another(tmp_path: Path) -> None:
    province = Province(tmp_path)
    lay(province.drop, "renamed", DATA, SIGNATURE, ARCHIVE)
    province.hub.collect(province.drop, NOW, office="qazvin")
    assert reasons(province, MANIFEST.sha256) == ["bundle.other-office"]


def test_a_mended_archive_is_accepted_after_a_rejection(tmp_path: Path) -> None:
    province = Province(tmp_path)
    lay(province.drop, MANIFEST.name, DATA, SIGNATURE, ARCHIVE[:-1])
    province.collect()
    lay(province.drop, MANIFEST.name, DATA, SIGNATURE, ARCHIVE)
    assert province.collect() == 1
    assert province.hub.state_of(MANIFEST.sha256) is ReceiptState.ACCEPTED


def test_a_bundle_waits_for_the_one_before_it_and_is_then_accepted(tmp_path: Path) -> None:
    province = Province(tmp_path)
    bundles = [made()]
    for number in (2, 3):
        bundles.append(made({"a": b"%d" % number}, sequence=number, previous=bundles[-1][0].sha256))
    for manifest, archive in reversed(bundles):
        lay(province.drop, manifest.name, manifest_bytes(manifest), signed(manifest), archive)
        if manifest is not bundles[0][0]:
            province.collect()
            assert province.hub.state_of(manifest.sha256) is ReceiptState.RECEIVED
    province.collect()
    assert {province.hub.state_of(manifest.sha256) for manifest, _ in bundles} == {ReceiptState.ACCEPTED}


def test_a_second_bundle_after_the_same_one_or_with_the_same_number_is_refused(tmp_path: Path) -> None:
    province = Province(tmp_path)
    forked, archive = made({"a": b"forked"}, sequence=2)
    doubled, other = made({"a": b"doubled"}, previous=MANIFEST.sha256)
    lay(province.drop, MANIFEST.name, DATA, SIGNATURE, ARCHIVE)
    province.collect()
    lay(province.drop, forked.name, manifest_bytes(forked), signed(forked), archive)
    lay(province.drop, doubled.name, manifest_bytes(doubled), signed(doubled), other)
    province.collect()
    assert reasons(province, forked.sha256) == ["bundle.previous-differs"]
    assert reasons(province, doubled.sha256) == ["bundle.sequence-taken"]
    assert province.hub.stored() == (MANIFEST.sha256,)


def test_a_bundle_refused_for_its_archive_does_not_hold_up_those_that_follow(tmp_path: Path) -> None:
    province = Province(tmp_path)
    following, archive = made({"a": b"2"}, sequence=2, previous=MANIFEST.sha256)
    lay(province.drop, MANIFEST.name, DATA, SIGNATURE, ARCHIVE[:-1])
    lay(province.drop, following.name, manifest_bytes(following), signed(following), archive)
    province.collect()
    assert province.hub.stored() == (following.sha256,)
    assert province.hub.state_of(following.sha256) is ReceiptState.ACCEPTED


def test_a_hub_killed_after_storing_gives_the_receipts_at_its_next_start(tmp_path: Path) -> None:
    province = Province(tmp_path)
    lay(province.drop, MANIFEST.name, DATA, SIGNATURE, ARCHIVE)
    province.collect()
    for name in ("receipts", "known"):
        shutil.rmtree(tmp_path / "hub" / name)
    again = hub_in(tmp_path / "hub", (OFFICE,))
    again.collect(province.drop, NOW)
    assert again.state_of(MANIFEST.sha256) is ReceiptState.ACCEPTED


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HttpTarget]:
    server = serve(
        hub_in(tmp_path / "hub", (OFFICE, allowed(OTHER_KEY, "qazvin")), tokens={TOKEN: "alborz"}), lambda: NOW
    )
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield HttpTarget(server.server_address[1], TOKEN)
    server.shutdown()
    thread.join()
    server.server_close()


def parts() -> list[tuple[Role, str, bytes]]:
    data = (ARCHIVE, SIGNATURE, DATA)
    return [(role, hashlib.sha256(one).hexdigest(), one) for role, one in zip(Role, data, strict=True)]


def test_over_http_a_bundle_is_signed_for_at_once_and_a_repeat_gets_the_same_receipt(hub: HttpTarget) -> None:
    bundle = MANIFEST.sha256
    assert hub.ask("GET", f"/receipts/{bundle}").status == 404
    replies = [hub.send(bundle, role, sha256, data, 0) for role, sha256, data in parts()]
    assert [reply.status for reply in replies] == [204, 204, 200]
    receipt, objections = check_receipt(replies[2].body, (HEADQUARTERS,), NOW)
    assert objections == ()
    assert receipt is not None
    assert receipt.state is ReceiptState.ACCEPTED
    role, sha256, data = parts()[2]
    assert hub.send(bundle, role, sha256, data, 0).body == replies[2].body == hub.ask("GET", f"/receipts/{bundle}").body


def test_a_cut_upload_goes_on_where_it_ended(hub: HttpTarget) -> None:
    role, sha256, data = parts()[0]
    bundle = MANIFEST.sha256
    assert hub.send(bundle, role, sha256, data[:20], 0, length=len(data)).offset == 20
    path = f"/bundles/{bundle}/{role.value}/{sha256}"
    assert hub.ask("HEAD", path)[1:3] == (20, False)
    wrong = hub.send(bundle, role, sha256, data, 10)
    assert (wrong.status, wrong.offset) == (409, 20)
    assert hub.send(bundle, role, sha256, data, 20).status == 204
    assert hub.ask("HEAD", path)[1:3] == (len(data), True)


def test_content_that_is_not_what_its_address_says_is_thrown_away(hub: HttpTarget) -> None:
    role, sha256, data = parts()[0]
    assert hub.send(MANIFEST.sha256, role, sha256, b"x" * len(data), 0).status == 422
    assert hub.ask("HEAD", f"/bundles/{MANIFEST.sha256}/{role.value}/{sha256}")[1:3] == (0, False)
    assert hub.send("ab" * 32, *parts()[2], 0).status == 422


def test_a_manifest_before_the_rest_has_to_come_again(hub: HttpTarget) -> None:
    role, sha256, data = parts()[2]
    assert hub.send(MANIFEST.sha256, role, sha256, data, 0).status == 424
    assert hub.ask("HEAD", f"/bundles/{MANIFEST.sha256}/manifest/{sha256}")[1:3] == (0, False)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/receipts/" + "ab" * 32, {"Authorization": "Bearer wrong"}, 401),
        ("PUT", f"/bundles/{'ab' * 32}/archive/{'ab' * 32}", {"Authorization": "نه".encode().decode("latin-1")}, 401),
        ("HEAD", f"/bundles/{'ab' * 32}/archive/{'ab' * 32}", {"Authorization": ""}, 401),
        ("GET", "/", {}, 404),
        ("HEAD", f"/bundles/../archive/{'ab' * 32}", {}, 404),
        ("PUT", f"/bundles/{'ab' * 32}/archive/{'ab' * 32}", {}, 400),
        ("PUT", f"/bundles/{'ab' * 32}/archive/{'ab' * 32}", {"Upload_Offset": "-1", "Upload_Length": "1"}, 400),
        ("PUT", f"/bundles/{'ab' * 32}/signature/{'ab' * 32}", {"Upload_Offset": "0", "Upload_Length": "99999"}, 413),
        ("PUT", f"/bundles/{'ab' * 32}/archive/{'ab' * 32}", {"Upload_Offset": "0", "Upload_Length": "9" * 12}, 413),
    ],
)
def test_what_cannot_be_is_refused(
    hub: HttpTarget, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    assert hub.ask(method, path, b"", **headers).status == status


def test_a_token_of_one_office_sends_nothing_of_another(hub: HttpTarget) -> None:
    manifest, archive = made(office="qazvin")
    data = (archive, signed(manifest, OTHER_KEY), manifest_bytes(manifest))
    replies = [
        hub.send(manifest.sha256, role, hashlib.sha256(one).hexdigest(), one, 0)
        for role, one in zip(Role, data, strict=True)
    ]
    receipt = read_receipt(replies[-1].body)
    assert receipt.state is ReceiptState.REJECTED
    assert [reason.code for reason in receipt.reasons] == ["bundle.other-office"]


def test_an_office_delivers_over_http_in_one_run(tmp_path: Path, hub: HttpTarget) -> None:
    province = Province(tmp_path, targets=[hub])
    province.make()
    assert [row.state.value for row in province.deliver().rows] == ["delivered"]
    province.change(province.rows()[0].sha256, outbox.resent)
    assert [row.state.value for row in province.deliver().rows] == ["sent"]


@pytest.fixture
def heartbeats(tmp_path: Path) -> Heartbeats:
    return Heartbeats(tmp_path / "heartbeats", (BEATS, allowed(OTHER_KEY, "qazvin")))


def test_the_newest_heartbeat_is_kept_and_the_same_again_is_no_replay(heartbeats: Heartbeats) -> None:
    older, newer = beat(), beat(made_at=later(hours=1))
    for file in (older, older, newer, newer):
        assert heartbeats.take(file.content, "alborz", later(hours=1)) == ()
        assert heartbeats.newest("alborz") == file.content
    assert heartbeats.newest("qazvin") is None


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (beat(made_at=later(seconds=-1)).content, "heartbeat.replayed"),
        (beat(tool_version="9").content, "heartbeat.replayed"),
        (beat(OTHER_KEY, made_at=later(minutes=1)).content, "heartbeat.key-of-another"),
        (beat(OTHER_KEY, made_at=later(minutes=1), office="qazvin").content, "heartbeat.other-office"),
        (beat(made_at=later(days=1)).content, "heartbeat.from-future"),
        (b"", "heartbeat.unreadable"),
    ],
)
def test_replays_forgeries_other_offices_and_the_future_replace_nothing(
    heartbeats: Heartbeats, content: bytes, code: str
) -> None:
    heartbeats.take(beat().content, "alborz", NOW)
    assert code in [one.code for one in heartbeats.take(content, "alborz", NOW)]
    assert heartbeats.newest("alborz") == beat().content


def test_heartbeats_are_taken_from_a_drop_and_what_does_not_count_stays_there(tmp_path: Path) -> None:
    province = Province(tmp_path, offices=(BEATS, allowed(OTHER_KEY, "qazvin")))
    good, forged, renamed = beat(), beat(office="semnan"), beat(OTHER_KEY, office="qazvin")
    (province.drop / good.name).write_bytes(good.content)
    (province.drop / forged.name).write_bytes(forged.content)
    (province.drop / "itops_other.heartbeat").write_bytes(renamed.content)
    (province.drop / "itops_x.heartbeat").write_bytes(b"x" * 100_000)
    (province.drop / "itops_y.heartbeat").mkdir()
    assert province.collect() == 0
    assert [path.name for path in (tmp_path / "hub" / "heartbeats").iterdir()] == [good.name]
    province.hub.collect(province.drop, NOW, office="qazvin")
    assert province.hub.heartbeats.newest("qazvin") is None
    assert len(list(province.drop.glob("*.heartbeat"))) == 5


@pytest.mark.parametrize(
    ("path", "content", "token", "status"),
    [
        ("alborz", beat().content, TOKEN, 204),
        ("qazvin", beat().content, TOKEN, 403),
        ("alborz", beat(OTHER_KEY).content, TOKEN, 422),
        ("alborz", beat(office="qazvin").content, TOKEN, 422),
        ("alborz", b"x" * 20_000, TOKEN, 413),
        ("alborz", beat().content, "wrong", 401),
        ("../alborz", beat().content, TOKEN, 404),
    ],
)
def test_over_http_a_heartbeat_is_taken_from_its_own_office_alone(
    tmp_path: Path, path: str, content: bytes, token: str, status: int
) -> None:
    server = serve(hub_in(tmp_path / "hub", (BEATS,), tokens={TOKEN: "alborz"}), lambda: NOW)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        asked = HttpTarget(server.server_address[1], token)
        assert asked.ask("PUT", f"/heartbeats/{path}", content).status == status
        if status == 204:
            older = beat(made_at=later(hours=-1)).content
            assert [asked.ask("PUT", "/heartbeats/alborz", one).status for one in (content, older)] == [204, 409]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
