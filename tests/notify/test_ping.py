"""Pings to a dead-man switch. The servers speak as Healthchecks does; they are simulations."""

import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest

from itops.bundles.pings import Ping, Pulse
from itops.errors import SourceUnavailable
from itops.notify.ping import HealthchecksPing, HealthchecksSettings
from itops.secrets import Secret
from itops.tls import Trust
from tests.bundles.beating import PULSE
from tests.contracts.channel_contract import CANARY, built
from tests.notify.servers import HOST, Loopback, Meeting, answering, dripping, endless, hang_up, reset, silent
from tests.notify.test_bot import echoing

GOOD = Pulse(ok=3, runs_ok=4)
TAKEN = answering(200, b"OK")


def to(server: Loopback, **changed: Any) -> Ping:
    known = {
        "url": f"https://{HOST}:{server.port}/{{token}}",
        "token": Secret(CANARY),
        "tls": Trust(pin=server.identity.pin),
    }
    return HealthchecksPing("switch", HealthchecksSettings(**{**known, **changed}))


@contextmanager
def switch(folder: Path, meeting: Meeting = TAKEN, **more: Any) -> Iterator[Loopback]:
    with Loopback(folder, meeting, **more) as server:
        yield server


def failed(ping: Ping, *, repeats: bool = False) -> SourceUnavailable:
    """Ping, see it fail: in one line each, and with no secret in it nor in what a log would hold."""
    with pytest.raises(SourceUnavailable) as caught:
        ping.ping(PULSE)
    failure = caught.value
    for told in (failure.problem, failure.remedy):
        assert told
        assert "\n" not in told
    held = "".join(traceback.TracebackException.from_exception(failure, capture_locals=not repeats).format())
    assert CANARY not in held
    return failure


@pytest.mark.parametrize(
    ("says", "pulse", "word", "path"),
    [
        ("alive", GOOD, "alive", ""),
        ("alive", PULSE, "alive", ""),
        ("alive", Pulse(), "alive", ""),
        ("state", GOOD, "alive", ""),
        ("state", Pulse(ok=1, warning=2, unknown=3), "alive", ""),
        ("state", PULSE, "fail", "/fail"),
        ("state", Pulse(ok=3, critical=1, stale=4), "fail", "/fail"),
        ("state", Pulse(), "log", "/log"),
        ("state", Pulse(ok=3, stale=3), "log", "/log"),
    ],
)
def test_the_switch_is_told_that_itops_lives_or_how_the_office_is(
    tmp_path: Path, says: str, pulse: Pulse, word: str, path: str
) -> None:
    with switch(tmp_path) as server:
        assert to(server, says=says).ping(pulse) == word
    assert server.got.startswith(f"POST /{CANARY}{path} HTTP/1.1\r\n".encode())
    assert server.got.partition(b"\r\n\r\n")[2] == f"{pulse.line}\n".encode()


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("/{token}", f"/{CANARY}/fail"),
        ("/{token}/", f"/{CANARY}/fail"),
        ("/{token}/my-slug?create=1", f"/{CANARY}/my-slug/fail?create=1"),
        ("/ping?key={token}", f"/ping/fail?key={CANARY}"),
    ],
)
def test_the_word_stands_at_the_end_of_the_path(tmp_path: Path, url: str, asked: str) -> None:
    with switch(tmp_path) as server:
        to(server, url=f"https://{HOST}:{server.port}{url}", says="state").ping(PULSE)
    assert server.got.startswith(f"POST {asked} HTTP/1.1\r\n".encode())


def test_on_this_machine_it_may_be_plain_http(tmp_path: Path) -> None:
    with switch(tmp_path, plain=True) as server:
        assert to(server, url=f"http://{HOST}:{server.port}/{{token}}").ping(GOOD) == "alive"
    assert server.got.startswith(f"POST /{CANARY} HTTP/1.1\r\n".encode())
    failure = failed(to(server, url=f"http://{HOST}:{server.port}/{{token}}"))
    assert "refuses connections" in failure.problem


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (200, b"OK (not found)", "no such switch"),
        (200, b"OK (rate limited)", "too often"),
        (302, b"", "redirect"),
        (400, b"invalid url format", "does not take it so"),
        (401, b"", "token"),
        (404, b"not found", "no such switch"),
        (409, b"ambiguous slug", "several switches"),
        (429, b"rate limit exceeded", "too often"),
        (500, b"", "500"),
    ],
)
def test_whatever_is_not_taken_is_a_failure_with_a_remedy(tmp_path: Path, status: int, body: bytes, words: str) -> None:
    with switch(tmp_path, answering(status, body)) as server:
        assert words in failed(to(server)).problem
        assert len(server.meetings) == 1


WICKED: Mapping[str, Meeting] = {
    "hangs up": hang_up,
    "resets": reset,
    "says nothing": silent,
    "no web server": lambda met: met.say(b"220 mail\r\n"),
    "says the question again": echoing,
    "drips its head": dripping(b"HTTP/1.1 200 OK\r\n"),
    "never ends its head": endless(b"HTTP/1.1 200 OK\r\n", b"X-More: x\r\n"),
}


@pytest.mark.parametrize("name", WICKED)
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_servers_that_mean_harm_are_given_up(tmp_path: Path, name: str, scheme: str) -> None:
    with switch(tmp_path, WICKED[name], plain=scheme == "http") as server:
        url = f"{scheme}://{HOST}:{server.port}/{{token}}"
        failed(to(server, url=url, timeout_seconds=1.5), repeats=name == "says the question again")


def test_a_server_with_another_certificate_gets_nothing(tmp_path: Path) -> None:
    with switch(tmp_path) as server:
        assert "another certificate" in failed(to(server, tls=Trust(pin="00" * 32))).problem
        server.settle()
    assert server.got == b""


def test_a_token_that_no_address_can_carry_is_a_mistake_of_the_settings(tmp_path: Path) -> None:
    with switch(tmp_path) as server, pytest.raises(SourceUnavailable, match="token"):
        to(server, token=Secret("two words")).ping(GOOD)
    assert server.meetings == []


class TestSettings:
    texts: ClassVar[Mapping[str, Any]] = {
        "url": "https://switch.example/ping/{token}",
        "token": "file:secret",
        "says": "state",
        "tls": "system",
        "timeout_seconds": "20",
    }

    def test_they_are_read_from_itops_yaml_and_nothing_is_touched(self, tmp_path: Path) -> None:
        settings, mistakes = built(HealthchecksSettings, self.texts, tmp_path)
        assert mistakes == []
        assert HealthchecksPing("switch", settings).name == "switch"

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"url": "http://switch.example/x"}, "https"),
            ({"url": "http://127.0.0.1.example:80/x"}, "https"),
            ({"url": "http://127.0.0.1/x"}, "https"),
            ({"url": "http://localhost:80@switch.example/x"}, "user or a password"),
            ({"url": "https://switch.example/{office}"}, "there is no {office}"),
            ({"url": "https://switch.example/x"}, "no place for it"),
            ({"says": "everything"}, "alive"),
            ({"timeout_secs": "3"}, "timeout_seconds"),
        ],
    )
    def test_what_cannot_be_is_said(self, tmp_path: Path, changed: dict[str, Any], words: str) -> None:
        _, mistakes = built(HealthchecksSettings, {**self.texts, **changed}, tmp_path)
        assert any(words in mistake for mistake in mistakes), mistakes

    def test_a_place_without_a_token_is_said(self, tmp_path: Path) -> None:
        texts = {key: value for key, value in self.texts.items() if key != "token"}
        _, mistakes = built(HealthchecksSettings, texts, tmp_path)
        assert any("there is no token" in mistake for mistake in mistakes), mistakes
