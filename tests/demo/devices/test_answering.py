"""What a simulated device answers, whole and faulty."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.demo.devices.answering import Fault, answers
from itops.demo.devices.ber import Malformed, Oid, decode_integer, decode_oid, elements
from itops.demo.devices.messages import END_OF_VIEW, NO_SUCH_INSTANCE, NO_SUCH_OBJECT, Ask, Question, read_question
from itops.demo.devices.recording import Recording, Type, Value, recording_of
from tests.demo.devices.asking import asked

NAME, PLACE, TABLE = (1, 3, 6, 1, 2, 1, 1, 5, 0), (1, 3, 6, 1, 2, 1, 1, 6, 0), (1, 3, 6, 1, 2, 1, 2, 2)
DEVICE = recording_of(
    {
        NAME: Value(Type.STR, b"sw1"),
        PLACE: Value(Type.NULL),
        **{(*TABLE, column, row): Value(Type.INT, column * 10 + row) for column in (1, 2) for row in (1, 2, 3)},
    }
)


def question(ask: Ask, *oids: Oid, singles: int = 0, repetitions: int = 0) -> Question:
    return Question(community=b"public", ask=ask, number=77, singles=singles, repetitions=repetitions, oids=oids)


def read(datagram: bytes) -> tuple[int, int, list[tuple[Oid, bytes]]]:
    """The request id, the error and the bindings of an answer."""
    [(_, message)] = elements(datagram)
    _version, _community, (tag, answer) = elements(message)
    assert tag == 0xA2
    number, error, _index, (_, bindings) = elements(answer)
    pairs = []
    for _, pair in elements(bindings):
        (_, oid), (kind, content) = elements(pair)
        pairs.append((decode_oid(oid), bytes((kind, len(content))) + content if len(content) < 128 else b"long"))
    return decode_integer(number[1]), decode_integer(error[1]), pairs


def answer(asked_: Question, device: Recording = DEVICE, fault: Fault | None = None) -> list[tuple[Oid, bytes]]:
    [datagram] = answers(device, asked_, fault)
    number, error, bindings = read(datagram)
    assert (number, error) == (77, 0)
    return bindings


def test_get_gives_what_is_there_and_says_what_is_not():
    missing_row, missing = (*TABLE, 1, 9), (1, 3, 6, 1, 4, 1, 9)
    assert answer(question(Ask.GET, NAME, PLACE, missing_row, missing)) == [
        (NAME, b"\x04\x03sw1"),
        (PLACE, b"\x05\x00"),
        (missing_row, NO_SUCH_INSTANCE),
        (missing, NO_SUCH_OBJECT),
    ]


def test_a_walk_visits_every_entry_once_in_order_and_ends():
    visited, at = [], (0, 0)
    while (found := answer(question(Ask.NEXT, at))[0])[1] != END_OF_VIEW:
        visited.append(found[0])
        at = found[0]
    assert visited == [oid for oid, _ in DEVICE.entries]


@given(st.integers(0, 3), st.integers(1, 12))
def test_a_bulk_is_so_many_walks_side_by_side(singles, repetitions):
    oids = [NAME, (*TABLE, 1), (*TABLE, 2)]
    bindings = answer(question(Ask.BULK, *oids, singles=singles, repetitions=repetitions))
    expected = [answer(question(Ask.NEXT, oid))[0] for oid in oids[:singles]]
    current = oids[singles:]
    while current and len(expected) < singles + repetitions * (3 - singles):
        row = answer(question(Ask.NEXT, *current))
        expected += row
        current = [] if all(value == END_OF_VIEW for _, value in row) else [oid for oid, _ in row]
    assert bindings == expected


def test_a_bulk_ends_where_a_frame_is_full_but_never_empty():
    long = recording_of({(1, 3, n): Value(Type.STR, b"x" * size) for n, size in enumerate((3000, 600, 600, 600), 1)})
    sizes = []
    at: Oid = (1, 3)
    for _ in range(3):
        bindings = answer(question(Ask.BULK, at, repetitions=10), long)
        sizes.append(len([oid for oid, value in bindings if value != END_OF_VIEW]))
        at = bindings[-1][0]
    assert sizes == [1, 2, 1]


def test_an_answer_that_no_datagram_holds_is_an_error():
    huge = recording_of({(1, 3, n): Value(Type.STR, b"x" * 40_000) for n in (1, 2)})
    [datagram] = answers(huge, question(Ask.GET, (1, 3, 1), (1, 3, 2)))
    assert read(datagram) == (77, 1, [])


def test_a_question_is_read_as_it_was_written():
    sent = asked(Ask.BULK, NAME, TABLE, number=77, first=1, second=20)
    assert read_question(sent) == question(Ask.BULK, NAME, TABLE, singles=1, repetitions=20)


@pytest.mark.parametrize("version", [0, 3])
def test_other_versions_are_no_question(version):
    with pytest.raises(Malformed):
        read_question(asked(Ask.GET, NAME, version=version))


def test_a_set_is_no_question():
    with pytest.raises(Malformed):
        read_question(asked(0xA3, NAME))


@given(st.binary(max_size=300))
def test_any_datagram_is_a_question_or_refused(datagram):
    with pytest.raises(Malformed):
        read_question(datagram)


@given(st.integers(0, 80), st.binary(min_size=1, max_size=3))
def test_a_damaged_question_is_a_question_or_refused(at, damage):
    sent = asked(Ask.BULK, NAME, TABLE, first=1, second=20)
    try:
        found = read_question(sent[:at] + damage + sent[at + len(damage) :])
    except Malformed:
        return
    answers(DEVICE, found)


# Faults


def test_a_silent_device_sends_nothing():
    assert answers(DEVICE, question(Ask.GET, NAME), Fault.SILENT) == ()


def test_an_endless_device_always_has_one_more_below_what_was_asked():
    at: Oid = TABLE
    for _ in range(100):
        [(found, _)] = answer(question(Ask.NEXT, at), fault=Fault.ENDLESS)
        assert found > at
        assert found[: len(TABLE)] == TABLE
        at = found
    assert answer(question(Ask.GET, NAME), fault=Fault.ENDLESS) == [(NAME, b"\x04\x03sw1")]


def test_a_device_that_does_not_increase_comes_back_to_the_same_entry():
    first = answer(question(Ask.NEXT, TABLE), fault=Fault.NOT_INCREASING)
    assert answer(question(Ask.NEXT, first[0][0]), fault=Fault.NOT_INCREASING) == first


@pytest.mark.parametrize("fault", [Fault.RUBBISH, Fault.TRUNCATED, Fault.OVERLONG])
def test_broken_answers_cannot_be_read(fault):
    [datagram] = answers(DEVICE, question(Ask.GET, NAME), fault)
    assert datagram
    with pytest.raises((Malformed, ValueError, AssertionError)):
        read(datagram)


def test_an_answer_to_another_request_an_empty_one_a_refusal_and_one_sent_twice():
    get = question(Ask.GET, NAME)
    [right] = answers(DEVICE, get)
    [wrong] = answers(DEVICE, get, Fault.WRONG_NUMBER)
    assert read(wrong)[0] != 77
    assert read(wrong)[2] == read(right)[2]
    assert [read(each) for each in answers(DEVICE, get, Fault.EMPTY)] == [(77, 0, [])]
    assert [read(each)[1] for each in answers(DEVICE, get, Fault.REFUSING)] == [5]
    assert answers(DEVICE, get, Fault.TWICE) == (right, right)
    assert answers(DEVICE, get, Fault.SLOW) == (right,)
