"""The source `ssh` against real OpenSSH servers, and against simulations of servers that misbehave. `make e2e`."""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from itops.assets.sightings import sighting_of
from itops.errors import ConfigInvalid, SourceUnavailable
from itops.inventory.entities import Entity, Gap, Kind
from itops.secrets import Secret
from itops.sources.addresses import Addresses
from itops.sources.linux import Settings, SshSource
from itops.sources.linux.script import script
from itops.sources.linux.settings import HostKey, Legacy
from tests.contracts.source_contract import NOW, MakeSource, SourceContract
from tests.e2e.ssh_simulations import HOST, SILLY, doorkeeper, simulated
from tests.e2e.sshd import Sshd, running_sshd

pytestmark = pytest.mark.e2e
AT_HOST = (Addresses(HOST),)
EVERYWHERE = Legacy(is_everywhere=True)
OLD = {
    "kex": ("KexAlgorithms diffie-hellman-group1-sha1",),
    "host key": ("HostKeyAlgorithms ssh-rsa",),
    "cipher": ("Ciphers 3des-cbc",),
    "mac": ("MACs hmac-sha1",),
    "all": (
        *("KexAlgorithms diffie-hellman-group14-sha1", "HostKeyAlgorithms ssh-rsa"),
        *("Ciphers aes128-cbc", "MACs hmac-sha1,hmac-md5"),
    ),
}


@pytest.fixture(scope="module")
def sshd() -> Iterator[Sshd]:
    with running_sshd(extra=("ListenAddress 127.0.0.2", "ListenAddress 127.0.0.3")) as server:
        yield server


def settings(server: Sshd, **more: Any) -> Settings:
    known: dict[str, Any] = {
        "addresses": AT_HOST,
        "username": server.username,
        "key": server.key_file,
        "port": server.port,
        "host_keys": {HOST: HostKey(server.fingerprint)},
    }
    return Settings(**{**known, **more})


def look(asked: Settings) -> tuple[list[Entity], list[Gap]]:
    """What was seen, also where in the end the source says that it was nothing."""
    things: list[Any] = []
    (observation,) = SshSource("linux", asked).observe(NOW)
    try:
        things.extend(observation.seen)  # keeps what came before an error
    except SourceUnavailable as nothing:
        assert "read by SSH" in nothing.problem  # noqa: PT017  anything else is a bug
        assert not any(isinstance(thing, Entity) for thing in things)
    return [one for one in things if isinstance(one, Entity)], [one for one in things if isinstance(one, Gap)]


def only_gap(asked: Settings) -> Gap:
    entities, gaps = look(asked)
    assert entities == []
    (gap,) = gaps
    assert Kind.DEVICE in gap.hides
    return gap


class TestContract(SourceContract):
    @pytest.fixture
    def make_source(self, sshd: Sshd) -> MakeSource:
        here = (Addresses("127.0.0.1-3"),)
        pins = {f"127.0.0.{last}": HostKey(sshd.fingerprint) for last in (1, 2, 3)}
        return lambda name: SshSource(name, settings(sshd, addresses=here, host_keys=pins))

    @pytest.fixture
    def make_broken(self, sshd: Sshd, tmp_path: Path) -> MakeSource:
        return lambda name: SshSource(name, settings(sshd, key=tmp_path / "none"))


# What is seen


def test_the_machine_the_tests_run_on_is_seen(sshd: Sshd) -> None:
    (entity,), gaps = look(settings(sshd, site="head-office"))
    here = sighting_of(entity)
    assert entity.key == f"linux/{HOST}"
    assert here.host_name == os.uname().nodename
    assert here.description == f"Linux {os.uname().release} {os.uname().machine}"
    assert (here.site, here.findings) == ("head-office", ())
    assert here.readings.uptime_seconds
    assert here.memory_bytes
    assert here.memory_bytes >= os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert {gap.code for gap in gaps} <= {"device.serial-unread", "device.partly-read"}


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox"])
def test_the_script_says_the_same_in_every_shell_and_complains_of_nothing(shell: str) -> None:
    command = [shutil.which(shell) or shell, *(["sh"] if shell == "busybox" else []), "-s"]
    ran = subprocess.run(command, input=script(with_sudo=False), capture_output=True, check=True, timeout=60)
    assert ran.stderr == b""
    assert ran.stdout.count(b"=itops begin ") == 14
    assert ran.stdout.endswith(b"\n=itops end end 0\n")


def test_several_addresses_are_asked_and_unused_ones_are_one_gap(sshd: Sshd) -> None:
    pins = {f"127.0.0.{last}": HostKey(sshd.fingerprint) for last in (1, 2)}
    swept = (Addresses("127.0.0.0/28"),)
    entities, gaps = look(settings(sshd, addresses=swept, without=(Addresses("127.0.0.3"),), host_keys=pins))
    assert sorted(entity.ref for entity in entities) == ["127.0.0.1", "127.0.0.2"]
    (unused,) = [gap for gap in gaps if gap.code == "sweep.silent"]
    assert unused.subject == "11 addresses"
    assert Kind.DEVICE in unused.hides


def test_an_address_listed_by_itself_is_missed_by_itself(sshd: Sshd) -> None:
    listed = (Addresses("127.0.0.8/30"), Addresses("127.0.0.9"), Addresses(HOST))
    _, gaps = look(settings(sshd, addresses=listed))
    told = {gap.code: gap.subject for gap in gaps if gap.code.endswith(".silent")}
    assert told == {"device.silent": "127.0.0.9", "sweep.silent": "1 address"}


def test_a_name_that_nobody_knows(sshd: Sshd) -> None:
    assert only_gap(settings(sshd, addresses=(Addresses("pc.invalid"),), host_keys={})).code == "dns.unknown"


# Host keys


def test_an_unknown_host_key_is_shown_and_nothing_is_sent(sshd: Sshd) -> None:
    gap = only_gap(settings(sshd, host_keys={}))
    assert gap.code == "device.host-key"
    assert sshd.fingerprint in gap.problem
    assert "host_keys" in gap.remedy


def test_another_host_key_than_the_pinned_one_is_refused(sshd: Sshd) -> None:
    gap = only_gap(settings(sshd, host_keys={HOST: HostKey("SHA256:" + "A" * 43)}))
    assert gap.code == "device.host-key"
    assert "another host key" in gap.problem


@pytest.mark.parametrize("is_hashed", [False, True])
def test_known_hosts_as_openssh_writes_it_is_enough(sshd: Sshd, tmp_path: Path, is_hashed: bool) -> None:
    path = tmp_path / "known_hosts"
    path.write_text(f"[{HOST}]:{sshd.port} {sshd.host_key.partition(' ')[2]}\n", encoding="utf-8")
    if is_hashed:
        subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(path)], check=True, capture_output=True)
        assert HOST not in path.read_text()
    entities, _ = look(settings(sshd, host_keys={}, known_hosts=path))
    assert len(entities) == 1


def test_a_server_with_several_keys_shows_the_one_that_is_known(tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-N", "", "-f", str(tmp_path / "rsa")], check=True)
    with running_sshd(extra=(f"HostKey {tmp_path / 'rsa'}",)) as server:
        known = tmp_path / "known_hosts"
        known.write_text(f"{HOST} {(tmp_path / 'rsa.pub').read_text()}", encoding="utf-8")
        entities, _ = look(settings(server, host_keys={}, known_hosts=known))
    assert len(entities) == 1


def test_a_known_hosts_file_that_is_not_there_stops_the_source(sshd: Sshd, tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="known_hosts"):
        look(settings(sshd, known_hosts=tmp_path / "none"))


# Logins


@pytest.mark.parametrize(
    "wrong",
    [{"key": None, "password": Secret("not it")}, {"username": "nobody-of-that-name"}],
    ids=["password", "user name"],
)
def test_a_refused_login_is_a_gap(sshd: Sshd, wrong: dict[str, Any]) -> None:
    gap = only_gap(settings(sshd, **wrong))
    assert gap.code == "device.refused"
    assert "not it" not in repr(gap)


@pytest.mark.parametrize("wrong", ["open to others", "no key", "passphrase"])
def test_a_key_that_cannot_be_used_stops_the_source(sshd: Sshd, tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "key"
    phrase = "secret words" if wrong == "passphrase" else ""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", phrase, "-f", str(path)], check=True)
    if wrong == "no key":
        path.write_text("no key at all\n", encoding="utf-8")
    path.chmod(0o644 if wrong == "open to others" else 0o600)
    (observation,) = SshSource("linux", settings(sshd, key=path)).observe(NOW)
    with pytest.raises(SourceUnavailable, match=str(path)):
        list(observation.seen)


def test_a_key_with_a_passphrase_is_read(tmp_path: Path) -> None:
    path = tmp_path / "user_key"
    with running_sshd(tmp_path) as server:
        shutil.copy(path, tmp_path / "locked")
        locked = tmp_path / "locked"
        command = ["ssh-keygen", "-q", "-p", "-P", "", "-N", "secret words", "-f", str(locked)]
        subprocess.run(command, check=True, capture_output=True)
        entities, _ = look(settings(server, key=locked, key_passphrase=Secret("secret words")))
    assert len(entities) == 1


# Old algorithms


@pytest.mark.parametrize("old", OLD.values(), ids=OLD.keys())
def test_a_device_of_old_algorithms_is_read_only_where_that_is_allowed(old: tuple[str, ...]) -> None:
    with running_sshd(host_key_type="rsa", extra=old) as server:
        gap = only_gap(settings(server))
        elsewhere = only_gap(settings(server, legacy=Legacy(addresses=frozenset({"127.0.0.2"}))))
        (entity,), _ = look(settings(server, legacy=Legacy(addresses=frozenset({HOST}))))
    assert gap.code == elsewhere.code == "device.legacy-ssh"
    assert f"legacy: [{HOST}]" in gap.remedy
    assert sighting_of(entity).findings == ("ssh.sha1-only",)


def test_a_modern_server_is_met_in_a_modern_way_even_where_old_ones_are_allowed(sshd: Sshd) -> None:
    (entity,), _ = look(settings(sshd, legacy=EVERYWHERE))
    assert sighting_of(entity).findings == ()


def test_old_algorithms_do_not_excuse_a_wrong_host_key() -> None:
    with running_sshd(host_key_type="rsa", extra=OLD["all"]) as server:
        wrong = {HOST: HostKey("SHA256:" + "A" * 43)}
        assert only_gap(settings(server, legacy=EVERYWHERE, host_keys=wrong)).code == "device.host-key"


# Servers that are no Linux, or misbehave


def test_a_server_for_sftp_alone_is_no_linux_that_can_be_read() -> None:
    with running_sshd(only_sftp=True) as server:
        gap = only_gap(settings(server))
    assert gap.code == "device.unreadable"
    # Whichever comes first: the words that it prints, or its hanging up.
    assert "no shell script" in gap.problem or "runs no commands" in gap.problem


@pytest.mark.parametrize(
    "command", ["echo FortiOS", "cat", "printf '=itops begin kernel\\nVMkernel\\n=itops end kernel 0\\n'"]
)
def test_what_runs_something_else_is_said_to_be_no_linux(command: str) -> None:
    with running_sshd(extra=(f"ForceCommand {command}",)) as server:
        gap = only_gap(settings(server))
    assert gap.code == "device.unreadable"
    assert "Linux" in gap.problem or "no shell script" in gap.problem


def test_a_machine_that_never_comes_to_an_end_is_left_in_time() -> None:
    begun = "printf '=itops begin kernel\\nLinux\\n6.1\\nx86_64\\nslow\\n=itops end kernel 0\\n'; sleep 60"
    with running_sshd(extra=(f"ForceCommand {begun}",)) as server:
        (entity,), gaps = look(settings(server, script_timeout=timedelta(seconds=2)))
    assert sighting_of(entity).host_name == "slow"
    assert sighting_of(entity).is_partial
    assert [gap.code for gap in gaps] == ["device.partly-read"]


def test_a_machine_that_prints_for_ever_is_cut() -> None:
    begun = "printf '=itops begin kernel\\nLinux\\n6.1\\nx86_64\\nloud\\n=itops end kernel 0\\n'; yes"
    with running_sshd(extra=(f"ForceCommand {begun}",)) as server:
        (entity,), gaps = look(settings(server))
    assert sighting_of(entity).host_name == "loud"
    assert [gap.code for gap in gaps] == ["device.partly-read"]


@pytest.mark.parametrize("serve", SILLY.values(), ids=SILLY.keys())
def test_what_speaks_no_ssh_is_a_gap(sshd: Sshd, serve: Callable[[socket.socket], None]) -> None:
    with simulated(serve) as port:
        gap = only_gap(settings(sshd, port=port, timeout=timedelta(seconds=2), legacy=EVERYWHERE))
    assert gap.code == "device.unreadable"
    assert gap.problem.isprintable()


@pytest.mark.parametrize("ways", ["password", "keyboard-interactive", "publickey,password"])
def test_a_password_opens_a_server_however_it_is_asked_for(sshd: Sshd, ways: str) -> None:
    with doorkeeper(ways) as (port, pin):
        asked = settings(sshd, port=port, host_keys={HOST: HostKey(pin)}, key=None, password=Secret("right"))
        (entity,), _ = look(asked)
        with_key_first = replace(asked, key=sshd.key_file)
        again, _ = look(with_key_first)
        wrong = only_gap(replace(asked, password=Secret("wrong")))
    assert sighting_of(entity).host_name == "by-password"
    assert len(again) == 1
    assert wrong.code == "device.refused"


@pytest.mark.parametrize("mute_at", ["login", "command"])
def test_a_server_that_falls_silent_is_left_in_time_and_no_refusal(sshd: Sshd, mute_at: str) -> None:
    with doorkeeper("password", mute_at=mute_at) as (port, pin):
        asked = settings(sshd, port=port, host_keys={HOST: HostKey(pin)}, key=None, password=Secret("right"))
        gap = only_gap(replace(asked, timeout=timedelta(seconds=2)))  # it would let us in, much later
    assert gap.code == "device.unreadable"


@pytest.mark.parametrize(("is_said", "code"), [(True, "device.legacy-ssh"), (False, "device.refused")])
def test_an_rsa_key_is_proven_by_sha1_only_where_that_is_allowed(
    sshd: Sshd, tmp_path: Path, is_said: bool, code: str
) -> None:
    key = tmp_path / "rsa"
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-N", "", "-f", str(key)], check=True)
    only_sha1 = {"pubkeys": ["rsa-sha2-512", "rsa-sha2-256"]}
    with doorkeeper("publickey", disabled_algorithms=only_sha1, server_sig_algs=is_said) as (port, pin):
        asked = settings(sshd, port=port, host_keys={HOST: HostKey(pin)}, key=key)
        gap = only_gap(asked)
        (entity,), _ = look(replace(asked, legacy=EVERYWHERE))
        refused = only_gap(replace(asked, legacy=EVERYWHERE, key=sshd.key_file))
    assert gap.code == code
    assert f"legacy: [{HOST}]" in gap.remedy
    assert sighting_of(entity).findings == ("ssh.sha1-only",)
    assert refused.code == "device.refused"
