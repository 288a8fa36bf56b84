"""The messages of SNMP v2c: a question read, an answer written. Source: RFC 1901, RFC 3416."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from itops.demo.devices.ber import (
    INTEGER,
    OBJECT_ID,
    OCTETS,
    SEQUENCE,
    Malformed,
    Oid,
    decode_integer,
    decode_oid,
    elements,
    encode,
    encode_integer,
    encode_oid,
)

VERSION_2C = 1
NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_VIEW = (encode(tag) for tag in (0x80, 0x81, 0x82))
TOO_BIG, GENERAL_ERROR = 1, 5
_RESPONSE = 0xA2


class Ask(IntEnum):
    """What may be asked; everything else (a SET above all) is no message of ours."""

    GET = 0xA0
    NEXT = 0xA1
    BULK = 0xA5


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request. `singles` and `repetitions` are non-repeaters and max-repetitions of a GETBULK, else 0."""

    community: bytes
    ask: Ask
    number: int  # the request id
    singles: int
    repetitions: int
    oids: tuple[Oid, ...]


def read_question(datagram: bytes) -> Question:
    """The question in a datagram. Raises Malformed."""
    version, community, asked = _of(_only(datagram, SEQUENCE), INTEGER, OCTETS, None)
    if decode_integer(version[1]) != VERSION_2C or asked[0] not in set(Ask):
        raise Malformed("no question of SNMP v2c")
    number, singles, repetitions, bindings = _of(asked[1], INTEGER, INTEGER, INTEGER, SEQUENCE)
    ask = Ask(asked[0])
    return Question(
        community=community[1],
        ask=ask,
        number=decode_integer(number[1]),
        singles=max(0, decode_integer(singles[1])) if ask is Ask.BULK else 0,
        repetitions=max(0, decode_integer(repetitions[1])) if ask is Ask.BULK else 0,
        oids=tuple(decode_oid(_of(_tagged(pair, SEQUENCE), OBJECT_ID, None)[0][1]) for pair in elements(bindings[1])),
    )


def binding(oid: Oid, value: bytes) -> bytes:
    """One object identifier with its encoded value."""
    return encode(SEQUENCE, encode_oid(oid), value)


def write_answer(question: Question, bindings: Sequence[bytes], *, error: int = 0, number: int | None = None) -> bytes:
    """The answer to a question; `error` concerns its first binding, `number` is another request id than was asked."""
    answer = encode(
        _RESPONSE,
        encode_integer(question.number if number is None else number),
        encode_integer(error),
        encode_integer(1 if error else 0),
        encode(SEQUENCE, *bindings),
    )
    return encode(SEQUENCE, encode_integer(VERSION_2C), encode(OCTETS, question.community), answer)


def _only(content: bytes, tag: int) -> bytes:
    """The content of the one element there is."""
    (found,) = _of(content, tag)
    return found[1]


def _of(content: bytes, *tags: int | None) -> list[tuple[int, bytes]]:
    """The elements with exactly these tags; None: with any."""
    found = elements(content)
    if len(found) != len(tags) or any(tag not in {None, got[0]} for tag, got in zip(tags, found, strict=True)):
        raise Malformed("the elements of a message are missing or of another kind")
    return found


def _tagged(element: tuple[int, bytes], tag: int) -> bytes:
    if element[0] != tag:
        raise Malformed("an element of another kind")
    return element[1]
