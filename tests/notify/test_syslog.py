"""Records of RFC 5424, and small collectors on loopback; rsyslog is in tests/e2e."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.alerts.channels import Channel
from itops.notify.syslog import SyslogChannel, SyslogSettings, records
from itops.tls import Trust
from itops.verdict import State
from tests.contracts.channel_contract import Counterpart, NetworkChannelContract, built, failed
from tests.notify.messages import LINE, MESSAGE, OTHER, TITLE, message
from tests.notify.servers import HOST, Loopback, Meeting, dripping, endless, listening, saying

SETTINGS = SyslogSettings(host="logs.example")
RECORD = re.compile(
    r"<(?P<priority>\d{1,3})>1 (?P<moment>\S+) (?P<host>[!-~]{1,255}) itops - (?P<kind>[a-z]+) "
    r'\[itops@32473(?P<data>(?: [a-z]+="(?:[^"\\\]]|\\["\\\]])*")*)\] \ufeff(?P<text>.*)'
)
any_text = st.text(st.characters(exclude_categories=[]), max_size=600)


def read(record: bytes) -> re.Match[str]:
    found = RECORD.fullmatch(record.decode())
    assert found, record
    return found


def data(found: re.Match[str]) -> dict[str, str]:
    pairs = re.findall(r'([a-z]+)="((?:[^"\\]|\\.)*)"', found["data"])
    return {name: re.sub(r"\\(.)", r"\1", value) for name, value in pairs}


def counted(got: bytes) -> list[bytes]:
    """The records by their octet counts."""
    found = []
    while got:
        length, _, rest = got.partition(b" ")
        found.append(rest[: int(length)])
        assert len(found[-1]) == int(length)
        got = rest[int(length) :]
    return found


class TestChannel(NetworkChannelContract):
    kind = SyslogChannel
    hears = False
    texts: ClassVar[Mapping[str, Any]] = {
        "host": "logs.example",
        "security": "tls",
        "port": "6514",
        "tls": "system",
        "facility": "local3",
    }
    wicked: ClassVar[Mapping[str, Meeting]] = {}
    plain = False

    @contextmanager
    def meet(self, folder: Path) -> Iterator[Counterpart]:
        with Loopback(folder, listening, plain=self.plain) as server:

            def texts() -> list[str]:
                server.settle()
                return ["\n".join(record.decode() for record in counted(bytes(met.got))) for met in server.meetings]

            def wire() -> bytes:
                server.settle()
                return server.got

            yield Counterpart(channel=self.to(server.port, server.identity.pin), texts=texts, wire=wire)

    def to(self, port: int, pin: str, **changed: Any) -> Channel:
        known = {"host": HOST, "port": port, "tls": Trust(pin=pin)}
        return SyslogChannel("duty", SyslogSettings(**{**known, **changed}))

    @pytest.mark.parametrize(
        "meeting",
        [saying(b"hello" * 50_000), endless(b"", b"x"), dripping(b"x")],
        ids=["talks", "never stops", "drips"],
    )
    @pytest.mark.parametrize("security", ["tls", "plain"])
    def test_a_collector_that_talks_does_not_hold_us(self, tmp_path: Path, meeting: Any, security: str) -> None:
        with Loopback(tmp_path, meeting, plain=security == "plain") as server:
            channel = self.to(server.port, server.identity.pin, security=security, timeout_seconds=1.0)
            assert channel.send(MESSAGE) == ""

    def test_a_collector_that_wants_a_certificate_of_ours_is_a_failure(self, tmp_path: Path) -> None:
        with Loopback(tmp_path, listening, wants_certificate=True) as server:
            failure = failed(self.to(server.port, server.identity.pin))
            server.settle()
        assert "logs about us" in failure.remedy
        assert not failure.is_final
        assert server.got == b""

    def test_each_incident_is_a_record_of_its_own(self, tmp_path: Path) -> None:
        with Loopback(tmp_path, listening) as server:
            self.to(server.port, server.identity.pin).send(MESSAGE)
            server.settle()
        first, second = (read(record) for record in counted(server.got))
        assert first["text"].startswith("insurance-db SQL01/Insurance: آخرین نسخهٔ سالم insurance-db سه روز")
        assert second["text"].startswith("10.20.30.41: ")


@pytest.mark.parametrize(
    ("state", "severity"), [(State.OK, 6), (State.WARNING, 4), (State.CRITICAL, 2), (State.UNKNOWN, 3)]
)
def test_the_severity_follows_the_state(state: State, severity: int) -> None:
    settings = SyslogSettings(host="logs.example", facility="local3")
    (record,) = records(settings, message(lines=(), state=state))
    assert int(read(record)["priority"]) == 19 * 8 + severity


def test_a_record_says_what_it_is_about_in_structured_data() -> None:
    first, second = (read(record) for record in records(SETTINGS, MESSAGE))
    assert first["moment"] == "2026-11-20T17:34:05.120Z"
    assert first["host"] == "alborz"
    assert first["kind"] == "opened"
    assert data(first) == {
        "id": MESSAGE.id,
        "thread": MESSAGE.thread,
        "kind": "opened",
        "state": "CRITICAL",
        "office": "alborz",
        "report": "1405-08",
        "subject": LINE.subject,
        "owner": LINE.owner,
        "since": "2026-11-17T12:00:00+00:00",
    }
    assert data(second)["subject"] == OTHER.subject
    assert "owner" not in data(second)


def test_a_message_without_incidents_is_one_record_of_its_title() -> None:
    (record,) = records(SyslogSettings(host="x", hostname="it-01"), message(lines=()))
    assert read(record)["text"] == TITLE
    assert read(record)["host"] == "it-01"


@given(text=any_text)
def test_whatever_a_message_holds_a_record_stays_one_record(text: str) -> None:
    line = LINE.__class__(state=State.WARNING, subject=text, text=text * 30, owner=text)
    changed = message(id=text, thread=text, office=text, report=text, title=text, lines=(line,))
    (record,) = records(SETTINGS, changed)
    assert len(record) <= 8000
    assert b"\n" not in record
    read(record)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"hostname": "دفتر"}, "visible ASCII"),
        ({"hostname": "a b"}, "visible ASCII"),
        ({"facility": "kern"}, "not one of"),
        ({"security": "none"}, "not one of tls, plain"),
    ],
)
def test_settings_that_cannot_be_are_said(tmp_path: Path, changed: dict[str, Any], words: str) -> None:
    _, mistakes = built(SyslogSettings, {"host": "logs.example", **changed}, tmp_path)
    assert any(words in mistake for mistake in mistakes), mistakes
