"""CRC-32C (Castagnoli): the headers of VHDX, the backup manifests of PostgreSQL."""

from itops.formats.crc_lanes import LaneCrc

_CRC = LaneCrc(0x82F63B78, bits=32)


def crc32c(data: bytes | memoryview, crc: int = 0) -> int:
    """The CRC-32C of `data`; `crc` is that of what came before it, so that a stream can be fed in pieces."""
    return _CRC(data, crc)
