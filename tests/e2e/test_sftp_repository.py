"""The repository `sftp` against a real OpenSSH server. `make e2e`."""

import hashlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import paramiko
import pytest

from itops.backup.copies import ListedFile
from itops.backup.levels import Level
from itops.errors import SourceUnavailable
from itops.formats.effort import BoundedEffort
from itops.repositories.sftp import Settings, SftpRepository
from itops.repositories.sftp.connection import connected
from itops.repositories.sftp.hashing import FarSide
from itops.secrets import Secret
from tests.contracts.repository_contract import (
    NAME,
    NOW,
    TEHRAN,
    FileRepositoryContract,
    MakeRepository,
    copy_of,
    files,
    gaps,
    seen,
)
from tests.e2e.ssh_simulations import HOST, SILLY, doorkeeper, simulated
from tests.e2e.sshd import Sshd, running_sshd

pytestmark = pytest.mark.e2e
BIG = 1 << 20  # worth hashing on the server
ACCOUNT = pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")


@pytest.fixture(scope="module")
def sshd() -> Iterator[Sshd]:
    with running_sshd() as server:
        yield server


@pytest.fixture(scope="module")
def sftp_only() -> Iterator[Sshd]:
    with running_sshd(only_sftp=True) as server:
        yield server


def settings(server: Sshd, path: Path | str, **more: Any) -> Settings:
    known: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": server.port,
        "username": server.username,
        "key_file": server.key_file,
        "host_key": server.fingerprint,
        "path": str(path),
        "timeout_seconds": 10,
    }
    return Settings(**{**known, **more})


def repository(server: Sshd, path: Path | str, **more: Any) -> SftpRepository:
    return SftpRepository(NAME, settings(server, path, **more), TEHRAN)


def filled(folder: Path) -> Path:
    (folder / "sql01").mkdir()
    (folder / "sql01" / "Insurance_14050901.bak").write_bytes(os.urandom(3 << 20))
    (folder / "sql01" / "it's a $(touch x) `name`; & more!.bak").write_bytes(b"quoted")
    (folder / "empty.bak").touch()
    (folder / "بیمه\u200cها.bak").write_bytes(b"0123456789" * 1000)
    (folder / os.fsdecode(b"caf\xe9\n.bak")).write_bytes(b"x")
    (folder / "latest.bak").symlink_to("empty.bak")
    (folder / "outside").symlink_to("/etc")
    return folder


class TestSftp(FileRepositoryContract):
    @pytest.fixture
    def make_repository(self, sshd: Sshd, tmp_path: Path) -> MakeRepository:
        place = settings(sshd, filled(tmp_path))
        return lambda name: SftpRepository(name, place, TEHRAN)

    @pytest.fixture
    def make_broken(self, sshd: Sshd) -> MakeRepository:
        place = replace(settings(sshd, "/"), port=free_port())
        return lambda name: SftpRepository(name, place, TEHRAN)


class TestServerForSftpAlone(TestSftp):
    @pytest.fixture
    def sshd(self, sftp_only: Sshd) -> Sshd:
        return sftp_only


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# Listing


def test_a_listing_is_what_the_disk_holds(sshd: Sshd, tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "lost+found").mkdir()
    for number in range(250):
        (tmp_path / "a" / "b" / f"{number}.bak").write_bytes(b"x" * number)
    (tmp_path / "lost+found" / "x").touch()
    os.utime(tmp_path / "a" / "b" / "7.bak", (1_700_000_000, 1_700_000_000))
    listed = files(seen(repository(sshd, tmp_path)))
    assert len(listed) == 250
    assert listed["a/b/7.bak"] == ListedFile("a/b/7.bak", 7, 1_700_000_000 * 10**9)


def test_a_path_may_be_relative_to_the_home_of_the_account(sshd: Sshd, tmp_path: Path) -> None:
    (tmp_path / "a.bak").touch()
    relative = os.path.relpath(tmp_path, os.path.expanduser("~"))
    assert list(files(seen(repository(sshd, relative)))) == ["a.bak"]


def test_a_sentinel_must_be_there_and_is_no_copy(sshd: Sshd, tmp_path: Path) -> None:
    guarded = repository(sshd, tmp_path, sentinel=".itops-here")
    with pytest.raises(SourceUnavailable, match="is not mounted: its sentinel"):
        guarded.look(NOW, {})
    (tmp_path / ".itops-here").write_text("disk-2\n")
    (tmp_path / "a.bak").touch()
    look = guarded.look(NOW, {})
    assert (look.facts["sentinel"], list(files(list(look.seen)))) == ("disk-2", ["a.bak"])


def test_a_folder_that_is_suddenly_empty_proves_no_absence(sshd: Sshd, tmp_path: Path) -> None:
    (tmp_path / "a.bak").touch()
    before = repository(sshd, tmp_path).look(NOW, {}).facts
    (tmp_path / "a.bak").unlink()
    look = repository(sshd, tmp_path).look(NOW, before)
    (gap,) = gaps(list(look.seen))
    assert (gap.code, gap.hides, look.facts["is_empty"]) == ("folder.emptied", True, True)
    assert seen(repository(sshd, tmp_path), look.facts) == []


def test_a_root_that_goes_away_in_the_middle_breaks_the_look(sshd: Sshd, tmp_path: Path) -> None:
    for folder in "abcdef":
        (tmp_path / "disk" / folder).mkdir(parents=True)
        (tmp_path / "disk" / folder / "1.bak").touch()
    look = repository(sshd, tmp_path / "disk").look(NOW, {})
    next(look.seen)
    (tmp_path / "disk").rename(tmp_path / "away")
    with pytest.raises(SourceUnavailable):
        list(look.seen)


@ACCOUNT
def test_an_unreadable_folder_is_a_gap(sshd: Sshd, tmp_path: Path) -> None:
    (tmp_path / "hr").mkdir(mode=0)
    (gap,) = gaps(seen(repository(sshd, tmp_path)))
    assert (gap.code, gap.subject, gap.hides) == ("folder.unreadable", "folder hr", True)


# What does not let us in


@pytest.mark.parametrize("path", ["/not/there", "/etc/hostname"])
def test_a_path_that_is_no_folder_is_said(sshd: Sshd, path: str) -> None:
    with pytest.raises(SourceUnavailable, match="cannot be listed") as failure:
        repository(sshd, path).look(NOW, {})
    assert "path" in failure.value.remedy


def test_without_a_host_key_the_one_seen_is_told_and_nothing_is_sent(sshd: Sshd, tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="nothing says which host key") as failure:
        repository(sshd, tmp_path, host_key=None).look(NOW, {})
    assert sshd.fingerprint in failure.value.problem
    assert f"host_key: {sshd.fingerprint}" in failure.value.remedy


def test_a_changed_host_key_ends_it_before_the_password_is_sent(sshd: Sshd, tmp_path: Path) -> None:
    class Told(Secret):
        def reveal(self) -> str:
            raise AssertionError("the password was asked for")

    with pytest.raises(SourceUnavailable, match="another host key") as failure:
        repository(sshd, tmp_path, host_key="SHA256:" + "A" * 43, key_file=None, password=Told("x")).look(NOW, {})
    assert "nothing was sent" in failure.value.problem


def test_a_line_of_known_hosts_chooses_among_the_keys_of_the_server(tmp_path: Path) -> None:
    rsa = tmp_path / "keys"
    rsa.mkdir()
    with running_sshd(rsa, host_key_type="rsa", extra=()) as server:
        assert seen(repository(server, tmp_path, host_key=server.host_key))
        assert seen(repository(server, tmp_path, host_key=server.fingerprint))


def test_an_account_that_is_refused_is_said(sshd: Sshd, tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match=f"refused the password of {sshd.username}"):
        repository(sshd, tmp_path, key_file=None, password=Secret("wrong-" + "x" * 20)).look(NOW, {})
    other = tmp_path / "other_key"
    paramiko.ECDSAKey.generate().write_private_key_file(str(other))
    with pytest.raises(SourceUnavailable, match="refused the key"):
        repository(sshd, tmp_path, key_file=other).look(NOW, {})


@pytest.mark.parametrize("problem", ["missing", "no key", "open to others", "needs a passphrase"])
def test_a_key_that_cannot_be_used_is_said_and_never_shown(sshd: Sshd, tmp_path: Path, problem: str) -> None:
    path = tmp_path / "key"
    if problem == "no key":
        path.write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nbm90aGluZw==\n-----END OPENSSH PRIVATE KEY-----\n")
    elif problem != "missing":
        paramiko.ECDSAKey.generate().write_private_key_file(
            str(path), password="secret words" if problem == "needs a passphrase" else None
        )
    if path.exists():
        path.chmod(0o644 if problem == "open to others" else 0o600)
    with pytest.raises(SourceUnavailable, match=r"the key .* (cannot be used|is open to others)") as failure:
        repository(sshd, tmp_path, key_file=path).look(NOW, {})
    assert "bm90aGluZw" not in failure.value.problem + failure.value.remedy


def test_a_dead_server_a_silent_one_and_one_that_is_no_ssh_are_said(sshd: Sshd, tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="refused"):
        repository(sshd, tmp_path, port=free_port()).look(NOW, {})
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = repository(sshd, tmp_path, port=silent.getsockname()[1], timeout_seconds=1)
        with pytest.raises(SourceUnavailable):
            place.look(NOW, {})
    with socket.create_server(("127.0.0.1", 0)) as web:
        threading.Thread(target=lambda: web.accept()[0].sendall(b"HTTP/1.0 200 OK\r\n" * 200), daemon=True).start()
        with pytest.raises(SourceUnavailable) as failure:
            repository(sshd, tmp_path, port=web.getsockname()[1], timeout_seconds=2).look(NOW, {})
    assert failure.value.remedy


def test_a_name_that_does_not_exist_is_said(sshd: Sshd, tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable):
        repository(sshd, tmp_path, host="nas.invalid").look(NOW, {})


def simulation(port: int, fingerprint: str, **more: Any) -> SftpRepository:
    known: dict[str, Any] = {
        "host": HOST,
        "port": port,
        "username": "backup",
        "password": Secret("right"),
        "host_key": fingerprint,
        "path": "/",
        "timeout_seconds": 2,
    }
    return SftpRepository(NAME, Settings(**{**known, **more}), TEHRAN)


@pytest.mark.parametrize("legacy_algorithms", [False, True])
@pytest.mark.parametrize("serve", SILLY.values(), ids=SILLY.keys())
def test_a_server_that_misbehaves_is_said_and_never_another_failure(
    serve: Callable[[socket.socket], None], legacy_algorithms: bool
) -> None:
    with simulated(serve) as port, pytest.raises(SourceUnavailable) as failure:
        simulation(port, "SHA256:" + "A" * 43, legacy_algorithms=legacy_algorithms).look(NOW, {})
    assert failure.value.problem.isprintable()
    assert "without" not in failure.value.remedy  # a word of other settings


@pytest.mark.parametrize("mute_at", ["login", "subsystem"])
def test_a_server_that_falls_silent_is_left_in_time(mute_at: str) -> None:
    with (
        doorkeeper("password", mute_at=mute_at, subsystem=lambda channel: None) as (port, fingerprint),
        pytest.raises(SourceUnavailable, match=r"(the login|subsystem sftp).* in time"),
    ):
        simulation(port, fingerprint).look(NOW, {})


def test_a_server_without_sftp_says_so() -> None:
    with doorkeeper("password") as (port, fingerprint), pytest.raises(SourceUnavailable, match="subsystem sftp"):
        simulation(port, fingerprint).look(NOW, {})


def test_old_algorithms_are_spoken_only_where_that_is_allowed(tmp_path: Path) -> None:
    old = ("KexAlgorithms diffie-hellman-group14-sha1", "Ciphers aes128-cbc", "MACs hmac-sha1")
    (tmp_path / "a.bak").touch()
    with running_sshd(extra=old) as server:
        with pytest.raises(SourceUnavailable, match="old algorithms") as failure:
            repository(server, tmp_path).look(NOW, {})
        allowed = repository(server, tmp_path, legacy_algorithms=True)
        assert list(files(seen(allowed))) == ["a.bak"]
    assert "legacy_algorithms: true" in failure.value.remedy


def test_a_server_that_sends_what_nobody_asked_for_fills_no_memory() -> None:
    """It speaks SFTP, and then floods the channel without heeding the window that it was given."""
    has_ended = threading.Event()
    sent = 0

    def flood(channel: paramiko.Channel) -> None:
        nonlocal sent
        channel.recv(9)
        channel.sendall(b"\0\0\0\5\2\0\0\0\3")
        block = bytes(32_000)
        with suppress(OSError, EOFError, paramiko.SSHException):
            # paramiko drops in silence what is to go over a connection that has ended.
            while sent < 256 << 20 and channel.transport.is_active():
                message = paramiko.Message()
                message.add_byte(b"\x5e")  # channel data
                message.add_int(channel.remote_chanid)
                message.add_string(block)
                channel.transport._send_user_message(message)
                sent += len(block)
        has_ended.set()

    with doorkeeper("password", subsystem=flood) as (port, fingerprint):
        place = simulation(port, fingerprint)._settings
        with connected(place) as connection:
            assert has_ended.wait(60)
            with pytest.raises(OSError, match=r"does not speak SFTP|closed"):
                connection.sftp.status(b"/a")
    assert sent < 64 << 20


class PasswordServer(paramiko.ServerInterface):
    """A simulation of a server that knows one password, by the method `password` or `keyboard-interactive`."""

    def __init__(self, method: str) -> None:
        self.method = method

    def get_allowed_auths(self, username: str) -> str:
        return self.method

    def check_auth_password(self, username: str, password: str) -> int:
        is_right = self.method == "password" and (username, password) == ("backup", "right words")
        return paramiko.AUTH_SUCCESSFUL if is_right else paramiko.AUTH_FAILED

    def check_auth_interactive(self, username: str, submethods: str) -> Any:
        return paramiko.InteractiveQuery("", "", ("Password: ", False))

    def check_auth_interactive_response(self, responses: list[str]) -> int:
        return paramiko.AUTH_SUCCESSFUL if responses == ["right words"] else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class OneFolder(paramiko.SFTPServerInterface):
    """Serves what every SFTP server must, and nothing else."""

    def canonicalize(self, path: str) -> str:
        return "/"

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes]:
        return [paramiko.SFTPAttributes.from_stat(os.stat(__file__), "a.bak")]


@pytest.mark.parametrize("method", ["password", "keyboard-interactive"])
def test_a_password_is_enough_where_the_server_takes_it(method: str) -> None:
    key = paramiko.ECDSAKey.generate()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    transport = paramiko.Transport(listening.accept()[0])
                except OSError:
                    return
                transport.add_server_key(key)
                transport.set_subsystem_handler("sftp", paramiko.SFTPServer, OneFolder)
                transport.start_server(event=threading.Event(), server=PasswordServer(method))

        threading.Thread(target=serve, daemon=True).start()
        place = Settings(
            host="127.0.0.1",
            port=listening.getsockname()[1],
            username="backup",
            password=Secret("right words"),
            host_key=f"{key.get_name()} {key.get_base64()}",
            path="/",
        )
        assert list(files(seen(SftpRepository(NAME, place, TEHRAN)))) == ["a.bak"]
        with pytest.raises(SourceUnavailable, match="refused the password of backup") as failure:
            SftpRepository(NAME, replace(place, password=Secret("wrong words")), TEHRAN).look(NOW, {})
        assert "words" not in failure.value.problem + failure.value.remedy


# Reading


def test_ten_small_reads_do_not_download_the_file(sshd: Sshd, tmp_path: Path) -> None:
    path = tmp_path / "big.bak"
    with path.open("wb") as file:
        file.truncate(5 << 30)
        file.seek(3 << 30)
        file.write(b"here")
    place = repository(sshd, tmp_path)
    with place.open(copy_of(files(seen(place))["big.bak"])) as thing:
        content: Any = thing.file
        before = content._sftp.received_bytes
        for number in range(10):
            assert len(content.read_at(number * 500_000_000, 1024)) == 1024
        assert content.read_at(3 << 30, 4) == b"here"
        assert content.read_at((5 << 30) - 3, 10) == b"\0\0\0"
        assert content._sftp.received_bytes - before < 20_000


def test_giving_up_a_stream_fetches_little_and_leaves_the_session_usable(sshd: Sshd, tmp_path: Path) -> None:
    (tmp_path / "big.bak").write_bytes(os.urandom(1 << 20) * 64)
    place = repository(sshd, tmp_path)
    with place.open(copy_of(files(seen(place))["big.bak"])) as thing:
        content: Any = thing.file
        chunks = thing.file.chunks()
        first = next(chunks)
        chunks.close()  # type: ignore[attr-defined]
        assert content.read_at(0, 1 << 20) == first
        assert content._sftp.received_bytes < 8 << 20


def test_a_file_that_grows_or_shrinks_while_it_is_open_shows_it(sshd: Sshd, tmp_path: Path) -> None:
    path = tmp_path / "a.bak"
    path.write_bytes(b"1" * 100_000)
    place = repository(sshd, tmp_path)
    copy = copy_of(files(seen(place))["a.bak"])
    assert place.still_same(copy)
    with place.open(copy) as thing:
        with path.open("ab") as file:
            file.write(b"2" * 100_000)
        assert len(b"".join(thing.file.chunks())) == 200_000
        path.write_bytes(b"3" * 50_000)
        assert b"".join(thing.file.chunks()) == b"3" * 50_000
    assert not place.still_same(copy)
    path.unlink()
    assert not place.still_same(copy)


def test_a_folder_and_stripes_are_things_of_many_files(sshd: Sshd, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    for number in range(20):  # more than are held open at once
        (tmp_path / "set" / f"{number:02}.bak").write_text(f"stripe {number}")
    place = repository(sshd, tmp_path)
    listed = [file for _, file in sorted(files(seen(place)).items())]
    for key, is_folder in (("set/", True), ("a set", False)):
        with place.open(copy_of(*listed, key=key)) as thing:
            assert (thing.is_folder, len(thing.files)) == (is_folder, 20)
            for _ in range(2):
                texts = [file.read_at(0, 100).decode() for file in thing.files]
                assert texts == [f"stripe {number}" for number in range(20)]
            assert thing.files[7].name == "07.bak"


@pytest.mark.parametrize("key", ["a.bak", "sql01/"])
def test_a_copy_is_fetched_whole(sshd: Sshd, tmp_path: Path, key: str) -> None:
    far, into = tmp_path / "far", tmp_path / "into"
    (far / "sql01").mkdir(parents=True)
    into.mkdir()
    data = os.urandom(2_500_000)
    (far / "a.bak").write_bytes(data)
    (far / "sql01" / "b.bak").write_bytes(data)
    place = repository(sshd, far)
    fetched = place.fetch(copy_of(key=key), into, BoundedEffort(level=Level.RESTORED, scratch=tmp_path))
    assert (fetched if fetched.is_file() else fetched / "b.bak").read_bytes() == data
    assert fetched == into / key.rstrip("/")


def test_a_copy_that_is_gone_cannot_be_fetched(sshd: Sshd, tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match=r"fetching gone\.bak from") as failure:
        repository(sshd, tmp_path).fetch(
            copy_of(key="gone.bak"), tmp_path, BoundedEffort(level=Level.RESTORED, scratch=tmp_path)
        )
    assert failure.value.remedy


def test_a_connection_that_breaks_is_an_error_of_reading(tmp_path: Path) -> None:
    (tmp_path / "a.bak").write_bytes(b"1" * 9_000_000)
    with running_sshd() as server:
        place = repository(server, tmp_path, timeout_seconds=3)
        with place.open(copy_of(key="a.bak")) as thing:
            content: Any = thing.file
            content._sftp._channel.get_transport().sock.shutdown(socket.SHUT_RDWR)
            with pytest.raises(OSError, match=r"closed|broke"):
                b"".join(thing.file.chunks())


# Hashing over there


def test_the_server_hashes_what_it_may_and_sends_the_rest(sshd: Sshd, sftp_only: Sshd, tmp_path: Path) -> None:
    data = os.urandom(3 << 20)
    for name in ("plain.bak", "بیمه ۱.bak", "it's.bak", "back\\slash.bak", os.fsdecode(b"\xff.bak")):
        (tmp_path / name).write_bytes(data)
    expected = hashlib.sha256(data).hexdigest()
    for server, hash_command, far in ((sshd, "auto", "openssl"), (sshd, "off", "read"), (sftp_only, "auto", "read")):
        place = repository(server, tmp_path, hash_command=hash_command)
        assert place.look(NOW, {}).facts["hashing"] == far
        for path, listed in files(seen(place)).items():
            is_plain = "'" not in path and "\\" not in path
            with place.open(copy_of(listed)) as thing:
                content: Any = thing.file
                assert content.digest() == expected
                assert content.hashed_by == (far if is_plain else "read")
                assert (content._sftp.received_bytes < 50_000) == (is_plain and far == "openssl")


def test_a_hostile_name_runs_nothing_on_the_server(sshd: Sshd, tmp_path: Path) -> None:
    names = ["$(touch made)", "`touch made`", "; touch made", "'; touch made; '", "& touch made", "| touch made", "-r"]
    for name in names:
        (tmp_path / name).write_bytes(b"x" * BIG)
    place = repository(sshd, tmp_path)
    for listed in files(seen(place)).values():
        with place.open(copy_of(listed)) as thing:
            assert thing.file.digest() == hashlib.sha256(b"x" * BIG).hexdigest()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert not (Path.home() / "made").exists()


def test_a_file_of_another_size_over_there_is_another_file(sshd: Sshd, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1" * BIG)
    with connected(settings(sshd, tmp_path)) as connection:
        far_side = FarSide(connection, {})
        assert far_side.digest(os.fsencode(tmp_path / "a"), BIG) == hashlib.sha256(b"1" * BIG).hexdigest()
        assert far_side.digest(os.fsencode(tmp_path / "a"), BIG + 1) is None
        assert far_side.digest(os.fsencode(tmp_path / "b"), BIG) is None


def test_a_small_file_is_sent_rather_than_hashed_there(sshd: Sshd, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    with repository(sshd, tmp_path).open(copy_of(key="a")) as thing:
        content: Any = thing.file
        assert (content.digest(), content.hashed_by) == (hashlib.sha256(b"12345").hexdigest(), "read")


def test_a_shell_that_is_no_shell_is_not_asked(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1" * BIG)
    sftp_alone = 'case "$SSH_ORIGINAL_COMMAND" in *sftp*) exec /usr/lib/openssh/sftp-server;; *) exec cat;; esac'
    forced = tmp_path / "menu.sh"
    forced.write_text(f"#!/bin/sh\n{sftp_alone}\n")
    forced.chmod(0o755)
    with running_sshd(extra=(f"ForceCommand {forced}",)) as server:
        place = repository(server, tmp_path)
        assert place.look(NOW, {}).facts["hashing"] == "read"
        with place.open(copy_of(key="a")) as thing:
            assert thing.file.digest() == hashlib.sha256(b"1" * BIG).hexdigest()
