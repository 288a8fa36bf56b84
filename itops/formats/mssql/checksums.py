"""The two checksums of SQL Server over many sectors at once. Imported late: numpy is heavy.

Both are built from the XOR of the 128 words of each sector of 512 bytes. A page (16 sectors) rotates sector i left by
15 - i and XORs them; the stored word counts as zero. A stream rotates what it has left by one before each sector, so
sector k of n is rotated by n - 1 - k in the end, and sectors 32 apart can be XORed first.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from itops.formats.mssql.tape import PAGE

Words: TypeAlias = npt.NDArray[np.uint32]

_SECTOR_WORDS = 128
_PAGE_WORDS = PAGE // 4
_PAGE_SECTORS = 16
_STORED = 15  # the word of the page header that holds the checksum
_BITS = 32
_HAS_CHECKSUM = 0x200
_TURNS = np.arange(_PAGE_SECTORS - 1, -1, -1, dtype=np.uint32)


def sector_sums(block: memoryview | bytes) -> Words:
    """The XOR of each sector; the block is whole sectors long."""
    words: Words = np.frombuffer(block, dtype="<u4")
    sums: Words = np.bitwise_xor.reduce(words.reshape(-1, _SECTOR_WORDS), axis=1)
    return sums


class StreamSum:
    """The checksum of a stream that arrives in blocks of whole sectors."""

    def __init__(self) -> None:
        self._lanes: Words = np.zeros(_BITS, dtype=np.uint32)
        self._count = 0

    def add(self, sums: Words) -> None:
        """The next sectors."""
        begin = self._count % _BITS
        padded: Words = np.zeros(-(-(begin + len(sums)) // _BITS) * _BITS, dtype=np.uint32)
        padded[begin : begin + len(sums)] = sums
        self._lanes ^= np.bitwise_xor.reduce(padded.reshape(-1, _BITS), axis=0)
        self._count += len(sums)

    @property
    def value(self) -> int:
        """Of everything added."""
        value = 0
        for lane, word in enumerate(self._lanes.tolist()):
            turn = (self._count - 1 - lane) % _BITS
            value ^= (word << turn | word >> (_BITS - turn)) & 0xFFFFFFFF
        return value


class PageTally:
    """What the pages of one stream say of themselves, counted."""

    def __init__(self) -> None:
        self.pages = 0
        self.used = 0  # not all zeros, as far as their sectors' XORs tell
        self.formatted = 0  # begin as a database page does
        self.carrying = 0  # carry a checksum; older databases have torn-page bits there, or nothing
        self.wrong = 0
        self.first_wrong: tuple[int, str] | None = None  # its number in the stream, and its own name "1:4711"

    def add(self, block: memoryview | bytes, sums: Words) -> None:
        """The next whole pages, and their sectors' XORs."""
        words: Words = np.frombuffer(block, dtype="<u4").reshape(-1, _PAGE_WORDS)
        sectors = sums.reshape(-1, _PAGE_SECTORS)
        formatted = words[:, 0] & 0xFF == 1
        carrying = formatted & (words[:, 1] & _HAS_CHECKSUM != 0)
        wrong = np.flatnonzero(carrying & (_page_sums(sectors, words[:, _STORED]) != words[:, _STORED]))
        if self.first_wrong is None and len(wrong):
            page = words[wrong[0]]
            self.first_wrong = (self.pages + int(wrong[0]), f"{int(page[9]) & 0xFFFF}:{int(page[8])}")
        self.pages += len(words)
        self.used += int(np.count_nonzero(sectors.any(axis=1)))
        self.formatted += int(np.count_nonzero(formatted))
        self.carrying += int(np.count_nonzero(carrying))
        self.wrong += len(wrong)


def _page_sums(sectors: Words, stored: Words) -> Words:
    """What each page's checksum should be."""
    first = sectors[:, 0] ^ stored  # takes the stored word out again
    turned = sectors << _TURNS | sectors >> ((_BITS - _TURNS) % _BITS)
    turned[:, 0] = first << _TURNS[0] | first >> (_BITS - _TURNS[0])
    turned[:, -1] = sectors[:, -1]
    sums: Words = np.bitwise_xor.reduce(turned, axis=1)
    return sums
