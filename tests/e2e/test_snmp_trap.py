"""The channel snmp_trap against Net-SNMP's snmptrapd (Debian's package of that name). `make e2e`."""

import os
import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from itops.alerts.channels import Channel, Message
from itops.alerts.records import EventKind
from itops.notify.snmp_trap import EXAMPLE_ENTERPRISE, SnmpTrapChannel, SnmpTrapSettings
from itops.secrets import Secret
from itops.verdict import State
from tests.contracts.channel_contract import CANARY, ChannelContract, Counterpart, built, failed
from tests.e2e.child import until_the_end, wait_until
from tests.notify.messages import MESSAGE, SUMMARY, TITLE, message

SNMPTRAPD = Path("/usr/sbin/snmptrapd")
HOST = "127.0.0.1"
AUTH, PRIVACY = f"auth {CANARY}", f"privacy {CANARY}"
USERS = (("sha256", "SHA-256", "aes", "AES"), ("sha512", "SHA-512", "aes256", "AES-256"), ("sha1", "SHA", "aes", "AES"))
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not SNMPTRAPD.exists(), reason="needs the Debian package snmptrapd"),
]
_WAIT_SECONDS = 20.0
_NUMBERS = (".1.1.0", "1.3.6.1.2.1.1.3.0")
"""Our state, and how long the sender has been up: values that are no strings."""
_RECORD = re.compile(r"<<<(.*?)>>>", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """A running snmptrapd."""

    port: int
    log: Path

    def records(self) -> list[list[str]]:
        """The values of each notification, without time and name, as texts."""
        found = _RECORD.findall(self.log.read_text(errors="replace"))
        return [[_value(one) for one in record.split("|||")] for record in found]

    def awaited(self, count: int) -> list[list[str]]:
        deadline = time.monotonic() + _WAIT_SECONDS
        while len(self.records()) < count and time.monotonic() < deadline:
            time.sleep(0.05)
        return self.records()


def _value(shown: str) -> str:
    name, _, value = shown.partition("=")
    digits = value.strip().strip('"').strip()
    if re.fullmatch(r"(?:[0-9A-F]{2}\s*)+", digits) and not name.strip().endswith(_NUMBERS):
        return bytes.fromhex(digits).decode("utf-8")
    return digits


@contextmanager
def running_snmptrapd(folder: Path) -> Iterator[Receiver]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        port = int(probe.getsockname()[1])
    lines = [f"authCommunity log {CANARY}"]
    for auth, auth_name, privacy, privacy_name in USERS:
        lines += [f'createUser {auth}{privacy} {auth_name} "{AUTH}" {privacy_name} "{PRIVACY}"']
        lines += [f"authUser log {auth}{privacy} priv"]
    config, log, state = folder / "snmptrapd.conf", folder / "snmptrapd.log", folder / "snmptrapd"
    config.write_text("\n".join(lines) + "\n")
    state.mkdir()
    command = [SNMPTRAPD, "-f", "-C", "-c", config, "-Lf", log, "-p", folder / "pid", "-On", "-Ox", "-OQ"]
    with (folder / "out").open("wb") as kept:
        process = subprocess.Popen(
            [*map(str, command), "-F", "%V|||%%<<<%v>>>\n", f"udp:{HOST}:{port}"],
            stdout=kept,
            stderr=kept,
            env={**os.environ, "SNMP_PERSISTENT_DIR": str(state), "MIBS": ""},
            start_new_session=True,
        )
        with until_the_end(process):
            wait_until(lambda: log.exists() and "NET-SNMP" in log.read_text(), process, folder / "out", "snmptrapd")
            yield Receiver(port=port, log=log)


def by_community(port: int, **changed: Any) -> Channel:
    known: dict[str, Any] = {"host": HOST, "port": port, "community": Secret(CANARY), "timeout_seconds": 2.0}
    return SnmpTrapChannel("duty", SnmpTrapSettings(**{**known, **changed}))


def by_user(port: int, user: str = "sha256aes", **changed: Any) -> Channel:
    keys = {"auth_key": Secret(AUTH), "privacy_key": Secret(PRIVACY), "community": None}
    return by_community(port, **{"user": user, **keys, **changed})


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with running_snmptrapd(tmp_path) as running:
        yield running


class _Counting:
    """A channel, and how often it sent: snmptrapd may confirm before it writes."""

    def __init__(self, channel: Channel) -> None:
        self._channel, self.sent = channel, 0
        self.name, self.stays_inside = channel.name, channel.stays_inside

    def send(self, sent: Message) -> str:
        said = self._channel.send(sent)
        self.sent += 1
        return said


class Contract(ChannelContract):
    kind = SnmpTrapChannel

    @contextmanager
    def meet(self, folder: Path) -> Iterator[Counterpart]:
        with running_snmptrapd(folder) as running:
            channel = _Counting(self.made(running.port))

            def texts() -> list[str]:
                return ["\n".join(record) for record in running.awaited(channel.sent)]

            yield Counterpart(channel=channel, texts=texts, wire=lambda: "".join(texts()).encode("utf-8"))

    def made(self, port: int) -> Channel:
        raise NotImplementedError


class TestCommunity(Contract):
    texts: ClassVar[Mapping[str, Any]] = {
        "host": "nms.example",
        "community": "file:secret",
        "enterprise": "1.3.6.1.4.1.99999.7",
        "timeout_seconds": "3",
    }

    def made(self, port: int) -> Channel:
        return by_community(port)


class TestUser(Contract):
    texts: ClassVar[Mapping[str, Any]] = {
        "host": "nms.example",
        "user": "itops",
        "auth_key": "file:secret",
        "privacy_key": "file:secret",
        "privacy_protocol": "aes256",
    }

    def made(self, port: int) -> Channel:
        return by_user(port)


def test_a_number_and_an_ascii_line_come_first_and_persian_comes_whole(receiver: Receiver) -> None:
    by_community(receiver.port).send(MESSAGE)
    (record,) = receiver.awaited(1)
    _, name, state, first, kind, office, title, summary, *_ = record
    assert name.lstrip(".") == f"{EXAMPLE_ENTERPRISE}.0.1"
    assert (state, first) == ("2", "itops CRITICAL opened: 2 objects")
    assert (kind, office, title, summary) == ("opened", "alborz", TITLE, SUMMARY)


def test_a_plain_trap_arrives_under_the_number_of_the_office(receiver: Receiver) -> None:
    channel = by_community(receiver.port, inform=False, enterprise="1.3.6.1.4.1.99999.7")
    channel.send(message(state=State.OK, kind=EventKind.RECOVERED))
    (record,) = receiver.awaited(1)
    assert record[1].lstrip(".") == "1.3.6.1.4.1.99999.7.0.1"
    assert record[2:4] == ["0", "itops OK recovered: 2 objects"]


@pytest.mark.parametrize(("auth", "privacy"), [(auth, privacy) for auth, _, privacy, _ in USERS])
def test_a_v3_user_is_known_by_its_keys(receiver: Receiver, auth: str, privacy: str) -> None:
    by_user(receiver.port, f"{auth}{privacy}", auth_protocol=auth, privacy_protocol=privacy).send(MESSAGE)
    assert receiver.awaited(1)[0][2] == "2"


@pytest.mark.parametrize(
    ("changed", "words", "is_final"),
    [
        ({"user": "nobody"}, "does not know the user", True),
        ({"auth_key": Secret("another key")}, "refuses the auth_key", True),
        ({"privacy_key": Secret("another key")}, "does not confirm", False),
        ({"auth_key": Secret("short")}, "auth_key is shorter than 8", False),
    ],
)
def test_a_user_that_is_not_taken_is_told(receiver: Receiver, changed: Any, words: str, is_final: bool) -> None:
    failure = failed(by_user(receiver.port, **{"retries": 0, **changed}))
    assert words in failure.problem
    assert failure.is_final is is_final
    assert receiver.records() == []


def test_a_wrong_community_and_a_receiver_that_is_not_there_are_no_success(receiver: Receiver) -> None:
    for channel in (by_community(receiver.port, community=Secret("other"), retries=0), by_community(9, retries=0)):
        failure = failed(channel)
        assert "does not confirm that it got it" in failure.problem
        assert not failure.is_final


def test_a_name_that_nobody_knows_is_said() -> None:
    failure = failed(by_community(162, host="nms..invalid"))
    assert "cannot be resolved" in failure.problem
    assert not failure.is_final


def test_garbage_is_no_confirmation(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind((HOST, 0))

        def answer() -> None:
            _, sender = line.recvfrom(65_536)
            for garbage in (b"", b"\x30\x84\xff\xff\xff\xff", b"\x30\x80" * 3000, bytes(200)):
                line.sendto(garbage, sender)

        thread = threading.Thread(target=answer)
        thread.start()
        failure = failed(by_community(line.getsockname()[1], retries=0))
        thread.join()
    assert "does not confirm" in failure.problem
    assert "Traceback" not in capfd.readouterr().err


def test_a_long_message_is_cut_and_still_arrives(receiver: Receiver) -> None:
    by_community(receiver.port).send(message(lines=MESSAGE.lines * 100))
    (record,) = receiver.awaited(1)
    assert record[3] == "itops CRITICAL opened: 200 objects"
    assert 3900 < len(record[8].encode()) <= 4000


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "either community (v2c) or user"),
        ({"community": "file:a", "user": "x"}, "either community (v2c) or user"),
        ({"user": "x", "auth_key": "file:a"}, "needs auth_key and privacy_key"),
        ({"community": "file:a", "auth_key": "file:a"}, "a community has none"),
        ({"community": "file:a", "enterprise": "1.3.6.1.2.1"}, "numbers under 1.3.6.1.4.1"),
        (
            {"user": "x", "auth_key": "file:a", "privacy_key": "file:a", "inform": "false"},
            "a v3 user is always asked to confirm",
        ),
    ],
)
def test_settings_that_cannot_be_are_said(tmp_path: Path, changed: Mapping[str, Any], words: str) -> None:
    _, mistakes = built(SnmpTrapSettings, {"host": "nms.example", **changed}, tmp_path)
    assert any(words in mistake for mistake in mistakes), mistakes
