"""What every channel does; its test class inherits this and says what stands at the other end."""

import traceback
from abc import abstractmethod
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from itops.alerts.channels import Channel, ChannelFailed, Message
from itops.config.building import build
from itops.config.mistakes import Mistake
from itops.config.yaml import load
from tests.notify.messages import HOSTILE, MESSAGE, NAMED, SUMMARY, TITLE, message
from tests.notify.servers import HOST, Loopback, Meeting, hang_up, listening, reset, silent

CANARY = "canary-7361-secret"


@dataclass(frozen=True, kw_only=True)
class Counterpart:
    """A channel, and what its other end got."""

    channel: Channel
    texts: Callable[[], list[str]]  # as the other end reads them: decoded, one for each message
    wire: Callable[[], bytes]  # as they came


def failed(channel: Channel, sent: Message = MESSAGE, *, repeats: bool = False) -> ChannelFailed:
    """Send, see it fail: in one line each, and with no secret in it nor in what a log would hold, local variables and
    all. `repeats`: the other side says our secret again, so that they hold what it said.
    """
    with pytest.raises(ChannelFailed) as caught:
        channel.send(sent)
    failure = caught.value
    for told in (failure.problem, failure.remedy):
        assert told
        assert "\n" not in told
    held = "".join(traceback.TracebackException.from_exception(failure, capture_locals=not repeats).format())
    for form in (CANARY, b64encode(f"\0office\0{CANARY}".encode()).decode()):
        assert form not in held
    return failure


def built(cls: Any, texts: Mapping[str, Any], folder: Path) -> tuple[Any, list[str]]:
    """The settings as itops.yaml gives them, and what is wrong with them."""
    path = folder / "itops.yaml"
    path.write_text("channel: {}\n")
    mistakes: list[Mistake] = []
    settings = build(cls, dict(texts), load(path), ("channel",), folder, mistakes)
    return settings, [mistake.problem for mistake in mistakes]


class ChannelContract:
    """Give `kind`, `texts` and `counterpart`."""

    kind: ClassVar[Any]
    texts: ClassVar[Mapping[str, Any]]
    """What itops.yaml may say, as texts; secrets as `file:secret`."""

    @abstractmethod
    def meet(self, folder: Path) -> AbstractContextManager[Counterpart]:
        """The channel and a well-behaved other end."""

    @pytest.fixture
    def counterpart(self, tmp_path: Path) -> Iterator[Counterpart]:
        with self.meet(tmp_path) as met:
            yield met

    def test_its_settings_are_read_from_itops_yaml(self, tmp_path: Path) -> None:
        settings, mistakes = built(self.kind.Settings, self.texts, tmp_path)
        assert mistakes == []
        assert is_dataclass(settings)
        with pytest.raises(AttributeError):
            setattr(settings, fields(settings)[0].name, "other")
        assert self.kind("duty", settings).name == "duty"

    def test_a_misspelt_key_is_named(self, tmp_path: Path) -> None:
        _, mistakes = built(self.kind.Settings, {**self.texts, "timeout_secs": "3"}, tmp_path)
        assert any("timeout_seconds" in mistake for mistake in mistakes)

    def test_nothing_is_touched_before_it_is_asked_to_send(self, counterpart: Counterpart) -> None:
        assert counterpart.channel.name == "duty"
        assert isinstance(counterpart.channel.stays_inside, bool)
        assert counterpart.wire() == b""

    def test_persian_half_spaces_and_emoji_arrive(self, counterpart: Counterpart) -> None:
        counterpart.channel.send(MESSAGE)
        (text,) = counterpart.texts()
        if counterpart.channel.stays_inside:
            for named in ("می‌شود", "👩‍💻", "SQL01/Insurance", "خانم نمونه"):
                assert named in text
        else:
            assert SUMMARY in text

    def test_nothing_but_the_summary_leaves_the_office(self, counterpart: Counterpart) -> None:
        counterpart.channel.send(MESSAGE)
        seen = "".join(counterpart.texts()).lower() + counterpart.wire().decode("utf-8", "replace").lower()
        leaked = [name for name in NAMED if name.lower() in seen]
        if counterpart.channel.stays_inside:
            assert leaked
        else:
            assert leaked == []
            assert TITLE not in seen

    def test_a_message_that_means_harm_is_still_one_message(self, counterpart: Counterpart) -> None:
        counterpart.channel.send(HOSTILE)
        counterpart.channel.send(MESSAGE)
        texts = counterpart.texts()
        assert len(texts) == 2
        assert "\x1b" not in texts[0]

    def test_a_message_without_lines_arrives(self, counterpart: Counterpart) -> None:
        counterpart.channel.send(message(lines=(), references=(), report="", language="en"))
        assert len(counterpart.texts()) == 1


class NetworkChannelContract(ChannelContract):
    """Of a channel that has a line to a server. Give `to`, too, and what its servers begin with when they mean harm."""

    hears: ClassVar[bool] = True
    """Whether it heeds what the server says; syslog has no answers."""
    wicked: ClassVar[Mapping[str, Meeting]]
    """Servers that speak its language, and break it."""

    @abstractmethod
    def to(self, port: int, pin: str, **changed: Any) -> Channel:
        """A channel to a server there, over TLS from the first byte, with CANARY as every secret."""

    def test_a_server_that_is_not_there_is_said_and_may_be_tried_again(self, tmp_path: Path) -> None:
        with Loopback(tmp_path, hang_up) as server:
            port, pin = server.port, server.identity.pin
        failure = failed(self.to(port, pin))
        assert f"{HOST}:{port} refuses connections" in failure.problem
        assert not failure.is_final

    def test_a_name_that_nobody_knows_is_said(self) -> None:
        failure = failed(self.to(1, "00" * 32, host="mail..invalid"))
        assert "cannot be resolved" in failure.problem
        assert not failure.is_final

    def test_a_server_with_another_certificate_gets_nothing(self, tmp_path: Path) -> None:
        with Loopback(tmp_path, listening) as server:
            failure = failed(self.to(server.port, "00" * 32))
            server.settle()
        assert "another certificate" in failure.problem
        assert not failure.is_final
        assert server.got == b""

    @pytest.mark.parametrize("meeting", [hang_up, reset], ids=["hangs up", "resets"])
    def test_a_line_that_breaks_is_a_failure(self, tmp_path: Path, meeting: Meeting) -> None:
        with Loopback(tmp_path, meeting) as server:
            assert not failed(self.to(server.port, server.identity.pin)).is_final

    def test_a_server_that_never_shakes_hands_is_given_up(self, tmp_path: Path) -> None:
        with Loopback(tmp_path, silent, plain=True) as server:
            failure = failed(self.to(server.port, server.identity.pin, timeout_seconds=1.0))
        assert "in time" in failure.problem or "longer than 1 seconds" in failure.problem
        assert not failure.is_final

    def test_a_server_that_says_nothing_is_given_up(self, tmp_path: Path) -> None:
        with Loopback(tmp_path, silent) as server:
            channel = self.to(server.port, server.identity.pin, timeout_seconds=1.0)
            if not self.hears:
                channel.send(MESSAGE)
                return
            assert not failed(channel).is_final

    def test_servers_that_mean_harm_are_given_up(self, tmp_path: Path) -> None:
        for name, meeting in self.wicked.items():
            with Loopback(tmp_path, meeting) as server:
                channel = self.to(server.port, server.identity.pin, timeout_seconds=1.5)
                assert not failed(channel).is_final, name
