"""Our reading half of SFTP against servers that answer late, little, too much, or nonsense."""

import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.repositories.sftp.packets import Attributes
from itops.repositories.sftp.protocol import Handle, Sftp
from itops.repositories.sftp.walk import Walk
from tests.repositories.sftp.wire import Answer, FakeChannel, Respond, number, packed, text

INIT, OPEN, CLOSE, READ, LSTAT, OPENDIR, READDIR, REALPATH = 1, 3, 4, 5, 7, 11, 12, 16
STATUS, HANDLE, DATA, NAME, ATTRIBUTES = 101, 102, 103, 104, 105
VERSION = packed(2, number(3))
OK, EOF = 0, 1
FOLDER, FILE, LINK = 0o040755, 0o100644, 0o120777


def status(request: int, code: int, said: bytes = b"said") -> Answer:
    return STATUS, number(request) + number(code) + text(said) + text(b"en")


def attributes(mode: int = FILE, size: int = 5, modified: int = 7) -> bytes:
    return struct.pack(">IQIII", 1 | 4 | 8, size, mode, 0, modified)


def names(request: int, *entries: tuple[bytes, bytes]) -> Answer:
    listed = b"".join(text(name) + text(b"-rw- for people") + told for name, told in entries)
    return NAME, number(request) + number(len(entries)) + listed


def serving(data: bytes, *, at_most: int = 1 << 20, shuffle: bool = False) -> Respond:
    """A server of one file; gives `at_most` bytes an answer, and with `shuffle` answers in the wrong order."""
    held: list[Answer | bytes] = []

    def respond(kind: int, request: int, body: bytes) -> list[Answer | bytes]:
        if kind == INIT:
            return [VERSION]
        if kind == OPEN:
            return [(HANDLE, number(request) + text(b"h"))]
        if kind == READ:
            offset, length = struct.unpack(">QI", body[5:])
            part = data[offset : offset + min(length, at_most)]
            answer: Answer = (DATA, number(request) + text(part)) if part else status(request, EOF)
            if not shuffle:
                return [answer]
            held.insert(0, answer)
            # Held back until enough gathered, or until the end of the file was asked for.
            if len(held) >= 5 or offset + length >= len(data):
                ready = list(held)
                held.clear()
                return ready
            return []
        return [status(request, OK)]

    return respond


@settings(max_examples=60)
@given(
    size=st.integers(0, 300_000),
    offset=st.integers(0, 300_000),
    length=st.integers(0, 400_000),
    at_most=st.sampled_from([1 << 20, 32768, 20_000, 9_999]),
    shuffle=st.booleans(),
    piece=st.sampled_from([1 << 17, 4096, 1000]),
)
def test_a_read_gives_the_bytes_of_the_file_however_the_server_deals_them_out(
    size: int, offset: int, length: int, at_most: int, shuffle: bool, piece: int
) -> None:
    data = bytes(index * 7 % 251 for index in range(size))
    shuffle = shuffle and at_most >= 32768 and offset + length >= size
    session = Sftp(FakeChannel(serving(data, at_most=at_most, shuffle=shuffle), piece))
    assert session.read(session.open(b"/a"), offset, length) == data[offset : offset + length]


def test_a_stream_never_asks_for_more_than_a_window_ahead() -> None:
    data = bytes(20 << 20)
    channel = FakeChannel(serving(data))
    session = Sftp(channel)
    pieces = session.stream(session.open(b"/a"), 0, len(data))
    next(pieces)
    assert channel.requests <= 2 + 64
    assert sum(map(len, pieces)) + 32768 == len(data)


def test_what_is_given_up_is_forgotten() -> None:
    data = bytes(range(256)) * 4096
    session = Sftp(FakeChannel(serving(data)))
    handle = session.open(b"/a")
    pieces = session.stream(handle, 0, len(data))
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert session.read(handle, 5, 10) == data[5:15]
    assert session._early == {}
    assert session._expected == set()


def folders(tree: dict[bytes, list[tuple[bytes, bytes]]]) -> Respond:
    """A server of folders; each is given out ten names at a time."""
    at: dict[bytes, int] = {}

    def respond(kind: int, request: int, body: bytes) -> list[Answer | bytes]:
        if kind == INIT:
            return [VERSION]
        if kind == OPENDIR:
            path = body[4:].rstrip(b"/")
            if path not in tree:
                return [status(request, 3)]
            at[path] = 0
            return [(HANDLE, number(request) + text(path))]
        if kind == READDIR:
            path = body[4:]
            part = tree[path][at[path] : at[path] + 10]
            at[path] += 10
            return [names(request, *part) if part else status(request, EOF)]
        return [status(request, OK)]

    return respond


def test_a_long_folder_is_listed_whole_and_dots_are_left_out() -> None:
    entries = [(f"{index}".encode(), attributes()) for index in range(995)]
    tree = {b"/a": [(b".", attributes(FOLDER)), (b"..", attributes(FOLDER)), *entries]}
    session = Sftp(FakeChannel(folders(tree)))
    assert [name for name, _ in session.listing(b"/a")] == [name for name, _ in entries]
    assert not session.is_empty(b"/a")
    assert session._expected == set()


def test_a_walk_follows_no_link_takes_no_pipe_and_believes_no_name_with_a_slash() -> None:
    tree = {
        b"/a": [
            (b"file.bak", attributes(size=9, modified=11)),
            (b"link", attributes(LINK)),
            (b"pipe", attributes(0o010644)),
            (b"../../etc/passwd", attributes()),
            (b"", attributes()),
            (b"no\0thing", attributes()),
            (b"sub", attributes(FOLDER)),
            (b"lost+found", attributes(FOLDER)),
            (b"secret", attributes(FOLDER)),
        ],
        b"/a/sub": [(b"caf\xe9", attributes())],
    }
    seen: list[Any] = list(Walk(Sftp(FakeChannel(folders(tree))), b"/a", ("lost+found",)))
    assert {thing[0]: thing[1] for thing in seen if isinstance(thing, tuple)} == {
        b"file.bak": Attributes(9, FILE, 11),
        b"sub/caf\xe9": Attributes(5, FILE, 7),
    }
    assert [(thing.code, thing.subject) for thing in seen if not isinstance(thing, tuple)] == [
        ("folder.unreadable", "folder secret")
    ]


def test_folders_inside_each_other_without_end_come_to_an_end() -> None:
    opened: list[bytes] = []
    listed: set[bytes] = set()

    def respond(kind: int, request: int, body: bytes) -> list[Answer | bytes]:
        if kind == INIT:
            return [VERSION]
        if kind == OPENDIR:
            opened.append(body)
            return [(HANDLE, number(request) + text(number(len(opened))))]
        if kind == READDIR and body not in listed:
            listed.add(body)
            return [names(request, (b"x" * 200, attributes(FOLDER)))]
        return [status(request, EOF if kind == READDIR else OK)]

    (gap,) = Walk(Sftp(FakeChannel(respond)), b"/a", ())
    assert (gap.code, gap.hides) == ("folder.unreadable", True)  # type: ignore[union-attr]
    assert len(opened) < 30


@pytest.mark.parametrize(
    ("code", "error"), [(2, FileNotFoundError), (3, PermissionError), (4, OSError), (7, ConnectionResetError)]
)
def test_a_refusal_is_the_oserror_it_stands_for(code: int, error: type[OSError]) -> None:
    respond = lambda kind, request, body: [VERSION] if kind == INIT else [status(request, code, b"so\x1b[2Jso")]  # noqa: E731
    with pytest.raises(error) as failure:
        Sftp(FakeChannel(respond)).status(b"/a")
    assert "\x1b" not in str(failure.value)


@pytest.mark.parametrize(
    "respond",
    [
        lambda kind, request, body: [],
        lambda kind, request, body: [b"This account is not available.\n"],
        lambda kind, request, body: [struct.pack(">I", 1 << 31)],
        lambda kind, request, body: [struct.pack(">I", 0)],
        lambda kind, request, body: [packed(STATUS, number(0))],
    ],
    ids=["silence", "a text", "a packet too big", "an empty packet", "no version"],
)
def test_what_is_no_sftp_is_a_broken_connection(respond: Respond) -> None:
    with pytest.raises(ConnectionError):
        Sftp(FakeChannel(respond))


def test_more_data_than_was_asked_for_is_not_taken() -> None:
    def respond(kind: int, request: int, body: bytes) -> list[Answer | bytes]:
        return [VERSION] if kind == INIT else [(DATA, number(request) + text(bytes(100_000)))]

    with pytest.raises(ConnectionError, match="more than it was asked"):
        Sftp(FakeChannel(respond)).read(Handle(b"h"), 0, 100)


class Patient(FakeChannel):
    """Goes on for a while when its answers are used up; who asks it again and again would do so for ever."""

    def __init__(self, respond: Respond, more: bytes) -> None:
        super().__init__(respond)
        self._more = more
        self.given = 0

    def recv(self, length: int) -> bytes:
        if found := super().recv(length):
            return found
        self.given += 1
        assert self.given < 2000, "nobody comes to an end here"
        return self._more


def test_answers_to_what_nobody_asked_come_to_an_end() -> None:
    channel = Patient(lambda kind, request, body: [VERSION] if kind == INIT else [], packed(*status(999, OK)))
    with pytest.raises(ConnectionError, match="was not asked"):
        Sftp(channel).status(b"/a")


def test_an_answer_that_drips_is_given_up_in_time() -> None:
    """The timeout of the channel holds between two bytes only; this clock goes one second for each."""
    channel = Patient(lambda kind, request, body: [VERSION] if kind == INIT else [number(100_000)], b"x")
    with pytest.raises(TimeoutError):
        Sftp(channel, seconds=20, clock=lambda: float(channel.given)).status(b"/a")
    assert channel.given < 40


def test_a_long_read_over_a_slow_line_is_no_drip() -> None:
    """Each answer has its time; all together may take for ever."""
    data = bytes(2 << 20)
    channel = FakeChannel(serving(data), piece=16_384)
    ticks = iter(range(1_000_000))
    session = Sftp(channel, seconds=20, clock=lambda: float(next(ticks)))
    assert session.read(session.open(b"/a"), 0, len(data)) == data


def test_folders_without_end_in_one_folder_come_to_an_end() -> None:
    tree: dict[bytes, list[tuple[bytes, bytes]]] = {
        b"/a": [(f"{index}".encode(), attributes(FOLDER)) for index in range(1000)],
        **{f"/a/{index}".encode(): [] for index in range(1000)},
    }
    walk = Walk(Sftp(FakeChannel(folders(tree))), b"/a", (), most_folders=50)
    (gap,) = walk
    assert (gap.code, gap.hides) == ("folder.unreadable", True)  # type: ignore[union-attr]
    assert "more than 50 folders" in gap.problem  # type: ignore[union-attr]


@settings(max_examples=400)
@given(st.lists(st.tuples(st.sampled_from([STATUS, HANDLE, DATA, NAME, ATTRIBUTES, 7]), st.binary()), max_size=8))
def test_any_answers_at_all_give_an_oserror_or_an_end(answers: list[tuple[int, bytes]]) -> None:
    calls: tuple[Callable[[Sftp], object], ...] = (
        lambda session: session.real_path(b"."),
        lambda session: session.status(b"/a"),
        lambda session: session.read(Handle(b"h"), 0, 100_000),
        lambda session: list(Walk(session, b"/a", ())),
    )
    for call in calls:
        script: Iterator[tuple[int, bytes]] = iter(answers)

        def respond(kind: int, request: int, body: bytes) -> list[Answer | bytes]:
            if kind == INIT:
                return [VERSION]
            answer = next(script, None)  # noqa: B023  used up before the next call
            return [] if answer is None else [(answer[0], number(request) + answer[1])]

        session = Sftp(FakeChannel(respond))
        with suppress(OSError):
            call(session)
