"""CRC-32C (Castagnoli): the headers of VHDX, the backup manifests of PostgreSQL, the pages of InnoDB."""

from typing import TYPE_CHECKING, Any

from itops.formats.crc_lanes import LaneCrc

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CRC = LaneCrc(0x82F63B78, bits=32)


def crc32c(data: bytes | memoryview, crc: int = 0) -> int:
    """The CRC-32C of `data`; `crc` is that of what came before it, so that a stream can be fed in pieces."""
    return _CRC(data, crc)


def crc32c_rows(rows: "NDArray[Any]") -> "NDArray[Any]":
    """The CRC-32C of every row of a two-dimensional array of bytes."""
    return _CRC.rows(rows)
