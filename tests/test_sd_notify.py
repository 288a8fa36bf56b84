"""What reaches systemd; its socket is a simulation."""

import socket
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from itops.sd_notify import Notifier


@pytest.fixture(params=["path", "abstract"])
def line(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    address = str(tmp_path / "notify") if request.param == "path" else f"@itops-{uuid4().hex}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(address.replace("@", "\0"))
        heard.settimeout(10)
        yield address, heard


def test_a_message_is_one_datagram_of_assignments(line: tuple[str, socket.socket]) -> None:
    address, heard = line
    assert Notifier(address).tell(READY=1, STATUS="two\nlines")
    assert heard.recv(1024) == b"READY=1\nSTATUS=two lines"


def test_the_address_is_that_of_the_environment(line: tuple[str, socket.socket]) -> None:
    address, heard = line
    assert Notifier.from_environment({"NOTIFY_SOCKET": address}).tell(WATCHDOG=1)
    assert heard.recv(1024) == b"WATCHDOG=1"


@pytest.mark.parametrize("address", [None, "", "vsock:2:1234", "relative/path", "/nowhere/notify", "@nobody-listens"])
def test_where_nobody_listens_nothing_is_told_and_nothing_breaks(address: str | None) -> None:
    assert not Notifier(address).tell(READY=1)


def test_without_systemd_there_is_no_address() -> None:
    assert not Notifier.from_environment({}).tell(READY=1)
