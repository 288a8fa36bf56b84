"""How a bundle is cut into mails, and mail servers that mean harm."""

from dataclasses import replace
from email import message_from_bytes, policy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itops.bundles.targets import BundleOnDisk
from itops.delivery.smtp import MOST_MESSAGE_BYTES, SmtpSettings, SmtpTarget, heartbeat_message, message, split
from itops.errors import ConfigInvalid, SourceUnavailable
from itops.secrets import Secret
from tests.bundles.beating import beat
from tests.bundles.made import later
from tests.delivery.raw_server import RawServer
from tests.delivery.signed_bundle import Told, signed_bundle

KNOWN: dict[str, Any] = {
    "host": "127.0.0.1",
    "sender": "it@office.example",
    "recipient": "reports@headquarters.example",
    "username": "office",
    "password": Secret("canary"),
    "timeout_seconds": 2,
    "unencrypted": True,
}
SMALLEST = 200_000


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> BundleOnDisk:
    return signed_bundle(tmp_path_factory.mktemp("outbox") / "out", 700_000)


@given(size=st.integers(0, 40_000_000), most=st.integers(SMALLEST, MOST_MESSAGE_BYTES))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_pieces_cover_every_part_once(bundle: BundleOnDisk, size: int, most: int) -> None:
    parts = (replace(bundle.parts[0], size_bytes=size), *bundle.parts[1:])
    pieces = split(replace(bundle, parts=parts), most)
    for part in parts:
        own = [piece for piece in pieces if piece.part is part]
        assert [piece.offset for piece in own] == [sum(piece.length for piece in own[:i]) for i in range(len(own))]
        assert sum(piece.length for piece in own) == part.size_bytes
    assert [piece.part.role for piece in pieces] == sorted(
        (piece.part.role for piece in pieces), key=[part.role for part in parts].index
    )


@pytest.mark.parametrize("most", [SMALLEST, 1_000_000, MOST_MESSAGE_BYTES])
def test_no_mail_is_longer_than_wanted_and_its_content_is_whole(bundle: BundleOnDisk, most: int) -> None:
    archive = bundle.parts[0].path.read_bytes()
    for piece in split(bundle, most):
        if piece.part is not bundle.parts[0]:
            continue
        content = archive[piece.offset : piece.offset + piece.length]
        written = message(SmtpSettings(**KNOWN), bundle, piece, "1/9", content).as_bytes()
        assert len(written) <= most
        assert all(len(line) <= 998 for line in written.split(b"\r\n"))
        read = message_from_bytes(written, policy=policy.default)
        attachment = next(iter(read.iter_attachments()))
        assert attachment.get_content() == content
        assert bundle.sha256 in read["Message-ID"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"sender": "it"}, "sender"),
        ({"recipient": "a@b.example\r\nBcc: c@d.example"}, "recipient"),
        ({"recipient": "a@b.example, c@d.example"}, "recipient"),
    ],
)
def test_addresses_that_are_none_are_said(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        SmtpSettings(**{**KNOWN, **changed})


def test_a_password_that_smtp_cannot_carry_is_not_shown(bundle: BundleOnDisk) -> None:
    target = SmtpTarget("headquarters", SmtpSettings(**{**KNOWN, "password": Secret("رمز"), "port": 1}))
    with pytest.raises(ConfigInvalid) as caught:
        target.put(bundle, Told().tell)
    assert "رمز" not in str(caught.value)


def test_a_mailbox_is_never_read() -> None:
    assert SmtpTarget("headquarters", SmtpSettings(**KNOWN, port=1)).receipts(["ab" * 32]) == ()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        b"220-more\r\n" * 500_000,
        b"220 " + b"x" * 100_000,
        b"220 hello\r\n250-more\r\n" + b"250-x\r\n" * 500_000,
        b"220 hello\r\n250 no extensions\r\n",
        b"220 hello\r\n250-STARTTLS\r\n250 OK\r\n220 go\r\nno TLS at all",
        b"554 go away\r\n",
    ],
    ids=["nothing", "ssh", "endless", "long line", "endless later", "plain", "no tls", "refused"],
)
def test_what_is_no_mail_server_for_us_gets_nothing(bundle: BundleOnDisk, answer: bytes) -> None:
    with RawServer(lambda _: answer) as server:
        target = SmtpTarget("headquarters", SmtpSettings(**KNOWN, port=server.port))
        with pytest.raises(SourceUnavailable):
            target.put(bundle, Told().tell)


def test_a_heartbeat_is_a_mail_that_filters_know_and_the_same_in_every_try() -> None:
    written = heartbeat_message(SmtpSettings(**KNOWN), beat()).as_bytes()
    read = message_from_bytes(written, policy=policy.default)
    assert read["Subject"] == "[itops] heartbeat alborz 2026-11-22T08:00:00Z"
    assert read["X-Itops-Heartbeat"] == "alborz"
    (attachment,) = read.iter_attachments()
    assert (attachment.get_filename(), attachment.get_content()) == ("itops_alborz.heartbeat", beat().content)
    ids = [
        heartbeat_message(SmtpSettings(**KNOWN), one)["Message-ID"] for one in (beat(), beat(made_at=later(hours=1)))
    ]
    assert ids[0] == read["Message-ID"]
    assert ids[0] != ids[1]
