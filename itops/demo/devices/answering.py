"""What a simulated device sends back, faults included. Pure: bytes in, bytes out."""

import random
from collections.abc import Callable, Iterator
from enum import StrEnum

from itops.demo.devices.ber import Oid
from itops.demo.devices.messages import (
    END_OF_VIEW,
    GENERAL_ERROR,
    NO_SUCH_INSTANCE,
    NO_SUCH_OBJECT,
    TOO_BIG,
    Ask,
    Question,
    binding,
    write_answer,
)
from itops.demo.devices.recording import Recording

_BULK_BYTES = 1400  # as devices do: an answer fits one Ethernet frame
_MOST_BYTES = 60_000  # of any answer
_MOST_REPETITIONS = 1000
_DEEPEST = 24  # numbers of an object identifier that is still made longer


class Fault(StrEnum):
    """How a device misbehaves."""

    SILENT = "silent"
    SLOW = "slow"  # the right answer, but late
    RUBBISH = "rubbish"  # random bytes
    TRUNCATED = "truncated"  # the right answer, its last third missing
    OVERLONG = "overlong"  # the right answer, whose first length says 4 GiB
    ENDLESS = "endless"  # there is always one more object identifier, below the one that was asked for
    NOT_INCREASING = "not-increasing"  # what comes after an entry is that entry
    WRONG_NUMBER = "wrong-number"  # the right answer to a request that nobody sent
    REFUSING = "refusing"  # a general error for every question
    EMPTY = "empty"  # an answer without any values
    TWICE = "twice"  # the right answer, and the same again


def answers(recording: Recording, question: Question, fault: Fault | None = None) -> tuple[bytes, ...]:
    """The datagrams to send back, in order; none where the device is silent."""
    if fault is Fault.SILENT:
        return ()
    if fault is Fault.RUBBISH:
        return (_rubbish(question),)
    if fault is Fault.REFUSING:
        return (write_answer(question, [binding(oid, b"\x05\x00") for oid in question.oids], error=GENERAL_ERROR),)
    if fault is Fault.EMPTY:
        return (write_answer(question, ()),)
    if fault is Fault.WRONG_NUMBER:
        return (_answer(recording, question, number=question.number ^ 0x55),)
    return _spoilt(_answer(recording, question, _STEPS.get(fault, _next)), fault)


def _spoilt(answer: bytes, fault: Fault | None) -> tuple[bytes, ...]:
    if fault is Fault.TRUNCATED:
        return (answer[: len(answer) * 2 // 3],)
    if fault is Fault.OVERLONG:
        return (answer[:1] + b"\x84\xff\xff\xff\xff" + answer[2:],)
    return (answer, answer) if fault is Fault.TWICE else (answer,)


def _rubbish(question: Question) -> bytes:
    dice = random.Random(question.number)  # noqa: S311  not for secrets
    return dice.randbytes(dice.randint(1, 200))


Step = Callable[[Recording, Oid], tuple[Oid, bytes]]
"""From an object identifier to the next one and its encoded value."""


def _next(recording: Recording, oid: Oid) -> tuple[Oid, bytes]:
    found = recording.after(oid)
    return (found[0], found[1].encoded()) if found else (oid, END_OF_VIEW)


def _endless(_recording: Recording, oid: Oid) -> tuple[Oid, bytes]:
    longer = (*oid, 1) if len(oid) < _DEEPEST else (*oid[:-1], oid[-1] + 1)
    return longer, b"\x04\x01x"


def _same_again(recording: Recording, oid: Oid) -> tuple[Oid, bytes]:
    value = recording.get(oid)
    return (oid, value.encoded()) if value else _next(recording, oid)


_STEPS: dict[Fault | None, Step] = {Fault.ENDLESS: _endless, Fault.NOT_INCREASING: _same_again}


def _answer(recording: Recording, question: Question, step: Step = _next, *, number: int | None = None) -> bytes:
    if question.ask is Ask.GET:
        bindings = [binding(oid, _got(recording, oid)) for oid in question.oids]
    elif question.ask is Ask.NEXT:
        bindings = [binding(*step(recording, oid)) for oid in question.oids]
    else:
        bindings = list(_fitting(_bulk(recording, question, step)))
    answer = write_answer(question, bindings, number=number)
    return answer if len(answer) <= _MOST_BYTES else write_answer(question, (), error=TOO_BIG, number=number)


def _got(recording: Recording, oid: Oid) -> bytes:
    value = recording.get(oid)
    if value:
        return value.encoded()
    return NO_SUCH_INSTANCE if recording.has_below(oid[:-1]) else NO_SUCH_OBJECT


def _bulk(recording: Recording, question: Question, step: Step) -> Iterator[bytes]:
    singles = question.oids[: question.singles]
    yield from (binding(*step(recording, oid)) for oid in singles)
    current = list(question.oids[len(singles) :])
    for _ in range(min(question.repetitions, _MOST_REPETITIONS)):
        row = [step(recording, oid) for oid in current]
        yield from (binding(oid, value) for oid, value in row)
        current = [oid for oid, _ in row]
        if all(value == END_OF_VIEW for _, value in row):
            return


def _fitting(bindings: Iterator[bytes]) -> Iterator[bytes]:
    """As many as fit one frame, and one at least."""
    size = 0
    for each in bindings:
        size += len(each)
        if size > _BULK_BYTES and size > len(each):
            return
        yield each
