"""SQL Server Browser: the port of a named instance, from a simulated one."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.errors import SourceUnavailable
from itops.repositories.mssql.browser import parse, port_of

TELLS = "ServerName;SQLNODE1;InstanceName;BIMEH;IsClustered;No;Version;15.0.2000.5;tcp;51433;np;\\\\x\\pipe;;"


def reply(text: str) -> bytes:
    body = text.encode()
    return b"\x05" + len(body).to_bytes(2, "little") + body


@contextmanager
def browser(answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    asked: list[bytes] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))

        def serve() -> None:
            question, caller = listening.recvfrom(100)
            asked.append(question)
            listening.sendto(answer, caller)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1], asked
        thread.join(timeout=5)


def test_the_port_of_the_instance_is_asked_and_found() -> None:
    with browser(reply(TELLS)) as (port, asked):
        assert port_of("127.0.0.1", "Bimeh", seconds=5, browser_port=port) == 51433
    assert asked == [b"\x04Bimeh\0"]


def test_an_instance_without_tcp_is_unavailable() -> None:
    answer = reply("ServerName;SQLNODE1;InstanceName;BIMEH;np;x;;")
    with browser(answer) as (port, _), pytest.raises(SourceUnavailable) as caught:
        port_of("127.0.0.1", "BIMEH", seconds=5, browser_port=port)
    assert "port:" in caught.value.remedy


def test_a_browser_that_does_not_answer_is_unavailable() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        with pytest.raises(SourceUnavailable):
            port_of("127.0.0.1", "BIMEH", seconds=0.2, browser_port=silent.getsockname()[1])


@pytest.mark.parametrize(
    ("text", "port"),
    [
        (TELLS, 51433),
        (TELLS.replace("51433", "0"), None),
        (TELLS.replace("51433", "70000"), None),
        (TELLS.replace("51433", "۵۱"), None),
        (TELLS.replace("BIMEH", "OTHER"), None),
        ("", None),
    ],
)
def test_only_a_real_port_of_the_right_instance_counts(text: str, port: int | None) -> None:
    assert parse(reply(text), "BIMEH") == port


@given(st.binary(max_size=300))
def test_any_reply_is_survived(content: bytes) -> None:
    assert parse(content, "BIMEH") is None or content[:1] == b"\x05"
