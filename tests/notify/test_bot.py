"""The Bot API, at whatever address."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest

from itops.alerts.channels import Channel
from itops.notify.bot import BotChannel, BotSettings
from itops.secrets import Secret
from itops.tls import Trust
from tests.contracts.channel_contract import CANARY, Counterpart, NetworkChannelContract, built, failed
from tests.notify.messages import MESSAGE, message
from tests.notify.servers import HOST, Loopback, Meeting, Met, answering, dripping, endless, request

GOOD = b'{"ok": true, "result": {"message_id": 4711}}'


def echoing(met: Met) -> None:
    """Say the first line of the question back, where a status should stand."""
    met.say(request(met).split(b"\r\n")[0] + b"\r\n\r\n")


class TestChannel(NetworkChannelContract):
    kind = BotChannel
    texts: ClassVar[Mapping[str, Any]] = {
        "url": "https://tapi.example.ir",
        "token": "file:secret",
        "chat": "-100200300",
        "tls": "system",
        "timeout_seconds": "20",
    }
    wicked: ClassVar[Mapping[str, Meeting]] = {
        "no web server": lambda met: met.say(b"220 mail\r\n"),
        "says the question again": echoing,
        "drips its head": dripping(b"HTTP/1.1 200 OK\r\n"),
        "drips its body": dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n"),
        "never ends its head": endless(b"HTTP/1.1 200 OK\r\n", b"X-More: x\r\n"),
        "never ends its body": endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        "is no bot": answering(200, b"<html>welcome</html>"),
        "nests without end": answering(200, b"[" * 60_000),
        "is down": answering(502),
    }

    @contextmanager
    def meet(self, folder: Path) -> Iterator[Counterpart]:
        with Loopback(folder, answering(200, GOOD)) as server:

            def texts() -> list[str]:
                return [json.loads(bytes(met.got).split(b"\r\n\r\n")[1])["text"] for met in server.meetings]

            yield Counterpart(channel=self.to(server.port, server.identity.pin), texts=texts, wire=lambda: server.got)

    def to(self, port: int, pin: str, **changed: Any) -> Channel:
        url = f"https://{changed.pop('host', HOST)}:{port}"
        known = {"url": url, "token": Secret(f"12345:{CANARY}"), "chat": "@duty", "tls": Trust(pin=pin)}
        return BotChannel("duty", BotSettings(**{**known, **changed}))

    def test_the_question_is_that_of_the_api_and_the_number_is_told(self, tmp_path: Path) -> None:
        with Loopback(tmp_path, answering(200, GOOD)) as server:
            settings = BotSettings(
                url=f"https://{HOST}:{server.port}/relay/",
                token=Secret("12345:a/b?c"),
                chat="-100",
                tls=Trust(pin=server.identity.pin),
            )
            assert BotChannel("duty", settings).send(MESSAGE) == "4711"
        assert server.got.startswith(b"POST /relay/bot12345:a%2Fb%3Fc/sendMessage HTTP/1.1\r\n")
        assert json.loads(server.got.split(b"\r\n\r\n")[1]) == {"chat_id": "-100", "text": MESSAGE.summary}

    @pytest.mark.parametrize(
        ("status", "is_final", "words"),
        [
            (301, True, "redirect"),
            (302, False, "redirect"),
            (400, True, "chat"),
            (401, True, "token"),
            (403, True, "chat"),
            (404, True, "token"),
            (429, False, "too often"),
            (500, False, "500"),
        ],
    )
    @pytest.mark.parametrize("is_in_answer", [False, True], ids=["as status", "in a 200"])
    def test_refusals_are_told_apart_and_repeat_nothing(
        self, tmp_path: Path, status: int, is_final: bool, words: str, is_in_answer: bool
    ) -> None:
        told = json.dumps({"ok": False, "error_code": status, "description": f"bot12345:{CANARY} is bad"}).encode()
        where = "Location: https://127.0.0.1:1/\r\n"
        with Loopback(tmp_path, answering(200 if is_in_answer else status, told, where)) as server:
            failure = failed(self.to(server.port, server.identity.pin), repeats=True)
            assert len(server.meetings) == 1
        assert words in failure.problem
        assert failure.is_final is is_final

    @pytest.mark.parametrize(
        "answer", [b"{}", b"[]", b'{"ok": 1}', b'{"ok": false}', b'{"ok": false, "error_code": 0}']
    )
    def test_an_answer_that_says_no_success_is_none(self, tmp_path: Path, answer: bytes) -> None:
        with Loopback(tmp_path, answering(200, answer)) as server:
            assert not failed(self.to(server.port, server.identity.pin)).is_final

    @pytest.mark.parametrize("answer", [b'{"ok": true}', b'{"ok": true, "result": {"message_id": "x"}}'])
    def test_a_success_without_a_number_is_one(self, tmp_path: Path, answer: bytes) -> None:
        with Loopback(tmp_path, answering(200, answer)) as server:
            assert self.to(server.port, server.identity.pin).send(MESSAGE) == ""

    def test_a_text_longer_than_the_api_takes_is_cut(self, tmp_path: Path) -> None:
        with Loopback(tmp_path, answering(200, GOOD)) as server:
            self.to(server.port, server.identity.pin).send(message(summary="🔥" * 5000))
        text = json.loads(server.got.split(b"\r\n\r\n")[1])["text"]
        assert len(text.encode("utf-16-le")) // 2 <= 4096
        assert text.endswith("🔥…")

    def test_a_token_that_no_address_can_carry_is_said_and_not_shown(self, tmp_path: Path) -> None:
        with Loopback(tmp_path, answering(200, GOOD)) as server:
            failure = failed(self.to(server.port, server.identity.pin, token=Secret(f"{CANARY}\r\nX: y")))
        assert "token" in failure.problem
        assert server.meetings == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://tapi.example.ir", "https"),
        ("https://user:word@tapi.example.ir", "user or a password"),
        ("https://tapi.example.ir/?a=b", "what stands before"),
        ("https://tapi.example.ir/bot{token}", "there is no {token}"),
        ("https://{host}/", "there is no {host}"),
        ("https://tapi.example.ir:x/", "url"),
        ("https://tapi.example.ir/ربات", "ASCII"),
    ],
)
def test_addresses_that_cannot_be_are_said(tmp_path: Path, url: str, words: str) -> None:
    _, mistakes = built(BotSettings, {"url": url, "token": "file:secret", "chat": "1"}, tmp_path)
    assert any(words in mistake for mistake in mistakes), mistakes
