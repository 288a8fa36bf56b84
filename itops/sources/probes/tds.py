"""SQL Server: the version it states before any login. Source: [MS-TDS] 2.2.6.5 (PRELOGIN) and 2.2.3.1."""

from itops.sources.probes.cursor import Cursor
from itops.sources.probes.probe import NotRecognised, Probe, Recognised, Transport

_PRELOGIN, _REPLY = 0x12, 0x04
_END_OF_MESSAGE = 0x01
_VERSION, _ENCRYPTION, _TERMINATOR = 0x00, 0x01, 0xFF
_ENCRYPTION_NOT_SUPPORTED = 0x02
_HEADER_BYTES = 8
_LONGEST_REPLY = 4096
_MOST_TOKENS = 32

RELEASES = {
    (8, 0): "2000",
    (9, 0): "2005",
    (10, 0): "2008",
    (10, 50): "2008 R2",
    (11, 0): "2012",
    (12, 0): "2014",
    (13, 0): "2016",
    (14, 0): "2017",
    (15, 0): "2019",
    (16, 0): "2022",
    (17, 0): "2025",
}
"""(major, minor) of the version -> the year people know it by."""


def request(_address: str) -> bytes:
    """A PRELOGIN with the two tokens every server answers: our version (0) and that we speak no encryption."""
    tokens = bytes([_VERSION, 0, 11, 0, 6, _ENCRYPTION, 0, 17, 0, 1, _TERMINATOR])
    body = tokens + bytes(6) + bytes([_ENCRYPTION_NOT_SUPPORTED])
    return bytes([_PRELOGIN, _END_OF_MESSAGE]) + (_HEADER_BYTES + len(body)).to_bytes(2, "big") + bytes(4) + body


def is_complete(reply: bytes) -> bool:
    """Has the whole packet arrived?"""
    return len(reply) >= _HEADER_BYTES and len(reply) >= int.from_bytes(reply[2:4], "big")


def parse(reply: bytes) -> Recognised:
    """The release and build of a SQL Server."""
    cursor = Cursor(reply)
    if cursor.big(1) != _REPLY:
        raise NotRecognised("the reply is no TDS packet")
    cursor.take(_HEADER_BYTES - 1)
    body = cursor.data[_HEADER_BYTES:]
    version = _token(body, _VERSION)
    major, minor, build = version.big(1), version.big(1), version.big(2)
    if major == 0:
        raise NotRecognised("a TDS server without a version")
    return Recognised(("sql",), f"it is {release_name(major, minor)}, version {major}.{minor}.{build}")


def release_name(major: int, minor: int) -> str:
    """ "SQL Server 2019"; a release nobody knows yet goes without its year."""
    year = RELEASES.get((major, minor)) or RELEASES.get((major, 0))
    return f"SQL Server {year}" if year else "SQL Server"


def _token(body: bytes, wanted: int) -> Cursor:
    """The value of one token; the table before the values is [type, offset, length] up to the terminator."""
    table = Cursor(body)
    for _ in range(_MOST_TOKENS):
        kind = table.big(1)
        if kind == _TERMINATOR:
            break
        offset, length = table.big(2), table.big(2)
        if kind == wanted:
            return Cursor(Cursor(body, offset).take(length))
    raise NotRecognised("a TDS reply without a version")


TDS = Probe(
    name="tds",
    roles=("sql",),
    transport=Transport.TCP,
    port=1433,
    request=request,
    parse=parse,
    is_complete=is_complete,
    limit_bytes=_LONGEST_REPLY,
)
