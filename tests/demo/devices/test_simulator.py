"""The simulation over UDP on loopback, asked by a manager of ours and by a library of others."""

import asyncio
import socket

import pytest

from itops.demo.devices.answering import Fault
from itops.demo.devices.messages import Ask
from itops.demo.devices.recording import Recording, Type, Value, recording_of
from itops.demo.devices.simulator import Simulator
from tests.demo.devices.asking import asked, exchanged

NAME = (1, 3, 6, 1, 2, 1, 1, 5, 0)
HERE, THERE = "127.0.8.1", "127.0.8.2"
SHORT = 0.3


def named(name: str) -> Recording:
    return recording_of({NAME: Value(Type.STR, name.encode())})


def test_each_address_is_a_device_of_its_own_at_the_same_port():
    with Simulator({HERE: named("one"), THERE: named("two")}) as devices:
        assert b"one" in (exchanged(HERE, devices.port, asked(Ask.GET, NAME)) or b"")
        assert b"two" in (exchanged(THERE, devices.port, asked(Ask.GET, NAME)) or b"")
        assert (devices.asked(HERE), devices.asked(THERE)) == (1, 1)


def test_at_one_address_the_community_chooses_the_device():
    with Simulator({"one": named("first"), "two": named("second")}, one_address=HERE) as devices:
        assert b"second" in (exchanged(HERE, devices.port, asked(Ask.GET, NAME, community="two")) or b"")
        assert exchanged(HERE, devices.port, asked(Ask.GET, NAME), seconds=SHORT) is None


@pytest.mark.parametrize(
    "datagram",
    [
        pytest.param(asked(Ask.GET, NAME, community="private"), id="a wrong community"),
        pytest.param(asked(Ask.GET, NAME, version=0), id="version 1"),
        pytest.param(asked(0xA3, NAME), id="a SET"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff" * 2000, id="rubbish"),
    ],
)
def test_what_is_no_question_of_ours_hears_nothing_and_harms_nobody(datagram):
    with Simulator({HERE: named("one")}) as devices:
        assert exchanged(HERE, devices.port, datagram, seconds=SHORT) is None
        assert exchanged(HERE, devices.port, asked(Ask.GET, NAME))


def test_one_faulty_device_does_not_hold_up_the_others():
    recordings = {HERE: named("slow"), THERE: named("quick")}
    with (
        Simulator(recordings, faults={HERE: Fault.SLOW}, slow_seconds=0.5) as devices,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as slow,
    ):
        slow.settimeout(5)
        slow.connect((HERE, devices.port))
        slow.send(asked(Ask.GET, NAME))
        assert b"quick" in (exchanged(THERE, devices.port, asked(Ask.GET, NAME)) or b"")
        assert devices.asked(HERE) == 1
        assert b"slow" in slow.recv(65_535)


def test_a_late_answer_does_not_outlive_the_simulation():
    with Simulator({HERE: named("slow")}, faults={HERE: Fault.SLOW}, slow_seconds=0.2) as devices:
        assert exchanged(HERE, devices.port, asked(Ask.GET, NAME), seconds=0.01) is None
    with Simulator({HERE: named("again")}, port=devices.port) as again:
        assert b"again" in (exchanged(HERE, again.port, asked(Ask.GET, NAME)) or b"")


def test_a_port_that_is_taken_is_the_callers_error_and_nothing_stays_bound():
    with Simulator({THERE: named("one")}) as devices:
        with (
            pytest.raises(OSError, match="in use"),
            Simulator({HERE: named("a"), THERE: named("b")}, port=devices.port),
        ):
            pass
        with Simulator({HERE: named("a")}, port=devices.port) as other:
            assert exchanged(HERE, other.port, asked(Ask.GET, NAME))


def test_another_library_walks_all_of_it():
    aio = pytest.importorskip("gufo.snmp.aio")
    table = {(1, 3, 6, 1, 2, 1, 2, 2, 1, 2, n): Value(Type.STR, f"port {n}".encode()) for n in range(1, 300)}

    async def walk(port: int) -> list[object]:
        async with aio.SnmpSession(HERE, port=port, community="public", timeout=5) as session:
            return [value async for _, value in session.getbulk("1.3.6.1.2.1.2")]

    with Simulator({HERE: recording_of(table)}) as devices:
        assert asyncio.run(walk(devices.port)) == [f"port {n}".encode() for n in range(1, 300)]
