"""Alert channels against aiosmtpd, rsyslog and the web server of the standard library. `make e2e`.

rsyslog with rsyslog-gnutls and rsyslog-openssl is Debian's; without it those tests are skipped.
"""

import json
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from itops.alerts.channels import Channel, ChannelFailed
from itops.alerts.records import EventKind
from itops.notify.bot import BotChannel, BotSettings
from itops.notify.sms import SmsChannel, SmsSettings
from itops.notify.smtp import SmtpChannel, SmtpSettings
from itops.notify.syslog import SyslogChannel, SyslogSettings
from itops.notify.webhook import WebhookChannel, WebhookSettings
from itops.secrets import Secret
from itops.tls import Trust
from itops.verdict import State
from tests.contracts.channel_contract import failed
from tests.e2e.delivery_servers import HOST, PASSWORD, WRONG, Cutter, Sink, running_smtp, silent_server
from tests.e2e.rsyslog import DRIVERS, RSYSLOGD, Rsyslog, running_rsyslog
from tests.e2e.tls_server import Reply, TlsServer
from tests.notify.messages import HOSTILE, LINE, MESSAGE, NAMED, OTHER, SUMMARY, TEXT, TITLE, message

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")]

OTHER_PIN = "00" * 32
UNMARKED = TEXT.replace("\u2068", "").replace("\u2069", "")


class _Words(HTMLParser):
    """What a reader sees of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(html: str) -> str:
    words = _Words()
    words.feed(html)
    return words.text


class TestMail:
    @pytest.fixture
    def make(self) -> Callable[..., Channel]:
        def made(sink: Sink, **changed: Any) -> Channel:
            known: dict[str, Any] = {
                "host": HOST,
                "port": sink.port,
                "sender": "itops@office.example",
                "recipients": ("duty@office.example", "head@office.example"),
                "username": "office",
                "password": Secret(PASSWORD),
                "tls": Trust(pin=sink.identity.pin),
            }
            return SmtpChannel("mail", SmtpSettings(**{**known, **changed}))

        return made

    @pytest.mark.parametrize("security", ["starttls", "tls"])
    def test_a_persian_mail_arrives_as_it_was_written(
        self, make: Callable[..., Channel], tmp_path: Path, security: str
    ) -> None:
        with running_smtp(tmp_path, security=security) as sink:
            assert make(sink, security=security).send(MESSAGE) == "OK"
        (mail,) = sink.mails
        assert mail["Subject"] == TITLE
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail.defects == []
        html, plain = mail.get_body(("html",)), mail.get_body(("plain",))
        assert html is not None
        assert plain is not None
        assert 'dir="rtl"' in html.get_content()
        for words in (SUMMARY, TEXT, OTHER.text, LINE.owner, LINE.subject):
            assert words in plain.get_content()
            assert words in shown(html.get_content())

    def test_an_incident_is_one_conversation_and_a_second_try_is_the_same_mail(
        self, make: Callable[..., Channel], tmp_path: Path
    ) -> None:
        with running_smtp(tmp_path) as sink:
            channel = make(sink)
            channel.send(message(id="1", references=()))
            channel.send(message(id="2", references=("1",), kind=EventKind.RECOVERED, state=State.OK))
            channel.send(message(id="2", references=("1",), kind=EventKind.RECOVERED, state=State.OK))
        opened, recovered, again = sink.mails
        assert recovered["In-Reply-To"] == opened["Message-ID"]
        assert str(recovered["References"]).split() == [*str(opened["References"]).split(), opened["Message-ID"]]
        assert again.as_bytes() == recovered.as_bytes()

    def test_names_that_mean_harm_add_no_header_and_no_recipient(
        self, make: Callable[..., Channel], tmp_path: Path
    ) -> None:
        with running_smtp(tmp_path) as sink:
            make(sink).send(HOSTILE)
        (mail,) = sink.mails
        assert mail["Bcc"] is None
        assert mail["To"] == "duty@office.example, head@office.example"

    def test_a_wrong_password_is_final_and_not_shown(self, make: Callable[..., Channel], tmp_path: Path) -> None:
        with running_smtp(tmp_path) as sink:
            failure = failed(make(sink, password=Secret(WRONG)))
        assert "refuses the account" in failure.problem
        assert failure.is_final
        assert WRONG not in failure.problem
        assert sink.mails == []

    @pytest.mark.parametrize(
        ("where", "answer", "is_final"),
        [
            ("rcpt", "550 5.1.1 no such mailbox", True),
            ("rcpt", "450 4.2.0 greylisted", False),
            ("data", "552 5.2.2 mailbox full", False),
            ("data", "554 5.7.1 spam", True),
        ],
    )
    def test_refusals_are_told_apart(
        self, make: Callable[..., Channel], tmp_path: Path, where: str, answer: str, is_final: bool
    ) -> None:
        with running_smtp(tmp_path) as sink:
            sink.refuses[where] = answer
            failure = failed(make(sink))
        assert answer in failure.problem
        assert failure.is_final is is_final

    def test_without_encryption_nothing_is_sent(self, make: Callable[..., Channel], tmp_path: Path) -> None:
        with running_smtp(tmp_path, security="plain") as sink:
            assert "STARTTLS" in failed(make(sink)).problem
        assert sink.mails == []

    @pytest.mark.parametrize("security", ["starttls", "tls"])
    def test_another_certificate_is_named(self, make: Callable[..., Channel], tmp_path: Path, security: str) -> None:
        with running_smtp(tmp_path, security=security) as sink:
            failure = failed(make(sink, security=security, tls=Trust(pin=OTHER_PIN)))
        assert "another certificate" in failure.problem
        assert sink.mails == []

    def test_a_line_that_breaks_in_the_middle_is_tried_again(
        self, make: Callable[..., Channel], tmp_path: Path
    ) -> None:
        with running_smtp(tmp_path) as sink:
            with Cutter(sink.port, after=3000) as line:
                assert not failed(make(sink, port=line.port)).is_final
            assert sink.mails == []
            make(sink).send(MESSAGE)
        assert len(sink.mails) == 1

    def test_somebody_who_picks_up_and_says_nothing_is_given_up(self, make: Callable[..., Channel]) -> None:
        with silent_server() as port:
            assert not failed(make(Sink(port=port), timeout_seconds=1.0)).is_final


@pytest.mark.skipif(not RSYSLOGD.exists(), reason="Debian's rsyslog is not installed")
class TestSyslog:
    @pytest.fixture(params=[None, *DRIVERS], ids=["tcp", *DRIVERS])
    def rsyslog(self, request: pytest.FixtureRequest) -> Iterator[Rsyslog]:
        with running_rsyslog(request.param) as running:
            yield running

    @staticmethod
    def make(rsyslog: Rsyslog, security: str, **changed: Any) -> Channel:
        known = {"host": HOST, "port": rsyslog.port, "security": security, "tls": Trust(pin=rsyslog.identity.pin)}
        return SyslogChannel("log", SyslogSettings(**{**known, **changed}))

    @pytest.fixture
    def channel(self, rsyslog: Rsyslog, request: pytest.FixtureRequest) -> Channel:
        is_plain = request.node.callspec.params["rsyslog"] is None
        return self.make(rsyslog, "plain" if is_plain else "tls")

    def test_rsyslog_understands_every_part_of_a_record(self, rsyslog: Rsyslog, channel: Channel) -> None:
        channel.send(MESSAGE)
        first, second = rsyslog.seen(2)
        assert (first["facility"], first["severity"]) == ("local0", "crit")
        assert first["moment"] == "2026-11-20T17:34:05.120Z"
        assert (first["host"], first["program"], first["kind"]) == ("alborz", "itops", "opened")
        assert first["text"].removeprefix("\ufeff") == f"{LINE.subject}: {UNMARKED}"
        assert f'owner="{LINE.owner}"' in first["data"]
        assert second["severity"] == "warning"
        assert OTHER.text in second["text"]

    def test_names_that_mean_harm_stay_in_their_record(self, rsyslog: Rsyslog, channel: Channel) -> None:
        for _ in range(5):
            channel.send(HOSTILE)
        channel.send(message(lines=(OTHER,)))
        found = rsyslog.seen(6)
        assert {record["kind"] for record in found} == {"opened"}
        assert found[-1]["text"].removeprefix("\ufeff") == f"{OTHER.subject}: {OTHER.text}"

    def test_a_record_as_long_as_they_may_be_arrives_whole(self, rsyslog: Rsyslog, channel: Channel) -> None:
        line = LINE.__class__(state=State.WARNING, subject="x", text="پشتیبان‌گیری " * 2000)
        channel.send(message(lines=(line, OTHER)))
        long, after = rsyslog.seen(2)
        assert 3000 < len(long["text"]) < 8000
        assert long["text"].startswith("\ufeffx: پشتیبان‌گیری پشتیبان‌گیری")
        assert OTHER.text in after["text"]


@pytest.mark.skipif(not RSYSLOGD.exists(), reason="Debian's rsyslog is not installed")
@pytest.mark.parametrize("driver", DRIVERS)
def test_a_collector_with_another_certificate_gets_nothing(driver: str) -> None:
    with running_rsyslog(driver) as rsyslog:
        failure = failed(TestSyslog.make(rsyslog, "tls", tls=Trust(pin=OTHER_PIN)))
        assert "another certificate" in failure.problem
        TestSyslog.make(rsyslog, "tls").send(message(lines=()))
        (only,) = rsyslog.seen(1)
    assert only["text"].removeprefix("\ufeff") == TITLE


@pytest.mark.skipif(not RSYSLOGD.exists(), reason="Debian's rsyslog is not installed")
@pytest.mark.parametrize("driver", DRIVERS)
def test_a_collector_that_wants_a_certificate_of_ours_is_a_failure(driver: str) -> None:
    with running_rsyslog(driver, authentication="x509/certvalid") as rsyslog:
        assert not failed(TestSyslog.make(rsyslog, "tls")).is_final


class Web:
    """A web server that keeps what it is asked; `reply` is what it says to the next question."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.reply = Reply(200, [], b'{"ok": true, "result": {"message_id": 7}, "return": {"status": 200}}')

    def __call__(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        self.asked.append((method, path, headers, body))
        return self.reply


def bot(url: str, tls: Trust) -> Channel:
    return BotChannel("bot", BotSettings(url=url, token=Secret("12345:canary-7361-secret"), chat="-100", tls=tls))


def sms(url: str, tls: Trust) -> Channel:
    settings = SmsSettings(
        url=f"{url}/v1/{{key}}/send.json",
        to="+000000000000",
        secrets={"key": Secret("canary-7361-secret")},
        body={"receptor": "{to}", "message": "{text}"},
        answer_path="return.status",
        answer_is=("200",),
        tls=tls,
    )
    return SmsChannel("sms", settings)


def outside(url: str, tls: Trust) -> Channel:
    settings = WebhookSettings(url=f"{url}/hooks/{{token}}", token=Secret("canary-7361-secret"), tls=tls)
    return WebhookChannel("hook", settings)


def said_by_bot(body: bytes) -> str:
    return str(json.loads(body)["text"])


def said_by_sms(body: bytes) -> str:
    return parse_qs(body.decode())["message"][0]


LEAVING = [
    pytest.param(bot, said_by_bot, id="bot"),
    pytest.param(sms, said_by_sms, id="sms"),
    pytest.param(outside, said_by_bot, id="webhook"),
]
Make = Callable[[str, Trust], Channel]


@pytest.mark.parametrize(("make", "said"), LEAVING)
def test_nothing_but_the_summary_leaves_the_office(make: Make, said: Callable[[bytes], str]) -> None:
    web = Web()
    with TlsServer(HOST, web) as server:
        make(f"https://{HOST}:{server.port}", Trust(pin=server.identity.pin)).send(MESSAGE)
    ((method, path, headers, body),) = web.asked
    assert method == "POST"
    assert said(body) == SUMMARY
    seen = f"{path} {headers} {said(body)} {body.decode()}".lower()
    assert [name for name in NAMED if name.lower() in seen] == []


@pytest.mark.parametrize(("make", "said"), LEAVING)
def test_a_redirect_to_elsewhere_is_refused(make: Make, said: Callable[[bytes], str]) -> None:
    web, elsewhere = Web(), Web()
    with TlsServer(HOST, web) as server, TlsServer(HOST, elsewhere) as other:
        web.reply = Reply(302, [("Location", f"https://{HOST}:{other.port}/")], b"")
        failure = failed(make(f"https://{HOST}:{server.port}", Trust(pin=server.identity.pin)))
    assert "redirect" in failure.problem
    assert elsewhere.asked == []


@pytest.mark.parametrize(("make", "said"), LEAVING)
@pytest.mark.parametrize(("status", "is_final"), [(401, True), (429, False), (503, False)])
def test_refusals_over_http_are_told_apart(
    make: Make, said: Callable[[bytes], str], status: int, is_final: bool
) -> None:
    web = Web()
    web.reply = Reply(status, [], b"no")
    with TlsServer(HOST, web) as server:
        failure = failed(make(f"https://{HOST}:{server.port}", Trust(pin=server.identity.pin)))
    assert failure.is_final is is_final


@pytest.mark.parametrize(("make", "said"), LEAVING[:2])
def test_an_answer_cut_in_half_is_no_success(make: Make, said: Callable[[bytes], str]) -> None:
    web = Web()
    web.reply.is_cut = True
    with TlsServer(HOST, web) as server:
        failure = failed(make(f"https://{HOST}:{server.port}", Trust(pin=server.identity.pin)))
    assert not failure.is_final


@pytest.mark.parametrize(("make", "said"), LEAVING)
def test_a_server_that_the_authorities_do_not_know_gets_nothing(make: Make, said: Callable[[bytes], str]) -> None:
    web = Web()
    with TlsServer(HOST, web) as server:
        failure = failed(make(f"https://{HOST}:{server.port}", Trust()))
    assert "not the server that itops.yaml trusts" in failure.problem
    assert web.asked == []


def test_a_server_of_the_office_gets_all_of_it() -> None:
    web = Web()
    with TlsServer(HOST, web) as server:
        settings = WebhookSettings(
            url=f"https://{HOST}:{server.port}/in", inside=True, tls=Trust(pin=server.identity.pin)
        )
        WebhookChannel("hook", settings).send(MESSAGE)
    ((_, _, headers, body),) = web.asked
    assert headers["content-type"] == "application/json"
    told = json.loads(body)
    assert told["title"] == TITLE
    assert [line["text"] for line in told["lines"]] == [TEXT, OTHER.text]


def test_nobody_there_is_said_by_every_channel() -> None:
    with silent_server() as port:
        closed = port
    known: list[Channel] = [make(f"https://{HOST}:{closed}", Trust()) for make in (bot, sms, outside)]
    known.append(SyslogChannel("log", SyslogSettings(host=HOST, port=closed)))
    for channel in known:
        with pytest.raises(ChannelFailed, match="refuses connections"):
            channel.send(MESSAGE)
