"""The ways to headquarters against real servers: OpenSSH, Samba, nginx, aiosmtpd, and a simulated hub. `make e2e`."""

import os
import traceback
from abc import abstractmethod
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from itops.bundles.keys import AllowedKey
from itops.bundles.targets import RECEIPT_MAX_BYTES, BundleOnDisk, Target
from itops.delivery.https import HttpsSettings, HttpsTarget
from itops.delivery.hub import Hub, HubSettings
from itops.delivery.sftp import SftpSettings, SftpTarget
from itops.delivery.smb import SmbSettings, SmbTarget
from itops.delivery.smb_share import Share
from itops.delivery.smtp import SmtpSettings, SmtpTarget
from itops.delivery.webdav import WebdavSettings, WebdavTarget
from itops.errors import DeliveryRefused, ItopsError, SourceUnavailable
from itops.secrets import Secret
from itops.tls import Trust
from tests.bundles.beating import BEATS, beat
from tests.bundles.made import later
from tests.delivery.signed_bundle import NOW, OFFICE, Told, contents, office_key, signed_bundle
from tests.e2e.delivery_servers import (
    HOST,
    PASSWORD,
    WRONG,
    Cutter,
    Dav,
    HubServer,
    Samba,
    Sink,
    free_port,
    running_dav,
    running_hub,
    running_samba,
    running_smtp,
    silent_server,
    small_disk,
)
from tests.e2e.sshd import Sshd, running_sshd

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")]

SIZE = 3_000_000
CUT = 1_500_000
OTHER_PIN = "00" * 32
OLD, NEW = beat(), beat(made_at=later(hours=1))
BEAT_AT = later(hours=1)
Make = Callable[..., Target]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> BundleOnDisk:
    return signed_bundle(tmp_path_factory.mktemp("outbox") / "out", SIZE)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the servers of a drop show; every test has a folder of its own in it."""
    made = tmp_path_factory.mktemp("drops")
    made.chmod(0o777)
    return made


@pytest.fixture(scope="module")
def sshd() -> Iterator[Sshd]:
    with running_sshd() as running:
        yield running


@pytest.fixture(scope="module")
def samba(root: Path) -> Iterator[Samba]:
    if os.getuid() != 0:
        pytest.skip("only root may fill Samba's list of accounts")
    with running_samba(root) as running:
        yield running


@pytest.fixture(scope="module")
def dav(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[Dav]:
    with running_dav(tmp_path_factory.mktemp("nginx") / "home", root) as running:
        yield running


@pytest.fixture
def folder(root: Path, request: pytest.FixtureRequest) -> Path:
    kind = type(request.instance).__name__
    made = root / f"{kind}-{sha256(request.node.name.encode()).hexdigest()[:12]}"
    made.mkdir(mode=0o777)
    return made


def failed(kind: type[ItopsError], doing: Callable[[], object]) -> str:
    """Do it, see it fail like that; what people are told. No secret stands in it, nor in what a log would hold."""
    with pytest.raises(kind) as caught:
        doing()
    error = caught.value
    assert isinstance(error, ItopsError)
    assert error.remedy
    told = "".join(traceback.format_exception(error)) + error.remedy
    for secret in (PASSWORD, WRONG):
        assert secret not in told
        assert b64encode(f"office:{secret}".encode()).decode() not in told
    return f"{error.problem}; {error.remedy}"


def fill(folder: Path) -> None:
    """Leave no room."""
    with suppress(OSError), (folder / "filler").open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass


def hub_settings(folder: Path, key: AllowedKey | None = None) -> HubSettings:
    """Of a simulated headquarters."""
    return HubSettings(
        folder=folder,
        name="headquarters",
        private_key=bytes(reversed(range(32))),
        offices=(key or office_key(),),
        tokens={PASSWORD: key.signer if key else OFFICE},
    )


def there(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


class DropContract:
    """What every way into a flat folder has to do."""

    can_resume = True

    @pytest.fixture
    @abstractmethod
    def make(self, *servers: Any) -> Make:
        """Make a target of this folder; keywords: port, password, host, timeout_seconds."""

    def test_every_part_arrives_and_nothing_else(self, make: Make, folder: Path, bundle: BundleOnDisk) -> None:
        told = Told()
        put = make().put(bundle, told.tell)
        assert there(folder) == contents(bundle)
        assert (put.sent_bytes, put.resumed_bytes, put.receipts) == (bundle.size_bytes, 0, ())
        assert told.calls[0] == (0, bundle.size_bytes)
        assert told.calls[-1] == (bundle.size_bytes, bundle.size_bytes)
        assert told.calls == sorted(told.calls)

    def test_a_second_put_changes_nothing(self, make: Make, folder: Path, bundle: BundleOnDisk) -> None:
        make().put(bundle, Told().tell)
        before = {path: path.stat() for path in folder.iterdir()}
        put = make().put(bundle, Told().tell)
        assert {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in folder.iterdir()} == {
            path: (stat.st_mtime_ns, stat.st_ino) for path, stat in before.items()
        }
        assert (put.sent_bytes, put.resumed_bytes) == (0, bundle.size_bytes)

    def test_after_a_cut_line_the_next_try_ends_it(
        self, make: Make, folder: Path, bundle: BundleOnDisk, server_port: int
    ) -> None:
        with Cutter(server_port, after=CUT) as line:
            target = make(port=line.port)
            failed(SourceUnavailable, lambda: target.put(bundle, Told().tell))
        assert not any(part.name in there(folder) for part in bundle.parts)
        put = make().put(bundle, Told().tell)
        assert there(folder) == contents(bundle)
        if self.can_resume:
            assert 0 < put.resumed_bytes < CUT
            assert put.resumed_bytes > CUT - 600_000  # blocks that were on their way, and what is sent again
        assert put.sent_bytes + put.resumed_bytes == bundle.size_bytes

    def test_what_another_try_left_half_is_not_gone_on_with(
        self, make: Make, folder: Path, bundle: BundleOnDisk
    ) -> None:
        (folder / f"{bundle.parts[0].name}.part").write_bytes(os.urandom(CUT))
        put = make().put(bundle, Told().tell)
        assert there(folder) == contents(bundle)
        assert put.sent_bytes == bundle.size_bytes

    def test_a_half_part_longer_than_the_part_is_begun_anew(
        self, make: Make, folder: Path, bundle: BundleOnDisk
    ) -> None:
        archive = bundle.parts[0]
        (folder / f"{archive.name}.part").write_bytes(archive.path.read_bytes() + b"more")
        make().put(bundle, Told().tell)
        assert there(folder) == contents(bundle)

    @pytest.mark.parametrize("content", [b"", b"another", bytes(SIZE)], ids=["empty", "short", "long"])
    def test_another_file_under_the_name_is_left_alone(
        self, make: Make, folder: Path, bundle: BundleOnDisk, content: bytes
    ) -> None:
        manifest = bundle.parts[2]
        (folder / manifest.name).write_bytes(content)
        told = failed(DeliveryRefused, lambda: make().put(bundle, Told().tell))
        assert manifest.name in told
        assert (folder / manifest.name).read_bytes() == content

    def test_a_wrong_password_is_said_and_nothing_written(self, make: Make, folder: Path, bundle: BundleOnDisk) -> None:
        target = make(password=WRONG)
        told = failed(SourceUnavailable, lambda: target.put(bundle, Told().tell))
        assert "refuse" in told
        assert there(folder) == {}

    def test_a_full_disk_is_said_and_when_there_is_room_again_the_bundle_arrives(
        self, make: Make, folder: Path, bundle: BundleOnDisk
    ) -> None:
        try:
            with small_disk(folder):
                told = failed(SourceUnavailable, lambda: make().put(bundle, Told().tell))
                assert bundle.parts[0].name not in there(folder)
        except PermissionError:
            pytest.skip("this account may mount nothing")
        assert "room" in told or "full" in told
        make().put(bundle, Told().tell)
        assert there(folder) == contents(bundle)

    def test_a_missing_folder_is_said(self, make: Make, folder: Path, bundle: BundleOnDisk) -> None:
        folder.rmdir()
        assert "no such folder" in failed(SourceUnavailable, lambda: make().put(bundle, Told().tell))
        assert tuple(make().receipts([bundle.sha256])) == ()

    def test_receipts_are_found_by_the_bundle(self, make: Make, folder: Path, bundle: BundleOnDisk) -> None:
        assert tuple(make().receipts([bundle.sha256])) == ()
        (folder / "receipts").mkdir()
        other = "ab" * 32
        (folder / "receipts" / f"{bundle.sha256}.received").write_bytes(b"one")
        (folder / "receipts" / f"{bundle.sha256}.accepted").write_bytes(b"two")
        (folder / "receipts" / f"{other}.rejected").write_bytes(bytes(RECEIPT_MAX_BYTES))
        assert tuple(make().receipts([bundle.sha256])) == (b"one", b"two")
        assert tuple(make().receipts([other])) == (bytes(RECEIPT_MAX_BYTES),)

    def test_headquarters_takes_it_from_there_and_its_receipt_comes_back(
        self, make: Make, folder: Path, bundle: BundleOnDisk, tmp_path: Path
    ) -> None:
        hub = Hub(hub_settings(tmp_path / "hub"))
        make().put(bundle, Told().tell)
        assert hub.collect(folder, NOW) == 1
        assert hub.stored() == (bundle.sha256,)
        assert hub.receipt(bundle.sha256) in tuple(make().receipts([bundle.sha256]))

    def test_what_is_longer_than_a_receipt_is_none(self, make: Make, folder: Path, bundle: BundleOnDisk) -> None:
        (folder / "receipts").mkdir()
        (folder / "receipts" / f"{bundle.sha256}.received").write_bytes(bytes(RECEIPT_MAX_BYTES + 1))
        assert tuple(make().receipts([bundle.sha256])) == ()

    def test_a_heartbeat_takes_the_place_of_the_last_one(self, make: Make, folder: Path, bundle: BundleOnDisk) -> None:
        make().put(bundle, Told().tell)
        for file in (OLD, OLD, NEW):
            make().beat(file)
            assert there(folder) == {**contents(bundle), file.name: file.content}

    @pytest.mark.parametrize("cut", [0, 500, 1_000, 2_000, 2_500, 3_000, 3_500, 4_000, 5_000, 6_000])
    def test_wherever_the_line_is_cut_one_whole_heartbeat_lies_there(
        self, make: Make, folder: Path, server_port: int, cut: int
    ) -> None:
        make().beat(OLD)
        with Cutter(server_port, after=cut) as line, suppress(SourceUnavailable):
            make(port=line.port, timeout_seconds=5.0).beat(NEW)
        assert there(folder)[OLD.name] in (OLD.content, NEW.content)
        make().beat(NEW)
        assert there(folder) == {NEW.name: NEW.content}

    def test_a_full_disk_leaves_the_old_heartbeat(self, make: Make, folder: Path) -> None:
        try:
            with small_disk(folder, "64k"):
                make().beat(OLD)
                fill(folder)
                failed(SourceUnavailable, lambda: make().beat(NEW))
                assert (folder / OLD.name).read_bytes() == OLD.content
        except PermissionError:
            pytest.skip("this account may mount nothing")

    def test_a_heartbeat_with_nowhere_to_go_is_said(self, make: Make, folder: Path) -> None:
        folder.rmdir()
        assert "no such folder" in failed(SourceUnavailable, lambda: make().beat(NEW))
        failed(SourceUnavailable, lambda: make(port=free_port()).beat(NEW))
        failed(SourceUnavailable, lambda: make(password=WRONG).beat(NEW))

    def test_headquarters_takes_the_heartbeat_from_there(self, make: Make, folder: Path, tmp_path: Path) -> None:
        hub = Hub(hub_settings(tmp_path / "hub", BEATS))
        make().beat(OLD)
        hub.collect(folder, BEAT_AT)
        assert hub.heartbeats.newest("alborz") == OLD.content

    def test_nobody_there_is_said(self, make: Make, bundle: BundleOnDisk) -> None:
        target = make(port=free_port())
        assert "refuse" in failed(SourceUnavailable, lambda: target.put(bundle, Told().tell))
        failed(SourceUnavailable, lambda: tuple(target.receipts([bundle.sha256])))

    def test_an_unknown_name_is_said(self, make: Make, bundle: BundleOnDisk) -> None:
        target = make(host="no-such-host.invalid")
        assert "cannot be resolved" in failed(SourceUnavailable, lambda: target.put(bundle, Told().tell))

    def test_somebody_who_says_nothing_is_not_waited_for(self, make: Make, bundle: BundleOnDisk) -> None:
        with silent_server() as port:
            target = make(port=port, timeout_seconds=1.0)
            failed(SourceUnavailable, lambda: target.put(bundle, Told().tell))


class TestSftp(DropContract):
    @pytest.fixture
    def server(self, sshd: Sshd) -> Sshd:
        return sshd

    @pytest.fixture
    def server_port(self, server: Sshd) -> int:
        return server.port

    @pytest.fixture
    def make(self, server: Sshd, folder: Path) -> Make:
        def made(*, password: str | None = None, **changed: Any) -> Target:
            known: dict[str, Any] = {
                "host": HOST,
                "port": server.port,
                "username": server.username,
                "path": str(folder),
                "host_key": server.fingerprint,
                "timeout_seconds": 20.0,
            }
            login = {"key_file": server.key_file} if password is None else {"password": Secret(password)}
            return SftpTarget("headquarters", SftpSettings(**{**known, **login, **changed}))

        return made

    def test_a_changed_host_key_is_named_and_nothing_sent(
        self, make: Make, folder: Path, bundle: BundleOnDisk, server: Sshd
    ) -> None:
        other = "SHA256:" + "A" * 43
        told = failed(SourceUnavailable, lambda: make(host_key=other).put(bundle, Told().tell))
        assert "another host key" in told
        assert server.fingerprint in told
        assert there(folder) == {}

    def test_a_host_key_that_nobody_wrote_down_is_shown(self, make: Make, bundle: BundleOnDisk, server: Sshd) -> None:
        told = failed(SourceUnavailable, lambda: make(host_key=None).put(bundle, Told().tell))
        assert server.fingerprint in told
        assert "host_key" in told

    def test_a_line_of_known_hosts_vouches_too(
        self, make: Make, folder: Path, bundle: BundleOnDisk, server: Sshd
    ) -> None:
        make(host_key=server.host_key).put(bundle, Told().tell)
        assert there(folder) == contents(bundle)

    def test_a_server_for_reading_alone_is_said(self, make: Make, folder: Path, bundle: BundleOnDisk) -> None:
        with running_sshd(extra=("ForceCommand internal-sftp -R",)) as server:
            target = make(port=server.port, key_file=server.key_file, host_key=server.fingerprint)
            told = failed(SourceUnavailable, lambda: target.put(bundle, Told().tell))
        assert "permission denied" in told
        assert there(folder) == {}

    @pytest.mark.parametrize(
        "command",
        ["/bin/cat /dev/zero", "/bin/true", r"printf '\377\377\377\377'; cat /dev/zero", r"printf '\0\0\0\1\2'; cat"],
        ids=["zeros", "nothing", "4 GiB", "no version"],
    )
    def test_a_server_that_speaks_no_sftp_is_said(self, make: Make, bundle: BundleOnDisk, command: str) -> None:
        with running_sshd(extra=(f"ForceCommand {command}",)) as server:
            target = make(port=server.port, key_file=server.key_file, host_key=server.fingerprint)
            failed(SourceUnavailable, lambda: target.put(bundle, Told().tell))


class TestSmb(DropContract):
    @pytest.fixture
    def server(self, samba: Samba) -> Samba:
        return samba

    @pytest.fixture
    def server_port(self, server: Samba) -> int:
        return server.port

    @pytest.fixture
    def make(self, server: Samba, folder: Path) -> Make:
        def made(*, password: str = PASSWORD, **changed: Any) -> Target:
            known: dict[str, Any] = {
                "host": HOST,
                "port": server.port,
                "share": "drop",
                "path": folder.name,
                "username": server.username,
                "timeout_seconds": 20.0,
            }
            return SmbTarget("headquarters", SmbSettings(**{**known, "password": Secret(password), **changed}))

        return made

    def test_a_missing_share_is_said(self, make: Make, bundle: BundleOnDisk) -> None:
        told = failed(SourceUnavailable, lambda: make(share="elsewhere").put(bundle, Told().tell))
        assert "no such share" in told

    def test_without_encryption_no_login_is_tried(self, make: Make, bundle: BundleOnDisk, root: Path) -> None:
        with running_samba(root, "smb encrypt = off") as server:
            told = failed(SourceUnavailable, lambda: make(port=server.port).put(bundle, Told().tell))
        assert "cannot encrypt" in told

    def test_a_server_that_makes_strangers_guests_gets_nothing(
        self, make: Make, folder: Path, bundle: BundleOnDisk, root: Path
    ) -> None:
        guests = ("smb encrypt = desired", "map to guest = bad user", "guest account = nobody")
        with running_samba(root, *guests) as server:
            target = make(port=server.port, username="stranger")
            failed(SourceUnavailable, lambda: target.put(bundle, Told().tell))
        assert there(folder) == {}

    def test_a_rename_onto_a_name_that_is_taken_is_refused(self, server: Samba, folder: Path) -> None:
        (folder / "old").write_bytes(b"old")
        (folder / "new").write_bytes(b"new")
        share = Share(HOST, server.port, "drop", 10.0)
        try:
            share.connect(server.username, PASSWORD, "ntlm")
            assert not share.rename(rf"{folder.name}\old", rf"{folder.name}\new")
            assert share.rename(rf"{folder.name}\old", rf"{folder.name}\newer")
        finally:
            share.close()
        assert there(folder) == {"new": b"new", "newer": b"old"}


class TestWebdav(DropContract):
    can_resume = False

    @pytest.fixture
    def server(self, dav: Dav) -> Dav:
        return dav

    @pytest.fixture
    def server_port(self, server: Dav) -> int:
        return server.port

    @pytest.fixture
    def make(self, server: Dav, folder: Path) -> Make:
        def made(
            *, password: str = PASSWORD, host: str = HOST, port: int = server.port, path: str = "", **changed: Any
        ) -> Target:
            known: dict[str, Any] = {
                "url": f"https://{host}:{port}{path or f'/drop/{folder.name}'}",
                "username": "office",
                "password": Secret(password),
                "tls": Trust(pin=server.identity.pin),
                "timeout_seconds": 20.0,
            }
            return WebdavTarget("headquarters", WebdavSettings(**{**known, **changed}))

        return made

    def test_another_certificate_is_named_and_no_login_tried(
        self, make: Make, folder: Path, bundle: BundleOnDisk, server: Dav
    ) -> None:
        told = failed(SourceUnavailable, lambda: make(tls=Trust(pin=OTHER_PIN)).put(bundle, Told().tell))
        assert "another certificate" in told
        assert server.identity.pin in told
        assert there(folder) == {}

    def test_a_certificate_that_nobody_vouches_for_is_refused(self, make: Make, bundle: BundleOnDisk) -> None:
        told = failed(SourceUnavailable, lambda: make(tls=Trust()).put(bundle, Told().tell))
        assert "not the server that itops.yaml trusts" in told

    def test_a_folder_without_webdav_is_said(self, make: Make, bundle: BundleOnDisk) -> None:
        told = failed(SourceUnavailable, lambda: make(path="/elsewhere").put(bundle, Told().tell))
        assert "405" in told or "404" in told

    def test_a_server_that_takes_less_is_said(
        self, make: Make, bundle: BundleOnDisk, tmp_path: Path, root: Path
    ) -> None:
        with running_dav(tmp_path / "small", root, "client_max_body_size 1m;") as server:
            target = make(port=server.port, tls=Trust(pin=server.identity.pin))
            assert "413" in failed(DeliveryRefused, lambda: target.put(bundle, Told().tell))


class TestHttps:
    """The hub is a simulation of headquarters; the line to it and its TLS are real."""

    @pytest.fixture
    def server(self, tmp_path: Path) -> Iterator[HubServer]:
        with running_hub(Hub(hub_settings(tmp_path / "hub")), tmp_path / "tls", lambda: NOW) as running:
            yield running

    @pytest.fixture
    def make(self, server: HubServer) -> Make:
        def made(
            *, token: str = PASSWORD, host: str = HOST, port: int = server.port, path: str = "", **changed: Any
        ) -> Target:
            known: dict[str, Any] = {
                "url": f"https://{host}:{port}{path}",
                "token": Secret(token),
                "tls": Trust(pin=server.identity.pin),
                "timeout_seconds": 20.0,
            }
            return HttpsTarget("headquarters", HttpsSettings(**{**known, **changed}))

        return made

    def test_a_bundle_is_accepted_and_its_receipt_comes_back(
        self, make: Make, server: HubServer, bundle: BundleOnDisk
    ) -> None:
        told = Told()
        put = make().put(bundle, told.tell)
        assert server.hub.stored() == (bundle.sha256,)
        assert put.receipts == (server.hub.receipt(bundle.sha256),)
        assert (put.sent_bytes, put.resumed_bytes) == (bundle.size_bytes, 0)
        assert told.calls[-1] == (bundle.size_bytes, bundle.size_bytes)

    def test_a_second_put_changes_nothing_and_gives_the_same_receipt(
        self, make: Make, server: HubServer, bundle: BundleOnDisk
    ) -> None:
        first = make().put(bundle, Told().tell)
        second = make().put(bundle, Told().tell)
        assert server.hub.stored() == (bundle.sha256,)
        assert second.receipts == first.receipts

    def test_after_a_cut_line_the_next_try_goes_on(self, make: Make, server: HubServer, tmp_path: Path) -> None:
        bundle = signed_bundle(tmp_path / "large", 9_000_000, seed=2)
        with Cutter(server.port, after=6_000_000) as line:
            target = make(port=line.port)
            failed(SourceUnavailable, lambda: target.put(bundle, Told().tell))
        assert server.hub.stored() == ()
        put = make().put(bundle, Told().tell)
        assert server.hub.stored() == (bundle.sha256,)
        assert put.resumed_bytes > 4 << 20  # the piece that was acknowledged
        assert put.sent_bytes + put.resumed_bytes == bundle.size_bytes

    def test_a_wrong_token_is_said_and_nothing_kept(self, make: Make, server: HubServer, bundle: BundleOnDisk) -> None:
        told = failed(SourceUnavailable, lambda: make(token=WRONG).put(bundle, Told().tell))
        assert "401" in told
        assert server.hub.stored() == ()
        failed(SourceUnavailable, lambda: tuple(make(token=WRONG).receipts([bundle.sha256])))

    def test_another_certificate_is_named_and_no_token_sent(
        self, make: Make, server: HubServer, bundle: BundleOnDisk
    ) -> None:
        told = failed(SourceUnavailable, lambda: make(tls=Trust(pin=OTHER_PIN)).put(bundle, Told().tell))
        assert "another certificate" in told
        assert server.hub.stored() == ()

    def test_a_damaged_part_is_refused_for_good(self, make: Make, server: HubServer, tmp_path: Path) -> None:
        bundle = signed_bundle(tmp_path / "damaged")
        archive = bundle.parts[0].path
        archive.write_bytes(bytes(archive.stat().st_size))
        told = failed(DeliveryRefused, lambda: make().put(bundle, Told().tell))
        assert "another SHA-256" in told
        assert server.hub.stored() == ()

    def test_a_wrong_path_is_said(self, make: Make, bundle: BundleOnDisk) -> None:
        assert "404" in failed(SourceUnavailable, lambda: make(path="/elsewhere").put(bundle, Told().tell))

    def test_nobody_there_and_unknown_names_are_said(self, make: Make, bundle: BundleOnDisk) -> None:
        closed, unknown = make(port=free_port()), make(host="no-such-host.invalid")
        assert "refuses connections" in failed(SourceUnavailable, lambda: closed.put(bundle, Told().tell))
        assert "cannot be resolved" in failed(SourceUnavailable, lambda: unknown.put(bundle, Told().tell))

    def test_somebody_who_says_nothing_is_not_waited_for(self, make: Make, bundle: BundleOnDisk) -> None:
        with silent_server() as port:
            target = make(port=port, timeout_seconds=1.0)
            failed(SourceUnavailable, lambda: target.put(bundle, Told().tell))

    @pytest.mark.parametrize("cut", [None, 0, 1_000, 2_000, 2_500, 3_000])
    def test_a_heartbeat_is_taken_or_the_old_one_stays(
        self, make: Make, server: HubServer, cut: int | None, tmp_path: Path
    ) -> None:
        known = hub_settings(tmp_path / "hub2", BEATS)
        with running_hub(Hub(known), tmp_path / "tls2", lambda: BEAT_AT) as hub:
            tls = Trust(pin=hub.identity.pin)
            make(port=hub.port, tls=tls).beat(OLD)
            if cut is not None:
                with Cutter(hub.port, after=cut) as line, suppress(SourceUnavailable):
                    make(port=line.port, tls=tls).beat(NEW)
                assert hub.hub.heartbeats.newest("alborz") in (OLD.content, NEW.content)
            make(port=hub.port, tls=tls).beat(NEW)
            assert hub.hub.heartbeats.newest("alborz") == NEW.content
            told = failed(DeliveryRefused, lambda: make(port=hub.port, tls=tls).beat(OLD))
            assert "newer heartbeat" in told
            assert hub.hub.heartbeats.newest("alborz") == NEW.content

    def test_a_heartbeat_of_another_office_or_with_a_wrong_token_is_refused(
        self, make: Make, server: HubServer
    ) -> None:
        assert "of this office" in failed(SourceUnavailable, lambda: make().beat(NEW))
        assert "401" in failed(SourceUnavailable, lambda: make(token=WRONG).beat(NEW))

    def test_receipts_are_asked_for_by_the_bundle(self, make: Make, server: HubServer, bundle: BundleOnDisk) -> None:
        assert tuple(make().receipts([bundle.sha256])) == ()
        make().put(bundle, Told().tell)
        assert tuple(make().receipts(["ab" * 32, bundle.sha256])) == (server.hub.receipt(bundle.sha256),)


class TestSmtp:
    @pytest.fixture
    def make(self) -> Callable[..., Target]:
        def made(sink: Sink, *, password: str = PASSWORD, **changed: Any) -> Target:
            known: dict[str, Any] = {
                "host": HOST,
                "port": sink.port,
                "sender": "it@office.example",
                "recipient": "reports@headquarters.example",
                "unencrypted": True,
                "username": "office",
                "password": Secret(password),
                "tls": Trust(pin=sink.identity.pin),
                "timeout_seconds": 20.0,
            }
            return SmtpTarget("headquarters", SmtpSettings(**{**known, **changed}))

        return made

    @pytest.mark.parametrize("security", ["starttls", "tls"])
    def test_the_mails_hold_the_parts(
        self, make: Callable[..., Target], bundle: BundleOnDisk, tmp_path: Path, security: str
    ) -> None:
        with running_smtp(tmp_path, security=security) as sink:
            put = make(sink, security=security).put(bundle, Told().tell)
        assert put.sent_bytes == bundle.size_bytes
        assert joined(sink) == contents(bundle)
        assert all(mail["To"] == "reports@headquarters.example" for mail in sink.mails)

    def test_a_long_part_goes_in_pieces_the_server_takes(
        self, make: Callable[..., Target], bundle: BundleOnDisk, tmp_path: Path
    ) -> None:
        with running_smtp(tmp_path, size_limit=1_000_000) as sink:
            make(sink).put(bundle, Told().tell)
        assert len(sink.mails) == 7
        assert joined(sink) == contents(bundle)

    def test_a_second_try_sends_the_same_mails(
        self, make: Callable[..., Target], bundle: BundleOnDisk, tmp_path: Path
    ) -> None:
        with running_smtp(tmp_path, size_limit=1_000_000) as sink:
            with Cutter(sink.port, after=CUT) as line:
                target = make(sink, port=line.port)
                failed(SourceUnavailable, lambda: target.put(bundle, Told().tell))
            cut = [mail["Message-ID"] for mail in sink.mails]
            make(sink).put(bundle, Told().tell)
        whole = [mail["Message-ID"] for mail in sink.mails[len(cut) :]]
        assert cut == whole[:1]
        assert len(set(whole)) == 7
        assert joined(sink) == contents(bundle)

    @pytest.mark.parametrize("security", ["starttls", "tls"])
    def test_a_heartbeat_is_one_mail(self, make: Callable[..., Target], tmp_path: Path, security: str) -> None:
        with running_smtp(tmp_path, security=security) as sink:
            make(sink, security=security).beat(OLD)
            sink.refuses["data"] = "452 4.3.1 no space"
            failed(SourceUnavailable, lambda: make(sink, security=security).beat(NEW))
        (mail,) = sink.mails
        assert (mail["X-Itops-Heartbeat"], mail["To"]) == ("alborz", "reports@headquarters.example")
        assert str(mail["Subject"]).startswith("[itops] heartbeat alborz 2026-")
        (attachment,) = mail.iter_attachments()
        assert (attachment.get_filename(), attachment.get_content()) == (OLD.name, OLD.content)

    def test_a_server_that_takes_next_to_nothing_is_refused(
        self, make: Callable[..., Target], bundle: BundleOnDisk, tmp_path: Path
    ) -> None:
        with running_smtp(tmp_path, size_limit=50_000) as sink:
            assert "50,000" in failed(DeliveryRefused, lambda: make(sink).put(bundle, Told().tell))

    def test_a_wrong_password_is_said(self, make: Callable[..., Target], bundle: BundleOnDisk, tmp_path: Path) -> None:
        with running_smtp(tmp_path) as sink:
            target = make(sink, password=WRONG)
            assert "refuses the account" in failed(SourceUnavailable, lambda: target.put(bundle, Told().tell))
        assert sink.mails == []

    @pytest.mark.parametrize("security", ["starttls", "tls"])
    def test_another_certificate_is_named(
        self, make: Callable[..., Target], bundle: BundleOnDisk, tmp_path: Path, security: str
    ) -> None:
        with running_smtp(tmp_path, security=security) as sink:
            target = make(sink, security=security, tls=Trust(pin=OTHER_PIN))
            told = failed(SourceUnavailable, lambda: target.put(bundle, Told().tell))
        assert "another certificate" in told
        assert sink.mails == []

    def test_without_encryption_nothing_is_sent(
        self, make: Callable[..., Target], bundle: BundleOnDisk, tmp_path: Path
    ) -> None:
        with running_smtp(tmp_path, security="plain") as sink:
            told = failed(SourceUnavailable, lambda: make(sink).put(bundle, Told().tell))
        assert "STARTTLS" in told
        assert sink.mails == []

    @pytest.mark.parametrize(
        ("where", "answer", "kind"),
        [
            ("rcpt", "550 5.1.1 no such mailbox", DeliveryRefused),
            ("rcpt", "450 4.2.0 greylisted", SourceUnavailable),
            ("data", "552 5.2.2 mailbox full", SourceUnavailable),
            ("data", "552 5.3.4 message too big", DeliveryRefused),
            ("data", "452 4.3.1 no space", SourceUnavailable),
            ("data", "554 5.7.1 no executables", DeliveryRefused),
        ],
    )
    def test_refusals_are_told_apart(
        self,
        make: Callable[..., Target],
        bundle: BundleOnDisk,
        tmp_path: Path,
        where: str,
        answer: str,
        kind: type[ItopsError],
    ) -> None:
        with running_smtp(tmp_path) as sink:
            sink.refuses[where] = answer
            assert answer in failed(kind, lambda: make(sink).put(bundle, Told().tell))

    def test_nobody_there_and_somebody_silent_are_said(self, make: Callable[..., Target], bundle: BundleOnDisk) -> None:
        closed = make(Sink(port=free_port()))
        assert "refuses connections" in failed(SourceUnavailable, lambda: closed.put(bundle, Told().tell))
        with silent_server() as port:
            silent = make(Sink(port=port), timeout_seconds=1.0)
            failed(SourceUnavailable, lambda: silent.put(bundle, Told().tell))


def joined(sink: Sink) -> dict[str, bytes]:
    """What headquarters makes of the mails: pieces by offset, each once."""
    found: dict[str, dict[int, bytes]] = {}
    for mail in sink.mails:
        words = dict(word.split("=") for word in str(mail["X-Itops-Part"]).split("; ")[1:])
        attachment = next(iter(mail.iter_attachments()))
        found.setdefault(words["name"], {})[int(words["offset"])] = attachment.get_content()
    return {name: b"".join(piece for _, piece in sorted(pieces.items())) for name, pieces in found.items()}
