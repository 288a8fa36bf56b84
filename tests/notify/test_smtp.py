"""Mail: what is written, and small servers on loopback; aiosmtpd is in tests/e2e."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.alerts.channels import Channel, Message
from itops.alerts.records import EventKind
from itops.notify.mail_text import mail
from itops.notify.plain_text import one_line
from itops.notify.smtp import SmtpChannel, SmtpSettings
from itops.secrets import Secret
from itops.tls import Trust
from itops.verdict import State
from tests.contracts.channel_contract import CANARY, Counterpart, NetworkChannelContract, built, failed
from tests.notify.messages import HOSTILE, MADE_AT, MESSAGE, SUMMARY, TITLE, message
from tests.notify.servers import HOST, Loopback, Meeting, dripping, endless, mail_server, saying

KNOWN: dict[str, Any] = {
    "host": HOST,
    "sender": "itops@mail.of-the-office-with-a-long-name.alborz.example.ir",
    "recipients": ("duty@office.example", "head@office.example"),
    "security": "tls",
}
any_text = st.text(st.characters(exclude_categories=[]), max_size=300)


def written(sent: Message) -> bytes:
    return mail(KNOWN["sender"], KNOWN["recipients"], sent)


def read(raw: bytes) -> EmailMessage:
    found = message_from_bytes(raw, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def part(found: EmailMessage, kind: str) -> str:
    body = found.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def mails(got: bytes) -> list[EmailMessage]:
    """Those in what a server was told."""
    return [read(one.partition(b"\r\n.\r\n")[0]) for one in got.split(b"\r\ndata\r\n")[1:]]


class TestChannel(NetworkChannelContract):
    kind = SmtpChannel
    texts: ClassVar[Mapping[str, Any]] = {
        "host": "mail.example",
        "sender": "it@office.example",
        "recipients": ["duty@office.example"],
        "username": "office",
        "password": "file:secret",
        "security": "tls",
        "port": "465",
        "tls": "system",
        "timeout_seconds": "20",
    }
    wicked: ClassVar[Mapping[str, Meeting]] = {
        "no mail server": saying(b"SSH-2.0-OpenSSH\r\n"),
        "refuses to greet": saying(b"554 go away\r\n"),
        "no extensions": saying(b"220 hello\r\n250 nothing\r\n"),
        "drips": dripping(b"220 hel"),
        "never ends its greeting": endless(b"", b"220-more\r\n"),
        "never ends a line": endless(b"220 ", b"x"),
        "never ends its extensions": endless(b"220 hello\r\n", b"250-x\r\n"),
    }

    @contextmanager
    def meet(self, folder: Path) -> Iterator[Counterpart]:
        with Loopback(folder, mail_server) as server:

            def texts() -> list[str]:
                return [f"{one['Subject']}\n{part(one, 'plain')}\n{part(one, 'html')}" for one in mails(server.got)]

            yield Counterpart(channel=self.to(server.port, server.identity.pin), texts=texts, wire=lambda: server.got)

    def to(self, port: int, pin: str, **changed: Any) -> Channel:
        account = {"username": "office", "password": Secret(CANARY)}
        return SmtpChannel("duty", SmtpSettings(**{**KNOWN, **account, "port": port, "tls": Trust(pin=pin), **changed}))

    def test_the_servers_name_for_it_is_told(self, counterpart: Counterpart) -> None:
        assert counterpart.channel.send(MESSAGE) == "2.0.0 Ok: queued as 4F7A"

    def test_a_server_that_asks_nobody_is_not_logged_in_to(self, tmp_path: Path) -> None:
        with Loopback(tmp_path, mail_server) as server:
            self.to(server.port, server.identity.pin, username=None, password=None).send(MESSAGE)
            assert b"AUTH" not in server.got
            assert len(mails(server.got)) == 1

    @pytest.mark.parametrize(
        ("answer", "is_final"),
        [(b"535 5.7.8 no", True), (b"454 4.7.0 later", False)],
        ids=["for good", "for now"],
    )
    def test_a_refused_account_is_final_unless_it_is_for_now(
        self, tmp_path: Path, answer: bytes, is_final: bool
    ) -> None:
        greeting = b"220 here\r\n250-here\r\n250 AUTH PLAIN\r\n"
        with Loopback(tmp_path, saying(greeting + answer + b" " + CANARY.encode() + b"\r\n")) as server:
            failure = failed(self.to(server.port, server.identity.pin), repeats=True)
        assert "refuses the account" in failure.problem
        assert failure.is_final is is_final

    @pytest.mark.parametrize(
        ("answers", "is_final", "words"),
        [
            ([b"550 5.1.1 who", b"550 5.1.1 who"], True, "550 5.1.1 who"),
            ([b"450 4.2.0 later", b"550 5.1.1 who"], False, "450 4.2.0 later"),
            ([b"250 ok", b"550 5.1.1 who", b"354 on", b"250 ok"], True, "1 of 2 recipients, the others have it"),
            ([b"250 ok", b"450 4.2.0 later", b"354 on", b"250 ok"], False, "1 of 2 recipients, the others have it"),
            ([b"250 ok", b"251 elsewhere", b"354 on", b"554 5.7.1 spam"], True, "554 5.7.1 spam"),
            ([b"250 ok", b"250 ok", b"354 on", b"451 4.3.0 later"], False, "451 4.3.0 later"),
            ([b"250 ok", b"250 ok", b"354 on", b"552 5.2.2 full"], False, "552 5.2.2 full"),
        ],
    )
    def test_refusals_of_recipients_and_of_the_mail_are_told_apart(
        self, tmp_path: Path, answers: list[bytes], is_final: bool, words: str
    ) -> None:
        said = b"\r\n".join([b"220 here", b"250 here", b"250 ok", *answers, b""])
        with Loopback(tmp_path, saying(said)) as server:
            failure = failed(self.to(server.port, server.identity.pin, username=None, password=None))
        assert words in failure.problem
        assert failure.is_final is is_final

    def test_a_server_that_begins_no_encryption_is_told_nothing(self, tmp_path: Path) -> None:
        with Loopback(tmp_path, mail_server, plain=True) as server:
            failure = failed(self.to(server.port, "00" * 32, security="starttls"))
            assert "STARTTLS" in failure.problem
            assert b"AUTH" not in server.got
            assert b"MAIL" not in server.got

    def test_a_password_that_mail_cannot_carry_is_said_and_not_shown(self, tmp_path: Path) -> None:
        with Loopback(tmp_path, mail_server) as server:
            failure = failed(self.to(server.port, server.identity.pin, password=Secret("رمز")))
        assert "not ASCII" in failure.problem


def test_a_persian_mail_goes_from_right_to_left_in_both_its_forms() -> None:
    found = read(written(MESSAGE))
    assert found["Subject"] == TITLE
    assert found.get_content_type() == "multipart/alternative"
    assert [one.get_content_type() for one in found.iter_parts()] == ["text/plain", "text/html"]
    html = part(found, "html")
    assert '<html lang="fa" dir="rtl">' in html
    assert '<div lang="fa" dir="rtl"' in html
    assert '<bdi dir="auto">insurance-db SQL01/Insurance</bdi>' in html
    plain = part(found, "plain")
    assert all(line.startswith("\u200f") for line in plain.splitlines() if line)
    assert "\u2068insurance-db SQL01/Insurance\u2069" in plain
    for shown in (html, plain):
        for words in (SUMMARY, "بحرانی", "مسئول", "۳ روز", "1405-08"):
            assert words in shown


def test_an_english_mail_goes_from_left_to_right() -> None:
    found = read(written(message(language="en")))
    assert '<html lang="en" dir="ltr">' in part(found, "html")
    assert "\u200f" not in part(found, "plain")
    assert "critical: insurance-db" in part(found, "plain")


def test_a_mail_names_its_conversation_its_date_and_that_a_machine_wrote_it() -> None:
    found = read(written(MESSAGE))
    assert found["From"] == KNOWN["sender"]
    assert found["To"] == ", ".join(KNOWN["recipients"])
    assert parsedate_to_datetime(str(found["Date"])) == MADE_AT.replace(microsecond=0)
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["X-Itops-State"] == "CRITICAL"
    assert found["X-Itops-Kind"] == "opened"


def conversation(found: EmailMessage) -> list[str]:
    return str(found["References"]).split()


def test_every_mail_of_an_incident_is_in_one_conversation() -> None:
    first = read(written(message(id="1", references=())))
    second = read(written(message(id="2", references=("1",), kind=EventKind.REMINDER)))
    third = read(written(message(id="3", references=("1", "2"), kind=EventKind.RECOVERED)))
    another = read(written(message(id="4", references=(), thread="other")))
    root = conversation(first)
    assert len(root) == 1
    assert first["In-Reply-To"] is None
    assert conversation(second) == [*root, first["Message-ID"]]
    assert second["In-Reply-To"] == first["Message-ID"]
    assert conversation(third) == [*root, first["Message-ID"], second["Message-ID"]]
    assert third["In-Reply-To"] == second["Message-ID"]
    assert conversation(another) != root


def test_a_conversation_of_a_year_has_a_bounded_head() -> None:
    found = read(written(message(references=tuple(str(number) for number in range(400)))))
    assert len(conversation(found)) == 21


def test_the_same_message_is_the_same_mail() -> None:
    assert written(MESSAGE) == written(message())
    assert read(written(message(id="1")))["Message-ID"] != read(written(message(id="2")))["Message-ID"]


@given(text=any_text, state=st.sampled_from(State))
def test_whatever_a_message_holds_the_head_of_its_mail_is_ours(text: str, state: State) -> None:
    changed = message(
        id=text, thread=text, title=text, summary=text, office=text, report=text, references=(text,), state=state
    )
    raw = written(changed)
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    found = read(raw)
    assert found.keys() == read(written(message(references=("x",)))).keys()
    assert "".join(str(found["Subject"]).split()) == "".join(one_line(text)[:400].split())
    assert found.defects == []


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)


def test_what_a_message_holds_is_never_markup() -> None:
    def tags(sent: Any) -> list[str]:
        parser = _Tags()
        parser.feed(part(read(written(sent)), "html"))
        return parser.tags

    plain_names = message(title="a", summary="a", lines=(MESSAGE.lines[0],))
    assert tags(HOSTILE) == tags(plain_names)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"sender": "it"}, "NAME@DOMAIN"),
        ({"recipients": ["a@b.example\r\nBcc: c@d.example"]}, "NAME@DOMAIN"),
        ({"recipients": ["a@b.example, c@d.example"]}, "NAME@DOMAIN"),
        ({"recipients": []}, "who gets the mail"),
        ({"username": "office"}, "belong together"),
        ({"password": "file:secret"}, "belong together"),
        ({"security": "none"}, "not one of starttls, tls"),
        ({"port": "0"}, "between 1 and"),
    ],
)
def test_settings_that_cannot_be_are_said(tmp_path: Path, changed: dict[str, Any], words: str) -> None:
    known = {"host": "mail.example", "sender": "it@office.example", "recipients": ["a@office.example"]}
    _, mistakes = built(SmtpSettings, {**known, **changed}, tmp_path)
    assert any(words in mistake for mistake in mistakes)
