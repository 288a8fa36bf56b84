"""A manager of our own for the tests: questions as bytes, and one exchange over UDP."""

import socket

from itops.demo.devices.ber import OCTETS, SEQUENCE, Oid, encode, encode_integer, encode_oid


def asked(
    ask: int, *oids: Oid, number: int = 77, first: int = 0, second: int = 0, version: int = 1, community: str = "public"
) -> bytes:
    """A question; `first` and `second` are non-repeaters and max-repetitions of a bulk."""
    bindings = encode(SEQUENCE, *(encode(SEQUENCE, encode_oid(oid), encode(0x05)) for oid in oids))
    numbers = [encode_integer(value) for value in (number, first, second)]
    return encode(
        SEQUENCE, encode_integer(version), encode(OCTETS, community.encode()), encode(int(ask), *numbers, bindings)
    )


def exchanged(address: str, port: int, datagram: bytes, *, seconds: float = 5) -> bytes | None:
    """The answer; None when there is none within that time."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(seconds)
        line.connect((address, port))
        line.send(datagram)
        try:
            return line.recv(65_535)
        except TimeoutError:
            return None
