"""A program of the office's own."""

import fcntl
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest

from itops.alerts.channels import Channel
from itops.notify.command import CommandChannel, CommandSettings
from tests.contracts.channel_contract import ChannelContract, Counterpart, built, failed
from tests.notify.messages import HOSTILE, MESSAGE


def running(script: str, *arguments: str, **changed: Any) -> Channel:
    program = (sys.executable, "-I", "-S", "-c", script, *arguments)
    return CommandChannel("duty", CommandSettings(program=program, **changed))


class TestChannel(ChannelContract):
    kind = CommandChannel
    texts: ClassVar[Mapping[str, Any]] = {"program": ["/usr/bin/logger", "--tag", "itops"], "timeout_seconds": "20"}

    @contextmanager
    def meet(self, folder: Path) -> Iterator[Counterpart]:
        kept = folder / "kept"
        script = "import sys; open(sys.argv[1], 'ab').write(sys.stdin.buffer.read())"

        def wire() -> bytes:
            return kept.read_bytes() if kept.exists() else b""

        def texts() -> list[str]:
            return [json.dumps(json.loads(line), ensure_ascii=False) for line in wire().splitlines()]

        yield Counterpart(channel=running(script, str(kept)), texts=texts, wire=wire)


def test_the_message_comes_whole_and_the_first_line_printed_is_told() -> None:
    script = "import json,sys; m=json.load(sys.stdin); print(m['schema'], m['state'], len(m['lines'])); print('more')"
    assert running(script).send(MESSAGE) == "itops.message/1 CRITICAL 2"


def test_a_program_that_reads_nothing_is_no_failure() -> None:
    assert running("").send(MESSAGE) == ""


def test_nothing_in_a_message_is_a_command() -> None:
    expected = HOSTILE.title.replace("\x00", "").replace("\udc80", "?")
    script = "import json,sys; sys.exit(json.load(sys.stdin)['title'].replace(chr(0), '') != sys.argv[1])"
    assert running(script, expected).send(HOSTILE) == ""


@pytest.mark.parametrize(
    ("code", "is_final"), [(1, False), (64, True), (67, True), (69, False), (75, False), (77, True), (78, True)]
)
def test_an_exit_code_says_whether_to_try_again(code: int, is_final: bool) -> None:
    failure = failed(running(f"import sys; sys.stderr.write('canary-7361-secret'); sys.exit({code})"), repeats=True)
    assert f"ended with {code}" in failure.problem
    assert failure.is_final is is_final


def test_a_program_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    script = (
        "import fcntl,subprocess,sys,time\n"
        "f=open(sys.argv[1],'w'); fcntl.flock(f, fcntl.LOCK_EX)\n"
        "subprocess.Popen([sys.executable,'-I','-S','-c','import time; time.sleep(600)'], pass_fds=[f.fileno()])\n"
        "time.sleep(600)"
    )
    failure = failed(running(script, str(lock), timeout_seconds=1.0))
    assert "did not end within 1 seconds" in failure.problem
    assert not failure.is_final
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # freed when the last of them is gone; the time limit of tests would notice


def test_endless_output_is_read_up_to_a_bound() -> None:
    assert len(running("print('x' * 5_000_000)").send(MESSAGE)) == 200


def test_a_program_that_is_not_there_is_said_and_may_be_tried_again(tmp_path: Path) -> None:
    channel = CommandChannel("duty", CommandSettings(program=(str(tmp_path / "missing"),)))
    failure = failed(channel)
    assert "missing" in failure.problem
    assert not failure.is_final


@pytest.mark.parametrize(
    ("program", "words"), [([], "is empty"), (["a\0b"], "zero character"), ("logger", "should be a list")]
)
def test_settings_that_cannot_be_are_said(tmp_path: Path, program: Any, words: str) -> None:
    _, mistakes = built(CommandSettings, {"program": program}, tmp_path)
    assert any(words in mistake for mistake in mistakes), mistakes
