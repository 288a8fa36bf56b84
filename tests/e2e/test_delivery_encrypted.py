"""Encrypted bundles on every way against real servers; age's own program made the key and opens them too. `make e2e`.

Headquarters is a simulation. Needs the Debian packages age, nginx with its dav-ext module, samba and openssh-server.
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from itops.bundles.receipts import ReceiptState
from itops.bundles.recipients import Recipients
from itops.bundles.targets import BundleOnDisk, Target
from itops.delivery.age import encrypt, read_identities
from itops.delivery.folder import FolderTarget, FolderTargetSettings
from itops.delivery.https import HttpsSettings, HttpsTarget
from itops.delivery.sftp import SftpSettings, SftpTarget
from itops.delivery.smb import SmbSettings, SmbTarget
from itops.delivery.smtp import SmtpSettings, SmtpTarget
from itops.delivery.webdav import WebdavSettings, WebdavTarget
from itops.errors import SourceUnavailable
from itops.secrets import Secret
from itops.tls import Trust
from tests.bundles.made import OFFICE
from tests.delivery.age_keys import KNOWN_TEXT
from tests.delivery.delivering import Province, hub_in
from tests.e2e.delivery_servers import (
    HOST,
    PASSWORD,
    Cutter,
    Sink,
    running_dav,
    running_hub,
    running_samba,
    running_smtp,
)
from tests.e2e.sshd import running_sshd
from tests.e2e.test_delivery_targets import joined

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")]

REPORT = "".join(f"{KNOWN_TEXT.decode()}{number}\n" for number in range(60_000))
DROPS = ("folder", "sftp", "webdav", "smb")


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made by age-keygen."""
    path = tmp_path_factory.mktemp("hq") / "key.txt"
    subprocess.run(["age-keygen", "-o", str(path)], check=True, capture_output=True)
    return path


@pytest.fixture(scope="module")
def encrypt_to(key: Path) -> Recipients:
    """The public half, as age-keygen tells it."""
    told = subprocess.run(["age-keygen", "-y", str(key)], check=True, capture_output=True, text=True)
    return Recipients.from_setting(told.stdout.strip(), key.parent)


@dataclass
class Office:
    """A province, and the servers that its ways lead to."""

    province: Province
    servers: ExitStack
    encrypt_to: Recipients
    makers: dict[str, Callable[..., Target]] = field(default_factory=dict)

    def bundle(self) -> BundleOnDisk:
        row = self.province.make(REPORT).row
        return self.province.outbox.load(row.name, row.sha256)

    def way(self, kind: str, **changed: Any) -> Target:
        """A target of this kind; its server is started at the first time."""
        if kind not in self.makers:
            self.makers[kind] = getattr(self, f"_{kind}")()
        return self.makers[kind](encrypt_to=self.encrypt_to, **changed)

    def _folder(self) -> Callable[..., Target]:
        return lambda **told: FolderTarget("way", FolderTargetSettings(path=self.province.drop, **told))

    def _sftp(self) -> Callable[..., Target]:
        server = self.servers.enter_context(running_sshd())
        known: dict[str, Any] = {
            "host": HOST,
            "port": server.port,
            "username": server.username,
            "path": str(self.province.drop),
            "host_key": server.fingerprint,
            "key_file": server.key_file,
        }
        return lambda **told: SftpTarget("way", SftpSettings(**{**known, **told}))

    def _smb(self) -> Callable[..., Target]:
        if os.getuid() != 0:
            pytest.skip("only root may fill Samba's list of accounts")
        server = self.servers.enter_context(running_samba(self.province.drop))
        known: dict[str, Any] = {"host": HOST, "port": server.port, "share": "drop", "username": server.username}
        return lambda **told: SmbTarget("way", SmbSettings(**{**known, "password": Secret(PASSWORD), **told}))

    def _webdav(self) -> Callable[..., Target]:
        server = self.servers.enter_context(running_dav(self.province.folder / "nginx", self.province.drop))
        known: dict[str, Any] = {
            "url": f"https://{HOST}:{server.port}/drop",
            "username": "office",
            "password": Secret(PASSWORD),
            "tls": Trust(pin=server.identity.pin),
        }
        return lambda **told: WebdavTarget("way", WebdavSettings(**{**known, **told}))


@pytest.fixture
def office(tmp_path: Path, key: Path, encrypt_to: Recipients) -> Iterator[Office]:
    tmp_path.chmod(0o755)
    province = Province(tmp_path, identities=read_identities(key))
    province.drop.chmod(0o777)
    with ExitStack() as servers:
        yield Office(province=province, servers=servers, encrypt_to=encrypt_to)


def must_be_closed(content: bytes, name: str) -> None:
    """Nothing of the report stands in it, neither whole nor in pieces of eight letters."""
    assert not any(KNOWN_TEXT[place : place + 8] in content for place in range(len(KNOWN_TEXT) - 7)), name


def opened_by_age(path: Path, key: Path) -> bytes:
    return subprocess.run(["age", "--decrypt", "-i", str(key), str(path)], check=True, capture_output=True).stdout


@pytest.mark.parametrize("kind", DROPS)
def test_a_drop_holds_nothing_to_read_and_headquarters_accepts_what_age_opens(
    office: Office, key: Path, kind: str
) -> None:
    province, bundle = office.province, office.bundle()
    assert KNOWN_TEXT in bundle.parts[0].path.read_bytes()  # or nothing would be proven
    province.targets = [office.way(kind)]
    assert [row.state.value for row in province.deliver().rows] == ["sent"]
    there = {path.name: path for path in province.drop.iterdir()}
    assert len(there) == 3
    assert bundle.parts[0].name not in there
    for name, path in there.items():
        must_be_closed(path.read_bytes(), name)
    archive = next(path for name, path in there.items() if name.endswith(".zip.age"))
    assert opened_by_age(archive, key) == bundle.parts[0].path.read_bytes()
    assert province.collect() == 1
    province.deliver()
    assert province.states() == ["delivered"]


@pytest.mark.parametrize("kind", DROPS)
def test_sent_twice_nothing_travels_twice(office: Office, kind: str) -> None:
    bundle = office.bundle()
    first = office.way(kind).put(bundle, lambda there, whole: None)
    second = office.way(kind).put(bundle, lambda there, whole: None)
    assert first.sent_bytes > bundle.size_bytes
    assert (second.sent_bytes, second.resumed_bytes) == (0, first.sent_bytes)


def test_after_a_cut_line_the_same_bytes_go_on(office: Office) -> None:
    """By SFTP, which can resume: were the archive encrypted anew, not one byte could be."""
    bundle = office.bundle()
    port = office.way("sftp")._settings.port  # type: ignore[attr-defined]
    with Cutter(port, after=1_000_000) as line, pytest.raises(SourceUnavailable):
        office.way("sftp", port=line.port).put(bundle, lambda there, whole: None)
    put = office.way("sftp").put(bundle, lambda there, whole: None)
    assert put.resumed_bytes > 400_000
    assert office.province.collect() == 1
    assert office.province.hub.state_of(bundle.sha256) is ReceiptState.ACCEPTED


def smtp(sink: Sink, **told: Any) -> SmtpTarget:
    known: dict[str, Any] = {
        "host": HOST,
        "port": sink.port,
        "sender": "it@office.example",
        "recipient": "reports@headquarters.example",
        "username": "office",
        "password": Secret(PASSWORD),
        "tls": Trust(pin=sink.identity.pin),
    }
    return SmtpTarget("mail", SmtpSettings(**{**known, **told}))


def test_mails_hold_nothing_to_read_and_put_together_they_are_the_bundle(
    office: Office, key: Path, encrypt_to: Recipients, tmp_path: Path
) -> None:
    province, bundle = office.province, office.bundle()
    with running_smtp(tmp_path / "smtp", size_limit=1_000_000) as sink:
        province.targets = [smtp(sink, encrypt_to=encrypt_to)]
        assert [row.state.value for row in province.deliver().rows] == ["sent"]
    assert len(sink.mails) > 4
    for mail in sink.mails:
        must_be_closed(mail.as_bytes(), "a mail")
        must_be_closed(next(iter(mail.iter_attachments())).get_content(), "an attachment")
    for name, content in joined(sink).items():
        (province.drop / name).write_bytes(content)
    archive = next(province.drop.glob("*.zip.age"))
    assert opened_by_age(archive, key) == bundle.parts[0].path.read_bytes()
    assert province.collect() == 1
    assert province.hub.state_of(bundle.sha256) is ReceiptState.ACCEPTED


def test_a_mail_that_was_sent_before_is_known_again_and_one_encrypted_anew_is_another(
    office: Office, encrypt_to: Recipients, tmp_path: Path
) -> None:
    bundle = office.bundle()
    with running_smtp(tmp_path / "smtp", size_limit=1_000_000) as sink:
        for _ in range(2):
            smtp(sink, encrypt_to=encrypt_to).put(bundle, lambda there, whole: None)
        once = [mail["Message-ID"] for mail in sink.mails]
        smtp(sink, unencrypted=True).put(bundle, lambda there, whole: None)
    assert once[: len(once) // 2] == once[len(once) // 2 :]
    plain = [mail["Message-ID"] for mail in sink.mails[len(once) :]]
    both = set(once) & set(plain)
    assert both == {mail for mail in plain if ".archive." not in mail}  # signature and manifest are the same


def test_the_hub_opens_what_comes_by_https_and_answers_at_once(
    office: Office, key: Path, encrypt_to: Recipients, tmp_path: Path
) -> None:
    province, bundle = office.province, office.bundle()
    hub = hub_in(tmp_path / "hub2", (OFFICE,), tokens={PASSWORD: "alborz"}, identities=read_identities(key))
    with running_hub(hub, tmp_path / "tls", lambda: province.now) as server:
        settings = HttpsSettings(
            url=f"https://{HOST}:{server.port}",
            token=Secret(PASSWORD),
            tls=Trust(pin=server.identity.pin),
            encrypt_to=encrypt_to,
        )
        province.targets = [HttpsTarget("hub", settings)]
        assert [row.state.value for row in province.deliver().rows] == ["delivered"]
    assert hub.stored() == (bundle.sha256,)


def test_what_the_program_encrypted_headquarters_opens(office: Office, encrypt_to: Recipients) -> None:
    province, bundle = office.province, office.bundle()
    office.way("folder").put(bundle, lambda there, whole: None)
    ours = next(province.drop.glob("*.zip.age"))
    told = ["age", "--encrypt", "-r", encrypt_to.keys[0], "-o", str(ours), str(bundle.parts[0].path)]
    subprocess.run(told, check=True, capture_output=True)
    assert province.collect() == 1
    assert province.hub.state_of(bundle.sha256) is ReceiptState.ACCEPTED


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 131_072])
def test_the_program_opens_ours_at_every_edge_of_a_piece(
    tmp_path: Path, key: Path, encrypt_to: Recipients, size: int
) -> None:
    (tmp_path / "plain").write_bytes(b"x" * size)
    with (tmp_path / "closed").open("wb") as out:
        encrypt(tmp_path / "plain", out, encrypt_to)
    assert opened_by_age(tmp_path / "closed", key) == b"x" * size
