"""The hub's protocol seen from the office, against a hub that answers what a test wants."""

import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from itops.bundles.targets import BundleOnDisk
from itops.delivery.https import HttpsSettings, HttpsTarget
from itops.errors import ConfigInvalid, DeliveryRefused, ItopsError, SourceUnavailable
from itops.secrets import Secret
from itops.tls import Trust
from tests.bundles.beating import beat
from tests.delivery.raw_server import RawServer, reply
from tests.delivery.signed_bundle import Told, signed_bundle

TOKEN = "canary-token-8812"
NOTHING = "Upload-Offset: 0\r\nUpload-Complete: ?0\r\n"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> BundleOnDisk:
    return signed_bundle(tmp_path_factory.mktemp("outbox") / "out", 20_000)


def target(server: RawServer, token: str = TOKEN) -> HttpsTarget:
    settings = HttpsSettings(
        url=f"https://127.0.0.1:{server.port}/hub",
        token=Secret(token),
        tls=Trust(pin=server.identity.pin),
        timeout_seconds=5,
    )
    return HttpsTarget("headquarters", settings)


def hub(on_put: Callable[[bytes], bytes], head: bytes | None = None) -> Callable[[bytes], bytes]:
    """Answers HEAD as a hub that knows nothing, unless told otherwise."""
    known = head if head is not None else reply(200, NOTHING)
    return lambda request: known if request.startswith(b"HEAD") else on_put(request)


def refusal(kind: type[ItopsError], doing: Callable[[], object]) -> str:
    with pytest.raises(kind) as caught:
        doing()
    told = "".join(traceback.format_exception(caught.value))
    assert TOKEN not in told
    return str(caught.value)


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (301, SourceUnavailable, "redirect"),
        (400, DeliveryRefused, "does not take it so"),
        (401, SourceUnavailable, "token"),
        (403, SourceUnavailable, "token"),
        (404, SourceUnavailable, "has nothing there"),
        (413, DeliveryRefused, "nothing so long"),
        (424, SourceUnavailable, "lacks other parts"),
        (500, SourceUnavailable, "500"),
        (507, SourceUnavailable, "no room"),
    ],
)
def test_a_status_is_told_in_words_and_what_is_written_beside_it_is_not(
    bundle: BundleOnDisk, tmp_path: Path, status: int, kind: type[ItopsError], words: str
) -> None:
    with RawServer(hub(lambda _: reply(status, body=f"said {TOKEN}".encode())), tmp_path) as server:
        assert words in refusal(kind, lambda: target(server).put(bundle, Told().tell))


def test_the_token_travels_to_the_address_of_the_part_and_no_further(bundle: BundleOnDisk, tmp_path: Path) -> None:
    moved = reply(301, "Location: https://elsewhere.example/\r\n")
    with RawServer(lambda _: moved, tmp_path) as server:
        refusal(SourceUnavailable, lambda: target(server).put(bundle, Told().tell))
    assert len(server.requests) == 1
    path = f"/hub/bundles/{bundle.sha256}/archive/{bundle.parts[0].sha256}"
    assert server.requests[0].startswith(f"HEAD {path} HTTP/1.1".encode())
    assert f"Authorization: Bearer {TOKEN}".encode() in server.requests[0]


def test_a_hub_that_corrects_for_ever_is_left(bundle: BundleOnDisk, tmp_path: Path) -> None:
    with RawServer(hub(lambda _: reply(409, "Upload-Offset: 7\r\n")), tmp_path) as server:
        assert "keeps correcting" in refusal(SourceUnavailable, lambda: target(server).put(bundle, Told().tell))
    assert len(server.requests) == 10


def test_a_correction_is_followed(bundle: BundleOnDisk, tmp_path: Path) -> None:
    answers = [reply(409, "Upload-Offset: 7\r\n"), reply(500)]
    with RawServer(hub(lambda _: answers.pop(0)), tmp_path) as server:
        refusal(SourceUnavailable, lambda: target(server).put(bundle, Told().tell))
    head, _, body = server.requests[2].partition(b"\r\n\r\n")
    assert b"Upload-Offset: 7\r\n" in head
    assert body == bundle.parts[0].path.read_bytes()[7:]


def test_a_part_that_is_thrown_away_twice_is_refused(bundle: BundleOnDisk, tmp_path: Path) -> None:
    with RawServer(hub(lambda _: reply(422, "Upload-Offset: 0\r\n")), tmp_path) as server:
        assert "another SHA-256" in refusal(DeliveryRefused, lambda: target(server).put(bundle, Told().tell))
    assert len(server.requests) == 3


@pytest.mark.parametrize("told", ["", "-1", "x", "٣", "99999999999999999999", "1000000000"])
def test_an_offset_that_cannot_be_is_not_followed(bundle: BundleOnDisk, tmp_path: Path, told: str) -> None:
    head = reply(200, "Upload-Complete: ?0\r\nUpload-Offset: ").replace(
        b": Content", b": " + told.encode() + b"\r\nContent"
    )
    with RawServer(hub(lambda _: reply(500), head), tmp_path) as server:
        words = refusal(SourceUnavailable, lambda: target(server).put(bundle, Told().tell))
    assert "does not say how many bytes it has" in words


def test_a_hub_that_takes_less_than_it_was_given_is_not_believed(bundle: BundleOnDisk, tmp_path: Path) -> None:
    with RawServer(hub(lambda _: reply(204, "Upload-Offset: 1\r\n")), tmp_path) as server:
        assert "says that it has 1" in refusal(SourceUnavailable, lambda: target(server).put(bundle, Told().tell))


def test_a_hub_that_has_all_and_gives_no_receipt_is_not_asked_for_ever(bundle: BundleOnDisk, tmp_path: Path) -> None:
    def on_head(request: bytes) -> bytes:
        size = next(part.size_bytes for part in bundle.parts if part.role.value.encode() in request.split(b" ")[1])
        return reply(200, f"Upload-Offset: {size}\r\nUpload-Complete: ?1\r\n")

    def answer(request: bytes) -> bytes:
        size = bundle.parts[2].size_bytes
        return on_head(request) if request.startswith(b"HEAD") else reply(204, f"Upload-Offset: {size}\r\n")

    with RawServer(answer, tmp_path) as server:
        assert "no receipt" in refusal(SourceUnavailable, lambda: target(server).put(bundle, Told().tell))


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00" * 100,
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 x\r\n" + b"X: " + b"x" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 x\r\n" + b"X: x\r\n" * 1_000 + b"\r\n",
        b"HTTP/1.1 100 x\r\n\r\n" * 100_000,
        b"HTTP/1.1 200 x\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n" + b"x" * 500_000,
        b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n" + b"x" * 500_000,
        b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n",
    ],
    ids=[
        "nothing", "zeros", "ssh", "long header", "many headers", "for ever 100", "cut", "negative chunk",
        "endless chunk", "wrong chunk",
    ],
)  # fmt: skip
def test_what_is_no_answer_is_an_error_we_can_explain_or_no_receipt(
    bundle: BundleOnDisk, tmp_path: Path, answer: bytes
) -> None:
    with RawServer(lambda _: answer, tmp_path) as server:
        try:
            found = target(server).receipts([bundle.sha256])
        except SourceUnavailable:
            return
    assert all(len(receipt) <= 64 * 1024 for receipt in found)


def test_a_token_that_no_header_can_carry_is_not_shown(bundle: BundleOnDisk, tmp_path: Path) -> None:
    with RawServer(hub(lambda _: reply(500)), tmp_path) as server:
        words = refusal(ConfigInvalid, lambda: target(server, f"{TOKEN}\nX: y").put(bundle, Told().tell))
    assert "token" in words
    assert server.requests == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://hub.example/itops", "https"),
        ("https://", "https"),
        ("hub.example", "https"),
        ("https://user:secret@hub.example/", "password"),
        ("https://hub.example/?office=1", "path"),
        ("https://hub.example/#top", "path"),
        ("https://hub.example/a b", "path"),
        ("https://hub.example/\r\nX: y", "path"),
        ("https://hub.example:99999/", "url"),
    ],
)
def test_an_address_that_is_none_is_said(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        HttpsSettings(url=url, token=Secret(TOKEN))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (301, SourceUnavailable, "redirect"),
        (401, SourceUnavailable, "token"),
        (403, SourceUnavailable, "no heartbeat of this office from this token"),
        (404, SourceUnavailable, "cannot carry heartbeats"),
        (409, DeliveryRefused, "has a newer heartbeat"),
        (413, DeliveryRefused, "nothing so long"),
        (422, DeliveryRefused, "this office's word"),
        (500, SourceUnavailable, "500"),
    ],
)
def test_what_a_hub_says_to_a_heartbeat_is_told_in_words(
    tmp_path: Path, status: int, kind: type[ItopsError], words: str
) -> None:
    with RawServer(lambda _: reply(status, body=f"said {TOKEN}".encode()), tmp_path) as server:
        assert words in refusal(kind, lambda: target(server).beat(beat()))


def test_a_heartbeat_is_one_question(tmp_path: Path) -> None:
    with RawServer(lambda _: reply(204), tmp_path) as server:
        target(server).beat(beat())
    (asked,) = server.requests
    head, _, body = asked.partition(b"\r\n\r\n")
    assert head.startswith(b"PUT /hub/heartbeats/alborz HTTP/1.1\r\n")
    assert f"Authorization: Bearer {TOKEN}".encode() in head
    assert body == beat().content
