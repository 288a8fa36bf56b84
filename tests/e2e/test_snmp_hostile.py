"""The snmp source against simulations of devices that answer rubbish, for ever, or in circles, by both libraries."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from itops import clock
from itops.assets.sightings import sighting_of
from itops.errors import SourceUnavailable
from itops.inventory.entities import Entity, Gap, Seen
from itops.names import Count
from itops.secrets import Secret
from itops.sources.addresses import Addresses
from itops.sources.snmp import SnmpSettings, SnmpSource
from itops.sources.snmp.client import MakeLibrary
from itops.sources.snmp.gufo_client import GufoLibrary
from itops.sources.snmp.pysnmp_client import PysnmpLibrary
from tests.e2e.snmp_agent import BULK, Question, Reply, nothing, number, octets, oid_of, running_agent

pytestmark = pytest.mark.e2e

BOTH = pytest.mark.parametrize("library", [GufoLibrary, PysnmpLibrary])
DESCRIPTION = "1.3.6.1.2.1.1.1.0"
Table = Callable[[Question, str], "list[bytes]"]


def look(port: int, library: MakeLibrary) -> tuple[list[Seen], bool]:
    """What was seen, and whether the look was whole."""
    settings = SnmpSettings(
        addresses=(Addresses("127.0.0.1"),),
        community=Secret("for-tests"),
        port=port,
        retries=0,
        table_rows=Count(200),
    )
    (observation,) = SnmpSource("net", settings, library).observe(clock.now())
    seen: list[Seen] = []
    try:
        for thing in observation.seen:
            seen.append(thing)  # noqa: PERF402  what came before a failure counts
    except SourceUnavailable:
        return seen, False
    return seen, True


def codes(seen: list[Seen]) -> set[str]:
    return {thing.code for thing in seen if isinstance(thing, Gap)}


def with_tables(table: Table) -> Reply:
    """A device with a system group, and tables as the test likes."""

    def reply(question: Question) -> list[bytes]:
        if question.kind == BULK:
            return table(question, question.oids[0])
        known = {DESCRIPTION: octets(b"a device of tests")}
        return [question.answered(*((oid, known.get(oid, nothing(0x80))) for oid in question.oids))]

    return reply


def endless(question: Question, after: str) -> list[bytes]:
    root, _, last = after.rpartition(".")
    begin = int(last) if len(root.split(".")) > 9 else 0
    root = root if begin else after
    return [question.answered(*((f"{root}.{begin + step}", octets(b"x")) for step in range(1, 21)))]


def circling(question: Question, after: str) -> list[bytes]:
    return [question.answered(("1.3.6.1.2.1.2.2.1.2.7", octets(b"x")), ("1.3.6.1.2.1.2.2.1.2.3", octets(b"x")))]


def ended(question: Question, after: str) -> list[bytes]:
    return [question.answered((after, nothing(0x82)))]


def long_rows(question: Question, after: str) -> list[bytes]:
    """Rows of 900 octets: with 20 of them no answer fits into 4 KB."""
    if after != "1.3.6.1.2.1.2.2.1.2":
        return ended(question, after)
    rows = [(f"{after}.{step}", octets(b"eth" + b"x" * 900)) for step in range(1, question.repetitions + 1)]
    return [question.answered(*rows[:30], ("1.3.6.1.2.1.2.2.1.3.1", number(6)))]


@BOTH
def test_a_device_with_a_system_group_and_nothing_else_is_seen(library: MakeLibrary) -> None:
    with running_agent(with_tables(ended)) as port:
        seen, is_whole = look(port, library)
    assert is_whole
    (entity,) = seen
    assert isinstance(entity, Entity)
    assert sighting_of(entity).description == "a device of tests"


@BOTH
@pytest.mark.parametrize(("table", "code"), [(endless, "snmp.too-much"), (circling, "snmp.unending")])
def test_tables_without_an_end_are_cut_and_told(library: MakeLibrary, table: Table, code: str) -> None:
    with running_agent(with_tables(table)) as port:
        seen, is_whole = look(port, library)
    assert is_whole
    assert codes(seen) == {code}
    assert any(isinstance(thing, Entity) for thing in seen)


@BOTH
def test_answers_that_do_not_fit_are_asked_for_in_smaller_parts(library: MakeLibrary) -> None:
    with running_agent(with_tables(long_rows)) as port:
        seen, is_whole = look(port, library)
    assert is_whole
    assert not codes(seen)


_RUBBISH: dict[str, Reply] = {
    "all ones": lambda question: [b"\xff" * 50],
    "empty": lambda question: [b""],
    "one octet": lambda question: [b"0"],
    "cut": lambda question: [question.answered((DESCRIPTION, octets(b"x" * 90)))[:-20]],
    "a length of 2^31": lambda question: [b"0\x84\x7f\xff\xff\xff\x02\x01\x01"],
    "a length without an end": lambda question: [b"0\x80" + b"0\x80" * 500],
    "deep": lambda question: [_deep(600)],
    "an unknown type": lambda question: [question.answered((DESCRIPTION, b"\x55\x03abc"))],
    "an address of 3 octets": lambda question: [question.answered((DESCRIPTION, b"\x40\x03abc"))],
    "a huge number": lambda question: [question.answered((DESCRIPTION, b"\x02\x7f" + b"\x7f" * 127))],
    "text": lambda question: [b"HTTP/1.1 400 Bad Request\r\n\r\n"],
}


def _deep(levels: int) -> bytes:
    message = b""
    for _ in range(levels):
        length = len(message)
        message = b"0\x82" + length.to_bytes(2, "big") + message
    return message


@BOTH
@pytest.mark.parametrize("name", _RUBBISH)
def test_rubbish_is_a_gap_and_never_another_exception(library: MakeLibrary, name: str) -> None:
    with running_agent(_RUBBISH[name]) as port:
        seen, is_whole = look(port, library)
    assert is_whole == any(isinstance(thing, Entity) for thing in seen)
    assert is_whole or codes(seen) <= {"device.silent", "device.unreadable"}


@BOTH
@pytest.mark.parametrize("status", [1, 2, 5, 16])
def test_a_device_that_answers_every_question_with_an_error_is_not_a_crash(library: MakeLibrary, status: int) -> None:
    def reply(question: Question) -> list[bytes]:
        return [question.answered(*((oid, nothing()) for oid in question.oids), status=status)]

    with running_agent(reply) as port:
        seen, _ = look(port, library)
    assert codes(seen) <= {"device.silent", "device.unreadable", "device.refused", "device.partly-read"}


@BOTH
def test_an_answer_to_another_question_is_nobodys(library: MakeLibrary) -> None:
    def reply(question: Question) -> list[bytes]:
        right = question.answered((DESCRIPTION, octets(b"right")))
        spelt, other = number(question.request_id), number(question.request_id ^ 1)
        if len(spelt) != len(other):
            return [right]
        wrong = question.answered((DESCRIPTION, octets(b"wrong"))).replace(spelt, other, 1)
        return [wrong, right]

    with running_agent(reply) as port:
        seen, _ = look(port, library)
    descriptions = {sighting_of(thing).description for thing in seen if isinstance(thing, Entity)}
    assert descriptions == {"right"}


@BOTH
@given(damage=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6), cut=st.integers(0, 60))
@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_answer_harms_nobody(library: MakeLibrary, damage: list[tuple[int, int]], cut: int) -> None:
    def reply(question: Question) -> list[bytes]:
        whole = bytearray(question.answered(*((oid, octets(b"x" * 9)) for oid in question.oids)))
        for place, octet in damage:
            whole[place % len(whole)] = octet
        return [bytes(whole[: len(whole) - cut])]

    with running_agent(reply) as port:
        look(port, library)


def test_the_simulation_spells_numbers_and_oids_as_ber_does() -> None:
    assert number(-129) == b"\x02\x02\xff\x7f"
    assert number(128) == b"\x02\x02\x00\x80"
    assert oid_of("1.3.6.1.4.1.8072") == bytes.fromhex("06072b06010401bf08")
