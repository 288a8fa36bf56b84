"""Gateways to telephones: each described in itops.yaml, none known by name."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.alerts.channels import Channel, ChannelFailed
from itops.notify.plain_text import cut
from itops.notify.sms import SmsChannel, SmsSettings, judged
from itops.secrets import Secret
from itops.tls import Trust
from tests.contracts.channel_contract import CANARY, Counterpart, NetworkChannelContract, built, failed
from tests.notify.messages import MESSAGE, SUMMARY, message
from tests.notify.servers import HOST, Loopback, Meeting, answering, dripping, endless
from tests.notify.test_bot import echoing

NUMBER = "+000000000000"
GOOD = b'{"return": {"status": 200}, "entries": [{"messageid": 85463238}]}'
KNOWN: dict[str, Any] = {
    "url": "https://gateway.example/v1/{key}/send.json",
    "to": NUMBER,
    "secrets": {"key": "file:secret"},
    "body": {"receptor": "{to}", "message": "{text}", "localid": "{once}"},
    "answer_path": "return.status",
    "answer_is": ["200"],
    "answer_id": "entries.0.messageid",
}


def fields_of(got: bytes) -> dict[str, list[str]]:
    return parse_qs(got.split(b"\r\n\r\n", 1)[1].decode())


class TestChannel(NetworkChannelContract):
    kind = SmsChannel
    texts: ClassVar[Mapping[str, Any]] = {
        **KNOWN,
        "headers": {"X-Key": "{key}"},
        "most_characters": "70",
        "timeout_seconds": "20",
    }
    wicked: ClassVar[Mapping[str, Meeting]] = {
        "no web server": lambda met: met.say(b"220 mail\r\n"),
        "says the question again": echoing,
        "drips its head": dripping(b"HTTP/1.1 200 OK\r\n"),
        "drips its body": dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n"),
        "never ends its head": endless(b"HTTP/1.1 200 OK\r\n", b"X-More: x\r\n"),
        "never ends its body": endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        "is no gateway": answering(200, b"<html>welcome</html>"),
        "nests without end": answering(200, b"[" * 60_000),
        "has a status of its own": answering(200, b'{"return": {"status": 418}}'),
        "is down": answering(502),
    }

    @contextmanager
    def meet(self, folder: Path) -> Iterator[Counterpart]:
        with Loopback(folder, answering(200, GOOD)) as server:

            def texts() -> list[str]:
                return [fields_of(bytes(met.got))["message"][0] for met in server.meetings]

            yield Counterpart(channel=self.to(server.port, server.identity.pin), texts=texts, wire=lambda: server.got)

    def to(self, port: int, pin: str, **changed: Any) -> Channel:
        url = f"https://{changed.pop('host', HOST)}:{port}/v1/{{key}}/send.json"
        known = {**KNOWN, "url": url, "secrets": {"key": Secret(CANARY)}, "answer_is": ("200",), "tls": Trust(pin=pin)}
        return SmsChannel("duty", SmsSettings(**{**known, **changed}))

    def test_a_form_goes_out_and_the_number_of_the_text_is_told(self, tmp_path: Path) -> None:
        with Loopback(tmp_path, answering(200, GOOD)) as server:
            channel = self.to(server.port, server.identity.pin)
            assert channel.send(MESSAGE) == "85463238"
            channel.send(MESSAGE)
            channel.send(message(id="other"))
        assert server.got.startswith(f"POST /v1/{CANARY}/send.json HTTP/1.1\r\n".encode())
        assert b"\r\nContent-Type: application/x-www-form-urlencoded\r\n" in server.got
        first, again, other = (fields_of(bytes(met.got)) for met in server.meetings)
        assert first["receptor"] == [NUMBER]
        assert first["message"] == [SUMMARY]
        assert first == again
        assert first["localid"] != other["localid"]
        assert first["localid"][0].isdecimal()

    def test_json_with_a_key_in_a_header_goes_out(self, tmp_path: Path) -> None:
        with Loopback(tmp_path, answering(200, GOOD)) as server:
            self.to(
                server.port,
                server.identity.pin,
                format="json",
                headers={"X-API-KEY": "key {key}"},
                body={"mobiles": ("{to}",), "text": "{text}", "line": 3000, "flash": False},
            ).send(MESSAGE)
        assert f"\r\nX-API-KEY: key {CANARY}\r\n".encode() in server.got
        body = json.loads(server.got.split(b"\r\n\r\n", 1)[1])
        assert body == {"mobiles": [NUMBER], "text": SUMMARY, "line": 3000, "flash": False}

    def test_a_get_has_all_in_its_address_and_no_value_breaks_out_of_it(self, tmp_path: Path) -> None:
        with Loopback(tmp_path, answering(200, b"1,sent")) as server:
            settings = SmsSettings(
                url=f"https://{HOST}:{server.port}/send?to={{to}}&text={{text}}&key={{key}}",
                to=NUMBER,
                method="GET",
                secrets={"key": Secret("a&to=1#")},
                answer_has="sent",
                tls=Trust(pin=server.identity.pin),
            )
            SmsChannel("duty", settings).send(message(summary="a&to=2 #x/../{to}"))
        asked = parse_qs(urlsplit(server.got.split(b" ")[1].decode()).query)
        assert asked == {"to": [NUMBER], "text": ["a&to=2 #x/../{to}"], "key": ["a&to=1#"]}

    @pytest.mark.parametrize(
        ("status", "is_final"), [(301, True), (302, False), (401, True), (404, True), (429, False), (503, False)]
    )
    def test_refusals_are_told_apart_and_repeat_nothing(self, tmp_path: Path, status: int, is_final: bool) -> None:
        told = f"{CANARY} {NUMBER}".encode()
        with Loopback(tmp_path, answering(status, told, "Location: /x\r\n")) as server:
            failure = failed(self.to(server.port, server.identity.pin), repeats=True)
        assert failure.is_final is is_final
        assert NUMBER not in failure.problem + failure.remedy

    def test_a_key_that_no_header_can_carry_is_said_and_not_shown(self, tmp_path: Path) -> None:
        with Loopback(tmp_path, answering(200, GOOD)) as server:
            failure = failed(self.to(server.port, server.identity.pin, secrets={"key": Secret(f"{CANARY}\r\nX: y")}))
        assert "secrets.key" in failure.problem
        assert server.meetings == []


def settings(**changed: Any) -> SmsSettings:
    return SmsSettings(url="https://gateway.example/?t={text}", to=NUMBER, **changed)


@pytest.mark.parametrize(
    ("rule", "body", "number"),
    [
        ({}, b"", ""),
        ({"answer_has": "OK"}, b"1: OK", ""),
        ({"answer_path": "ok", "answer_is": ("true",)}, b'{"ok": true}', ""),
        ({"answer_path": "0.Status", "answer_is": ("1", "2")}, b'[{"Status": 2}]', ""),
        ({"answer_path": "a.b", "answer_is": ("sent",), "answer_id": "id"}, b'{"a": {"b": "sent"}, "id": "x9"}', "x9"),
        ({"answer_id": "id"}, b'{"no": 1}', ""),
        ({"answer_id": "id"}, b'{"id": [1]}', ""),
    ],
)
def test_what_the_rule_wants_is_a_success(rule: dict[str, Any], body: bytes, number: str) -> None:
    assert judged(settings(**rule), "gateway.example:443", body) == number


@pytest.mark.parametrize(
    ("rule", "body", "words"),
    [
        ({"answer_has": "OK"}, b"no credit", "answer_has"),
        ({"answer_path": "ok", "answer_is": ("true",)}, b'{"ok": false}', "something else at ok, not true"),
        ({"answer_path": "a.b", "answer_is": ("200",)}, b'{"a": {"b": 418}}', "answers 418 at a.b, not 200"),
        ({"answer_path": "a.b", "answer_is": ("200",)}, b'{"a": [1]}', "something else"),
        ({"answer_path": "9.b", "answer_is": ("200",)}, b"[1]", "something else"),
        ({"answer_path": "a", "answer_is": ("200",)}, b"200", "something else"),
        ({"answer_path": "a", "answer_is": ("200",)}, b"<html>", "something else than such a service"),
        ({"answer_path": "a", "answer_is": ("200",)}, b"\xff\xfe", "something else than such a service"),
        ({"answer_path": "a", "answer_is": ("200",)}, b"9" * 9000, "something else than such a service"),
    ],
)
def test_anything_else_is_none_and_may_be_tried_again(rule: dict[str, Any], body: bytes, words: str) -> None:
    with pytest.raises(ChannelFailed) as caught:
        judged(settings(**rule), "gateway.example:443", body)
    assert words in caught.value.problem
    assert not caught.value.is_final


@given(body=st.binary(max_size=300))
def test_no_answer_is_more_than_a_failure(body: bytes) -> None:
    with pytest.raises(ChannelFailed):  # none of them says 1 there: hypothesis does not write so much JSON
        judged(settings(answer_path="a.0", answer_is=("1",), answer_id="b"), "gateway.example:443", body)


@given(text=st.text(max_size=200), most=st.integers(2, 100))
def test_a_cut_text_is_never_longer_than_allowed_and_begins_as_the_whole(text: str, most: int) -> None:
    short = cut(text, most)
    assert len(short.encode("utf-16-le", "surrogatepass")) // 2 <= most
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"to": "somebody"}, "digits"),
        ({"body": {"message": "hello"}}, "what would be sent"),
        ({"body": {"message": "{text} {name}"}}, "there is no {name}"),
        ({"method": "GET"}, "a GET has none"),
        ({"body": {"message": {"deep": "{text}"}}}, "format: json"),
        ({"secrets": {"text": "file:secret"}}, "none of to, text, once"),
        ({"headers": {"Host": "elsewhere"}}, "no header to be set"),
        ({"headers": {"X-Text": "{text}"}}, "there is no {text}"),
        ({"headers": {"X-Y": "کلید"}}, "visible ASCII"),
        ({"headers": {"X-Y\r\nZ": "1"}}, "no header to be set"),
        ({"answer_is": []}, "belong together"),
        ({"answer_path": "a..b"}, "dots between"),
        ({"url": "http://gateway.example/{key}"}, "https"),
        ({"url": "https://{key}.example/"}, "after the host"),
        ({"most_characters": "5"}, "between 60"),
    ],
)
def test_settings_that_cannot_be_are_said(tmp_path: Path, changed: dict[str, Any], words: str) -> None:
    _, mistakes = built(SmsSettings, {**KNOWN, **changed}, tmp_path)
    assert any(words in mistake for mistake in mistakes), mistakes
