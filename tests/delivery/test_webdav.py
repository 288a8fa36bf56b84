"""WebDAV seen from the office, against a server that answers what a test wants."""

from dataclasses import replace
from pathlib import Path

import pytest

from itops.bundles.targets import BundleOnDisk
from itops.delivery.webdav import MOST_BYTES, WebdavSettings, WebdavTarget
from itops.errors import DeliveryRefused, ItopsError, SourceUnavailable
from itops.secrets import Secret
from itops.tls import Trust
from tests.delivery.raw_server import Answer, RawServer, reply
from tests.delivery.signed_bundle import Told, signed_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> BundleOnDisk:
    return signed_bundle(tmp_path_factory.mktemp("outbox") / "out", 20_000)


def target(server: RawServer) -> WebdavTarget:
    settings = WebdavSettings(
        url=f"https://127.0.0.1:{server.port}/drop",
        username="office",
        password=Secret("secret"),
        tls=Trust(pin=server.identity.pin),
        timeout_seconds=5,
    )
    return WebdavTarget("headquarters", settings)


def empty_folder(on_put: bytes, folder: bytes = b"") -> Answer:
    """A folder with nothing in it. `folder`: what is said of itself."""

    def answer(request: bytes) -> bytes:
        if request.startswith(b"HEAD /drop/ "):
            return folder
        return reply(404) if request.startswith(b"HEAD") else on_put

    return answer


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (302, SourceUnavailable, "redirect"),
        (403, SourceUnavailable, "does not allow"),
        (405, SourceUnavailable, "does not know that"),
        (409, SourceUnavailable, "no such folder"),
        (413, DeliveryRefused, "longer than it takes"),
        (423, SourceUnavailable, "lock"),
        (502, SourceUnavailable, "502"),
        (507, SourceUnavailable, "no room"),
    ],
)
def test_a_status_is_told_in_words(
    bundle: BundleOnDisk, tmp_path: Path, status: int, kind: type[ItopsError], words: str
) -> None:
    with RawServer(empty_folder(reply(status)), tmp_path) as server, pytest.raises(kind, match=words):
        target(server).put(bundle, Told().tell)


@pytest.mark.parametrize(("folder", "words"), [(404, "no such folder"), (403, "full disk")])
def test_an_unspoken_failure_is_looked_into(bundle: BundleOnDisk, tmp_path: Path, folder: int, words: str) -> None:
    answer = empty_folder(reply(500), reply(folder))
    with RawServer(answer, tmp_path) as server, pytest.raises(SourceUnavailable) as caught:
        target(server).put(bundle, Told().tell)
    assert words in f"{caught.value.problem} {caught.value.remedy}"


def test_a_file_without_a_size_is_not_compared(bundle: BundleOnDisk, tmp_path: Path) -> None:
    sizeless = b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with RawServer(lambda _: sizeless, tmp_path) as server, pytest.raises(SourceUnavailable, match="size"):
        target(server).put(bundle, Told().tell)


def test_a_server_that_knows_no_ranges_is_read_from_the_beginning(bundle: BundleOnDisk, tmp_path: Path) -> None:
    files = {part.name.encode(): part.path.read_bytes() for part in bundle.parts}

    def answer(request: bytes) -> bytes:
        name = request.split(b" ")[1].rpartition(b"/")[2]
        return (
            reply(200, body=files[name])
            if request.startswith(b"GET")
            else (b"HTTP/1.1 200 x\r\nContent-Length: %d\r\n\r\n" % len(files[name]))
        )

    with RawServer(answer, tmp_path) as server:
        put = target(server).put(bundle, Told().tell)
    assert (put.sent_bytes, put.resumed_bytes) == (0, bundle.size_bytes)


def test_a_long_bundle_is_refused_before_anybody_is_asked(bundle: BundleOnDisk, tmp_path: Path) -> None:
    long = replace(bundle, parts=(replace(bundle.parts[0], size_bytes=MOST_BYTES + 1), *bundle.parts[1:]))
    with RawServer(lambda _: reply(500), tmp_path) as server, pytest.raises(DeliveryRefused, match="50,000,000"):
        target(server).put(long, Told().tell)
    assert server.requests == []


@pytest.mark.parametrize(
    ("url", "username", "words"),
    [
        ("http://drop.example/", "office", "https"),
        ("https://office:pass@drop.example/", "office", "password"),
        ("https://drop.example/", "of:fice", "colon"),
    ],
)
def test_settings_that_cannot_work_are_said(url: str, username: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        WebdavSettings(url=url, username=username, password=Secret("secret"))
