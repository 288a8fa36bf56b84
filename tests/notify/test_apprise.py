"""Services by Apprise; the other end is a web server of our own, asked by Apprise's `json://`."""

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest

from itops.alerts.channels import Channel
from itops.notify.apprise import AppriseChannel, AppriseSettings
from itops.secrets import Secret
from tests.contracts.channel_contract import CANARY, ChannelContract, Counterpart, built, failed
from tests.notify.messages import MESSAGE, SUMMARY
from tests.notify.servers import HOST, Loopback, Meeting, answering, dripping, endless, hang_up, reset, silent

pytest.importorskip("apprise", reason="needs the extra apprise")


def to(*ports: int, **changed: Any) -> Channel:
    urls = tuple(Secret(f"json://office:{CANARY}@{HOST}:{port}/{CANARY}") for port in ports)
    return AppriseChannel("duty", AppriseSettings(**{"urls": urls, "timeout_seconds": 5.0, **changed}))


class TestChannel(ChannelContract):
    kind = AppriseChannel
    texts: ClassVar[Mapping[str, Any]] = {"urls": ["file:secret", "file:secret"], "timeout_seconds": "20"}

    @contextmanager
    def meet(self, folder: Path) -> Iterator[Counterpart]:
        with Loopback(folder, answering(200), plain=True) as server:

            def texts() -> list[str]:
                bodies = [json.loads(bytes(met.got).split(b"\r\n\r\n", 1)[1]) for met in server.meetings]
                return [json.dumps(body, ensure_ascii=False) for body in bodies]

            yield Counterpart(channel=to(server.port), texts=texts, wire=lambda: server.got)


def test_the_summary_is_all_and_the_state_is_its_colour(tmp_path: Path) -> None:
    with Loopback(tmp_path, answering(200), plain=True) as server:
        to(server.port).send(MESSAGE)
    told = json.loads(server.got.split(b"\r\n\r\n", 1)[1])
    assert (told["message"], told["title"], told["type"]) == (SUMMARY, "", "failure")


@pytest.mark.parametrize(
    "meeting",
    [
        answering(500),
        answering(401),
        hang_up,
        reset,
        silent,
        dripping(b"HTTP/1.1 200 OK\r\n"),
        endless(b"HTTP/1.1 200 OK\r\n", b"X-More: x\r\n"),
    ],
    ids=["is down", "refuses", "hangs up", "resets", "says nothing", "drips", "never ends its head"],
)
def test_a_service_that_does_not_take_it_is_a_failure(tmp_path: Path, meeting: Meeting) -> None:
    with Loopback(tmp_path, meeting, plain=True) as server:
        failure = failed(to(server.port, timeout_seconds=1.5))
    assert not failure.is_final


def test_a_service_that_never_comes_to_an_end_does_not_hold_us(tmp_path: Path) -> None:
    with Loopback(tmp_path, dripping(b"HTTP/1.1 200 OK\r\n"), plain=True) as server:
        failure = failed(to(server.port, timeout_seconds=1.0))
    assert "was not sent within 1 seconds; it may have arrived nevertheless" in failure.problem


def test_of_several_the_one_that_failed_is_numbered(tmp_path: Path) -> None:
    with (
        Loopback(tmp_path, answering(200), plain=True) as good,
        Loopback(tmp_path, answering(500), plain=True) as bad,
    ):
        failure = failed(to(good.port, bad.port))
    assert "urls: number 2 of 2 did not take it" in failure.problem


@pytest.mark.parametrize("url", [f"nonsense://{CANARY}", CANARY, "", "json://", f"tgram://{CANARY}"])
def test_an_address_that_apprise_does_not_know_is_numbered_and_not_shown(url: str) -> None:
    failure = failed(to(urls=(Secret(url),)))
    assert "urls: number 1 is no address" in failure.problem


def test_nothing_is_logged_whatever_the_level(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in (None, "apprise", "urllib3", "requests"):
        caplog.set_level(1, logger=name)
    with Loopback(tmp_path, answering(500), plain=True) as server:
        failed(to(server.port))
    failed(to(urls=(Secret(f"nonsense://{CANARY}"),)))
    assert [one for one in caplog.records if one.name.partition(".")[0] in {"apprise", "urllib3", "requests"}] == []
    said = capfd.readouterr()
    assert CANARY not in caplog.text + said.out + said.err


def test_our_own_log_is_left_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Loopback(tmp_path, answering(200), plain=True) as server:
        to(server.port).send(MESSAGE)
    logging.getLogger("itops").warning("still heard")
    assert "still heard" in caplog.text


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "apprise", raising=False)
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "meta_path", [])
    failure = failed(to(1))
    assert "needs the package apprise" in failure.problem
    assert "itops[apprise]" in failure.remedy


@pytest.mark.parametrize("urls", [[], ["file:secret"] * 21, "file:secret"])
def test_settings_that_cannot_be_are_said(tmp_path: Path, urls: Any) -> None:
    _, mistakes = built(AppriseSettings, {"urls": urls}, tmp_path)
    assert any("list" in mistake for mistake in mistakes), mistakes


def test_the_settings_are_read_without_the_library(tmp_path: Path) -> None:
    settings, mistakes = built(AppriseSettings, {"urls": ["file:secret"]}, tmp_path)
    assert mistakes == []
    assert len(settings.urls) == 1
