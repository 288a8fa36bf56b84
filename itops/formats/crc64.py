"""CRC-64 with the ECMA-182 polynomial, reflected: what mongodump writes at the end of each namespace (and xz too)."""

from itops.formats.crc_lanes import LaneCrc

_CRC = LaneCrc(0xC96C5795D7870F42, bits=64)


def crc64(data: bytes | memoryview, crc: int = 0) -> int:
    """The CRC-64 of `data`; `crc` is that of what came before it, so that a stream can be fed in pieces."""
    return _CRC(data, crc)
