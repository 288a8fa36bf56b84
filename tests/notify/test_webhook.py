"""JSON to a web server, of the office or not."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest

from itops.alerts.channels import Channel
from itops.notify.webhook import WebhookChannel, WebhookSettings
from itops.secrets import Secret
from itops.tls import Trust
from tests.contracts.channel_contract import CANARY, Counterpart, NetworkChannelContract, built, failed
from tests.notify.messages import MESSAGE, SUMMARY, TITLE
from tests.notify.servers import HOST, Loopback, Meeting, answering, dripping, endless
from tests.notify.test_bot import echoing


def posted(server: Loopback) -> Any:
    return json.loads(server.got.split(b"\r\n\r\n", 1)[1])


class TestOutside(NetworkChannelContract):
    kind = WebhookChannel
    texts: ClassVar[Mapping[str, Any]] = {
        "url": "https://chat.example/hooks/{token}",
        "token": "file:secret",
        "fields": {"text": "itops: {summary}", "parts": [{"silent": "true"}]},
        "tls": "system",
        "timeout_seconds": "20",
    }
    wicked: ClassVar[Mapping[str, Meeting]] = {
        "no web server": lambda met: met.say(b"220 mail\r\n"),
        "says the question again": echoing,
        "drips its head": dripping(b"HTTP/1.1 200 OK\r\n"),
        "never ends its head": endless(b"HTTP/1.1 200 OK\r\n", b"X-More: x\r\n"),
        "never ends a line": endless(b"HTTP/1.1 200 OK\r\n", b"x"),
        "is down": answering(503),
    }
    inside = False

    @contextmanager
    def meet(self, folder: Path) -> Iterator[Counterpart]:
        with Loopback(folder, answering(204)) as server:

            def texts() -> list[str]:
                bodies = [json.loads(bytes(met.got).split(b"\r\n\r\n", 1)[1]) for met in server.meetings]
                return [json.dumps(body, ensure_ascii=False) for body in bodies]

            yield Counterpart(channel=self.to(server.port, server.identity.pin), texts=texts, wire=lambda: server.got)

    def to(self, port: int, pin: str, **changed: Any) -> Channel:
        url = f"https://{changed.pop('host', HOST)}:{port}/hooks/{{token}}"
        known = {"url": url, "token": Secret(f"12/{CANARY}"), "inside": self.inside, "tls": Trust(pin=pin)}
        return WebhookChannel("duty", WebhookSettings(**{**known, **changed}))

    @pytest.mark.parametrize(
        ("status", "is_final"),
        [
            *((status, True) for status in (301, 308, 400, 401, 403, 404, 405, 410, 413, 418, 501)),
            *((status, False) for status in (302, 303, 307, 408, 409, 425, 429, 500, 502, 503, 599)),
        ],
    )
    def test_refusals_are_told_apart(self, tmp_path: Path, status: int, is_final: bool) -> None:
        with Loopback(tmp_path, answering(status, headers="Location: /elsewhere\r\n")) as server:
            failure = failed(self.to(server.port, server.identity.pin))
            assert len(server.meetings) == 1
        assert f"answers {status}" in failure.problem
        assert failure.is_final is is_final

    def test_a_redirect_to_elsewhere_is_not_followed(self, tmp_path: Path) -> None:
        (tmp_path / "other").mkdir()
        with (
            Loopback(tmp_path / "other", answering(200)) as elsewhere,
            Loopback(tmp_path, answering(307, headers=f"Location: https://{HOST}:{elsewhere.port}/\r\n")) as server,
        ):
            failed(self.to(server.port, server.identity.pin))
        assert elsewhere.meetings == []

    def test_an_answer_without_end_after_success_is_a_success(self, tmp_path: Path) -> None:
        with Loopback(tmp_path, endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x")) as server:
            assert self.to(server.port, server.identity.pin).send(MESSAGE) == ""


class TestInside(TestOutside):
    texts: ClassVar[Mapping[str, Any]] = {
        "url": "https://tickets.example/api",
        "inside": "true",
        "fields": {"subject": "{title}", "details": {"body": "{text}", "of": "{office}"}},
    }
    inside = True


def sent(folder: Path, **changed: Any) -> Loopback:
    with Loopback(folder, answering(200)) as server:
        known = {"url": f"https://{HOST}:{server.port}/in", "tls": Trust(pin=server.identity.pin)}
        WebhookChannel("duty", WebhookSettings(**{**known, **changed})).send(MESSAGE)
    return server


def test_a_server_of_the_office_gets_the_whole_message(tmp_path: Path) -> None:
    body = posted(sent(tmp_path, inside=True))
    assert body["schema"] == "itops.message/1"
    assert (body["id"], body["state"], body["kind"]) == (MESSAGE.id, "CRITICAL", "opened")
    assert body["made_at"] == "2026-11-20T17:34:05.120000Z"
    assert body["lines"][0]["subject"] == "insurance-db SQL01/Insurance"


def test_fields_are_called_as_the_server_wants_them(tmp_path: Path) -> None:
    fields = {"text": "{state} {title}", "channel": "#duty", "more": ({"n": 5, "s": "{summary}"},)}
    body = posted(sent(tmp_path, inside=True, fields=fields))
    assert body == {"text": f"CRITICAL {TITLE}", "channel": "#duty", "more": [{"n": 5, "s": SUMMARY}]}


def test_a_server_elsewhere_gets_the_summary_and_what_itops_yaml_adds(tmp_path: Path) -> None:
    assert posted(sent(tmp_path)) == {"text": SUMMARY}


def test_a_token_travels_as_a_header_unless_the_address_has_a_place_for_it(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    header = sent(tmp_path / "a", token=Secret("abc/d?e"))
    assert b"\r\nAuthorization: Bearer abc/d?e\r\n" in header.got
    with Loopback(tmp_path / "b", answering(200)) as server:
        url = f"https://{HOST}:{server.port}/hooks/{{token}}?v=1"
        settings = WebhookSettings(url=url, token=Secret("abc/d?e"), tls=Trust(pin=server.identity.pin))
        WebhookChannel("duty", settings).send(MESSAGE)
    assert server.got.startswith(b"POST /hooks/abc/d%3Fe?v=1 HTTP/1.1\r\n")
    assert b"Authorization" not in server.got


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"fields": {"text": "{title}"}}, "there is no {title} here; use {summary}"),
        ({"fields": {"deep": [{"er": "{lines}"}]}}, "there is no {lines}"),
        ({"inside": "true", "fields": {"text": "{lines}"}}, "there is no {lines}"),
        ({"fields": {"text": "hello"}}, "nothing of the message"),
        ({"url": "https://chat.example/{token}"}, "there is no token"),
        ({"url": "http://chat.example/"}, "https"),
    ],
)
def test_settings_that_cannot_be_are_said(tmp_path: Path, changed: dict[str, Any], words: str) -> None:
    _, mistakes = built(WebhookSettings, {"url": "https://chat.example/", **changed}, tmp_path)
    assert any(words in mistake for mistake in mistakes), mistakes
