"""Bytes as they came become the text of an inventory: by what is in them, not by how the file is called."""

import zlib

from itops.sources.agents.refusals import Hostile, NotTaken, TooBig, Unreadable

MOST_BYTES = 20 * 1024**2
"""Of an inventory, packed and unpacked. Real ones, with every programme and process, have less than 2 MB."""
_EITHER = 32 + zlib.MAX_WBITS  # zlib, as .ocs files and requests are, or gzip
_PACKED = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda", b"\x1f\x8b")
_XML_STARTS = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<\0", b"\xfe\xff\0<")


def unpacked(data: bytes, most_bytes: int = MOST_BYTES) -> bytes:
    """As it is, or what zlib or gzip packed; raises NotTaken. Never more than `most_bytes` are unpacked."""
    if len(data) > most_bytes:
        raise TooBig(len(data), most_bytes, is_unpacked=False)
    if not data.startswith(_PACKED):
        return data
    unpacking = zlib.decompressobj(_EITHER)
    try:
        told = unpacking.decompress(data, most_bytes + 1)
    except zlib.error:
        raise Unreadable("it is packed and damaged") from None
    if len(told) > most_bytes:
        raise TooBig(len(told), most_bytes, is_unpacked=True)
    if not unpacking.eof:
        raise Unreadable("it is packed and cut off")
    if told.startswith(_PACKED):
        raise Hostile("something packed inside of what is packed")
    return told


def is_xml(data: bytes) -> bool:
    """Whether it begins as XML does; raises NotTaken where it begins as nothing that agents write."""
    start = data[:200].lstrip()
    if start.startswith(_XML_STARTS):
        return True
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return False
    raise _unknown(data)


def _unknown(data: bytes) -> NotTaken:
    return Unreadable("it is empty" if not data.strip(b"\0 \t\r\n") else "it is neither XML nor JSON")
