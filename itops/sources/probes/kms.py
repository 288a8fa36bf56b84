"""KMS: does somebody offer the activation interface? A DCE/RPC bind to it, and no activation request after it.

Source: [MS-RPCE] 2.2.2, [C706] 12.6.4; the interface is that of Microsoft's Key Management Service.
"""

from uuid import UUID

from itops.sources.probes.cursor import Cursor
from itops.sources.probes.probe import NotRecognised, Probe, Recognised, Transport

_INTERFACE = UUID("51c82175-844e-4750-b0d8-ec255555bc06").bytes_le + bytes([1, 0, 0, 0])  # version 1.0
_NDR32 = UUID("8a885d04-1ceb-11c9-9fe8-08002b104860").bytes_le + bytes([2, 0, 0, 0])
_BIND, _BIND_ACK, _BIND_NAK = 11, 12, 13
_HEADER_BYTES = 16
_LONGEST_REPLY = 4096
_FRAGMENT = (5840).to_bytes(2, "little")


def request(_address: str) -> bytes:
    """A bind of one context: the KMS interface in the plain transfer syntax, no authentication."""
    context = bytes([0, 0, 1, 0]) + _INTERFACE + _NDR32
    body = _FRAGMENT + _FRAGMENT + bytes(4) + bytes([1, 0, 0, 0]) + context
    length = (_HEADER_BYTES + len(body)).to_bytes(2, "little")
    return bytes([5, 0, _BIND, 3, 0x10, 0, 0, 0]) + length + bytes(2) + (1).to_bytes(4, "little") + body


def is_complete(reply: bytes) -> bool:
    """Has the whole fragment arrived?"""
    return len(reply) >= _HEADER_BYTES and len(reply) >= int.from_bytes(reply[8:10], "little")


def parse(reply: bytes) -> Recognised:
    """Recognised when the interface was accepted."""
    cursor = Cursor(reply)
    version, _minor, kind = cursor.take(1)[0], cursor.take(1), cursor.take(1)[0]
    flags_and_order = cursor.take(5)
    if version != 5 or kind not in {_BIND_ACK, _BIND_NAK} or flags_and_order[1] >> 4 != 1:
        raise NotRecognised("the reply is no little-endian DCE/RPC answer to a bind")
    if kind == _BIND_NAK:
        raise NotRecognised("a DCE/RPC server that refuses the bind")
    cursor.take(_HEADER_BYTES - 8 + 8)  # the rest of the header; fragment sizes and association group
    cursor.take(cursor.little(2))  # the secondary address
    cursor.take(-cursor.at % 4)
    count = cursor.little(1)
    cursor.take(3)
    if count < 1 or cursor.little(2) != 0:
        raise NotRecognised("a DCE/RPC server without the activation interface")
    cursor.take(2)
    if cursor.take(20) != _NDR32:
        raise NotRecognised("the interface was accepted in a syntax nobody asked for")
    return Recognised(("kms",), "it offers the KMS activation interface")


KMS = Probe(
    name="kms",
    roles=("kms",),
    transport=Transport.TCP,
    port=1688,
    request=request,
    parse=parse,
    is_complete=is_complete,
    limit_bytes=_LONGEST_REPLY,
)
